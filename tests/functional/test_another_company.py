"""An invented greenhouse firm, through the whole program: what is asked in other words is answered, what only looks alike is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.glossary import import_terms
from api.settings import Settings
from api.wiring import Application
from router.types import Query, Route, Status

pytestmark = pytest.mark.functional

FILES = {
    "客户.csv": "客户编号,客户名称,信用期（天）,联系人\nK01,禾露农业发展有限公司,45,沈可\nK02,青穗园艺有限公司,30,温如\n",
    "配送办法（2023年版）.md": "# 配送办法\n\n每单超过二十公里的，加收里程费15元。\n",
    "配送办法（2025年版）.md": "# 配送办法\n\n每单超过二十公里的，加收里程费18元。\n",
    "育苗手册.md": "# 育苗手册\n\n穴盘育苗每格播一粒。补光灯只在阴天开，因为晴天再补光会灼伤幼苗。\n\n水培槽的营养液每周更换一次，由值班的技术员做。\n",
    "术语.csv": "序号,缩略语,英文全称,中文解释,部门\n1,GHC,Greenhouse Humidity Controller,温室湿度控制器,设备部\n2,GHC,Grower Hiring Committee,种植员招聘委员会,人力资源部\n3,EC,Electrical Conductivity,电导率,种植部\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("greenhouse")
    documents = folder / "documents"
    documents.mkdir()
    for name, text in FILES.items():
        place = folder if name == "术语.csv" else documents
        (place / name).write_text(text, "utf-8")
    with Application(Settings(data_dir=folder / "data", embedding_model="hashed")) as application:
        import_terms(application, folder / "术语.csv", dry_run=False, who="test")
        assert [each.status for each in application.pipeline.ingest([documents])] == ["indexed"] * 4
        application.catch_up()
        yield application


@pytest.mark.parametrize("question", ["禾霜农业的信用期", "青禾园艺有限公司的信用期是多少天"])
def test_the_row_of_a_name_that_looks_alike_is_not_quoted(firm: Application, question: str) -> None:
    answer = firm.answerer.answer(Query(question))
    assert answer.status in {Status.REFUSED, Status.CLARIFY}
    assert "45" not in answer.answer
    assert "30" not in answer.answer


def test_the_newest_version_counts(firm: Application) -> None:
    answer = firm.answerer.answer(Query("超过二十公里里程费加收多少"))
    assert answer.status is Status.ANSWERED
    assert "18元" in answer.answer
    assert "15元" not in answer.answer
    assert {citation.document for citation in answer.citations} == {"配送办法（2025年版）.md"}


def test_a_reason_is_quoted(firm: Application) -> None:
    answer = firm.answerer.answer(Query("为什么晴天不能开补光灯"))
    assert (answer.route, answer.status) == (Route.ANALYSIS, Status.ANSWERED)
    assert "灼伤" in answer.answer


def test_a_value_in_other_words(firm: Application) -> None:
    answer = firm.answerer.answer(Query("水培营养液多久换一回"))
    assert answer.status is Status.ANSWERED
    assert "每周" in answer.answer


@pytest.mark.parametrize(
    ("question", "meaning"),
    [
        ("招聘新人要过GHC，GHC是什么意思", "种植员招聘委员会"),
        ("GHC设备停机报警了，GHC指什么", "温室湿度控制器"),
    ],
)
def test_a_clear_context_chooses_the_sense(firm: Application, question: str, meaning: str) -> None:
    answer = firm.answerer.answer(Query(question))
    assert (answer.route, answer.status) == (Route.TERM, Status.ANSWERED)
    assert meaning in answer.answer


def test_without_context_both_senses_are_offered(firm: Application) -> None:
    assert firm.answerer.answer(Query("GHC是什么意思")).status is Status.CLARIFY


def test_a_meaning_asked_in_an_unusual_way(firm: Application) -> None:
    answer = firm.answerer.answer(Query("EC拆开是哪几个单词"))
    assert (answer.route, answer.status) == (Route.TERM, Status.ANSWERED)
    assert "Electrical Conductivity" in answer.answer


def test_what_is_here(firm: Application) -> None:
    answer = firm.answerer.answer(Query("你这里一共收录了哪些资料"))
    assert answer.status is Status.ANSWERED
    assert "育苗手册.md" in answer.answer


def test_getting_ready_keeps_nothing(firm: Application) -> None:
    before = firm.glossary.revision()
    firm.rehearse()
    assert firm.glossary.revision() == before
