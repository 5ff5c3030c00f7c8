"""Facts in sentences: the sentence that states how many, how often, when, who, how long, how much or where.

A sentence counts only if it has a value of the asked kind and all the words of the question's subject stand in
it, in its headings or in its document's title. When in doubt there is no answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.facts.contrasts import (
    best_named,
    names_compound,
    of_another_kind,
    of_both,
    of_others,
    tells_more,
)
from retrieval.facts.fitting import (
    done_again,
    names_what,
    says_amounts,
    says_whose,
)
from retrieval.facts.lexicon import lexicon
from retrieval.facts.measures import names_measure
from retrieval.facts.nearby import best_statement
from retrieval.facts.normalize import plain
from retrieval.facts.occasions import of_another_event, of_another_period
from retrieval.facts.readings import READ_BY_RULES
from retrieval.facts.row_lines import find_cell, in_row, shows_rows
from retrieval.facts.splitting import sentences_of, told_under
from retrieval.facts.stated import contains, values_of
from retrieval.facts.strays import told_of_another
from retrieval.facts.subject import subject_of
from retrieval.facts.thresholds import by_steps, says_another_step
from retrieval.facts.types import Candidate, Fact, FactResult
from retrieval.facts.values import number_of
from retrieval.facts.versions import current, newest
from retrieval.facts.wanted import Wanted, counts_by_itself, in_written_order, value_pattern, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from retrieval.facts.passages import FoundPassage
    from retrieval.facts.row_lines import CellFound
    from retrieval.facts.subject import SubjectWord


@dataclass(frozen=True, slots=True)
class _Statement:
    """A sentence with the value it states; `support` is how much of the subject stands in the sentence itself."""

    value: str
    sentence: str
    passage: FoundPassage
    support: float
    rank: int


_CLAUSE = re.compile(r"[，,；;。]")
_OUTRIGHT = re.compile(
    r"(?:为|是|：|:|共|=|等于|定为|均为|一般|通常|统一|最长|最短|最多|最少|至少|至多|不超过|不少于|不低于|约|is|are|of|lasts)+$"
)
_WELL_COVERED, _COUNTS = 0.95, 0.5
_EXACT_UNITS = ("工作日", "小时", "分钟", "秒")
_COUNTED = re.compile(r"\bhow many (?:working |business |calendar )?([a-z]+)")
_HURRY = re.compile(r"\bhow (?:late|early|soon|quickly|far)\b")
_SAYS_KIND: Mapping[str, frozenset[str]] = {
    "percent": frozenset({"比例", "百分比", "占比", "percentage", "proportion", "share", "percent"}),
    "how_long": frozenset({"期限", "年限", "时长", "时限", "天数", "period"}),
}


class SentenceFacts:
    """Finds the sentence that states what is asked."""

    def find(
        self,
        question: str,
        passages: Sequence[FoundPassage],
        extra_names: Mapping[str, Sequence[str]] | None = None,
    ) -> FactResult:
        """The value that `passages` state, verbatim with its sentence; `absent` where none does for sure.

        `extra_names` gives other names for words of the question. Where statements differ, the newest version
        of a document counts, and the reason says so; otherwise they are all listed (`several`).
        """
        question = in_written_order(question)
        asked = wanted(question)
        names = {plain(word): tuple(plain(n) for n in forms) for word, forms in (extra_names or {}).items()}
        words = subject_of(question, names)
        if asked is not None and asked.kind == "which":
            # 走哪个端口: the kind of thing asked for need not be said where it stands.
            words = tuple(word for word in words if word.text not in asked.question_words) or words
        if asked is not None:
            words = tuple(word for word in words if word.text not in _of_the_kind(asked)) or words
            words = tuple(_counted(asked, word) for word in words)
        stepped = self._by_steps(asked, question, passages) if asked is not None else None
        if stepped is not None:
            return stepped
        strict = self._strict(asked, words, passages, names) if asked is not None and asked.subject else None
        if strict is not None and strict.status == "found":
            return strict
        return self._other_words(question, asked, words, passages) or strict or _nothing(asked, words)

    @staticmethod
    def _by_steps(asked: Wanted, question: str, passages: Sequence[FoundPassage]) -> FactResult | None:
        """The value of the step of a rule that holds the amount of the question (工作12年: 满10年不满20年)."""

        def values(text: str) -> list[str]:
            if asked.kind in READ_BY_RULES:
                return list(dict.fromkeys(READ_BY_RULES[asked.kind](asked, text)))
            found = value_pattern(asked.kind, asked.measure).finditer(text)
            return list(dict.fromkeys(match[0].strip() for match in found if match[0].strip()))

        found = [s for s in by_steps(question, passages, values) if names_what(asked.text, plain(s.line))]
        if len({_meaning(step.value) for step in found}) > 1:
            found = newest(found, lambda step: step.passage.document)
        if not found or len({_meaning(step.value) for step in found}) > 1:
            return None
        best = found[0]
        statement = _Statement(best.value, best.line, best.passage, 1.0, best.rank)
        subject = " ".join(asked.subject)
        return _one(statement, 0.85, "这句话给出了所问数额所在的一档", subject)

    @staticmethod
    def _other_words(
        question: str, asked: Wanted | None, words: Sequence[SubjectWord], passages: Sequence[FoundPassage]
    ) -> FactResult | None:
        """The find in a row or a sentence that says it in other words, whichever names more of the subject."""
        if not words:
            return None
        everything, passages = passages, current(question, passages, lambda passage: passage.document)
        subject = " ".join(word.text for word in words)
        cell = find_cell(asked, words, question, passages)
        near = None
        if asked is not None and (cell is None or cell.covered < _WELL_COVERED):
            near = best_statement(
                words,
                passages,
                lambda passage: sentences_of(passage, asked.text),
                lambda sentence, passage: _told(asked, sentence, passage, words),
            )
        if cell is not None and (near is None or cell.covered >= near.covered):
            return _cell_result(cell, subject)
        if near is None:
            return None
        statement = _Statement(near.value, near.sentence, near.passage, near.covered, 0)
        reason = "这句话换了说法给出所问的值"
        if len(passages) < len(everything):
            reason = f"有几个版本，以最新的《{near.passage.document.name}》为准"
        return _one(statement, 0.5 + 0.4 * near.covered, reason, subject)

    def _strict(
        self,
        asked: Wanted,
        words: Sequence[SubjectWord],
        passages: Sequence[FoundPassage],
        extra: Mapping[str, Sequence[str]],
    ) -> FactResult | None:
        names = dict(extra)
        for word in asked.subject:
            names[word] = (*names.get(word, ()), *lexicon().other(word))
        stated = [s for rank, p in enumerate(passages) for s in _statements(asked, words, (p, rank), names)]
        return _settled(asked, stated) if stated else None


def _counted(asked: Wanted, word: SubjectWord) -> SubjectWord:
    """A word of the subject; what is counted must be named, but for people, days and the like."""
    counted = asked.kind == "count" and word.text == asked.measure and word.weight >= _COUNTS
    if not counted or counts_by_itself(asked.measure):
        return word
    # lines are no 线: a single character stands in too many words.
    return replace(word, firm=True, forms=tuple(form for form in word.forms if len(form) > 1))


def _of_the_kind(asked: Wanted) -> frozenset[str]:
    """The words of a question that only say what kind of value it asks for: days in how many days, 比例 for a share."""
    counted = _COUNTED.search(asked.text) if asked.kind == "how_long" else None
    hurry = (
        frozenset({"late", "early", "soon", "quickly", "far", "advance"})
        if _HURRY.search(asked.text)
        else frozenset()
    )
    return _SAYS_KIND.get(asked.kind, frozenset()) | hurry | ({counted[1]} if counted else frozenset())


def _nothing(asked: Wanted | None, words: Sequence[SubjectWord]) -> FactResult:
    if asked is None:
        return FactResult("not_a_table_question", "问题不是在问一个数值、时间、地点或人")
    if not words:
        return FactResult("absent", "问题没有说明问的是什么")
    subject = " ".join(word.text for word in words)
    return FactResult("absent", "检索到的段落里没有一句给出所问的值", confidence=0.5, subject=subject)


def _cell_result(cell: CellFound, subject: str) -> FactResult:
    """The find in a row that a passage shows."""
    passage = cell.row.passage
    place = passage.chunk.location
    found = Fact(
        value=cell.row.values[cell.position], document_id=passage.document.id, document=passage.document.name,
        column=cell.row.headers[cell.position], sheet=place.sheet, page=place.page, cell=place.cell,
        sentence=cell.row.text, chunk_id=passage.chunk.id, label=cell.label,
    )  # fmt: skip
    return FactResult(
        "found", "这一行给出了所问的值", (found,), column=found.column, confidence=cell.sure, operation="value",
        total=1, subject=subject,
    )  # fmt: skip


def _statements(
    asked: Wanted,
    words: Sequence[SubjectWord],
    found: tuple[FoundPassage, int],
    names: Mapping[str, Sequence[str]],
) -> Iterator[_Statement]:
    passage, rank = found
    text = passage.chunk.text
    for start, end in sentences_of(passage, asked.text):
        sentence = text[start:end].strip()
        if sentence in passage.chunk.location.headings:
            continue
        if len(sentence) > 600 or sentence.endswith(("?", "？")) or in_row(text, start) or shows_rows(sentence):
            continue
        under = told_under(passage, start)
        context = plain(" ".join((*under, passage.document.title, passage.document.name)))
        heading = plain(" ".join(under[-2:]))
        support = _support(asked.subject, plain(sentence), context, heading, names)
        if support is None:
            continue
        for value in _told(asked, sentence, passage, words):
            yield _Statement(value, sentence, passage, support, rank)


def _support(
    subject: Sequence[str], sentence: str, context: str, heading: str, names: Mapping[str, Sequence[str]]
) -> float | None:
    """The share of the subject's words in the sentence itself; None when one stands nowhere, or none stands near."""
    compact, around = sentence.replace(" ", ""), context.replace(" ", "")
    near = inside = 0
    for word in subject:
        forms = (word, *names.get(word, ()))
        if any(contains(sentence, compact, form) for form in forms):
            inside += 1
            near += 1
        elif any(contains(context, around, form) for form in forms):
            near += any(contains(heading, heading.replace(" ", ""), form) for form in forms)
        else:
            return None
    return inside / len(subject) if near else None


