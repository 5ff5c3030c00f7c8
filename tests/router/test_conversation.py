"""Completed questions: offsets stay the user's, choices are read again, a model helps within bounds or not at all."""

from __future__ import annotations

import pytest

from retrieval.facts.types import Candidate, Fact, FactResult
from router.completion import MAX_COMPLETED, Completion, Piece
from router.conversation import Conversation
from router.types import Option, Query
from terminology.resolve import FixedGlossary, TermResolver
from terminology.types import ResolvedTerm, ScoredSense, Sense, TermMatch

NOTHING = FactResult("not_a_table_question", "")
SENSES = [
    Sense("OEE", "Overall Equipment Effectiveness", "设备综合效率", id=1),
    Sense("POD", "Print On Demand", "按需印刷", id=2, department="市场部"),
    Sense("POD", "Proof Of Delivery", "交付证明", id=3, department="财务部"),
]
RESOLVER = TermResolver(FixedGlossary(SENSES))


class Tables:
    def __init__(self, **known: FactResult) -> None:
        self.known = known

    def query(self, question, *, groups=None, extra_names=None):
        return self.known.get(question.rstrip("？?"), NOTHING)


class Nothing:
    def search(self, query, *, top_k=10, expansions=(), groups=None):
        return []


class Rewriter:
    def __init__(self, text: str | None) -> None:
        self.text, self.asked = text, []

    def rewrite(self, question, history):
        self.asked.append((question, tuple(history)))
        return self.text


def conversation(tables=None, rewriter=None) -> Conversation:
    return Conversation(RESOLVER, tables or Tables(), Nothing(), rewriter)


def completed(question: str, *history: str, **more) -> Completion:
    return conversation().complete(Query(question, history=history, **more))


def term(start: int, end: int, sense: Sense = SENSES[0]) -> ResolvedTerm:
    return ResolvedTerm(TermMatch("OEE", start, end, (sense,)), ScoredSense(sense, 1.0), "only")


def test_without_history_nothing_is_looked_at() -> None:
    assert completed("它的英文全称？") == Completion("它的英文全称？")


def test_a_pronoun_has_the_offsets_of_the_question() -> None:
    done = completed("它的英文全称？", "OEE是什么意思？")
    assert done.question == "OEE的英文全称？"
    placed = done.in_question(term(0, 3), "它的英文全称？")
    assert placed is not None
    assert (placed.match.surface, placed.match.start, placed.match.end) == ("它", 0, 1)


def test_a_copied_term_keeps_its_own_offsets_and_a_brought_one_has_none() -> None:
    pieces = (Piece("按OEE，"), Piece("那OEE呢", 2, 7))
    done = Completion("按OEE，那OEE呢", pieces, "rule")
    assert done.in_question(term(1, 4), "嗯，那OEE呢") is None
    placed = done.in_question(term(6, 9), "嗯，那OEE呢")
    assert placed is not None
    assert "嗯，那OEE呢"[placed.match.start : placed.match.end] == placed.match.surface == "OEE"


def test_follow_ups_of_follow_ups() -> None:
    done = completed("那OEE呢？", "POD的英文全称是什么？", "它的中文？")
    assert done.question == "OEE的中文？" or "OEE" in done.question
    assert done.reason


@pytest.mark.parametrize(
    ("pick", "sense"),
    [("财务部的", 3), ("第一个", 2), ("我说的是按需印刷那个", 2), ("交付证明（POD）是什么意思？", 3)],
)
def test_a_picked_sense(pick: str, sense: int) -> None:
    assert completed(pick, "POD是什么意思？").chosen == (("pod", sense),)


def test_a_pick_is_read_again_from_the_history() -> None:
    done = completed("POD的英文？", "POD是什么意思？", "财务部的", "OEE是什么意思？")
    assert done.chosen == (("pod", 3),)
    assert done.applied(Query("x", chosen=(("pod", 2), ("oee", 1)))).chosen == (("oee", 1), ("pod", 3))


