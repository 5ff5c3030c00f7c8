"""The sample knowledge pack agrees with itself: files, glossary, codes, labels, and a rebuild."""

from __future__ import annotations

import csv
import datetime
import email
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from email import policy
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pymupdf
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
GLOSSARY = EXAMPLES / "glossary" / "公司常用缩略语.xlsx"
KNOWLEDGE = EXAMPLES / "knowledge"
BRANCHES = KNOWLEDGE / "银行网点联行号.xlsx"
SCAN = KNOWLEDGE / "装机验收单_扫描件.pdf"
REAL_CODES = ROOT.parent / "shared" / "data" / "codes" / "cnaps_sample.csv"
DOCUMENTS = sorted(KNOWLEDGE.iterdir())
QUESTIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]


def shown(cell: Any) -> str:
    """Return the text that a spreadsheet program shows in ``cell``."""
    if isinstance(cell.value, datetime.date):
        return f"{cell.value:%Y-%m-%d}"
    if cell.number_format == "#,##0.00":
        return f"{cell.value:,.2f}"
    return "" if cell.value is None else str(cell.value)


def sheet_rows(path: Path) -> list[list[str]]:
    book = openpyxl.load_workbook(path, data_only=True)
    return [[shown(cell) for cell in row] for sheet in book.worksheets for row in sheet.iter_rows()]


def docx_text(path: Path) -> str:
    document = docx.Document(str(path))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def pptx_text(path: Path) -> str:
    lines: list[str] = []
    for slide in pptx.Presentation(str(path)).slides:
        for shape in slide.shapes:
            if shape.has_table:
                lines += [cell.text for row in shape.table.rows for cell in row.cells]
            elif shape.has_text_frame:
                lines.append(shape.text_frame.text)
        if slide.has_notes_slide:
            lines.append(slide.notes_slide.notes_text_frame.text)
    return "\n".join(lines)


def pdf_text(path: Path) -> str:
    with pymupdf.open(path) as document:
        return "\n".join(page.get_text() for page in document)


