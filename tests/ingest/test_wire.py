"""What crosses from a worker process to the program."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import EncryptedError, FileProblemError, UnsupportedError
from ingest.types import Extracted, Piece
from ingest.wire import decode, encode
from retrieval.facts.types import Grid, GridCell
from retrieval.types import Location

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
PLACE = st.builds(
    Location, st.none() | st.integers(1, 9), st.none() | st.integers(1, 9), st.none() | TEXT, st.none() | TEXT,
    st.lists(TEXT, max_size=3).map(tuple),
)  # fmt: skip
CELL = st.builds(GridCell, TEXT, st.none() | TEXT, st.sampled_from(["text", "date", "money"]), st.none() | TEXT)
GRID = st.builds(
    Grid, TEXT, st.lists(st.tuples(CELL, CELL), max_size=3).map(tuple), st.lists(st.integers(1, 9)).map(tuple),
    st.integers(1, 9), st.none() | TEXT, st.none() | st.integers(1, 9), st.none() | st.integers(1, 9),
    st.lists(TEXT, max_size=2).map(tuple), st.lists(st.integers(1, 9), max_size=2).map(tuple),
)  # fmt: skip
EXTRACTED = st.builds(
    Extracted, TEXT, TEXT, st.integers(0, 99), st.lists(st.builds(Piece, TEXT, PLACE), max_size=3).map(tuple),
    st.lists(GRID, max_size=2).map(tuple), st.lists(TEXT, max_size=2).map(tuple),
)  # fmt: skip


@given(EXTRACTED)
@settings(deadline=None)
def test_there_and_back(extracted: Extracted) -> None:
    assert decode(encode(extracted)) == extracted


def test_failures_keep_their_status_and_reason() -> None:
    for problem in (EncryptedError(), UnsupportedError("why \ud800\x00")):
        back = decode(encode(problem))
        assert isinstance(back, FileProblemError)
        assert back.status == problem.status
        assert back.reason.startswith(problem.reason[:4])
        back.reason.encode()
