"""Slips of the finger are asked back about; another number or a longer name is another thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.slips import slipped
from tests.retrieval.facts.grids import grid_of

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane


@pytest.mark.parametrize(
    ("asked", "stored", "told", "expected"),
    [
        ("宫爆鸡丁", "宫保鸡丁", 4, True),
        ("grimsbeycoldstores", "grimsbycoldstores", 17, True),
        ("tidebraker", "tidebreaker", 11, True),
        ("recieve", "receive", 7, True),
        ("青水支行", "清水支行", 2, False),
        ("mhflow6", "mhflow5", 7, False),
        ("koipond号", "koipond", 7, False),
        ("霍启铭", "霍启明", 3, False),
    ],
)
def test_what_counts_as_a_slip(asked: str, stored: str, told: int, expected: bool) -> None:
    assert slipped(asked, stored, told) is expected


def test_a_misspelt_name_is_asked_back_about(lane: Lane) -> None:
    rows = [["Customer", "Account no."], ["Grimsby Cold Stores", "004178"], ["Kestrel Car Carriers", "004073"]]
    lane.put("accounts.csv", grid_of(rows))
    result = lane.lookup.query("account no. of Grimsbey Cold Stores")
    assert (result.status, result.facts) == ("several", ())
    assert [candidate.name for candidate in result.candidates] == ["Grimsby Cold Stores"]
    assert result.confidence >= 0.5
