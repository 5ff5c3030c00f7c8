"""What use has taught, in the database: choices of conversations, verdicts, proposals and unknown abbreviations."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from terminology.errors import GlossaryUnavailableError, ProposalNotFoundError
from terminology.normalize import fold_key
from terminology.types import Evidence, Proposal, Revision, UnknownTerm, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BUSY_SECONDS = 30
_WRITERS_LOCK = 0x7E12_0074
metadata = sa.MetaData()
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_STATE = 1

state = sa.Table(
    "terms_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("glossary", sa.BigInteger, nullable=False),
    sa.Column("feedback", sa.BigInteger, nullable=False),
)
choices = sa.Table(
    "terms_choices",
    metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("surface", sa.String(255), primary_key=True),
    sa.Column("sense_id", ID, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)
verdicts = sa.Table(
    "terms_verdicts",
    metadata,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("surface", sa.Text, nullable=False),
    sa.Column("sense_id", ID, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("right", sa.Boolean, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)
proposals = sa.Table(
    "terms_proposals",
    metadata,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("term", sa.Text, nullable=False),
    sa.Column("english", sa.Text, nullable=False),
    sa.Column("chinese", sa.Text, nullable=False),
    sa.Column("found_by", sa.String(16), nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sqlite_autoincrement=True,
)
unknown = sa.Table(
    "terms_unknown",
    metadata,
    sa.Column("surface", sa.String(255), primary_key=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)


class LearnedStore:
    """The tables of terminology that use fills; several processes may use the same database.

    On SQLite one process writes at a time and the others wait up to `BUSY_SECONDS`.
    """

    def __init__(self, database_url: str) -> None:
        """Opens nothing yet: `database_url` is an SQLAlchemy URL, `sqlite:///PATH` or `postgresql+psycopg://…`."""
        try:
            self._url = sa.make_url(database_url)
        except SQLAlchemyError as error:
            raise GlossaryUnavailableError("(unreadable URL)", str(error)) from error
        self._engine = _open(self._url)
        self._writer = self._engine.execution_options(termroute_writes=True)

    @property
    def url(self) -> str:
        """The database's URL with its password masked."""
        return self._url.render_as_string(hide_password=True)

    def create_schema(self) -> None:
        """Create all tables of the room that are missing (tests; production runs migrations)."""
        with self._connection(self._writer) as connection:
            metadata.create_all(connection)

    def close(self) -> None:
        """Close all connections; the store may be used again afterwards."""
        self._engine.dispose()

    def revision(self) -> Revision:
        """Return how often glossary and feedback have changed: one tiny query, made before every question."""
        with self._reading() as connection:
            row = connection.execute(_REVISION).first()
        return Revision(row[0], row[1]) if row else Revision(0, 0)

    # Conversations and feedback

    def choose(self, conversation: str, surface: str, sense_id: int) -> None:
        """Remember for one conversation which sense the user meant by `surface`; raises SenseNotFoundError."""
        key = {"conversation": conversation, "surface": fold_key(surface)}
        with self._writing() as connection:
            connection.execute(
                sa.delete(choices).where(
                    choices.c.conversation == conversation, choices.c.surface == key["surface"]
                )
            )
            connection.execute(sa.insert(choices).values(**key, sense_id=sense_id, at=now()))

    def choices(self, conversation: str) -> tuple[tuple[str, int], ...]:
        """Return the choices made in a conversation, as TermContext takes them: folded surface and sense id."""
        query = sa.select(choices.c.surface, choices.c.sense_id).where(choices.c.conversation == conversation)
        with self._reading() as connection:
            return tuple((row[0], row[1]) for row in connection.execute(query.order_by(choices.c.at)))

    def forget(self, conversation: str) -> None:
        """Drop the choices of one conversation."""
        with self._writing() as connection:
            connection.execute(sa.delete(choices).where(choices.c.conversation == conversation))

    def give_verdicts(self, given: Iterable[Verdict]) -> None:
        """Store verdicts on choices; they count from the next question on, in every process."""
        rows = [{**asdict(each), "surface": fold_key(each.surface), "at": now()} for each in given]
        if rows:
            with self._writing() as connection:
                raise_revision(connection, state.c.feedback)
                connection.execute(sa.insert(verdicts), rows)

    def withdraw_verdicts(self, given: Iterable[Verdict]) -> int:
        """Take back verdicts that were given, one stored verdict for each; returns how many were there."""
        gone = 0
        with self._writing() as connection:
            for each in given:
                same = [verdicts.c[name] == value for name, value in asdict(each).items() if name != "surface"]
                known = sa.select(sa.func.max(verdicts.c.id)).where(
                    verdicts.c.surface == fold_key(each.surface), *same
                )
                number = connection.execute(known).scalar()
                if number is not None:
                    gone += connection.execute(sa.delete(verdicts).where(verdicts.c.id == number)).rowcount
            if gone:
                raise_revision(connection, state.c.feedback)
        return gone

    def verdicts(self) -> list[Verdict]:
        """Return all verdicts, oldest first."""
        query = sa.select(verdicts).order_by(verdicts.c.id)
        with self._reading() as connection:
            return [
                Verdict(row.surface, row.sense_id, row.question, row.right, row.who)
                for row in connection.execute(query)
            ]

    # Proposals

    def propose(self, found: Iterable[Proposal]) -> list[Proposal]:
        """Store proposals and return the open ones among them.

        One that is known already counts up and keeps its evidence; one that a person has decided on stays decided.
        """
        with self._writing() as connection:
            ids = [_propose(connection, each) for each in found]
            rows = connection.execute(
                sa.select(proposals).where(proposals.c.id.in_(ids), proposals.c.status == "open")
            )
            return [_proposal(row) for row in rows.all()]

    def proposals(self, status: Literal["open", "accepted", "rejected"] = "open") -> list[Proposal]:
        """Return proposals, the most frequent first."""
        query = sa.select(proposals).where(proposals.c.status == status)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(proposals.c.seen.desc(), proposals.c.id)).all()
        return [_proposal(row) for row in rows]

    def reject(self, proposal_ids: Sequence[int], who: str = "") -> None:
        """Reject these proposals for good; raises ProposalNotFoundError."""
        with self._writing() as connection:
            open_proposals(connection, proposal_ids)
            decide(connection, proposal_ids, "rejected", who)

    def note_unknown(self, surfaces: Iterable[str], question: str) -> None:
        """Count abbreviations that a question used and the glossary lacks."""
        keys = list(dict.fromkeys(each[:255] for each in surfaces))
        if not keys:
            return
        with self._writing() as connection:
            for key in keys:
                row = {"question": question, "at": now()}
                known = sa.update(unknown).where(unknown.c.surface == key)
                if connection.execute(known.values(**row, seen=unknown.c.seen + 1)).rowcount == 0:
                    connection.execute(sa.insert(unknown).values(**row, surface=key, seen=1))

    def unknown(self, limit: int = 1000) -> list[UnknownTerm]:
        """Return the abbreviations that questions used and the glossary lacked, the most frequent first."""
        query = sa.select(unknown).order_by(unknown.c.seen.desc(), unknown.c.surface).limit(limit)
        with self._reading() as connection:
            return [
                UnknownTerm(row.surface, row.seen, row.question, row.at) for row in connection.execute(query)
            ]

    @contextmanager
    def _connection(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise GlossaryUnavailableError(self.url, f"{type(cause).__name__}: {cause}") from error

    def _reading(self) -> Any:
        return self._connection(self._engine)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._connection(self._writer) as connection:
            if connection.dialect.name == "postgresql":
                # Writers stand in one line, as SQLite makes them: an import is planned on what it then changes.
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK})
            yield connection


