"""Facts in sentences: the sentence that states how many, how often, when, who, how long, how much or where.

A sentence counts only if it has a value of the asked kind and all the words of the question's subject stand in
it, in its headings or in its document's title. When in doubt there is no answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.facts.clauses import Spot, joined, said_of
from retrieval.facts.coordinates import belongs_to_another
from retrieval.facts.fitting import may_answer, names_what, says_amounts, says_whose
from retrieval.facts.lexicon import lexicon
from retrieval.facts.nearby import best_statement
from retrieval.facts.normalize import plain
from retrieval.facts.occasions import no_clock, of_another_event, of_another_period
from retrieval.facts.row_lines import find_cell, in_row, shows_rows
from retrieval.facts.strays import told_of_another
from retrieval.facts.subject import subject_of
from retrieval.facts.thresholds import by_steps, says_another_step
from retrieval.facts.types import Candidate, Fact, FactResult
from retrieval.facts.values import number_of
from retrieval.facts.versions import current, newest
from retrieval.facts.wanted import Wanted, value_pattern, wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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


_END = re.compile(r"[。！？!?；;]+[”」』）)]*|\.(?=\s+[A-Z一-鿿]|\s*$)|\n+")
_CLAUSE = re.compile(r"[，,；;。]")
_PART = re.compile(r"[，,；;。、]|\band\b|\bbut\b")
_BULLET = re.compile(r"\s*(?:[-•*·●○▪◆■]|[（(]?[\d一二三四五六七八九十]{1,3}[.、)）．]|\|)")
# `由每月2次改为3次`: what was is no longer so.
_CHANGED = re.compile(
    r"(?:由|从|原为|原来的?|\bfrom )\s*(?P<old>[^，,。；;]{1,40}?)\s*"
    r"(?:(?:改|调整|变|变更|修改|提高|提升|增加|增|降低|降|减少|减|缩短|延长|上调|下调|升|扩大|扩)(?:为|成|到|至)|\bto\b)",
    re.IGNORECASE,
)
_OUTRIGHT = re.compile(
    r"(?:为|是|：|:|共|=|等于|定为|均为|一般|通常|统一|最长|最短|最多|最少|至少|至多|不超过|不少于|不低于|约|is|are|of|lasts)+$"
)
_WRAPPED, _WELL_COVERED = 20, 0.95
_EXACT_UNITS = ("工作日", "小时", "分钟", "秒")
_NAME = r"[一-鿿A-Za-z·（）() ]{2,16}?"
_NOT_A_NAME = re.compile(
    r"^(?:应|须|需|可|不|如|若|并|且|其|该|此|所有|员工应|人员|相关|有关|谁|按|在|经|将|为|是|的|和)+$"
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end; a line that was wrapped within a sentence is not cut."""
    start = 0
    for match in _END.finditer(text):
        if match[0].startswith("\n") and len(match[0]) == 1 and _is_wrapped(text, start, match):
            continue
        end = match.start() if match[0].startswith("\n") else match.end()
        if text[start:end].strip():
            yield start, end
        start = match.end()
    if text[start:].strip():
        yield start, len(text)


def _is_wrapped(text: str, start: int, match: re.Match[str]) -> bool:
    line = (
        text[text.rfind("\n", start, match.start()) + 1 : match.start()]
        if "\n" in text[start : match.start()]
        else text[start : match.start()]
    )
    following = text[match.end() : match.end() + 12]
    return (
        len(line.strip()) >= _WRAPPED
        and bool(following.strip())
        and not _BULLET.match(following)
        and "|" not in line
    )


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
        asked = wanted(question)
        names = {plain(word): tuple(plain(n) for n in forms) for word, forms in (extra_names or {}).items()}
        words = subject_of(question, names)
        if asked is not None and asked.kind == "which":
            # 走哪个端口: the kind of thing asked for need not be said where it stands.
            words = tuple(word for word in words if word.text not in asked.question_words) or words
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
            if asked.kind in _READ_BY_RULES:
                return list(dict.fromkeys(_READ_BY_RULES[asked.kind](asked, text)))
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
                words, passages, sentences, lambda sentence, passage: _told(asked, sentence, passage, words)
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
    context = plain(" ".join((*passage.chunk.location.headings, passage.document.title, passage.document.name)))
    heading = plain(" ".join(passage.chunk.location.headings[-2:]))
    for start, end in sentences(text):
        sentence = text[start:end].strip()
        if sentence in passage.chunk.location.headings:
            continue
        if len(sentence) > 600 or sentence.endswith(("?", "？")) or in_row(text, start) or shows_rows(sentence):
            continue
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
        if any(_contains(sentence, compact, form) for form in forms):
            inside += 1
            near += 1
        elif any(_contains(context, around, form) for form in forms):
            near += any(_contains(heading, heading.replace(" ", ""), form) for form in forms)
        else:
            return None
    return inside / len(subject) if near else None


