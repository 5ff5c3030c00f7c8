"""A second generator of another shape: hospital departments with campus, floor, room and extension, and price lists of parts.

Made after the code that answers, from other words than the branches of banks, to see whether the lane fits more than
the generator it grew up with.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.facts.loading import grid
from benchmarks.facts.questions import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.facts.types import Grid

_TOWNS = (
    "临泽",
    "青浦",
    "安溪",
    "昌乐",
    "龙岩",
    "东明",
    "西峡",
    "南康",
    "北流",
    "宁海",
    "兴城",
    "泰和",
    "丰县",
    "广水",
    "瑞丽",
    "康平",
)
_KINDS = ("人民医院", "中医院", "妇幼保健院", "第二人民医院", "儿童医院")
_CAMPUSES = ("东院区", "西院区", "总院")
_DEPARTMENTS = (
    "心内科", "骨科", "眼科", "儿科", "急诊科", "检验科", "药剂科", "放射科", "口腔科", "皮肤科", "神经内科", "神经外科", "泌尿外科",
    "呼吸内科", "消化内科", "肾内科", "康复科", "麻醉科", "病理科", "输血科", "体检中心", "住院部", "门诊部", "营养科",
)  # fmt: skip
_SURNAMES, _GIVEN = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨",
    ("建国", "晓梅", "志强", "丽华", "文博", "雪", "海涛", "静怡", "宇", "思远"),
)
_PARTS = (
    "Drive belt",
    "Gear pump",
    "Ball valve",
    "Air filter",
    "Pressure gauge",
    "Roller chain",
    "Seal kit",
    "Limit switch",
)
_SUPPLIERS = ("Nordic Belts", "Fluidtech", "Boltworks", "Sensora", "Hydra Parts", "Kessler")


@dataclass(frozen=True, slots=True)
class Ward:
    """One department of one hospital on one campus."""

    hospital: str
    campus: str
    department: str
    floor: str
    room: str
    extension: str
    head: str
    beds: int


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a price list."""

    number: str
    name: str
    supplier: str
    price: str
    stock: int
    lead: int


@dataclass(frozen=True, slots=True)
class Second:
    """The rows, and those that were left out of the files."""

    wards: tuple[Ward, ...]
    absent: tuple[Ward, ...]
    parts: tuple[Part, ...]


def invent_second(seed: int = 3) -> Second:
    """About 5,000 departments of 80 hospitals and 400 parts."""
    dice = random.Random(seed)
    wards = []
    extensions = iter(dice.sample(range(10_000, 99_999), 20_000))
    for town in _TOWNS:
        for kind in _KINDS:
            for campus in _CAMPUSES:
                for department in dice.sample(_DEPARTMENTS, 22):
                    floor, head = dice.randrange(1, 19), dice.choice(_SURNAMES) + dice.choice(_GIVEN)
                    wards.append(
                        Ward(f"{town}{kind}", campus, department, f"{floor}楼", f"{floor:02d}{dice.randrange(1, 60):02d}",
                             f"{next(extensions):06d}", head, dice.randrange(4, 90))
                    )  # fmt: skip
    dice.shuffle(wards)
    parts = [
        Part(f"{dice.randrange(100, 999):05d}-{letter}{n}", f"{_PARTS[n % 8]} {letter}{n}", dice.choice(_SUPPLIERS),
             f"{dice.randrange(100, 999_999) / 100:,.2f}", dice.randrange(0, 900), dice.randrange(1, 60))
        for n, letter in ((n, dice.choice("ABCDEF")) for n in range(400))
    ]  # fmt: skip
    return Second(tuple(wards[200:]), tuple(wards[:200]), tuple(parts))


def second_tables(second: Second) -> list[tuple[str, list[Grid]]]:
    """The two files."""
    wards = [["医院名称", "院区", "科室", "楼层", "房间号", "内线分机", "科主任", "床位数"]]
    wards += [
        [w.hospital, w.campus, w.department, w.floor, w.room, w.extension, w.head, str(w.beds)]
        for w in second.wards
    ]
    parts = [["Part No", "Description", "Supplier", "Price (EUR)", "In stock", "Lead time (days)"]]
    parts += [[p.number, p.name, p.supplier, p.price, str(p.stock), str(p.lead)] for p in second.parts]
    return [("医院科室.xlsx", [grid("科室", wards)]), ("parts.csv", [grid("parts", parts)])]


