"""Training jobs and promoted adapters in the database; what a job wrote is in its folder, not here."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from finetune.errors import TrainingDatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What a job's next run does: train from nothing, train on from a checkpoint, or only measure before and after.
JobMode = Literal["new", "resume", "evaluate"]
JobState = Literal["queued", "running", "stopping", "stopped", "finished", "failed", "interrupted"]
# The states in which a job holds, or waits for, its device.
WAITING: tuple[JobState, ...] = ("queued",)
ACTIVE: tuple[JobState, ...] = ("running", "stopping")
BUSY_SECONDS = 30
metadata = sa.MetaData()
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

jobs = sa.Table(
    "training_jobs",
    metadata,
    sa.Column("number", ID, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("folder", sa.Text, nullable=False),
    sa.Column("place", sa.String(32), nullable=False),
    sa.Column("device", sa.String(16), nullable=False),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("turn", ID, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("summary", sa.JSON, nullable=False),
    sa.Column("created", sa.String(40), nullable=False),
    sa.Column("started", sa.String(40), nullable=False),
    sa.Column("ended", sa.String(40), nullable=False),
    # A number is never given twice, so that a turn in the queue cannot be either.
    sqlite_autoincrement=True,
)
promotions = sa.Table(
    "training_promotions",
    metadata,
    sa.Column("number", ID, primary_key=True, autoincrement=True),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("base", sa.Text, nullable=False),
    sa.Column("adapter", sa.Text, nullable=False),
    sa.Column("job_id", sa.String(32), nullable=False),
    sa.Column("previous", ID, nullable=False),
    sa.Column("offered", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """One job: where its folder is, on which device it runs, and what became of it.

    `place` names the data directory that the folder belongs to, since several machines may share a database; `turn`
    is its place in the queue (lower first); `summary` holds the last known figures, so that a list needs no folder.
    Times are ISO in UTC, "" where not yet.
    """

    id: str
    name: str
    state: JobState
    folder: str
    place: str
    device: str
    owner: str = ""
    mode: JobMode = "new"
    turn: int = 0
    error: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    started: str = ""
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Promotion:
    """One decision about which adapter is in use; the one with the highest number holds.

    `adapter` is a folder that never changes, "" for the base model alone. `previous` is the promotion that a rollback
    returns to, 0 for none. `offered` says whether the evaluation spoke for it; `reason` why it was forced if not.
    """

    number: int
    action: Literal["promote", "rollback", "load"]
    base: str
    adapter: str
    job_id: str = ""
    previous: int = 0
    offered: bool = False
    reason: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    who: str = ""
    at: str = ""


class TrainingStore:
    """Jobs and promotions; several processes may use the same database. Errors are TrainingDatabaseError."""

    def __init__(self, database_url: str) -> None:
        """Opens nothing yet."""
        self._engine = sa.create_engine(database_url)
        self._writer = self._engine.execution_options(termroute_writes=True)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _prepare)
            sa.event.listen(self._engine, "begin", _begin)

    def create_schema(self) -> None:
        """Create the tables where they are missing (tests; production runs migrations)."""
        metadata.create_all(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # Jobs

    def add(self, job: TrainingJob) -> TrainingJob:
        """Add a job at the end of its device's queue and return it with its turn."""
        with self._writing() as connection:
            turn = _next_turn(connection)
            values = asdict(job) | {"turn": turn, "created": job.created or now(), "summary": dict(job.summary)}
            connection.execute(sa.insert(jobs).values(values))
            return _job(connection.execute(sa.select(jobs).where(jobs.c.id == job.id)).one())

    def queue_again(self, job_id: str, mode: JobMode) -> None:
        """Put a job that ended back at the end of its queue."""
        with self._writing() as connection:
            values = {
                "state": "queued",
                "mode": mode,
                "turn": _next_turn(connection),
                "error": "",
                "ended": "",
            }
            connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(values))

    def move(self, job_id: str, state: JobState, *, among: tuple[JobState, ...], **values: Any) -> bool:
        """Set the state, and further columns, if the job is now in one of `among`; returns whether it was."""
        query = sa.update(jobs).where(jobs.c.id == job_id, jobs.c.state.in_(among))
        with self._writing() as connection:
            return connection.execute(query.values(state=state, **values)).rowcount == 1

    def set_summary(self, job_id: str, summary: Mapping[str, Any]) -> None:
        """Replace the last known figures of a job."""
        with self._writing() as connection:
            connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(summary=dict(summary)))

    def set_folder(self, job_id: str, folder: str) -> None:
        """Say where a job's results lie now: a backup, or "" once they are deleted."""
        with self._writing() as connection:
            connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(folder=folder))

    def get(self, job_id: str) -> TrainingJob | None:
        """Return a job, or None where there is none with this id."""
        with self._errors(), self._engine.connect() as connection:
            row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).first()
        return _job(row) if row else None

    def all(self, limit: int = 100) -> list[TrainingJob]:
        """Return the newest jobs, newest first."""
        return self._jobs(sa.select(jobs).order_by(jobs.c.number.desc()).limit(limit))

    def of_folder(self, folder: str, place: str) -> TrainingJob | None:
        """Return the job whose results lie in `folder` of the data directory `place`."""
        query = sa.select(jobs).where(jobs.c.folder == folder, jobs.c.place == place)
        found = self._jobs(query.order_by(jobs.c.number.desc()).limit(1))
        return found[0] if found else None

    def in_states(self, states: tuple[JobState, ...], place: str, device: str = "") -> list[TrainingJob]:
        """Return the jobs of a data directory (and device) in these states, in the order of their turns."""
        query = sa.select(jobs).where(jobs.c.state.in_(states), jobs.c.place == place).order_by(jobs.c.turn)
        return self._jobs(query.where(jobs.c.device == device) if device else query)

    def _jobs(self, query: sa.Select[Any]) -> list[TrainingJob]:
        with self._errors(), self._engine.connect() as connection:
            return [_job(row) for row in connection.execute(query)]

    # Promotions

    def promote(self, promotion: Promotion) -> Promotion:
        """Record that another adapter holds from now on; `previous` becomes the one that held, unless it is given."""
        with self._writing() as connection:
            held = connection.execute(_NEWEST).first()
            values = asdict(promotion) | {"at": now(), "figures": dict(promotion.figures)}
            del values["number"]
            if promotion.action != "rollback":
                values["previous"] = held.number if held else 0
            number = connection.execute(
                sa.insert(promotions).values(values).returning(promotions.c.number)
            ).scalar_one()
            row = connection.execute(sa.select(promotions).where(promotions.c.number == number)).one()
        return Promotion(**row._mapping)

    def promotion(self, number: int) -> Promotion | None:
        """Return one promotion."""
        return self._promotion(sa.select(promotions).where(promotions.c.number == number))

    def current(self) -> Promotion | None:
        """Return the promotion that holds, None before the first: one tiny query, made before every question."""
        return self._promotion(_NEWEST)

    def promotions(self, limit: int = 100) -> list[Promotion]:
        """Return the newest promotions, newest first."""
        with self._errors(), self._engine.connect() as connection:
            rows = connection.execute(_NEWEST.limit(limit)).all()
        return [Promotion(**row._mapping) for row in rows]

    def _promotion(self, query: sa.Select[Any]) -> Promotion | None:
        with self._errors(), self._engine.connect() as connection:
            row = connection.execute(query).first()
        return Promotion(**row._mapping) if row else None

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._errors(), self._writer.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(760074)")
            yield connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            url = self._engine.url.render_as_string(hide_password=True)
            raise TrainingDatabaseError(url, str(getattr(error, "orig", None) or error)) from error


_NEWEST = sa.select(promotions).order_by(promotions.c.number.desc()).limit(1)


def now() -> str:
    """The time in UTC, ISO."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _next_turn(connection: sa.Connection) -> int:
    highest = connection.execute(sa.select(sa.func.max(jobs.c.turn))).scalar()
    return int(highest or 0) + 1


def _job(row: sa.Row[Any]) -> TrainingJob:
    return TrainingJob(**{each.name: row._mapping[each.name] for each in fields(TrainingJob)})


def _prepare(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late to lock before the first read; `_begin` sends it instead.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("termroute_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
