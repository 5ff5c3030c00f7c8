"""Lists, counts, extremes, totals, comparisons, yes and no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.conditions import comparisons
from tests.retrieval.facts.grids import grid_of

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane


@pytest.mark.parametrize(
    ("question", "computed"),
    [
        ("销售部有几个人", "2"), ("how many people are in 销售部?", "2"), ("一共有多少员工", "4"), ("总共有多少种产品", "4"),
        ("库存一共多少", "520"), ("产品的平均单价是多少", "9,599.75元"), ("A100和B200哪个贵", "激光打印机"), ("A100比B200贵多少", "3,200.00"),
        ("A100比B200贵吗", "是"), ("张伟在销售部吗", "是"), ("李娜在销售部吗", "否"), ("A100的单价超过1万元吗", "是"), ("B200的单价超过1万元吗", "否"),
        ("大悟县有多少家网点", "3"), ("湖北省有几家支行", "3"),
    ],
)  # fmt: skip
def test_computed_answers(company: Lane, question: str, computed: str) -> None:
    result = company.lookup.query(question)
    assert (result.status, result.computed) == ("found", computed)
    assert result.facts
    assert result.query


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("哪些产品超过1万元", {"激光打印机", "激光打印机 Pro"}), ("单价低于1万元的产品有哪些", {"喷墨打印机", "墨盒"}), ("销售部有哪些人", {"张伟", "张伟明"}),
        ("谁在财务部", {"王芳"}), ("2020年以后入职的员工有哪些", {"张伟明"}), ("库存在10到600之间的产品", {"喷墨打印机", "墨盒"}),
        ("Which products cost more than 10000?", {"激光打印机", "激光打印机 Pro"}), ("哪些员工是客户经理", {"张伟"}), ("最贵的产品是哪个", {"激光打印机 Pro"}),
        ("最便宜的产品", {"墨盒"}), ("库存最多的产品是什么", {"墨盒"}), ("入职最早的是谁", {"王芳"}),
    ],
)  # fmt: skip
def test_lists_and_extremes(company: Lane, question: str, names: set[str]) -> None:
    result = company.lookup.query(question)
    assert result.status == "found"
    assert {fact.label for fact in result.facts} == names
    assert result.total == len(names)


@pytest.mark.parametrize(
    "question", ["销售部有几个人会英语", "哪些产品是红色的", "研发部有几个人", "最重的产品是哪个"]
)
def test_what_is_not_wholly_understood_is_not_answered(company: Lane, question: str) -> None:
    result = company.lookup.query(question)
    assert result.status in {"not_a_table_question", "absent", "several"}
    assert not result.computed
    assert not result.facts


def test_sums_leave_out_rows_that_sum_up(company: Lane) -> None:
    assert company.lookup.query("库存一共多少").computed == "520"


def test_lists_are_whole_and_paged(lane: Lane) -> None:
    rows = [["姓名", "部门"], *([f"员{i}甲", "仓储部" if i % 3 else "质检部"] for i in range(180))]
    lane.put("名单.xlsx", grid_of(rows))
    first = lane.lookup.query("仓储部有哪些人")
    assert (first.total, len(first.facts), first.offset) == (120, 50, 0)
    last = lane.lookup.query("仓储部有哪些人", offset=100)
    assert (last.total, len(last.facts), last.offset) == (120, 20, 100)
    assert not {f.row for f in first.facts} & {f.row for f in last.facts}
    assert lane.lookup.query("仓储部有多少人").computed == "120"


def test_units_of_the_column_scale_the_bound(lane: Lane) -> None:
    lane.put("预算.xlsx", grid_of([["项目", "预算（万元）"], ["展会", "12"], ["培训", "0.8"]]))
    result = lane.lookup.query("预算超过1万元的项目有哪些")
    assert [fact.label for fact in result.facts][:1] == ["展会"]
    assert result.total == 1


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("超过1万元", 10_000, None), ("不低于5台", 5, None), ("300元以下", None, 300), ("在10到20之间", 10, 20), ("between 3 and 7", 3, 7),
        ("at most 1,000", None, 1000), ("不到三百", None, 300),
    ],
)  # fmt: skip
def test_comparisons_are_read(text: str, low: float | None, high: float | None) -> None:
    (found,) = comparisons(text)
    assert found.low == (low if low is not None else float("-inf"))
    assert found.high == (high if high is not None else float("inf"))
