"""Every hard file of the shared collection ends with a status and a reason, in time and in memory, and keeps its text."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import psutil
import pymupdf
import pytest

from ingest.extract import extract_file
from ingest.pipeline import Pipeline
from ingest.settings import IngestSettings
from retrieval.store import KnowledgeStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.types import FileReport

STRESS = Path(__file__).parents[2].parent / "shared" / "data" / "stress"
FOUR_GIGABYTES = 4 * 1024**3
# Statuses that a change of the parsers must not worsen in silence (measured: 303 indexed, 17 failed).
FEWEST_INDEXED, MOST_FAILED = 295, 25

pytestmark = [
    pytest.mark.stress,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not STRESS.exists(), reason="../shared/data/stress is missing"),
]


class Memory:
    """The largest memory that this process and its workers had together, looked at after every file."""

    def __init__(self) -> None:
        self.largest = 0

    def look(self, _: object) -> None:
        me = psutil.Process()
        sizes = []
        for process in (me, *me.children(recursive=True)):
            try:
                sizes.append(process.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        self.largest = max(self.largest, sum(sizes))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[FileReport], Memory]]:
    store = KnowledgeStore(f"sqlite:///{tmp_path_factory.mktemp('stress') / 'k.sqlite3'}")
    store.create_schema()
    memory = Memory()
    with Pipeline(store, None, IngestSettings(), progress=memory.look) as pipeline:
        reports = list(pipeline.ingest([STRESS]))
    yield reports, memory
    store.close()


def test_every_file_ends_with_a_status_and_a_reason(run: tuple[list[FileReport], Memory]) -> None:
    reports, memory = run
    files = [path for path in STRESS.rglob("*") if path.is_file()]
    assert len(reports) == len(files)
    for report in reports:
        assert report.status in ("indexed", "skipped", "failed")
        if report.status != "indexed":
            assert re.search(r": |export|install|save|raise", report.error), report
        else:
            assert report.chunks > 0
    counts = Counter(report.status for report in reports)
    slowest = sorted(reports, key=lambda report: -report.seconds)[:5]
    found = {
        "totals": counts,
        "slowest": [(Path(report.path).name, report.seconds) for report in slowest],
        "memory_mb": memory.largest >> 20,
    }
    print(json.dumps(found))  # noqa: T201 (shown with -rA)
    assert counts["indexed"] >= FEWEST_INDEXED
    assert counts["failed"] <= MOST_FAILED


def test_no_file_takes_a_minute_and_memory_stays_low(run: tuple[list[FileReport], Memory]) -> None:
    reports, memory = run
    assert max(report.seconds for report in reports) < 61
    assert memory.largest < FOUR_GIGABYTES


def test_failures_are_only_locked_or_broken_files(run: tuple[list[FileReport], Memory]) -> None:
    reports, _ = run
    for report in reports:
        if report.status == "failed":
            assert "encrypted" in report.error or "damaged" in report.error, report


def _stream(text: str) -> str:
    """Only letters and digits: blanks, hyphens and line breaks are set differently by every reader."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text))


def _grams(text: str) -> Counter[str]:
    """The character 3-grams of a text; none reaches over a line break."""
    streams = [_stream(line) for line in text.split("\n")]
    return Counter(stream[i : i + 3] for stream in streams for i in range(len(stream) - 2))


def _kept_share(expected: str, path: Path) -> float:
    """The share of the expected character 3-grams that the passages and grids have, each as often."""
    extracted = extract_file(str(path), IngestSettings(ocr=False))
    cells = "\n".join(cell.text for grid in extracted.grids for row in grid.rows for cell in row)
    # Lines of the file may have been drawn together: the passages are one line here.
    have = _grams(_stream("".join(piece.text for piece in extracted.pieces)) + "\n" + cells)
    wanted = _grams(expected)
    found = sum(min(count, have[gram]) for gram, count in wanted.items())
    return found / sum(wanted.values()) if wanted else 1.0


def _well_formed(kind: str) -> list[Path]:
    return (
        sorted(path for path in (STRESS / kind).iterdir() if "fuzz" not in path.name) if STRESS.exists() else []
    )


def _docx_words(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            xml = archive.read("word/document.xml").decode("utf-8")
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        return None
    # What Word shows twice (a box and its copy for old versions, a reading aid) or not at all (a table of contents) is left out.
    xml = re.sub(
        r"<mc:Fallback>.*?</mc:Fallback>|<w:rt>.*?</w:rt>|<w:p [^>]*>(?:(?!</w:p>).)*w:val=\"TOC.*?</w:p>",
        "",
        xml,
        flags=re.S,
    )
    paragraphs = re.findall(r"<w:p[ >].*?</w:p>", xml, flags=re.S)
    return "\n".join("".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", p)) for p in paragraphs)


@pytest.mark.parametrize("path", _well_formed("docx"), ids=lambda path: path.name[-40:])
def test_no_text_of_a_word_file_is_lost(path: Path) -> None:
    words = _docx_words(path)
    if words is None or not _stream(words) or path.read_bytes()[:2] != b"PK":
        pytest.skip("not a readable document")
    import html

    assert _kept_share(html.unescape(words), path) > 0.97


def _xlsx_words(path: Path) -> str | None:
    try:
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    except Exception:  # noqa: BLE001 (the other reader refuses some of these files, which is not the point)
        return None
    values: list[Any] = [
        cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row
    ]
    return "\n".join(value for value in values if isinstance(value, str))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", _well_formed("xlsx"), ids=lambda path: path.name[-40:])
def test_no_text_of_a_workbook_is_lost(path: Path) -> None:
    words = _xlsx_words(path)
    if not words or not _stream(words):
        pytest.skip("no text that the other reader finds")
    assert _kept_share(words, path) > 0.99


@pytest.mark.parametrize("path", _well_formed("pdf"), ids=lambda path: path.name[-40:])
def test_no_text_of_a_pdf_is_lost(path: Path) -> None:
    with pymupdf.open(stream=path.read_bytes(), filetype="pdf") as document:
        if document.needs_pass:
            pytest.skip("encrypted")
        words = "\n".join(page.get_text(flags=pymupdf.TEXT_MEDIABOX_CLIP) for page in document)
    if len(_stream(words)) < 100 or words.count("\ufffd") * 2 > len(words):
        pytest.skip("no text to compare")
    assert _kept_share(words, path) > 0.95
