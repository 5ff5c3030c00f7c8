"""The glossary in the database: senses with their history, conversation choices, feedback and proposals."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from terminology.errors import (
    GlossaryUnavailableError,
    InvalidSenseError,
    ProposalNotFoundError,
    SenseNotFoundError,
    UndoConflictError,
)
from terminology.imports import plan_import
from terminology.normalize import fold_key
from terminology.types import (
    Evidence,
    GlossaryChange,
    ImportReport,
    Proposal,
    Revision,
    Sense,
    SenseEdit,
    TermSource,
    UnknownTerm,
    Verdict,
)
from terminology.workbook import incomplete

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from terminology.imports import PlannedRow
    from terminology.workbook import WorkbookReading

BUSY_SECONDS = 30
_WRITERS_LOCK = 0x7E12_0074
metadata = sa.MetaData()
_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_STATE = 1
Action = Literal["import", "add", "edit", "remove", "accept", "undo"]

state = sa.Table(
    "terms_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("glossary", sa.BigInteger, nullable=False),
    sa.Column("feedback", sa.BigInteger, nullable=False),
)
senses = sa.Table(
    "terms_senses",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("term", sa.Text, nullable=False),
    sa.Column("english", sa.Text, nullable=False),
    sa.Column("chinese", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("aliases", sa.JSON, nullable=False),
    sa.Column("examples", sa.JSON, nullable=False),
    sa.Column("valid_from", sa.String(10), nullable=False),
    sa.Column("valid_to", sa.String(10), nullable=False),
    sa.Column("source", sa.JSON(none_as_null=True)),
    # An id is never given twice, so feedback and history cannot slip to another sense.
    sqlite_autoincrement=True,
)
changes = sa.Table(
    "terms_changes",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("undoes", _ID, nullable=False),
    sa.Column("undone_by", _ID, nullable=False),
    sqlite_autoincrement=True,
)
edits = sa.Table(
    "terms_edits",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("change_id", _ID, sa.ForeignKey("terms_changes.id"), nullable=False, index=True),
    sa.Column("sense_id", _ID, nullable=False, index=True),
    sa.Column("before", sa.JSON(none_as_null=True)),
    sa.Column("after", sa.JSON(none_as_null=True)),
)
choices = sa.Table(
    "terms_choices",
    metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("surface", sa.String(255), primary_key=True),
    sa.Column("sense_id", _ID, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)
verdicts = sa.Table(
    "terms_verdicts",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("surface", sa.Text, nullable=False),
    sa.Column("sense_id", _ID, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("right", sa.Boolean, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)
proposals = sa.Table(
    "terms_proposals",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
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


class GlossaryStore:
    """The glossary, the one source of truth for terms; several processes may use the same database.

    Every write is one transaction that also raises the revision, so a process that compares `revision()` before
    each question sees a change at the next one. On SQLite one process writes at a time, the others wait.
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
        """Create the tables that are missing (tests; production runs migrations)."""
        with self._connection(self._writer) as connection:
            metadata.create_all(connection)

    def close(self) -> None:
        """Close all connections; the store may be used again afterwards."""
        self._engine.dispose()

    # Reading

    def revision(self) -> Revision:
        """Return how often glossary and feedback have changed: one tiny query, made before every question."""
        with self._reading() as connection:
            row = connection.execute(_REVISION).first()
        return Revision(row[0], row[1]) if row else Revision(0, 0)

    def senses(self) -> list[Sense]:
        """Return all senses in the order in which they entered."""
        with self._reading() as connection:
            return _all_senses(connection)

    def sense(self, sense_id: int) -> Sense:
        """Return one sense; raises SenseNotFoundError."""
        with self._reading() as connection:
            return _one_sense(connection, sense_id)

    def history(self, sense_id: int | None = None, limit: int = 100) -> list[GlossaryChange]:
        """Return the latest changes, newest first; of one sense only if `sense_id` is given."""
        query = sa.select(changes).order_by(changes.c.id.desc()).limit(limit)
        if sense_id is not None:
            query = query.where(
                changes.c.id.in_(sa.select(edits.c.change_id).where(edits.c.sense_id == sense_id))
            )
        with self._reading() as connection:
            return [_change(connection, row) for row in connection.execute(query).all()]

    # Changing the glossary

    def import_reading(
        self, reading: WorkbookReading, file: str, who: str = "", *, dry_run: bool = False
    ) -> ImportReport:
        """Bring the rows of a workbook into the glossary in one transaction, and report each of them.

        With `dry_run` the report is the same and nothing is written.
        """
        with self._reading() if dry_run else self._writing() as connection:
            plan = plan_import(reading, _all_senses(connection))
            pending = [row.edit for row in plan if row.edit is not None]
            made = [] if dry_run or not pending else _apply(connection, pending)
            change = _record(connection, "import", who, made) if made else 0
        ids = _ids_of_rows(plan, made)
        rows = tuple(row.imported(sense_id) for row, sense_id in zip(plan, ids, strict=True))
        return ImportReport(file, rows, reading.titles, reading.warnings, dry_run, change)

    def add(self, sense: Sense, who: str = "") -> Sense:
        """Add one sense by hand and return it with its id; raises InvalidSenseError."""
        return self._edit("add", who, SenseEdit(0, None, _checked(sense)))

    def edit(self, sense: Sense, who: str = "") -> Sense:
        """Replace the sense with the id of `sense`; raises SenseNotFoundError and InvalidSenseError."""
        return self._edit("edit", who, SenseEdit(sense.id, None, _checked(sense)))

    def remove(self, sense_id: int, who: str = "") -> None:
        """Remove one sense; raises SenseNotFoundError."""
        self._edit("remove", who, SenseEdit(sense_id, None, None))

    def _edit(self, action: Action, who: str, edit: SenseEdit) -> Sense:
        with self._writing() as connection:
            before = _one_sense(connection, edit.sense_id) if action != "add" else None
            if before is not None and before == edit.after:
                return before
            made = _apply(connection, [replace(edit, before=before)])
            _record(connection, action, who, made)
        kept = made[0].after or before
        if kept is None:
            raise SenseNotFoundError(edit.sense_id)
        return kept

    def undo(self, change: int | None = None, who: str = "") -> GlossaryChange:
        """Take back one change (the latest if not given) exactly: every sense it touched is as it was, id included.

        The undo is a change itself and can be undone. Raises UndoConflictError if a later change touched one of
        the senses, if the change was undone already, or if there is none.
        """
        with self._writing() as connection:
            row = _change_to_undo(connection, change)
            undone = _change(connection, row)
            reverse = [SenseEdit(each.sense_id, each.after, each.before) for each in reversed(undone.edits)]
            _check_unchanged(connection, undone.id, reverse)
            made = _apply(connection, reverse)
            number = _record(connection, "undo", who, made, undoes=undone.id)
            connection.execute(sa.update(changes).where(changes.c.id == undone.id).values(undone_by=number))
            done = connection.execute(sa.select(changes).where(changes.c.id == number)).one()
            return _change(connection, done)

    # Conversations and feedback

    def choose(self, conversation: str, surface: str, sense_id: int) -> None:
        """Remember for one conversation which sense the user meant by `surface`; raises SenseNotFoundError."""
        key = {"conversation": conversation, "surface": fold_key(surface)}
        with self._writing() as connection:
            _one_sense(connection, sense_id)
            connection.execute(
                sa.delete(choices).where(
                    choices.c.conversation == conversation, choices.c.surface == key["surface"]
                )
            )
            connection.execute(sa.insert(choices).values(**key, sense_id=sense_id, at=_now()))

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
        rows = [{**asdict(each), "surface": fold_key(each.surface), "at": _now()} for each in given]
        if rows:
            with self._writing() as connection:
                _raise_revision(connection, state.c.feedback)
                connection.execute(sa.insert(verdicts), rows)

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

    def accept(self, proposal_ids: Sequence[int], who: str = "") -> list[Sense]:
        """Make senses of these proposals, all in one change; raises ProposalNotFoundError and InvalidSenseError."""
        with self._writing() as connection:
            found = _open_proposals(connection, proposal_ids)
            problems = [f"{each.term}: {reason}" for each in found for reason in incomplete(_sense_of(each))]
            if problems:
                raise InvalidSenseError(problems)
            made = _apply(connection, [SenseEdit(0, None, _sense_of(each)) for each in found])
            _record(connection, "accept", who, made)
            _decide(connection, proposal_ids, "accepted", who)
        return [edit.after for edit in made if edit.after is not None]

    def reject(self, proposal_ids: Sequence[int], who: str = "") -> None:
        """Reject these proposals for good; raises ProposalNotFoundError."""
        with self._writing() as connection:
            _open_proposals(connection, proposal_ids)
            _decide(connection, proposal_ids, "rejected", who)

    def note_unknown(self, surfaces: Iterable[str], question: str) -> None:
        """Count abbreviations that a question used and the glossary lacks."""
        keys = list(dict.fromkeys(each[:255] for each in surfaces))
        if not keys:
            return
        with self._writing() as connection:
            for key in keys:
                row = {"question": question, "at": _now()}
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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _raise_revision(connection: sa.Connection, counter: sa.Column[int]) -> None:
    raised = sa.update(state).where(state.c.id == _STATE).values({counter: counter + 1})
    if connection.execute(raised).rowcount == 0:
        first = {"id": _STATE, "glossary": 0, "feedback": 0, counter.name: 1}
        connection.execute(sa.insert(state).values(first))


