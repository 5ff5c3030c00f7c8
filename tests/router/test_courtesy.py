"""Courtesy around a question is no part of what it asks."""

from __future__ import annotations

import pytest

from router.courtesy import without_courtesy


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("请查询三号冷库的门禁密码", "三号冷库的门禁密码"),
        ("麻烦您帮我查一下冷链车的保险单号，谢谢", "冷链车的保险单号"),
        ("能不能请您简单介绍一下疫苗领用的登记是怎么安排的？谢谢您。", "疫苗领用的登记是怎么安排的"),
        ("我想了解一下探亲假几天", "探亲假几天"),
        ("could you please tell me the dock number of berth 4", "the dock number of berth 4"),
    ],
)
def test_courtesy_falls_away(question: str, bare: str) -> None:
    assert without_courtesy(question) == bare


@pytest.mark.parametrize(
    "question", ["请假要提前几天说", "请客标准是多少", "查询费多少钱", "谢谢", "帮工一天多少钱"]
)
def test_what_only_looks_like_courtesy_stays(question: str) -> None:
    assert without_courtesy(question) == question
