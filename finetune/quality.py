"""The gate for training data: finds what would teach a model wrongly; repairs or removes on request, never in silence."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.errors import TrainingDataError
from finetune.metrics import plain
from finetune.rowchecks import check_form, check_sources, without_tokens
from finetune.types import DataFinding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from finetune.collection import Collection
    from finetune.formats import Scan
    from finetune.types import Row, Sample, Severity

# The kinds of findings; each can be removed, and those marked fixable can be repaired.
KINDS = (
    "unreadable", "empty", "leaked-token", "broken-json", "repetition", "history", "unknown-url", "unknown-document", "page",
    "invented-value", "duplicate", "like-duplicate", "contradiction", "split-leak", "system-prompt",
)  # fmt: skip
_PROMPT = "system-prompt"
_PERSONA = re.compile(
    r"\s*(?:你(?:现在)?是|您(?:现在)?是|现在你是|从现在起|你将扮演|请?你?扮演|假设你是|请?以.{1,20}(?:身份|角色)|作为|你的(?:角色|任务)是"
    r"|You(?: are|'re) |Act as |As an? |Assume the role|Your (?:role|task) is|System:)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^。！!\n.]{4,}[。！!\n.]\s*")
_REPEATED, _ROWS = 0.8, 3
_DIVIDERS = re.compile(r"[\n；;、/|｜]|候选[^：:\n]{0,6}[：:]|[Cc]andidates[^:\n]{0,20}:")
_MARK = re.compile(r"^\s*[（(]?[0-9A-Za-z一二三四五六七八九十]{1,2}[.、)）．]\s*")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of each file after cleaning, and what was done to which line."""

    files: dict[str, tuple[Sample, ...]]
    done: tuple[str, ...]


def inspect(scans: Sequence[Scan], collection: Collection | None = None) -> list[DataFinding]:
    """Return everything that is wrong with the rows of some files, by file and line.

    Without `collection`, sources are not checked. General samples are not about the collection: their sources are not
    checked either.
    """
    rows = [row for scanned in scans for row in scanned.rows]
    findings = [
        DataFinding("unreadable", scanned.file, line, -1, f"{reason}.", "Correct the line, or remove it.")
        for scanned in scans
        for line, reason in scanned.problems
    ]
    for row in rows:
        findings += check_form(row)
        if collection is not None and row.sample.kind != "general":
            findings += check_sources(row, collection)
    findings += [*_duplicates(rows), *_contradictions(rows), *_split_leaks(rows)]
    for scanned in scans:
        findings += _system_prompt(scanned.rows)
    order = {scanned.file: at for at, scanned in enumerate(scans)}
    return sorted(findings, key=lambda each: (order[each.file], each.line, each.row, each.kind))


