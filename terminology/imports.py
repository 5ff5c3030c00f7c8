"""Compares the rows of a glossary file with the glossary: what is new, changed, the same, double or incomplete."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from terminology.columns import EXPORTED
from terminology.normalize import fold_key
from terminology.types import ImportedRow, SenseEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminology.types import RowStatus, Sense
    from terminology.workbook import WorkbookReading, WorkbookRow


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row with its status and, if the glossary is to change, the edit (sense id 0 for a new sense)."""

    row: WorkbookRow
    status: RowStatus
    reason: str = ""
    edit: SenseEdit | None = None
    sense_id: int = 0

    def imported(self, sense_id: int | None = None) -> ImportedRow:
        """Return the row as the report shows it."""
        typed = self.row.typed
        reason = "; ".join(each for each in (self.reason, *self.row.notes) if each)
        known = self.sense_id if sense_id is None else sense_id
        return ImportedRow(
            self.row.source, self.status, typed.term, typed.english, typed.chinese, reason, known
        )


def plan_import(reading: WorkbookReading, existing: Sequence[Sense]) -> tuple[PlannedRow, ...]:
    """Decide for every row of the file what becomes of it; nothing is written.

    A row is the same as a stored sense if abbreviation, names and department agree; then, of what is left over,
    a row changes the stored sense of its abbreviation with the same English or the same Chinese name. Everything
    else is a further sense. A row that repeats an earlier row of the file is a duplicate.
    """
    plan = _Plan(existing)
    rows = reading.rows
    decided: dict[int, PlannedRow] = {}
    for position, row in enumerate(rows):
        if row.sense is None:
            decided[position] = PlannedRow(row, "incomplete", row.reason)
        elif duplicate := plan.duplicate(row):
            decided[position] = duplicate
    for position, row in enumerate(rows):
        if position not in decided and row.sense is not None and (same := plan.same(row, row.sense)):
            decided[position] = same
    for position, row in enumerate(rows):
        if position not in decided and row.sense is not None:
            decided[position] = plan.changed(row, row.sense) or PlannedRow(
                row, "added", edit=SenseEdit(0, None, replace(row.sense, id=0))
            )
    return tuple(decided[position] for position in range(len(rows)))


class _Plan:
    """Stored senses that no row has claimed yet, and the rows seen so far."""

    def __init__(self, existing: Sequence[Sense]) -> None:
        self._free: dict[str, list[Sense]] = defaultdict(list)
        for sense in existing:
            self._free[fold_key(sense.term)].append(sense)
        self._seen: dict[tuple[str, ...], WorkbookRow] = {}

    def duplicate(self, row: WorkbookRow) -> PlannedRow | None:
        if row.sense is None:
            return None
        first = self._seen.setdefault(identity(row.sense), row)
        if first is row or first.sense is None:
            return None
        differing = _difference(first.sense, row.sense, ignored=("number",))
        place = f"row {first.source.row}" + (f" of sheet {first.source.sheet}" if first.source.sheet else "")
        reason = f"same term and meaning as {place}" + (
            f", which is kept; not taken over: {differing}" if differing else ""
        )
        return PlannedRow(row, "duplicate", reason)

    def same(self, row: WorkbookRow, sense: Sense) -> PlannedRow | None:
        free = self._free[fold_key(sense.term)]
        matching = [each for each in free if identity(each) == identity(sense)]
        if not matching:
            return None
        # One that agrees to the letter first, so that a second department's row keeps its own sense.
        stored = min(matching, key=lambda each: bool(_difference(each, sense)))
        free.remove(stored)
        return self._settled(row, stored, sense)

    def changed(self, row: WorkbookRow, sense: Sense) -> PlannedRow | None:
        free = self._free[fold_key(sense.term)]
        for stored in free:
            if _same_name(stored.english, sense.english) or _same_name(stored.chinese, sense.chinese):
                free.remove(stored)
                return self._settled(row, stored, sense)
        return None

    @staticmethod
    def _settled(row: WorkbookRow, stored: Sense, sense: Sense) -> PlannedRow:
        after = replace(sense, id=stored.id)
        edit = SenseEdit(stored.id, stored, after) if after != stored else None
        difference = _difference(stored, sense)
        # A row that merely moved to another place still updates the source that answers cite.
        status: RowStatus = "changed" if difference else "unchanged"
        return PlannedRow(row, status, difference, edit, stored.id)


def identity(sense: Sense) -> tuple[str, ...]:
    """Return what makes two rows the same sense: abbreviation, both names and department, folded."""
    return tuple(fold_key(each) for each in (sense.term, sense.english, sense.chinese, sense.department))


def _same_name(left: str, right: str) -> bool:
    return bool(left) and fold_key(left) == fold_key(right)


def _difference(before: Sense, after: Sense, ignored: tuple[str, ...] = ()) -> str:
    changed = [
        f"{name}: {_shown(getattr(before, field))} → {_shown(getattr(after, field))}"
        for field, name in EXPORTED.items()
        if field not in ignored and getattr(before, field) != getattr(after, field)
    ]
    return "; ".join(changed)


def _shown(value: str | tuple[str, ...]) -> str:
    return (value if isinstance(value, str) else "、".join(value)) or "(empty)"
