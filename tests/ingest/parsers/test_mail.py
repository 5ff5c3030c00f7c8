"""Mails with their attachments."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from ingest.parsers import attachments
from ingest.parsers.mail import parse
from ingest.parsers.source import Source
from ingest.types import Parsed


def _mail(body: str = "请见附件。") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "张三 <z@example.com>",
        "李四 <l@example.com>",
        "售后流程更新",
    )
    message["Date"] = "Mon, 05 Feb 2024 09:00:00 +0800"
    message.set_content(body)
    return message


def test_headers_body_and_attachment() -> None:
    message = _mail()
    message.add_attachment(
        "行名,联行号\n兴发,001100011002\n".encode(), maintype="text", subtype="csv", filename="网点.csv"
    )
    parsed = parse(Source("m.eml", message.as_bytes()))
    assert parsed.title == "售后流程更新"
    assert "From: 张三 <z@example.com>" in parsed.blocks[0].text
    assert parsed.blocks[1].text == "请见附件。"
    assert parsed.grids[0].rows[1][1].text == "001100011002"
    assert parsed.grids[0].headings == ("网点.csv",)


def test_html_body_and_forwarded_mail() -> None:
    inner = _mail("原来的内容。")
    outer = EmailMessage()
    outer["Subject"] = "转发"
    outer.set_content("<html><body><h1>通知</h1><p>培训改期。</p></body></html>", subtype="html")
    outer.add_attachment(inner, filename="原件.eml")
    texts = [block.text for block in parse(Source("m.eml", outer.as_bytes())).blocks]
    assert "培训改期。" in texts
    assert "原来的内容。" in texts


def test_unreadable_attachment_is_a_warning() -> None:
    message = _mail()
    message.add_attachment(b"PK\x03\x04 broken", maintype="application", subtype="zip", filename="坏.docx")
    parsed = parse(Source("m.eml", message.as_bytes()))
    assert "attachment 坏.docx is damaged" in parsed.warnings[0]
    assert parsed.blocks[1].text == "请见附件。"


def test_mails_in_mails_end_somewhere() -> None:
    message = _mail("最里面")
    for depth in range(10):
        outer = _mail(f"第{depth}层")
        outer.add_attachment(message, filename="inner.eml")
        message = outer
    parsed = parse(Source("m.eml", message.as_bytes()))
    assert any("too deep" in warning for warning in parsed.warnings)


def test_malformed_headers_do_not_stop_the_reading() -> None:
    parsed = parse(Source("m.eml", b"Subject: =?bad?q?x?=\r\nDate: never\r\nFrom: <<>>\r\n\r\nhello"))
    assert parsed.blocks[-1].text == "hello"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_headers_and_names_that_do_not_say_their_encoding(encoding: str) -> None:
    lines = [
        "From: 张三 <z@example.cn>", "Subject: 报价单", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=B",
        "", "--B", "Content-Type: text/plain; charset=gb2312" if encoding != "utf-8" else "Content-Type: text/plain",
        "", "价格表见附件。", "--B", "Content-Type: text/csv",
        'Content-Disposition: attachment; filename="价格表.csv"', "", "品名,价格", "管,1", "--B--", "",
    ]  # fmt: skip
    parsed = parse(Source("m.eml", "\n".join(lines).encode(encoding)))
    assert parsed.title == "报价单"
    assert parsed.blocks[0].text == "From: 张三 <z@example.cn>\nSubject: 报价单"
    assert parsed.grids[0].headings == ("价格表.csv",)


def test_whatever_an_attachment_raises_the_mail_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_source: Source) -> Parsed:
        raise KeyError("xref")

    message = _mail()
    message.add_attachment(b"hello", maintype="text", subtype="plain", filename="坏.txt")
    monkeypatch.setattr(attachments, "parse", fail)
    parsed = parse(Source("m.eml", message.as_bytes()))
    assert parsed.blocks[1].text == "请见附件。"
    assert "attachment 坏.txt is damaged (KeyError: 'xref')" in parsed.warnings[0]
