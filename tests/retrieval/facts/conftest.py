"""The lane that the tests of exact facts share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts import relative
from retrieval.facts.identifiers import mod_11_10
from tests.retrieval.facts.grids import BRANCHES, PRICES, STAFF, Lane, grid_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def with_check_digits(rows: list[list[str]]) -> list[list[str]]:
    """The branch rows with the last digit of each code put right."""
    return [rows[0]] + [[r[0], r[1][:11] + str(mod_11_10(r[1][:11])), *r[2:]] for r in rows[1:]]


@pytest.fixture
def lane(tmp_path: Path) -> Iterator[Lane]:
    """An empty lane."""
    opened = Lane(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    """A lane with a staff list that only `hr` sees, a price list, and a table of bank branches."""
    opened = Lane(tmp_path_factory.mktemp("company"))
    opened.put("通讯录.xlsx", grid_of(STAFF, merges=[(0, 0, 0, 6)]), groups=("hr",))
    opened.put("价格表.xlsx", grid_of(PRICES))
    opened.put("网点.csv", grid_of(with_check_digits(BRANCHES)))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _the_year_is_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    """去年 is 2025 in every test, whenever it runs."""
    monkeypatch.setattr(relative, "this_year", lambda: 2026)
