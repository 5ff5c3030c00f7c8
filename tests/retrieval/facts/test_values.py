"""Typed copies of texts as shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.facts.normalize import address, fold
from retrieval.facts.values import chinese_number, comparable, date_of, number_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12,800.00", "12800"), ("¥3千", "3000"), ("1.2万元", "12000"), ("15%", "0.15"), ("(1,200)", "-1200"), ("-5", "-5"),
        ("30天", "30"), ("三百零五", "305"), ("两万", "20000"), ("一百二", "120"), ("一千零二", "1002"), ("十五", "15"), ("二〇二四", "2024"),
        ("二点五", "2.5"), ("4.5 kg", "4.5"), ("１２３", "123"),
    ],
)  # fmt: skip
def test_number_of_reads_what_a_cell_shows(text: str, value: str) -> None:
    assert number_of(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "A100", "12-15", "2024-03-05", "1.2.3", "5台3件", "一些", "点五"])
def test_number_of_refuses_what_is_not_one_number(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    "text", ["2024-03-05", "2024/3/5", "2024年3月5日", "2024.03.05 08:30", "２０２４-０３-０５"]
)
def test_date_of_reads_usual_forms(text: str) -> None:
    assert date_of(text) == date(2024, 3, 5)


def test_date_of_refuses_impossible_days() -> None:
    assert date_of("2024-02-30") is None


def test_dates_compare_by_day_and_texts_do_not_compare() -> None:
    earlier, later = comparable("2024-03-05", "date"), comparable("2024年3月6日", "date")
    assert earlier is not None
    assert later == earlier + 1
    assert comparable("五台", "text") is None


@given(st.integers(min_value=0, max_value=99_999_999))
def test_chinese_numerals_round_trip(number: int) -> None:
    assert chinese_number(_in_chinese(number)) == number


def _in_chinese(number: int) -> str:
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1_000 else ""
        return _in_chinese(number // 10_000) + "万" + (gap + _in_chinese(rest) if rest else "")
    digits, text, zero = "零一二三四五六七八九", "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if zero and text else "") + digits[digit] + name
            zero = False
        else:
            zero = True
    return text or "零"


def test_folding_joins_digits_and_keeps_a_minus() -> None:
    assert fold("4025 3551-0938") == fold("４０２５３５５１０９３８") == "402535510938"
    assert fold("-5") != fold("5")
    assert address(28, 7) == "AB7"
