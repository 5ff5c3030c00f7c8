"""Folding keeps its offsets, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.normalize import fold, fold_key, is_chinese

_TRICKY = st.text(
    st.one_of(st.characters(), st.sampled_from("ＡＭaMß㎏ﬁİΣ\u0301\u200b\u3000  é縮略語①…，（）"))
)


@given(_TRICKY)
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    folded = fold(text)
    for at, character in enumerate(folded.text):
        start, end = folded.span(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert character in fold(text[start:end]).text


@given(_TRICKY)
def test_spans_are_in_order_and_lie_in_the_text(text: str) -> None:
    folded = fold(text)
    starts = [folded.span(at, at + 1)[0] for at in range(len(folded.text))]
    assert starts == sorted(starts)


@given(_TRICKY, _TRICKY)
def test_folding_does_not_depend_on_the_neighbours(left: str, right: str) -> None:
    joined = fold(f"{left}|{right}").text
    assert joined == f"{fold(left).text}|{fold(right).text}"


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("ＡＭ", "am"),
        ("縮略語", "缩略语"),
        ("T＋1", "t+1"),
        ("5‑ALA", "5-ala"),
        ("AM’s", "am's"),
        ("Café", "cafe"),
        ("Cafe\u0301", "cafe"),
        ("A\u200bM", "am"),
        (" Account   Manager ", "account manager"),
        ("ΑΣ", "ασ"),
        ("（全印展）", "(全印展)"),
    ],
)
def test_forms_that_mean_the_same_fold_alike(typed: str, same: str) -> None:
    assert fold_key(typed) == same


def test_offsets_survive_characters_that_grow_and_vanish() -> None:
    folded = fold("㎏ \u200bＡＭ")
    at = folded.text.index("am")
    start, end = folded.span(at, at + 2)
    assert folded.original[start:end] == "ＡＭ"


def test_chinese_is_told_from_other_scripts() -> None:
    assert is_chinese("AM负责")
    assert not is_chinese("AM，かな")
