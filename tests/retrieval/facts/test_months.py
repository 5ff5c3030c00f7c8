"""A month in a question is the row of that month however both write it, and no other month answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.month_cells import month_of, months_told
from tests.retrieval.facts.grids import grid_of

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane

_FIGURES = [("1", "210", "88.0"), ("2", "190", "91.5"), ("3", "260", "90.1"), ("4", "240", "92.4"), ("5", "300", "89.9"), ("6", "280", "93.2")]  # fmt: skip
_SHAPES = ("2026-{:02}", "2026年{}月", "{}月", "2026/{}")


def _table(shape: str) -> list[list[str]]:
    head = ["月份", "出栏头数（头）", "仔猪成活率（%）"]
    return [head, *([shape.format(int(month)), *rest] for month, *rest in _FIGURES)]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-06", (2026, 6)),
        ("2026年6月", (2026, 6)),
        ("六月份", (None, 6)),
        ("Jun-26", (2026, 6)),
        ("June 2026", (2026, 6)),
        ("202606", (2026, 6)),
        ("May", (None, 5)),
        ("2026-06-15", None),
        ("12", None),
    ],
)
def test_what_a_cell_means(text: str, month: tuple[int | None, int] | None) -> None:
    assert month_of(text) == month


def test_a_column_of_other_texts_has_no_months() -> None:
    assert not months_told(["5月", "6月", "合计说明"])


@pytest.mark.parametrize("shape", _SHAPES)
@pytest.mark.parametrize(
    "question",
    ["5月份出栏头数", "五月出栏头数多少", "2026年5月出栏头数", "今年5月份的出栏头数", "5月份出栏头数是多少头"],
)
def test_one_month(lane: Lane, shape: str, question: str) -> None:
    lane.put("2026年出栏.csv", grid_of(_table(shape)))
    result = lane.lookup.query(question)
    assert (result.status, [fact.value for fact in result.facts]) == ("found", ["300"])


def test_in_english(lane: Lane) -> None:
    rows = [["Month", "Visitors"], ["Apr-26", "310"], ["May-26", "290"], ["Jun-26", "402"]]
    lane.put("visitors.csv", grid_of(rows))
    assert [f.value for f in lane.lookup.query("How many visitors in May 2026?").facts] == ["290"]
    assert lane.lookup.query("How many visitors in July 2026?").facts == ()


@pytest.mark.parametrize("question", ["9月份出栏头数", "2025年5月出栏头数", "去年5月出栏头数"])
@pytest.mark.parametrize("shape", _SHAPES)
def test_a_month_that_is_not_there(lane: Lane, shape: str, question: str) -> None:
    lane.put("2026年出栏.csv", grid_of(_table(shape)))
    result = lane.lookup.query(question)
    assert (result.facts, result.computed) == ((), "")


@pytest.mark.parametrize(
    ("question", "computed"),
    [
        ("5月比4月出栏头数多多少", "60"),
        ("5月和6月哪个月出栏头数多", "2026-05"),
        ("前3个月出栏头数一共多少", "660"),
        ("一季度出栏头数合计", "660"),
        ("上半年出栏头数总共多少", "1,480"),
        ("今年前5个月出栏头数一共多少头", "1,200"),
    ],
)
def test_several_months(lane: Lane, question: str, computed: str) -> None:
    lane.put("出栏.csv", grid_of(_table("2026-{:02}")))
    assert lane.lookup.query(question).computed == computed


@pytest.mark.parametrize(
    "question", ["下半年出栏头数总共多少", "前9个月出栏头数一共多少", "二到八月出栏头数合计"]
)
def test_a_stretch_that_is_not_there_as_a_whole(lane: Lane, question: str) -> None:
    lane.put("出栏.csv", grid_of(_table("2026-{:02}")))
    assert lane.lookup.query(question).computed == ""


def test_the_month_with_the_most(lane: Lane) -> None:
    lane.put("出栏.csv", grid_of(_table("2026-{:02}")))
    assert lane.lookup.query("哪个月出栏头数最低").subject == "2026-02"


def test_a_rate_is_called_for_short(lane: Lane) -> None:
    lane.put("出栏.csv", grid_of(_table("2026-{:02}")))
    assert [f.value for f in lane.lookup.query("3月份的仔猪率").facts] == ["90.1"]
