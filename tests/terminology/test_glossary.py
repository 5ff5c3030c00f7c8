"""Look-up by any of a sense's surfaces."""

from __future__ import annotations

from datetime import date

import pytest

from terminology.glossary import Glossary, names_in
from terminology.types import Sense


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("AM", ["客户经理", "调幅"]),
        ("am", ["客户经理", "调幅"]),
        ("Account Manager", ["客户经理"]),
        ("account manager？", ["客户经理"]),
        ("客户经理", ["客户经理"]),
        ("客戶經理", ["客户经理"]),
        ("Act", ["实际的"]),
        ("全印展", ["中国国际印刷技术及设备器械展（全印展）"]),
        ("CT", ["计算机断层扫描"]),
        ("ct", ["循环阈值", "计算机断层扫描"]),
        ("Acount Manager", ["客户经理"]),
        ("客户经里", ["客户经理"]),
        ("仓管系统", ["仓储管理系统"]),
        ("AMX", []),
        ("", []),
        ("不存在的词", []),
    ],
)
def test_lookup(senses: list[Sense], text: str, chinese: list[str]) -> None:
    assert [each.chinese for each in Glossary(senses).lookup(text)] == chinese


def test_aliases_are_found_after_abbreviations() -> None:
    glossary = Glossary(
        [Sense("KAM", "Key Account Manager", "大客户经理", aliases=("AM",)), Sense("AM", "", "客户经理")]
    )
    assert [each.term for each in glossary.lookup("AM")] == ["AM"]
    assert [each.term for each in glossary.senses("am")] == ["AM", "KAM"]


def test_listing_by_prefix(senses: list[Sense]) -> None:
    assert [each.term for each in Glossary(senses).starting_with("a")] == ["AAP", "Act.", "AIP", "AM", "AM"]
    assert Glossary(senses).starting_with("") == ()


def test_senses_out_of_force_are_left_out() -> None:
    old = Sense("AM", "", "客户专员", valid_to="2025-12-31")
    new = Sense("AM", "", "客户经理", valid_from="2026-01-01")
    assert [each.chinese for each in Glossary([old, new], on=date(2026, 1, 1)).lookup("AM")] == ["客户经理"]
    assert [each.chinese for each in Glossary([old, new], on=date(2025, 12, 31)).lookup("AM")] == ["客户专员"]


def test_names_in_a_cell() -> None:
    assert names_in("展览会（全印展）；展会") == (
        "展览会（全印展）；展会",
        "展览会（全印展）",
        "展览会",
        "全印展",
        "展会",
    )
    assert names_in("") == ()
