"""Plain text, delimited tables, Markdown and web pages, in the encodings people use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import UnsupportedError
from ingest.parsers import delimited, html, markdown, text
from ingest.parsers.encoding import decode, looks_binary
from ingest.parsers.source import Source

CHINESE = "公司的售后流程由客户经理负责，电话是001100011002，每月第三周培训。\n第二行也是中文，内容不长。"
TRADITIONAL = "公司的售後流程由客戶經理負責，電話是001100011002，每月第三週培訓，這個問題請聯絡業務單位。"


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", CHINESE),
        ("utf-8-sig", CHINESE),
        ("gb18030", CHINESE),
        ("gbk", CHINESE),
        ("utf-16", CHINESE),
        ("utf-16-le", CHINESE),
        ("utf-16-be", CHINESE),
        ("big5", TRADITIONAL),
        ("utf-16-le", "Account Manager, 402535510938"),
        ("cp1252", "Überprüfung der Verträge für das nächste Jahr — Größe: 5 €"),
    ],
)
def test_encodings_are_found(encoding: str, words: str) -> None:
    assert decode(words.encode(encoding))[0] == words


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("测试", "gb18030"),
        ("硫酸铜", "gb18030"),
        ("龚琪,鄢璐", "gb18030"),
        ("苯乙烯磺酸钠聚醚砜膜组件", "gb18030"),
        ("銘板 碳酸", "big5"),
        ("안녕하세요 고객 서비스 팀입니다", "euc-kr"),
        ("Le chargé de clientèle", "cp1252"),
        ("Größe", "cp1252"),
    ],
)
def test_words_without_a_sentence(words: str, encoding: str) -> None:
    assert decode(words.encode(encoding))[0] == words


def test_utf8_with_a_few_strange_bytes_stays_utf8() -> None:
    data = (CHINESE * 3).encode() + b"\xff" + "caf\u00e9".encode("latin-1") + CHINESE.encode()[:-1]
    words, encoding = decode(data)
    assert encoding == "utf-8"
    assert words.startswith(CHINESE * 3)
    assert words.count("\ufffd") == 3


def test_short_chinese_in_gb18030() -> None:
    assert decode("客户经理".encode("gb18030"))[0] == "客户经理"
    assert decode("行名,联行号\n兴发支行,402535510938\n".encode("gb18030"))[0].startswith("行名,联行号")


@given(st.text())
def test_utf8_is_never_taken_for_anything_else(words: str) -> None:
    data = ("a公司 " + words).encode("utf-8", "ignore")
    plain = data.decode("utf-8")
    if "\x00" not in plain:
        assert decode(data)[0] == plain


@given(st.binary(max_size=300))
def test_any_bytes_decode(data: bytes) -> None:
    assert isinstance(decode(data)[0], str)


def test_binary_is_told_from_text() -> None:
    assert looks_binary(bytes(range(256)))
    assert not looks_binary("中文".encode("utf-16-le"))
    assert not looks_binary("客户经理\n".encode("gb18030"))


def test_text_paragraphs_and_numbered_headings() -> None:
    parsed = text.parse(
        Source("制度.txt", "第一章 总则\n一、目的\n为规范流程。\n\n（二）范围\n全公司。".encode())
    )
    assert [(b.kind, b.text) for b in parsed.blocks] == [
        ("heading", "第一章 总则"), ("heading", "一、目的"), ("paragraph", "为规范流程。"),
        ("heading", "（二）范围"), ("paragraph", "全公司。"),
    ]  # fmt: skip
    assert parsed.blocks[-1].location.headings == ("第一章 总则", "一、目的", "（二）范围")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_delimited_codes_stay_text(delimiter: str, encoding: str) -> None:
    lines = [["行名", "联行号", "备注"], ["兴发支行", "001100011002", "1.10"], ["城关支行", "402535510938", ""]]
    data = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    grid = delimited.parse(Source("网点.csv", data)).grids[0]
    assert [[cell.text for cell in row] for row in grid.rows] == lines


def test_delimited_quotes_blank_lines_and_spreadsheet_dress() -> None:
    data = '编号,说明\n"=""0012""","多行\n说明, 带逗号"\n\n402535510938\t,尾部制表符\n'.encode()
    grid = delimited.parse(Source("a.csv", data)).grids[0]
    assert [[cell.text for cell in row] for row in grid.rows] == [
        ["编号", "说明"], ["0012", "多行\n说明, 带逗号"], ["402535510938", "尾部制表符"],
    ]  # fmt: skip
    assert grid.row_numbers == (1, 2, 4)


def test_delimited_ragged_rows_are_filled() -> None:
    grid = delimited.parse(Source("a.csv", b"a,b,c\n1,2\n1,2,3,4\n")).grids[0]
    assert {len(row) for row in grid.rows} == {4}


def test_delimited_without_a_value() -> None:
    with pytest.raises(UnsupportedError, match="empty"):
        delimited.parse(Source("a.csv", b"\n\n,,\n"))


def test_markdown() -> None:
    source = (
        "---\ntitle: 项目笔记\n---\n# 一级\n正文 **重点** [链接](http://x)。\n\n## 二级\n- 甲\n- 乙\n\n3. 丙\n\n"
        "| 行名 | 联行号 |\n|---|---|\n| 兴发 | 001100011002 |\n\n```sql\nselect 1\n```\n"
    )
    parsed = markdown.parse(Source("n.md", source.encode()))
    assert parsed.title == "项目笔记"
    assert [(b.kind, b.text) for b in parsed.blocks[1:]] == [
        ("heading", "一级"), ("paragraph", "正文 重点 链接。"), ("heading", "二级"), ("list", "甲"), ("list", "乙"),
        ("list", "3. 丙"), ("table", ""), ("code", "select 1\n".strip("\n")),
    ]  # fmt: skip
    assert [[c.text for c in row] for row in parsed.grids[0].rows] == [
        ["行名", "联行号"],
        ["兴发", "001100011002"],
    ]
    assert parsed.grids[0].headings == ("一级", "二级")


