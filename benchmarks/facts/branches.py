"""Invents bank branches in the form of the real table: names, codes that pass the check digit, cities, provinces."""

from __future__ import annotations

import random
from dataclasses import dataclass

from retrieval.facts.identifiers import mod_11_10

PROVINCES = [
    "河北省",
    "山西省",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "海南省",
    "四川省",
    "贵州省",
    "云南省",
    "陕西省",
    "甘肃省",
    "青海省",
]
# Bank, short form, first digits of its codes.
NATIONAL = (
    ("中国工商银行", "工行", "102"), ("中国农业银行", "农行", "103"), ("中国银行", "中行", "104"), ("中国建设银行", "建行", "105"),
    ("交通银行", "交行", "301"), ("中信银行", "中信银行", "302"), ("中国光大银行", "光大银行", "303"), ("华夏银行", "华夏银行", "304"),
    ("中国民生银行", "民生银行", "305"), ("广发银行", "广发银行", "306"), ("平安银行", "平安银行", "307"), ("招商银行", "招行", "308"),
    ("兴业银行", "兴业银行", "309"), ("中国邮政储蓄银行", "邮储银行", "403"), ("恒丰银行", "恒丰银行", "315"), ("浙商银行", "浙商银行", "316"),
    ("渤海银行", "渤海银行", "318"), ("徽商银行", "徽商银行", "319"), ("中国农业发展银行", "农发行", "203"),
)  # fmt: skip
_INVENTED_BANKS = ("瑞禾", "金澜", "汇泽", "海屿", "云岭", "长阜", "东渚", "泰和源", "锦江汇", "北辰")
_FIRST = "安宁平永兴和丰隆昌泰康顺福吉嘉瑞清临新东西南北通定保怀武文广德江河海湖山阳阴云龙凤石金银铜铁松柏桐梅兰菊竹荷莲樟桂榆柳枫杏桃李梨"
_SECOND = "州城阳江山水川源泉溪河湖海陵丘原野田庄镇口关门港湾岛桥塘池潭安宁平昌盛隆和丰乐康顺远化义德仁信礼智宾宜春夏秋冬"
_STREETS = [
    "人民",
    "解放",
    "建设",
    "中山",
    "新华",
    "文化",
    "和平",
    "胜利",
    "光明",
    "友谊",
    "团结",
    "幸福",
    "青年",
    "劳动",
    "工农",
    "朝阳",
    "迎宾",
    "长江",
    "黄河",
    "泰山",
    "振兴",
    "兴发",
    "兴隆",
    "兴业",
    "富民",
    "惠民",
    "利民",
    "广场",
    "车站",
    "学府",
    "滨江",
    "滨河",
    "环城",
    "花园",
    "体育",
    "科技",
    "工业",
    "商业",
    "民主",
    "健康",
    "东风",
    "红旗",
    "前进",
    "向阳",
    "西单",
    "大同",
    "百花",
    "凤凰",
    "麒麟",
    "鼓楼",
    "钟楼",
    "文昌",
    "状元",
    "状元坊",
    "状元桥",
    "石桥",
    "板桥",
    "虹桥",
    "长虹",
    "彩虹",
    "翠竹",
    "翠微",
    "紫薇",
    "紫荆",
    "丁香",
    "梧桐",
    "银杏",
]
_ROADS = ("路", "街", "大街", "大道", "东路", "西路", "南路", "北路", "中路", "巷", "")
_AREAS = [
    "城东",
    "城西",
    "城南",
    "城北",
    "城关",
    "城中",
    "新区",
    "老城",
    "新城",
    "新城关",
    "开发区",
    "高新区",
    "工业园",
    "科技园",
    "经济开发区",
    "大学城",
    "火车站",
    "汽车站",
    "南门",
    "北门",
    "东门",
    "西门",
    "河东",
    "河西",
    "江北",
    "江南",
    "东湖",
    "西湖",
    "南湖",
    "北湖",
    "第一",
    "第二",
    "第三",
]
_UNITS = ("支行", "支行", "支行", "支行", "支行", "支行", "分理处", "营业部", "储蓄所")


