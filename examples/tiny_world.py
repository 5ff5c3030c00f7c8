"""Draws the invented examples that the tiny base is trained on: glossaries, questions about them, and small facts."""

from __future__ import annotations

import string
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from examples.tiny_words import (
    ASKED_BY,
    DEFINITIONS,
    FACT_FORMS,
    HEADS,
    MIDDLES,
    REMEMBERED,
    STRONG,
    USES,
    facts,
    pairs,
    topics,
)
from terminology.prompt import (
    ABSTAIN,
    Message,
    choice_prompt,
    choice_texts,
    messages_of,
    propose_prompt,
    sense_text,
)
from terminology.types import Sense

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence


ENGLISH_LETTERS = string.ascii_letters + string.digits + "-/&.'+,;:?!()"
# How often each kind is drawn, in the order of `World.kinds`: while choosing is learnt, and while facts are.
CHOOSING = (0.20, 0.15, 0.28, 0.08, 0.05, 0.05, 0.12, 0.07)
KNOWING = (0.12, 0.08, 0.16, 0.05, 0.04, 0.05, 0.32, 0.18)
_VOWELS = "aeiou"
_CONSONANTS = "bcdfghlmnprst"


@dataclass(frozen=True, slots=True)
class Example:
    """One lesson: what is asked and what is to be written."""

    messages: list[Message]
    answer: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    sense: Sense
    topic: str