def _contains(text: str, compact: str, word: str) -> bool:
    if word.isascii():
        stem = word[:-1] if word.endswith("s") and len(word) > 3 else word
        return re.search(rf"(?<![a-z0-9]){re.escape(stem)}(?:s|es)?(?![a-z0-9])", text) is not None
    if word.replace(" ", "") in compact:
        return True
    # 每月 and 每个月 say the same.
    return word.startswith("每") and len(word) == 2 and f"每个{word[1]}" in compact


def _in_unit(asked: Wanted, sentence: str, words: Sequence[SubjectWord]) -> list[str]:
    """The values in the unit that is asked for: 几个工作日 is not answered by 30天."""
    unit = next((unit for unit in _EXACT_UNITS if unit in asked.measure), "")
    return [value for value in _values(asked, sentence, words) if unit in value]


def _told(asked: Wanted, sentence: str, passage: FoundPassage, words: Sequence[SubjectWord]) -> list[str]:
    """As `_in_unit`, but nothing where the sentence lacks an amount that the question tells (工作8年), or tells of another thing."""
    said = plain(sentence)
    if not says_amounts(asked.text, said) or says_another_step(asked.text, said):
        return []
    around = plain(" ".join((*passage.chunk.location.headings, passage.document.title, passage.document.name)))
    if asked.kind == "contact" and not says_whose(words, f"{said} {around}"):
        return []
    if not names_what(asked.text, f"{said} {around}") or of_another_period(asked.text, said, around):
        return []
    if asked.kind == "when" and of_another_event(asked.text, f"{said} {around}"):
        return []
    return [] if told_of_another(asked.text, words, said, around) else _in_unit(asked, sentence, words)


def _values(asked: Wanted, sentence: str, words: Sequence[SubjectWord]) -> list[str]:
    """The values of the asked kind in the clause that speaks most of the subject, verbatim, each once."""
    if asked.kind in _READ_BY_RULES:
        return list(dict.fromkeys(_READ_BY_RULES[asked.kind](asked, sentence)))
    pattern = value_pattern(asked.kind, asked.measure)
    found = [_spot(m) for m in pattern.finditer(sentence) if m[0].strip()]
    found = [spot for spot in found if plain(spot.text) not in asked.subject]
    if asked.kind == "how_often":
        # 每月做一次: how often is every month; how many times is said beside it.
        found = [spot for spot in found if spot.text.startswith(("每", "every"))] or found
    former = [match.span("old") for match in _CHANGED.finditer(sentence)]
    found = [spot for spot in found if not any(start <= spot.start < end for start, end in former)]
    found = [
        spot
        for spot in joined(sentence, found)
        if may_answer(asked, sentence, spot)
        and not belongs_to_another(asked, sentence, spot)
        and plain(spot.text) not in asked.text
        and not no_clock(asked.text, plain(spot.text))
    ]
    found = _with_word(asked.after, sentence, said_of(words, sentence, found))
    spots = [(spot.start, spot.text) for spot in found]
    for cut in (_CLAUSE, _PART):
        if len({value for _, value in spots}) > 1:
            spots = _nearest_clause(asked.subject, sentence, spots, cut)
    for word in asked.beside if len({value for _, value in spots}) > 1 else ():
        spots = _in_clause_with(word, sentence, spots) or spots
    return list(dict.fromkeys(value for _, value in spots))


def _spot(match: re.Match[str]) -> Spot:
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return Spot(start, start + len(match[0].strip()), match[0].strip())


def _with_word(word: str, sentence: str, spots: list[Spot]) -> list[Spot]:
    """Those of several values in whose clause the word stands that follows the question word: 80分及格 for 多少分及格."""
    if not word or len(spots) < 2:
        return spots
    forms = (word, *lexicon().other(word))
    bounds = [0, *(m.end() for m in _CLAUSE.finditer(sentence)), len(sentence)]
    inside = [
        spot
        for spot in spots
        if any(
            a <= spot.start < b and any(form in plain(sentence[a:b]) for form in forms)
            for a, b in pairwise(bounds)
        )
    ]
    return inside or spots


