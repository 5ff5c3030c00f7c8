"""Which sentences and rows of the passages may be quoted as an answer, where nobody weighs them but this program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from retrieval.facts.fitting import names_what
from retrieval.facts.measures import names_measure
from retrieval.facts.normalize import plain
from retrieval.facts.occasions import no_clock, of_another_period
from retrieval.facts.subject import in_full
from retrieval.facts.thresholds import says_another_step
from router import grounding
from router.asked import conditions, kind_asked, subject_words
from router.lookalikes import resembles, stands_for_another
from router.questions import asked_attribute
from router.statement import (
    asked_kind,
    close_by,
    counted_in,
    has_value,
    lacks_sort,
    row_tells,
    stated,
)
from router.support import other_names
from router.telling import PLACES_ASKED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from retrieval.types import Passage
    from router.coverage import Coverage
    from router.questions import QuestionForm
    from router.settings import RouterSettings
    from router.support import Support
    from router.telling import Kind
    from router.types import Query
    from terminology.types import Resolution

_WHOLE_SUBJECT, _IN_A_ROW, _WHOLE_ROW, _HALF, _TOGETHER, _SEVERAL = 0.95, 0.78, 0.8, 0.5, 0.9, 2
# From this share on, the one row that says most is the one that was meant, although its name was not given in full.
_NAMED_ROW = 0.85
# A process takes more sentences than a value: one counts from this share of the best one's score.
_AROUND, _BESIDE = 0.35, 0.5
# From this probability on, a sentence below a heading that names what is asked need only have such a thing.
_LIKELY, _HEADED = 0.4, 0.2
_REACHED_BY = re.compile(
    r"电话|手机号?|邮箱|分机|热线|\b(?:phone|telephone|e-?mail|extension|hotline)\b", re.IGNORECASE
)
# Another sentence may state the thing that the one which says most only speaks of, if it says so much of it.
_NEARLY = 0.8
_ONE_THING = re.compile(r"\bwhat(?:'s| is| was) the\b", re.IGNORECASE)
_LISTED = re.compile(r"哪些|哪几|\b(?:which|what|list)\b", re.IGNORECASE)
# What is asked over many rows, unless it is a column's name (最低折扣): the one row that is nearest does not tell.
_OVER_ROWS = re.compile(
    r"最[贵旧好差]|最便宜|最[高低大小多少长短新早晚快慢]的|(?:谁|哪)[^，。]{0,12}最[\u3400-\u9fff]|总共|一共|合计|总计|总和|平均|加起来"
    r"|\b(?:most|least|highest|lowest|largest|smallest|biggest|oldest|newest|average|total|altogether|combined|sum)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Case:
    """One question with the passages that may answer it, and what they say of it."""

    query: Query
    resolution: Resolution
    passages: Sequence[Passage]
    form: QuestionForm
    support: Support
    settings: RouterSettings

    @property
    def chosen(self) -> Sequence[Passage]:
        """The passages that an answer is made from."""
        return self.passages[: self.settings.passages]

    @cached_property
    def units(self) -> tuple[grounding.Unit, ...]:
        """The words of content of the question, without the word for the kind of thing that is asked for."""
        units = grounding.content_units(self.query.question, self.resolution.terms)
        return without_kind(units, self.query.question)

    @cached_property
    def texts(self) -> list[str]:
        """The passages with their headings."""
        return [grounding.passage_text(passage) for passage in self.passages]


def supports(case: Case) -> bool:
    """Whether nothing that the question names is missing, and the passages speak of it well enough."""
    unknown = case.form.unknown.casefold()
    if unknown and not any(unknown in text.casefold() for text in case.texts):
        return False
    amounts = conditions(case.query.question)
    units = [unit for unit in case.units if unit.forms[0] not in amounts]
    return case.support.enough(case.settings.minimum_support) and not grounding.unknown_codes(units, case.texts)


def tells(case: Case) -> bool:
    """Whether a sentence or row may be quoted: nobody weighs it, so it must itself state such a thing as is asked for."""
    told, kind = case.support.sentence, kind_of(case.query.question, case.form)
    question = case.query.question
    if lacks_sort(question, told.text) or (kind and told.row and not row_tells(kind, told.text, question)):
        return False
    if PLACES_ASKED.search(question) and not _has_the_thing(case, "where"):
        return False
    if kind and (_of_another_time(question, told.text) or _unnamed(case)):
        return False
    if kind and told.row and says_another_step(question, told.text):
        return False
    if told.row and of_another_period(plain(question), plain(told.text), ""):
        return False
    if kind and not (told.row and told.share >= _WHOLE_ROW):
        headed = _told_below_its_heading(case.support) and has_value(kind, told.text, case.query.question)
        if not (headed or _stated(case, kind) or _stands_together(case, kind)):
            return False
        if not _has_the_thing(case, kind):
            return False
    if told.row and _of_other_things(case):
        return False
    # The neighbour of the asked row, or a row whose asked cell is empty, says nothing of what is asked; sentences may.
    return not (told.row and _of_another(case.support.coverage, case.query.question, case.form)) or (
        case.form.explanation and not case.form.reason and bool(_sentences(case))
    )


def _unnamed(case: Case) -> bool:
    """Whether what is measured or paid is not named, or several rows fit alike and do not say what the question begins with.

    A question begins with the name of what it is about: no row of 房抵贷 and 并购贷 answers for 装修贷.
    """
    told, question = case.support.sentence, plain(case.query.question)
    if told.row:
        alike = len(case.support.coverage.rows) >= _SEVERAL and not _LISTED.search(question)
        return alike and bool(told.said) and told.said[0] < _HALF
    said = plain(" ".join((told.text, *(told.passage.chunk.location.headings if told.passage else ()))))
    return not (names_what(question, said) and names_measure(question, said))


def _of_another_time(question: str, text: str) -> bool:
    """Whether a text tells of other months or quarters than the question alone, or of no time of day where one is asked for."""
    asked, said = plain(question), plain(text)
    return of_another_period(asked, said, "") or no_clock(asked, said)


def told_in_a_row(case: Case) -> bool:
    """Whether one row says so much of the question that it may be quoted as the answer."""
    told = case.support.sentence
    whole = told.row and told.share >= _NAMED_ROW and len(case.support.coverage.rows) == 1
    return whole and supports(case) and tells(case)


def quoted(case: Case) -> list[tuple[str, Passage]]:
    """Return the rows or sentences to quote, each with its passage."""
    return _best_rows(case, case.settings.sentences) or _sentences(case)


def _sentences(case: Case) -> list[tuple[str, Passage]]:
    """Return the sentences to quote; where one thing is asked for, the one that says most of it comes first."""
    told, kind = case.support.sentence, kind_of(case.query.question, case.form)
    limit, floor = case.settings.sentences, _AROUND if case.form.explanation else _BESIDE
    found = grounding.best_sentences(case.units, case.chosen, limit, floor)
    if told.passage is None or (kind and not has_value(kind, told.text, case.query.question)):
        return found
    if kind is None and (told.row or any(text == told.text for text, _ in found)):
        # Where several are asked for, the sentences stay in their order, the one that says most among them.
        return found
    first = (told.text, told.passage)
    return [first, *(pair for pair in found if pair[0] != told.text)][:limit]


def _of_other_things(case: Case) -> bool:
    """Whether the best row is not the asked one's, although it shares words with the question: 海岳 for 海月."""
    told, question, form = case.support.sentence, case.query.question, case.form
    if resembles(question, told.text):
        return True
    listed = _LISTED.search(question) and not _ONE_THING.search(question)
    if form.explanation or form.comparison or listed:
        return False
    words = subject_words(question, other_names(case.resolution))
    return stands_for_another(case.support.coverage, question, words)