_REVISION = sa.select(state.c.glossary, state.c.feedback).where(state.c.id == _STATE)


def _open(url: sa.URL) -> sa.Engine:
    options: dict[str, Any] = {"json_serializer": lambda value: json.dumps(value, ensure_ascii=False)}
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True, **options)
    options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    if url.database in (None, "", ":memory:"):
        options["poolclass"] = StaticPool
    engine = sa.create_engine(url, **options)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late to lock before the first read; `_begin_sqlite` sends it instead.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("termroute_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def raise_revision(connection: sa.Connection, counter: sa.Column[int]) -> None:
    raised = sa.update(state).where(state.c.id == _STATE).values({counter: counter + 1})
    if connection.execute(raised).rowcount == 0:
        first = {"id": _STATE, "glossary": 0, "feedback": 0, counter.name: 1}
        connection.execute(sa.insert(state).values(first))


def _proposal_key(proposal: Proposal) -> str:
    return "\t".join(fold_key(each) for each in (proposal.term, proposal.english, proposal.chinese))


def _propose(connection: sa.Connection, proposal: Proposal) -> int:
    key = _proposal_key(proposal)
    row = connection.execute(sa.select(proposals.c.id, proposals.c.seen).where(proposals.c.key == key)).first()
    if row is not None:
        count = max(row.seen, proposal.count)
        connection.execute(sa.update(proposals).where(proposals.c.id == row.id).values(seen=count))
        return int(row.id)
    values = {
        "key": key,
        "term": proposal.term,
        "english": proposal.english,
        "chinese": proposal.chinese,
        "found_by": proposal.found_by,
        "evidence": [asdict(each) for each in proposal.evidence],
        "seen": proposal.count,
        "status": "open",
        "who": "",
        "at": now(),
    }
    return int(connection.execute(sa.insert(proposals).values(values).returning(proposals.c.id)).scalar_one())


def _proposal(row: sa.Row[Any]) -> Proposal:
    evidence = tuple(Evidence(**each) for each in row.evidence)
    return Proposal(row.term, row.english, row.chinese, row.found_by, evidence, row.seen, row.id, row.status)


def open_proposals(connection: sa.Connection, ids: Sequence[int]) -> list[Proposal]:
    query = sa.select(proposals).where(proposals.c.id.in_(ids), proposals.c.status == "open")
    found = {row.id: _proposal(row) for row in connection.execute(query.order_by(proposals.c.id))}
    missing = [each for each in ids if each not in found]
    if missing:
        raise ProposalNotFoundError(missing)
    return list(found.values())


def decide(connection: sa.Connection, ids: Sequence[int], status: str, who: str) -> None:
    connection.execute(
        sa.update(proposals).where(proposals.c.id.in_(ids)).values(status=status, who=who, at=now())
    )