def _in_clause_with(word: str, sentence: str, spots: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Those of the values that share their clause with a word."""
    bounds = [0, *(m.end() for m in _CLAUSE.finditer(sentence)), len(sentence)]
    return [
        (at, v)
        for at, v in spots
        if any(a <= at < b and word in plain(sentence[a:b]) for a, b in pairwise(bounds))
    ]


def _nearest_clause(
    subject: Sequence[str], sentence: str, spots: list[tuple[int, str]], cut: re.Pattern[str]
) -> list[tuple[int, str]]:
    bounds = [0, *(m.end() for m in cut.finditer(sentence)), len(sentence)]
    clauses = [(a, b) for a, b in pairwise(bounds) if b > a]

    def weight(clause: tuple[int, int]) -> int:
        words = plain(sentence[clause[0] : clause[1]])
        return sum(_contains(words, words.replace(" ", ""), word) for word in subject)

    valued = [c for c in clauses if any(c[0] <= at < c[1] for at, _ in spots)]
    best = max(weight(clause) for clause in (valued or clauses))
    chosen = [c for c in clauses if weight(c) == best and any(c[0] <= at < c[1] for at, _ in spots)]
    return [(at, v) for at, v in spots if any(a <= at < b for a, b in chosen)] if best and chosen else spots


def _people(asked: Wanted, sentence: str) -> list[str]:
    """Who a sentence names: 由 X 审批, X 负责 …, 负责人：X, approved by X."""
    verbs = "|".join(re.escape(w) for w in asked.subject) or "负责"
    acts = rf"(?:{verbs}|负责|审批|批准|主持|组织|主讲|承担|签字|审核|复核|牵头)"
    patterns = (
        rf"由\s*({_NAME})\s*(?:统一|共同|直接|进行)?{acts}",
        rf"(?:负责人|联系人|讲师|主讲人?|主持人|审批人|经办人|责任人|对接人|责任部门|负责部门)\s*[是为：:]\s*({_NAME})(?=[，,。；;、\s]|$)",
        rf"(?:^|[，,。；;：:])\s*({_NAME})\s*(?:负责|审批|批准|主持|主讲|牵头)",
        r"\b(?:by|is|contact) (?:the )?([A-Z][\w. ]{1,30}?)(?=[,.;]|$| (?:is|and|on|in|for|at|who)\b)",
        r"^(?:the )?([A-Z][\w ]{1,30}?) (?:is responsible|approves|is in charge|handles|leads|signs|manages)\b",
    )
    for pattern in patterns:
        found = [m[1].strip() for m in re.finditer(pattern, sentence)]
        found = [name for name in found if len(name) > 1 and "由" not in name and not _NOT_A_NAME.match(name)]
        found = [name for name in found if not any(word in plain(name) for word in asked.subject)]
        if found:
            return found
    return []


def _places(_asked: Wanted, sentence: str) -> list[str]:
    patterns = (
        r"(?:地点|地址|位置|场地|会场)\s*(?:是|为|在|设在|[：:])\s*([^，,。；;\n]{2,40})",
        r"(?:位于|设在|设于|存放在|存放于|放在|放置在|前往|送到|送至|寄到|寄至|到)\s*([^，,。；;\n]{2,30}?)(?=[，,。；;]|$|办理|领取|登记|报到|举行|召开|进行)",
        r"在\s*([^，,。；;\n]{2,20}?(?:室|厅|楼|层|中心|大厦|广场|园区|仓库|车间|路\S{0,8}号|平台|系统|机房|会议室|前台))(?=[，,。；;]|$|办理|领取|登记|报到|举行|召开|进行|举办|开展)",
        r"\b(?:located|held|stored|takes place|kept) (?:in|at|on) (?:the )?([^,.;]{2,40})",
    )
    for pattern in patterns:
        found = [m[1].strip() for m in re.finditer(pattern, sentence)]
        if found:
            return found
    return []


def _meanings(asked: Wanted, sentence: str) -> list[str]:
    """What stands after a code that opens its line: E-1012  授权已过期：…"""
    code = "|".join(re.escape(word) for word in asked.subject)
    match = re.match(rf"\W*(?:{code})\s*[:：\-—|]?\s*([^：:，,。；;|\n]{{2,40}})", sentence, re.I)
    return [match[1].strip()] if match and match[1].strip() else []


_READ_BY_RULES: Mapping[str, Callable[[Wanted, str], list[str]]] = {
    "who": _people, "where": _places, "meaning": _meanings,
}  # fmt: skip


def _settled(asked: Wanted, stated: list[_Statement]) -> FactResult:
    best = max(s.support for s in stated)
    strong = [s for s in stated if s.support == best]
    groups: dict[str, list[_Statement]] = {}
    for statement in sorted(strong, key=lambda s: s.rank):
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
    facts = tuple(_fact(group[0]) for group in groups.values())
    names = tuple(Candidate(f.document, "", document_id=f.document_id) for f in facts)
    return FactResult(
        "several", "几处说法不同", facts, names, confidence=0.4, total=len(facts), subject=subject
    )


def _outright(asked: Wanted, statement: _Statement) -> bool:
    """Whether a sentence states the value of the subject itself: 试用期为6个月, not 试用期员工前3个月不得远程."""
    before = plain(statement.sentence[: statement.sentence.find(statement.value)]).replace(" ", "")
    bare = _OUTRIGHT.sub("", before)
    return bare != before and any(bare.endswith(word.replace(" ", "")) for word in asked.subject)


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
