"""Conversations and feedback in the database: what was asked and answered, and what people said of the answers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from router.errors import ConversationsUnavailableError
from router.types import Option
from terminology.types import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlalchemy import Connection, Row, Select

BUSY_SECONDS = 30
metadata = MetaData()
_ID = BigInteger().with_variant(Integer, "sqlite")
turns = Table(
    "conversation_turns",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("conversation_id", String(128), nullable=False),
    Column("owner", String(255), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("route", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("created", String(64), nullable=False),
    Column("answer_id", String(32), nullable=False, server_default=""),
    Column("completed", Text, nullable=False, server_default=""),
    Column("detail", JSON, nullable=False, server_default="{}"),
)
Index("turns_by_conversation", turns.c.conversation_id, turns.c.owner, turns.c.id)
Index("turns_by_answer", turns.c.answer_id)
feedback = Table(
    "feedback",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("answer_id", String(32), nullable=False),
    Column("conversation_id", String(128), nullable=False),
    Column("owner", String(255), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("route", String(16), nullable=False),
    Column("right", Boolean, nullable=False),
    Column("term", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("verdicts", JSON, nullable=False),
    Column("created", String(64), nullable=False),
    sqlite_autoincrement=True,
)
Index("feedback_by_conversation", feedback.c.conversation_id, feedback.c.owner)
Index("feedback_by_answer", feedback.c.answer_id, feedback.c.owner)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and its answer; `created` is an ISO time in UTC.

    `completed` is the question as it was answered where it leaned on the conversation, else empty. `options` and
    `documents` are what the answer offered and cited. `senses` holds each ambiguous term as it was understood:
    the folded surface and the id of its sense.
    """

    question: str
    answer: str
    route: str
    status: str
    created: str = ""
    answer_id: str = ""
    completed: str = ""
    options: tuple[Option, ...] = ()
    documents: tuple[str, ...] = ()
    senses: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation in a list: whose it is, its first question, and how many turns it has; times are ISO, UTC."""

    conversation_id: str
    owner: str
    title: str
    turns: int
    started: str
    updated: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person said of an answer; `verdicts` are those on senses that it gave to the glossary."""

    owner: str
    question: str
    right: bool
    answer: str = ""
    route: str = ""
    answer_id: str = ""
    conversation_id: str = ""
    term: str = ""
    comment: str = ""
    verdicts: tuple[Verdict, ...] = ()
    created: str = ""
    id: int = 0


