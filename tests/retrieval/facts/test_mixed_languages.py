"""Tables half Chinese and half English: columns, cells and names asked for in the other language, and no wrong value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.aliases import learned
from retrieval.facts.bilingual import in_each_script
from retrieval.facts.conditions import comparisons
from retrieval.facts.forms import form_fit, kind_forms
from retrieval.facts.layout import lay_out
from retrieval.facts.types import Column, TableRow
from tests.retrieval.facts import sixth_company
from tests.retrieval.facts.grids import grid_of
from tests.retrieval.facts.test_industries import lane_with, right
from tests.retrieval.facts.test_third_company import wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.retrieval.facts.grids import Lane

_REACHED = 63


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = lane_with(tmp_path_factory.mktemp("sixth"), sixth_company.TABLES)
    yield opened
    opened.close()


def test_the_sixth_company(lane: Lane) -> None:
    def names(question: str) -> dict[str, tuple[str, ...]]:
        return {word: forms for word, forms in sixth_company.GLOSSARY.items() if word in question}

    asked = sixth_company.QUESTIONS
    results = [(k, q, w, lane.lookup.query(q, extra_names=names(q))) for k, q, w in asked]
    assert [(q, result) for k, q, w, result in results if wrong(k, w, result)] == []
    assert [q for k, q, w, result in results if k == "n" and not right(k, w, result)] == []
    assert sum(right(k, w, result) for k, _, w, result in results) >= _REACHED


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("Flag 船旗", ("Flag", "船旗")),
        ("机型 Model", ("Model", "机型")),
        ("馆名（Museum）", ("馆名", "Museum")),
        ("Capacity (TEU) 运力", ("Capacity", "运力")),
        ("IP 地址", ()),
        ("IMO 编号", ()),
        ("单价（USD）", ()),
        ("Price list", ()),
        ("年假（工龄1–9年）", ()),
    ],
)
def test_a_text_in_both_scripts_has_two_halves(text: str, halves: tuple[str, ...]) -> None:
    assert in_each_script(text) == halves


@pytest.mark.parametrize(
    ("word", "header"),
    [
        ("藏品号", "Item No. 藏品号"),
        ("flag", "Flag 船旗"),
        ("什么旗", "Flag 船旗"),
        ("轮毂高度", "Hub height (m)"),
        ("下次大修", "Next overhaul"),
        ("日租金", "Daily rent (EUR/day)"),
        ("授信额度", "信用额度（元）"),
    ],
)
def test_a_word_means_a_header_in_the_other_language(word: str, header: str) -> None:
    assert form_fit(word, header) > 2.5


def test_what_the_rows_are_called_in_both_languages() -> None:
    assert {"turbine", "机组"} <= set(kind_forms("Turbine 机组名"))


def test_a_lower_header_row_that_reads_like_data() -> None:
    rows = [
        ["Route", "Rate (USD)", "", "Days"],
        ["", "5 t", "10 t", ""],
        ["A", "3", "4", "1"],
        ["B", "5", "6", "2"],
    ]
    table = lay_out(grid_of(rows, merges=[(0, 1, 0, 2), (0, 0, 1, 0), (0, 3, 1, 3)]))[0]
    assert table.header_rows == (1, 2)
    assert [column.name for column in table.columns] == ["Route", "Rate/5 t", "Rate/10 t", "Days"]


def test_a_first_column_that_repeats_is_no_key() -> None:
    rows = [["大区", "代码", "站名"], ["北", "A01", "甲"], ["北", "A02", "乙"], ["南", "A03", "丙"]]
    assert [column.name for column in lay_out(grid_of(rows))[0].columns if column.key] != ["大区"]


def _rows(*cells: tuple[str, ...]) -> list[TableRow]:
    return [TableRow(number, 1, number, row) for number, row in enumerate(cells, 2)]


def test_names_are_learned_from_two_columns_and_from_one_cell() -> None:
    columns = [Column("场馆中文名", 0, key=True), Column("Venue", 1), Column("职务", 2)]
    rows = _rows(("长亭馆", "Longting Hall", "Usher 引座员"), ("听涛馆", "Tingtao Hall", "Cleaner 保洁员"))
    pairs = learned([columns[0], Column("English name", 1), columns[2]], rows)
    assert {("长亭馆", "longtinghall"), ("tingtaohall", "听涛馆"), ("引座员", "usher引座员")} <= set(pairs)


def test_columns_of_two_things_teach_nothing() -> None:
    columns = [Column("供应商中文名", 0, key=True), Column("Contact person", 1)]
    rows = _rows(("长亭公司", "Ann Li"), ("听涛公司", "Bo Tan"))
    assert learned(columns, rows) == ()


def test_a_model_is_no_translation() -> None:
    columns = [Column("产品", 0, key=True)]
    assert learned(columns, _rows(("打印机 Pro",), ("扫描仪",), ("碎纸机",))) == ()
    assert learned(columns, _rows(("打印机 Pro",), ("打印机 Max",))) == ()


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("11月10日之前出发的", None, (11, 10)), ("3月之后到的", (3, 31), None), ("2月29日前交的", None, (2, 29))],
)
def test_a_day_without_a_year_is_a_bound(
    text: str, low: tuple[int, int] | None, high: tuple[int, int] | None
) -> None:
    from datetime import date

    (bound,) = comparisons(text)
    assert bound.yearless
    ends = [None if abs(end) == float("inf") else date.fromordinal(int(end)) for end in (bound.low, bound.high)]
    assert [None if day is None else (day.month, day.day) for day in ends] == [low, high]


PERFORMANCES = [
    ["Show 演出", "Venue 场馆", "Founded 建团年份", "Next visit", "Agent 代理公司", "Contact 联系人"],
    ["RED FAN", "长亭馆", "2012", "2026-09-01", "Lotus Arts", "Ann Li"],
    ["BLUE DRUM", "长亭馆", "2018", "2026-11-20", "竹青文化", "Bo Tan"],
    ["OLD PIPA", "听涛馆", "2021", "2027-01-05", "竹青文化", ""],
]


@pytest.fixture(scope="module")
def shows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = lane_with(
        tmp_path_factory.mktemp("shows"), {"Shows 演出表.xlsx": grid_of(PERFORMANCES, name="Shows")}
    )
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("kind", "question", "wanted"),
    [
        ("v", "RED FAN的代理是谁", "Lotus Arts"),
        ("v", "BLUE DRUM的联系人是谁", "Bo Tan"),
        # Of two columns with years the one that the words speak of, not the only column of days.
        ("l", "2015年以后建团的演出有哪些", "BLUE DRUM|OLD PIPA"),
        ("l", "10月之后来访的演出有哪些", ""),
        ("c", "两个代理公司是竹青文化的演出有几个", "2"),
        # The question says how many there are, and there are not so many.
        ("n", "三个竹青文化的演出一共几个", ""),
        ("n", "RED FAN的经纪是谁", ""),
        ("n", "RED FANG的场馆", ""),
    ],
)
def test_shows(shows: Lane, kind: str, question: str, wanted: str) -> None:
    result = shows.lookup.query(question)
    if wanted or kind == "n":
        assert right(kind, wanted, result), result
    else:
        assert not result.facts, result
