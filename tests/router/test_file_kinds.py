"""Which files there are, of a kind or about something, is asked of the catalogue and not of the texts."""

from __future__ import annotations

import pytest

from retrieval.types import Document
from router.file_kinds import of_kind
from router.questions import read_question
from router.smalltalk import answer_catalogue
from router.types import Status

FILES = tuple(
    Document(str(at), f"/kb/{name}", name, "", "")
    for at, name in enumerate(
        ["价目.xlsx", "值班.CSV", "培训.pptx", "制度.docx", "手册.pdf", "来信.eml"], start=1
    )
)


@pytest.mark.parametrize(
    "question",
    [
        "知识库里有几个PPT",
        "有哪些Excel表？",
        "现在都收录了哪些资料",
        "库里有多少份PDF",
        "青榆彩印出现在哪几份资料里？",
        "消防演练写在哪些文件中",
        "How many spreadsheets are there?",
        "which presentations do we have",
        "List all PDFs",
    ],
)
def test_files_are_asked_for(question: str) -> None:
    assert read_question(question).catalogue


@pytest.mark.parametrize(
    "question",
    [
        "每天要回几封邮件？",
        "报价要附哪些资料",
        "Excel怎么导入",
        "上传PDF有什么要求",
        "How many emails may a newsletter server send an hour?",
        "培训PPT由谁做",
        "word怎么转pdf",
        "哪些资料要盖章",
    ],
)
def test_work_with_files_is_no_question_about_the_collection(question: str) -> None:
    assert not read_question(question).catalogue


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("知识库里有几个PPT", ["培训.pptx"]),
        ("有哪些Excel表", ["价目.xlsx", "值班.CSV"]),
        ("which PDFs do we have", ["手册.pdf"]),
        ("现在都收录了哪些资料", [each.name for each in FILES]),
        ("系统里有哪些文件", [each.name for each in FILES]),
    ],
)
def test_only_files_of_that_kind_are_listed(question: str, names: list[str]) -> None:
    assert [each.name for each in of_kind(question, FILES)] == names
    answer = answer_catalogue(question, FILES, [], "zh")
    assert answer.status is Status.ANSWERED
    assert f"共 {len(names)} 个" in answer.text
    assert [each.document for each in answer.citations] == names


def test_a_kind_that_is_not_there_is_refused() -> None:
    answer = answer_catalogue("知识库里有几个扫描件", FILES, [], "zh")
    assert answer.status is Status.REFUSED
