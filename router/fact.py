"""The fact road: an exact value from a cell or a sentence, composed into words without changing a character of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.facts.names import NameReader
from router.term import Draft
from router.types import Citation, Option, Status
from router.wording import empty_cell, shown_computed, shown_value, worded_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from retrieval.facts.types import Fact, FactResult
    from router.questions import Language

    Unsupported = Callable[[str, Sequence[str]], Sequence[str]]

UNSUPPORTED = "unsupported"
_PAGE = 50
# 在哪开，每周几: who asks two things is given the whole sentence, not the value of one of them.
_ASKS = re.compile(
    r"(?:什么时候|什么|啥|谁|哪|几|多少|多久|多长)|\b(?:what|who|when|where|which|how)\b", re.IGNORECASE
)
_CJK = re.compile(r"[\u3400-\u9fff]")
# Below this, `several` means names that only resemble the asked one: none of them is it.
_NEAR = 0.5


def agreed(result: FactResult, question: str) -> FactResult:
    """Where several tables give one and the same value, put the row first whose own name is asked about.

    A branch's code stands in the table of branches and in every table that refers to it.
    """
    rows = {(fact.table_id, fact.row) for fact in result.facts}
    values = {fact.value for fact in result.facts}
    if result.status != "found" or result.computed or len(rows) < 2 or len(values) > 1:
        return result
    return replace(
        result, facts=tuple(sorted(result.facts, key=lambda fact: -_likeness(fact.label, question))), total=1
    )


def _likeness(name: str, question: str) -> float:
    pairs = {name[i : i + 2] for i in range(len(name) - 1)}
    return sum(pair in question for pair in pairs) / len(pairs) if pairs else 0.0


def answer_fact(result: FactResult, question: str, language: Language) -> Draft:
    """Compose the answer that `result` supports: the value, a choice of rows, or a refusal that names no value."""
    language = worded_in(question, language)
    if result.status == "found":
        return _found(result, question, language)
    if result.status == "absent" and result.empty:
        text = "\n".join(empty_cell(fact, language) for fact in result.empty)
        return Draft(Status.REFUSED, text, cite_facts(result.empty), confidence=result.confidence)
    begun = result.status in {"several", "absent"} and _begun(result)
    if begun or (result.status == "several" and (result.facts or result.confidence >= _NEAR)):
        return _several(result, question, language)
    return _refused(result, language)


def guarded(draft: Draft, result: FactResult, question: str, unsupported: Unsupported) -> Draft:
    """Return `draft`, or a refusal where it shows a number, code or date that no source which it cites holds.

    What was counted or computed over the cited rows, and what the question says itself, needs no source.
    """
    if draft.status is not Status.ANSWERED:
        return draft
    rows = str(max(result.total, len(result.facts)))
    units = [fact.unit for fact in (*result.facts, *result.details)]
    own = (question, result.computed, rows, str(int(rows) - result.offset - _PAGE), *units)
    sources = [text for cited in draft.citations for text in (cited.document, cited.quote, cited.cell or "")]
    if not unsupported(draft.text, [*sources, *own]):
        return draft
    language = worded_in(question, "zh" if _CJK.search(question) else "en")
    return replace(_refused(replace(result, status="absent", candidates=()), language), flags=(UNSUPPORTED,))


def _begun(result: FactResult) -> bool:
    """Tell whether what is asked about is a part of the name of every candidate: several rows may be meant."""
    reader = NameReader()
    asked = [
        piece for piece in map(reader.canonical, result.subject.split()) if len(piece) > 1 or piece.isdigit()
    ]
    names = [reader.canonical(candidate.name) for candidate in result.candidates]
    return bool(asked) and len(names) > 1 and all(piece in name for name in names for piece in asked)


def _found(result: FactResult, question: str, language: Language) -> Draft:
    facts = result.facts
    if result.computed:
        text = _computed(result, language)
    elif len(facts) == 1 and facts[0].sentence:
        text = _stated(facts[0], language, whole=len(_ASKS.findall(question)) > 1)
    elif len(facts) == 1 or (result.total == 1 and len({fact.value for fact in facts}) == 1):
        text = _value(facts[0], result.details, language)
    else:
        text = _list(result, language)
    return Draft(Status.ANSWERED, text, cite_facts(facts, result.details), confidence=result.confidence)


def _value(fact: Fact, details: Sequence[Fact], language: Language) -> str:
    subject, value = fact.label, shown_value(fact, language)
    if language == "zh":
        head = (
            f"{subject}的{fact.column}是 {value}"
            if subject and subject != fact.value
            else f"{fact.column}：{value}"
        )
        more = "；".join(f"{other.column}：{shown_value(other, language)}" for other in _others(fact, details))
        return f"{head}（{more}）。" if more else f"{head}。"
    head = (
        f"{fact.column} of {subject}: {value}"
        if subject and subject != fact.value
        else f"{fact.column}: {value}"
    )
    more = "; ".join(f"{other.column}: {shown_value(other, language)}" for other in _others(fact, details))
    return f"{head} ({more})" if more else head


def _others(fact: Fact, details: Sequence[Fact]) -> list[Fact]:
    return [
        other for other in details if other.value and other.column != fact.column and other.value != fact.label
    ]


def _stated(fact: Fact, language: Language, *, whole: bool = False) -> str:
    if whole:
        return f"“{fact.sentence}”" if language == "zh" else f'"{fact.sentence}"'
    return (
        f"{fact.value}。原文：“{fact.sentence}”"
        if language == "zh"
        else f'{fact.value}. Source: "{fact.sentence}"'
    )


def _computed(result: FactResult, language: Language) -> str:
    cells: dict[tuple[str, int | None, str], list[Fact]] = {}
    for fact in result.facts[:_PAGE]:
        cells.setdefault((fact.table_id, fact.row, fact.label), []).append(fact)
    shown = [f"- {_line(facts, language)}" for facts in cells.values()]
    rows = [shown_computed(result, language), *shown]
    if result.total > len(shown) > 0:
        rows.append(_more(result.total - len(shown), language))
    return "\n".join(rows)


def _list(result: FactResult, language: Language) -> str:
    rows: dict[tuple[str, int | None], list[Fact]] = {}
    for fact in result.facts:
        rows.setdefault((fact.table_id, fact.row), []).append(fact)
    if len(rows) == 1:
        return _row(result.facts, language)
    total = max(result.total, len(rows))
    rest = total - result.offset - len(rows)
    # A number that stands in no source is given only where it says that rows are left out.
    lines = [f"共 {total} 条：" if language == "zh" else f"{total} rows:"] if rest > 0 else []
    lines += [f"- {_line(facts, language)}" for facts in rows.values()]
    if rest > 0:
        lines.append(_more(rest, language))
    return "\n".join(lines)


def _line(facts: Sequence[Fact], language: Language) -> str:
    """One row of a list: its name and the asked cells, with their columns' names where there are several."""
    label = facts[0].label
    told = [fact for fact in facts if fact.value and fact.value != label]
    if not told:
        return label or facts[0].value
    colon, separator = ("：", "；") if language == "zh" else (": ", "; ")
    values = [f"{fact.column}{colon}{shown_value(fact, language)}" for fact in told]
    shown = shown_value(told[0], language) if len(told) == 1 else separator.join(values)
    return f"{label}{colon}{shown}" if label else shown


