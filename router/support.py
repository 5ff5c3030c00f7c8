"""Whether passages support an answer at all: how much of what the question names stands in them, and what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import lexicon
from retrieval.facts.subject import Said, subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.types import Passage
    from terminology.types import Resolution

_CJK = re.compile(r"[\u3400-\u9fff]")
_NAMED = 1.4


@dataclass(frozen=True, slots=True)
class Support:
    """What the passages say of a question's subject.

    `covered` is the weighted share (0 to 1) of its words that some passage names, `things` the share of those that are
    things and stand nowhere, `names` the names, codes and dates that stand nowhere.
    """

    covered: float
    things: float
    names: tuple[str, ...]
    chinese: bool

    def enough(self, minimum: float, *, exact: bool) -> bool:
        """Whether an answer may be given. `exact`: a value is asked for, so everything that is named must be there."""
        if self.names:
            return False
        if exact and self.things >= _EXACT_THINGS:
            return False
        if self.things >= _THINGS:
            return False
        return self.covered >= (minimum if self.chinese else max(minimum, _ENGLISH))


# Fitted on the training part of benchmarks/router: an answerable question seldom lacks a third of its things.
_THINGS, _EXACT_THINGS, _ENGLISH = 0.25, 0.2, 0.68


def other_names(resolution: Resolution) -> dict[str, tuple[str, ...]]:
    """Return, for each term of the question as written in it, the other names of its sense."""
    names = {}
    for resolved in resolution.terms:
        sense = resolved.chosen.sense
        forms = (sense.term, sense.chinese, sense.english, *sense.aliases)
        names[resolved.match.surface] = tuple(form for form in forms if form and form != resolved.match.surface)
    return names


def support_of(question: str, names: Mapping[str, Sequence[str]], texts: Sequence[str]) -> Support:
    """Measure how far `texts` speak of what `question` is about; `names` gives the other names of its terms."""
    words = subject_of(question, names)
    said = [Said.of(text) for text in texts]
    total = got = things = 0.0
    missing = []
    for word in words:
        share = max((text.share(word) for text in said), default=0.0)
        if share < 0.5 and any(_half_said(word.text, text) for text in said):
            share = max(share, 0.5 if len(word.text) > 2 else share)
        total += word.weight
        got += word.weight * share
        if share < 0.5 and word.firm:
            things += word.weight
            if word.weight >= _NAMED:
                missing.append(word.text)
    if not total:
        return Support(0.0, 0.0, (), bool(_CJK.search(question)))
    return Support(got / total, things / total, tuple(missing), bool(_CJK.search(question)))


def _half_said(word: str, text: Said) -> bool:
    """Whether a text says the half of a Chinese compound that tells what it is about.

    福利待遇 is spoken of where 福利 is; 客服热线 where 热线 is, but 股票代码 not where any 代码 is.
    """
    if not _CJK.match(word[:1]):
        return False
    if text.has(word[:2]):
        return True
    return len(word) > 3 and word[-2:] not in lexicon().weak and text.has(word[-2:])


def told_in_one(question: str, names: Mapping[str, Sequence[str]], passages: Sequence[Passage]) -> bool:
    """Whether one line of a passage names everything that `question` is about, each word as it is."""
    words = subject_of(question, names)
    if len(words) < 2:
        return False
    lines = (Said.of(line) for passage in passages for line in passage.chunk.text.splitlines())
    return any(all(line.share(word) == 1.0 for word in words) for line in lines)
