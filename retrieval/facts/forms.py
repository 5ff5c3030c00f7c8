"""What people call a column whose header they have before them: its parts, its stem, and the verb that belongs to it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.facts.bilingual import in_each_script
from retrieval.facts.lexicon import in_headers, lexicon
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
    r"(?:时间|日期|日|名称|情况|比例|金额|工程师|公司|单位|容量|规模|人员|人数|人|员|者|数量|数|量|编号|编码|代码|号码|号|额|标准"
    r"|\s+(?:date|time|name|no\.?|number|code|id))$"
)
_PAST = {
    "teach": ("taught",), "sell": ("sold",), "buy": ("bought",), "make": ("made",), "build": ("built",), "lead": ("led",),
    "hold": ("held",), "write": ("wrote", "written"), "drive": ("drove", "driven"), "own": ("owned",), "run": ("ran",),
}  # fmt: skip
_WORDS, _AGENT = 4, 5
_CJK, _FEW = re.compile(r"[㐀-鿿]"), 5
_WHICH = ("什么", "哪个", "哪条", "哪种", "哪类", "哪家", "哪")
_SAY_LITTLE = frozenset(
    "人时候地点样名号码日期年月天数量额价费率型类别种项目间员者位度长宽高重级表件值里儿些家个款台条次元"
)
_MONTH = re.compile(r"^(1[0-2]|[1-9])月$")
_NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
# 26级, 24款: of this century.
_COHORT = re.compile(r"^20\d\d(?:级|届|款|年|年度|财年)$")
_WEEKDAY = re.compile(r"^(?:星期|周|礼拜)([一二三四五六日天])$")
_LONGEST, _CLIPPED = 14, 5
# 最长 of 最长期限 says which end is asked, not which column.
_SUPERLATIVE = re.compile(r"最[高低大小多少长短早晚快慢远近新轻重]")
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
    if len(parts) > 1 and not bare.isascii():
        # 升压站/电压等级, as people say it in one breath.
        _add(forms, "".join(parts), _BARE)
    parts += [plain(half) for half in in_each_script(_BRACKETS.sub(" ", header)) or in_each_script(header)]
    for form, fit in [(bare, _BARE), *((part, _PART) for part in parts)]:
        _add(forms, form, fit)
    for part in parts:
        for form, fit in _derived(part):
            _add(forms, form, fit)
    for form, fit in tuple(forms.items()):
        for other in _called_otherwise(form):
            # 完工 for 竣工日期, kids for Children.
            _add(forms, other, min(fit - _OTHERWISE, _CONCEPT))
            if other.isalpha() and other.isascii() and len(other) > _AGENT and other.endswith(("er", "or")):
                # directed for 导演, a director.
                _add(forms, f"{other[:-2]}ed", _VERB)
    return forms


def _called_otherwise(form: str) -> tuple[str, ...]:
    """The other names of a word of a header, or of its words put together, but those that say little."""
    weak = lexicon().weak
    if form in weak:
        return ()
    found = [w for w in in_headers(form)[:_NAMES] if w not in weak and w not in stop_words() and len(w) > 1]
    return tuple(dict.fromkeys([*found, *_word_by_word(form)]))


def _word_by_word(form: str) -> list[str]:
    """An English header of a few words in Chinese: 轮毂高度 for hub height, 下次大修 for next overhaul."""
    words = form.split()
    if not 1 < len(words) <= _WORDS or not form.isascii():
        return []
    found = []
    for at in range(1, len(words)):
        first, second = " ".join(words[:at]), " ".join(words[at:])
        ends = [*_in_chinese(second), *(_word_by_word(second) if at + 1 < len(words) else [])]
        found += [f"{a}{b}" for a in _in_chinese(first) for b in ends]
    return found


def _in_chinese(words: str) -> list[str]:
    return [word for word in in_headers(words)[:_FEW] if not word.isascii()]


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
    month = _MONTH.match(part)
    if month:
        number = int(month[1])
        yield from (
            (form, _PART)
            for form in (
                f"{number}月份",
                f"{_NUMERALS[number]}月",
                f"{_NUMERALS[number]}月份",
                _MONTHS[number - 1],
            )
        )
        return
    if _COHORT.match(part):
        yield part[2:], _PART
    weekday = _WEEKDAY.match(part)
    if weekday:
        yield from ((f"{week}{weekday[1]}", _PART) for week in ("星期", "周", "礼拜"))
    yield from ((form, _SAID) for form in _reworded(part))
    yield from ((form, _STEM) for form in _clipped_rate(part))
    for run, last in _runs(part):
        yield run, _END if last else _INSIDE
    if 1 < len(part) <= _FEW and _CJK.match(part[-1]) and part[-1] not in _SAY_LITTLE:
        # 挂什么旗, 跑哪条线: what a header ends with, behind a word of asking.
        yield from ((f"{word}{part[-1]}", _STEM) for word in _WHICH)


def _clipped_rate(part: str) -> Iterator[str]:
    """What people call a rate for short: 不良率 for 不良贷款率. Of other headers what stands inside tells (客户经理电话)."""
    bare = _BRACKETS.sub("", part).strip()
    if bare.endswith("率") and len(bare) >= _CLIPPED and not any(char.isascii() for char in bare):
        yield f"{bare[:2]}率"


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
            if len(run) > 1 and run != part and not _SUPERLATIVE.fullmatch(run):
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
    halves = [plain(half) for half in in_each_script(_BRACKETS.sub(" ", header)) or in_each_script(header)]
    group = shown.split("/", 1)[0]
    if "/" in shown and _CJK.search(group) and _kind(group) != group:
        # 片名/中文名 under one merged header: what is named are 片.
        halves.append(group)
    names = [shown, *(form for name in halves or [shown] for form in (name, _kind(name)))]
    return tuple(
        form for form in dict.fromkeys(names) if len(form) > 1 or (form != "姓" and form and not form.isascii())
    )


def _kind(name: str) -> str:
    """A header without the words that say that it holds names or codes."""
    previous, stem = None, name
    while previous != stem:
        previous = stem
        stem = re.sub(
            r"(?:名称|全称|姓名|编号|编码|代码|号码|名|号|\s*(?:name|no\.?|number|code|id))$", "", stem
        ).strip()
        stem = stem or previous
    return stem