def _in_unit(asked: Wanted, sentence: str, words: Sequence[SubjectWord]) -> list[str]:
    """The values in the unit that is asked for: 几个工作日 is not answered by 30天."""
    unit = next((unit for unit in _EXACT_UNITS if unit in asked.measure), "")
    return [value for value in values_of(asked, sentence, words) if unit in value]


def _told(asked: Wanted, sentence: str, passage: FoundPassage, words: Sequence[SubjectWord]) -> list[str]:
    """As `_in_unit`, but nothing where the sentence lacks an amount that the question tells (工作8年), or tells of another thing."""
    said = plain(sentence)
    if asked.kind == "how_long" and done_again(asked.text, said):
        asked = replace(asked, kind="how_often", text=f"{asked.text}一次")
    if not says_amounts(asked.text, said) or says_another_step(asked.text, said):
        return []
    under = told_under(passage, passage.chunk.text.find(sentence))
    around = plain(" ".join((*under, passage.document.title, passage.document.name)))
    if asked.kind == "contact" and not says_whose(words, f"{said} {around}"):
        return []
    if (
        not names_measure(asked.text, f"{said} {around}")
        or not names_what(asked.text, f"{said} {around}")
        or of_another_period(asked.text, said, around)
    ):
        return []
    if names_compound(asked.text, said) or of_another_kind(asked.text, said) or not of_both(asked.text, said):
        return []
    if asked.kind == "when" and of_another_event(asked.text, f"{said} {around}"):
        return []
    return [] if told_of_another(asked.text, words, said, around) else _in_unit(asked, sentence, words)


