"""Shows an answer as safe HTML: whatever stands in documents, questions or model output is text, never markup."""

from __future__ import annotations

import functools
import html
import re
from typing import TYPE_CHECKING

from router.types import Route, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it import MarkdownIt

    from router.types import Answer, Citation, Decision
    from terminology.types import ResolvedTerm

ROUTES = {Route.TERM: "术语直查", Route.FACT: "精确查询", Route.ANALYSIS: "文档分析"}
STATUSES = {Status.ANSWERED: "已回答", Status.CLARIFY: "需要您选择", Status.REFUSED: "未找到依据"}
CHOSEN_BY = {
    "only": "唯一含义",
    "department": "按部门选定",
    "context": "按上下文选定",
    "model": "由术语模型选定",
    "user": "您选定的",
}
_QUOTE_CHARACTERS = 320
_FIRST_CELL = re.compile(r"^\$?([A-Z]+\$?\d+)")
# The chat component turns `[x](path)` and `src="path"` in a message into a copy of that local file, and its
# Markdown may read more. As character references these are text for both.
_ACTIVE = {ord(c): f"&#{ord(c)};" for c in "'[]()`$\\*_~|!"}


def welcome_html() -> str:
    """What an empty page says."""
    return (
        '<div class="tr-answer"><p class="tr-welcome">您好！可以问我公司的术语、表格里的数值，或文件里的流程和规定。'
        "每个回答都会说明走了哪条路线、依据在哪里。</p></div>"
    )


def question_html(question: str) -> str:
    """The asker's words, as they were typed."""
    return f'<div class="tr-question">{_text(question)}</div>'


def progress_html(decision: Decision | None, written: str) -> str:
    """What is shown while an answer is on its way: its road once that is known, and the text so far."""
    if decision is None:
        return '<div class="tr-answer"><p class="tr-busy">正在理解问题…</p></div>'
    busy = "" if written else '<p class="tr-busy">正在查找依据…</p>'
    return f'<div class="tr-answer">{_chip(decision.route)}{_prose(written)}{busy}</div>'


def notice_html(text: str) -> str:
    """A message of the page itself, such as why nothing could be answered."""
    return f'<div class="tr-answer"><p class="tr-notice">{_text(text)}</p></div>'


def answer_html(answer: Answer) -> str:
    """The whole answer: text, road, why, the terms understood, the sources folded, and the readings on offer."""
    parts = [
        _chip(answer.route, answer.status),
        _prose(answer.answer),
        _options(answer),
        _terms(answer.terms),
        _citations(answer),
        _why(answer),
    ]
    return f'<div class="tr-answer tr-{answer.status.value}">{"".join(parts)}</div>'


def place(citation: Citation) -> str:
    """Where a citation stands in its document, in Chinese; empty where nothing is known."""
    parts: list[str] = []
    if citation.page is not None:
        parts.append(f"第 {citation.page} 页")
    if citation.slide is not None:
        parts.append(f"第 {citation.slide} 张幻灯片")
    if citation.sheet:
        parts.append(f"工作表 {citation.sheet}")
    if citation.cell:
        parts.append(f"单元格 {citation.cell}" if _FIRST_CELL.match(citation.cell) else citation.cell)
    return " · ".join(parts)


def _chip(route: Route, status: Status | None = None) -> str:
    shown = f'<span class="tr-chip tr-route-{route.value}">{ROUTES[route]}</span>'
    if status is not None:
        shown += f'<span class="tr-chip tr-status-{status.value}">{STATUSES[status]}</span>'
    return f'<div class="tr-chips">{shown}</div>'


def _options(answer: Answer) -> str:
    if not answer.options:
        return ""
    items = "".join(
        # Not a list: the chat component takes classes from list items.
        f'<div class="tr-choice" tabindex="0"><b>{_text(option.label)}</b> '
        f'<span class="tr-choice-question">{_text(option.question)}</span></div>'
        for option in answer.options
    )
    return f'<div class="tr-options"><p>请点选您要问的：</p>{items}</div>'


def _terms(terms: Iterable[ResolvedTerm]) -> str:
    items = [_term(term) for term in terms]
    if not items:
        return ""
    return f'<div class="tr-terms"><span class="tr-label">理解的术语</span>{"".join(items)}</div>'


def _term(term: ResolvedTerm) -> str:
    sense = term.chosen.sense
    full = "，".join(name for name in (sense.chinese, sense.english) if name)
    how = CHOSEN_BY[term.chosen_by]
    return f'<span class="tr-term" title="{how}"><b>{_text(term.match.surface)}</b> {_text(full)}</span>'


def _citations(answer: Answer) -> str:
    if not answer.citations:
        return ""
    title = "最接近的段落" if answer.status is Status.REFUSED else "依据"
    items = "".join(_citation(number, citation) for number, citation in enumerate(answer.citations, 1))
    return f'<details class="tr-sources"><summary>{title}（{len(answer.citations)}）</summary>{items}</details>'


def _citation(number: int, citation: Citation) -> str:
    where = place(citation)
    heading = f"<b>{_text(f'[{number}] {citation.document}')}</b>"
    if where:
        heading += f'<span class="tr-place">{_text(where)}</span>'
    quote = citation.quote.strip()
    if len(quote) > _QUOTE_CHARACTERS:
        quote = quote[:_QUOTE_CHARACTERS].rstrip() + "……"
    return f'<div class="tr-source">{heading}<blockquote>{_text(quote)}</blockquote></div>'


def _why(answer: Answer) -> str:
    lines = [f"路线理由：{answer.trace.reason}"]
    if answer.rewritten_question and answer.rewritten_question != answer.question:
        lines.append(f"改写后的问题：{answer.rewritten_question}")
    total = sum(answer.trace.timings_ms.values())
    if total:
        lines.append(f"用时：{total:.0f} 毫秒" if total >= 1 else "用时：不到 1 毫秒")
    body = "<br>".join(_text(line) for line in lines)
    return f'<details class="tr-why"><summary>为什么这样回答</summary><p>{body}</p></details>'


def _text(text: str) -> str:
    """`text` for an HTML block inside a Markdown message: nothing in it is markup, and its lines stay lines."""
    escaped = html.escape(text, quote=True).translate(_ACTIVE)
    return "<br>".join(escaped.splitlines())


def _prose(text: str) -> str:
    """A model's Markdown as HTML: paragraphs, lists, tables, emphasis; no HTML, no images, no links."""
    rendered = _markdown().render(text) if text.strip() else ""
    # Outside its tags the text is made inert, and no blank line may end the HTML block around it.
    pieces = re.split(r"(<[^<>]*>)", rendered)
    inert = (piece if piece.startswith("<") else piece.translate(_ACTIVE) for piece in pieces)
    joined = "".join(inert)
    joined = re.sub(r"(<pre>.*?</pre>)", lambda found: found[0].replace("\n", "&#10;"), joined, flags=re.DOTALL)
    return f'<div class="tr-prose">{joined.replace(chr(10), "")}</div>' if joined else ""


@functools.cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    return renderer.disable(["image", "link", "autolink", "reference", "html_block", "html_inline", "entity"])
