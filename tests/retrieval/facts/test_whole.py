"""Names told by some of their words: one row answers, several are asked about, a word or number too many is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.slips import another_word
from tests.retrieval.facts.grids import grid_of
from tests.retrieval.facts.test_industries import lane_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.facts.types import FactResult
    from tests.retrieval.facts.grids import Lane

FERRIES = [
    ["航线", "起点", "票价（元）", "首班", "联系电话"],
    ["海岛快线1号", "东港", "45", "7:10", "0898-330011"],
    ["海岛快线2号", "东港", "52", "7:40", "0898-330012"],
    ["夜航专线", "南港", "60", "", "0898-330013"],
    ["6线", "西港", "5", "6:05", "0898-330014"],
    ["16线", "西港", "7", "6:20", "0898-330015"],
]
DEPOTS = [
    ["Code", "仓库", "城市", "电话", "面积（㎡）"],
    ["NB-01", "镇海冷库", "宁波", "0574-220011", "3100"],
    ["NB-02", "北仑一号库", "宁波", "0574-220012", "4100"],
    ["WZ-01", "瓯海冷库", "温州", "0577-220013", "2900"],
]
OUTINGS = [
    ["Visit", "Leader", "Cost per pupil (GBP)", "Deadline", "Places"],
    ["Norway fjord tour", "Ada Finch", "1,090.00", "", "24"],
    ["Lisbon study visit", "Joan Reeve", "455.00", "3 Oct 2026", "31"],
    ["Prince of Kells Bronze", "Hugh Marl", "88.00", "4 Oct 2026", "40"],
    ["Prince of Kells Silver", "Hugh Marl", "120.00", "5 Oct 2026", "41"],
    ["Harbour Lights 2", "Ivy Stone", "14.00", "6 Oct 2026", "42"],
]
CUSTOMERS = [
    ["Customer", "Account no.", "Payment terms (days)", "Account manager"],
    ["Beacon Coal Trading", "007701", "21", "Rhona Pike"],
    ["Larkfield Foods plc", "007702", "30", "Saul Winter"],
    ["Amber Forge", "007703", "45", "Tess Moor"],
    ["Amber Foundry", "007704", "60", "Ugo Lane"],
]
SCHOOLS = [
    ["School", "Phase", "Telephone"],
    ["Oakley High School", "Secondary", "01632 960101"],
    ["Oakley Primary School", "Primary", "01632 960102"],
    ["Fernside Academy", "Secondary", "01632 960103"],
    ["Marl Junior School", "Junior", "01632 960104"],
]
DESSERTS = [
    ["品名", "出厂价（元）", "保质期（天）"],
    ["原味布丁", "3.10", "15"],
    ["草莓布丁", "3.40", "14"],
    ["低糖布丁", "3.70", "12"],
    ["杏仁饼干", "8.20", "90"],
]


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    tables = {
        "航线.csv": grid_of(FERRIES, name="航线"),
        "仓库.csv": grid_of(DEPOTS, name="仓库"),
        "visits.csv": grid_of(OUTINGS, name="visits"),
        "customers.csv": grid_of(CUSTOMERS, name="customers"),
        "甜品.csv": grid_of(DESSERTS, name="甜品"),
        "schools.csv": grid_of(SCHOOLS, name="schools"),
    }
    opened = lane_with(tmp_path_factory.mktemp("whole"), tables)
    yield opened
    opened.close()


def names(result: FactResult) -> set[str]:
    return {candidate.name for candidate in result.candidates}


@pytest.mark.parametrize(
    ("question", "label", "value"),
    [
        ("坐海岛快线1号要几块钱", "海岛快线1号", "45"),
        ("镇海库的电话", "镇海冷库", "0574-220011"),
        ("NB-01是哪个仓", "NB-01", "镇海冷库"),
        ("how much is the Lisbon trip", "Lisbon study visit", "455.00"),
        ("who looks after Beacon Coal as account manager", "Beacon Coal Trading", "Rhona Pike"),
        ("account no. of Larkfield Foods", "Larkfield Foods plc", "007702"),
    ],
)
def test_the_one_row_whose_name_has_the_words_answers(
    lane: Lane, question: str, label: str, value: str
) -> None:
    result = lane.lookup.query(question)
    assert result.status == "found"
    assert {fact.value for fact in result.facts} == {value}
    assert label in {result.facts[0].label, result.subject}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("布丁多少钱", {"原味布丁", "草莓布丁", "低糖布丁"}),
        ("海岛快线的首班", {"海岛快线1号", "海岛快线2号"}),
        ("Oakley school telephone", {"Oakley High School", "Oakley Primary School"}),
        ("payment terms of Amber", {"Amber Forge", "Amber Foundry"}),
        ("leader of the Prince of Kells award", {"Prince of Kells Bronze", "Prince of Kells Silver"}),
    ],
)
def test_several_rows_that_fit_are_named(lane: Lane, question: str, expected: set[str]) -> None:
    result = lane.lookup.query(question)
    assert (result.status, result.facts) == ("several", ())
    assert names(result) == expected


@pytest.mark.parametrize(
    "question",
    [
        "海岛快线3号票价",
        "9线首班",
        "蓝莓布丁多少钱",
        "镇海二号库的电话",
        "cost of the Athens trip",
        "account manager of Amber Factory",
        "telephone of Fernside High Academy",
        "telephone of Marl High School",
        "leader of Lisbon study trip 2",
        "镇海冷库设备的电话",
        "leader of the visit",
        "夜航专线B的票价",
        "中夜航专线的票价",
        "Places of Norway fjord tour 3",
        "explain the rules for the Prince of Kells",
        "leader of Prince of Kells Bronze 3",
        "花镇海冷库的电话",
    ],
)
def test_a_word_or_number_that_the_row_lacks_gives_no_value(lane: Lane, question: str) -> None:
    result = lane.lookup.query(question)
    assert result.status != "found", result
    assert result.facts == ()


def test_a_name_that_says_a_number_more_is_asked_about(lane: Lane) -> None:
    result = lane.lookup.query("北仑库的电话")
    assert (result.status, result.facts) == ("several", ())
    assert names(result) == {"北仑一号库"}
    assert result.confidence >= 0.5


@pytest.mark.parametrize(
    ("question", "label", "column", "cell"),
    [
        ("夜航专线首班", "夜航专线", "首班", "D4"),
        ("deadline for the Norway trip", "Norway fjord tour", "Deadline", "D2"),
    ],
)
def test_an_empty_cell_is_told_with_its_place(
    lane: Lane, question: str, label: str, column: str, cell: str
) -> None:
    result = lane.lookup.query(question)
    assert (result.status, result.facts) == ("absent", ())
    assert [(f.label, f.column, f.cell, f.value) for f in result.empty] == [(label, column, cell, "")]


def test_the_unit_of_the_header_stands_beside_the_value_not_in_it(lane: Lane) -> None:
    fact = lane.lookup.query("payment terms of Beacon Coal Trading").facts[0]
    assert (fact.value, fact.unit) == ("21", "days")


@pytest.mark.parametrize(
    ("asked", "stored", "expected"),
    [
        ("蓝莓酸奶", "草莓酸奶", True),
        ("塞来西布胶囊", "塞来昔布胶囊", False),
        ("宫爆鸡丁", "宫保鸡丁", False),
    ],
)
def test_another_word_is_no_slip(asked: str, stored: str, expected: bool) -> None:
    assert another_word(asked, stored) is expected
