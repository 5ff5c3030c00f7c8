"""The model that answers follows the promotions: at the next question, once, and never half."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest

from api.errors import NoTermModelError
from api.term_model import ServedTermModel
from finetune.store import Promotion
from terminology.errors import TermModelError
from terminology.types import Sense

SENSES = [Sense("AM", "Account Manager", "客户经理"), Sense("AM", "Amplitude Modulation", "调幅")]


class FakePromotions:
    def __init__(self) -> None:
        self.held: Promotion | None = None

    def current(self) -> Promotion | None:
        return self.held


class FakeModel:
    opened: ClassVar[list[str]] = []

    def __init__(self, base: str, adapter: Path | None) -> None:
        self.info, self.adapter, self.loads = SimpleNamespace(base=base), adapter, 0

    def open(self) -> None:
        if self.info.base == "missing":
            raise TermModelError("missing", "is not there")
        FakeModel.opened.append(self.info.base)

    def load(self, adapter: Path | None) -> None:
        if adapter is not None and adapter.name == "broken":
            raise TermModelError("broken", "does not fit")
        self.adapter, self.loads = adapter, self.loads + 1

    def score(self, question: str, senses: Sequence[Sense]) -> list[float]:
        if question == "boom":
            raise TermModelError("base", "ran out of memory")
        return [float(len(self.adapter.name)) if self.adapter else 0.5, -1.0]


@pytest.fixture
def promotions() -> FakePromotions:
    FakeModel.opened = []
    return FakePromotions()


def served(promotions: FakePromotions, base: str | None = None, adapter: str | None = None) -> ServedTermModel:
    return ServedTermModel(promotions, base, adapter, FakeModel)


def test_without_anything_there_is_no_vote(promotions: FakePromotions) -> None:
    model = served(promotions)
    assert model.score("x", SENSES) == [0.0, 0.0]
    assert model.state()["base"] is None
    with pytest.raises(NoTermModelError, match="TERMROUTE_TERM_MODEL"):
        model.model()


def test_the_settings_model_answers_until_something_is_promoted(promotions: FakePromotions) -> None:
    model = served(promotions, "base", "/own")
    assert model.score("x", SENSES)[0] == 3.0
    promotions.held = Promotion(1, "promote", "base", "/promoted")
    assert model.score("x", SENSES)[0] == 8.0
    promotions.held = Promotion(2, "rollback", "", "")
    assert model.score("x", SENSES)[0] == 3.0
    assert FakeModel.opened == ["base"], "an adapter is changed without loading the base again"
    assert model.state()["promotion"] == 2


def test_a_promotion_brings_its_base_where_the_settings_name_none(promotions: FakePromotions) -> None:
    model = served(promotions)
    promotions.held = Promotion(1, "promote", "first", "/one")
    assert model.score("x", SENSES)[0] == 3.0
    promotions.held = Promotion(2, "promote", "second", "/three")
    assert model.score("x", SENSES)[0] == 5.0
    assert FakeModel.opened == ["first", "second"]


def test_settings_that_name_another_base_win(promotions: FakePromotions) -> None:
    promotions.held = Promotion(1, "promote", "old base", "/promoted")
    model = served(promotions, "new base")
    assert model.score("x", SENSES)[0] == 0.5
    assert FakeModel.opened == ["new base"]


def test_what_cannot_be_loaded_leaves_the_model_as_it_was(
    promotions: FakePromotions, caplog: pytest.LogCaptureFixture
) -> None:
    model = served(promotions, "base", "/own")
    model.score("x", SENSES)
    promotions.held = Promotion(1, "promote", "base", "/broken")
    with caplog.at_level(logging.ERROR):
        assert model.score("x", SENSES)[0] == 3.0
        assert model.score("x", SENSES)[0] == 3.0
    assert len(caplog.records) == 1, "told once, tried once"
    assert "does not fit" in model.problem
    promotions.held = Promotion(2, "promote", "base", "/whole")
    assert model.score("x", SENSES)[0] == 5.0
    assert model.problem == ""


def test_a_question_is_answered_though_the_model_fails(promotions: FakePromotions) -> None:
    model = served(promotions, "missing")
    assert model.score("x", SENSES) == [0.0, 0.0]
    with pytest.raises(NoTermModelError, match="not there"):
        model.model()
    assert served(promotions, "base").score("boom", SENSES) == [0.0, 0.0]


def test_a_base_is_the_same_by_any_path(promotions: FakePromotions, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "base").mkdir()
    monkeypatch.chdir(tmp_path)
    promotions.held = Promotion(1, "promote", str(tmp_path / "base"), "/promoted")
    assert served(promotions, "base").wanted().adapter == "/promoted"
