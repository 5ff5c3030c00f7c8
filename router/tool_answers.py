"""The language model's tools in words, what it hands them, and what it is given back."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from router import prompts

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_TOOL_CHARACTERS = 3_000
TOOL_NAMES = ("lookup_term", "query_fact", "search_documents")
TOOL_TEXTS: dict[prompts.Language, dict[str, str]] = {
    "zh": {
        "lookup_term": "在公司术语表中查一个缩略语或术语，返回中文、英文全称和出处",
        "query_fact": "在公司表格中查一个确切的值（代码、价格、日期、联系人等），参数是一个完整的问题",
        "search_documents": "在公司文件中检索相关段落，参数是检索词或问题",
    },
    "en": {
        "lookup_term": "Look up an abbreviation or term in the company glossary: its meaning and where it stands",
        "query_fact": "Look up one exact value (code, price, date, contact) in the company's tables; ask a full question",
        "search_documents": "Search the company's documents for passages; give keywords or a question",
    },
}


def tool_answer(name: str, run: Callable[[str], str], params: str | dict[str, Any]) -> str:
    """Run a tool for the model; a failure or a call without a query is told to it as data."""
    query = _tool_query(params)
    if not query:
        return json.dumps({"error": 'call this tool with {"query": "…"}'})
    try:
        answer = run(query)
    except Exception:
        logger.exception("the tool %s failed", name)
        return json.dumps({"error": f"{name} failed; answer without it"})
    return prompts.shortened(prompts.defused(answer), _TOOL_CHARACTERS)


def _tool_query(params: str | dict[str, Any]) -> str:
    """The text in a tool call's arguments, which models write as JSON, as a bare text, or under another name."""
    values: Any = params
    if isinstance(params, str):
        try:
            values = json.loads(params)
        except json.JSONDecodeError:
            values = params
    if isinstance(values, dict):
        values = values.get("query") or next((v for v in values.values() if isinstance(v, str)), "")
    return values.strip()[: prompts.MAX_QUESTION_CHARACTERS] if isinstance(values, str) else ""
