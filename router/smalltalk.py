"""Questions that are not about a document's content: greetings, and what the knowledge base holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.term import Draft
from router.types import Citation, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.types import Document, Passage
    from router.questions import Language

_LISTED = 30


def answer_small_talk(language: Language) -> Draft:
    """Say what can be asked here; a greeting needs no source."""
    text = (
        "您好！我可以解释公司术语和缩略语，查询表格与制度中的准确数值，也可以根据已入库的文件回答问题并注明出处。请直接提问。"
        if language == "zh"
        else "Hello! I explain the company's terms and abbreviations, look up exact values in tables and policies, and answer "
        "from the ingested documents with sources. Just ask."
    )
    return Draft(Status.ANSWERED, text)


def answer_catalogue(
    question: str, documents: Sequence[Document], passages: Sequence[Passage], language: Language
) -> Draft:
    """List the documents that a question about the knowledge base asks for: all, or those whose passages match."""
    general = any(word in question for word in ("知识库", "系统里", "库里")) or "all" in question.lower()
    found = list(documents) if general else list({p.document.id: p.document for p in passages}.values())
    if not found:
        text = "知识库中没有相关的文件。" if language == "zh" else "The knowledge base holds no such document."
        return Draft(Status.REFUSED, text)
    lead = f"共 {len(found)} 个相关文件：" if language == "zh" else f"{len(found)} document(s):"
    lines = [lead, *(f"- {document.name}" for document in found[:_LISTED])]
    if len(found) > _LISTED:
        rest = len(found) - _LISTED
        lines.append(f"（另有 {rest} 个未列出）" if language == "zh" else f"({rest} more not shown)")
    citations = tuple(
        Citation(document.name, document.id, document.title or document.name) for document in found[:_LISTED]
    )
    return Draft(Status.ANSWERED, "\n".join(lines), citations)
