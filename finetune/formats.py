"""Reads and writes training data: Alpaca rows or plain texts, as JSONL, JSON or TXT; bad lines are named, not skipped."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from finetune.errors import TrainingDataError
from finetune.types import KINDS, SPLITS, Row, Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

Shape = Literal["alpaca", "text", "full"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
_TEXT_KEYS = tuple(each.name for each in fields(Sample) if each.name not in ("candidates", "kind", "split"))
_KNOWN = frozenset(each.name for each in fields(Sample))
_DEFAULTS = {each.name: each.default for each in fields(Sample)}
# Keys of other tools that would change what is learnt; they are told, not dropped.
_MEANINGFUL = {"system": "a system prompt", "history": "earlier turns"}
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a file of training data holds: the readable rows, and each bad line with the reason (0: the whole file)."""

    file: str
    rows: tuple[Row, ...]
    problems: tuple[tuple[int, str], ...] = ()


def read_samples(path: Path) -> list[Sample]:
    """Read a file of training data by its ending (.jsonl, .json, .txt).

    Raises TrainingDataError that names every bad line, and every row with a system prompt or earlier turns, which
    would be lost.
    """
    scanned = scan(path)
    problems = list(scanned.problems)
    for row in scanned.rows:
        problems += [(row.line, f"has {_MEANINGFUL[key]} ({key})") for key in _MEANINGFUL if row.extra.get(key)]
    if problems:
        raise TrainingDataError(path, sorted(problems))
    return [row.sample for row in scanned.rows]


def scan(path: Path) -> Scan:
    """Read what can be read of a file, and say which lines cannot."""
    reader = _READERS.get(path.suffix.casefold())
    if reader is None:
        return Scan(str(path), (), ((0, f"ends in {path.suffix!r}; give .jsonl, .json or .txt"),))
    try:
        text = _as_read(path.read_bytes().decode("utf-8"))
    except OSError as error:
        return Scan(str(path), (), ((0, f"cannot be read: {error.strerror}"),))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Scan(str(path), (), ((line, "is not UTF-8 text"),))
    rows: list[Row] = []
    problems: list[tuple[int, str]] = []
    for line, value in reader(text):
        found = _row(value, str(path), line, len(rows))
        if isinstance(found, Row):
            rows.append(found)
        else:
            problems.append((line, found))
    return Scan(str(path), tuple(rows), tuple(problems))