def _stated(case: Case, kind: Kind) -> bool:
    """Whether a sentence has all the question's words about such a thing, or nearly all the words of its subject do.

    The cells of a row belong together however it is worded, so there less of the subject is enough.
    """
    question, passages = case.query.question, case.chosen
    said = "\n".join(grounding.fold(grounding.passage_text(passage)) for passage in passages)
    amounts = conditions(question)
    units = _said(case.units, said, amounts)
    asked = _said(_asked_about(question, case.resolution, case.texts), said, amounts)
    return (
        stated(question, kind, units, passages) >= case.settings.minimum_statement
        or stated(question, kind, asked, passages) >= _WHOLE_SUBJECT
        or stated(question, kind, asked, passages, rows_only=True) >= _IN_A_ROW
    )


def _has_the_thing(case: Case, kind: Kind) -> bool:
    """Whether such a thing as is asked for stands in the sentence that says most, or in one that says nearly as much."""
    told, question, coverage = case.support.sentence, case.query.question, case.support.coverage
    if has_value(kind, told.text, question, row=told.row):
        return True
    if _REACHED_BY.search(question):
        # Every page has a number to call; another's is worse than none.
        return False
    least = _NEARLY * told.share
    return any(
        coverage.told_by(line, passage) >= least and has_value(kind, line, question, row=row)
        for passage in case.chosen
        for line, row in grounding.lines_of(passage.chunk.text)
    )


