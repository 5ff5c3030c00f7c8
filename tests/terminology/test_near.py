"""One slip is found and two are not, compared with the definition of edit distance."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from terminology.near import NearIndex, is_a_slip, is_one_edit

_WORD = st.text("abcd", min_size=1, max_size=8)


@given(_WORD, _WORD)
def test_one_edit_is_optimal_string_alignment_distance_one(left: str, right: str) -> None:
    assert is_one_edit(left, right) == (OSA.distance(left, right) == 1)


@settings(max_examples=200)
@given(st.lists(st.text("abcd", min_size=4, max_size=8), max_size=20), _WORD)
def test_the_index_finds_what_a_full_scan_finds(words: list[str], word: str) -> None:
    expected = {each for each in words if OSA.distance(each, word) == 1 and is_a_slip(word, each)}
    assert set(NearIndex(words, 4).within_one(word)) == expected


def test_telling_characters_are_no_slips() -> None:
    assert not is_a_slip("sf-13", "sf-12")
    assert not is_a_slip("第二军医大学", "第三军医大学")
    assert not is_a_slip("供销合作社", "县供销合作社")
    assert is_a_slip("客户京理", "客户经理")
    assert not is_a_slip("cd4", "cd4+")


def test_a_longer_word_that_holds_the_whole_term_is_no_slip() -> None:
    assert not is_a_slip("navpsx", "navps")
    assert not is_a_slip("xnavps", "navps")
    assert is_a_slip("navvps", "navps")
    assert is_a_slip("account managerr", "account manager")