def _settled(asked: Wanted, stated: list[_Statement]) -> FactResult | None:
    """The value that the statements agree on; where they contradict each other all of them, and None where they speak of several things."""
    best = max(s.support for s in stated)
    strong = [s for s in stated if s.support == best]
    kept = best_named(asked.text, [(s.sentence, s.value) for s in strong])
    groups: dict[str, list[_Statement]] = {}
    for statement in sorted((strong[at] for at in kept), key=lambda s: s.rank):
        groups.setdefault(_meaning(statement.value), []).append(statement)
    subject = " ".join(asked.subject)
    direct = {key: group for key, group in groups.items() if any(_outright(asked, s) for s in group)}
    groups = direct if len(direct) == 1 else groups
    if len(groups) == 1:
        return _one(next(iter(groups.values()))[0], 0.6 + 0.35 * best, "这句话给出了所问的值", subject)
    latest = newest([s for group in groups.values() for s in group], lambda s: s.passage.document)
    if latest and len({_meaning(s.value) for s in latest}) == 1:
        name = latest[0].passage.document.name
        return _one(latest[0], 0.55 + 0.3 * best, f"几个版本说法不同，以最新的《{name}》为准", subject)
    differing = _contradicting(asked, [group[0] for group in groups.values()])
    facts = tuple(_fact(statement) for statement in differing)
    names = tuple(Candidate(f.document, "", document_id=f.document_id) for f in facts)
    return (
        FactResult("several", "几处说法不同", facts, names, confidence=0.4, total=len(facts), subject=subject)
        if facts
        else None
    )