def _row(facts: Sequence[Fact], language: Language) -> str:
    label = facts[0].label
    colon, separator = ("：", "；") if language == "zh" else (": ", "; ")
    values = separator.join(
        f"{fact.column}{colon}{shown_value(fact, language)}"
        for fact in facts
        if fact.value and fact.value != label
    )
    return f"{label}{colon}{values}" if label else values


def _more(rest: int, language: Language) -> str:
    return f"（另有 {rest} 条未列出）" if language == "zh" else f"({rest} more not shown)"


def _several(result: FactResult, question: str, language: Language) -> Draft:
    """Ask back: several rows, or sentences that disagree, fit the question."""
    if result.facts and result.facts[0].sentence:
        return _disagreeing(result, question, language)
    names = [candidate.name for candidate in result.candidates] or [
        fact.label or fact.value for fact in result.facts
    ]
    names = list(dict.fromkeys(name for name in names if name))
    options = tuple(Option(name, _ask(name, result, question, language)) for name in names[:_PAGE])
    total = max(result.total, len(names))
    lead = (
        f"有 {total} 个条目符合，您要问的是哪一个？"
        if language == "zh"
        else f"{total} entries fit. Which one do you mean?"
    )
    if total == 1 and names:
        lead = f"您要问的是“{names[0]}”吗？" if language == "zh" else f"Do you mean {names[0]}?"
    lines = [lead, *(f"{i}. {name}" for i, name in enumerate(names[:_PAGE], 1) if total > 1)]
    if total > _PAGE:
        lines.append(_more(total - _PAGE, language))
    return Draft(Status.CLARIFY, "\n".join(lines), cite_facts(result.facts), options, result.confidence)