def mail_text(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    parts = (part.get_content() for part in message.walk() if not part.is_multipart())
    return "\n".join([str(message["subject"]), *parts])


def text_of(path: Path) -> str:
    """Return all text of one file; what a scan shows is read from the source it was drawn from."""
    if path.name == SCAN.name:
        return (EXAMPLES / "sources" / f"{path.stem}.md").read_text(encoding="utf-8")
    readers = {
        ".docx": docx_text,
        ".pptx": pptx_text,
        ".pdf": pdf_text,
        ".eml": mail_text,
        ".xlsx": lambda file: "\n".join("\t".join(row) for row in sheet_rows(file)),
        ".html": lambda file: BeautifulSoup(file.read_bytes(), "lxml").get_text(),
    }
    if path.suffix in readers:
        return readers[path.suffix](path)
    data = path.read_bytes()
    return data.decode("gb18030" if path.name.startswith("会议纪要") else "utf-8-sig")


TEXTS = {path.name: text_of(path) for path in [GLOSSARY, *DOCUMENTS]}


def glossary_rows() -> list[list[str]]:
    return sheet_rows(GLOSSARY)[2:]


def branch_rows() -> list[list[str]]:
    return sheet_rows(BRANCHES)[2:]


def check_digit_holds(code: str) -> bool:
    """ISO 7064, MOD 11,10, in its checking form: the running product ends at 1."""
    product = 10
    for digit in code[:-1]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (product + int(code[-1])) % 10 == 1


def test_documents_are_many_kinds_and_small() -> None:
    kinds = Counter(path.suffix for path in DOCUMENTS)
    assert len(DOCUMENTS) >= 16
    assert set(kinds) == {".docx", ".pptx", ".pdf", ".xlsx", ".csv", ".txt", ".md", ".html", ".eml"}
    # The tiny base has a limit of its own.
    files = [path for path in EXAMPLES.rglob("*") if path.is_file() and "tiny-base" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 3_000_000


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_document_opens_and_has_text(path: Path) -> None:
    assert len(re.findall(r"[\u4e00-\u9fff]|[A-Za-z]{3,}", TEXTS[path.name])) > 100


def test_minutes_are_gb18030_and_not_utf8() -> None:
    with pytest.raises(UnicodeDecodeError):
        (KNOWLEDGE / "会议纪要_2026-04售后例会.txt").read_bytes().decode("utf-8")
    assert "ESS培训" in TEXTS["会议纪要_2026-04售后例会.txt"]


def test_slides_have_notes() -> None:
    slides = pptx.Presentation(str(KNOWLEDGE / "产品培训_MH-Flow工作流.pptx")).slides
    assert all(slide.has_notes_slide for slide in slides)


def test_pdf_tables_have_rules() -> None:
    with pymupdf.open(KNOWLEDGE / "费用报销与休假制度.pdf") as document:
        tables = [table.extract() for page in document for table in page.find_tables().tables]
    assert ["出差餐费补贴", "100元/天", "部门主管"] in tables[0]


def test_scan_is_a_picture_only() -> None:
    with pymupdf.open(SCAN) as document:
        assert all(not page.get_text().strip() and page.get_images() for page in document)


def test_glossary_has_a_title_row_and_the_contracts_columns() -> None:
    title, header = sheet_rows(GLOSSARY)[:2]
    assert title[0]
    assert not any(title[1:])
    assert header[:4] == ["序号", "缩略语", "英文全称", "中文解释"]


def test_glossary_rows_are_whole_numbered_and_distinct() -> None:
    rows = glossary_rows()
    assert [row[0] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    assert all(all(cell.strip() for cell in row[:6]) for row in rows)
    assert len({(row[1], row[3]) for row in rows}) == len(rows)


def test_glossary_counts() -> None:
    senses: dict[str, list[list[str]]] = defaultdict(list)
    for row in glossary_rows():
        senses[row[1]].append(row)
    several = {term: rows for term, rows in senses.items() if len(rows) > 1}
    assert len(senses) >= 80
    assert len(several) >= 10
    assert max(len(rows) for rows in several.values()) == 3
    for rows in several.values():
        assert len({row[4] for row in rows}) == len(rows), "departments tell the senses apart"


@pytest.mark.parametrize(
    ("term", "english", "chinese"),
    [
        ("AAP", "Actual Achieved Price", "实际成交价"),
        ("Act.", "Actual", "实际的"),
        ("AIP", "All in Print", "中国国际印刷技术及设备器械展（全印展）"),
        ("AM", "Account Manager", "客户经理"),
        ("AM", "Amplitude Modulation", "调幅（调幅加网）"),
        ("ESS", "Essential Software Skills", "软件基础技能"),
    ],
)
def test_glossary_has(term: str, english: str, chinese: str) -> None:
    assert [term, english, chinese] in [row[1:4] for row in glossary_rows()]


def test_glossary_has_unusual_spellings() -> None:
    terms = {row[1] for row in glossary_rows()}
    assert terms >= {
        "Act.",
        "T+1",
        "5S",
        "CtP",
        "e-Proof",
        "pH",
        "JDF",
        "ISO-12647-2",
        "PDF/X-4",
        "R&D",
        "L*a*b*",
    }


def test_branch_codes_are_text_of_twelve_digits_that_hold() -> None:
    sheet = openpyxl.load_workbook(BRANCHES).worksheets[0]
    codes = [row[2] for row in sheet.iter_rows(min_row=3, values_only=True)]
    assert len(codes) >= 100
    assert len(set(codes)) == len(codes)
    assert all(isinstance(code, str) and re.fullmatch(r"\d{12}", code) for code in codes)
    assert all(check_digit_holds(str(code)) for code in codes)


def test_branch_names_are_distinct() -> None:
    names = [row[1] for row in branch_rows()]
    assert len(set(names)) == len(names)


@pytest.mark.stress
def test_branch_codes_are_nobodys() -> None:
    if not REAL_CODES.exists():
        pytest.skip(f"{REAL_CODES} is not here")
    with REAL_CODES.open(encoding="utf-8-sig", newline="") as file:
        real = {row["BankCode"]: row["LName"] for row in csv.DictReader(file)}
    assert all(check_digit_holds(code) for code in real)
    assert not {row[2] for row in branch_rows()} & real.keys()
    assert not {row[1] for row in branch_rows()} & set(real.values())


def test_register_uses_the_branch_tables_codes() -> None:
    codes = {row[1]: row[2] for row in branch_rows()}
    register = sheet_rows(KNOWLEDGE / "客户服务协议台账.xlsx")[2:]
    assert register
    assert all(codes[row[7]] == row[8] and len(row[9]) == 19 for row in register)


def test_price_list_keeps_leading_zeros_formulas_and_merged_cells() -> None:
    path = KNOWLEDGE / "软件价格表2026.xlsx"
    formulas, results = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    assert len(formulas.sheetnames) == 4
    sheet = formulas["软件许可"]
    assert sheet["B3"].value == "00110201"
    assert str(sheet["E3"].value).startswith("=")
    assert results["软件许可"]["E3"].value == pytest.approx(144_640)
    assert "A3:A6" in {str(area) for area in sheet.merged_cells.ranges}


def test_ess_training_sentence_is_there() -> None:
    assert "ESS培训每月举行3次，分别在第一周、第三周和第五周" in TEXTS["培训管理制度.docx"]


def test_two_versions_of_one_policy_differ() -> None:
    old, new = TEXTS["差旅住宿标准_2024版.docx"], TEXTS["差旅住宿标准_2026版.docx"]
    assert "MH-FIN-007" in old
    assert "MH-FIN-007" in new
    assert "\n550\n" in new
    assert "\n550\n" not in old


def test_question_ids_and_wordings_are_distinct() -> None:
    assert len({item["id"] for item in QUESTIONS}) == len(QUESTIONS)
    assert len({(item["question"], item.get("department")) for item in QUESTIONS}) == len(QUESTIONS)


def test_question_keys_and_values_are_known() -> None:
    keys = {"contains", "terms", "facts", "documents", "rewritten_contains"}
    for item in QUESTIONS:
        assert item["route"] in {"term", "fact", "analysis"}, item["id"]
        assert item["status"] in {"answered", "clarify", "refused"}, item["id"]
        assert item["language"] in {"zh", "en", "mixed"}, item["id"]
        assert item["group"], item["id"]
        assert set(item["expect"]) <= keys, item["id"]


def test_question_counts() -> None:
    statuses = Counter(item["status"] for item in QUESTIONS)
    answered = Counter(item["route"] for item in QUESTIONS if item["status"] == "answered")
    languages = Counter(item["language"] for item in QUESTIONS)
    assert len(QUESTIONS) >= 80
    assert min(answered[route] for route in ("term", "fact", "analysis")) >= 20
    assert statuses["refused"] >= 12
    assert statuses["clarify"] >= 6
    assert min(languages[language] for language in ("zh", "en", "mixed")) >= 8
    assert sum(count > 1 for count in Counter(item["group"] for item in QUESTIONS).values()) >= 10


def test_the_issues_questions_are_there() -> None:
    found = {item["question"]: item for item in QUESTIONS}
    assert found["AM代表什么职位？"]["expect"]["contains"] == ["客户经理"]
    assert found["在产品售后流程里，AM负责哪些事情？"]["route"] == "analysis"
    assert found["ESS培训每月几次？"]["expect"]["facts"] == ["3次"]


def test_cited_documents_exist() -> None:
    cited = {name for item in QUESTIONS for name in item["expect"].get("documents", ())}
    assert cited <= TEXTS.keys()
    assert len(cited) >= 20


def test_expected_values_stand_in_the_cited_documents() -> None:
    for item in QUESTIONS:
        if item["status"] != "answered":
            continue
        expected = item["expect"]
        documents = expected.get("documents") or TEXTS
        values = [*expected.get("facts", ()), *expected.get("contains", ())]
        assert values, item["id"]
        for value in values:
            assert any(value in TEXTS[name] for name in documents), (item["id"], value)


def test_key_points_stand_in_the_cited_documents() -> None:
    labelled = [item for item in QUESTIONS if "key_points" in item]
    assert len(labelled) >= 9
    for item in labelled:
        text = re.sub(r"\s", "", "\n".join(TEXTS[name] for name in item["expect"]["documents"]))
        for point in item["key_points"]:
            wordings = [point] if isinstance(point, str) else point
            assert any(re.sub(r"\s", "", wording) in text for wording in wordings), (item["id"], point)


def test_expected_terms_stand_in_the_question_and_the_glossary() -> None:
    meanings = {row[3] for row in glossary_rows()}
    for item in QUESTIONS:
        for term in item["expect"].get("terms", ()):
            assert term["surface"] in item["question"], item["id"]
            assert term["chinese"] in meanings, item["id"]


def test_codes_asked_for_and_absent_are_absent() -> None:
    everything = "\n".join(TEXTS.values())
    for item in QUESTIONS:
        if item["status"] == "refused":
            assert not [code for code in re.findall(r"\d{8,}", item["question"]) if code in everything], item[
                "id"
            ]
            assert not item["expect"], item["id"]


def build(output: Path) -> dict[str, bytes]:
    command = [sys.executable, "-m", "examples.build", "--output", str(output)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if path.is_file()}


@pytest.mark.functional
def test_rebuild_gives_the_same_pack(tmp_path: Path) -> None:
    first, second = build(tmp_path / "first"), build(tmp_path / "second")
    assert first == second
    committed = {str(path.relative_to(EXAMPLES)) for path in [GLOSSARY, *DOCUMENTS]}
    assert first.keys() == committed
    for name in committed:
        assert text_of(tmp_path / "first" / name) == TEXTS[Path(name).name], name
