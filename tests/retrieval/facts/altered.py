"""Invented tables of several domains, questions on them, and what makes another name of a row's name."""

from __future__ import annotations

import re

TABLES: dict[str, list[list[str]]] = {
    "films.csv": [
        ["Film", "Director", "Year", "Runtime (min)", "Rating"],
        ["Harbour Lights 2", "Ida Brandt", "2019", "112", "PG"], ["The Glass Orchard", "Tomas Reyes", "2015", "98", "U"],
        ["Iron Tide", "Jun Okada", "2021", "131", "15"], ["Silent Ferry", "Mara Quist", "2008", "87", "12"],
        ["Northern Wake", "Piet Solberg", "2012", "119", "PG"],
    ],
    "grocery.csv": [
        ["Product", "Price (£)", "Stock", "Supplier", "Shelf life"],
        ["Chicken Breast", "6.40", "120", "Fern Valley", "5 days"], ["Salmon Fillet", "9.10", "64", "Kell Fisheries", "3 days"],
        ["Ready Salad 3", "2.75", "200", "Greenbox", "4 days"], ["Smoked Mackerel", "4.85", "40", "Kell Fisheries", "12 days"],
    ],
    "线路.xlsx": [
        ["线路名称", "起点", "终点", "票价（元）", "首班车", "负责人"],
        ["旅游专线2", "东门码头", "云顶山", "12", "07:10", "桂朗"], ["机场快线", "火车站", "机场", "25", "05:30", "祝晴"],
        ["夜班8路", "大学城", "北滨路", "3", "22:40", "常柏"], ["环湖观光线", "湖心广场", "湖心广场", "10", "08:00", "桂朗"],
    ],
    "书目.xlsx": [
        ["书名", "作者", "定价（元）", "出版社", "库存"],
        ["译游未尽", "韦桑", "58", "砚台书局", "33"], ["山城旧事", "费澜", "42", "砚台书局", "12"],
        ["高等数学A", "邬正", "66", "启明大学出版社", "210"], ["高等数学C", "邬正", "61", "启明大学出版社", "95"],
    ],
    "门店.xlsx": [
        ["门店名称", "店长", "电话", "地址", "面积（㎡）"],
        ["沁园路店", "辛酉", "021-55510001", "沁园路18号", "120"], ["江湾城店", "霍蓝", "021-55510002", "江湾城二期3栋", "85"],
        ["云锦天街店", "狄秋", "021-55510003", "云锦天街B1", "60"], ["金桥二店", "邴原", "021-55510004", "金桥路501号", "98"],
    ],
    "设备.xlsx": [
        ["设备名称", "型号", "采购价（元）", "存放地点", "保养周期"],
        ["立式加工中心", "VMC-850", "386000", "一号厂房", "3个月"], ["数控车床", "CK6140", "128000", "一号厂房", "2个月"],
        ["Kestrel 打标机", "KM-20", "43000", "包装间", "6个月"], ["激光切割机", "LC-3015", "720000", "二号厂房", "3个月"],
    ],
    "staff.csv": [
        ["Name", "Department", "Extension", "Start date"],
        ["Marcus Elwood", "Procurement", "4411", "2019-04-01"], ["Priya Nandakumar", "Quality", "4415", "2021-09-13"],
        ["Yusuf Adeyemi", "Logistics", "4432", "2017-06-05"],
    ],
    "课程.xlsx": [
        ["课程", "任课教师", "学分", "教室", "上课时间"],
        ["流体力学", "蓝溪", "3", "逸夫楼302", "周二3-4节"], ["西方美术史", "贺兰", "2", "艺术楼A105", "周四7-8节"],
        ["Python程序设计", "申屠明", "4", "机房6", "周一1-2节"], ["书法入门", "练霓", "1", "艺术楼B201", "周五5-6节"],
    ],
}  # fmt: skip
QUESTIONS: dict[str, tuple[str, ...]] = {
    "films.csv": ("Who directed {}?", "{} director", "What is the runtime of {}?", "rating of {}"),
    "grocery.csv": ("How much is {}?", "price of {}", "{} stock", "Who supplies the {}?", "what is the shelf life of the {}"),
    "线路.xlsx": ("{}票价多少", "{}的首班车几点", "请问{}的负责人是谁", "{}的终点"),
    "书目.xlsx": ("{}的作者是谁", "{}定价多少", "{}还有多少库存"),
    "门店.xlsx": ("{}的电话", "{}店长是谁", "请问{}在哪里", "{}面积多大"),
    "设备.xlsx": ("{}的采购价", "{}放在哪", "{}多久保养一次", "{}的型号是什么"),
    "staff.csv": ("What is {}'s extension?", "which department is {} in", "{} start date"),
    "课程.xlsx": ("{}几个学分", "{}的任课教师", "{}在哪个教室", "{}什么时候上课"),
}  # fmt: skip

_BEFORE_EN = ("East", "New", "Royal", "Upper", "Zulu", "Blue", "Little", "Grand", "Second")
_AFTER_EN = ("B", "4", "II", "Plus", "North", "Mini", "Returns", "Junior")
_OTHER_EN = ("Amber", "Turkey", "Delta", "Lamb", "Stone", "Paris")
_BEFORE_ZH = ("东", "西", "新", "老", "大", "小", "石", "海棠", "Nova ", "北辰")
_AFTER_ZH = ("B", "7", "二号", " Pro", "分线", "下册", "乙", "东")
_OTHER_ZH = tuple("东西南北新老大小云石木甲乙枫岚汐朔")


def altered(name: str, how: str, at: int, pick: int) -> str:
    """The name with something put before, behind or into it, or replaced; without or with another number."""
    chinese = re.search("[一-鿿]", name) is not None
    parts = list(name) if chinese else name.split()
    glue, other = ("", _OTHER_ZH) if chinese else (" ", _OTHER_EN)
    at %= len(parts)
    if how == "before":
        parts.insert(0, _of(_BEFORE_ZH if chinese else _BEFORE_EN, pick))
    elif how == "behind":
        parts.append(_of(_AFTER_ZH if chinese else _AFTER_EN, pick))
    elif how == "inside":
        parts.insert(max(at, 1), _of(other, pick))
    elif how == "replaced":
        parts[at] = _of(other, pick)
    elif how == "renumbered":
        return re.sub(r"\d+", lambda match: str(int(match[0]) + 1 + pick % 10), name)
    else:
        return re.sub(r"\s*(?:\d{1,2}|[A-C])$", "", name)
    return glue.join(parts)


def _of(words: tuple[str, ...], pick: int) -> str:
    return words[pick % len(words)]
