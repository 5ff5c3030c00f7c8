"""Zip packages: limits against bombs, XML without entities, OpenDocument, EPUB, and telling formats apart."""

from __future__ import annotations

import io
import zipfile

import pytest

from ingest.errors import EncryptedError, UnreadableError, UnsupportedError
from ingest.parsers import epub, opendocument, registry
from ingest.parsers.package import Package, parse_xml
from ingest.parsers.sniff import sniff
from ingest.parsers.source import Source
from ingest.settings import IngestSettings


def packed(parts: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = packed({"xl/workbook.xml": b"\0" * 80_000_000})
    with pytest.raises(UnreadableError, match="zip bomb"):
        Package(Source("b.xlsx", bomb))
    small = IngestSettings(max_unpacked_size=1_000)
    with pytest.raises(UnreadableError, match="max_unpacked_size"):
        Package(Source("b.xlsx", packed({"a": b"x" * 2_000}), small))


def test_names_are_found_in_any_case_and_with_backslashes() -> None:
    package = Package(Source("x.docx", packed({"Word\\Document.XML": "<a/>"})))
    assert package.xml("word/document.xml") is not None


def test_entities_are_neither_expanded_nor_fetched(tmp_path: object) -> None:
    secret = b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY a "aaaa">]><r>x&f;&a;</r>'
    root = parse_xml(secret)
    assert "".join(root.itertext()).replace("&f;", "").replace("&a;", "") == "x"
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(12))
    assert len(parse_xml(f"<!DOCTYPE r [{laughs}]><r>&l11;</r>".encode()).text or "") < 100


def test_truncated_xml_gives_what_is_there() -> None:
    assert [node.text for node in parse_xml(b"<r><a>1</a><a>2</a><a>3")] == ["1", "2", "3"]


ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)


def _odf(kind: str, body: str) -> Source:
    content = f"<office:document-content {ODF}><office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    mime = f"application/vnd.oasis.opendocument.{kind}"
    return Source(f"x.{kind}", packed({"mimetype": mime, "content.xml": content}))


def test_opendocument_text() -> None:
    source = _odf(
        "text", '<text:h text:outline-level="1">标题</text:h><text:p>甲<text:s text:c="2"/>乙</text:p>'
    )
    assert [(b.kind, b.text) for b in opendocument.parse(source).blocks] == [
        ("heading", "标题"),
        ("paragraph", "甲  乙"),
    ]


def test_opendocument_sheet_shows_cells_as_the_author_saw_them() -> None:
    body = (
        '<table:table table:name="网点"><table:table-row><table:table-cell><text:p>行名</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="12"><text:p>012</text:p></table:table-cell>'
        '</table:table-row><table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
        "</table:table>"
    )
    parsed = opendocument.parse(_odf("spreadsheet", body))
    assert [[cell.text for cell in row] for row in parsed.grids[0].rows] == [["行名", "012"]]
    assert parsed.grids[0].rows[0][1].typed == "12"
    assert parsed.warnings == ()


def test_opendocument_tells_what_it_cuts_and_what_is_hidden() -> None:
    body = (
        '<table:table table:name="S"><table:table-row table:visibility="collapse"><table:table-cell><text:p>藏</text:p>'
        '</table:table-cell></table:table-row><table:table-row table:number-rows-repeated="5000"><table:table-cell>'
        "<text:p>同</text:p></table:table-cell></table:table-row></table:table>"
    )
    parsed = opendocument.parse(_odf("spreadsheet", body))
    assert len(parsed.grids[0].rows) == 1_001
    assert parsed.warnings == (
        "sheet S: 1 hidden rows were read",
        "sheet S: rows alike, one after the other, were read 1,000 times",
    )


def test_epub_chapters_in_the_order_of_the_spine() -> None:
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="o/c.opf"/></rootfiles></container>',
        "o/c.opf": (
            '<package xmlns:dc="d"><metadata><dc:title>手册</dc:title></metadata><manifest>'
            '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="b"/><itemref idref="a"/></spine></package>'
        ),
        "o/a.xhtml": "<html><body><p>甲章</p></body></html>",
        "o/b.xhtml": "<html><body><p>乙章</p></body></html>",
    }
    parsed = epub.parse(Source("b.epub", packed(parts)))
    assert [(b.text, b.location.page) for b in parsed.blocks] == [("乙章", 1), ("甲章", 2)]
    assert parsed.title == "手册"
    del parts["o/b.xhtml"]
    broken = epub.parse(Source("b.epub", packed(parts)))
    assert [block.text for block in broken.blocks] == ["甲章"]
    assert broken.warnings == ("chapter 1 is missing from the file",)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", b"%PDF-1.4 ...", "pdf"),
        ("a.doc", b"{\\rtf1 x}", "rtf"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "html"),
        ("a.xls", "行名\t联行号\n".encode("gb18030"), "csv"),
        ("noextension", b"just words", "text"),
        ("a.md", b"<p>inline</p>", "markdown"),
        ("a", b"MIME-Version: 1.0\nFrom: a@b.c\n\nhi", "eml"),
        ("a.zip", packed({"word/document.xml": "<a/>"}), "docx"),
        ("a.bin", packed({"mimetype": "application/vnd.oasis.opendocument.text"}), "opendocument"),
        ("a.py", b"print('x')", "text"),
    ],
)
def test_format_by_content_first(name: str, data: bytes, expected: str) -> None:
    source = Source(name, data)
    by_extension = next((f.name for f in registry.FORMATS if source.extension in f.extensions), "")
    assert sniff(source, by_extension) == expected


@pytest.mark.parametrize(
    ("name", "data", "hint"),
    [
        ("a.mp3", b"ID3\x03\x00\x00\x00", "transcript"),
        ("a.mp4", b"\x00\x00\x00\x18ftypmp42", "transcript"),
        ("a.zip", packed({"readme": "x"}), "unpack"),
        ("a.xlsb", packed({"xl/workbook.bin": "x"}), "save it as .xlsx"),
        ("a.bin", bytes(range(256)) * 4, "export it"),
        ("a.pdf", b"", "empty"),
        ("a.exe", b"MZ\x00\x00\x01\x02\x03\x00" * 50, "program"),
    ],
)
def test_what_is_not_read_says_what_to_do(name: str, data: bytes, hint: str) -> None:
    with pytest.raises(UnsupportedError, match=hint):
        registry.parser_for(Source(name, data))


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pdf", "a.doc"])
def test_broken_promises_of_an_extension(name: str) -> None:
    with pytest.raises(UnreadableError, match="damaged"):
        registry.parse(Source(name, b"\x00\x01\x02\x03" * 100))


def test_a_package_without_its_parts_is_no_archive() -> None:
    with pytest.raises(UnreadableError, match="no list of sheets"):
        registry.parse(Source("a.xlsx", packed({})))


def test_locked_office_files_are_encrypted() -> None:
    with pytest.raises(EncryptedError):
        opendocument.parse(
            Source(
                "x.odt",
                packed({"content.xml": "<a/>", "META-INF/manifest.xml": "<m><f><encryption-data/></f></m>"}),
            )
        )


def test_every_format_has_its_parser() -> None:
    from importlib import import_module

    for known in registry.FORMATS:
        assert callable(import_module(f"ingest.parsers.{known.module}").parse)
    extensions = [extension for known in registry.FORMATS for extension in known.extensions]
    assert len(extensions) == len(set(extensions))
