"""Conversations in the database: what was asked and answered, in order, until it is deleted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
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
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from router.errors import ConversationsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

BUSY_SECONDS = 30
metadata = MetaData()
turns = Table(
    "conversation_turns",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("conversation_id", String(128), nullable=False),
    Column("owner", String(255), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("route", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("created", String(64), nullable=False),
)
Index("turns_by_conversation", turns.c.conversation_id, turns.c.owner, turns.c.id)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and its answer; `created` is an ISO time in UTC."""

    question: str
    answer: str
    route: str
    status: str
    created: str = ""


class ConversationStore:
    """Turns of conversations; each conversation belongs to the user who began it."""

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _prepare)

    def create_schema(self) -> None:
        """Create the table where it is missing (tests; production runs migrations)."""
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
            "created": turn.created or datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with self._errors(), self._engine.begin() as connection:
            connection.execute(insert(turns).values(values))

    def history(self, conversation_id: str, owner: str = "", limit: int = 6) -> tuple[Turn, ...]:
        """Return the last `limit` turns, oldest first."""
        query = (
            select(turns.c.question, turns.c.answer, turns.c.route, turns.c.status, turns.c.created)
            .where(turns.c.conversation_id == conversation_id, turns.c.owner == owner)
            .order_by(turns.c.id.desc())
            .limit(limit)
        )
        with self._errors(), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(Turn(*row) for row in reversed(rows))

    def delete(self, conversation_id: str, owner: str = "") -> int:
        """Delete a conversation; returns how many turns it had."""
        query = delete(turns).where(turns.c.conversation_id == conversation_id, turns.c.owner == owner)
        with self._errors(), self._engine.begin() as connection:
            return connection.execute(query).rowcount

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            url = self._engine.url.render_as_string(hide_password=True)
            raise ConversationsUnavailableError(url, str(error.__cause__ or error)) from error


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()
