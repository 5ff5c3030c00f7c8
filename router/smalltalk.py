"""Questions that are not about a document's content: greetings, and what the knowledge base holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.subject import Said, subject_of
from router.file_kinds import asks_for_files, is_kind, of_kind
from router.grounding import passage_text
from router.term import Draft
from router.types import Citation, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.subject import SubjectWord
    from retrieval.types import Document, Passage
    from router.questions import Language

_LISTED = 30
_NAMED, _MOST = 0.5, 0.6
_LONGEST_WORD = 24
# 系统里有哪些文件 asks for all files, not for those about a system.
_WHERE = re.compile(
    r"^(?:请问)?(?:现在|目前)?(?:咱们?|我们|公司)?的?(?:系统|平台|库|知识库|资料库|文档库|服务器)(?:里面?|里头|中|内|上)"
)
_ABOUT_FILES = re.compile(
    r"(?:现在|目前|如今|库里|这里|这儿|这边|你这里?|你们?|收|收录|收集|存|放|登记|文件|文档|资料|资料库|文档库|知识库|知识|库|手册|文章|材料|文件名|表|表格|清单|名单|一览|目录|收录|列|列出|列出来|提到|提及|涉及|包含|讲到?|说到?|写到?|写在|记在|放在|可以|参考|查看|查到|"
    r"documents?|files?|knowledge|base|list|listed|talks?|mentions?|covers?|contains?|holds?|speaks?|describes?|discuss(?:es)?|related|available|library|name|第?几份|一|共|总共|全部|所有|哪个|叫|什么|是|在|里|的|有)+"
)


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
    question: str,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    language: Language,
    names: Mapping[str, Sequence[str]] | None = None,
) -> Draft:
    """List the documents that a question about the knowledge base asks for: all, or those that speak of its topic.

    `names` gives other names of the terms in the question.
    """
    documents = of_kind(question, documents) if asks_for_files(question) else documents
    held = {document.id for document in documents}
    passages = [passage for passage in passages if passage.document.id in held]
    asked = _WHERE.sub("", question)
    topic = [word for word in subject_of(asked, names) if not _is_about_files(word.text)]
    found = _about(topic, documents, passages) if topic else list(documents)
    if not found:
        text = "知识库中没有相关的文件。" if language == "zh" else "The knowledge base holds no such document."
        return Draft(Status.REFUSED, text)
    related = "相关" if topic else ""
    lead = f"共 {len(found)} 个{related}文件：" if language == "zh" else f"{len(found)} document(s):"
    lines = [lead, *(f"- {document.name}" for document in found[:_LISTED])]
    if len(found) > _LISTED:
        rest = len(found) - _LISTED
        lines.append(f"（另有 {rest} 个未列出）" if language == "zh" else f"({rest} more not shown)")
    citations = tuple(
        Citation(document.name, document.id, document.title or document.name) for document in found[:_LISTED]
    )
    return Draft(Status.ANSWERED, "\n".join(lines), citations)


def _is_about_files(word: str) -> bool:
    # A longer word is none of these, and could be cut into them in too many ways.
    return len(word) <= _LONGEST_WORD and (_ABOUT_FILES.fullmatch(word) is not None or is_kind(word))


def _about(
    topic: Sequence[SubjectWord], documents: Sequence[Document], passages: Sequence[Passage]
) -> list[Document]:
    """The documents that name the topic, in their passages or in their own name or title."""
    said = [
        (document, Said.of(f"{document.name} {document.title}".replace("_", " "))) for document in documents
    ]
    named = [document for document, name in said if all(name.share(word) >= _NAMED for word in topic)]
    return list({document.id: document for document in (*_speaking_of(topic, passages), *named)}.values())


def _speaking_of(topic: Sequence[SubjectWord], passages: Sequence[Passage]) -> list[Document]:
    """The documents of passages that name the topic: all its firm words, and most of the others."""
    found = {}
    total = sum(word.weight for word in topic)
    for passage in passages:
        said = Said.of(passage_text(passage))
        shares = [(word, said.share(word)) for word in topic]
        missing = any(share < _NAMED for word, share in shares if word.firm)
        if not missing and sum(word.weight * share for word, share in shares) >= _MOST * total:
            found[passage.document.id] = passage.document
    return list(found.values())
