"""The cell of a row that a passage shows, found by what the question names; in doubt none."""

from __future__ import annotations

import pytest

from retrieval.facts.row_lines import is_row, row_lines
from retrieval.facts.sentences import SentenceFacts
from retrieval.types import Chunk, Document, Location, Passage

TABLE = (
    "港口费率\n港口 | 代码 | 代理 | 联系人 | 免堆期（天） | 单价（元/箱） | 生效日期\n"
    "港口: 鹿特丹；代码: NLRTM；代理: Delta；联系人: 周之行；免堆期（天）: 5；单价（元/箱）: 1,200.00；生效日期: 2026-05-24\n"
    "港口: 汉堡；代码: DEHAM；代理: Elbkontor；联系人: 陆明；免堆期（天）: 4；单价（元/箱）: 980.00；生效日期: 2026-06-01\n"
    "港口: 新汉堡；代码: DENHB；代理: Elbkontor；联系人: 石岩；免堆期（天）: 7；单价（元/箱）: 1,010.00；生效日期: 2026-06-01"
)


def passages(text: str = TABLE, name: str = "费率.xlsx") -> list[Passage]:
    document = Document(name, f"/x/{name}", name, "h", "x")
    return [Passage(Chunk("c", document.id, 0, text, Location(sheet="费率")), document, 1.0)]


def ask(question: str, **names: tuple[str, ...]) -> str:
    result = SentenceFacts().find(question, passages(), names)
    return result.facts[0].value if result.status == "found" else result.status


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("鹿特丹的联系人是谁", "周之行"),
        ("鹿特丹免堆期几天", "5"),
        ("鹿特丹每箱多少钱", "1,200.00"),
        ("鹿特丹什么时候生效", "2026-05-24"),
        ("NLRTM的代理", "Delta"),
        ("who is the contact for 鹿特丹?", "周之行"),
    ],
)
def test_the_cell_in_the_row_and_column_that_are_named(question: str, value: str) -> None:
    assert ask(question) == value


@pytest.mark.parametrize(
    "question",
    [
        "安特卫普的联系人是谁",  # no such row
        "鹿特丹的传真号码",  # no such column
        "小鹿特丹的联系人是谁",  # resembles a row
        "Elbkontor的联系人是谁",  # two rows
    ],
)
def test_in_doubt_there_is_no_cell(question: str) -> None:
    assert ask(question) in {"absent", "several", "not_a_table_question"}


def test_the_find_is_quoted_with_its_row() -> None:
    (fact,) = SentenceFacts().find("鹿特丹的联系人是谁", passages()).facts
    assert (fact.column, fact.label, fact.sheet) == ("联系人", "鹿特丹", "费率")
    assert fact.value in fact.sentence


def test_rows_are_told_from_sentences() -> None:
    assert is_row("港口: 汉堡；代码: DEHAM")
    assert not is_row("服务热线：400-000，工作日8:30–18:00由客服接听。")
    assert [row.values[0] for row in row_lines(passages())] == ["鹿特丹", "汉堡", "新汉堡"]
