"""Of several versions of one document the newest counts, unless an older one is asked about."""

from __future__ import annotations

import pytest

from retrieval.types import Chunk, Document, Location, Passage
from router.versions import in_force


def passage(name: str, modified: str = "2026-01-01") -> Passage:
    document = Document(name, f"/{name}", name, "h", "text/plain", modified=modified)
    return Passage(Chunk(f"c {name}", name, 0, "正文", Location()), document, 1.0, {})


OLD, NEW = passage("借阅管理办法（2022年版）.docx"), passage("借阅管理办法（2025年版）.docx")
OTHER = passage("还书须知.txt")


def test_the_newest_counts_and_is_named() -> None:
    assert in_force([OLD, OTHER, NEW], "逾期一天收多少") == ([OTHER, NEW], ("借阅管理办法（2025年版）.docx",))


@pytest.mark.parametrize(
    "question",
    [
        "2022年版逾期一天收多少",
        "逾期费新旧两版有什么区别",
        "以前逾期一天收多少",
        "What did the old version charge?",
    ],
)
def test_an_older_one_may_be_asked_about(question: str) -> None:
    assert in_force([OLD, NEW], question) == ([OLD, NEW], ())


def test_version_numbers_tell_too() -> None:
    old, new = passage("门诊规程_v1.2.md"), passage("门诊规程_v1.10.md")
    assert in_force([old, new], "疫苗怎么存放")[0] == [new]


def test_documents_that_are_only_named_alike_or_undated_are_no_versions() -> None:
    same = [passage("须知.txt", "2020-01-01"), passage("须知.md", "2025-01-01"), OTHER]
    assert in_force(same, "怎么还书") == (same, ())
