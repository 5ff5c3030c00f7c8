"""The company's abbreviations as rows of the glossary workbook."""

from __future__ import annotations

from pathlib import Path

from examples.render.workbook import Sheet

_SOURCE = Path(__file__).with_name("glossary.tsv")
HEADER = ("序号", "缩略语", "英文全称", "中文解释", "部门", "例句", "备注")


def glossary_sheet() -> Sheet:
    """Return the one sheet of the glossary workbook: a title row, the header, a row for every sense."""
    lines = _SOURCE.read_text(encoding="utf-8").splitlines()
    rows = [
        [number, *(cell or None for cell in line.split("\t"))] for number, line in enumerate(lines, start=1)
    ]
    return Sheet(
        name="Sheet1",
        title="墨衡软件（苏州）有限公司 公司常用缩略语（2026年版）",
        header=HEADER,
        rows=rows,
        widths=(6, 14, 44, 36, 14, 44, 18),
    )
