"""What expansions do: names in questions are replaced by invented abbreviations whose full form is the expansion."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from benchmarks.retrieval.measures import LIMIT, Measured, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.retrieval.data import Collection, Question
    from benchmarks.retrieval.systems import Built


def measure_expansions(collection: Collection, built: Built) -> list[Measured]:
    """Questions that name their passage's title, with the title, abbreviated, and abbreviated but expanded."""
    return _measured(_cases(collection), lambda query, *forms: _search(built, query, forms))


def measure_mixed(collection: Collection, build: Callable[[Sequence[str]], Built]) -> list[Measured]:
    """The same where documents are not of one mind: half of the names stand abbreviated in every passage."""
    cases = _cases(collection)
    chance = random.Random(2019)
    abbreviated = {name: short for name, short in {case[1:] for case in cases} if chance.random() < 0.5}
    texts = []
    for text, title in zip(collection.texts, collection.titles, strict=True):
        name = _name(title)
        texts.append(text.replace(name, abbreviated[name]) if name in abbreviated else text)
    built = build(texts)
    return _measured(cases, lambda query, *forms: _search(built, query, forms))


def _name(title: str) -> str:
    return re.sub(r"[（(].*", "", title).strip()


def _cases(collection: Collection) -> list[tuple[Question, str, str]]:
    """Return questions with the name in them and an invented abbreviation, the same for every question of a name."""
    chance = random.Random(2018)
    shorts: dict[str, str] = {}
    cases = []
    for question in collection.questions:
        name = _name(collection.titles[min(question.answers)])
        if len(name) > 1 and name in question.text:
            letters = "".join(chance.choice("XYZWKVJ") for _ in range(3))
            short = shorts.setdefault(name, f"Q{letters}{chance.randrange(99)}")
            cases.append((question, name, short))
    return cases


def _search(built: Built, query: str, expansions: Sequence[str]) -> list[int]:
    return [number - 1 for number, _ in built.keywords.search(query, LIMIT, None, expansions)]


def _measured(cases: Sequence[tuple[Question, str, str]], search: Callable[..., list[int]]) -> list[Measured]:
    chance = random.Random(2020)
    names = [name for _, name, _ in cases]
    of = {
        question.text: (question.text.replace(name, short), name, short, chance.choice(names))
        for question, name, short in cases
    }
    ways = {
        "long form in the question": lambda text: search(text),
        "short form in the question": lambda text: search(of[text][0]),
        "short form, expanded": lambda text: search(of[text][0], of[text][1]),
        "long form, expanded": lambda text: search(text, of[text][2]),
        "the long form alone": lambda text: search(of[text][1]),
        "short form, expanded rightly and wrongly": lambda text: search(of[text][0], of[text][1], of[text][3]),
    }
    questions = [question for question, _, _ in cases]
    return [measure(name, way, questions) for name, way in ways.items()]