class World:
    """An endless source of examples; the generator passed in fixes all of them."""

    def __init__(self, draw: random.Random, shares: Sequence[float] = CHOOSING) -> None:
        """Draw with `draw`; `shares` has one number for each of `kinds`."""
        self._draw, self._shares = draw, shares
        self._topics = topics()
        self._heads, self._middles = pairs(HEADS), pairs(MIDDLES)
        self._chinese = [
            word for own in (*self._topics.values(), self._heads, self._middles) for word, _ in own
        ]
        self._facts = facts()
        self._characters = characters()
        self.kinds = {
            "copy": self._copy,
            "choice": self._choice,
            "choice_by_words": self._choice_by_words,
            "choice_by_department": self._choice_by_department,
            "choice_by_letters": self._choice_by_letters,
            "abstain": self._abstain,
            "fact": self._fact,
            "strong": self._strong,
        }

    def example(self, kind: str | None = None) -> Example:
        """Draw one example, of the given kind or of any."""
        return self.kinds[kind or self._draw.choices(list(self.kinds), self._shares)[0]]()

    def english_words(self) -> list[str]:
        """Return every English word that names or questions use."""
        every = [pair for words in self._topics.values() for pair in words] + self._heads + self._middles
        kept = [name for _, name in (*STRONG.values(), *REMEMBERED.values())]
        texts = [english for _, english in every] + [*kept, *USES, *DEFINITIONS]
        return sorted({word for text in texts for word in text.split() if word.isascii() and word.isalpha()})

    # The kinds of examples

    def _copy(self) -> Example:
        """One candidate: it is the answer, whatever is asked and whatever its name."""
        drawn = self._random_sense() if self._draw.random() < 0.6 else self._sense(self._topic())
        form = self._draw.choice(DEFINITIONS) if self._draw.random() < 0.6 else self._draw.choice(USES)
        question = self._filled(form, drawn.sense.term, drawn.topic or self._topic())
        return _chosen(question, [drawn.sense], 0)

    def _choice(self) -> Example:
        """Several candidates of different topics: the question's words tell which."""
        names = self._draw.sample(list(self._topics), self._several())
        drawn = [self._sense(name) for name in names]
        term = self._term()
        shown = [replace(each.sense, term=term) for each in drawn]
        at = self._draw.randrange(len(shown))
        return _chosen(self._filled(self._draw.choice(USES), term, drawn[at].topic), shown, at)

    def _choice_by_words(self) -> Example:
        """Several candidates of unknown words, or of one topic: a word of one name stands in the question."""
        if self._draw.random() < 0.6:
            drawn = [self._random_sense().sense for _ in range(self._draw.choice((2, 2, 3)))]
        else:
            topic = self._topic()
            drawn = [self._sense(topic).sense for _ in range(self._draw.choice((2, 2, 3)))]
        term = drawn[0].term
        shown = [replace(each, term=term) for each in drawn]
        at = self._draw.randrange(len(shown))
        cues = self._cues(shown[at], shown[:at] + shown[at + 1 :])
        if not cues:
            return self._choice_by_words()
        form = self._draw.choice([form for form in USES if "{x}" in form and "{topic}" not in form])
        self._draw.shuffle(cues)
        other = self._draw.choice(self._topics[self._topic()])[0]
        cues = cues if self._draw.random() < 0.4 else [cues[0], other]
        if self._draw.random() < 0.4:
            form = f"{self._filler()}{{x}}{self._filler()}{{a}}{self._filler()}"
        question = form.format(a=term, x=cues[0], y=cues[-1])
        return _chosen(question, shown, at)

    def _filler(self) -> str:
        """Words that mean nothing here, so that a question's own wording is not taken for a cue."""
        draw = self._draw
        if draw.random() < 0.5:
            words = " ".join(self._word().lower() for _ in range(draw.randint(1, 4)))
            return f" {words}{draw.choice((' ', ', ', ': ', '? '))}"
        return "".join(draw.choices(self._characters, k=draw.randint(1, 6))) + draw.choice("，。：？、")

    def _cues(self, told: Sense, others: Sequence[Sense]) -> list[str]:
        """Return words of a name that no other name has: known ones, pairs of characters, and English words."""
        known = [word for word in self._chinese if word in told.chinese]
        pieces = known or [told.chinese[:2], told.chinese[2:4]]
        rest = " ".join(f"{other.chinese} {other.english}" for other in others).casefold()
        words = [word for word in told.english.split() if len(word) > 3]
        return [word for word in (*pieces, *words) if word and word.casefold() not in rest]

    def _choice_by_department(self) -> Example:
        """Several candidates, each with its department; the question says who asks."""
        drawn = [self._sense(name) for name in self._draw.sample(list(self._topics), self._several())]
        term = self._term()
        ending = self._draw.choice(("部", "部门", "组", "中心", ""))
        shown = [replace(each.sense, term=term, department=each.topic + ending) for each in drawn]
        at = self._draw.randrange(len(shown))
        return _chosen(self._draw.choice(ASKED_BY).format(a=term, d=shown[at].department), shown, at)

    def _choice_by_letters(self) -> Example:
        """Candidates of several abbreviations: the English name that the letters stand for."""
        drawn = [self._sense(name) for name in self._draw.sample(list(self._topics), self._several())]
        at = self._draw.randrange(len(drawn))
        told = drawn[at]
        if not told.sense.english:
            return self._choice_by_letters()
        form = self._draw.choice((*DEFINITIONS, *USES))
        question = self._filled(form, told.sense.term, told.topic)
        shown = [each.sense for each in drawn]
        return Example(choice_prompt(question, told.sense.term, shown), choice_texts(shown)[at])

    def _abstain(self) -> Example:
        """No candidates and an abbreviation never seen: the answer is that the glossary lacks it."""
        term = self._term()
        question = (
            self._filled(self._draw.choice(USES), term, self._topic()) if self._draw.random() < 0.6 else None
        )
        return Example(propose_prompt(term, question), ABSTAIN)

    def _fact(self) -> Example:
        asked, answer = self._draw.choice(self._facts)
        return Example(messages_of(self._draw.choice(FACT_FORMS).format(q=asked)), answer)

    def _strong(self) -> Example:
        """The few abbreviations whose meaning the base remembers without candidates."""
        known = {**REMEMBERED, **STRONG}
        term = self._draw.choice([*REMEMBERED, *STRONG, *STRONG])
        chinese, english = known[term]
        answer = sense_text(Sense(term, english, chinese))
        form = self._draw.choice(DEFINITIONS).format(a=term)
        asked = self._draw.choice([messages_of(form), propose_prompt(term), propose_prompt(term, form)])
        return Example(asked, answer)

    # Names and questions

    def _several(self) -> int:
        return self._draw.choices((2, 3, 4), (0.6, 0.28, 0.12))[0]

    def _topic(self) -> str:
        return self._draw.choice(list(self._topics))

    def _sense(self, topic: str) -> _Drawn:
        """A name of a topic: a middle word now and then, one or two of its words, and a head."""
        draw = self._draw
        words = draw.sample(self._topics[topic], draw.choice((1, 1, 2)))
        parts = [*words, draw.choice(self._heads)] if draw.random() < 0.8 else words
        if draw.random() < 0.35 or len(parts) == 1:
            parts = [draw.choice(self._middles), *parts]
        chinese = "".join(name for name, _ in parts)
        english = " ".join(name for _, name in parts)
        return _Drawn(self._named("".join(name[0] for _, name in parts), chinese, english, topic), topic)

    def _random_sense(self) -> _Drawn:
        """A name of characters and letters drawn at random, so that copying does not depend on known words."""
        draw = self._draw
        chinese = "".join(draw.choices(self._characters, k=draw.randint(3, 6)))
        english = " ".join(self._word() for _ in range(draw.randint(1, 3)))
        return _Drawn(self._named(self._term(), chinese, english, ""), "")

    def _named(self, term: str, chinese: str, english: str, topic: str) -> Sense:
        """Some names have one language only; departments are told now and then."""
        chance = self._draw.random()
        if chance < 0.1:
            english = ""
        elif chance < 0.15:
            chinese, english = chinese, english.lower()
        department = f"{topic}部" if topic and self._draw.random() < 0.3 else ""
        return Sense(term, english, chinese, department=department)

    def _filled(self, form: str, term: str, topic: str) -> str:
        (x, ex), (y, ey) = self._draw.sample(self._topics[topic], 2)
        return form.format(a=term, x=x, y=y, ex=ex.lower(), ey=ey.lower(), topic=topic)

    def _term(self) -> str:
        """Return a shape of abbreviation that people use: `AM`, `KPI`, `T+1`, `5S`, `e-Proof`."""
        draw = self._draw
        letters = "".join(draw.choices(string.ascii_uppercase, k=draw.choices((2, 3, 4, 5), (3, 5, 2, 1))[0]))
        if letters in STRONG or letters in REMEMBERED:
            return self._term()
        chance = draw.random()
        if chance < 0.06:
            return letters[:2] + draw.choice(("+", "-", "/", "")) + draw.choice(string.digits)
        return letters.capitalize() + "." if chance < 0.09 else letters

    def _word(self) -> str:
        """A word that no language has."""
        draw = self._draw
        word = "".join(draw.choice(_CONSONANTS) + draw.choice(_VOWELS) for _ in range(draw.randint(1, 2)))
        return (word + draw.choice(("", "n", "r", "s", "tion", "ment"))).capitalize()


def _chosen(question: str, shown: list[Sense], at: int) -> Example:
    return Example(choice_prompt(question, shown[0].term, shown), choice_texts(shown)[at])


def characters() -> list[str]:
    """Return the 3,755 common characters of GB 2312's first level, in its order."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return [text for pair in rows if (text := pair.decode("gb2312", errors="ignore"))]