def test_options_that_were_offered_come_first() -> None:
    options = (Option("甲", "甲支行的行号是多少？"), Option("乙", "乙支行的行号是多少？"))
    assert completed("第二个", "支行的行号？", options=options).question == "乙支行的行号是多少？"
    assert completed("第五个", "支行的行号？", options=options).reason == ""


def test_a_name_narrows_what_several_rows_fitted() -> None:
    several = FactResult(
        "several", "", candidates=(Candidate("东山兴发支行", "t"),), column="行号", subject="兴发支行"
    )
    tables = Tables(兴发支行的行号是多少=several)
    done = conversation(tables).complete(Query("东山的", history=("兴发支行的行号是多少？",)))
    assert done.question == "东山兴发支行的行号是多少？"


def test_another_column_of_the_same_row() -> None:
    def found(column: str) -> FactResult:
        return FactResult(
            "found", "", (Fact("x", "d", "d", table_id="t", row=3, column=column, label="三号机"),)
        )

    tables = Tables(三号机的型号是什么=found("型号"), 三号机的收取对象是谁=found("收取对象"))
    done = conversation(tables).complete(Query("收取对象是谁", history=("三号机的型号是什么",)))
    assert done.question == "三号机的收取对象是谁"


def test_a_figure_over_all_rows_is_not_meant_after_one_row() -> None:
    def fact(column: str, value: str) -> Fact:
        return Fact(value, "d", "d.xlsx", table_id="t", row=1, column=column, label="解放路营业厅")

    tables = Tables(
        解放路营业厅在哪=FactResult("found", "", facts=(fact("地址", "解放路8号"),)),
        有几个窗口=FactResult("found", "", computed="28"),
        一共有几个窗口=FactResult("found", "", computed="28"),
        解放路营业厅的有几个窗口=FactResult("found", "", facts=(fact("窗口数", "6"),)),
    )
    asked = conversation(tables).complete(Query("有几个窗口", history=("解放路营业厅在哪",)))
    assert asked.question == "解放路营业厅的有几个窗口"
    alone = conversation(tables).complete(Query("一共有几个窗口", history=("解放路营业厅在哪",)))
    assert alone.question == "一共有几个窗口"


def test_this_document_is_the_one_that_was_cited() -> None:
    query = Query("这份文件什么时候生效", history=("住宿标准是多少？",), documents=("差旅标准.docx", "b.docx"))
    assert conversation().complete(query).question == "《差旅标准.docx》什么时候生效"


@pytest.mark.parametrize(
    "question", ["谢谢", "知识库里有哪些文件？", "T开头的缩略语有哪些", "POD是什么意思？", "婚假几天"]
)
def test_what_stands_by_itself_is_left_alone(question: str) -> None:
    assert completed(question, "OEE是什么意思？").reason == ""


def test_a_completed_question_is_bounded() -> None:
    done = completed("它呢的" + "长" * 500, "OEE是什么意思？")
    assert len(done.question) <= MAX_COMPLETED or done.reason == ""


def test_a_model_may_complete_what_leans_and_never_what_stands_by_itself() -> None:
    rewriter = Rewriter("OEE的英文全称是什么？")
    done = conversation(rewriter=rewriter).complete(Query("它的英文全称？", history=("OEE是什么意思？",)))
    assert (done.question, done.reason) == ("OEE的英文全称是什么？", "completed by the language model")
    assert rewriter.asked == [("它的英文全称？", ("OEE是什么意思？",))]
    conversation(rewriter=rewriter).complete(Query("POD是什么意思？", history=("OEE是什么意思？",)))
    assert len(rewriter.asked) == 1


def test_where_the_model_is_of_no_help_the_rules_stand() -> None:
    done = conversation(rewriter=Rewriter(None)).complete(Query("它的英文全称？", history=("OEE是什么意思？",)))
    assert done.question == "OEE的英文全称？"
