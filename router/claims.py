"""Holds a written answer to its sources, sentence by sentence: cited, marked as unsupported, or taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from router.grounding import content_units, fold, support
from router.injection import speaks_to_a_model, without_active_parts
from router.prompts import is_leftover

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from router.questions import Language
    from router.types import Citation

# A sentence ends with its marks and the references after them; a line break ends it too.
_SENTENCE = re.compile(
    r"[^\n]*?(?:[。！？!?]+|(?<![A-Z\d])\.(?=\s|$|\[))[”’\"')）]*(?:\s*\[\d{1,2}\])*|[^\n]+|\n"
)
_REFERENCE = re.compile(r"\[(\d{1,2})\]")
_REFERENCES = re.compile(r"\s*\[\d{1,2}(?:\s*[,，、]\s*\d{1,2})+\]")
_BULLET = re.compile(r"^\s*+(?:\d{1,2}[.、)）]|[（(]\d{1,2}[)）]|[-*•·#>]+)?\s*+(?:\*\*)?\s*+")
# Lines that say nothing by themselves: an opening, a heading, a table's rule.
_OPENING = re.compile(r"(?:[:：]|如下|以下)\s*(?:\*\*)?$|^#{1,6} |^\s*\|?[\s:|-]+\|?$|^\*\*[^*]{1,40}\*\*$")
_DENIAL = re.compile(
    r"(?:资料|来源|文件|文档|知识库|上文)[^。]{0,10}(?:没有|未|无)[^。]{0,10}(?:找到|提及|提到|包含|说明|涉及|相关)|无法(?:根据[^。]{0,10})?回答"
    r"|\b(?:documents?|sources?|passages?|knowledge base)\b[^.]{0,40}\b(?:do(?:es)? not|don't|doesn't|no)\b|\bno (?:relevant )?(?:information|source)\b",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]")
# How much of a sentence's content its source must hold: cited by the model, or found for it.
_CITED, _FOUND = 0.35, 0.55
_LEAST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Source:
    """Something that an answer may rest on: how it is cited, and its text with headings and title."""

    citation: Citation
    text: str


@dataclass(frozen=True, slots=True)
class Grounded:
    """A text held to its sources: references renumbered to `citations`, and how much was taken out or marked."""

    text: str
    citations: tuple[Citation, ...] = ()
    struck: int = 0
    marked: int = 0
    supported: int = 0
    denied: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """What happened, by name and number; the values themselves are not repeated."""
        flags = [f"unsupported-values-removed:{self.struck}"] if self.struck else []
        return (*flags, *([f"unsupported-sentences:{self.marked}"] if self.marked else ()))


@dataclass(frozen=True, slots=True)
class _Claim:
    """One sentence judged: what is left of it, the sources that hold it, and why it was struck or marked."""

    text: str
    sources: tuple[int, ...] = ()
    struck: int = 0
    marked: bool = False
    supported: bool = False
    denied: bool = False


@dataclass(slots=True)
class Claims:
    """Judges sentences against sources; the model knows the first `numbered` sources by their numbers from 1.

    `unsupported` names the values of a text that stand in none of the given texts. A judgement is made once.
    """

    language: Language
    unsupported: Callable[[str, Sequence[str]], Sequence[str]]
    numbered: int
    sources: Callable[[], Sequence[Source]]
    _judged: dict[tuple[str, int], _Claim] = field(default_factory=dict)

    def ground(self, text: str) -> Grounded:
        """Return `text` with every sentence cited, marked or taken out."""
        sources = self.sources()
        order: dict[int, int] = {}
        lines: list[str] = []
        claims: list[_Claim] = []
        for line in without_active_parts(_REFERENCES.sub(_apart, text)).splitlines():
            if is_leftover(line):
                continue
            judged = [self._judge(found[0], sources) for found in _SENTENCE.finditer(line) if found[0].strip()]
            shown = "".join(self._shown(claim, order) for claim in judged)
            if shown.strip() or not judged:
                lines.append(shown)
            claims += judged
        kept = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
        return Grounded(
            _without_empty_openings(kept),
            tuple(sources[index].citation for index in order),
            sum(claim.struck for claim in claims),
            sum(claim.marked for claim in claims),
            sum(claim.supported for claim in claims),
            any(claim.denied for claim in claims),
        )

    def _shown(self, claim: _Claim, order: dict[int, int]) -> str:
        if not claim.text:
            return ""
        numbers = [order.setdefault(index, len(order) + 1) for index in claim.sources]
        references = "".join(f"[{number}]" for number in numbers)
        mark = ("［未找到出处］" if self.language == "zh" else " [no source found]") if claim.marked else ""
        return f"{claim.text}{references}{mark}"

    def _judge(self, sentence: str, sources: Sequence[Source]) -> _Claim:
        key = (sentence, len(sources))
        if key not in self._judged:
            self._judged[key] = self._judged_anew(sentence, sources)
        return self._judged[key]

    def _judged_anew(self, sentence: str, sources: Sequence[Source]) -> _Claim:
        text = _REFERENCE.sub("", sentence).rstrip()
        said = _BULLET.sub("", text)
        if speaks_to_a_model(said):
            return _Claim("", struck=1)
        texts = [source.text for source in sources]
        invented = self.unsupported(said, texts)
        if invented:
            return _Claim("", struck=len(set(invented)))
        cited = [int(n) - 1 for n in _REFERENCE.findall(sentence) if 1 <= int(n) <= self.numbered]
        if _OPENING.search(said) and not cited:
            return _Claim(text)
        if _DENIAL.search(said):
            return _Claim(text, denied=True)
        if len(content_units(said)) < _LEAST_WORDS:
            return self._short(text, said, cited, texts)
        held = self._held(said, list(dict.fromkeys(cited)), texts)
        return _Claim(text, tuple(held), marked=not held, supported=bool(held))

    def _short(self, text: str, said: str, cited: Sequence[int], texts: Sequence[str]) -> _Claim:
        """Judge a sentence with too few words to compare (`是的。`, `9月3日。`): by its values and its references alone."""
        good = [at for at in dict.fromkeys(cited) if not self.unsupported(said, [texts[at]])]
        if not good and self.unsupported(said, [""]):
            good = [at for at, source in enumerate(texts) if not self.unsupported(said, [source])][:1]
        return _Claim(text, tuple(good), supported=bool(good))

    def _held(self, said: str, cited: Sequence[int], texts: Sequence[str]) -> list[int]:
        """Return which sources hold a sentence: those cited that do, else the best of the others, else none."""
        units = content_units(said)
        good = [
            at
            for at in cited
            if not self.unsupported(said, [texts[at]])
            and (support(units, [texts[at]]) >= _CITED or _other_language(said, texts[at]))
        ]
        if good:
            return good
        shares = [
            (support(units, [text]), -at) for at, text in enumerate(texts) if not self.unsupported(said, [text])
        ]
        if shares and max(shares)[0] >= _FOUND:
            return [-max(shares)[1]]
        # Values from several sources in one sentence: no one of them holds it all, but those cited hold it together.
        together = [texts[at] for at in cited]
        whole = (
            together
            and not self.unsupported(said, together)
            and support(units, ["\n".join(together)]) >= _CITED
        )
        return list(cited) if whole else []


def _apart(found: re.Match[str]) -> str:
    """`[1, 3]` as `[1][3]`."""
    return "".join(f"[{number}]" for number in re.findall(r"\d{1,2}", found[0]))


def _other_language(said: str, text: str) -> bool:
    """Whether a sentence and its source share no language, so that words cannot be compared."""
    return bool(_HAN.search(said)) != bool(_HAN.search(text))


def _without_empty_openings(text: str) -> str:
    """Drop a last line that announces what was taken out: `步骤如下：` with nothing after it."""
    lines = text.splitlines()
    while lines and _OPENING.search(_BULLET.sub("", lines[-1]).strip()) and fold(lines[-1]).strip():
        lines.pop()
    return "\n".join(lines).rstrip()


def complete_sentences(text: str) -> str:
    """Return the part of a text under way whose sentences are whole; references may still follow the last one."""
    matches = [found for found in _SENTENCE.finditer(text) if found[0].strip()]
    return text[: matches[-1].start()] if matches else ""