def _disagreeing(result: FactResult, question: str, language: Language) -> Draft:
    """Show what each sentence states; where they stand in several documents, let the asker choose one."""
    zh = language == "zh"
    lead = "资料中的说法不一致，请核对：" if zh else "The documents disagree; please check:"
    lines = [
        f"{i}. {fact.value}：“{fact.sentence}”（{fact.document}）" for i, fact in enumerate(result.facts, 1)
    ]
    documents = list(dict.fromkeys(fact.document for fact in result.facts))
    options = tuple(
        Option(name, f"根据《{name}》，{question}" if zh else f"According to {name}: {question}")
        for name in documents
    )
    chosen = options if len(options) > 1 else ()
    return Draft(Status.CLARIFY, "\n".join([lead, *lines]), cite_facts(result.facts), chosen, result.confidence)


def _ask(name: str, result: FactResult, question: str, language: Language) -> str:
    """The question that would choose `name`: the asked name replaced by it, or a plain one."""
    if result.subject and result.subject in question:
        return question.replace(result.subject, name, 1)
    column = result.column
    if language == "zh":
        return f"{name}的{column}是多少？" if column else name
    return f"What is the {column} of {name}?" if column else name


def _refused(result: FactResult, language: Language) -> Draft:
    names = list(dict.fromkeys(candidate.name for candidate in result.candidates))[:5]
    if result.status == "wrong_identifier":
        text = (
            f"您给出的号码不是有效的{result.column or '编号'}：校验位或格式不符，请核对后再问。"
            if language == "zh"
            else f"The number you gave is not a valid {result.column or 'identifier'}: its check digit or form is wrong. Please check it."
        )
        return Draft(Status.REFUSED, text, confidence=result.confidence)
    text = (
        "没有找到与问题完全相符的记录，因此不给出任何数值。"
        if language == "zh"
        else "No record matches the question, so no value is given."
    )
    if names:
        nearest = "、".join(names) if language == "zh" else "; ".join(names)
        text += f"名称最接近的有：{nearest}。" if language == "zh" else f" The nearest names are: {nearest}."
    return Draft(Status.REFUSED, text, confidence=result.confidence)


def cite_facts(facts: Sequence[Fact], details: Sequence[Fact] = ()) -> tuple[Citation, ...]:
    """Cite the cell or the sentence of each fact; `details` are other cells of the first one's row that are shown too.

    The quote of a cell names its row and column, so that whatever an answer says of it stands in its source.
    """
    citations = []
    for at, fact in enumerate(facts):
        shown = _others(fact, details) if at == 0 else []
        quote = fact.sentence or _quoted(fact, shown)
        citations.append(
            Citation(fact.document, fact.document_id, quote, fact.page, None, fact.sheet, fact.cell, score=1.0)
        )
    return tuple(dict.fromkeys(citations))


def _quoted(fact: Fact, details: Sequence[Fact]) -> str:
    row = [fact.label] if fact.label and fact.label != fact.value else []
    cells = (f"{cell.column}：{cell.value}" if cell.column else cell.value for cell in (fact, *details))
    return "；".join((*row, *cells))
