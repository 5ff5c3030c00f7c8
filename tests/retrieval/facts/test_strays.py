"""A row that only resembles the one asked about answers nothing, in a table or in its passages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.sentences import SentenceFacts
from retrieval.facts.strays import names_another, told_of_another
from retrieval.facts.subject import subject_of
from retrieval.types import Chunk, Document, Location, Passage
from tests.retrieval.facts.grids import Lane, grid_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BRANCHES = [
    ["网点名称", "联行号", "地址", "电话", "网点负责人"],
    ["清水支行", "313462000014", "云溪市清水路8号", "0411-6600101", "邵文"],
    ["青山支行", "313462000022", "云溪市青山路20号", "0411-6600102", "方晓"],
    ["北河支行", "313462000039", "云溪市北河街3号", "0411-6600103", "宋淼"],
    ["东塘支行", "313462000047", "云溪市东塘大道66号", "0411-6600104", "郁佳"],
]
HOLIDAYS = [
    ["节日", "放假天数", "起始日期", "调休"],
    ["元旦", "1", "2026-01-01", "无"],
    ["国庆节", "7", "2026-10-01", "10月10日上班"],
    ["中秋节", "3", "2026-09-25", "无"],
]
SUPPLIERS = [
    ["供应商", "联系人", "电话", "品类", "账期（天）", "城市"],
    ["绿源果蔬", "邢洁", "13600001111", "蔬菜", "15", "扬州"],
    ["海丰水产", "丁卯", "13600002222", "水产", "7", "连云港"],
    ["丰海粮油", "寇准", "13600003333", "粮油", "30", "泰州"],
]
PLANT = [
    ["Asset ID", "Equipment", "Room", "Supplier"],
    ["DX-0041", "Dental chair A", "2", "Kavorin"],
    ["DX-0042", "Dental chair B", "3", "Kavorin"],
    ["DX-0050", "Autoclave", "5", "Sterimax"],
]
TABLES = {"网点.xlsx": BRANCHES, "假期.xlsx": HOLIDAYS, "供应商.xlsx": SUPPLIERS, "plant.csv": PLANT}


def passages(tables: dict[str, list[list[str]]]) -> list[Passage]:
    """The rows as ingestion shows them, a passage for each table."""
    made = []
    for name, (header, *rows) in tables.items():
        lines = [
            " | ".join(header),
            *("；".join(f"{h}: {v}" for h, v in zip(header, row, strict=True)) for row in rows),
        ]
        document = Document(name, f"/x/{name}", name, "h", "x")
        made.append(Passage(Chunk(name, name, 0, "\n".join(lines), Location()), document, 1.0))
    return made


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = Lane(tmp_path_factory.mktemp("neighbours"))
    for name, rows in TABLES.items():
        opened.put(name, grid_of(rows))
    yield opened
    opened.close()


NEIGHBOURS = [
    "青水支行的联行号是多少", "清山支行的电话", "北塘支行在哪里", "东河支行的网点负责人是谁", "大清水支行的联行号", "清水山支行的电话", "水支行的联行号",
    "红国庆节放几天假", "中秋石放假天数", "兴中秋节放几天", "国庆门放几天", "小元旦放假天数",
    "海丰粮油的电话", "丰海水产的账期", "绿源果的电话", "大海丰水产联系人是谁", "海丰海水产账期几天", "新绿源果蔬的联系人", "丰海粮小联系人是谁",
    "supplier of dental chair C", "which room is the portable dental chair in",
]  # fmt: skip


@pytest.mark.parametrize("question", NEIGHBOURS)
def test_a_neighbour_answers_neither_in_its_table_nor_in_its_passage(lane: Lane, question: str) -> None:
    table = lane.lookup.query(question)
    sentence = SentenceFacts().find(question, passages(TABLES))
    assert table.status != "found", table
    assert sentence.status != "found", sentence


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("清水支行的联行号是多少", "313462000014"),
        ("请问去清水支行的电话", "0411-6600101"),
        ("国庆放几天假", "7"),
        ("国庆节放几天", "7"),
        ("今年元旦放假天数", "1"),
        ("海丰水产账期几天", "7"),
        ("我们公司绿源果蔬的联系人是谁", "邢洁"),
        ("Which room is the autoclave in?", "5"),
        ("supplier of dental chair B", "Kavorin"),
    ],
)
def test_the_thing_itself_is_answered(lane: Lane, question: str, value: str) -> None:
    found = [lane.lookup.query(question), SentenceFacts().find(question, passages(TABLES))]
    answered = [result for result in found if result.status == "found"]
    assert [fact.value for fact in answered[0].facts] == [value]


def another(question: str, cells: Sequence[str], headers: Sequence[str] = ("名称", "电话")) -> bool:
    return names_another(question, subject_of(question), cells, headers, "")


def test_what_touches_a_name_makes_another_of_it() -> None:
    assert another("青水支行的电话", ["清水支行"])
    assert not another("清水支行的电话", ["清水支行"])
    assert another("清水支行东的电话", ["清水支行"])
    # Words of asking and doing do not, nor what stands elsewhere in the question.
    assert not another("去清水支行要带的电话", ["清水支行"])
    assert another("清水的电话", ["清水支行"])


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("第一类药品处方保存几年", "第二类药品处方保存2年。", True),
        ("第二类药品处方保存几年", "第二类药品处方保存2年。", False),
        ("at what speed do the harbour cranes stop", "ship-to-shore cranes stop at 20 m/s.", True),
        ("at what speed do the cranes stop", "ship-to-shore cranes stop at 20 m/s.", False),
    ],
)
def test_a_sentence_on_another_thing_of_its_kind(question: str, sentence: str, expected: bool) -> None:
    assert told_of_another(question, subject_of(question), sentence, "") is expected