def _stands_together(case: Case, kind: Kind) -> bool:
    """Whether a sentence has such a thing close to all that it says of the question, and no asked thing stands nowhere."""
    told, coverage = case.support.sentence, case.support.coverage
    if told.row or told.passage is None or told.share < _HALF or coverage.lacking(coverage.anywhere):
        return False
    said = [
        (asked.word.forms, asked.weight * share)
        for asked, share in zip(coverage.words, told.said, strict=True)
        if share >= _HALF
    ]
    return close_by(case.query.question, kind, said, told.text) >= _TOGETHER


def _best_rows(case: Case, limit: int) -> list[tuple[str, Passage]]:
    """Return the rows that say most, unless an explanation or a comparison is wanted, which one row does not give."""
    rows, form = case.support.coverage.rows, case.form
    listed = len(rows) >= _SEVERAL and _LISTED.search(case.query.question)
    if form.comparison or (form.explanation and not listed):
        return []
    return [(row.text, row.passage) for row in rows if row.passage is not None][:limit]


def _told_below_its_heading(support: Support) -> bool:
    return support.probability >= _LIKELY and support.coverage.heading >= _HEADED


def _of_another(coverage: Coverage, question: str, form: QuestionForm) -> bool:
    """Whether the best row does not answer: it is another thing's, has not the asked cell, or no single row can tell."""
    if form.reason:
        return True
    if form.comparison or _LISTED.search(question):
        return False
    if coverage.lacks_kind(kind_asked(question)):
        return True
    over_rows = any(
        word.casefold() not in coverage.sentence.text.casefold() for word in _OVER_ROWS.findall(question)
    )
    return (
        over_rows or coverage.lacking_cell or coverage.lacking_name or coverage.lacks(asked_attribute(question))
    )


def kind_of(question: str, form: QuestionForm) -> Kind | None:
    """Return the kind of the one thing that is asked for; a reason, a process and a comparison are no such thing."""
    return None if form.explanation or form.comparison or form.reason else asked_kind(question)


def without_kind(units: tuple[grounding.Unit, ...], question: str) -> tuple[grounding.Unit, ...]:
    """Leave out the word for the kind of thing that is asked for: 苏州 answers 哪个城市, 128 answers 多少秒."""
    kinds = {*kind_asked(question).split(), *counted_in(question)}
    return tuple(unit for unit in units if unit.forms[0] not in kinds) or units


def _said(units: Sequence[grounding.Unit], text: str, amounts: Collection[str]) -> tuple[grounding.Unit, ...]:
    """Keep the units that the text says at all: what it lacks has been weighed, and tells nothing of what stands together.

    Nor does an amount that only sets a condition: 入职6年 is met by the rule for 5 years.
    """
    return tuple(unit for unit in units if unit.forms[0] not in amounts and unit.covered_by(text) >= _HALF)


def _asked_about(question: str, resolution: Resolution, texts: Sequence[str]) -> tuple[grounding.Unit, ...]:
    """Return the words that the question is about, with their other names and the full forms that the texts have."""
    words = subject_words(question, other_names(resolution))
    return tuple(
        grounding.Unit((*word.forms, *in_full(word.text, texts)), word.weight, word.firm) for word in words
    )
