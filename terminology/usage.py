"""Collects, for every ambiguous term, how documents and people use it, once for each state of the glossary."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from terminology.evidence import Reader, TermUse, described, names_of
from terminology.normalize import fold, fold_key
from terminology.space import WordSpace
from terminology.spacefile import SpaceKeeper, SpaceKey
from terminology.words import units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from terminology.glossary import Glossary
    from terminology.settings import ChoiceSettings
    from terminology.types import ContextSource, Embedder, Sense, Verdict

_MOST_TEXTS = 20_000
_MOST_TERMS = 500
_DIMENSIONS = 200


class UsageLibrary:
    """The uses of terms, prepared when a question first needs them and kept until glossary or documents change."""

    def __init__(
        self,
        glossary: Glossary,
        settings: ChoiceSettings,
        contexts: ContextSource | None = None,
        embedder: Embedder | None = None,
        keeper: SpaceKeeper | None = None,
    ) -> None:
        """Read nothing yet; `keeper` has the word space, which outlives a change."""
        self._glossary = glossary
        self._settings = settings
        self._contexts = contexts
        self._embedder = embedder
        self._keeper = keeper or SpaceKeeper()
        self._reader: Reader | None = None
        self._found: dict[str, tuple[str, ...]] = {}
        self._verdicts: dict[str, list[Verdict]] = {}
        self._uses: dict[tuple[int | str, ...], TermUse] = {}

    def prepare(self) -> None:
        """Learn now what questions would have to wait for, or get as it was before the latest changes."""
        self._keeper.refresh(self._key, self._learn)
        self._reader, self._uses = None, {}

    @property
    def is_prepared(self) -> bool:
        """Whether the word space in use was learnt from documents and glossary as they are."""
        return self._keeper.is_current(self._key) and (
            self._reader is None or self._keeper.holds(self._reader.space)
        )

    @property
    def reader(self) -> Reader:
        """What turns texts into evidence; learnt from the glossary and from sentences around its ambiguous terms."""
        if self._reader is None:
            self._reader = Reader(self._keeper.space(self._key, self._learn), self._embedder)
        return self._reader

    @cached_property
    def _key(self) -> SpaceKey:
        ambiguous = sum(len(senses) for senses in self._ambiguous)
        return SpaceKey(self._contexts.change() if self._contexts else 0, ambiguous)

    def _learn(self) -> WordSpace:
        # A glossary alone is too little text to learn from which words keep company.
        return WordSpace(islice(self._corpus(), _MOST_TEXTS), _DIMENSIONS if self._contexts else 0)

    def with_verdicts(self, verdicts: Sequence[Verdict]) -> UsageLibrary:
        """Return a library that also knows `verdicts`; what was learnt from documents is kept."""
        other = UsageLibrary(self._glossary, self._settings, self._contexts, self._embedder, self._keeper)
        other._reader, other._found, other._by_term = self._reader, self._found, self._by_term
        grouped: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in verdicts:
            grouped[fold_key(verdict.surface)].append(verdict)
        other._verdicts = dict(grouped)
        return other

    def use(self, senses: Sequence[Sense]) -> TermUse:
        """Return how the term with these senses is used."""
        key = tuple(sense.id or f"{sense.term}\n{names_of(sense)}" for sense in senses)
        uses = self._uses
        if key not in uses:
            surfaces = dict.fromkeys(fold_key(sense.term) for sense in senses)
            verdicts = [verdict for surface in surfaces for verdict in self._verdicts.get(surface, ())]
            uses[key] = TermUse(
                senses, self.reader, self._sentences(senses), verdicts[-self._settings.verdicts :]
            )
        return uses[key]

    def _sentences(self, senses: Sequence[Sense]) -> list[tuple[str, int | None]]:
        """Return sentences with the abbreviation, and those with a full name together with its sense's position."""
        found: dict[str, int | None] = {}
        for position, sense in enumerate(senses):
            for name in (sense.english, sense.chinese):
                for text in self._about(name) if name else ():
                    if fold_key(name) in fold(text).text:
                        found.setdefault(text, position)
        for term in dict.fromkeys(sense.term for sense in senses):
            for text in self._about(term):
                found.setdefault(text, None)
        return list(found.items())

    def _about(self, name: str) -> tuple[str, ...]:
        if self._contexts is None:
            return ()
        if name not in self._found:
            self._found[name] = tuple(islice(self._contexts.contexts(name), self._settings.contexts))
        return self._found[name]

    @cached_property
    def _by_term(self) -> list[list[Sense]]:
        grouped: dict[str, list[Sense]] = defaultdict(list)
        for sense in self._glossary.all:
            grouped[fold_key(sense.term)].append(sense)
        return list(grouped.values())

    @property
    def _ambiguous(self) -> list[list[Sense]]:
        return [senses for senses in self._by_term if len(senses) > 1]

    def _corpus(self) -> Iterator[list[str]]:
        seen: set[str] = set()
        for senses in self._ambiguous[:_MOST_TERMS] if self._contexts else ():
            for text, _ in self._sentences(senses):
                if text not in seen:
                    seen.add(text)
                    yield units(text)
        for senses in (*self._ambiguous, *(each for each in self._by_term if len(each) == 1)):
            for sense in senses:
                yield list(described(sense, frozenset()))
