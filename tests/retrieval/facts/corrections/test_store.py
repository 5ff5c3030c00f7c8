"""Corrections: kept for good, or refused without a change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from retrieval.facts.errors import BadCorrectionError, UnknownTableError
from retrieval.facts.types import Correction
from tests.retrieval.facts.grids import Lane, grid_of


def test_a_correction_survives_a_new_version_of_the_file(lane: Lane) -> None:
    rows = [["x", "y"], ["激光打印机", "12"], ["墨盒", "7"]]
    lane.put("报表.xlsx", grid_of(rows))
    correction = Correction(
        "/files/报表.xlsx", "Sheet1", header_rows=(1,), key_columns=(0,), column_names=((1, "库存"),)
    )
    (stored,) = lane.store.correct(correction)
    assert [c.name for c in stored.table.columns] == ["x", "库存"]
    assert lane.lookup.query("墨盒的库存").facts[0].value == "7"
    lane.put("报表.xlsx", grid_of([*rows[:2], ["墨盒", "8"]]))
    assert lane.lookup.query("墨盒的库存").facts[0].value == "8"
    assert lane.store.corrections() == [correction]


def test_a_correction_of_nothing_is_refused_and_changes_nothing(lane: Lane) -> None:
    lane.put("报表.xlsx", grid_of([["名称", "值"], ["甲", "1"]]))
    with pytest.raises(UnknownTableError, match="Sheet1"):
        lane.store.correct(Correction("/files/报表.xlsx", "Sheet9"))
    with pytest.raises(BadCorrectionError):
        lane.store.correct(Correction("/files/报表.xlsx", "Sheet1", key_columns=(5,)))
    assert lane.store.corrections() == []
    assert len(lane.store.tables()) == 1


def test_a_correction_waits_for_an_ingestion_and_finds_what_it_left(lane: Lane) -> None:
    rows = [["x", "y"], ["激光打印机", "12"], ["墨盒", "7"]]
    lane.put("报表.xlsx", grid_of(rows))
    names = ((1, "库存"),)
    correction = Correction(
        "/files/报表.xlsx", "Sheet1", header_rows=(1,), key_columns=(0,), column_names=names
    )

    def ingest() -> None:
        for version in range(15):
            lane.put("报表.xlsx", grid_of([*rows, ["色带", str(version)]]))

    with ThreadPoolExecutor(1) as other:
        ingesting = other.submit(ingest)
        for _ in range(15):
            (stored,) = lane.store.correct(correction)
            assert [column.name for column in stored.table.columns] == ["x", "库存"]
        ingesting.result()
    (stored,) = lane.store.tables()
    assert stored.table.row_count == 3
