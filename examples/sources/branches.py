"""The invented bank branches, with 12-digit codes whose check digit holds."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).with_name("branches.toml")
_AREA_CODES = {
    "苏州市": "0512", "南京市": "025", "北京市": "010", "武汉市": "027", "广州市": "020", "孝感市": "0712",
    "常德市": "0736", "绵阳市": "0816", "上海市": "021", "丽水市": "0578", "成都市": "028", "徐州市": "0516",
    "杭州市": "0571", "南阳市": "0377", "深圳市": "0755", "宣城市": "0563", "上饶市": "0793", "黄冈市": "0713",
}  # fmt: skip
_ROADS = ("栎桥路", "墨衡路", "铅字街", "砚台街", "雕版街", "网屏路", "活版巷", "星箬路", "卷筒路", "沛榆路")
_NAMED_ROADS = (*_ROADS, "栎桥东路", "油墨东路", "青槐大道", "云母巷", "宣纸路", "桐城路", "兴发路")


@dataclass(frozen=True, slots=True)
class Branch:
    """One row of the branch table."""

    name: str
    code: str
    bank: str
    city: str
    province: str
    address: str
    phone: str


def check_digit(first_eleven: str) -> str:
    """Return the twelfth digit of a bank code by ISO 7064, MOD 11,10, over its first eleven digits."""
    product = 10
    for digit in first_eleven:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def branches() -> list[Branch]:
    """Return every branch, in the order of the source, with the same codes on every run."""
    chance = random.Random(20260420)
    # Sequence numbers this high are hardly used, which keeps the invented codes away from real ones.
    sequence = chance.sample(range(8600, 9800), 200)
    found: list[Branch] = []
    for bank in tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["bank"]:
        for province, city, city_code, names in bank["branches"]:
            for branch in names:
                digits = f"{bank['prefix']}{city_code}{sequence[len(found)]:04d}"
                found.append(
                    Branch(
                        name=bank["name"] + branch,
                        code=digits + check_digit(digits),
                        bank=bank["name"],
                        city=city,
                        province=province,
                        address=_address(province, city, branch, chance),
                        phone=f"{_AREA_CODES[city]}-5550{chance.randrange(100, 10000):04d}",
                    )
                )
    return found


def _address(province: str, city: str, branch: str, chance: random.Random) -> str:
    road = next((road for road in _NAMED_ROADS if road in branch), chance.choice(_ROADS))
    start = city if province == city else province + city
    return f"{start}{road}{chance.randrange(1, 400)}号"
