"""Cleaning: stray characters go, broken lines join, furniture goes, codes never change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean, clean_text, join_lines
from ingest.parsers.grids import grid_from_texts
from ingest.types import Block, Parsed
from retrieval.types import Location

PDF = "application/pdf"


def _pdf(pages: list[list[str]]) -> list[tuple[int | None, str]]:
    blocks = tuple(Block(text, location=Location(page=n)) for n, texts in enumerate(pages, 1) for text in texts)
    return [(b.location.page, b.text) for b in clean(Parsed("t", blocks, (), len(pages), PDF)).blocks]


@given(st.text())
def test_letters_and_digits_survive(text: str) -> None:
    kept = [c for c in clean_text(text) if c.isalnum()]
    before = [
        c for c in text if c.isalnum() and not "\u2e80" <= c <= "\u2fdf" and not "\ufb00" <= c <= "\ufb06"
    ]
    remaining = iter(kept)
    assert all(c in remaining for c in before)


@given(st.text(alphabet=st.characters()))
def test_result_can_be_stored(text: str) -> None:
    cleaned = clean_text(text + "\x00\ud800")
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned


def test_codes_and_full_width_stay() -> None:
    text = "联行号001100011002，型号Ｘ１２－３，5-ALA、T+1、2019-nCoV"
    assert clean_text(text) == text


def test_lookalikes_and_invisible_characters() -> None:
    assert clean_text("⽤户\u200b经理\u00ad ﬁne\xa0x") == "用户经理 fine x"


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("客户经理负责跟进客户的\n售后需求。", "客户经理负责跟进客户的售后需求。"),
        ("the account man-\nager follows", "the account manager follows"),
        ("the variant 2019-\nnCoV spreads", "the variant 2019-nCoV spreads"),
        ("call 402535-\n510938 now", "call 402535-510938 now"),
        ("a long english line\nand the next line", "a long english line and the next line"),
        ("姓名：张三\n电话很长很长很长很长：123", "姓名：张三\n电话很长很长很长很长：123"),
    ],
)
def test_lines_join_where_they_were_broken(text: str, joined: str) -> None:
    assert join_lines(text, 0.6) == joined


def test_headers_and_footers_stay_once() -> None:
    pages = [["印通软件 内部资料", f"第{n}章的正文内容是独有的。", f"第 {n} 页 共 4 页"] for n in range(1, 5)]
    found = _pdf(pages)
    assert [text for _, text in found].count("印通软件 内部资料") == 1
    assert sum("共 4 页" in text for _, text in found) == 1
    assert sum("独有" in text for _, text in found) == 4


def test_codes_that_differ_are_no_furniture() -> None:
    pages = [[f"联行号 40253551093{n}", "正文。"] for n in range(5)]
    assert sum("联行号" in text for _, text in _pdf(pages)) == 5


def test_a_sentence_over_the_page_end_belongs_to_its_first_page() -> None:
    found = _pdf([["客户经理负责跟进客户的全部售后需求，并且在二十四小时"], ["之内回复。之后登记。"]])
    assert found == [(1, "客户经理负责跟进客户的全部售后需求，并且在二十四小时之内回复。"), (2, "之后登记。")]


def test_hard_wrapped_text_files() -> None:
    wrapped = (
        "The account manager answers every single request of a customer\n"
        "within one day and always writes the answer into the system, so\nthat others find it."
    )
    listed = "时间：2026年4月8日 14:00–15:30    地点：苏州总部 4楼 B401会议室\n主持：周岚    记录：叶小满"
    parsed = clean(Parsed("t", (Block(wrapped), Block(listed)), (), 1, "text/plain"))
    assert parsed.blocks[0].text == wrapped.replace("\n", " ")
    assert parsed.blocks[1].text == listed


def test_items_and_rows_never_join() -> None:
    for text in ("• 文件格式为合乎标准的那种\n• 最细线宽", "日期：2026年2月27日\t客户\n产品\t版本号与编号"):
        assert join_lines(text, 0.6) == text


def test_grids_keep_their_values_and_lose_what_no_database_takes() -> None:
    grid = grid_from_texts("名\x00单", [[" 0012 ", "a\x00b"]], Location())
    assert grid is not None
    cleaned = clean(Parsed("t", (), (grid,))).grids[0]
    assert [cell.text for cell in cleaned.rows[0]] == [" 0012 ", "ab"]
    assert cleaned.name == "名单"


def test_colours_of_a_log_are_no_text() -> None:
    assert clean_text("\x1b[31;1m错误\x1b[0m：磁盘已满") == "错误：磁盘已满"
