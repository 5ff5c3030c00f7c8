"""A web chat with a scripted router behind it, for tests: `python tests/functional/chat_page.py PORT FOLDER`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from api.web import serve_web
from router.types import (
    Answer,
    AnswerEvent,
    Citation,
    Decision,
    Option,
    Route,
    RouteEvent,
    Status,
    TokenEvent,
    Trace,
)
from terminology.types import ResolvedTerm, ScoredSense, Sense, TermMatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.types import Event

SUGGESTIONS = ("AM代表什么职位？", "ESS培训每月几次？", "在产品售后流程里，AM负责哪些事情？")
HOSTILE = (
    '<script>window.hacked=1</script><img src="http://198.51.100.7/x.png" onerror="window.hacked=2">\n\n'
    '![图](http://198.51.100.7/y.png) [点此](javascript:window.hacked=3) src="/etc/passwd" [文件](/etc/passwd)\n\n'
    "**AM** 负责：\n\n1. 首次响应，`4` 小时内联系客户 [1]\n2. 回访，价格 $5 与 $6 [2]\n\n| 级别 | 时限 |\n|---|---|\n| 紧急 | 4 小时 |"
)
AM = Sense("AM", "Account Manager", "客户经理")
TERM = ResolvedTerm(TermMatch("AM", 0, 2, (AM,)), ScoredSense(AM, 0.97), "context")


def scripted(question: str, history: tuple[str, ...]) -> Iterator[Event]:
    """Answer by keyword, one case each."""
    if "出错" in question:
        raise RuntimeError("secret detail of the program")
    if "历史" in question:
        yield _whole(question, Route.TERM, f"此前的问题：{'；'.join(history)}")
    elif "几次" in question:
        yield RouteEvent(Decision(Route.FACT, 0.98, "问的是一个数值，原文中有一句话直接说明"))
        yield _whole(
            question,
            Route.FACT,
            "3次",
            Citation("培训制度.docx", "d", "ESS 培训每月举行 3次，分别在第一、三、五周。", page=2),
        )
    elif "有多个" in question:
        options = (Option("客户经理", "客户经理（AM）是谁？"), Option("调幅", "调幅（AM）是什么？"))
        yield _whole(question, Route.TERM, "AM 有多个含义。", status=Status.CLARIFY, options=options)
    elif "没有" in question:
        near = Citation("分行表.xlsx", "d", "北京分行 102100000030", sheet="分行", cell="B7")
        yield _whole(question, Route.FACT, "资料中没有找到能够支持回答的内容。", near, status=Status.REFUSED)
    else:
        yield RouteEvent(Decision(Route.ANALYSIS, 0.91, "问的是职责，需要综合文件内容"))
        for piece in HOSTILE.split("\n"):
            time.sleep(0.05)
            yield TokenEvent(piece + "\n")
        first = Citation(
            "售后流程.docx",
            "d",
            "客户经理（AM）须在 4 小时内联系客户。<script>window.hacked=4</script>",
            page=3,
        )
        second = Citation("价格表.xlsx", "e", "紧急 | 4 小时", sheet="标准价", cell="A2:B2")
        yield _whole(question, Route.ANALYSIS, HOSTILE, first, second, terms=(TERM,))


def _whole(question: str, route: Route, text: str, *citations: Citation, **more: object) -> AnswerEvent:
    trace = Trace("按问题的形式和已有的依据选择", {"terms": 0.4, "search": 11.0, "answer": 3.0})
    values = {"status": Status.ANSWERED, "confidence": 0.9, "trace": trace, "citations": citations, **more}
    return AnswerEvent(Answer(question, question.replace("AM", "客户经理（AM）"), route, answer=text, **values))  # type: ignore[arg-type]


if __name__ == "__main__":
    serve_web(scripted, "127.0.0.1", int(sys.argv[1]), suggestions=SUGGESTIONS, workspace=Path(sys.argv[2]))
