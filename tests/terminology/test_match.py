"""Terms are found as whole words, in every spelling, and ordinary words are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology.glossary import Glossary
from terminology.match import TermMatcher
from terminology.settings import MatchSettings
from terminology.types import Sense

if TYPE_CHECKING:
    from terminology.types import TermMatch

_ROWS = [
    ("AM", "Account Manager", "客户经理"),
    ("AM", "Amplitude Modulation", "调幅"),
    ("Act.", "Actual", "实际的"),
    ("AIP", "All in Print", "中国国际印刷技术及设备器械展（全印展）"),
    ("AAP", "Actual Achieved Price", "实际成交价"),
    ("IT", "Information Technology", "信息技术"),
    ("US", "United States", "美国"),
    ("IS", "Information System", "信息系统"),
    ("T+1", "Trade plus one", "次日交割"),
    ("T", "Tera", "太"),
    ("5-ALA", "5-Aminolevulinic Acid", "5-氨基乙酰丙酸"),
    ("2019-nCoV", "2019-Novel Coronavirus", "新型冠状病毒"),
    ("Ct", "Threshold Cycle", "循环阈值"),
    ("CT", "Computed Tomography", "计算机断层扫描"),
    ("WMS", "Warehouse Management System", "仓储管理系统"),
    ("MedDRA", "Medical Dictionary for Regulatory Activities", "国际医学用语词典"),
    ("C", "C programming language", "C语言"),
    ("H&E", "Hematoxylin and Eosin", "苏木精-伊红"),
    ("PM", "Project Manager", "项目经理"),
    ("SF-12", "Short Form 12", "简明健康调查"),
]
_SENSES = [Sense(*row, id=number) for number, row in enumerate(_ROWS, 1)]
_GLOSSARY = Glossary(_SENSES)
_MATCHER = TermMatcher(_GLOSSARY)
_STRICT = TermMatcher(_GLOSSARY, MatchSettings(typos=False, homophones=False))


def _found(text: str) -> list[str]:
    return [match.surface for match in _MATCHER.find(text)]


def _terms(text: str) -> list[str]:
    return [match.senses[0].term for match in _MATCHER.find(text)]


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("在产品售后流程里，AM负责哪些事情？", ["AM"]),
        ("ＡＭ是什么", ["ＡＭ"]),
        ("am是什么", ["am"]),
        ("联系AM。", ["AM"]),
        ("AM's duties", ["AM's"]),
        ("AMs的职责", ["AMs"]),
        ("the Account Managers", ["Account Managers"]),
        ("Act.是什么意思", ["Act."]),
        ("Act代表什么", ["Act"]),
        ("T+1到账", ["T+1"]),
        ("T＋1到账", ["T＋1"]),
        ("用5-ALA检测2019-nCoV", ["5-ALA", "2019-nCoV"]),
        ("AM/PM轮班", ["AM", "PM"]),
        ("AM-related work by a non-AM", ["AM", "AM"]),
        ("H&E染色", ["H&E"]),
        ("全印展和实际成交价", ["全印展", "实际成交价"]),
        ("實際成交價是多少", ["實際成交價"]),
        ("What does AM stand for?", ["AM"]),
        ("什么是“it”？", ["it"]),
        ("what does am mean?", ["am"]),
        ("what is the abbreviation it?", ["it"]),
        ("am", ["am"]),
        ("IT部门的AM", ["IT", "AM"]),
        ("C语言", ["C语言"]),
        ("in the US market", ["US"]),
        ("AM，CT、IT。", ["AM", "CT", "IT"]),
        ("CT/AM都要", ["CT", "AM"]),
        ("\ud800AM负责", ["AM"]),
        ("A\u200bM负责", ["A\u200bM"]),
        ("😀AM😀", ["AM"]),
    ],
)
def test_found(text: str, surfaces: list[str]) -> None:
    assert _found(text) == surfaces


@pytest.mark.parametrize(
    "text",
    [
        "AMD的显卡",
        "编号001AM23",
        "x-AM1",
        "SAM负责",
        "AM_1字段",
        "AM.com",
        "me@AM.org",
        "http://x/AM/y.html",
        "SAP-AM",
        "PN:CT/45-AM",
        "WMS/2019-7",
        "AMS系统",
        "A-M1型号",
        "T+10到账",
        "T+1.5天",
        r"C:\AM\x.txt",
        "AM.pdf在哪",
        "report_AM.xlsx",
        "MedDRAX系统",
        "XMedDRA",
        "7 am",
        "T+12",
        "15-ALA",
        "I am here",
        "it is us",
        "It is what it is.",
        "what does it mean",
        "WHAT IS IT FOR US",
        "10:30 AM开会",
        "3PM开会",
        "actual price",
        "he said is it",
        "C++和C#",
        "Q&E",
        "SF-13",
        "IS THIS IT",
    ],
)
def test_not_found_inside_words_codes_and_sentences(text: str) -> None:
    assert _found(text) == []


def test_the_longest_surface_wins() -> None:
    assert _found("Warehouse Management System") == ["Warehouse Management System"]
    assert _terms("T+1") == ["T+1"]


def test_terms_that_differ_in_case_are_two_terms() -> None:
    assert _terms("Ct值") == ["Ct"]
    assert _terms("CT检查") == ["CT"]
    (match,) = _MATCHER.find("ct是什么")
    assert {each.term for each in match.senses} == {"Ct", "CT"}
    assert match.kind == "folded"


def test_all_senses_are_given() -> None:
    (match,) = _MATCHER.find("AM是什么")
    assert [each.chinese for each in match.senses] == ["客户经理", "调幅"]


@pytest.mark.parametrize(
    ("text", "surface", "kind", "term"),
    [
        ("Acount Manager做什么", "Acount Manager", "typo", "AM"),
        ("MedDAR是什么", "MedDAR", "typo", "MedDRA"),
        ("客户经里负责什么", "客户经里", "pinyin", "AM"),
        ("客护經理負責什麼", "客护經理", "pinyin", "AM"),
        ("kehujingli是什么", "kehujingli", "pinyin", "AM"),
        ("ke hu jing li是什么", "ke hu jing li", "pinyin", "AM"),
        ("请问实际成交介是多少", "实际成交介", "typo", "AAP"),
    ],
)
def test_misspelt_terms(text: str, surface: str, kind: str, term: str) -> None:
    matches = _MATCHER.find(text)
    assert [(each.surface, each.kind, each.senses[0].term) for each in matches] == [(surface, kind, term)]
    assert _STRICT.find(text) == ()


def test_short_terms_are_not_guessed() -> None:
    assert _found("AN是什么") == []
    assert _found("WNS系统") == []


def test_an_empty_glossary_finds_nothing() -> None:
    assert TermMatcher(Glossary([])).find("AM负责") == ()


_TEXT = st.lists(
    st.one_of(
        st.text(max_size=4),
        st.sampled_from([row[column] for row in _ROWS for column in range(3)] + ["ＡＭ", "㎏", "ß", "  "]),
    ),
    max_size=8,
).map("".join)


@settings(deadline=None, max_examples=300)
@given(_TEXT)
def test_offsets_are_never_wrong(text: str) -> None:
    last = 0
    for match in _MATCHER.find(text):
        assert text[match.start : match.end] == match.surface
        assert last <= match.start < match.end
        assert match.senses
        last = match.end


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.sampled_from("ABC12-負责 。"), max_size=6), st.text(st.sampled_from("ABC12-负责 。"), max_size=6)
)
def test_never_beside_a_letter_or_a_digit(left: str, right: str) -> None:
    for match in _STRICT.find(f"{left}WMS{right}"):
        _assert_free(f"{left}WMS{right}", match)


def _assert_free(text: str, match: TermMatch) -> None:
    around = text[max(match.start - 1, 0) : match.start] + text[match.end : match.end + 1]
    if match.surface[0].isascii():
        assert not any(each.isascii() and each.isalnum() for each in around)
