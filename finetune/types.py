"""The vocabulary of the finetune room: samples, dataset versions and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from terminology.prompt import messages_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from terminology.prompt import Message

Split = Literal["train", "validation", "held_out"]
SPLITS: tuple[Split, ...] = ("train", "validation", "held_out")
Kind = Literal[
    "definition", "english", "chinese", "reverse", "context", "choice", "propose", "abstain", "general", "other"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One training or test example: Alpaca's three texts, and what the program knows about it.

    `term` is the abbreviation asked about and `question` the user's words, where there are such. `candidates` are the
    completions offered in a choice (`output` is one of them; empty where nothing is offered). `phrasing` names the
    wording, `group` what must never stand in two splits together. Without instruction and input, `output` is a plain
    text to learn.
    """

    instruction: str
    output: str
    input: str = ""
    kind: Kind = "other"
    term: str = ""
    question: str = ""
    candidates: tuple[str, ...] = ()
    phrasing: str = ""
    group: str = ""
    split: Split = "train"

    @property
    def is_text(self) -> bool:
        """Whether this is a plain text rather than a question with its answer."""
        return not self.instruction and not self.input

    def messages(self) -> list[Message]:
        """Return what the model is asked, exactly as in use; empty for a plain text."""
        return (
            [] if self.is_text else messages_of(self.instruction or self.input, self.instruction and self.input)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A sample and where it stands: its file, its line from 1, its position from 0.

    `text`: it was written as a plain text. `extra` are keys of no use here.
    """

    sample: Sample
    file: str
    line: int
    row: int
    text: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """One state of a dataset on disk.

    `hash` is SHA-256 over the samples of all splits; `parent` the hash of the version that this one was made from
    ("" for none); `counts` the number of samples by split; `changelog` what was done, oldest first.
    """

    hash: str
    path: Path
    parent: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    changelog: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a recipe (or worth knowing): its key (`training.batch_size`), and what to do.

    `error` keeps a training from starting, `warning` does not, `note` only informs.
    """

    key: str
    problem: str
    what_to_do: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return the finding on one line."""
        return f"{self.severity}: {self.key}: {self.problem} {self.what_to_do}".strip()


@dataclass(frozen=True, slots=True)
class DataFinding:
    """One thing that is wrong with a row of training data; `line` counts from 1, `row` is the row's own position.

    `kind` names the check. `fixable`: the gate can repair the row; otherwise it can only remove it.
    """

    kind: str
    file: str
    line: int
    row: int
    problem: str
    what_to_do: str
    fixable: bool = False
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return the finding on one line, as compilers write theirs."""
        return f"{self.file}:{self.line}: {self.kind}: {self.problem} {self.what_to_do}".strip()
