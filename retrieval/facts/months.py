"""Rows that are months: a question that names one (6月份, in May 2026, 上半年) is put in the words of the cells that hold them.

A table may write its months in any way (2026-06, 2026年6月, Jun-26). A month without a year is that of the only year
the table has; a stretch of months must be there as a whole, since a sum over a part of it would mislead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.month_cells import ENGLISH_MONTH, MONTH_NUMBER, month_number, says_another_year
from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from retrieval.facts.catalogue import KnownTable

_YEAR = r"(?:(?P<year>(?:19|20)?\d{2})年度?|(?P<this>今年|本年度?))的?"
_ASKED = re.compile(
    rf"(?:{_YEAR})?(?<![\d个第前后近每几上下.])(?P<month>{MONTH_NUMBER})月(?:份(?!额)|(?![\d一二三四五六七八九十]{{1,3}}[日号]))"
    r"|(?<![\d.-])(?P<year2>(?:19|20)\d{2})\s?[-/.]\s?(?P<month2>1[0-2]|0?[1-9])(?![-/.\d])"
    rf"|\b(?:(?:in|of|for|during) )?(?P<month3>(?!may\b|mar(?:ch)?\b){ENGLISH_MONTH}|(?<=in )(?:may|march|mar)|(?:may|march|mar)(?=,? (?:of )?20\d\d))(?:,? (?:of )?(?P<year3>20\d{{2}}))?(?![a-z\d])"
)
_SPAN = re.compile(
    rf"(?:{_YEAR})?(?:(?P<half>[上下])半年|第?(?P<quarter>[一二三四1-4])季度?|(?<![a-z])q(?P<q>[1-4])(?!\d)|"
    rf"(?:头|前)(?P<count>{MONTH_NUMBER})个月|(?P<first>{MONTH_NUMBER})月?份?\s*(?:到|至|~|-|—)\s*(?P<last>{MONTH_NUMBER})月份?)(?!\d)"
)
_AVERAGE = re.compile(r"月均|平均每个?月|每个?月平均|\b(?:monthly average|average (?:per|each|every) month)\b")
_ALL = 12
_CJK, _JOINS = re.compile(r"[㐀-鿿]"), re.compile(r"[的比和与跟同到至、或还及]")


@dataclass(frozen=True, slots=True)
class _Said:
    """What a question says of time from `start` to `end`: the months, and the year where it tells one."""

    start: int
    end: int
    months: tuple[int, ...]
    year: int | None


def in_cell_words(question: str, tables: Mapping[int, KnownTable]) -> Iterator[tuple[int, str]]:
    """A question in plain form with its months as a table writes them, by the table's number; nothing where one is not there."""
    text = plain(question)
    if says_another_year(text):
        return
    average = _AVERAGE.search(text)
    if average:
        # 月均: of a table with a row for each month.
        text = f"{text[: average.start()]}平均{text[average.end() :]}"
    spans = list(_spans(text))
    single = [
        said for said in _single(text) if not any(s.start < said.end and said.start < s.end for s in spans)
    ]
    if not (spans or single or average):
        return
    for number, table in tables.items():
        for position, cells in table.months.items():
            if average and table.stored.table.row_count != len(cells):
                continue
            dated = table.stored.table.columns[position].kind == "date"
            put = [_as_cell(said, cells, _title(table)) for said in single]
            put += [_as_bounds(said, cells) if dated else None for said in spans]
            if all(put):
                yield number, _replaced(text, [*single, *spans], [each or "" for each in put])


def _single(text: str) -> Iterator[_Said]:
    for match in _ASKED.finditer(text):
        month = match["month"] or match["month2"] or match["month3"]
        year = match["year"] or match["year2"] or match["year3"]
        yield _Said(*match.span(), (month_number(month),), _full(year))


def _spans(text: str) -> Iterator[_Said]:
    for match in _SPAN.finditer(text):
        quarter = match["quarter"] or match["q"]
        if match["half"]:
            months = range(1, 7) if match["half"] == "上" else range(7, _ALL + 1)
        elif quarter:
            last = 3 * month_number(quarter)
            months = range(last - 2, last + 1)
        elif match["count"]:
            months = range(1, month_number(match["count"]) + 1)
        else:
            months = range(month_number(match["first"]), month_number(match["last"]) + 1)
        if len(months) > 1:
            yield _Said(*match.span(), tuple(months), _full(match["year"]))


def _title(table: KnownTable) -> str:
    stored = table.stored
    names = (stored.document, stored.title, stored.table.name, stored.table.sheet or "")
    return plain(" ".join((*names, *stored.table.notes, *stored.headings)))


def _as_cell(said: _Said, cells: Mapping[tuple[int | None, int], str], title: str) -> str | None:
    """The cell of the one month that is meant; None where there is none, or it is there in several years.

    Months without a year are those of the year that the table's title says.
    """
    fitting = [
        cell for (year, month), cell in cells.items()
        if month == said.months[0] and (said.year in (None, year) or (year is None and str(said.year) in title))
    ]  # fmt: skip
    return plain(fitting[0]) if len(fitting) == 1 else None


def _as_bounds(said: _Said, cells: Mapping[tuple[int | None, int], str]) -> str | None:
    """A stretch of months with its year; None unless all of them are in the table."""
    years = {year for year, _ in cells if year is not None and said.year in (None, year)}
    year = next(iter(years)) if len(years) == 1 else None
    if year is None or not all((year, month) in cells for month in said.months):
        return None
    return f"{year}年{said.months[0]}月到{year}年{said.months[-1]}月之间"


def _replaced(text: str, said: list[_Said], put: list[str]) -> str:
    for each, words in sorted(zip(said, put, strict=True), key=lambda pair: -pair[0].start):
        after = text[each.end :]
        joint = "的" if _CJK.match(after.strip()) and not _JOINS.match(after.strip()) else ""
        before = text[: each.start]
        of = (
            "of "
            if before.isascii() and re.match(r"(?:in|of|for|during)\b", text[each.start : each.end])
            else ""
        )
        text = f"{before}{of}{words}{'' if words.endswith('之间') else joint}{after}"
    return text


def _full(year: str | None) -> int | None:
    return None if not year else int(year) + (2000 if len(year) < 4 else 0)
