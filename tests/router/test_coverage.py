"""How far passages say what is asked: other spellings, halves of words, and how much a word tells."""

from __future__ import annotations

from retrieval.types import Chunk, Document, Passage
from router.asked import asked_words, uncommon
from router.coverage import coverage_of


def passage(text: str) -> Passage:
    return Passage(Chunk("c", "d", 0, text), Document("d", "/d", "d.txt", "h", "text/plain"), 1.0, {})


def share(question: str, text: str) -> float:
    words = asked_words(question, {})
    found = coverage_of(words, [passage(text)])
    return found.share(found.passage)


def test_a_month_and_a_count_in_other_spellings() -> None:
    assert share("四月例会的决定", "4月例会的决定") == 1.0
    assert share("April meeting", "the meeting of 2026-04-18") == 1.0
    assert share("工龄二十年", "工龄20年以上") == 1.0


def test_the_half_of_a_compound_counts_in_part() -> None:
    assert 0.5 < share("福利待遇", "作息与福利") < 1.0


def test_a_slip_of_the_segmenter_is_read_by_its_characters() -> None:
    words = {asked.word.text for asked in asked_words("电梯里困了人", {})}
    assert {"里", "困"} <= words


def test_the_kind_of_thing_that_is_asked_for_need_not_be_said() -> None:
    kind = next(a for a in asked_words("培训在哪个教室上", {}) if a.word.text == "教室")
    plain = next(a for a in asked_words("教室的培训", {}) if a.word.text == "教室")
    assert kind.weight < plain.weight
    assert not kind.word.firm


def test_what_stands_everywhere_tells_less() -> None:
    rare = asked_words("设备保养", {}, lambda forms: [1.0] * len(forms))
    common = asked_words("设备保养", {}, lambda forms: [0.1] * len(forms))
    assert all(c.weight < r.weight for c, r in zip(common, rare, strict=True))
    assert uncommon("出来") < uncommon("现场") < uncommon("公租房")


def test_the_best_sentence_is_a_row_in_one_piece() -> None:
    text = "站点通讯录\n站点: 湖滨站；电话: 0101\n站点: 城北站；电话: 0102"
    found = coverage_of(asked_words("城北站的电话", {}), [passage(text)])
    assert found.sentence.row
    assert found.sentence.text == "站点: 城北站；电话: 0102"
    assert found.missing == ()
