"""Makes questions about the invented branches, each with what a right answer is."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from retrieval.facts.identifiers import mod_11_10

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.facts.branches import Branch, World

Expected = Literal["value", "asked_back", "refused"]

_TEMPLATES = (
    "{}的联行号是多少？", "{}联行号", "请问{}的行号是什么", "帮我查一下{}的联行号", "{}的银行代码", "{}的支付行号是多少啊", "{}",
    "What is the bank code of {}?", "联行号：{}", "查询{}联行号，谢谢",
)  # fmt: skip
_NO_UNIT = frozenset({"支行"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its kind, and the answer: `value` (verbatim), `asked_back` (several rows fit), or `refused`."""

    kind: str
    question: str
    expected: Expected
    value: str = ""
    name: str = ""


def questions(world: World, each: int, seed: int = 7) -> list[Asked]:
    """`each` questions of every kind."""
    dice = random.Random(seed)
    makers: dict[str, Callable[[random.Random, World], Iterator[Asked]]] = {
        "full name": _full, "shortened": _shortened, "reordered": _reordered, "missing part": _missing,
        "typo": _typos, "reverse": _reverse, "absent, full": _absent_full, "absent, shortened": _absent_short,
        "absent, neighbour": _neighbours, "wrong check digit": _wrong_codes, "unknown code": _unknown_codes,
        "other column": _columns, "count": _counts, "yes or no": _checks, "too general": _general,
    }  # fmt: skip
    made: list[Asked] = []
    for maker in makers.values():
        source = maker(dice, world)
        made.extend(next(source) for _ in range(each))
    return made


def _phrased(dice: random.Random, name: str) -> str:
    return dice.choice(_TEMPLATES).format(name)


