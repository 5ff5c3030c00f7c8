"""The terminology model that answers questions: it follows promotions, without a restart and in every process."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol

from api.errors import NoTermModelError
from terminology.errors import TermModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from finetune.store import Promotion
    from terminology.model import TerminologyModel
    from terminology.types import Sense

logger = logging.getLogger(__name__)


class Promotions(Protocol):
    """Says which promotion holds; `finetune.adapters.Adapters` does."""

    def current(self) -> Promotion | None:
        """Return the promotion that holds; asked before every question with an ambiguous term."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A base model and an adapter, "" for none, and the promotion that says so (0: the settings)."""

    base: str
    adapter: str
    promotion: int = 0


class ServedTermModel:
    """A SenseScorer whose model is the one promoted last, or else the settings'; safe for several threads."""

    def __init__(
        self,
        promotions: Promotions,
        base: str | None,
        adapter: str | None,
        open_model: Callable[[str, Path | None], TerminologyModel],
    ) -> None:
        """Load nothing yet; `base` and `adapter` are the settings', `open_model` makes a model that is not loaded."""
        self._promotions, self._open = promotions, open_model
        self._own = Wanted(same_base(base or ""), adapter or "")
        self._lock = RLock()
        self._loaded = Wanted("", "", -1)
        self._model: TerminologyModel | None = None
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why what is wanted is not in use, "" where it is."""
        return self._problem

    def score(self, question: str, senses: Sequence[Sense]) -> list[float]:
        """Return one vote per sense; no vote for any where no model is in use or it cannot be loaded.

        A question is answered from the other evidence then: the model is one voice among several.
        """
        model = self.follow()
        if model is not None:
            try:
                return model.score(question, senses)
            except TermModelError as error:
                self._note(str(error))
        return [0.0] * len(senses)

    def model(self) -> TerminologyModel:
        """Return the model in use, loaded. Raises NoTermModelError, TermModelError."""
        model = self.follow()
        if model is None:
            raise NoTermModelError(self._problem)
        model.open()
        return model

    def wanted(self) -> Wanted:
        """Return what should be in use now."""
        held = self._promotions.current()
        if held is None or not held.base:
            return Wanted(self._own.base, self._own.adapter, held.number if held else 0)
        if self._own.base and same_base(held.base) != self._own.base:
            # Whoever set another base since then meant it.
            return Wanted(self._own.base, self._own.adapter, held.number)
        return Wanted(same_base(held.base), held.adapter, held.number)

    def standing(self) -> Hashable:
        """Return what votes depend on at this moment: two equal standings vote alike."""
        return self.wanted(), self._problem

    def state(self) -> dict[str, Any]:
        """Return what is in use, for people; loads nothing."""
        wanted = self.wanted()
        if not wanted.base:
            return {"base": None, "adapter": None, "promotion": None, "problem": self._problem or None}
        return {
            "base": Path(wanted.base).name,
            "adapter": Path(wanted.adapter).name if wanted.adapter else None,
            "promotion": wanted.promotion or None,
            "problem": self._problem or None,
        }

    def follow(self) -> TerminologyModel | None:
        """Load what is wanted where that has changed; what cannot be loaded leaves the model as it was."""
        with self._lock:
            wanted = self.wanted()
            if wanted != self._loaded:
                self._switch(wanted)
                # Tried once: a promotion that cannot be loaded must not be tried again at every question.
                self._loaded = wanted
            return self._model

    def _switch(self, wanted: Wanted) -> None:
        adapter = Path(wanted.adapter) if wanted.adapter else None
        try:
            if not wanted.base:
                self._model = None
            elif self._model is not None and same_base(self._model.info.base) == wanted.base:
                self._model.load(adapter)
            else:
                fresh = self._open(wanted.base, adapter)
                fresh.open()
                self._model = fresh
            self._problem = ""
        except ImportError as error:
            self._note(f"The terminology model needs {error.name}: pip install 'termroute[finetune]'.")
        except TermModelError as error:
            self._note(str(error))

    def _note(self, problem: str) -> None:
        if problem != self._problem:
            logger.error("%s", problem)
        self._problem = problem


def same_base(base: str) -> str:
    """Return a base model's folder as an absolute path, a hub name as it is, so that two can be compared."""
    folder = Path(base).expanduser()
    return str(folder.resolve()) if base and folder.is_dir() else base
