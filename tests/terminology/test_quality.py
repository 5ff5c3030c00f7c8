"""The figures that terminology promises, on data that is read where it lies and never copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.terms import acronyms, shortforms

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.quality, pytest.mark.stress]


@pytest.fixture(scope="module")
def sdu(data: Path) -> acronyms.AcronymData:
    loaded = acronyms.load(data / "acronyms")
    if loaded is None:
        pytest.skip("acronyms/ is not there")
    return loaded


def _macro_f1(data: acronyms.AcronymData, resolver: object, asked: list[acronyms.Sentence]) -> float:
    chosen = acronyms.choices(resolver, data, asked)  # type: ignore[arg-type]
    gold = acronyms.labels(asked, [each.gold for each in asked])
    return acronyms.scored(gold, acronyms.labels(asked, [name for name, _ in chosen])).macro_f1


def test_senses_without_weights_or_labels(sdu: acronyms.AcronymData) -> None:
    assert _macro_f1(sdu, acronyms.resolver_for(sdu), list(sdu.sentences)) >= 70


def test_senses_learned_from_half_of_the_verdicts(sdu: acronyms.AcronymData) -> None:
    told, asked = acronyms.halves(sdu, 5, by_sense=True)
    resolver = acronyms.resolver_for(sdu, acronyms.verdicts_of(sdu, told))
    assert _macro_f1(sdu, resolver, asked) >= 86


def test_short_forms(data: Path) -> None:
    scores = shortforms.measure(data / "short_forms" / "dev_set.jsonl")
    if scores is None:
        pytest.skip("short_forms/ is not there")
    assert scores.first_hit >= 0.985
    assert scores.first_hit > scores.subsequence_first_hit
    assert scores.invented == 0
