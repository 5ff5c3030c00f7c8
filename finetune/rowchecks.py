"""What can be wrong with one row of training data by itself, or against the collection."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from finetune.collection import FILE, TITLE, URL, value_key
from finetune.metrics import LEAKED, repeats
from finetune.types import DataFinding
from retrieval.facts.guard import unsupported
from retrieval.facts.values import chinese_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finetune.collection import Collection, KnownDocument
    from finetune.types import Row, Sample

_NOTHING = re.compile(r"[\W_]*|null|none|nan|undefined|待补充|待填写|待定稿", re.IGNORECASE)
_JSON_LIKE = re.compile(r"\s*(?:```(?:json)?\s*)?[\[{]\s*[\"\[{\]}]")
_FENCE = re.compile(r"^\s*```(?:json)?\s*|\s*```\s*$")
_EDGE = rf"(?:\s|{LEAKED.pattern}|(?<=<\|im_start\|>)(?:assistant|user|system))+"
_PAGE = re.compile(
    r"第\s*(?:\d{1,5}\s*[-–—~至到]\s*)?(\d{1,5}|[一二三四五六七八九十百零]{1,6})\s*页|(?<![A-Za-z])pp?\.\s?(?:\d{1,5}\s*[-–—]\s*)?(\d{1,5})"
    r"|(?<![A-Za-z])pages?\s+(?:\d{1,5}\s*[-–—]\s*)?(\d{1,5})|(?<![A-Za-z0-9])[Pp](\d{1,5})\s*页",
    re.IGNORECASE,
)


def check_form(row: Row) -> Iterator[DataFinding]:
    """Empty parts, leaked tokens of chat templates, JSON that does not close, earlier turns that would be lost."""
    sample = row.sample
    if _NOTHING.fullmatch(sample.output.strip()):
        yield _finding(
            row, "empty", f"the answer is {sample.output.strip()!r}.", "Write an answer, or remove the row."
        )
    if not row.text and _NOTHING.fullmatch(f"{sample.instruction}{sample.input}".strip()):
        yield _finding(row, "empty", "there is no question.", "Write one, or remove the row.")
    tokens = LEAKED.findall(_whole(sample))
    if tokens:
        shown = ", ".join(dict.fromkeys(tokens))
        fixable = without_tokens(sample) is not None
        told = (
            "It can be cut off." if fixable else "It divides several turns: remove the row, or write it anew."
        )
        yield _finding(row, "leaked-token", f"holds tokens of a chat template: {shown}.", told, fixable=fixable)
    if _JSON_LIKE.match(sample.output) and not _is_json(_FENCE.sub("", sample.output)):
        told = "Close it, or remove the row."
        yield _finding(row, "broken-json", "the answer looks like JSON and is not.", told)
    if repeats(sample.output):
        told = "Write it once, or remove the row: a model learns to go round in circles."
        problem = "the answer says the same thing again and again."
        yield _finding(row, "repetition", problem, told, severity="warning")
    if row.extra.get("history"):
        told = "Write it as one question, or remove the row."
        yield _finding(row, "history", "has earlier turns (history), which are not trained on.", told)


def check_sources(row: Row, collection: Collection) -> Iterator[DataFinding]:
    """Addresses, documents and pages that the collection does not have, and values that stand nowhere."""
    whole = _whole(row.sample)
    for url in dict.fromkeys(URL.findall(whole)):
        if not collection.has_url(url):
            told = "Correct it, or remove the row."
            yield _finding(row, "unknown-url", f"the address {url} stands in no document.", told)
    cited: list[tuple[int, KnownDocument]] = []
    for at, name, document, known in _citations(whole, collection):
        if document is not None:
            cited.append((at, document))
        elif not known:
            told = "Name a document of the collection, or remove the row."
            yield _finding(row, "unknown-document", f"{name} is not in the collection.", told)
    yield from _pages(row, whole, cited, collection)
    yield from _invented(row, collection)


def without_tokens(sample: Sample) -> tuple[str, str, str] | None:
    """Return instruction, input and output without the tokens at their edges, None where one stands between texts."""
    parts = []
    for part in (sample.instruction, sample.input, sample.output):
        if LEAKED.search(part):
            part = re.sub(rf"^{_EDGE}|{_EDGE}$", "", part).strip()
        if LEAKED.search(part):
            return None
        parts.append(part)
    return (parts[0], parts[1], parts[2]) if parts[2] else None


def _citations(text: str, collection: Collection) -> Iterator[tuple[int, str, KnownDocument | None, bool]]:
    """Each title in book marks and each file name: its place, how it is written, the document, whether it is known."""
    for match in TITLE.finditer(text):
        document = collection.document(match[1])
        yield match.start(), match[0], document, collection.has_title(match[1])
    titled = [match.span() for match in TITLE.finditer(text)]
    for match in FILE.finditer(text):
        if not any(first <= match.start() < last for first, last in titled) and not URL.search(match[0]):
            document = collection.file(match[0])
            yield match.start(), match[0], document, collection.has_file(match[0])


def _pages(
    row: Row, text: str, cited: list[tuple[int, KnownDocument]], collection: Collection
) -> Iterator[DataFinding]:
    """Pages beyond the end of the document that is cited last before them, or first after them."""
    for match in _PAGE.finditer(text):
        written = next(group for group in match.groups() if group)
        number = int(written) if written.isdigit() else int(chinese_number(written) or 0)
        before = [document for at, document in cited if at < match.start()]
        after = [document for at, document in cited if at > match.start()]
        document = before[-1] if before else after[0] if after else None
        if document is not None and not document.pages:
            told = "Leave the page out."
            problem = f"{match[0]} cannot be checked: {document.name} has no pages."
            yield _finding(row, "page", problem, told, severity="warning")
            continue
        last = document.pages if document is not None else collection.pages
        if number < 1 or (last and number > last):
            where = document.name if document is not None else "the longest document"
            told = "Correct the page, or remove the row."
            yield _finding(row, "page", f"{match[0]} is out of range: {where} has {last} pages.", told)


def _invented(row: Row, collection: Collection) -> Iterator[DataFinding]:
    """Numbers, dates and codes of the answer that neither the question nor the collection nor the glossary has."""
    sample = row.sample
    asked = [sample.instruction, sample.input]
    # Addresses, titles and pages have findings of their own.
    answer = _PAGE.sub(" ", TITLE.sub(" ", URL.sub(" ", sample.output)))
    for value in unsupported(answer, asked):
        if value_key(value) not in collection.values:
            told = "Correct it from the source, or remove the row."
            problem = f"the answer's {value.text} stands neither in the question nor in glossary or documents."
            yield _finding(row, "invented-value", problem, told)


def _whole(sample: Sample) -> str:
    return "\n".join(part for part in (sample.instruction, sample.input, sample.output) if part)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _finding(
    row: Row, kind: str, problem: str, what_to_do: str, *, fixable: bool = False, severity: str = "error"
) -> DataFinding:
    return DataFinding(
        kind,
        row.file,
        row.line,
        row.row,
        problem,
        what_to_do,
        fixable,
        "warning" if severity == "warning" else "error",
    )
