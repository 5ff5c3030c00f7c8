"""Values are worded with their units and in the language of the question; an empty cell is said to be empty."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.facts.types import Candidate, Fact, FactResult
from router.fact import answer_fact, guarded
from router.types import Status
from router.wording import shown_value, worded_in

TERMS = Fact(
    "21",
    "d1",
    "customers.csv",
    "customers",
    "t1",
    2,
    "Payment terms",
    cell="C2",
    label="Amber Forge",
    unit="days",
)
BUDGET = Fact("6558", "d2", "项目.xlsx", "项目", "t2", 3, "预算", cell="D3", label="雪山", unit="万元")


def test_the_unit_stands_beside_the_value() -> None:
    english = answer_fact(FactResult("found", "", (TERMS,), total=1), "payment terms of Amber Forge", "en")
    assert english.text == "Payment terms of Amber Forge: 21 (days)"
    chinese = answer_fact(FactResult("found", "", (BUDGET,), total=1), "雪山预算多少", "zh")
    assert chinese.text == "雪山的预算是 6558（万元）。"


@pytest.mark.parametrize("value", ["£22.50", "15天", "免费", "15%", "2026-01-02", "—"])
def test_what_is_no_bare_number_needs_no_unit(value: str) -> None:
    assert shown_value(replace(TERMS, value=value), "en") == value


def test_an_empty_cell_is_said_to_be_empty_and_cited() -> None:
    cell = replace(TERMS, value="")
    result = FactResult("absent", "", operation="value", empty=(cell,), confidence=0.9)
    english = answer_fact(result, "payment terms of Amber Forge", "en")
    assert (english.status, english.text) == (
        Status.REFUSED,
        'The cell "Payment terms" is empty for Amber Forge.',
    )
    assert [(c.document, c.cell) for c in english.citations] == [("customers.csv", "C2")]
    assert answer_fact(result, "Amber Forge的账期", "zh").text.startswith(
        "Amber Forge的“Payment terms”一栏是空的"
    )


@pytest.mark.parametrize(("computed", "english"), [("是", "Yes"), ("否", "No"), ("相同", "Equal")])
def test_a_verdict_is_in_the_language_of_the_question(computed: str, english: str) -> None:
    result = FactResult("found", "", (TERMS,), computed=computed, operation="check", total=1)
    assert answer_fact(result, "is it so", "en").text.startswith(f"{english}\n- Amber Forge: 21 (days)")
    assert answer_fact(result, "是这样吗", "zh").text.startswith(f"{computed}\n- Amber Forge：21（days）")


def test_a_count_says_what_it_counts() -> None:
    row = replace(TERMS, value="Amber Forge", column="Customer", unit="")
    result = FactResult("found", "", (row,), computed="1", operation="count", total=1)
    assert answer_fact(result, "how many customers pay late", "en").text == "1 (Customer)\n- Amber Forge"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("is the lease of 镇海冷库 longer than 瓯海冷库", "en"),
        ("Amber Forge的账期是多少", "zh"),
        ("镇海冷库 phone", "zh"),
    ],
)
def test_names_in_the_other_language_do_not_change_that_of_the_question(question: str, language: str) -> None:
    assert worded_in(question, "zh") == language


def test_one_option_is_asked_by_its_name() -> None:
    option = Candidate("Amber Forge", "customers", 2, "d1", 0.9)
    result = FactResult("several", "", candidates=(option,), confidence=0.55, total=1)
    assert answer_fact(result, "terms of Amber", "en").text == "Do you mean Amber Forge?"
    draft = answer_fact(result, "Amber的账期", "zh")
    assert (draft.text, len(draft.options)) == ("您要问的是“Amber Forge”吗？", 1)


def test_a_number_in_a_unit_needs_no_source_of_its_own() -> None:
    result = FactResult("found", "", (replace(BUDGET, unit="元/30天"),), total=1)
    draft = answer_fact(result, "雪山预算多少", "zh")

    def unsupported(text: str, sources: list[str]) -> list[str]:
        return [] if any("30" in source for source in sources) else ["30"]

    assert guarded(draft, result, "雪山预算多少", unsupported) is draft
