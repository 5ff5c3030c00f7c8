"""Writes the third company's files: `write(folder)` gives a glossary workbook and seven documents."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENTS = (
    "维保作业规程.md", "员工管理办法.md", "客户服务约定.md", "配件价格表.csv", "站点通讯录.csv",
    "周例会纪要_2026-08-17.txt", "Remote_Monitoring_Guide.html",
)  # fmt: skip


def write(folder: Path) -> Path:
    """Write `术语表.xlsx` and the folder `documents/` into `folder`; returns the folder of documents."""
    import openpyxl

    documents = folder / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    for line in (HERE / "glossary.tsv").read_text("utf-8").splitlines():
        book.active.append(line.split("\t"))
    book.save(folder / "术语表.xlsx")
    for name in DOCUMENTS:
        shutil.copyfile(HERE / name, documents / name)
    return documents
