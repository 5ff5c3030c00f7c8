"""A measure is told in its own units, of the year and the place that are asked about."""

from __future__ import annotations

import pytest

from retrieval.facts.measures import fits, names_measure, told_amounts
from retrieval.facts.normalize import plain


def told(question: str, sentence: str, value: str) -> bool:
    at = sentence.index(value)
    return fits(plain(question), plain(sentence[:at]), plain(value), plain(sentence[at + len(value) :]))


@pytest.mark.parametrize(
    ("question", "sentence", "value"),
    [
        ("今年门票收入是多少？", "今年门票收入达310万元。", "310万"),
        ("出口量是多少", "全年出口量2.4万吨。", "2.4万吨"),
        ("参展人数是多少", "参展人数：640", "640"),
        ("客流增长了多少", "客流同比增长12%。", "12%"),
        ("栈桥多长", "栈桥长480米。", "480米"),
        ("2024年的营收是多少", "2023年和2024年营收分别为3亿元和4亿元。", "4亿元"),
        ("2026年计划营收多少", "2026年营收目标为5亿元。", "5亿元"),
        ("一次收多少钱", "2026年起每次收费30元。", "30元"),
    ],
)
def test_amounts_in_their_units_fit(question: str, sentence: str, value: str) -> None:
    assert told(question, sentence, value)


@pytest.mark.parametrize(
    ("question", "sentence", "value"),
    [
        ("今年门票收入是多少？", "门票收入是去年的90%。", "90%"),
        ("门票收入是多少", "门票收入用了3天统计。", "3天"),
        ("出口量是多少", "出口量占总产量的30%。", "30%"),
        ("参展人数是多少", "参展商来自20个国家，人数待定，展期5天。", "5天"),
        ("客流增长了多少", "图中为2020—2022年的客流增长。", "2020—2022年"),
        ("储量是多少", "储量见表11。", "11"),
        ("栈桥多长", "栈桥施工用了7个小时。", "7个小时"),
        ("他交了多少钱", "那只是几千块的小事。", "千块"),
        ("2024年的营收是多少", "2024年营收低于2019年同期的59亿元。", "59亿元"),
        ("2025年产量是多少", "力争产量突破400万吨。", "400万吨"),
        ("北京的客流增长了多少", "上海客流增长12%，北京尚未公布。", "12%"),
    ],
)
def test_amounts_of_another_kind_year_or_place_do_not(question: str, sentence: str, value: str) -> None:
    assert not told(question, sentence, value)


def test_a_sentence_names_the_measure() -> None:
    assert names_measure("上半年营收是多少", "上半年营业收入4亿元")
    assert not names_measure("上半年营收是多少", "股价跌破18元")
    assert names_measure("门票多少钱", "每张30元")


def test_what_is_counted_stands_behind_its_number() -> None:
    question, sentence = "三号线有多少个车站", "三号线步行2分钟可换乘，设10座车站。"
    spans = told_amounts(question, sentence)
    assert spans is not None
    assert [sentence[start:end] for start, end in spans] == ["10"]
    assert told_amounts("三号线怎么走", sentence) is None
    assert told_amounts("每周几个小时", "每周8小时") is None
