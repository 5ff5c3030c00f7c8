"""A name with a part too many, too few or changed is another's: no value leaves, from a table or from its passages."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from retrieval.facts.sentences import SentenceFacts
from tests.retrieval.facts.altered import QUESTIONS, TABLES, altered
from tests.retrieval.facts.grids import Lane, grid_of
from tests.retrieval.facts.test_strays import passages

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = [(table, row[0]) for table, rows in TABLES.items() for row in rows[1:]]
_KNOWN = {name.lower().replace(" ", "") for _, name in _NAMES}
_EXAMPLES, _FIXED = 350, True
_WAYS = st.sampled_from(["before", "behind", "inside", "replaced", "renumbered", "unnumbered"])


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = Lane(tmp_path_factory.mktemp("altered"))
    for name, rows in TABLES.items():
        opened.put(name, grid_of(rows))
    yield opened
    opened.close()


@given(st.sampled_from(_NAMES), _WAYS, st.integers(0, 30), st.integers(0, 30), st.integers(0, 4))
@settings(max_examples=_EXAMPLES, deadline=None, derandomize=_FIXED, suppress_health_check=list(HealthCheck))
def test_an_altered_name_gives_no_value(
    lane: Lane, named: tuple[str, str], how: str, at: int, pick: int, form: int
) -> None:
    table, name = named
    other = altered(name, how, at, pick)
    assume(other.lower().replace(" ", "") not in _KNOWN)
    # A doubled character is a slip of the finger.
    assume(not any(a == b and not a.isascii() for a, b in pairwise(other)))
    question = QUESTIONS[table][form % len(QUESTIONS[table])].format(other)
    result = lane.lookup.query(question)
    assert result.status != "found", (question, result)
    assert not [*result.facts, *result.details, *result.computed], (question, result)
    said = SentenceFacts().find(question, passages({table: TABLES[table]}))
    assert said.status != "found", (question, said)


@pytest.mark.parametrize(("table", "name"), _NAMES)
def test_the_name_itself_is_answered(lane: Lane, table: str, name: str) -> None:
    for form in QUESTIONS[table]:
        result = lane.lookup.query(form.format(name))
        assert result.status == "found", (form, result)


@pytest.mark.parametrize(
    ("question", "near"),
    [
        ("Harbour Lights director", "Harbour Lights 2"),
        ("旅游专线的终点", "旅游专线2"),
        ("price of Ready Salad", "Ready Salad 3"),
        ("高等数学的作者是谁", "高等数学A"),
    ],
)
def test_a_name_without_its_number_is_asked_back_about(lane: Lane, question: str, near: str) -> None:
    result = lane.lookup.query(question)
    assert result.status == "several"
    assert near in [candidate.name for candidate in result.candidates]
    assert not result.facts
