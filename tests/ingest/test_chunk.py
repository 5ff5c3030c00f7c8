"""Passages: nothing lost, nothing too long, sentences and codes whole, tables row by row."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import chunk, split_text
from ingest.parsers.grids import grid_from_texts
from ingest.sentences import pieces, sentences
from ingest.settings import IngestSettings
from ingest.splitter import SentenceSplitter
from ingest.types import Block, Parsed
from retrieval.types import Location

SMALL = IngestSettings(chunk_target=120, chunk_limit=200)
KINDS = st.sampled_from(["heading", "paragraph", "list", "notes", "code"])
TEXTS = st.text(
    alphabet=st.sampled_from("客户经理负责售后。！？；，、 \n\tabcXYZ0123456789.-_/AM"),
    min_size=1,
    max_size=500,
)
PLACES = st.builds(Location, page=st.integers(1, 3), headings=st.sampled_from([(), ("一",), ("一", "二")]))
BLOCKS = st.lists(st.builds(Block, TEXTS, KINDS, st.just(1), PLACES), max_size=12)


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(BLOCKS)
@settings(deadline=None)
def test_no_text_is_lost_or_doubled_and_sizes_are_bounded(blocks: list[Block]) -> None:
    found, _ = chunk(Parsed("t", tuple(blocks)), SMALL)
    assert _squeezed("".join(piece.text for piece in found)) == _squeezed(
        "".join(block.text for block in blocks)
    )
    assert all(0 < len(piece.text) <= SMALL.chunk_limit for piece in found)


@given(BLOCKS)
@settings(deadline=None)
def test_a_passage_never_spans_two_pages(blocks: list[Block]) -> None:
    found, _ = chunk(Parsed("t", tuple(blocks)), SMALL)
    for piece in found:
        body = [
            b
            for b in blocks
            if b.kind != "heading" and _squeezed(b.text) and _squeezed(b.text) in _squeezed(piece.text)
        ]
        whole = [b for b in body if len(_squeezed(b.text)) > 30]
        texts = [_squeezed(b.text) for b in blocks]
        assert all(b.location.page == piece.location.page for b in whole if texts.count(_squeezed(b.text)) == 1)


@given(st.text(max_size=2_000), st.integers(20, 300))
def test_pieces_joined_are_the_text(text: str, limit: int) -> None:
    assert "".join(pieces(text, limit)) == text
    assert all(len(piece) <= limit for piece in pieces(text, limit))


def test_sentences_of_both_languages() -> None:
    text = "AM负责跟进。真的吗？“是的！”他说。See Fig. 3 and Act. 5. The next one. Version 2.5 is out; T+1 settles."
    assert sentences(text) == [
        "AM负责跟进。", "真的吗？", "“是的！”", "他说。", "See Fig. 3 and Act. 5.", " The next one.",
        " Version 2.5 is out; T+1 settles.",
    ]  # fmt: skip


def test_a_code_is_never_cut() -> None:
    text = (
        "联行号" + "402535510938" * 1 + "地址很长" * 40 + "001100011002" + "电话" * 60 + "6222021234567890123"
    )
    for code in ("402535510938", "001100011002", "6222021234567890123"):
        assert sum(code in piece for piece in pieces(text, 100)) == 1


def test_headings_open_their_passage_and_stay_in_its_path() -> None:
    blocks = (
        Block("售后流程", "heading", 1),
        Block("职责", "heading", 2, Location(headings=("售后流程",))),
        Block("客户经理负责回访。", location=Location(headings=("售后流程", "职责"))),
    )
    found, _ = chunk(Parsed("t", blocks), IngestSettings())
    assert [piece.text for piece in found] == ["售后流程\n职责\n客户经理负责回访。"]
    assert found[0].location.headings == ("售后流程", "职责")


ROWS = [
    ["网点表", "", ""],
    ["行名", "联行号", "限额(万元)"],
    ["兴发支行", "402535510938", "50"],
    ["城关支行", "001100011002", "20"],
]


def test_rows_name_their_columns_and_their_cells() -> None:
    grid = grid_from_texts("网点", ROWS, Location(sheet="网点"))
    assert grid is not None
    found, _ = chunk(
        Parsed("t", (Block("", "table", 0, Location(sheet="网点"), 0),), (grid,)), IngestSettings()
    )
    assert len(found) == 1
    assert "行名: 兴发支行；联行号: 402535510938；限额（万元）: 50" in found[0].text
    assert found[0].text.startswith("网点\n网点表")
    assert (found[0].location.sheet, found[0].location.cell) == ("网点", "A1:C4")


def test_long_sheets_are_cut_with_a_warning_and_ranges_stay_right() -> None:
    rows = [["编号", "名称"]] + [[f"{n:012d}", f"第{n}家网点"] for n in range(1, 301)]
    grid = grid_from_texts("名单", rows, Location(sheet="名单"))
    assert grid is not None
    parsed = Parsed("t", (Block("", "table", 0, Location(sheet="名单"), 0),), (grid,))
    found, warnings = chunk(parsed, IngestSettings(table_rows=100))
    assert "first 100 of 301 rows" in warnings[0]
    assert found[-1].location.cell is not None
    assert found[-1].location.cell.endswith(":B100")
    everything = "\n".join(piece.text for piece in found)
    assert all(f"编号: {n:012d}；名称: 第{n}家网点" in everything for n in range(1, 100))
    assert "000000000100" not in everything
    assert all(piece.text.startswith("名单\n") for piece in found)


def test_a_row_above_the_limit_is_cut() -> None:
    rows = [["项目", "说明"], ["甲", "很长的说明。" * 200], ["乙", "短"]]
    grid = grid_from_texts("表", rows, Location())
    assert grid is not None
    found, _ = chunk(Parsed("t", (Block("", "table", 0, Location(), 0),), (grid,)), SMALL)
    assert all(len(piece.text) <= SMALL.chunk_limit for piece in found)
    assert _squeezed("很长的说明。" * 200) in _squeezed("".join(piece.text for piece in found))


def test_langchain_splitter() -> None:
    text = "客户经理负责回访客户。" * 100
    parts = SentenceSplitter(SMALL).split_text(text)
    assert "".join(parts) == text
    assert parts == split_text(text, SMALL)
    assert [d.page_content for d in SentenceSplitter(SMALL).create_documents([text])] == parts


def test_wrong_settings_are_all_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"chunk_target.*time_limit.*workers"):
        IngestSettings(chunk_target=0, time_limit=-1, workers=-1)
    with pytest.raises(ValueError, match="chunk_limit"):
        IngestSettings(chunk_target=500, chunk_limit=100)
