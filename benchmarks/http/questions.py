"""Many different questions for the term and the fact road, made from the sample pack's glossary and its bank table."""

from __future__ import annotations

import random
from itertools import accumulate
from typing import TYPE_CHECKING

import openpyxl

from examples.demo import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TERM = (
    "{}是什么意思？", "{}的英文全称是什么？", "{}代表什么", "{}是什么的缩写？", "What does {} stand for?",
    "{}的中文意思是什么", "解释一下{}", "{}是什么的简称？",
)  # fmt: skip
_FACT = ("{row}的{column}是多少？", "{row}的{column}是什么？", "{row}{column}是多少", "{row}的{column}")
_COLUMNS = ("联行号", "电话", "地址")
_POLITE = ("", "请问", "你好，", "你知道")


def term_questions() -> list[str]:
    """Return one question for each opening, template and abbreviation that has one sense; no two are the same."""
    rows = _rows(HERE / "glossary" / "公司常用缩略语.xlsx")
    terms = [str(row[1]) for row in rows if isinstance(row[0], int) or str(row[0]).isdigit()]
    once = [term for term in terms if terms.count(term) == 1]
    return _mixed([polite + template.format(term) for term in once for template in _TERM for polite in _POLITE])


def fact_questions() -> list[str]:
    """Return one question for each opening, template, column and branch of the bank table; no two are the same."""
    rows = _rows(HERE / "knowledge" / "银行网点联行号.xlsx")
    names = [str(row[1]) for row in rows if len(row) > 1 and str(row[1]).endswith(("支行", "分行", "营业部"))]
    return _mixed(
        [
            polite + template.format(row=name, column=column)
            for name in names
            for column in _COLUMNS
            for template in _FACT
            for polite in _POLITE
        ]
    )


def drawn(questions: Sequence[str], count: int, seed: int) -> list[str]:
    """Return `count` questions as people ask them, some far more often than others: by Zipf's law, 1/rank."""
    weights = list(accumulate(1 / rank for rank in range(1, len(questions) + 1)))
    return random.Random(seed).choices(questions, cum_weights=weights, k=count)


def _rows(path: object) -> Iterator[Sequence[object]]:
    book = openpyxl.load_workbook(str(path), read_only=True)
    yield from (row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))


def _mixed(questions: list[str]) -> list[str]:
    once = list(dict.fromkeys(questions))
    random.Random(5).shuffle(once)
    return once
