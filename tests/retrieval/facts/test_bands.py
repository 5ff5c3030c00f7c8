"""Ranges inside cells, and which of them a number falls into."""

from __future__ import annotations

import pytest

from retrieval.facts.bands import band_of, bands_of, holding


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("10-20人", (10, 15, 20), (9, 21)), ("≥500万", (5e6, 9e6), (4.9e6,)), ("1000-1999元", (1000, 1999), (999, 2000)),
        ("超过36000元至144000元的部分", (36001, 144000), (36000, 144001)), ("不超过36000元的", (0, 36000), (36001,)), ("80~89分", (80, 89), (79, 90)),
        ("51人及以上", (51, 900), (50,)), ("1年以上不满10年", (1, 9.5), (0.5, 10)), ("10-20万", (1e5, 2e5), (15, 2.1e5)), ("<5kg", (4.9,), (5,)),
        ("50 or more", (50, 99), (49,)), ("1,000 - 4,999", (1000, 4999), (5000,)), ("5万元(含)-10万元(不含)", (5e4, 99_999), (1e5,)),
    ],
)  # fmt: skip
def test_ranges(text: str, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    band = band_of(text)
    assert band is not None
    assert all(band.holds(number) for number in inside)
    assert not any(band.holds(number) for number in outside)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01",
        "010-88886666",
        "13800138000",
        "08:00-17:00",
        "G3-G5",
        "15%",
        "A-12",
        "4.5×1.3",
        "12,800.00",
    ],
)
def test_what_is_no_range(text: str) -> None:
    assert band_of(text) is None


def test_a_doubtful_end_gives_way() -> None:
    bands = bands_of(["60分以下", "60~79分", "80分及以上"])
    assert holding(bands, 60) == ["60~79分"]
    assert holding(bands, 59) == ["60分以下"]
    assert holding(bands, 79.5) == []
