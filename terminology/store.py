"""The glossary in the database: senses with their history, conversation choices, feedback and proposals."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from terminology.errors import (
    InvalidSenseError,
    SenseNotFoundError,
    UndoConflictError,
)
from terminology.imports import plan_import
from terminology.learned.store import (
    ID,
    LearnedStore,
    decide,
    metadata,
    now,
    open_proposals,
    raise_revision,
    state,
)
from terminology.types import (
    GlossaryChange,
    ImportReport,
    Proposal,
    Sense,
    SenseEdit,
    TermSource,
)
from terminology.workbook import incomplete

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from terminology.imports import PlannedRow
    from terminology.workbook import WorkbookReading

Action = Literal["import", "add", "edit", "remove", "accept", "undo"]


senses = sa.Table(
    "terms_senses",
    metadata,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
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
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("undoes", ID, nullable=False),
    sa.Column("undone_by", ID, nullable=False),
    sqlite_autoincrement=True,
)
edits = sa.Table(
    "terms_edits",
    metadata,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("change_id", ID, sa.ForeignKey("terms_changes.id"), nullable=False, index=True),
    sa.Column("sense_id", ID, nullable=False, index=True),
    sa.Column("before", sa.JSON(none_as_null=True)),
    sa.Column("after", sa.JSON(none_as_null=True)),
)


class GlossaryStore(LearnedStore):
    """The glossary, the one source of truth for terms; several processes may use the same database.

    Every write is one transaction that also raises the revision, so a process that compares `revision()` before
    each question sees a change at the next one. On SQLite one process writes at a time, the others wait.
    """

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

    def choose(self, conversation: str, surface: str, sense_id: int) -> None:
        """Remember for one conversation which sense the user meant by `surface`; raises SenseNotFoundError."""
        self.sense(sense_id)
        super().choose(conversation, surface, sense_id)

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

    def accept(self, proposal_ids: Sequence[int], who: str = "") -> list[Sense]:
        """Make senses of these proposals, all in one change; raises ProposalNotFoundError and InvalidSenseError."""
        with self._writing() as connection:
            found = open_proposals(connection, proposal_ids)
            problems = [f"{each.term}: {reason}" for each in found for reason in incomplete(_sense_of(each))]
            if problems:
                raise InvalidSenseError(problems)
            made = _apply(connection, [SenseEdit(0, None, _sense_of(each)) for each in found])
            _record(connection, "accept", who, made)
            decide(connection, proposal_ids, "accepted", who)
        return [edit.after for edit in made if edit.after is not None]


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
    raise_revision(connection, state.c.glossary)
    row = {"at": now(), "who": who, "action": action, "undoes": undoes, "undone_by": 0}
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


def _sense_of(proposal: Proposal) -> Sense:
    source = proposal.evidence[0].document if proposal.evidence else ""
    examples = tuple(each.sentence for each in proposal.evidence[:3])
    origin = TermSource(source) if source else None
    return Sense(proposal.term, proposal.english, proposal.chinese, examples=examples, source=origin)