def write_samples(path: Path, samples: Sequence[Sample], shape: Shape = "alpaca") -> None:
    """Write samples in the format of the file's ending.

    `alpaca` keeps instruction, input and output; `text` joins them to one text; `full` keeps all that the program
    knows. Raises TrainingDataError for an unknown ending, and for a text that TXT cannot hold.
    """
    ending = path.suffix.casefold()
    if ending not in _READERS:
        raise TrainingDataError(path, [(0, f"ends in {path.suffix!r}; give .jsonl, .json or .txt")])
    if ending == ".txt":
        content = _as_txt(path, [text_of(sample) for sample in samples])
    else:
        objects = [_object(sample, shape) for sample in samples]
        content = _as_jsonl(objects) if ending == ".jsonl" else _as_json(objects)
    aside = path.with_name(f"{path.name}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    aside.write_text(content, "utf-8", newline="\n")
    aside.replace(path)


def convert(source: Path, target: Path, shape: Shape = "alpaca") -> int:
    """Read one file, write the other, and return the number of samples. Raises TrainingDataError."""
    samples = read_samples(source)
    write_samples(target, samples, shape)
    return len(samples)


def text_of(sample: Sample) -> str:
    """Return a sample as one plain text: instruction, input and output, each on its line."""
    return "\n".join(each for each in (sample.instruction, sample.input, sample.output) if each)


def _as_read(content: str) -> str:
    """Return a file's text without a byte-order mark, its lines ended as everywhere."""
    return content.removeprefix("\ufeff").replace("\r\n", "\n")


class _BadLineError(Exception):
    """Why a line is no JSON."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    for line, content in enumerate(text.split("\n"), start=1):
        if content.strip():
            try:
                yield line, json.loads(content)
            except json.JSONDecodeError as error:
                yield line, _BadLineError(f"is not JSON: {error.msg} at column {error.colno}")
            except RecursionError:
                yield line, _BadLineError("is nested too deeply")


def _elements(text: str) -> Iterator[tuple[int, Any]]:
    """Read a JSON list element by element, so that each has its line; a broken one ends the reading."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    if not text.startswith("[", at):
        yield 1, _BadLineError("is not a JSON list")
        return
    at = _skip(text, at + 1)
    while not text.startswith("]", at):
        line = text.count("\n", 0, at) + 1
        try:
            value, at = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            yield line, _BadLineError(f"is not JSON: {reason}; what follows was not read")
            return
        yield line, value
        at = _skip(text, at)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith("]", at):
            yield text.count("\n", 0, at) + 1, _BadLineError("lacks a comma or the closing bracket")
            return


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def _texts(text: str) -> Iterator[tuple[int, Any]]:
    """Read TXT: a JSON list, JSON lines, or texts; blank lines divide texts, without one each line is a text."""
    start = text.lstrip()
    if start.startswith("[") and start[1:].lstrip()[:1] in ("{", "]"):
        yield from _elements(text)
    elif start.startswith("{"):
        yield from _lines(text)
    else:
        yield from _paragraphs(text)


def _paragraphs(text: str) -> Iterator[tuple[int, Any]]:
    divided = _BLANK_LINE.search(text) is not None
    pieces = re.split(r"\n(?:[ \t]*\n)+", text) if divided else text.split("\n")
    at = 0
    for piece in pieces:
        if piece.strip():
            start = text.index(piece, at)
            yield text.count("\n", 0, start) + 1, {"text": piece.strip("\n")}
            at = start + len(piece)


_READERS: dict[str, Callable[[str], Iterator[tuple[int, Any]]]] = {
    ".jsonl": _lines,
    ".json": _elements,
    ".txt": _texts,
}


def _row(value: Any, file: str, line: int, row: int) -> Row | str:
    """Return the row that one value gives, or why it gives none."""
    if isinstance(value, _BadLineError):
        return value.reason
    if not isinstance(value, dict):
        return f"is a {type(value).__name__}, not an object with instruction, input and output, or with text"
    plain_text = "text" in value and "output" not in value
    if plain_text:
        if not isinstance(value["text"], str):
            return "text is not a text"
        rest = {key: each for key, each in value.items() if key != "text"}
        value = {"instruction": "", "output": value["text"], **rest}
    missing = [key for key in ("instruction", "output") if key not in value]
    if missing:
        return f"lacks {' and '.join(missing)}"
    wrong = _wrong_type(value)
    if wrong:
        return wrong
    known = {key: each for key, each in value.items() if key in _KNOWN}
    known["candidates"] = tuple(value.get("candidates", ()))
    extra = {key: each for key, each in value.items() if key not in _KNOWN}
    return Row(Sample(**known), file, line, row, plain_text, extra)


def _wrong_type(value: dict[str, Any]) -> str | None:
    for key in _TEXT_KEYS:
        if not isinstance(value.get(key, ""), str):
            return f"{key} is not a text"
    offered = value.get("candidates", [])
    if not isinstance(offered, list) or not all(isinstance(each, str) for each in offered):
        return "candidates is not a list of texts"
    for key, allowed in (("kind", KINDS), ("split", SPLITS)):
        if key in value and value[key] not in allowed:
            return f"{key} is {value[key]!r}, not one of {', '.join(allowed)}"
    return None


def _object(sample: Sample, shape: Shape) -> dict[str, Any]:
    result: dict[str, Any]
    if shape == "text":
        return {"text": text_of(sample)}
    result = {"instruction": sample.instruction, "input": sample.input, "output": sample.output}
    if shape == "full":
        others = {each.name: getattr(sample, each.name) for each in fields(Sample) if each.name not in result}
        # A plain text stays one, rather than an answer to nothing.
        result = {"text": sample.output} if sample.is_text else result
        # What every sample is unless told otherwise needs no words: an Alpaca row stays one.
        told = {key: value for key, value in others.items() if value and value != _DEFAULTS.get(key)}
        result |= {key: list(value) if key == "candidates" else value for key, value in told.items()}
    return result


def _as_jsonl(objects: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)


def _as_json(objects: Sequence[dict[str, Any]]) -> str:
    # One row a line, so that a finding's line leads to its row.
    rows = ",\n".join(json.dumps(each, ensure_ascii=False) for each in objects)
    return f"[\n{rows}\n]\n" if objects else "[]\n"


def _as_txt(path: Path, texts: Sequence[str]) -> str:
    content = "".join(f"{text}\n\n" for text in texts)
    read = [value.get("text") for _, value in _texts(_as_read(content)) if isinstance(value, dict)]
    for at, text in enumerate(texts):
        if at >= len(read) or read[at] != text:
            raise TrainingDataError(
                path,
                [
                    (
                        0,
                        f"text {at + 1} cannot stand in TXT as it is (a blank line or spaces at its edges, say): use JSONL",
                    )
                ],
            )
    return content
