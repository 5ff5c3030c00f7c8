"""Writes the figures as JSON and as a page to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.machine import described, machine

FOLDER = Path(__file__).resolve().parents[1] / "results"
_PACKAGES = ("pymupdf", "pdfminer.six", "langchain-community", "faiss-cpu", "sqlalchemy", "numpy")
_NOTES = """
Times are wall-clock seconds of the repetitions in one run, systems in turn, after one round to warm up (worker
processes started, libraries imported). `ratio` is the median against the first line of the table.

- *bare PyMuPDF* takes the text of every page and keeps nothing: the physical floor.
- *LangChain recipe* is PyMuPDFLoader, RecursiveCharacterTextSplitter (500 characters, no overlap) and
  FAISS.from_documents, in memory, with the product's hashed embedder.
- *TermRoute* also finds headings and ruled tables, joins broken lines, cuts at sentences, embeds with the same
  embedder, and stores documents, passages, vectors and table rows in SQLite, one transaction a file, each file read
  in a process that can be killed. Starting a worker takes about a second and is not counted.
- `no text` counts files from which a system got nothing: encrypted, empty, or pictures without OCR.
"""


def write(results: list[dict[str, Any]]) -> None:
    """Writes benchmarks/results/ingest.json and ingest.md."""
    FOLDER.mkdir(exist_ok=True)
    where = machine(_PACKAGES)
    content = json.dumps({"machine": where, "results": results}, ensure_ascii=False, indent=1)
    (FOLDER / "ingest.json").write_text(content + "\n", encoding="utf-8")
    lines = ["# Ingestion", "", "Made by `python -m benchmarks.ingest`.", ""]
    lines += [described(where)]
    for collection in dict.fromkeys(result["collection"] for result in results):
        lines += ["", f"## {collection[0].upper()}{collection[1:]}", ""]
        lines += _table([result for result in results if result["collection"] == collection])
    (FOLDER / "ingest.md").write_text("\n".join(lines) + "\n" + _NOTES, encoding="utf-8")


def _table(results: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| system | files | no text | pages | passages | tables | seconds (median, range) | pages/s | ratio |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    first = results[0]["median"]
    for result in results:
        seconds, outcome = result["seconds"], result["outcome"]
        spread = f"{result['median']:.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
        lines.append(
            f"| {result['system']} | {outcome['files']} | {outcome['failed']} | {outcome['pages']} |"
            f" {outcome['passages'] or '-'} | {outcome['tables'] or '-'} | {spread} |"
            f" {outcome['pages'] / result['median']:.1f} | {result['median'] / first:.2f} |"
        )
    return lines
