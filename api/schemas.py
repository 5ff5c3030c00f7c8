"""The shapes that HTTP and `--json` show: the public contract, as pydantic models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.shown import shown_answer, shown_citation, shown_fact, shown_source, shown_term

if TYPE_CHECKING:
    from retrieval.facts.types import Fact, FactResult, StoredTable
    from retrieval.types import Document, Passage
    from router.types import Answer, Citation
    from terminology.types import Resolution, ResolvedTerm, Sense


class TermSourceSchema(BaseModel):
    """Where a glossary row was read."""

    file: str
    sheet: str | None
    row: int | None


class AlternativeSchema(BaseModel):
    """A sense that was not chosen."""

    chinese: str
    english: str
    score: float
    department: str = ""


class TermSchema(BaseModel):
    """A term found in the question, with the sense chosen."""

    surface: str
    start: int
    end: int
    term: str
    chinese: str
    english: str
    chosen_by: Literal["only", "department", "context", "model", "user"]
    score: float
    source: TermSourceSchema | None
    alternatives: list[AlternativeSchema]
    department: str = ""
    close: bool = False

    @classmethod
    def of(cls, resolved: ResolvedTerm) -> TermSchema:
        """Show a resolved term."""
        return cls.model_validate(shown_term(resolved))


class FactSchema(BaseModel):
    """One exact value and the cell or sentence that it stands in."""

    table: str
    row: int | None
    column: str
    value: str
    label: str = ""
    document: str = ""
    document_id: str = ""
    sheet: str | None = None
    page: int | None = None
    cell: str | None = None
    sentence: str = ""
    unit: str = Field(
        "", description="What the value is counted in, by the column's header or the table's notes."
    )

    @classmethod
    def of(cls, fact: Fact) -> FactSchema:
        """Show a fact."""
        return cls.model_validate(shown_fact(fact))


class CitationSchema(BaseModel):
    """A source of the answer; `quote` stands verbatim in it."""

    document: str
    document_id: str
    page: int | None
    sheet: str | None
    cell: str | None
    quote: str
    score: float
    slide: int | None = None

    @classmethod
    def of(cls, citation: Citation) -> CitationSchema:
        """Show a citation."""
        return cls.model_validate(shown_citation(citation))


class OptionSchema(BaseModel):
    """A reading of an ambiguous question, and the question that would choose it."""

    label: str
    question: str


class TraceSchema(BaseModel):
    """Why this route, and how long each stage took."""

    reason: str
    timings_ms: dict[str, float]
    steps: list[str] = Field(default_factory=list)


class AnswerSchema(BaseModel):
    """The answer object of the public contract."""

    question: str
    rewritten_question: str
    route: Literal["term", "fact", "analysis"]
    status: Literal["answered", "clarify", "refused"]
    answer: str
    confidence: float
    terms: list[TermSchema]
    facts: list[FactSchema]
    citations: list[CitationSchema]
    options: list[OptionSchema]
    trace: TraceSchema
    flags: list[str] = Field(default_factory=list)
    conversation_id: str | None = None
    completed_question: str = ""
    answer_id: str = ""

    @classmethod
    def of(cls, answer: Answer, conversation_id: str | None = None) -> AnswerSchema:
        """Show an answer."""
        return cls.model_validate(shown_answer(answer, conversation_id))


class ResolutionSchema(BaseModel):
    """The terms of a question and the rewritten question, as in the answer object."""

    question: str
    rewritten_question: str
    terms: list[TermSchema]

    @classmethod
    def of(cls, resolution: Resolution) -> ResolutionSchema:
        """Show what terminology understood."""
        return cls(
            question=resolution.question,
            rewritten_question=resolution.rewritten_question,
            terms=[TermSchema.of(term) for term in resolution.terms],
        )


class SenseSchema(BaseModel):
    """A glossary row."""

    id: int
    number: str
    term: str
    english: str
    chinese: str
    department: str
    note: str
    aliases: list[str]
    examples: list[str]
    source: TermSourceSchema | None
    valid_from: str = ""
    valid_to: str = ""

    @classmethod
    def of(cls, sense: Sense) -> SenseSchema:
        """Show a sense."""
        plain = ("id", "number", "term", "english", "chinese", "department", "note", "valid_from", "valid_to")
        return cls(
            **{name: getattr(sense, name) for name in plain},
            aliases=list(sense.aliases),
            examples=list(sense.examples),
            source=TermSourceSchema.model_validate(shown) if (shown := shown_source(sense)) else None,
        )


class PassageSchema(BaseModel):
    """A passage found by a search, with the score of each stage."""

    document: str
    document_id: str
    page: int | None
    sheet: str | None
    chunk_id: str
    text: str
    score: float
    scores: dict[str, float]
    slide: int | None = None
    cell: str | None = None
    headings: list[str] = Field(default_factory=list)

    @classmethod
    def of(cls, passage: Passage) -> PassageSchema:
        """Show a passage."""
        at = passage.chunk.location
        return cls(
            document=passage.document.name,
            document_id=passage.document.id,
            page=at.page,
            sheet=at.sheet,
            chunk_id=passage.chunk.id,
            text=passage.chunk.text,
            score=round(float(passage.score), 6),
            scores={name: round(float(score), 6) for name, score in passage.scores.items()},
            slide=at.slide,
            cell=at.cell,
            headings=list(at.headings),
        )


class DocumentSchema(BaseModel):
    """A document of the catalogue."""

    document_id: str
    name: str
    source: str
    title: str
    media_type: str
    category: str
    groups: list[str]
    pages: int
    size: int
    modified: str
    ingested: str
    warnings: list[str]

    @classmethod
    def of(cls, document: Document) -> DocumentSchema:
        """Show a document."""
        plain = ("name", "source", "title", "media_type", "category", "pages", "size", "modified", "ingested")
        return cls(
            document_id=document.id,
            groups=list(document.groups),
            warnings=list(document.warnings),
            **{name: getattr(document, name) for name in plain},
        )


class FactResultSchema(BaseModel):
    """What the exact-fact lane alone says to a question."""

    question: str
    status: str
    reason: str
    confidence: float
    column: str
    computed: str
    total: int
    facts: list[FactSchema]
    candidates: list[str]
    query: str
    operation: str = ""
    offset: int = 0
    parameters: list[str] = Field(default_factory=list)
    empty: list[FactSchema] = Field(
        default_factory=list, description="Asked cells of the found row that hold nothing."
    )

    @classmethod
    def of(cls, question: str, result: FactResult) -> FactResultSchema:
        """Show a fact result; candidates are names, never values."""
        return cls(
            question=question,
            status=result.status,
            reason=result.reason,
            confidence=round(result.confidence, 4),
            column=result.column,
            computed=result.computed,
            total=result.total,
            facts=[FactSchema.of(fact) for fact in result.facts],
            candidates=[candidate.name for candidate in result.candidates],
            query=result.query,
            empty=[FactSchema.of(fact) for fact in result.empty],
            operation=result.operation,
            offset=result.offset,
            parameters=list(result.parameters),
        )


class TableSchema(BaseModel):
    """A table as it was understood."""

    table_id: str
    name: str
    document: str
    document_id: str
    sheet: str | None
    page: int | None
    header_rows: list[int]
    rows: int
    columns: list[dict[str, Any]]

    @classmethod
    def of(cls, stored: StoredTable) -> TableSchema:
        """Show a table."""
        table = stored.table
        columns = [
            {"name": column.name, "kind": column.kind, "unit": column.unit, "key": column.key}
            for column in table.columns
        ]
        return cls(
            table_id=table.id,
            name=table.name,
            document=stored.document,
            document_id=table.document_id,
            sheet=table.sheet,
            page=table.page,
            header_rows=list(table.header_rows),
            rows=table.row_count,
            columns=columns,
        )


def _whole(text: str) -> str:
    """Refuse half of a surrogate pair: JSON can hold one, no answer can repeat it. Raises UnicodeEncodeError."""
    text.encode()
    return text


def _asking(text: str) -> str:
    """Refuse what holds nothing but space. Raises ValueError."""
    if not text.strip():
        raise ValueError("is empty")
    return _whole(text)


Text = Annotated[str, AfterValidator(_whole)]
# The limit stands before what is checked after it: otherwise pydantic tells of items instead of characters.
Name = Annotated[str, Field(max_length=128), AfterValidator(_whole)]
Asking = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_asking)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChatRequest(_Request):
    """A question to `POST /chat`."""

    question: Text
    conversation_id: Name | None = None
    department: Name | None = None
    stream: bool = False
    route: Literal["term", "fact", "analysis"] | None = None


class SearchRequest(_Request):
    """A query to `POST /search`."""

    query: Asking
    top_k: int = Field(10, ge=1, le=100)


class ResolveRequest(_Request):
    """A question to `POST /terms/resolve`."""

    question: Asking
    department: Name | None = None


class FactRequest(_Request):
    """A question to `POST /facts/query`; `offset` asks for a later page of a list."""

    question: Asking
    offset: int = Field(0, ge=0)


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None