def _checked(sense: Sense) -> Sense:
    problems = incomplete(sense)
    if problems:
        raise InvalidSenseError(problems)
    return sense


def _to_json(sense: Sense) -> dict[str, Any]:
    return asdict(sense)


def _from_json(stored: Mapping[str, Any] | None) -> Sense | None:
    if stored is None:
        return None
    source = stored["source"]
    plain = {**stored, "aliases": tuple(stored["aliases"]), "examples": tuple(stored["examples"])}
    return Sense(**{**plain, "source": TermSource(**source) if source else None})


def _read_sense(row: sa.Row[Any]) -> Sense:
    sense = _from_json(dict(row._mapping))
    assert sense is not None
    return sense


def _all_senses(connection: sa.Connection) -> list[Sense]:
    return [_read_sense(row) for row in connection.execute(sa.select(senses).order_by(senses.c.id))]


def _one_sense(connection: sa.Connection, sense_id: int) -> Sense:
    row = connection.execute(sa.select(senses).where(senses.c.id == sense_id)).first()
    if row is None:
        raise SenseNotFoundError(sense_id)
    return _read_sense(row)


def _apply(connection: sa.Connection, wanted: Sequence[SenseEdit]) -> list[SenseEdit]:
    """Carry out edits and return them with the ids that new senses got; an edit with an id restores under it."""
    fresh = [edit.after for edit in wanted if edit.sense_id == 0 and edit.after is not None]
    ids = iter(_insert_senses(connection, fresh))
    made = []
    for edit in wanted:
        if edit.sense_id == 0 and edit.after is not None:
            sense_id = next(ids)
            made.append(SenseEdit(sense_id, None, replace(edit.after, id=sense_id)))
            continue
        if edit.after is None:
            connection.execute(sa.delete(senses).where(senses.c.id == edit.sense_id))
        elif edit.before is None:
            connection.execute(sa.insert(senses).values(_to_json(edit.after)))
        else:
            connection.execute(
                sa.update(senses).where(senses.c.id == edit.sense_id).values(_to_json(edit.after))
            )
        made.append(edit)
    return made


