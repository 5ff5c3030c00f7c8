"""The shapes of the glossary's own doors: rows typed by hand, the history, and proposals with their decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas import SenseSchema
from terminology.types import FoundBy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminology.columns import Field as Column
    from terminology.types import GlossaryChange, Proposal, Sense, SenseEdit

LARGEST_ID = 2**63 - 1
Text = Annotated[str, Field(max_length=2000)]
Texts = Annotated[list[Text], Field(max_length=200)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SensePatch(_Request):
    """Fields of one sense to change; what is left out stays, an empty text or list empties the field."""

    term: Text | None = None
    english: Text | None = None
    chinese: Text | None = None
    number: Text | None = None
    department: Text | None = None
    note: Text | None = None
    aliases: Texts | None = None
    examples: Texts | None = None
    valid_from: Text | None = None
    valid_to: Text | None = None

    def given(self) -> dict[Column, str | Sequence[str]]:
        """Return the fields that the request names."""
        return self.model_dump(exclude_none=True)  # type: ignore[return-value]


class SenseBody(SensePatch):
    """One sense to add: an abbreviation, and at least one of its names."""

    term: Text


class TermsQuery(BaseModel):
    """Which glossary rows `GET /terms` lists: `text` looks one name up, the others filter."""

    text: Annotated[str | None, Field(max_length=200, description="look up one name")] = None
    search: Annotated[str | None, Field(max_length=200, description="only rows that hold this text")] = None
    department: Annotated[str | None, Field(max_length=200)] = None
    prefix: Annotated[str | None, Field(max_length=200)] = None
    offset: Annotated[int, Field(ge=0, le=LARGEST_ID)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class ProposalsQuery(BaseModel):
    """Which proposals `GET /terms/proposals` lists."""

    status: Literal["open", "accepted", "rejected"] = "open"
    found_by: FoundBy | None = None
    at_least: Annotated[int, Field(ge=1)] = 1
    text: Annotated[str | None, Field(max_length=200)] = None
    offset: Annotated[int, Field(ge=0, le=LARGEST_ID)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class EditSchema(BaseModel):
    """One sense before and after a change; null before it was added and after it was removed."""

    sense_id: int
    before: SenseSchema | None
    after: SenseSchema | None

    @classmethod
    def of(cls, edit: SenseEdit) -> EditSchema:
        """Show an edit."""
        return cls(sense_id=edit.sense_id, before=_shown(edit.before), after=_shown(edit.after))


class ChangeSchema(BaseModel):
    """One entry of the history; `touched` counts all senses of the change, `edits` may hold only the first."""

    id: int
    at: str
    who: str
    action: Literal["import", "add", "edit", "remove", "accept", "undo"]
    undoes: int
    undone_by: int
    touched: int
    edits: list[EditSchema]

    @classmethod
    def of(cls, change: GlossaryChange) -> ChangeSchema:
        """Show a change."""
        plain = ("id", "at", "who", "action", "undoes", "undone_by", "touched")
        return cls(
            **{name: getattr(change, name) for name in plain},
            edits=[EditSchema.of(edit) for edit in change.edits],
        )


class UndoRequest(_Request):
    """The change to take back; the latest if none is named."""

    change: Id | None = None


class EvidenceSchema(BaseModel):
    """A sentence that speaks for a proposal, and the document that it stands in (empty for a question)."""

    sentence: str
    document: str


class ProposalSchema(BaseModel):
    """A term that documents or questions use and the glossary lacks."""

    id: int
    term: str
    english: str
    chinese: str
    found_by: FoundBy
    count: int
    status: Literal["open", "accepted", "rejected"]
    evidence: list[EvidenceSchema]

    @classmethod
    def of(cls, proposal: Proposal) -> ProposalSchema:
        """Show a proposal."""
        plain = ("id", "term", "english", "chinese", "found_by", "count", "status")
        evidence = [EvidenceSchema(sentence=e.sentence, document=e.document) for e in proposal.evidence]
        return cls(**{name: getattr(proposal, name) for name in plain}, evidence=evidence)


class DecisionRequest(_Request):
    """Proposals to decide on: `ids`, or with `all` every open one that passes the filters."""

    ids: list[Id] = Field(default_factory=list, max_length=10_000)
    all: bool = False
    found_by: FoundBy | None = None
    at_least: int = Field(1, ge=1)
    text: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> DecisionRequest:
        if bool(self.ids) == self.all:
            raise ValueError("give `ids`, or `all`: true, and not both")
        return self


class AcceptRequest(DecisionRequest):
    """Proposals to accept; for a single one, names that a person knows better."""

    english: Text = ""
    chinese: Text = ""

    @model_validator(mode="after")
    def _names_for_one(self) -> AcceptRequest:
        if (self.english or self.chinese) and len(self.ids) != 1:
            raise ValueError("`english` and `chinese` are for one proposal")
        return self


class SkippedSchema(BaseModel):
    """A proposal that stays open, and why."""

    id: int
    reason: str


class AcceptedSchema(BaseModel):
    """What became of an acceptance."""

    accepted: list[int]
    senses: list[SenseSchema]
    skipped: list[SkippedSchema]


class RejectedSchema(BaseModel):
    """The proposals that were rejected for good."""

    rejected: list[int]


def _shown(sense: Sense | None) -> SenseSchema | None:
    return SenseSchema.of(sense) if sense is not None else None
