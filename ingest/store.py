"""Ingestion jobs in the database: an upload is accepted at once, and its progress can be asked for later."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import uuid4

from sqlalchemy import JSON, Column, MetaData, String, Table, Text, create_engine, event, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from ingest.errors import JobsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

JobStatus = Literal["queued", "running", "done", "failed"]
BUSY_SECONDS = 30
metadata = MetaData()
jobs = Table(
    "ingest_jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("owner", String(255), nullable=False),
    Column("files", JSON, nullable=False),
    Column("reports", JSON, nullable=False),
    Column("error", Text, nullable=False),
    Column("created", String(64), nullable=False),
    Column("updated", String(64), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Job:
    """One accepted upload: the names of its files, and one report a finished file (the fields of FileReport)."""

    id: str
    status: JobStatus
    files: tuple[str, ...]
    reports: tuple[dict[str, Any], ...] = ()
    error: str = ""
    owner: str = ""
    created: str = ""
    updated: str = ""


class JobStore:
    """Jobs by id."""

    def __init__(self, database_url: str) -> None:
        # A server that was restarted since is asked again, rather than told as away.
        self._engine = create_engine(database_url, pool_pre_ping=True)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _prepare)

    def create_schema(self) -> None:
        """Create the table where it is missing (tests; production runs migrations)."""
        metadata.create_all(self._engine)

    def create(self, files: Sequence[str], owner: str = "") -> Job:
        """Add a queued job for `files` and return it."""
        now = _now()
        job = Job(uuid4().hex, "queued", tuple(files), owner=owner, created=now, updated=now)
        values = asdict(job) | {"files": list(job.files), "reports": []}
        with self._errors(), self._engine.begin() as connection:
            connection.execute(insert(jobs).values(values))
        return job

    def update(
        self, job_id: str, status: JobStatus, reports: Sequence[dict[str, Any]] = (), error: str = ""
    ) -> None:
        """Set the state of a job."""
        values = {"status": status, "reports": list(reports), "error": error, "updated": _now()}
        with self._errors(), self._engine.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None where there is none with this id."""
        with self._errors(), self._engine.connect() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).mappings().one_or_none()
        if row is None:
            return None
        status = cast("JobStatus", row["status"])
        plain = {name: str(row[name]) for name in ("id", "error", "owner", "created", "updated")}
        return Job(status=status, files=tuple(row["files"]), reports=tuple(row["reports"]), **plain)

    def fail_interrupted(self, ids: Collection[str]) -> int:
        """Mark those of the jobs `ids`, left behind by a stopped program, that are not done; returns how many there were."""
        query = update(jobs).where(jobs.c.id.in_(ids), jobs.c.status.in_(["queued", "running"]))
        reason = "the program stopped before the job was done; send the files again"
        with self._errors(), self._engine.begin() as connection:
            return connection.execute(query.values(status="failed", error=reason, updated=_now())).rowcount

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            url = self._engine.url.render_as_string(hide_password=True)
            raise JobsUnavailableError(url, str(error.__cause__ or error)) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()
