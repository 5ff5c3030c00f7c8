"""Support, sentence choice and the removal of invented values."""

from __future__ import annotations

from retrieval.types import Chunk, Document, Location, Passage
from router import grounding
from terminology.types import ResolvedTerm, ScoredSense, Sense, TermMatch


def passage(text: str, name: str = "流程.docx", number: int = 1) -> Passage:
    document = Document(f"d{name}", f"/x/{name}", name, "h", "text/plain")
    return Passage(Chunk(f"c{number}", document.id, number, text, Location(page=2)), document, 1.0)


def term(surface: str, start: int, sense: Sense) -> ResolvedTerm:
    match = TermMatch(surface, start, start + len(surface), (sense,))
    return ResolvedTerm(match, ScoredSense(sense, 1.0), "only")


def test_a_question_is_about_its_terms_and_content_words() -> None:
    am = Sense("AM", "Account Manager", "客户经理")
    units = grounding.content_units("在产品售后流程里，AM负责哪些事情？", [term("AM", 9, am)])
    forms = {form for unit in units for form in unit.forms}
    assert {"am", "客户经理", "account manager", "产品", "售后", "流程"} <= forms
    assert not {"哪些", "事情", "里"} & forms


def test_any_name_of_a_term_supports_the_question() -> None:
    am = Sense("AM", "Account Manager", "客户经理")
    units = grounding.content_units("AM的售后职责", [term("AM", 0, am)])
    assert grounding.support(units, ["客户经理在售后中的职责"]) > 0.95


def test_support_falls_when_the_subject_is_absent() -> None:
    units = grounding.content_units("火星基地的氧气循环系统怎么维护？")
    assert grounding.support(units, ["系统维护由研发部负责，每月一次。"]) < 0.5


def test_an_abbreviation_inside_a_longer_word_is_no_support() -> None:
    units = grounding.content_units("AM steps")
    assert grounding.support(units, ["amber examples"]) == 0.0


def test_sentences_keep_every_character() -> None:
    text = "第一步：登记。第二步，检查！Then ship 1.5 kg. Done?\n末行"
    assert grounding.sentences(text) == [
        "第一步：登记。",
        "第二步，检查！",
        "Then ship 1.5 kg.",
        "Done?",
        "末行",
    ]


def test_best_sentences_stand_in_the_passages_word_for_word() -> None:
    passages = [
        passage("报修后客户经理在2小时内回访。仓库每天盘点。客户经理负责确认报价。"),
        passage("食堂十二点开门。", number=2),
    ]
    units = grounding.content_units("客户经理负责什么？")
    chosen = grounding.best_sentences(units, passages, 3)
    assert [sentence for sentence, _ in chosen] == ["报修后客户经理在2小时内回访。", "客户经理负责确认报价。"]
    assert all(sentence in found.chunk.text for sentence, found in chosen)


def test_a_sentence_with_an_invented_value_is_struck() -> None:
    def unsupported(text: str, sources) -> list[str]:
        return [
            word for word in ("313164400027",) if word in text and not any(word in source for source in sources)
        ]

    text = "联行号需要查询。该行的联行号是313164400027。[1]\n请核对。"
    kept, struck = grounding.strike_unsupported(text, ["联行号见附表"], unsupported)
    assert struck == ("313164400027",)
    assert "313164400027" not in kept
    assert "联行号需要查询。" in kept
    assert "请核对。" in kept


def test_a_code_that_no_passage_holds_is_named() -> None:
    units = grounding.content_units("货号00119999是什么产品？")
    assert grounding.unknown_codes(units, ["货号: 00110201；名称: 标准版"]) == ("00119999",)
    assert grounding.unknown_codes(units, ["货号: 00119999"]) == ()


def test_what_is_done_may_be_said_in_other_words_but_not_what_it_is_done_to() -> None:
    units = grounding.content_units("东京出差限额怎么报销")
    assert "东京" in grounding.uncovered(units, ["出差限额按城市分三档"])
    assert "报销" not in grounding.uncovered(units, ["出差限额按城市分三档"])
