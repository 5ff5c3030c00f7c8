"""Measures against values worked out by hand, and their properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.metrics import bleu, characters, exact, invented, leaked, repeats, rouge, words

LINES = st.lists(st.text(alphabet="客户经理调幅 abAM。", min_size=0, max_size=12), min_size=1, max_size=5)


def test_bleu_of_one_pair_by_hand() -> None:
    # Answer 我今天去学校上课, reference 我今天去学校上学. Eight characters each, the last differs:
    # p1 = 7/8 (学 is in the reference twice, in the answer once), p2 = 6/7, p3 = 5/6, p4 = 4/5; no brevity penalty.
    expected = (7 / 8 * 6 / 7 * 5 / 6 * 4 / 5) ** 0.25
    assert bleu(["我今天去学校上课"], ["我今天去学校上学"], characters) == pytest.approx(expected)


def test_bleu_clips_repeated_words() -> None:
    # Papineni's own example: seven times "the" against two in the reference gives 2/7; no pair matches, so BLEU is 0.
    assert bleu(["the the the the the the the"], ["the cat is on the mat"], str.split) == 0.0
    # One order only: single characters, of which one counts once.
    assert bleu(["啊"], ["啊呀"], characters) == pytest.approx(math.exp(1 - 2 / 1))


def test_bleu_of_a_corpus_sums_before_it_divides() -> None:
    # 甲乙丙丁 against itself, 甲乙丙戊 against 甲乙丙己: p1 7/8, p2 5/6, p3 3/4, p4 1/2.
    expected = (7 / 8 * 5 / 6 * 3 / 4 * 1 / 2) ** 0.25
    assert bleu(["甲乙丙丁", "甲乙丙戊"], ["甲乙丙丁", "甲乙丙己"], characters) == pytest.approx(expected)


def test_brevity_penalty() -> None:
    # Five of ten characters, all right: precision 1, penalty exp(1 - 10/5).
    assert bleu(["甲乙丙丁戊"], ["甲乙丙丁戊己庚辛壬癸"], characters) == pytest.approx(math.exp(-1))


def test_bleu_on_words() -> None:
    assert words("客户经理负责售后") == ["客户经理", "负责", "售后"]
    # Of three words two match, one of two pairs, no triple; nothing of order four.
    assert bleu(["客户经理负责售前"], ["客户经理负责售后"], words) == 0.0
    assert bleu(["客户经理负责售后"], ["客户经理负责售后"], words) == pytest.approx(1.0)


def test_rouge_by_hand() -> None:
    # Lin's example: "police killed the gunman" against "police kill the gunman" and "the gunman kill police".
    reference = ["police killed the gunman"]
    first, second = ["police kill the gunman"], ["the gunman kill police"]
    assert rouge(first, reference, str.split, None) == pytest.approx(3 / 4)
    assert rouge(second, reference, str.split, None) == pytest.approx(2 / 4)
    # Unigrams cannot tell the two apart; of the pairs, both have "the gunman" only.
    assert (
        rouge(first, reference, str.split, 1) == rouge(second, reference, str.split, 1) == pytest.approx(3 / 4)
    )
    assert rouge(first, reference, str.split, 2) == pytest.approx(1 / 3)


def test_rouge_f1_weighs_length() -> None:
    # 2 of 2 characters of the answer, 2 of 6 of the reference: F1 = 2 * 2 / (2 + 6).
    assert rouge(["客户"], ["客户经理负责"], characters, 1) == pytest.approx(0.5)
    assert rouge(["客"], ["客"], characters, 2) == 1.0
    assert rouge(["客"], ["户"], characters, 2) == 0.0


@settings(deadline=None)
@given(LINES)
def test_what_is_said_right_scores_one(lines: list[str]) -> None:
    if any(line.strip() for line in lines):
        assert bleu(lines, lines, characters) == pytest.approx(1.0)
    for order in (1, 2, None):
        assert rouge(lines, lines, characters, order) == pytest.approx(1.0)


@settings(deadline=None)
@given(LINES, st.randoms())
def test_scores_stay_between_nothing_and_one(lines: list[str], chance: object) -> None:
    other = list(lines)
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert 0.0 <= bleu(lines, other, characters) <= 1.0 + 1e-9
    assert 0.0 <= rouge(lines, other, words, None) <= 1.0


def test_exact_is_forgiving_where_a_reader_is() -> None:
    assert exact("客户经理（Account Manager）。", "客户经理(account manager)")
    assert not exact("客户经理", "客户经理（Account Manager）")


@pytest.mark.parametrize(
    ("text", "circles"),
    [
        ("客户经理客户经理客户经理", True),
        ("好的，好的，好的，", True),
        ("AM AM AM AM", True),
        ("客户经理，即客户的经理", False),
        ("100000000000", False),
        ("第一步…………第二步", False),
        ("哈哈", False),
    ],
)
def test_repetition(text: str, circles: bool) -> None:
    assert repeats(text) is circles


@pytest.mark.parametrize(
    "token",
    [
        "<|im_end|>",
        "<|endoftext|>",
        "<｜end▁of▁sentence｜>",
        "</s>",
        "[INST]",
        "<think>",
        "<<SYS>>",
        "<eos>",
        "### Response:",
        "Human:",
    ],
)
def test_leaked_tokens(token: str) -> None:
    assert leaked(f"客户经理\n{token}") == [token]


def test_ordinary_marks_are_no_tokens() -> None:
    assert leaked("a < b | c > d, <售后部>, [1], A|B, 《手册》, ### 标题") == []


def test_invented_codes() -> None:
    prompt = "青槐农商行的联行号是402535510938吗？AM指什么？"
    assert invented("是402535510938。", [prompt]) == []
    assert invented("是313164400027，电话0512-66668888。", [prompt]) == ["313164400027", "0512-66668888"]
    assert invented("客户经理（Account Manager）", [prompt]) == []
