"""The classes of what the failures of two other companies showed, each on tables and sentences of other trades."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.conditions import comparisons
from retrieval.facts.row_lines import is_of_another, lacks_column
from retrieval.facts.sentences import SentenceFacts
from retrieval.facts.subject import subject_of
from retrieval.facts.versions import current
from retrieval.facts.wanted import value_pattern, wanted
from retrieval.types import Chunk, Document, Location, Passage
from tests.retrieval.facts import seventh_company
from tests.retrieval.facts.grids import grid_of
from tests.retrieval.facts.test_industries import lane_with, right
from tests.retrieval.facts.test_third_company import wrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.retrieval.facts.grids import Lane

_REACHED = 22


def test_the_seventh_company(tmp_path: Path) -> None:
    lane = lane_with(tmp_path, seventh_company.TABLES)
    try:
        results = [(k, q, w, lane.lookup.query(q)) for k, q, w in seventh_company.QUESTIONS]
    finally:
        lane.close()
    assert [(q, result) for k, q, w, result in results if wrong(k, w, result)] == []
    assert [q for k, q, w, result in results if k == "n" and not right(k, w, result)] == []
    assert sum(right(k, w, result) for k, _, w, result in results) >= _REACHED


PLANTS = [
    ["水厂", "日供水能力（万吨）", "负责人"],
    *(
        [f"{name}水厂", str(number), "高远"]
        for name, number in zip("东西南北中", (10, 8, 6, 4, 2), strict=True)
    ),
]
RANKS = [["职级", "省会城市", "其他地区"], ["主任", "450", "360"], ["科员", "370", "300"]]


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    tables = {"水厂.csv": grid_of(PLANTS, name="水厂"), "住宿标准.csv": grid_of(RANKS, name="住宿标准")}
    opened = lane_with(tmp_path_factory.mktemp("plants"), tables)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("kind", "question", "wanted"),
    [
        ("c", "五个水厂合计日供水能力多少", "30万吨"),
        ("c", "这五个水厂的日供水能力一共多少万吨", "30万吨"),
        ("n", "七个水厂合计日供水能力多少", ""),
        ("c", "高远名下有几个水厂", "5"),
    ],
)
def test_a_total_over_as_many_as_the_question_says(lane: Lane, kind: str, question: str, wanted: str) -> None:
    result = lane.lookup.query(question)
    assert right(kind, wanted, result), result


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("50到100万之间的", 500_000, 1_000_000),
        ("3千到5千元之间", 3_000, 5_000),
        ("500到1万元之间", 5_000_000, 10_000),
    ],
)
def test_the_scale_of_a_range_is_said_once(text: str, low: float, high: float) -> None:
    (bound,) = comparisons(text)
    # 500到1万: the lower end has its own scale, since it would be the larger one otherwise.
    assert (bound.low, bound.high) == (min(low, 500) if low > high else low, high)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("切纸机的功率是多少", "amount"),
        ("电机的频率要求是多少", "how_often"),
        ("合格率是多少", "percent"),
        ("贷款利率是多少", "percent"),
    ],
)
def test_a_rate_that_is_no_percentage(question: str, kind: str) -> None:
    found = wanted(question)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("Relative humidity must stay below 75 percent.", "75 percent"),
        ("直接损失约236万元，已报保险。", "236万元"),
        ("共发出3.5万份问卷", "3.5万份"),
    ],
)
def test_an_amount_is_cut_out_whole(sentence: str, value: str) -> None:
    assert value in [match[0].strip() for match in value_pattern("amount", "").finditer(sentence)]


def passage(name: str, text: str, *headings: str) -> Passage:
    document = Document(name, f"/x/{name}", name, "h", "x")
    return Passage(Chunk(name, name, 0, text, Location(headings=headings)), document, 1.0)


OLD = passage("借阅规则_2023版.docx", "读者归还后14天内缴清逾期费用，超过者停借。")
NEW = passage("借阅规则_2025版.docx", "读者归还后10天内缴清逾期费用，超过者停借。")


def test_what_a_newer_version_replaced_does_not_answer() -> None:
    result = SentenceFacts().find("还书以后几天之内要交逾期费？", [OLD, NEW])
    assert [fact.document for fact in result.facts if "14" in fact.value] == []
    assert current("2023版怎么说", [OLD, NEW], lambda each: each.document) == [OLD, NEW]
    assert current("几天内缴清", [OLD, NEW], lambda each: each.document) == [NEW]


def test_whose_number_it_is_must_be_said() -> None:
    desk = passage("服务台.txt", "信息中心服务台电话：内线 8008，工作日8:00-20:00。", "服务台须知")
    assert SentenceFacts().find("失物招领热线电话", [desk]).facts == ()
    assert [fact.value for fact in SentenceFacts().find("服务台电话是多少", [desk]).facts] == ["内线 8008"]


STAFF = passage("通讯录.xlsx", "姓名: 吕行；岗位: 乐务；分机号: 8209；邮箱: lv@hall.example；办公地点: 南楼")
PIANOS = passage(
    "琴.xlsx", "型号 Model: YT155；厂家 Maker: 鸣川；音板直径 Board diameter（cm）: 155；琴高 Height（cm）: 110"
)
PIECES = passage("曲目.xlsx", "曲目: 机械之歌；指挥: 林深；时长（分钟）: 12")


@pytest.mark.parametrize(
    ("question", "passages"),
    [
        ("吕行的手机号是多少？", [STAFF]),
        ("吕行的传真是多少", [STAFF]),
        ("What is the board weight of the YT155?", [PIANOS]),
        ("YT155的音板转速是多少", [PIANOS]),
    ],
)
def test_a_cell_of_another_column_is_no_answer(question: str, passages: list[Passage]) -> None:
    assert SentenceFacts().find(question, passages).facts == ()
    assert lacks_column(question, passages[0].chunk.text, passages[0])


LEAVE = passage("排练假.xlsx", "假别: 丧假（直系亲属）；天数: 3天；工资: 全薪")


@pytest.mark.parametrize("question", ["乐务的丧假有多少天？", "入团8年的乐手丧假是多少天", "丧假的天数是多少"])
def test_what_is_asked_for_may_be_the_rows_name(question: str) -> None:
    assert not lacks_column(question, LEAVE.chunk.text, LEAVE)


SERVICES = [["项目", "计价单位", "单价（元）"], ["TBE驻场调律", "天", "900"], ["古筝保养", "次", "200"]]


@pytest.mark.parametrize(
    "question", ["TBE驻场调律一天收多少钱？", "TBE驻场调律收多少钱", "TBE驻场调律怎么收费"]
)
def test_collecting_how_much_money_asks_for_the_price(tmp_path: Path, question: str) -> None:
    lane = lane_with(tmp_path, {"服务.xlsx": grid_of(SERVICES, name="服务")})
    try:
        assert [fact.value for fact in lane.lookup.query(question).facts] == ["900"]
    finally:
        lane.close()


@pytest.mark.parametrize(
    ("question", "another"),
    [
        ("机械之歌的时长是多少", False),
        ("机械之歌未尽的时长是多少", True),
        ("机械之歌2的时长是多少", True),
        ("电气之歌的时长是多少", True),
    ],
)
def test_a_row_is_quoted_only_under_its_name(question: str, another: bool) -> None:
    assert is_of_another(question, subject_of(question), PIECES.chunk.text, PIECES) is another


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("who approves an order of £1,200?", "the manager"),
        ("who approves an order of £300?", "the team lead"),
        ("Who approves an order of £9,000?", "the director"),
    ],
)
def test_a_step_in_pounds(question: str, value: str) -> None:
    text = "Orders up to £500 are approved by the team lead; over £500 to £5,000 by the manager; over £5,000 by the director."
    result = SentenceFacts().find(question, [passage("orders.md", text, "Orders")])
    assert {fact.value for fact in result.facts} <= {value, value.removeprefix("the ")}