@dataclass(frozen=True, slots=True)
class Branch:
    """One invented branch; `bank` without its legal form, `short` its short form, `city` without 市 or 县."""

    province: str
    city: str
    mark: str
    bank: str
    short: str
    rural: bool
    district: str
    place: str
    unit: str
    code: str = ""

    @property
    def name(self) -> str:
        """The full name as in the table."""
        if self.rural:
            return f"{self.province[:-1]}{self.city}农村商业银行股份有限公司{self.place}{self.unit}"
        return f"{self.bank}股份有限公司{self.city}{self.district}{self.place}{self.unit}"

    @property
    def bank_name(self) -> str:
        """The name in the column of banks."""
        return "农村商业银行" if self.rural else self.bank


@dataclass(frozen=True, slots=True)
class World:
    """The rows of the table and the branches that were left out of it, for questions about absent ones."""

    rows: tuple[Branch, ...]
    absent: tuple[Branch, ...]


def invent(count: int, seed: int = 20261122) -> World:
    """`count` branches in 2,000 cities of 29 national and city banks and rural banks named after their county."""
    dice = random.Random(seed)
    cities = _cities(dice, 2_000)
    banks = [*NATIONAL, *((f"{name}银行", f"{name}银行", "313") for name in _INVENTED_BANKS)]
    wanted = count + max(400, count // 100)
    seen: set[str] = set()
    serials: dict[str, int] = {}
    made: list[Branch] = []
    while len(made) < wanted:
        branch = _branch(dice, cities, banks)
        if branch.name in seen:
            continue
        seen.add(branch.name)
        made.append(_with_code(branch, serials, cities))
    dice.shuffle(made)
    return World(tuple(made[:count]), tuple(made[count:]))


def _cities(dice: random.Random, count: int) -> list[tuple[str, str, str, str]]:
    names: dict[str, None] = {}
    while len(names) < count:
        name = dice.choice(_FIRST) + dice.choice(_SECOND)
        if dice.random() < 0.06:
            name += dice.choice(_SECOND)
        names[name] = None
    return [
        (dice.choice(PROVINCES), name, "市" if dice.random() < 0.4 else "县", f"{1000 + number:04d}")
        for number, name in enumerate(names, 5_000)
    ]


def _branch(
    dice: random.Random, cities: list[tuple[str, str, str, str]], banks: list[tuple[str, str, str]]
) -> Branch:
    province, city, mark, _ = dice.choice(cities)
    place = dice.choice(_AREAS) if dice.random() < 0.3 else dice.choice(_STREETS) + dice.choice(_ROADS)
    if dice.random() < 0.3:
        place = dice.choice(_FIRST) + dice.choice(_SECOND) + dice.choice(("", "", "路", "街", "镇"))
    unit = dice.choice(_UNITS)
    if dice.random() < 0.35:
        return Branch(province, city, mark, f"{city}农村商业银行", f"{city}农商行", True, "", place, unit)
    bank, short, _ = dice.choice(banks)
    district = dice.choice(_FIRST) + dice.choice(_SECOND) if dice.random() < 0.1 else ""
    return Branch(province, city, mark, bank, short, False, district, place, unit)


def _with_code(branch: Branch, serials: dict[str, int], cities: list[tuple[str, str, str, str]]) -> Branch:
    city = next_code(branch.city, cities)
    prefix = "402" if branch.rural else next((n[2] for n in NATIONAL if n[0] == branch.bank), "313")
    stem = prefix + city
    serials[stem] = serials.get(stem, 0) + 1
    digits = f"{stem}{serials[stem]:04d}"
    return Branch(
        branch.province, branch.city, branch.mark, branch.bank, branch.short, branch.rural, branch.district,
        branch.place, branch.unit, f"{digits}{mod_11_10(digits)}",
    )  # fmt: skip


_CODES: dict[str, str] = {}


def next_code(city: str, cities: list[tuple[str, str, str, str]]) -> str:
    """The four digits of a city."""
    if not _CODES or city not in _CODES:
        _CODES.clear()
        _CODES.update({name: code for _, name, _, code in cities})
    return _CODES[city]


def table(world: World) -> list[list[str]]:
    """The rows of the table with its header, in the real table's form."""
    header = ["LName", "BankCode", "BankName", "BankId", "CityCode", "CityName", "ProvinceName", "ProvinceCode"]
    return [header] + [
        [b.name, b.code, b.bank_name, f"{b.code[:3]}100000009", b.code[3:7], b.city + b.mark, b.province, "00"]
        for b in world.rows
    ]