def clean(
    scans: Sequence[Scan],
    findings: Sequence[DataFinding],
    *,
    fix: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> Cleaned:
    """Repair the kinds in `fix` and remove the rows with kinds in `remove`; say what was done to each line.

    A finding in both is repaired where it can be, else its row is removed. Rows of other findings stay as they are.
    Raises TrainingDataError for a file with unreadable lines, unless these are to be removed: they cannot be kept.
    """
    removing = frozenset(remove)
    # There is no row to remove for a prompt that stands in all of them; taking it out is what is meant.
    fixing = frozenset(fix) | (removing & {_PROMPT})
    by_row: dict[tuple[str, int], list[DataFinding]] = defaultdict(list)
    for finding in findings:
        by_row[finding.file, finding.row].append(finding)
    files: dict[str, tuple[Sample, ...]] = {}
    done: list[str] = []
    for scanned in scans:
        if scanned.problems and "unreadable" not in removing:
            raise TrainingDataError(Path(scanned.file), scanned.problems)
        done += [f"{scanned.file}:{line}: removed, {reason}" for line, reason in scanned.problems]
        prompt = _repeated_prompt(scanned.rows) if _PROMPT in fixing else None
        kept = []
        for row in scanned.rows:
            own = [each for each in by_row[row.file, row.row] if each.kind != _PROMPT]
            sample, repaired = _repair(row, own, fixing, prompt)
            gone = [each for each in own if each.kind in removing and each.kind not in repaired]
            if gone:
                done.append(f"{row.file}:{row.line}: removed, {'; '.join(map(_said, gone))}")
                continue
            kept.append(sample)
            done += [f"{row.file}:{row.line}: {what}" for what in (*repaired.values(), *_lost(row))]
        files[scanned.file] = tuple(kept)
    return Cleaned(files, tuple(done))


def _repair(
    row: Row, own: Sequence[DataFinding], fixing: frozenset[str], prompt: str | None
) -> tuple[Sample, dict[str, str]]:
    """Return the repaired sample, and what was done to it by the kind of finding."""
    sample, done = row.sample, {}
    if prompt is not None and _carries(row, prompt):
        sample = _without_prompt(sample, prompt)
        if sample != row.sample:
            done[_PROMPT] = "fixed, the repeated system prompt was taken out"
    if "leaked-token" in fixing and any(each.kind == "leaked-token" and each.fixable for each in own):
        parts = without_tokens(sample)
        if parts is not None:
            sample = replace(sample, instruction=parts[0], input=parts[1], output=parts[2])
            done["leaked-token"] = "fixed, tokens of the chat template were cut off"
    return sample, done


def _lost(row: Row) -> list[str]:
    """Say what a row has that a sample has no place for."""
    return [
        f"its {key} was left out: a sample has no place for it"
        for key in ("system", "history")
        if row.extra.get(key)
    ]


def _said(finding: DataFinding) -> str:
    return f"{finding.kind}: {finding.problem}"


def _duplicates(rows: Sequence[Row]) -> Iterator[DataFinding]:
    """Rows that stand there before: the same, or the same but for width, case, spaces and punctuation."""
    exact: dict[tuple[str, ...], Row] = {}
    alike: dict[tuple[str, ...], Row] = {}
    for row in rows:
        parts = (row.sample.instruction, row.sample.input, row.sample.output)
        like = tuple(_bare(part) for part in parts)
        told = "Remove it: what is repeated is learnt more than the rest."
        if parts in exact:
            yield _repeated(row, "duplicate", f"is the same as {_place(exact[parts], row)}.", told)
        elif any(like) and like in alike:
            problem = f"is {_place(alike[like], row)} but for case, spaces or punctuation."
            yield _repeated(row, "like-duplicate", problem, told)
        exact.setdefault(parts, row)
        alike.setdefault(like, row)


def _contradictions(rows: Sequence[Row]) -> Iterator[DataFinding]:
    """The same question with different answers, unless the question shows them all as candidates."""
    asked: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.sample.is_text:
            asked[_question(row.sample)].append(row)
    for same in asked.values():
        answers = {_bare(row.sample.output) for row in same}
        if len(answers) < 2 or answers <= _shown(same[0].sample):
            continue
        for row in same:
            other = next(each for each in same if _bare(each.sample.output) != _bare(row.sample.output))
            problem = f"the same question is answered otherwise at {_place(other, row)}."
            told = "Keep the right one, give all senses in one answer, or show the candidates in the question."
            yield _repeated(row, "contradiction", problem, told)


def _split_leaks(rows: Sequence[Row]) -> Iterator[DataFinding]:
    """Questions that are trained on and tested on."""
    first: dict[str, Row] = {}
    for row in rows:
        if row.sample.is_text:
            continue
        key = _question(row.sample)
        other = first.setdefault(key, row)
        if other.sample.split != row.sample.split:
            problem = f"is asked in {row.sample.split} and, at {_place(other, row)}, in {other.sample.split}."
            yield _repeated(row, "split-leak", problem, "Remove one: a test on what was trained means nothing.")


def _system_prompt(rows: Sequence[Row]) -> Iterator[DataFinding]:
    """One finding, at the first row, where nearly every row carries the same system prompt or role."""
    prompt = _repeated_prompt(rows)
    if prompt is None:
        return
    count = sum(_carries(row, prompt) for row in rows)
    first = next(row for row in rows if _carries(row, prompt))
    problem = f"{count} of {len(rows)} rows repeat the same system prompt: {prompt[:40]!r}."
    told = "Take it out: in use the model is asked without it, and every row pays for it."
    yield DataFinding("system-prompt", first.file, first.line, first.row, problem, told, fixable=True)


def _repeated_prompt(rows: Sequence[Row]) -> str | None:
    prompts: dict[str, int] = defaultdict(int)
    for row in rows:
        for prompt in _prompts(row):
            prompts[prompt] += 1
    enough = max(_ROWS, _REPEATED * len(rows))
    # The longest of those that stand everywhere.
    return max((each for each, count in prompts.items() if count >= enough), key=len, default=None)


def _prompts(row: Row) -> set[str]:
    """Return what may be a system prompt of a row: its `system`, and the role at the head of its instruction."""
    found = {str(row.extra["system"]).strip()} if row.extra.get("system") else set()
    text = row.sample.instruction
    if _PERSONA.match(text):
        at = 0
        while match := _SENTENCE.match(text, at):
            at = match.end()
            found.add(text[:at].strip())
        found.add(text.strip())
    return {each for each in found if each}


def _carries(row: Row, prompt: str) -> bool:
    return str(row.extra.get("system", "")).strip() == prompt or row.sample.instruction.strip().startswith(
        prompt
    )


def _without_prompt(sample: Sample, prompt: str) -> Sample:
    instruction = sample.instruction.strip()
    if not instruction.startswith(prompt):
        return sample
    rest = instruction.removeprefix(prompt).strip()
    # Where the role was the whole instruction, the input is the question.
    return replace(sample, instruction=rest or sample.input, input=sample.input if rest else "")


def _shown(sample: Sample) -> set[str]:
    """Return the candidates that a question lists, one a line or divided by signs, without their numbers."""
    listed = [_MARK.sub("", part) for part in _DIVIDERS.split(f"{sample.instruction}\n{sample.input}")]
    return {_bare(part) for part in (*listed, *sample.candidates)}


def _place(row: Row, seen_from: Row) -> str:
    return f"line {row.line}" if row.file == seen_from.file else f"{row.file}:{row.line}"


def _question(sample: Sample) -> str:
    """Return the question as it is compared; case tells abbreviations apart (CT, Ct), spaces and width do not."""
    text = unicodedata.normalize("NFKC", f"{sample.instruction}\n{sample.input}")
    return re.sub(r"\s", "", text).rstrip("。.?!")


def _bare(text: str) -> str:
    """Return a text without spaces and punctuation that does not change what it says."""
    return re.sub(r"[\s。，、；：？！.,;:?!“”‘’\"'（）()《》]", "", plain(text))


def _repeated(row: Row, kind: str, problem: str, what_to_do: str) -> DataFinding:
    severity: Severity = "warning" if kind == "like-duplicate" else "error"
    return DataFinding(kind, row.file, row.line, row.row, problem, what_to_do, severity=severity)
