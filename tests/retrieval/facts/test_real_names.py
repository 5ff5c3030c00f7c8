"""The real names with aliases of ../shared: an alias that is too general gives no code."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.retrieval.facts.grids import Lane, grid_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "codes"
pytestmark = [
    pytest.mark.stress,
    pytest.mark.skipif(
        not (_FOLDER / "cnaps_aliases.jsonl").exists(), reason="../shared/data/codes is not here"
    ),
]


@pytest.fixture(scope="module")
def records() -> list[dict[str, object]]:
    lines = (_FOLDER / "cnaps_aliases.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]]) -> Iterator[Lane]:
    lane = Lane(tmp_path_factory.mktemp("names"))
    rows = [["名称", "联行号"], *([str(r["canonical_name"]), str(r["code"])] for r in records)]
    lane.put("names.csv", grid_of(rows))
    yield lane
    lane.close()


def test_names_and_codes_both_ways(names: Lane, records: list[dict[str, object]]) -> None:
    for record in records:
        assert [f.value for f in names.lookup.query(f"{record['canonical_name']}的联行号").facts] == [
            record["code"]
        ]
        assert [f.value for f in names.lookup.query(str(record["code"])).facts] == [record["canonical_name"]]


def test_aliases(names: Lane, records: list[dict[str, object]]) -> None:
    canonical = {str(r["canonical_name"]) for r in records}
    for record in records:
        aliases = record["aliases"]
        assert isinstance(aliases, list)
        for alias in aliases:
            result = names.lookup.query(f"{alias['name']}的联行号是多少")
            if alias["auto_fill"]:
                assert [f.value for f in result.facts] == [record["code"]], alias
            elif alias["name"] not in canonical:
                assert not result.facts, alias


def test_the_real_table_both_ways(lane: Lane) -> None:
    with (_FOLDER / "cnaps_sample.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    lane.put("cnaps.csv", grid_of(rows))
    for row in rows[1::4]:
        assert [f.value for f in lane.lookup.query(f"{row[0]}的行号").facts] == [row[1]]
        assert [f.value for f in lane.lookup.query(row[1]).facts] == [row[0]]
