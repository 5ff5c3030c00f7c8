"""Questions over many rows in everyday words, on the invented tables of a choir: kinds of rows, verbs, ranges and speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.forms import kind_forms
from retrieval.facts.operations import unexplained
from retrieval.facts.sentences import SentenceFacts
from tests.retrieval.facts.grids import grid_of
from tests.retrieval.facts.test_industries import lane_with
from tests.retrieval.facts.test_seventh_company import passage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.retrieval.facts.grids import Lane

PIECES = [
    ["编号", "曲名/中文名", "曲名/英文名", "类型", "主创/导演", "主创/校谱人", "预算（万元）", "周期/开排日期", "周期/首演日期", "曲长（分钟）"],
    ["HC-01", "北方的雪", "Northern Snow", "清唱剧", "Ada Holm", "罗一鸣", "120", "2021-03-01", "2022-05-01", "41"],
    ["HC-02", "渡口", "The Ferry Stage", "组曲", "宋遥", "罗一鸣", "80", "2021-06-01", "2023-02-11", "28"],
    ["HC-03", "白鹭", "Egrets", "组曲", "宋遥", "季清", "95", "2022-01-05", "2023-09-30", "33"],
    ["HC-04", "麦收谣", "Harvest Song", "民歌", "宋遥", "季清", "60", "2022-08-08", "2024-04-18", "12"],
    ["HC-05", "长灯", "Long Lamps", "清唱剧", "Ada Holm", "季清", "150", "2023-02-01", "2024-12-24", "55"],
]  # fmt: skip
HALLS = [
    ["厅名", "区域", "面积（㎡）", "用途", "可摆钢琴"],
    ["一号厅", "北楼", "300", "合排", "是"],
    ["二号厅", "北楼", "180", "分排", "是"],
    ["三号厅", "北楼", "90", "分排", "否"],
    ["四号厅", "南楼", "150", "外借", "是"],
    ["五号厅", "南楼", "60", "琴房", "否"],
]
PLACES = [
    ["外借地", "城市", "审批办理天数", "定金（元）"],
    ["钟楼广场", "临川", "12", "5000"],
    ["老粮仓", "青石", "3", "2000"],
    ["江心洲", "临川", "20", "800"],
]
SOLD = [["剧目", "国内票房（万元）"], ["北方的雪", "310"], ["渡口", "512.5"], ["白鹭", "128"]]
RACE = [["队员", "预赛成绩"], ["甄远", "61.2"], ["芮安", "58.9"], ["卜成", "66.0"]]


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    tables = {
        f"{name}.csv": grid_of(rows, name=name)
        for name, rows in (
            ("曲目总表", PIECES), ("排练厅", HALLS), ("外借地", PLACES), ("演出收入", SOLD), ("队内比赛", RACE),
        )
    }  # fmt: skip
    opened = lane_with(tmp_path_factory.mktemp("choir"), tables)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("question", "name", "value"),
    [
        ("哪首曲预算最高？", "长灯", "150"),
        ("最短的一首曲是什么", "麦收谣", "12"),
        ("国内票房最好的是哪个？", "渡口", "512.5"),
        ("审批办理最快的外借地是哪里？", "老粮仓", "3"),
        ("审批办理最慢的外借地是哪里？", "江心洲", "20"),
        ("Which hall is the largest one in 北楼?", "一号厅", "300"),
    ],
)
def test_the_first_of_many(lane: Lane, question: str, name: str, value: str) -> None:
    result = lane.lookup.query(question)
    assert (result.status, result.total) == ("found", 1)
    shown = [fact.value for fact in result.facts] + [fact.label for fact in result.facts]
    assert name in shown
    assert value in shown


@pytest.mark.parametrize(
    ("question", "operation", "computed"),
    [
        ("北楼几个厅的总面积", "sum", "570㎡"),
        ("宋遥的三首曲预算加起来多少万？", "sum", "235万元"),
        ("宋遥的曲子平均曲长多少", "average", "24.33分钟"),
        ("北楼有几个厅", "count", "3"),
        ("可以摆钢琴的厅有几个？", "count", "3"),
        ("季清一共校谱了几首？", "count", "3"),
        ("2023年首演的曲子有几首", "count", "2"),
        ("白鹭比渡口多花了多少预算？", "compare", "15"),
        ("老粮仓和江心洲哪个审批办理更快", "compare", "老粮仓"),
    ],
)
def test_what_many_rows_come_to(lane: Lane, question: str, operation: str, computed: str) -> None:
    result = lane.lookup.query(question)
    assert (result.status, result.operation, result.computed) == ("found", operation, computed)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("面积100到200平的厅有哪些？", {"二号厅", "四号厅"}),
        ("2023年首演的曲子", {"渡口", "白鹭"}),
    ],
)
def test_the_rows_within_bounds(lane: Lane, question: str, names: set[str]) -> None:
    result = lane.lookup.query(question)
    assert result.status == "found"
    assert {fact.label for fact in result.facts} | {fact.value for fact in result.facts} >= names
    assert result.total == len(names)


@pytest.mark.parametrize(
    "question",
    [
        # Four are said, and there are three.
        "宋遥的四首曲预算加起来多少万？",
        # A smaller or a larger number? The header does not say what it measures.
        "预赛成绩最快的队员是谁",
        # The period has three columns of days, none of which is how long it lasts.
        "周期最短的曲子是哪首",
        "定金比成本高多少",
        # The only column of numbers is an area: neither a height nor how often something is done.
        "哪个厅最高",
        "最长的厅是哪个",
        "外借最多的厅",
        "钢琴最大的厅是哪个",
    ],
)
def test_what_is_not_clear_is_not_guessed(lane: Lane, question: str) -> None:
    assert lane.lookup.query(question).status != "found"


def test_a_day_under_a_period_is_no_duration(lane: Lane) -> None:
    result = lane.lookup.query("What is the running time of Egrets?")
    assert [fact.value for fact in result.facts] == ["33"]


def test_who_did_it_is_not_whoever_did_something_else(lane: Lane) -> None:
    assert [fact.value for fact in lane.lookup.query("Who directed Northern Snow?").facts] == ["Ada Holm"]
    row = passage("曲目.xlsx", "曲名: Northern Snow；指挥: Ada Holm；校谱人: 罗一鸣；曲长（分钟）: 41")
    assert SentenceFacts().find("Who painted Northern Snow?", [row]).facts == ()
    owned = passage("曲目.xlsx", "曲名: Northern Snow；指挥: Ada Holm；负责人: 罗一鸣；曲长（分钟）: 41")
    assert [fact.value for fact in SentenceFacts().find("Who runs Northern Snow?", [owned]).facts] == ["罗一鸣"]


def test_what_rows_are_called_under_a_merged_header() -> None:
    assert "曲" in kind_forms("曲名/中文名")
    assert "中文" not in kind_forms("曲名/中文名")
    assert "主" not in kind_forms("主创/导演")


def test_may_is_a_word_of_asking_and_may_not_is_more() -> None:
    assert unexplained("可以") == []
    assert unexplained("不可以") == ["不可以"]


def test_the_tables_are_read(tmp_path: Path) -> None:
    opened = lane_with(tmp_path, {"排练厅.csv": grid_of(HALLS, name="排练厅")})
    try:
        assert opened.lookup.query("一号厅的面积").facts[0].value == "300"
    finally:
        opened.close()
