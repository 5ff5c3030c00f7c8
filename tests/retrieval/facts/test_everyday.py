"""Everyday ways of asking, each as a class, on invented tables of several domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.retrieval.facts.grids import Lane, grid_of

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = {
    "景区.xlsx": [
        ["景点名称", "门票（元）", "开放时间", "讲解费（元）", "停车位（个）"],
        ["云台古寨", "80", "8:00-17:30", "100", "300"], ["石鼓书院", "0", "9:00-17:00", "0", "60"],
        ["翠屏湖", "0", "全天", "80", "500"], ["凤凰观景台", "35", "8:30-18:00", "50", "120"],
    ],
    "pool.csv": [
        ["Activity", "Price (£)", "Kids price (£)", "Duration (min)", "Places", "Coach"],
        ["Aqua Fit", "8.50", "4", "45", "20", "Nora Field"], ["Toddler Splash", "0", "0", "30", "12", "Liam Ott"],
        ["Lane Training", "6", "3", "60", "24", "Nora Field"], ["Family Swim", "0", "0", "90", "80", "Ines Roy"],
    ],
    "科室.xlsx": [
        ["科室", "呼吸机（台）", "床位（张）", "护士长", "电话", "楼层"],
        ["重症医学科", "12", "18", "穆晴", "6101", "5楼"], ["急诊科", "3", "10", "雷鸣", "6102", "1楼"],
        ["呼吸内科", "5", "42", "简宁", "6103", "7楼"], ["麻醉科", "3", "6", "申屠岚", "6104", "4楼"],
    ],
    "渡轮.xlsx": [
        ["船名", "航线", "泊位", "发船时间", "全程（分钟）", "成人票（元）", "儿童票（元）", "违规罚款"],
        ["海鸥7号", "北港—青屿", "3号泊位", "08:20", "55", "48", "24", "200元"],
        ["信天翁2号", "北港—月牙岛", "1号泊位", "09:40", "90", "76", "38", "500元"],
    ],
    "工程.xlsx": [
        ["2025年在建工程（单位：万元）"],
        ["工程编号", "工程名称", "合同金额", "已付款", "开工日期", "计划竣工日期", "项目经理", "状态"],
        ["GC-101", "滨河步道改造", "860.50", "300.00", "2025-03-01", "2025-12-20", "祁连", "在建"],
        ["GC-102", "第二污水处理厂扩建", "4,120.00", "1,900.00", "2024-09-15", "2026-06-30", "桑榆", "在建"],
        ["GC-103", "老城区管网更新", "2,210.00", "2,210.00", "2024-01-08", "2025-05-31", "祁连", "已验收"],
    ],
    "厂站.xlsx": [
        ["厂站名称", "处理规模（万m³/d）", "投运日期", "取水水源", "可供水天数", "在岗人数", "应急审批人"],
        ["城北第二厂", "18", "2016-11-02", "青萍水库", "40", "41", "总经理"],
        ["城北厂", "6", "2008-06-18", "澜江", "25", "64", "生产副总"],
        ["城南厂", "12", "2011-03-09", "石溪", "30", "52", "生产副总"],
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = Lane(tmp_path_factory.mktemp("everyday"))
    for name, rows in TABLES.items():
        opened.put(name, grid_of(rows))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("question", "values"),
    [
        # Columns by everyday words.
        ("what do kids pay for Lane Training", ["3"]), ("信天翁2号小孩票多少钱", ["38"]), ("信天翁2号全程多久", ["90"]),
        ("海鸥7号停哪儿", ["3号泊位"]), ("海鸥7号违规罚多少", ["200元"]), ("信天翁2号啥时候发船", ["09:40"]),
        ("滨河步道改造什么时候完工", ["2025-12-20"]), ("城南厂从哪里取水", ["石溪"]), ("城南厂能供几天水", ["30"]),
        # A part of a numeral left out; a word between a name and its kind; how urgent it is.
        ("城北二厂投运日期，急", ["2016-11-02"]), ("翠屏湖那个景点的讲解费", ["80"]),
        # Two columns, two questions in one.
        ("急诊科护士长和电话", ["雷鸣", "6102"]), ("急诊科护士长是谁，电话多少", ["雷鸣", "6102"]),
        ("翠屏湖的门票和讲解费是多少", ["0", "80"]), ("Who coaches Aqua Fit and how long is it?", ["Nora Field", "45"]),
        ("GC-102的项目经理是谁？合同额多少？", ["桑榆", "4,120.00"]), ("解放思想一下，GC-101谁在管", ["祁连"]),
        ("GC-103完工了吗", ["已验收"]),
        # A number beside the word of a column.
        ("急诊科有几台呼吸机", ["3"]), ("合同金额2210万的是哪个工程", ["老城区管网更新"]),
    ],
)  # fmt: skip
def test_values(lane: Lane, question: str, values: list[str]) -> None:
    result = lane.lookup.query(question)
    assert (result.status, [fact.value for fact in result.facts]) == ("found", values), result
    assert len({fact.row for fact in result.facts}) == 1


@pytest.mark.parametrize(
    ("question", "computed"),
    [
        ("石鼓书院免费吗", "是"), ("云台古寨免费吗", "否"), ("云台古寨要收费吗", "是"), ("Is Toddler Splash free?", "是"),
        ("Is Aqua Fit free?", "否"), ("how many activities are free?", "2"),
        ("已付款总额是多少", "4,410.00万元"), ("工程合同金额总共多少万", "7,190.50万元"), ("平均每个厂站多少人在岗", "52.33"),
        ("有几个厂站规模在10万以上", "2"), ("厂站平均在岗人数大概多少", "52.33"),
        ("城北厂跟城南厂哪个规模大", "城南厂"), ("城北厂和城南厂谁投运早", "城北厂"), ("城北厂和城南厂哪个人多", "城北厂"),
    ],
)  # fmt: skip
def test_figures(lane: Lane, question: str, computed: str) -> None:
    result = lane.lookup.query(question)
    assert (result.status, result.computed) == ("found", computed), result


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("有三台呼吸机的科室", {"急诊科", "麻醉科"}), ("哪些科室有三台呼吸机", {"急诊科", "麻醉科"}),
        ("哪些景点免费", {"石鼓书院", "翠屏湖"}), ("which activities are free?", {"Toddler Splash", "Family Swim"}),
        ("急诊科和麻醉科的电话", {"急诊科", "麻醉科"}), ("重症医学科跟呼吸内科的床位各是多少", {"重症医学科", "呼吸内科"}),
        ("云台古寨或凤凰观景台的门票", {"云台古寨", "凤凰观景台"}), ("床位前三的科室", {"呼吸内科", "重症医学科", "急诊科"}),
        # Four digits are no year before 万; without a unit the number is in the column's.
        ("合同金额超过1000万的工程有哪些", {"第二污水处理厂扩建", "老城区管网更新"}),
        ("合同金额超过1000的工程有哪些", {"第二污水处理厂扩建", "老城区管网更新"}),
        ("规模超过10万的厂站有哪些", {"城北第二厂", "城南厂"}),
    ],
)  # fmt: skip
def test_rows(lane: Lane, question: str, labels: set[str]) -> None:
    result = lane.lookup.query(question)
    assert result.status == "found"
    assert {fact.label for fact in result.facts} == labels


@pytest.mark.parametrize(
    "question",
    [
        # Who is asked, and what he approves is no person; what no column holds; two questions, one without an answer.
        "总经理是谁", "生产副总是谁", "城北厂的退休人数", "急诊科的副主任和院长", "石鼓书院的馆长是谁",
        # Neither is a row: nothing to compare.
        "城东厂和城西厂哪个规模大", "城北厂和城东厂哪个规模大",
    ],
)  # fmt: skip
def test_nothing_is_given(lane: Lane, question: str) -> None:
    result = lane.lookup.query(question)
    assert result.status != "found", result
    assert not result.computed


def test_a_unit_in_the_title_is_that_of_the_columns_of_money(lane: Lane) -> None:
    fact = lane.lookup.query("滨河步道改造的合同金额").facts[0]
    assert (fact.value, fact.unit) == ("860.50", "万元")
