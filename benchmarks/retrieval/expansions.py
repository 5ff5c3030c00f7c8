"""What expansions do: names in questions are replaced by invented abbreviations whose full form is the expansion."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from benchmarks.retrieval.measures import LIMIT, Measured, measure

if TYPE_CHECKING:
    from benchmarks.retrieval.data import Collection, Question
    from benchmarks.retrieval.systems import Built


def measure_expansions(collection: Collection, built: Built) -> list[Measured]:
    """Questions that name their passage's title, with the title, abbreviated, and abbreviated but expanded."""
    chance = random.Random(2018)
    cases: list[tuple[Question, str, str]] = []
    for question in collection.questions:
        title = re.sub(r"[（(].*", "", collection.titles[min(question.answers)]).strip()
        if len(title) > 1 and title in question.text:
            cases.append(
                (question, title, f"Q{chance.choice('XYZWK')}{chance.choice('XYZWK')}{chance.randrange(99)}")
            )
    forms = {question.text: (question.text.replace(title, short), title) for question, title, short in cases}
    wrong = {question.text: chance.choice(collection.titles) for question, _, _ in cases}

    def search(query: str, *expansions: str) -> list[int]:
        return [number - 1 for number, _ in built.keywords.search(query, LIMIT, None, expansions)]

    ways = {
        "the question as asked": lambda text: search(text),
        "as asked, the name again as expansion": lambda text: search(text, forms[text][1]),
        "name abbreviated": lambda text: search(forms[text][0]),
        "name abbreviated, expanded": lambda text: search(*forms[text]),
        "the name alone": lambda text: search(forms[text][1]),
        "name abbreviated, expanded rightly and wrongly": lambda text: search(*forms[text], wrong[text]),
    }
    questions = [question for question, _, _ in cases]
    return [measure(name, way, questions) for name, way in ways.items()]
