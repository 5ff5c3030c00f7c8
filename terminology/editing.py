"""Makes senses of what people type into a form or a command, by the same rules as the cells of a workbook."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from terminology.columns import EXPORTED
from terminology.errors import InvalidSenseError
from terminology.types import Sense
from terminology.workbook import export_cells, incomplete, sense_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from terminology.columns import Field

_EMPTY = Sense("", "", "")
# What `sense_of` notes of a row that is used all the same; a person at a form can put the rest right.
_HARMLESS = " is empty"


def typed(values: Mapping[Field, str | Sequence[str]]) -> Sense:
    """Make a new sense of the fields of a form; lists stand for several aliases or examples.

    Raises InvalidSenseError with all problems: no abbreviation, no meaning, dates that cannot be read.
    """
    return revised(_EMPTY, values)


def revised(sense: Sense, values: Mapping[Field, str | Sequence[str]]) -> Sense:
    """Return `sense` with the fields in `values` replaced, id and source kept; raises InvalidSenseError."""
    cells = dict(zip(EXPORTED, export_cells(sense), strict=True))
    for field, value in values.items():
        cells[field] = value if isinstance(value, str) else "".join(f"{each}\n" for each in value)
    made, notes = sense_of(cells, sense.source)
    problems = [*incomplete(made), *(note for note in notes if not note.endswith(_HARMLESS))]
    if problems:
        raise InvalidSenseError(problems)
    return replace(made, id=sense.id)
