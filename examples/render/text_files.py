"""A web page and a mail message from text sources."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage

from markdown_it import MarkdownIt


def html_bytes(markdown: str) -> bytes:
    """Return a small intranet page; its navigation and script hold nothing that a reader would quote."""
    title = markdown.splitlines()[0].lstrip("# ")
    body = MarkdownIt("commonmark").enable("table").render(markdown)
    page = (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title} - 墨衡软件</title>\n"
        "<style>body{font-family:sans-serif;max-width:48em;margin:auto}</style>\n"
        "<script>window.visits = (window.visits || 0) + 1;</script>\n</head>\n<body>\n"
        '<nav><a href="/">首页</a> | <a href="/cp">客户门户</a> | <a href="/kb">知识库</a></nav>\n'
        f"<main>\n{body}</main>\n<footer>墨衡软件（苏州）有限公司 服务热线 400-000-7316</footer>\n</body>\n</html>\n"
    )
    return page.encode("utf-8")


def mail_bytes(source: str, *, attachment: tuple[str, str]) -> bytes:
    """Return a mail message: ``source`` is header lines, an empty line and the text; ``attachment`` name and text."""
    head, _, text = source.partition("\n\n")
    message = EmailMessage(policy=policy.SMTP)
    for line in head.splitlines():
        name, _, value = line.partition(": ")
        message[name] = value
    message.set_content(text, cte="base64")
    name, content = attachment
    message.add_attachment(content, subtype="plain", filename=name, cte="base64")
    message.set_boundary("=_moheng_20260319_0042")
    return message.as_bytes()
