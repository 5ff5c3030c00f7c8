"""A sentence tells of the year, the month and the turn that are asked about, or of others."""

from __future__ import annotations

import pytest

from retrieval.facts.normalize import plain
from retrieval.facts.occasions import of_another_period


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("2022年客流多少", "2021年客流3万。"),
        ("2021年客流增长多少", "2013—2021年客流年均增长6%。"),
        ("2022世界杯谁夺冠", "2018世界杯冠军是法国队。"),
        ("第六届会长是谁", "第五届会长是王琳。"),
        ("第一棒是谁", "第19棒是姚明。"),
        ("6月份客流多少", "月份: 2026-05；客流: 3万"),
    ],
)
def test_another_period(question: str, sentence: str) -> None:
    assert of_another_period(plain(question), plain(sentence), "")


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("2022年客流多少", "2021年和2022年客流分别为3万和4万。"),
        ("2022年客流多少", "客流3万。"),
        ("2026年年假几天", "自2020年起年假5天。"),
        ("2026年年假几天", "依据2019年修订的办法，年假5天。"),
        ("2020—2022年客流多少", "2020—2022年客流3万。"),
        ("第六届会长是谁", "第五届和第六届会长都是王琳。"),
        ("第六届会长是谁", "第二天投票，会长是王琳。"),
        ("6月份客流多少", "月份: 2026-06；客流: 3万"),
        ("押金2000元退吗", "2018年起押金可退。"),
    ],
)
def test_the_same_period_or_none(question: str, sentence: str) -> None:
    assert not of_another_period(plain(question), plain(sentence), "")
