"""What people call a column whose header they have before them: its parts, its stem, and the verb that belongs to it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import lexicon
from retrieval.facts.normalize import fold, plain
from retrieval.facts.subject import stop_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# How well a word fits a column: 4 is the very header; a synonym by concept has 3 (catalogue.py).
_BARE, _PART, _STEM, _VERB, _END, _INSIDE = 3.75, 3.5, 2.75, 2.5, 1.75, 1.5
_SAID = 2.9
_OTHERWISE, _CONCEPT, _NAMES = 0.25, 2.9, 6
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_GENERAL = re.compile(
    r"(?:时间|日期|日|名称|情况|比例|金额|工程师|人员|人数|人|员|者|数量|数|量|编号|编码|代码|号码|号|额|标准"
    r"|\s+(?:date|time|name|no\.?|number|code|id))$"
)
_PAST = {
    "teach": ("taught",), "sell": ("sold",), "buy": ("bought",), "make": ("made",), "build": ("built",), "lead": ("led",),
    "hold": ("held",), "write": ("wrote", "written"), "drive": ("drove", "driven"), "own": ("owned",), "run": ("ran",),
}  # fmt: skip
_WEEKDAY = re.compile(r"^(?:星期|周|礼拜)([一二三四五六日天])$")
_LONGEST = 14
_LITTLE = frozenset(
    {
        "the",
        "and",
        "for",
        "per",
        "until",
        "from",
        "with",
        "of",
        "to",
        "in",
        "on",
        "by",
        "each",
        "first",
        "name",
        "date",
        "time",
        "code",
        "number",
        "type",
        "total",
    }
)


@lru_cache(maxsize=20_000)
def header_forms(header: str) -> Mapping[str, float]:
    """The words that mean a header, in plain form, with how well each fits it (4: the header itself)."""
    shown = plain(header)
    forms = {shown: 4.0}
    bare = _BRACKETS.sub("", shown).strip()
    parts = [part.strip() for part in re.split(r"[/／]", bare) if part.strip()]
    for form, fit in [(bare, _BARE), *((part, _PART) for part in parts)]:
        _add(forms, form, fit)
    for part in parts:
        for form, fit in _derived(part):
            _add(forms, form, fit)
    for form, fit in tuple(forms.items()):
        for other in _called_otherwise(form):
            # 完工 for 竣工日期, kids for Children.
            _add(forms, other, min(fit - _OTHERWISE, _CONCEPT))
    return forms


def _called_otherwise(form: str) -> tuple[str, ...]:
    """The other names of a word of a header, but those that say little."""
    words = lexicon()
    if form in words.weak:
        return ()
    return tuple(
        w for w in words.other(form)[:_NAMES] if w not in words.weak and w not in stop_words() and len(w) > 1
    )


def _add(forms: dict[str, float], form: str, fit: float) -> None:
    if len(form) > 1 or not form.isascii():
        forms[form] = max(fit, forms.get(form, 0.0))


def _derived(part: str) -> Iterator[tuple[str, float]]:
    stem = _GENERAL.sub("", part)
    if 1 < len(stem) < len(part):
        yield stem, _STEM
    if part.isascii():
        yield from ((form, _VERB) for form in _verbs(stem if stem else part))
        yield from _phrases(part)
        return
    weekday = _WEEKDAY.match(part)
    if weekday:
        yield from ((f"{week}{weekday[1]}", _PART) for week in ("星期", "周", "礼拜"))
    yield from ((form, _SAID) for form in _reworded(part))
    for run, last in _runs(part):
        yield run, _END if last else _INSIDE


def _reworded(part: str) -> Iterator[str]:
    """A Chinese header with one of its words by another name: 小孩票 for 儿童票."""
    spans = [
        (a, b) for a in range(len(part)) for b in range(a + 2, len(part) + 1) if b - a < len(part) <= _LONGEST
    ]
    for start, end in spans:
        for other in _called_otherwise(part[start:end]):
            if not other.isascii():
                yield f"{part[:start]}{other}{part[end:]}"


def _phrases(part: str) -> Iterator[tuple[str, float]]:
    """The words and runs of words in an English header of several: warranty, and cores in CPU cores."""
    words = part.split()
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            run = " ".join(words[start:end])
            if run != part and len(run) > 2 and run not in _LITTLE and len(words) < 8:
                yield run, _END if end == len(words) else _INSIDE


def _verbs(word: str) -> Iterator[str]:
    """The forms of the verb that an English header is made from (supplier, hire date, start)."""
    if " " in word or not word.isalpha() or len(word) < 4:
        return
    base = word
    if len(word) > 5 and word.endswith(("er", "or")):
        base = word[:-2]
        base = base[:-1] + "y" if base.endswith("i") else base
        yield base
        if base.endswith("y"):
            yield from (base[:-1] + "ies", base[:-1] + "ied")
    root = base.removesuffix("e")
    yield from (f"{root}ed", f"{root}es", f"{base}s", f"{base}ly")
    yield from _PAST.get(base, ())


def _runs(part: str) -> Iterator[tuple[str, bool]]:
    """The runs of whole words in a Chinese header, and whether each ends it (买入价 in 现汇买入价)."""
    import rjieba

    if not 2 < len(part) <= _LONGEST:
        return
    words = [str(word) for word in rjieba.cut(part)]
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            run = "".join(words[start:end]).strip()
            if len(run) > 1 and run != part:
                yield run, end == len(words)


def form_fit(word: str, header: str) -> float:
    """How well a word of a question fits a header by its form alone; 0 where it does not."""
    forms = header_forms(header)
    shown = plain(word)
    fit = forms.get(shown, 0.0)
    return fit or (4.0 if fold(word) == fold(header) else 0.0)


@lru_cache(maxsize=4_096)
def kind_forms(header: str) -> tuple[str, ...]:
    """What the rows are called whose names stand under a header: 合同 for 合同编号, employee for Employee ID."""
    shown = _BRACKETS.sub("", plain(header)).strip()
    stem = shown
    previous = None
    while previous != stem:
        previous = stem
        stem = re.sub(
            r"(?:名称|全称|姓名|编号|编码|代码|号码|名|号|\s*(?:name|no\.?|number|code|id))$", "", stem
        ).strip()
        stem = stem or previous
    return tuple(
        form for form in dict.fromkeys((shown, stem)) if len(form) > 1 or (form != "姓" and not form.isascii())
    )
