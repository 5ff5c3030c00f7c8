"""Short forms lead to their full names."""

from __future__ import annotations

import pytest

from terminology.shortforms import ShortForms

_NAMES = [
    "北京大学",
    "北京大学出版社",
    "北方工业大学",
    "中级人民法院",
    "中国科学院",
    "日用工业品",
    "日常生活用品",
    "香港电影业协会",
]


@pytest.mark.parametrize(
    ("short", "name"),
    [("北大", "北京大学"), ("影协", "香港电影业协会"), ("北方工大", "北方工业大学"), ("中科院", "中国科学院")],
)
def test_best(short: str, name: str) -> None:
    assert ShortForms(_NAMES).rank(short)[0][0] == name


@pytest.mark.parametrize("text", ["", "北", "大北", "清华", "AM"])
def test_nothing_fits(text: str) -> None:
    assert ShortForms(_NAMES).rank(text) == []