def _insert_senses(connection: sa.Connection, fresh: Sequence[Sense]) -> list[int]:
    if not fresh:
        return []
    rows = [{key: value for key, value in asdict(sense).items() if key != "id"} for sense in fresh]
    returned = connection.scalars(sa.insert(senses).returning(senses.c.id, sort_by_parameter_order=True), rows)
    return list(returned)


def _record(
    connection: sa.Connection, action: Action, who: str, made: Sequence[SenseEdit], undoes: int = 0
) -> int:
    _raise_revision(connection, state.c.glossary)
    row = {"at": _now(), "who": who, "action": action, "undoes": undoes, "undone_by": 0}
    number = connection.execute(sa.insert(changes).values(row).returning(changes.c.id)).scalar_one()
    connection.execute(
        sa.insert(edits),
        [
            {
                "change_id": number,
                "sense_id": edit.sense_id,
                "before": edit.before and _to_json(edit.before),
                "after": edit.after and _to_json(edit.after),
            }
            for edit in made
        ],
    )
    return int(number)


def _ids_of_rows(plan: Sequence[PlannedRow], made: Sequence[SenseEdit]) -> list[int]:
    new = iter(edit.sense_id for edit in made)
    return [next(new, row.sense_id) if row.edit is not None else row.sense_id for row in plan]


