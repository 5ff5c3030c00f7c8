"""What was found must be the kind of thing that is asked for: no code for when, no number for who, no echo."""

from __future__ import annotations

import pytest

from retrieval.facts.plausible import plausible
from retrieval.facts.types import Fact, FactResult


def found(value: str, label: str = "K101", operation: str = "value") -> FactResult:
    return FactResult("found", "", (Fact(value, "d", "班次.xlsx", label=label),), operation=operation)


@pytest.mark.parametrize(
    ("question", "value", "label"),
    [
        ("和丰物业的合同几号到期", "HT-25-009", "和丰物业"),
        ("K101几点到", "K102", "K101"),
        ("K101几点到", "2026-05-01", "K101"),
        ("K101发车时间", "K102", "K101"),
        ("who approves K101", "3200", "K101"),
        ("Which trains use bay 217?", "217", "217"),
        ("Which trains leave between 12:00 and 16:00?", "K107", "K107"),
    ],
)
def test_another_kind_of_thing_is_no_answer(question: str, value: str, label: str) -> None:
    result = plausible(question, found(value, label))
    assert result.status == "not_a_table_question"
    assert not result.facts


@pytest.mark.parametrize(
    ("question", "value", "label"),
    [
        ("和丰物业的合同几号到期", "2026-11-30", "和丰物业"),
        ("K101几点到", "12:25", "K101"),
        ("机场快线的终点", "机场", "机场快线"),
        ("谁负责K101", "祝晴", "K101"),
        ("几号楼有电梯", "3", "3"),
    ],
)
def test_what_fits_stays(question: str, value: str, label: str) -> None:
    result = found(value, label)
    assert plausible(question, result) is result


def test_the_highest_is_no_day() -> None:
    assert plausible("哪家代理费最高", found("2028-05-31", "北线", "max")).status == "not_a_table_question"
    assert plausible("哪家到期最晚", found("2028-05-31", "北线", "max")).status == "found"
    assert plausible("哪家代理费最高", found("7800", "北线", "max")).status == "found"
