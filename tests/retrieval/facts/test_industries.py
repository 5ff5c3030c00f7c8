"""Questions on tables of many industries: the right value, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.retrieval.facts import industries
from tests.retrieval.facts.grids import Lane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.facts.types import FactResult

_YES = {"Yes": "是", "No": "否"}


def lane_with(folder: object, tables: dict[str, object]) -> Lane:
    opened = Lane(folder)  # type: ignore[arg-type]
    for name, grid in tables.items():
        opened.put(name, grid)  # type: ignore[arg-type]
    return opened


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = lane_with(tmp_path_factory.mktemp("first"), industries.FIRST)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = lane_with(tmp_path_factory.mktemp("second"), industries.SECOND)
    yield opened
    opened.close()


def right(kind: str, wanted: str, result: FactResult) -> bool:
    if kind == "n":
        return result.status != "found" and not result.facts and not result.computed
    if result.status != "found" or not result.query:
        return False
    figure = result.computed.replace(",", "")
    labels = {fact.label for fact in result.facts}
    values = {fact.value for fact in result.facts}
    if kind == "v":
        return (values == {wanted} and not result.computed) or result.computed == wanted
    if kind == "c":
        return figure in {wanted.replace(",", ""), _YES.get(wanted)}
    if kind == "l":
        return labels == set(wanted.split("|")) or _lists(result, wanted.split("|"))
    if kind == "e":
        return wanted in labels | values and len(labels) == 1
    return values == set(wanted.split("|"))


def _lists(result: FactResult, codes: list[str]) -> bool:
    """Whether a list that shows the name and the code of each row has just the rows with these codes."""
    rows = {(fact.table_id, fact.row) for fact in result.facts}
    return set(codes) <= {fact.value for fact in result.facts} and len(rows) == len(codes)


@pytest.mark.parametrize(("kind", "question", "wanted"), industries.FIRST_QUESTIONS)
def test_the_first_company(first: Lane, kind: str, question: str, wanted: str) -> None:
    result = first.lookup.query(question)
    assert right(kind, wanted, result), result


@pytest.mark.parametrize(("kind", "question", "wanted"), industries.SECOND_QUESTIONS)
def test_the_second_company(second: Lane, kind: str, question: str, wanted: str) -> None:
    result = second.lookup.query(question)
    assert right(kind, wanted, result), result
