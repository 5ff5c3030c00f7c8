"""What the keyword index counts: codes and abbreviations whole, Chinese words, character grams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import tokens


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("AM负责什么", {"am", "负责", "什么"}),
        ("ＡＭ负责", {"am", "负责"}),
        ("T+1结算", {"t+1", "t", "1", "结算"}),
        ("用5-ALA染色", {"5-ala", "5", "ala", "染色"}),
        ("Act.是什么", {"act.", "act"}),
        ("ISO-12647-2标准", {"iso-12647-2", "iso", "12647", "2", "标准"}),
        ("联行号001100011002。", {"001100011002"}),
        ("2019-nCoV", {"2019-ncov", "2019", "ncov"}),
        ("R&D", {"r&d", "r", "d"}),
        ("C++和C#", {"c++", "c#", "c"}),
        ("1,234,567.89元", {"1234567.89", "元"}),
        ("managers managing", {"manag"}),
        ("Größe", {"grösse"}),
    ],
)
def test_words(text: str, wanted: set[str]) -> None:
    assert wanted <= set(tokens.words(text))


def test_a_full_stop_ends_a_sentence_after_a_long_word() -> None:
    assert "management." not in tokens.words("This is management.")
    assert "2024." not in tokens.words("in 2024.")


def test_numbers_keep_their_zeros_and_are_not_cut() -> None:
    assert tokens.words("001100011002") == ["001100011002"]
    assert tokens.words("3.5") == ["3.5"]


def test_grams_are_characters_and_pairs_with_codes_as_units() -> None:
    assert tokens.grams("客户AM") == ["客", "户", "客户", "am", "户am"]


def test_grams_reach_over_punctuation_but_join_no_english_words() -> None:
    assert "双3" not in tokens.grams("《战国无双》，是")
    assert "双是" in tokens.grams("《战国无双》，是")
    assert tokens.grams("hello world") == ["hello", "world"]


def test_scripts_without_spaces_are_cut_into_grams() -> None:
    assert {"タ", "タワ"} <= set(tokens.grams("東京タワー"))
    assert {"서울"} <= set(tokens.grams("서울에서"))


def test_full_width_and_case_do_not_matter() -> None:
    assert tokens.words("ＥＳＳ培训 ＩＳＯ") == tokens.words("ess培训 iso")


@given(st.text(max_size=60))
def test_tokens_have_no_spaces_and_bounded_length(text: str) -> None:
    for token in [*tokens.words(text), *tokens.grams(text)]:
        assert token
        assert not any(character.isspace() for character in token)
        assert len(token) <= tokens.LONGEST


def test_a_very_long_blob_is_left_out() -> None:
    assert tokens.words("x" * 500) == []
    assert tokens.grams("x" * 500) == []
