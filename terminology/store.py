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
from terminology.imports import identity, plan_import
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
    from collections.abc import Callable, Mapping, Sequence

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

    def page(self, offset: int, limit: int | None) -> tuple[list[Sense], int]:
        """Return a part of the senses, in the order in which they entered, and how many there are."""
        query = sa.select(senses).order_by(senses.c.id).offset(offset).limit(limit)
        with self._reading() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(senses)).scalar_one()
            return [_read_sense(row) for row in connection.execute(query)], int(total)

    def sense(self, sense_id: int) -> Sense:
        """Return one sense; raises SenseNotFoundError."""
        with self._reading() as connection:
            return _one_sense(connection, sense_id)

    def history(
        self, sense_id: int | None = None, limit: int = 100, offset: int = 0, most_edits: int = 1000
    ) -> list[GlossaryChange]:
        """Return the latest changes, newest first, each with its first `most_edits` edits.

        With `sense_id` only the changes of that sense, and of each only what it did to that sense.
        """
        query = sa.select(changes).order_by(changes.c.id.desc()).limit(limit).offset(offset)
        if sense_id is not None:
            query = query.where(
                changes.c.id.in_(sa.select(edits.c.change_id).where(edits.c.sense_id == sense_id))
            )
        with self._reading() as connection:
            rows = connection.execute(query).all()
            return [_change(connection, row, sense_id, most_edits) for row in rows]

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
        with self._writing() as connection:
            made = _apply(connection, [SenseEdit(0, None, _checked(replace(sense, id=0)))])
            _record(connection, "add", who, made)
            return _one_sense(connection, made[0].sense_id)

    def edit(self, sense: Sense, who: str = "") -> Sense:
        """Replace the sense with the id of `sense`; raises SenseNotFoundError and InvalidSenseError."""
        return self.revise(sense.id, lambda _: sense, who)

    def revise(self, sense_id: int, change: Callable[[Sense], Sense], who: str = "") -> Sense:
        """Replace one sense by what `change` makes of it as it is stored, so that two editors lose nothing.

        Raises SenseNotFoundError and InvalidSenseError.
        """
        with self._writing() as connection:
            before = _one_sense(connection, sense_id)
            after = _checked(replace(change(before), id=sense_id))
            if after != before:
                _record(connection, "edit", who, _apply(connection, [SenseEdit(sense_id, before, after)]))
            return after

    def remove(self, sense_id: int, who: str = "") -> None:
        """Remove one sense; raises SenseNotFoundError."""
        with self._writing() as connection:
            before = _one_sense(connection, sense_id)
            _record(connection, "remove", who, _apply(connection, [SenseEdit(sense_id, before, None)]))

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

    def accept(
        self,
        proposal_ids: Sequence[int],
        who: str = "",
        english: str = "",
        chinese: str = "",
        shareable: Callable[[str], bool] = lambda _: True,
    ) -> list[Sense]:
        """Make senses of these proposals, all in one change, and return those that are new.

        `english` and `chinese` stand in for what a person knows better than the proposal. Sentences become examples only from
        documents that are `shareable` by name. A sense that the glossary has by now is not added again. Raises
        ProposalNotFoundError and InvalidSenseError.
        """
        with self._writing() as connection:
            found = [
                replace(each, english=english or each.english, chinese=chinese or each.chinese)
                for each in open_proposals(connection, proposal_ids)
            ]
            made_of = [_sense_of(each, shareable) for each in found]
            problems = [f"{each.term}: {reason}" for each in made_of for reason in incomplete(each)]
            if problems:
                raise InvalidSenseError(problems)
            known = {identity(each) for each in _senses_of_terms(connection, [each.term for each in found])}
            fresh = {identity(sense): sense for sense in made_of}
            made = _apply(
                connection, [SenseEdit(0, None, sense) for key, sense in fresh.items() if key not in known]
            )
            if made:
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


def _senses_of_terms(connection: sa.Connection, terms: Sequence[str]) -> list[Sense]:
    rows = connection.execute(sa.select(senses).where(senses.c.term.in_(terms)))
    return [_read_sense(row) for row in rows]


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


def _change(
    connection: sa.Connection, row: sa.Row[Any], sense_id: int | None = None, most_edits: int | None = None
) -> GlossaryChange:
    """Read one change with its edits; only those of `sense_id`, and at most `most_edits`, where these are given."""
    query = sa.select(edits).where(edits.c.change_id == row.id).order_by(edits.c.id).limit(most_edits)
    if sense_id is not None:
        query = query.where(edits.c.sense_id == sense_id)
    made = tuple(
        SenseEdit(each.sense_id, _from_json(each.before), _from_json(each.after))
        for each in connection.execute(query)
    )
    counted = sa.select(sa.func.count()).select_from(edits).where(edits.c.change_id == row.id)
    touched = int(connection.execute(counted).scalar_one())
    return GlossaryChange(row.id, row.at, row.who, row.action, made, row.undoes, row.undone_by, touched)


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


def _sense_of(proposal: Proposal, shareable: Callable[[str], bool]) -> Sense:
    evidence = [each for each in proposal.evidence if shareable(each.document)]
    source = next((each.document for each in evidence if each.document), "")
    examples = tuple(dict.fromkeys(each.sentence for each in evidence[:3]))
    origin = TermSource(source) if source else None
    return Sense(proposal.term, proposal.english, proposal.chinese, examples=examples, source=origin)
