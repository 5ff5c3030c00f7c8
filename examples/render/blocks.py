"""A Markdown source read into the few kinds of block that the writers know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

Kind = Literal["heading", "paragraph", "bullet", "number", "table", "quote"]


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its text, the level of a heading, the rows of a table (header first)."""

    kind: Kind
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def parse(markdown: str) -> list[Block]:
    """Return the blocks of ``markdown`` in reading order; inline marks are dropped, their text is kept."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    blocks: list[Block] = []
    around: list[str] = []
    for position, token in enumerate(tokens):
        if token.type == "table_open":
            blocks.append(Block("table", rows=_rows(tokens, position)))
        if token.nesting == 1:
            around.append(token.type)
        elif token.nesting == -1:
            around.pop()
        elif token.type == "inline" and "table_open" not in around:
            blocks.append(_text_block(token, around, tokens[position - 1]))
    return blocks


def _text_block(token: Token, around: list[str], opener: Token) -> Block:
    text = plain(token)
    if opener.type == "heading_open":
        return Block("heading", text, level=int(opener.tag[1:]))
    if "ordered_list_open" in around:
        return Block("number", text)
    if "bullet_list_open" in around:
        return Block("bullet", text)
    return Block("quote" if "blockquote_open" in around else "paragraph", text)


def _rows(tokens: list[Token], start: int) -> tuple[tuple[str, ...], ...]:
    rows: list[list[str]] = []
    for token in tokens[start:]:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(plain(token))
    return tuple(tuple(row) for row in rows)


def plain(token: Token) -> str:
    """Return the text of an inline token without its marks; a line break in the source joins the lines."""
    parts = (child.content for child in token.children or () if child.type in {"text", "code_inline"})
    return "".join(parts).strip()
