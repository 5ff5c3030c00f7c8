"""A question goes in, an Answer comes out: the roads, the hand-over, and what is refused (with fakes for the lanes)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.facts.types import Candidate, Fact, FactResult
from retrieval.types import Chunk, Document, Location, Passage
from router.analysis import AnalysisLane
from router.answer import Answerer
from router.errors import EmptyQuestionError, ModelUnavailableError, QuestionTooLongError
from router.lanes import Lanes
from router.settings import RouterSettings
from router.types import AnswerEvent, Query, Route, RouteEvent, Status, TokenEvent
from terminology.resolve import FixedGlossary, TermResolver
from terminology.types import Sense, TermSource

DOCUMENT = Document("d1", "/x/售后流程.docx", "售后流程.docx", "h", "application/docx")
PASSAGE = Passage(
    Chunk("c1", "d1", 0, "客户经理在2个工作日内回访客户。客户经理负责确认报价。", Location(page=3)),
    DOCUMENT,
    1.0,
)
SENSES = [
    Sense("AM", "Account Manager", "客户经理", id=1, source=TermSource("词表.xlsx", "S", 7)),
    Sense("POD", "Print On Demand", "按需印刷", id=2),
    Sense("POD", "Proof Of Delivery", "交付证明", id=3),
]
NOTHING = FactResult("not_a_table_question", "not about a table")


class Fixed:
    """Gives the same result whatever is asked, and counts."""

    def __init__(self, result) -> None:
        self.result, self.calls = result, 0

    def query(self, question, *, groups=None, extra_names=None):
        self.calls += 1
        return self.result

    def find(self, question, passages, extra_names=None):
        self.calls += 1
        return self.result

    def search(self, query, *, top_k=10, expansions=(), groups=None):
        self.calls += 1
        self.groups = groups
        return self.result


class Writer:
    def __init__(self, *pieces, error: Exception | None = None) -> None:
        self.pieces, self.error = pieces, error

    def write(self, request):
        self.request = request
        yield from self.pieces
        if self.error:
            raise self.error
        return "".join(self.pieces)


def unsupported(text: str, sources) -> list[str]:
    import re

    return [number for number in re.findall(r"\d{2,}", text) if not any(number in source for source in sources)]


def build(tables=NOTHING, sentences=NOTHING, passages=(PASSAGE,), writer=None) -> tuple[Answerer, Lanes]:
    resolver = TermResolver(FixedGlossary(SENSES))
    settings = RouterSettings()
    lanes = Lanes(
        terminology=resolver,
        glossary=lambda: resolver,
        tables=Fixed(tables),
        statements=Fixed(sentences),
        search=Fixed(list(passages)),
        analysis=AnalysisLane(settings, unsupported, writer),
        documents=lambda groups: [DOCUMENT],
        settings=settings,
    )
    return Answerer(lanes), lanes


def test_a_definition_needs_no_other_lane() -> None:
    answerer, lanes = build()
    answer = answerer.answer(Query("AM是什么意思？"))
    assert (answer.route, answer.status) == (Route.TERM, Status.ANSWERED)
    assert lanes.tables.calls == lanes.search.calls == 0


def test_a_cell_is_the_answer_character_for_character() -> None:
    fact = Fact(
        "001100011002",
        "d2",
        "行号.xlsx",
        table="网点",
        row=5,
        column="联行号",
        sheet="S",
        cell="B5",
        label="某支行",
    )
    answerer, lanes = build(FactResult("found", "row 5", (fact,), confidence=0.97, column="联行号"))
    answer = answerer.answer(Query("某支行的联行号是多少？"))
    assert answer.route is Route.FACT
    assert "001100011002" in answer.answer
    assert answer.facts == (fact,)
    assert (answer.citations[0].document, answer.citations[0].cell) == ("行号.xlsx", "B5")
    assert lanes.search.calls == 0


def test_one_value_in_two_tables_is_one_answer_from_the_row_that_is_asked_about() -> None:
    elsewhere = Fact(
        "314535092252",
        "d3",
        "台账.xlsx",
        table="台账",
        table_id="t3",
        row=7,
        column="联行号",
        label="某纸品公司",
    )
    own = Fact(
        "314535092252",
        "d2",
        "行号.xlsx",
        table="网点",
        table_id="t2",
        row=5,
        column="联行号",
        label="青槐农商行兴发支行",
    )
    result = FactResult("found", "two rows", (elsewhere, own), confidence=0.93, column="联行号", total=2)
    answer = build(result)[0].answer(Query("青槐农商行兴发支行的联行号是多少？"))
    assert answer.answer == "青槐农商行兴发支行的联行号是 314535092252。"
    assert [citation.document for citation in answer.citations] == ["行号.xlsx", "台账.xlsx"]


def test_an_absent_row_is_refused_with_names_and_no_values() -> None:
    result = FactResult("absent", "no such branch", candidates=(Candidate("某某支行", "网点"),), confidence=0.9)
    answer = build(result)[0].answer(Query("某乙支行的联行号是多少？"))
    assert (answer.route, answer.status) == (Route.FACT, Status.REFUSED)
    assert "某某支行" in answer.answer
    assert not any(character.isdigit() for character in answer.answer)
    assert answer.facts == ()


def test_several_rows_are_asked_about_and_each_option_is_a_question() -> None:
    names = (Candidate("甲农商行兴发支行", "网点"), Candidate("乙农商行兴发支行", "网点"))
    result = FactResult(
        "several", "two rows", candidates=names, column="联行号", confidence=0.8, subject="兴发支行"
    )
    answer = build(result)[0].answer(Query("兴发支行的联行号是多少？"))
    assert answer.status is Status.CLARIFY
    assert [o.question for o in answer.options] == [
        "甲农商行兴发支行的联行号是多少？",
        "乙农商行兴发支行的联行号是多少？",
    ]


def test_a_sentence_answers_where_tables_are_silent() -> None:
    fact = Fact("2个工作日", "d1", "售后流程.docx", sentence="客户经理在2个工作日内回访客户。", chunk_id="c1")
    answer = build(sentences=FactResult("found", "stated", (fact,), confidence=0.9))[0].answer(
        Query("客户经理多久回访？")
    )
    assert answer.route is Route.FACT
    assert "2个工作日" in answer.answer
    assert answer.citations[0].quote == "客户经理在2个工作日内回访客户。"


def test_without_a_model_the_answer_is_quoted_and_says_so() -> None:
    answer = build()[0].answer(Query("AM负责哪些事情？"))
    assert (answer.route, answer.status) == (Route.ANALYSIS, Status.ANSWERED)
    assert "未配置语言模型" in answer.answer
    assert "客户经理" in answer.rewritten_question
    assert all(citation.quote in PASSAGE.chunk.text for citation in answer.citations)
    assert answer.citations[0].page == 3


def test_an_ambiguous_term_is_asked_back_before_anything_is_written() -> None:
    answer = build(writer=Writer("never"))[0].answer(Query("POD要怎么做？"))
    assert answer.status is Status.CLARIFY
    assert {option.question for option in answer.options} == {
        "按需印刷（POD）要怎么做？",
        "交付证明（POD）要怎么做？",
    }


def test_nothing_found_is_refused() -> None:
    answer = build(passages=())[0].answer(Query("火星基地的氧气怎么维护？"))
    assert answer.status is Status.REFUSED
    assert answer.citations == ()


def test_a_value_of_something_no_passage_names_is_refused() -> None:
    answer = build()[0].answer(Query("东京客户经理几天内回访？"))
    assert answer.status is Status.REFUSED
    assert "2个工作日" not in answer.answer


def test_a_written_answer_is_streamed_and_its_references_are_citations() -> None:
    answerer, _ = build(writer=Writer("客户经理", "负责确认报价。[1]客户经理2个工", "作日内回访客户[1]。"))
    events = list(answerer.stream(Query("AM负责哪些事情？")))
    assert isinstance(events[0], RouteEvent)
    assert [event.text for event in events if isinstance(event, TokenEvent)] == [
        "客户经理负责确认报价。[1]",
    ]
    assert isinstance(events[-1], AnswerEvent)
    assert events[-1].answer.citations[0].document == "售后流程.docx"


def test_an_invented_value_is_struck_and_flagged_but_not_repeated() -> None:
    answer = build(writer=Writer("客户经理负责确认报价。[1]\n热线是313164400027。[1]"))[0].answer(
        Query("AM负责哪些事情？")
    )
    assert "313164400027" not in answer.answer
    assert "确认报价" in answer.answer
    assert answer.flags == ("unsupported-values-removed:1",)
    assert "313164400027" not in str(answer.flags)


def test_only_invented_values_is_a_refusal() -> None:
    answer = build(writer=Writer("热线是313164400027。"))[0].answer(Query("AM负责哪些事情？"))
    assert answer.status is Status.REFUSED
    assert "313164400027" not in answer.answer


@pytest.mark.parametrize("pieces", [(), ("客户经理负责",)])
def test_a_model_that_fails_leaves_the_quoted_answer_with_a_note(pieces) -> None:
    writer = Writer(*pieces, error=ModelUnavailableError("qwen", "timed out"))
    answer = build(writer=writer)[0].answer(Query("AM负责哪些事情？"))
    assert answer.status is Status.ANSWERED
    assert "暂不可用" in answer.answer
    assert "model-unavailable" in answer.flags
    assert all(citation.quote in PASSAGE.chunk.text for citation in answer.citations)


def test_a_reference_to_no_passage_is_taken_out() -> None:
    answer = build(writer=Writer("客户经理负责确认报价。[7][1]"))[0].answer(Query("AM负责哪些事情？"))
    assert "[7]" not in answer.answer
    assert answer.answer.endswith("[1]")
    assert [citation.document for citation in answer.citations] == ["售后流程.docx", "词表.xlsx"]


def test_the_askers_groups_reach_every_lane() -> None:
    answerer, lanes = build()
    answerer.answer(Query("AM负责哪些事情？", groups=frozenset({"sales"})))
    assert lanes.search.groups == frozenset({"sales"})


def test_a_forced_road_without_an_answer_hands_over_once() -> None:
    answer = build()[0].answer(Query("AM负责哪些事情？", route=Route.FACT))
    assert answer.route is Route.ANALYSIS
    assert any("handed over" in step for step in answer.trace.steps)


def test_greetings_and_the_catalogue() -> None:
    assert build()[0].answer(Query("你好")).status is Status.ANSWERED
    answer = build()[0].answer(Query("知识库里有哪些文件？"))
    assert "售后流程.docx" in answer.answer


def test_wrong_questions() -> None:
    answerer, _ = build()
    with pytest.raises(EmptyQuestionError):
        answerer.answer(Query("  \n"))
    with pytest.raises(QuestionTooLongError):
        answerer.answer(Query("长" * 5000))


def test_reasons_and_timings_are_in_every_answer() -> None:
    for question in ("AM是什么意思？", "AM负责哪些事情？", "你好"):
        answer = build()[0].answer(Query(question))
        assert answer.trace.reason
        assert answer.trace.timings_ms["terms"] >= 0


def test_confidence_is_a_probability() -> None:
    result = FactResult("found", "r", (Fact("1", "d", "x", label="a", column="b"),), confidence=0.7)
    answer = build(result)[0].answer(Query("a的b是多少？"))
    assert 0 <= answer.confidence <= 1
    assert replace(answer).confidence == 0.7


STATIONS = Passage(
    Chunk(
        "c9",
        "d9",
        0,
        "站点 | 负责人 | 电话\n站点: 湖滨站；负责人: 祝南星；电话: 0101\n站点: 城北站；负责人: 洪绍安",
    ),
    Document("d9", "/x/站点.csv", "站点.csv", "h", "text/csv"),
    1.0,
)
HOURS = Passage(
    Chunk("c8", "d8", 0, "入职第一年有五天可以结转。满十年的员工年假为30天。"),
    Document("d8", "/x/手册.md", "手册.md", "h", "text/markdown"),
    1.0,
)


@pytest.mark.parametrize("route", list(Route))
def test_a_caller_forces_a_road(route: Route) -> None:
    fact = Fact("2个工作日", "d1", "售后流程.docx", sentence="客户经理在2个工作日内回访客户。", chunk_id="c1")
    answerer, _ = build(FactResult("found", "row", (fact,), confidence=0.9))
    events = list(answerer.stream(Query("AM是什么意思？", route=route)))
    assert isinstance(events[0], RouteEvent)
    assert (events[0].decision.route, events[0].decision.confidence) == (route, 1.0)
    assert isinstance(events[-1], AnswerEvent)
    assert events[-1].answer.route is route
    assert "the caller asked for" in events[-1].answer.trace.reason


def test_a_value_that_cannot_be_cut_out_is_quoted_on_the_fact_road() -> None:
    answer = build(passages=[STATIONS])[0].answer(Query("湖滨站的电话号码多少"))
    assert (answer.route, answer.status) == (Route.FACT, Status.ANSWERED)
    assert "0101" in answer.answer
    assert "城北站" not in answer.answer


@pytest.mark.parametrize(
    "question", ["城北站的电话号码多少", "南湾站的电话号码多少", "湖滨站的地址是什么", "为什么湖滨站停运了"]
)
def test_a_row_without_the_asked_cell_or_of_another_thing_does_not_answer(question: str) -> None:
    answer = build(passages=[STATIONS])[0].answer(Query(question))
    assert answer.status is Status.REFUSED
    assert "0101" not in answer.answer


def test_a_row_that_says_all_decides_where_the_wording_does_not() -> None:
    answer = build(passages=[STATIONS])[0].answer(Query("湖滨站负责人"))
    assert (answer.route, answer.status) == (Route.FACT, Status.ANSWERED)
    assert "祝南星" in answer.answer


def test_a_value_from_a_sentence_that_says_less_than_another_is_not_given() -> None:
    wrong = Fact("五天", "d8", "手册.md", sentence="入职第一年有五天可以结转。", chunk_id="c8")
    found = FactResult("found", "a sentence", (wrong,), confidence=0.8)
    answer = build(sentences=found, passages=[HOURS])[0].answer(Query("满十年的员工年假有多少天？"))
    assert answer.facts == ()
    assert "30天" in answer.answer
    assert any("says more" in step for step in answer.trace.steps)


def test_a_reason_is_no_cell() -> None:
    fact = Fact("湖滨站", "d9", "站点.csv", table="站点", row=2, column="站点")
    answer = build(FactResult("found", "row 2", (fact,), confidence=0.95))[0].answer(
        Query("湖滨站为什么停运了")
    )
    assert answer.route is Route.ANALYSIS


def test_a_value_that_its_sentence_does_not_hold_is_not_given() -> None:
    invented = Fact("12天", "d1", "售后流程.docx", sentence="客户经理在2个工作日内回访客户。", chunk_id="c1")
    answer = build(sentences=FactResult("found", "a sentence", (invented,), confidence=0.9))[0].answer(
        Query("客户经理在几个工作日内回访客户？")
    )
    # The sentence itself may be quoted, the value that it does not hold never given.
    assert answer.facts == ()
    assert "12" not in answer.answer
    assert "2个工作日" in answer.answer


def test_a_document_is_found_by_its_name() -> None:
    answer = build(passages=[])[0].answer(Query("有哪些文件讲售后？"))
    assert "售后流程.docx" in answer.answer


@pytest.mark.parametrize("words", ["thanks, that's all", "没别的问题了，谢谢", "好的，就这样"])
def test_a_goodbye_is_small_talk(words: str) -> None:
    answer = build()[0].answer(Query(words))
    assert (answer.route, answer.status, answer.citations) == (Route.ANALYSIS, Status.ANSWERED, ())


ROWS = Passage(
    Chunk(
        "c7",
        "d7",
        0,
        "设备: 立式离心机；位置: 三号间；启用日期: 2021-04-06\n设备: 卧式离心机；位置: 四号间；启用日期: 2019-09-30",
    ),
    Document("d7", "/x/设备.csv", "设备.csv", "h", "text/csv"),
    1.0,
)
NEAR = FactResult(
    "absent", "no such name", candidates=(Candidate("立式离心机", "d7", 2, "设备"),), confidence=0.8
)


def test_a_row_whose_name_was_not_given_in_full_is_quoted_when_it_says_all_that_is_asked() -> None:
    answer = build(tables=NEAR, passages=[ROWS])[0].answer(Query("立式离心机什么时候启用的"))
    assert (answer.route, answer.status) == (Route.FACT, Status.ANSWERED)
    assert "2021-04-06" in answer.answer
    assert "2019-09-30" not in answer.answer


def test_a_row_that_only_resembles_what_is_asked_is_not() -> None:
    answer = build(tables=NEAR, passages=[ROWS])[0].answer(Query("斜式离心机什么时候启用的"))
    assert answer.status is Status.REFUSED
    assert "2021" not in answer.answer


def test_what_the_documents_answer_needs_no_asking_back() -> None:
    kept = replace(PASSAGE, chunk=replace(PASSAGE.chunk, text="POD签收后三天内交财务归档，由司机签字。"))
    answer = build(passages=[kept])[0].answer(Query("POD签收后怎么归档"))
    assert answer.status is Status.ANSWERED
    unknown = build(passages=[kept])[0].answer(Query("POD的量子加密怎么配置"))
    assert unknown.status is not Status.ANSWERED


@pytest.mark.parametrize(
    ("question", "named"),
    [("知识库里有几个Word文档", True), ("有哪些PPT", False), ("售后流程写在哪几份资料里", True)],
)
def test_documents_are_listed_by_their_type(question: str, named: bool) -> None:
    answer = build()[0].answer(Query(question))
    assert answer.route is Route.ANALYSIS
    assert ("售后流程.docx" in answer.answer) is named


def test_a_guessed_explanation_gives_way_to_the_only_row_that_says_every_word() -> None:
    from router.classify import Guess

    class Guesser:
        def guess(self, question, spans=()):
            return Guess("explanation", 0.9)

    _, lanes = build(passages=[ROWS])
    answer = Answerer(replace(lanes, classifier=Guesser())).answer(Query("立式离心机还在三号间吗"))
    assert answer.route is Route.FACT
    other = Answerer(replace(lanes, classifier=Guesser())).answer(Query("离心机的保养规定"))
    assert other.route is Route.ANALYSIS