class ConversationStore:
    """Turns of conversations and feedback on them; each belongs to the user who began it or gave it.

    An `owner` of None means everyone's, for those who may see that.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _prepare)

    def create_schema(self) -> None:
        """Create the tables where they are missing (tests; production runs migrations)."""
        metadata.create_all(self._engine)

    def append(self, conversation_id: str, turn: Turn, owner: str = "") -> None:
        """Add `turn` at the end of the conversation."""
        values = {
            "conversation_id": conversation_id,
            "owner": owner,
            "question": turn.question,
            "answer": turn.answer,
            "route": turn.route,
            "status": turn.status,
            "created": turn.created or _now(),
            "answer_id": turn.answer_id,
            "completed": turn.completed,
            "detail": {
                "options": [[option.label, option.question] for option in turn.options],
                "documents": list(turn.documents),
                "senses": [list(pair) for pair in turn.senses],
            },
        }
        with self._writing() as connection:
            connection.execute(insert(turns).values(values))

    def history(self, conversation_id: str, owner: str = "", limit: int = 6) -> tuple[Turn, ...]:
        """Return the last `limit` turns, oldest first."""
        query = (
            select(turns)
            .where(turns.c.conversation_id == conversation_id, turns.c.owner == owner)
            .order_by(turns.c.id.desc())
            .limit(limit)
        )
        with self._reading() as connection:
            return tuple(_turn(row) for row in reversed(connection.execute(query).all()))

    def conversations(
        self, owner: str | None = "", limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        """Return conversations, the latest first."""
        groups = (
            select(
                turns.c.conversation_id,
                turns.c.owner,
                func.min(turns.c.id).label("first"),
                func.max(turns.c.id).label("last"),
                func.count().label("turns"),
                func.min(turns.c.created).label("started"),
                func.max(turns.c.created).label("updated"),
            )
            .where(*([] if owner is None else [turns.c.owner == owner]))
            .group_by(turns.c.conversation_id, turns.c.owner)
            .subquery()
        )
        query = (
            select(groups, turns.c.question)
            .join(turns, turns.c.id == groups.c.first)
            .order_by(groups.c.last.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._reading() as connection:
            return [
                ConversationSummary(
                    row.conversation_id, row.owner, row.question, row.turns, row.started, row.updated
                )
                for row in connection.execute(query)
            ]

    def delete(self, conversation_id: str, owner: str = "") -> int:
        """Delete a conversation with the feedback on it; returns how many turns it had."""
        with self._writing() as connection:
            connection.execute(
                delete(feedback).where(feedback.c.conversation_id == conversation_id, feedback.c.owner == owner)
            )
            return connection.execute(
                delete(turns).where(turns.c.conversation_id == conversation_id, turns.c.owner == owner)
            ).rowcount

    def answered(self, answer_id: str, owner: str) -> tuple[str, Turn] | None:
        """Return the conversation and the turn of an answer by its id, or None."""
        query = select(turns).where(turns.c.answer_id == answer_id, turns.c.owner == owner)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return (row.conversation_id, _turn(row)) if row is not None else None

    # Feedback

    def add_feedback(self, given: Feedback) -> Feedback:
        """Store feedback; returned with its id and time."""
        kept = replace(given, created=given.created or _now())
        values = {**asdict(kept), "verdicts": [asdict(each) for each in kept.verdicts]}
        values.pop("id")
        with self._writing() as connection:
            made = connection.execute(insert(feedback).values(values).returning(feedback.c.id)).scalar_one()
        return replace(kept, id=int(made))

    def feedback(self, owner: str | None = "", limit: int = 100, offset: int = 0) -> list[Feedback]:
        """Return feedback, the latest first."""
        query = select(feedback).order_by(feedback.c.id.desc()).limit(limit).offset(offset)
        return self._feedback(query if owner is None else query.where(feedback.c.owner == owner))

    def feedback_by_id(self, number: int, owner: str | None = "") -> Feedback | None:
        """Return one piece of feedback, or None."""
        query = select(feedback).where(feedback.c.id == number)
        found = self._feedback(query if owner is None else query.where(feedback.c.owner == owner))
        return found[0] if found else None

    def feedback_on(self, owner: str, answer_id: str = "", conversation_id: str = "") -> list[Feedback]:
        """Return the feedback that `owner` gave on one answer, or within one conversation."""
        column, value = (
            (feedback.c.answer_id, answer_id) if answer_id else (feedback.c.conversation_id, conversation_id)
        )
        return (
            self._feedback(select(feedback).where(column == value, feedback.c.owner == owner)) if value else []
        )

    def delete_feedback(self, number: int) -> None:
        """Delete one piece of feedback; the verdicts that it gave are the glossary's to take back."""
        with self._writing() as connection:
            connection.execute(delete(feedback).where(feedback.c.id == number))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _feedback(self, query: Select[Any]) -> list[Feedback]:
        with self._reading() as connection:
            return [_read_feedback(row) for row in connection.execute(query)]

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            url = self._engine.url.render_as_string(hide_password=True)
            raise ConversationsUnavailableError(url, str(error.__cause__ or error)) from error


def _turn(row: Row[Any]) -> Turn:
    detail = row.detail or {}
    return Turn(
        row.question,
        row.answer,
        row.route,
        row.status,
        row.created,
        row.answer_id,
        row.completed,
        tuple(Option(label, question) for label, question in detail.get("options", ())),
        tuple(detail.get("documents", ())),
        tuple((surface, sense_id) for surface, sense_id in detail.get("senses", ())),
    )


def _read_feedback(row: Row[Any]) -> Feedback:
    values = dict(row._mapping)
    return Feedback(**{**values, "verdicts": tuple(Verdict(**each) for each in row.verdicts)})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()