def second_questions(second: Second, each: int, seed: int = 11) -> list[Asked]:
    """`each` questions of every kind, with their answers."""
    dice = random.Random(seed)
    made: list[Asked] = []
    for maker in (_cells, _reversed, _missing, _counts, _groups, _prices, _suppliers, _bounds, _absent_parts):
        source = maker(dice, second)
        made.extend(next(source) for _ in range(each))
    return made


def _cells(dice: random.Random, second: Second) -> Iterator[Asked]:
    while True:
        w = dice.choice(second.wards)
        form, value = dice.choice(
            (
                ("{}的分机是多少", w.extension),
                ("{}在几楼", w.floor),
                ("请问{}的科主任是谁", w.head),
                ("{}的房间号", w.room),
            )
        )
        yield Asked("departments, value", form.format(f"{w.hospital}{w.campus}{w.department}"), "value", value)


def _reversed(dice: random.Random, second: Second) -> Iterator[Asked]:
    while True:
        w = dice.choice(second.wards)
        form = dice.choice(("分机{}是哪个科室", "{}是哪个科室的分机", "哪个科室的分机是{}"))
        yield Asked("departments, reverse", form.format(w.extension), "value", w.department)


def _missing(dice: random.Random, second: Second) -> Iterator[Asked]:
    held = {(w.hospital, w.campus, w.department) for w in second.wards}
    while True:
        w = dice.choice(second.absent)
        if (w.hospital, w.campus, w.department) not in held:
            yield Asked("departments, absent", f"{w.hospital}{w.campus}{w.department}的分机是多少", "refused")


def _counts(dice: random.Random, second: Second) -> Iterator[Asked]:
    while True:
        w = dice.choice(second.wards)
        rows = [o for o in second.wards if (o.hospital, o.campus) == (w.hospital, w.campus)]
        place = f"{w.hospital}{w.campus}"
        form, value = dice.choice(
            (("{}有多少个科室", str(len(rows))), ("{}一共有多少张床位", f"{sum(o.beds for o in rows):,}"))
        )
        yield Asked("departments, computed", form.format(place), "value", value)


def _groups(dice: random.Random, second: Second) -> Iterator[Asked]:
    while True:
        w = dice.choice(second.wards)
        mine = [o for o in second.wards if o.hospital == w.hospital]
        ((name, count), *rest) = Counter(o.campus for o in mine).most_common()
        if not rest or rest[0][1] < count:
            yield Asked("departments, group", f"{w.hospital}哪个院区的科室最多", "value", f"{name}：{count}")
        beds: Counter[str] = Counter()
        for o in mine:
            beds[o.campus] += o.beds
        ((name, count), *rest) = beds.most_common()
        if rest and rest[0][1] < count:
            yield Asked(
                "departments, group", f"{w.hospital}哪个院区的床位数最多", "value", f"{name}：{count:,}"
            )


def _prices(dice: random.Random, second: Second) -> Iterator[Asked]:
    while True:
        p = dice.choice(second.parts)
        form, value = dice.choice(
            (("What is the price of {}?", p.price), ("how many {} are in stock?", str(p.stock)),
             ("What is the lead time of {}?", str(p.lead)), ("Who supplies {}?", p.supplier))
        )  # fmt: skip
        yield Asked("parts, value", form.format(dice.choice((p.number, p.name))), "value", value)


def _suppliers(dice: random.Random, second: Second) -> Iterator[Asked]:
    while True:
        supplier = dice.choice(_SUPPLIERS)
        count = sum(p.supplier == supplier for p in second.parts)
        yield Asked("parts, count", f"How many parts does {supplier} supply?", "value", str(count))


def _bounds(dice: random.Random, second: Second) -> Iterator[Asked]:
    while True:
        supplier, days = dice.choice(_SUPPLIERS), dice.randrange(5, 50)
        count = sum(p.supplier == supplier and p.lead < days for p in second.parts)
        form = "how many parts from {} have a lead time under {} days?"
        if count:
            yield Asked("parts, condition", form.format(supplier, days), "value", str(count))


def _absent_parts(dice: random.Random, second: Second) -> Iterator[Asked]:
    known = {p.number for p in second.parts}
    while True:
        p = dice.choice(second.parts)
        number = p.number[:-1] + dice.choice("0123456789") + dice.choice("0123456789")
        if number not in known:
            yield Asked("parts, absent", f"What is the price of {number}?", "refused")
