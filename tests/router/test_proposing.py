"""A language model proposes queries on tables; only well-formed ones that fit the tables are run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from retrieval.facts.guard import unsupported
from router.proposing import ProposingTables, read_proposal
from router.settings import LanguageModelSettings
from tests.model_server import Reply, serving
from tests.retrieval.facts.grids import PRICES, Lane, grid_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

QUESTION = "库存紧张到两位数都不到的产品有哪些，单价要不到20000？"


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = Lane(tmp_path_factory.mktemp("proposing"))
    opened.put("价格表.xlsx", grid_of(PRICES))
    opened.put("机密价格.xlsx", grid_of(PRICES), groups=("board",))
    yield opened
    opened.close()


def values(text: str, sources: Sequence[str]) -> list[str]:
    return [value.text for value in unsupported(text, sources)]


def table_of(lane: Lane, document: str) -> str:
    return next(t.table.id for t in lane.lookup.tables() if t.document == document)


def proposal(table_id: str, **parts: object) -> str:
    said = {
        "table": table_id,
        "operation": "list",
        "columns": ["产品名称"],
        "conditions": [{"column": "单价", "operator": "<", "value": "20000"}],
    }
    return json.dumps(said | parts, ensure_ascii=False)


def ask(lane: Lane, reply: Reply, seconds: float = 8.0) -> tuple[object, list[dict[str, object]]]:
    with serving(reply) as server:
        settings = LanguageModelSettings("scripted", server.url, "key", timeout=60)
        tables = ProposingTables(lane.lookup, settings, values, seconds)
        return tables.query(QUESTION, groups=frozenset({"staff"})), list(server.requests)


def test_a_good_proposal_is_run_and_told(lane: Lane) -> None:
    table = table_of(lane, "价格表.xlsx")
    result, requests = ask(lane, Reply([f"```json\n{proposal(table)}\n```"]))
    assert result.status == "found"
    assert {fact.label for fact in result.facts} == {"激光打印机", "喷墨打印机", "激光打印机 Pro", "墨盒"}
    assert "语言模型" in result.reason
    assert "20000" in " ".join(result.parameters)
    assert "SELECT" in result.query
    assert result.confidence <= 0.65
    shown = json.dumps(requests, ensure_ascii=False)
    assert "12,800.00" not in shown
    assert "机密价格" not in shown


@pytest.mark.parametrize(
    "parts",
    [
        {"table": "../../etc/passwd"},
        {"operation": "DROP TABLE documents"},
        {"columns": ["产品名称; DELETE FROM fact_rows"]},
        {"columns": "产品名称"},
        {"conditions": [{"column": "单价", "operator": "OR 1=1 --", "value": "1"}]},
        {"conditions": [{"column": "单价", "operator": "<", "value": "9999"}]},
        {"conditions": [{"column": "颜色", "operator": "=", "value": "红"}]},
        {"conditions": [{"column": "单价"}]},
        {"conditions": [{"column": "单价", "operator": "<", "value": "20000"}] * 50},
        {"operation": "sum", "columns": ["产品名称"]},
        {"table": None},
    ],
)
def test_a_bad_proposal_changes_nothing(lane: Lane, parts: dict[str, object]) -> None:
    before = [t.table for t in lane.store.tables()]
    result, _ = ask(lane, Reply([proposal(table_of(lane, "价格表.xlsx"), **parts)]))
    assert result.status != "found"
    assert not result.facts
    assert not result.computed
    assert before == [t.table for t in lane.store.tables()]


def test_tables_of_others_cannot_be_proposed(lane: Lane) -> None:
    result, _ = ask(lane, Reply([proposal(table_of(lane, "机密价格.xlsx"))]))
    assert not result.facts


@pytest.mark.parametrize(
    "reply",
    [
        Reply(["激光打印机的单价是 1 元。"]),
        Reply(["{not json}"]),
        Reply([""]),
        Reply(status=500),
        Reply(["{}"], delay=3),
    ],
)
def test_a_model_that_fails_leaves_the_rules_word(lane: Lane, reply: Reply) -> None:
    result, _ = ask(lane, reply, seconds=1.0)
    assert not result.facts


def test_what_the_rules_answer_needs_no_model(lane: Lane) -> None:
    with serving(Reply(["{}"])) as server:
        settings = LanguageModelSettings("scripted", server.url, "key", timeout=60)
        tables = ProposingTables(lane.lookup, settings, values)
        assert tables.query("A100的单价是多少").facts
        assert not tables.query("今天天气怎么样？").facts
        assert not server.requests


@pytest.mark.parametrize(
    "raw", ["", "[]", "null", '{"table": 3}', '{"table": "a", "operation": "list", "conditions": {}}']
)
def test_what_is_no_proposal_is_none(raw: str) -> None:
    assert read_proposal(raw) is None
