"""The word lists: words that say the same are found in a question, also where a segmenter would cut them."""

from __future__ import annotations

import pytest

from router.asked import asked_words, conditions
from router.wordlists import common_english, facets, synonyms, synonyms_in, words_with_synonyms


def test_words_that_say_the_same_are_known_both_ways() -> None:
    assert "途径" in synonyms("渠道")
    assert "渠道" in synonyms("途径")
    assert "渠道" not in synonyms("渠道")
    assert synonyms("没有这个词") == ()


def test_what_a_company_keeps_apart_is_kept_apart() -> None:
    assert "产假" not in synonyms("年假")
    assert "陪产假" not in synonyms("产假")


def test_every_group_has_two_words_at_least() -> None:
    from router.wordlists import _lines

    assert [line for line in _lines("synonyms.txt") if line.strip() and len(line.split()) < 2] == []


def test_the_longest_word_comes_first() -> None:
    assert words_with_synonyms("解决办法")[0] == "解决办法"


def test_the_search_is_widened_by_other_words_and_not_by_words_of_asking() -> None:
    other = synonyms_in("报修有几种途径")
    assert "报障" in other
    assert "渠道" not in other
    assert synonyms_in("xyz") == ""


def test_a_facet_tells_little_and_a_topic_much() -> None:
    weights = {asked.word.text: asked.weight for asked in asked_words("班车的注意事项", {})}
    assert weights["班车"] > 5 * weights["注意事项"]
    assert "注意事项" in facets()


def test_a_synonym_is_another_form_of_the_word() -> None:
    (word,) = (asked.word for asked in asked_words("报修", {}))
    assert "报障" in word.forms


def test_a_word_that_was_cut_in_pieces_is_put_together() -> None:
    assert "钉钉" in {asked.word.text for asked in asked_words("可以对接钉钉审批吗", {})}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("入职6年年假几天", {"6"}),
        ("3000元赔偿谁批", {"3000"}),
        ("2026年的标准", set()),
        ("9月份例会的主持人", set()),
        ("annual leave after 7 years", {"7"}),
    ],
)
def test_an_amount_that_sets_a_condition_is_known_from_a_date(question: str, found: set[str]) -> None:
    assert conditions(question) == found


def test_a_rare_character_before_a_noun_tells_which_is_meant() -> None:
    proper = {asked.word.text: asked.proper for asked in asked_words("铂金牌客户的年费", {})}
    assert proper["铂"]


def test_everyday_english_is_folded() -> None:
    assert all(word == word.casefold() for word in common_english())
