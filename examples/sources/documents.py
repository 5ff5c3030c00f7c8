"""Which files the pack has, and what each is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from examples.render.docx_file import docx_bytes
from examples.render.pdf_file import pdf_bytes, scan_bytes
from examples.render.pptx_file import pptx_bytes
from examples.render.text_files import html_bytes, mail_bytes
from examples.render.workbook import workbook_bytes
from examples.sources.glossary import glossary_sheet
from examples.sources.tables import agreement_sheets, branch_sheets, duty_sheets, price_sheets

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
COMPANY = "墨衡软件（苏州）有限公司"
_WORD = ("培训管理制度", "售后流程", "差旅住宿标准_2024版", "差旅住宿标准_2026版", "新员工入职指南")
_SLIDES = ("产品培训_MH-Flow工作流", "色彩管理进阶")
_PDF = ("费用报销与休假制度", "打样与印刷色差规范")
_MARKDOWN = ("项目纪要_青榆MIS实施", "发布说明_MH-Flow_5.2", "MH-Link_API_Guide")
_LOG = """2026-03-19 08:47:12 RIP01 INFO  job 26-0319-007 cover_qinghe_annual.pdf start
2026-03-19 08:49:55 RIP01 INFO  screening AM 175 lpi, 2400 dpi
2026-03-19 08:50:31 CTP01 WARN  dual plate mode, register check skipped on plate 2
2026-03-19 08:50:58 CTP01 ERROR register offset plate 2 x=0.148 mm y=0.021 mm limit=0.050 mm
"""


def everything() -> Iterator[tuple[str, bytes]]:
    """Yield every file of the pack: its path below ``examples/`` and its content."""
    yield "glossary/公司常用缩略语.xlsx", workbook_bytes([glossary_sheet()], author=COMPANY)
    for name, content in _documents():
        yield f"knowledge/{name}", content


def _documents() -> Iterator[tuple[str, bytes]]:
    yield from _workbooks()
    for name in _WORD:
        yield (
            f"{name}.docx",
            docx_bytes(source(f"{name}.md"), author=COMPANY, header=COMPANY, footer="内部资料"),
        )
    for name in _SLIDES:
        yield f"{name}.pptx", pptx_bytes(source(f"{name}.md"), author="林柏川")
    for name in _PDF:
        yield f"{name}.pdf", pdf_bytes(source(f"{name}.md"), author=COMPANY, header=COMPANY)
    yield "装机验收单_扫描件.pdf", scan_bytes(source("装机验收单_扫描件.md"), author=COMPANY)
    yield from _plain()


def _workbooks() -> Iterator[tuple[str, bytes]]:
    yield "银行网点联行号.xlsx", workbook_bytes(branch_sheets(), author="宋慧敏")
    yield "软件价格表2026.xlsx", workbook_bytes(price_sheets(), author="梁思远")
    yield "值班表_2026年5月.xlsx", workbook_bytes(duty_sheets(), author="丁海峰")
    yield "客户服务协议台账.xlsx", workbook_bytes(agreement_sheets(), author="梁思远")


def _plain() -> Iterator[tuple[str, bytes]]:
    for name in _MARKDOWN:
        yield f"{name}.md", source(f"{name}.md").encode("utf-8")
    yield "系统安装说明.txt", source("系统安装说明.txt").encode("utf-8")
    # One text file in the national encoding, as older Windows programs still write it.
    minutes = source("会议纪要_2026-04售后例会.txt").replace("\n", "\r\n")
    yield "会议纪要_2026-04售后例会.txt", minutes.encode("gb18030")
    yield "设备清单.csv", source("设备清单.csv").replace("\n", "\r\n").encode("utf-8-sig")
    yield "常见问题FAQ.html", html_bytes(source("常见问题FAQ.md"))
    yield (
        "客户邮件_CtP对位偏差.eml",
        mail_bytes(source("客户邮件_CtP对位偏差.txt"), attachment=("rip01.txt", _LOG)),
    )


def source(name: str) -> str:
    """Return the text of the source ``name``, its line ends as newlines."""
    return (HERE / name).read_text(encoding="utf-8")