def _change(connection: sa.Connection, row: sa.Row[Any]) -> GlossaryChange:
    query = sa.select(edits).where(edits.c.change_id == row.id).order_by(edits.c.id)
    touched = tuple(
        SenseEdit(each.sense_id, _from_json(each.before), _from_json(each.after))
        for each in connection.execute(query)
    )
    return GlossaryChange(row.id, row.at, row.who, row.action, touched, row.undoes, row.undone_by)


def _change_to_undo(connection: sa.Connection, number: int | None) -> sa.Row[Any]:
    query = sa.select(changes).order_by(changes.c.id.desc()).limit(1)
    query = (
        query.where(changes.c.id == number)
        if number
        else query.where(changes.c.undone_by == 0, changes.c.undoes == 0)
    )
    row = connection.execute(query).first()
    if row is None:
        raise UndoConflictError(
            number or 0, "there is no such change" if number else "there is no change left to undo"
        )
    if row.undone_by:
        raise UndoConflictError(row.id, f"change {row.undone_by} undid it already")
    return row


def _check_unchanged(connection: sa.Connection, number: int, reverse: Sequence[SenseEdit]) -> None:
    now = {row.id: _read_sense(row) for row in connection.execute(sa.select(senses))}
    for edit in reverse:
        if now.get(edit.sense_id) != edit.before:
            raise UndoConflictError(
                number, f"a later change touched the sense {edit.sense_id}; undo that one first"
            )


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
        "at": _now(),
    }
    return int(connection.execute(sa.insert(proposals).values(values).returning(proposals.c.id)).scalar_one())


def _proposal(row: sa.Row[Any]) -> Proposal:
    evidence = tuple(Evidence(**each) for each in row.evidence)
    return Proposal(row.term, row.english, row.chinese, row.found_by, evidence, row.seen, row.id, row.status)


def _open_proposals(connection: sa.Connection, ids: Sequence[int]) -> list[Proposal]:
    query = sa.select(proposals).where(proposals.c.id.in_(ids), proposals.c.status == "open")
    found = {row.id: _proposal(row) for row in connection.execute(query.order_by(proposals.c.id))}
    missing = [each for each in ids if each not in found]
    if missing:
        raise ProposalNotFoundError(missing)
    return list(found.values())


def _sense_of(proposal: Proposal) -> Sense:
    source = proposal.evidence[0].document if proposal.evidence else ""
    examples = tuple(each.sentence for each in proposal.evidence[:3])
    origin = TermSource(source) if source else None
    return Sense(proposal.term, proposal.english, proposal.chinese, examples=examples, source=origin)


def _decide(connection: sa.Connection, ids: Sequence[int], status: str, who: str) -> None:
    connection.execute(
        sa.update(proposals).where(proposals.c.id.in_(ids)).values(status=status, who=who, at=_now())
    )
