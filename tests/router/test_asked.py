"""The words that a question is about: amounts are conditions, units are none, and slips of the segmenter are mended."""

from __future__ import annotations

import pytest

from router.asked import asked_words, conditions

OWN = ("货架", "工单", "拣货", "专色", "色库")


def rarity(words):
    """A collection that has only its own few words."""
    return [0.5 if any(own in word or word == own for own in OWN) else 1.0 for word in words]


def texts(question: str, known=None) -> list[str]:
    return [asked.word.text for asked in asked_words(question, {}, known)]


@pytest.mark.parametrize(
    ("question", "amount"),
    [
        ("单次采购超过8000怎么批", "8000"),
        ("押金交3000，怎么退", "3000"),
        ("超过五千块的采购要走什么流程", "五千块"),
        ("来图只有200dpi能用吗", "200dpi"),
        ("who signs orders over 5,000", "5,000"),
    ],
)
def test_an_amount_is_a_condition(question: str, amount: str) -> None:
    assert amount in conditions(question)


@pytest.mark.parametrize("question", ["内线4000是谁的", "合同8000到期没", "报错E-1033怎么办", "2026年的预算"])
def test_a_code_is_none(question: str) -> None:
    assert not conditions(question) & {"4000", "8000", "1033", "e-1033"}


def test_an_amount_has_the_spellings_of_a_document() -> None:
    forms = {form for asked in asked_words("超过五千块的采购怎么批", {}) for form in asked.word.forms}
    assert {"5,000", "5000"} <= forms


def test_the_unit_that_a_number_is_asked_in_is_nothing_asked_about() -> None:
    assert "g" not in texts("缓存至少要几个G")
    assert "g7" in texts("G7校准怎么做")


def test_a_day_may_be_spelled_out() -> None:
    forms = {form for asked in asked_words("六月二十二日谁值班", {}) for form in asked.word.forms}
    assert "22日" in forms


def test_a_word_that_cuts_through_the_collections_own_gives_way() -> None:
    assert "色库" in texts("专色在色库里应该怎么存", rarity)
    assert "库里" not in texts("专色在色库里应该怎么存", rarity)
    assert "年会" in texts("年会在哪办", rarity)