def _contradicting(asked: Wanted, stated: Sequence[_Statement]) -> list[_Statement]:
    """Those of several statements that another one contradicts: in another sentence, of the same thing under the same condition."""
    return [
        one for one in stated
        if any(
            one.sentence != other.sentence
            and not of_others(asked.text, (one.sentence, one.value), (other.sentence, other.value))
            for other in stated
        )
    ]  # fmt: skip


def _outright(asked: Wanted, statement: _Statement) -> bool:
    """Whether a sentence states the value of the subject itself: 试用期为6个月, not 试用期员工前3个月不得远程."""
    before = plain(statement.sentence[: statement.sentence.find(statement.value)]).replace(" ", "")
    bare = _OUTRIGHT.sub("", before)
    word = next((w for w in asked.subject if bare.endswith(w.replace(" ", ""))), "")
    if bare == before or not word:
        return False
    clause = bare[max((match.end() for match in _CLAUSE.finditer(bare)), default=0) :]
    return not tells_more(asked.text.replace(" ", ""), clause.removesuffix(word.replace(" ", "")))


def _meaning(value: str) -> str:
    number = number_of(value)
    unit = re.sub(r"[\d.,，\s零〇一二两三四五六七八九十百千万亿]+", "", plain(value)).removeprefix("个")
    return f"{number} {unit}" if number is not None else plain(value).replace(" ", "")


def _one(statement: _Statement, confidence: float, reason: str, subject: str) -> FactResult:
    found = _fact(statement)
    return FactResult(
        "found", reason, (found,), confidence=round(confidence, 3), operation="value", total=1, subject=subject
    )


def _fact(statement: _Statement) -> Fact:
    place = statement.passage.chunk.location
    return Fact(
        value=statement.value,
        document_id=statement.passage.document.id,
        document=statement.passage.document.name,
        sheet=place.sheet,
        page=place.page,
        cell=place.cell,
        sentence=statement.sentence,
        chunk_id=statement.passage.chunk.id,
    )