def _full(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        b = dice.choice(world.rows)
        yield Asked("full name", _phrased(dice, b.name), "value", b.code, b.name)


def _short_form(dice: random.Random, b: Branch) -> str:
    """A usual short form: the bank contracted, the legal form dropped, the city kept."""
    place = b.place + ("" if b.unit in _NO_UNIT and dice.random() < 0.15 else b.unit)
    if b.rural:
        head = dice.choice(
            (
                f"{b.city}农商行",
                f"{b.city}农商银行",
                f"{b.city}农村商业银行",
                f"{b.province[:-1]}{b.city}农商行",
            )
        )
        return head + place
    head = dice.choice((b.short, b.bank, b.bank.removeprefix("中国") if b.bank != "中国银行" else b.bank))
    city = dice.choice(
        (b.city, b.city, b.city + b.mark, b.province[:-1] + b.city, b.province + b.city + b.mark)
    )
    return f"{head}{city}{b.district}{place}"


def _key(b: Branch) -> tuple[str, str, str, str]:
    return (b.bank, b.city, b.district + b.place, b.unit)


def _shortened(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        b = dice.choice(world.rows)
        short = _short_form(dice, b)
        if not short.endswith(b.unit) and sum(_key(o)[:3] == _key(b)[:3] for o in _same_city(world, b)) > 1:
            continue
        yield Asked("shortened", _phrased(dice, short), "value", b.code, b.name)


_BY_CITY: dict[int, dict[str, list[Branch]]] = {}


def _same_city(world: World, b: Branch) -> list[Branch]:
    index = _BY_CITY.get(id(world))
    if index is None:
        index = _BY_CITY[id(world)] = {}
        for row in world.rows:
            index.setdefault(row.city, []).append(row)
    return index[b.city]


def _reordered(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        b = dice.choice(world.rows)
        place = f"{b.district}{b.place}{b.unit}"
        if b.rural:
            name = dice.choice((f"{place}，{b.city}农商行", f"{place}（{b.city}农商行）"))
        else:
            name = dice.choice(
                (f"{b.city}{place}的{b.short}", f"{b.city}{b.short}{place}", f"{b.city}{place}{b.short}")
            )
        yield Asked("reordered", f"{name}的联行号", "value", b.code, b.name)


def _missing(dice: random.Random, world: World) -> Iterator[Asked]:
    """The city is left out: one answer where the rest is unique, else several fit."""
    counts = Counter((b.bank if not b.rural else "农商行", b.district + b.place, b.unit) for b in world.rows)
    while True:
        b = dice.choice(world.rows)
        if b.rural or b.district:
            continue
        unique = counts[b.bank, b.place, b.unit] == 1
        yield Asked(
            "missing part", f"{b.short}{b.place}{b.unit}的联行号是多少", "value" if unique else "asked_back",
            b.code if unique else "", b.name,
        )  # fmt: skip


def _typos(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        b = dice.choice(world.rows)
        short = _short_form(dice, b)
        at = dice.randrange(len(short))
        wrong = dice.choice("镇林伟波涛明亮强军杰")
        how = dice.randrange(3)
        slip = (
            short[:at] + wrong + short[at + 1 :] if how == 0
            else short[:at] + short[at + 1 :] if how == 1
            else short[:at] + short[at] + short[at:]
        )  # fmt: skip
        if slip == short:
            continue
        yield Asked("typo", f"{slip}的联行号", "value", b.code, b.name)


def _reverse(dice: random.Random, world: World) -> Iterator[Asked]:
    forms: tuple[Callable[[str], str], ...] = (
        lambda c: c, lambda c: f"{c[:4]} {c[4:8]} {c[8:]}", lambda c: f"{c[:3]}-{c[3:7]}-{c[7:]}",
        lambda c: "".join(chr(ord(d) + 0xFEE0) for d in c), lambda c: f"{c}是哪家支行", lambda c: f"行号{c}对应哪个网点？",
        lambda c: f"哪个支行的联行号是{c}", lambda c: f"which branch has code {c}?",
    )  # fmt: skip
    while True:
        b = dice.choice(world.rows)
        yield Asked("reverse", dice.choice(forms)(b.code), "value", b.name, b.name)


def _absent_full(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        b = dice.choice(world.absent)
        yield Asked("absent, full", _phrased(dice, b.name), "refused", name=b.name)


def _absent_short(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        b = dice.choice(world.absent)
        own = f"{b.short}{b.city}{b.place}{b.unit}"
        short = _short_form(dice, b) if b.rural or b.district else own
        if not short.endswith(b.unit) or any(_key(o) == _key(b) for o in _same_city(world, b)):
            continue
        yield Asked("absent, shortened", _phrased(dice, short), "refused", name=b.name)


def _neighbours(dice: random.Random, world: World) -> Iterator[Asked]:
    """A branch of another bank, or in another city, that is not there though its neighbour is."""
    names = {_key(b) for b in world.rows}
    while True:
        b, other = dice.choice(world.rows), dice.choice(world.rows)
        if other.rural or b.rural:
            continue
        bank, city = (other.bank, b.city) if dice.random() < 0.5 else (b.bank, other.city)
        if (bank, city, b.place, b.unit) in names or (b.bank == bank and b.city == city) or b.district:
            continue
        short = other.short if bank == other.bank and bank != b.bank else b.short
        yield Asked("absent, neighbour", f"{short}{city}{b.place}{b.unit}的联行号", "refused")


def _wrong_codes(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        code = dice.choice(world.rows).code
        wrong = code[:-1] + str((int(code[-1]) + dice.randrange(1, 10)) % 10)
        yield Asked(
            "wrong check digit", dice.choice((wrong, f"{wrong}是哪家银行", f"联行号{wrong}")), "refused"
        )


def _unknown_codes(dice: random.Random, world: World) -> Iterator[Asked]:
    known = {b.code for b in world.rows}
    while True:
        digits = dice.choice(world.rows).code[:7] + f"{dice.randrange(5000, 9999)}"
        code = f"{digits}{mod_11_10(digits)}"
        if code not in known:
            yield Asked("unknown code", dice.choice((code, f"{code}是哪个网点")), "refused")


def _columns(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        b = dice.choice(world.rows)
        form, value = dice.choice((
            ("{}在哪个城市", b.city + b.mark), ("{}属于哪个省", b.province), ("which city is {} in?", b.city + b.mark),
            ("{}的省份", b.province),
        ))  # fmt: skip
        yield Asked("other column", form.format(b.name), "value", value, b.name)


def _counts(dice: random.Random, world: World) -> Iterator[Asked]:
    cities = Counter(b.city for b in world.rows)
    pairs = Counter((b.city, b.bank_name) for b in world.rows)
    marks = {b.city: b.mark for b in world.rows}
    while True:
        b = dice.choice(world.rows)
        if dice.random() < 0.5:
            yield Asked("count", f"{b.city}{marks[b.city]}一共有多少家网点", "value", str(cities[b.city]))
        else:
            yield Asked(
                "count",
                f"{b.city}{marks[b.city]}有多少家{b.bank_name}的网点",
                "value",
                str(pairs[b.city, b.bank_name]),
            )


def _checks(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        b, other = dice.choice(world.rows), dice.choice(world.rows)
        right = dice.random() < 0.5
        code = b.code if right else other.code
        if right == (b.code == code):
            yield Asked("yes or no", f"{b.name}的联行号是{code}吗？", "value", "是" if right else "否", b.name)


def _general(dice: random.Random, world: World) -> Iterator[Asked]:
    while True:
        b = dice.choice(world.rows)
        name = dice.choice((b.short, b.bank))
        yield Asked("too general", f"{name}的联行号是多少", "asked_back")