def test_html_headings_lists_and_dropped_parts() -> None:
    page = (
        "<html><head><title>流程</title><style>p{}</style></head><body><script>var secret=1</script>"
        "<h1>售后</h1><p>第一段，<b>重点</b>。<br>换行</p><ul><li>甲<ul><li>乙</li></ul></li></ul><ol start=1><li>丙</ol>"
        "<div hidden>看不见</div>尾巴</body></html>"
    )
    parsed = html.parse(Source("p.html", page.encode()))
    assert parsed.title == "流程"
    assert [(b.kind, b.text, b.level) for b in parsed.blocks] == [
        ("heading", "售后", 1), ("paragraph", "第一段，重点。\n换行", 0), ("list", "甲", 1), ("list", "乙", 2),
        ("list", "1. 丙", 1), ("paragraph", "尾巴", 0),
    ]  # fmt: skip


def test_html_tables_with_spans() -> None:
    page = (
        "<table><caption>价目</caption><tr><th colspan=2>产品</th><th rowspan=2>价格</th></tr><tr><th>型号</th><th>名称</th>"
        "</tr><tr><td>X1</td><td>打样</td><td>0199</td></tr></table>"
    )
    grid = html.parse(Source("p.html", page.encode())).grids[0]
    assert [[cell.text for cell in row] for row in grid.rows] == [
        ["产品", "产品", "价格"], ["型号", "名称", "价格"], ["X1", "打样", "0199"],
    ]  # fmt: skip
    assert (grid.name, grid.rows[0][1].merged_from, grid.rows[1][2].merged_from) == ("价目", "A1", "C1")


def test_html_declared_encoding() -> None:
    page = '<html><head><meta charset="gb2312"></head><body><p>客户经理</p></body></html>'.encode("gb18030")
    assert html.parse(Source("p.html", page)).blocks[0].text == "客户经理"


def test_html_nested_very_deeply() -> None:
    page = "<div>" * 5_000 + "深处" + "</div>" * 5_000
    assert "深处" in "".join(block.text for block in html.parse(Source("p.html", page.encode())).blocks)


def _cells(data: str, name: str = "a.csv") -> list[list[str]]:
    return [[cell.text for cell in row] for row in delimited.parse(Source(name, data.encode())).grids[0].rows]


def test_a_quotation_mark_for_inches_swallows_nothing() -> None:
    data = '品名,规格,价格\n"5" 管,A,10\n6寸管,"B,b",20\n"8寸管,D,40\n"多\n行" ,E,50\n'
    assert _cells(data) == [
        ["品名", "规格", "价格"], ['"5" 管', "A", "10"], ["6寸管", "B,b", "20"], ['"8寸管', "D", "40"], ["多\n行", "E", "50"],
    ]  # fmt: skip
    assert delimited.parse(Source("a.csv", data.encode())).warnings == (
        "in 2 lines quotation marks do not pair; they were read as they stand",
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_delimiter_that_excel_names_is_no_row(end: str) -> None:
    data = end.join(["sep=;", "品名;价格", "管;1,5", ""])
    assert _cells(data) == [["品名", "价格"], ["管", "1,5"]]
    assert delimited.parse(Source("a.csv", data.encode())).grids[0].row_numbers == (2, 3)


def test_one_wide_line_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAX_CELLS", 1_000)
    data = ",".join(["名称"] * 100) + "\n" + "甲,乙\n" * 500
    parsed = delimited.parse(Source("a.csv", data.encode()))
    assert len(parsed.grids[0].rows) == 10
    assert "only its first 10 rows" in parsed.warnings[0]


def test_markdown_footnotes_are_kept() -> None:
    parsed = markdown.parse(Source("n.md", "保修期见注[^1]。\n\n[^1]: 三年，自验收起算。\n".encode()))
    assert [block.text for block in parsed.blocks] == ["保修期见注[^1]。", "[^1]: 三年，自验收起算。"]


def test_html_tables_with_lists_or_tables_in_their_cells_stay_tables() -> None:
    lists = "<tr><td>甲机</td><td><ul><li>快</li><li>静音</li></ul></td><td>1200元</td></tr>"
    page = f"<table><tr><th>产品</th><th>特点</th><th>价格</th></tr>{lists}</table>"
    (grid,) = html.parse(Source("a.html", page.encode())).grids
    assert [cell.text for cell in grid.rows[1]] == ["甲机", "快\n静音", "1200元"]
    inner = "<table><tr><td>电压</td><td>220V</td></tr><tr><td>功率</td><td>5kW</td></tr></table>"
    page = f"<table><tr><th>型号</th><th>规格</th></tr><tr><td>X1</td><td>{inner}</td></tr></table>"
    (grid,) = html.parse(Source("a.html", page.encode())).grids
    assert [cell.text for cell in grid.rows[1]] == ["X1", "电压 220V\n功率 5kW"]


def test_html_that_claims_endless_spans_ends_soon() -> None:
    row = "".join(f"<td rowspan=1000 colspan=1000>值{i}</td>" for i in range(20))
    page = f"<table><tr>{row}</tr>{'<tr><td>x</td></tr>' * 400}</table>"
    (grid,) = html.parse(Source("a.html", page.encode())).grids
    assert len(grid.rows) == 401
