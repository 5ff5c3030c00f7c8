"""Questions about the collection that name a kind of file (几个PPT, which spreadsheets), and what it holds as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.types import Document

# What people call a kind of file, and how such files' names end.
_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"ppts?|pptx|幻灯片|演示文稿|slide ?decks?|slides?|presentations?|power ?points?",
        (".pptx", ".ppt", ".odp"),
    ),
    (r"excels?|xlsx?|电子表格|工作簿|spreadsheets?|workbooks?", (".xlsx", ".xls", ".xlsm", ".csv", ".ods")),
    (r"words?|docx?|word ?documents?", (".docx", ".doc", ".odt")),
    (r"pdfs?", (".pdf",)),
    (r"e-?mails?|邮件|mails?", (".eml", ".msg", ".mbox")),
    (r"图片|扫描件|照片|images?|pictures?|scans?", (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")),
    (r"markdown|txt|纯文本|text files?", (".md", ".txt")),
)
_ANY = "|".join(words for words, _ in _KINDS)
_KIND = rf"(?:(?<![a-z])(?:{_ANY})(?![a-z]))(?:文件|文档|表格?|资料)?"
_BASE = r"(?:知识库|资料库|文档库|库里|库中|系统里)"
_SO_FAR = r"(?:现在|目前|如今|一共|总共|到底|都|共|你们?|咱们|我们|这里|这儿|里面?|中|内)*"
_HELD = r"(?:有|收录了?|收了|收集了?|存了?|存放了?|放了?|上传了?|入库了?)(?:的)?"
_HOW_MANY = r"(?:哪些|什么|哪几[份个篇张封]|几[份个篇张封]|多少[份个篇张封]?)(?:的)?"
_FILES = r"(?:文件|文档|资料|手册|文章|材料)"
_END = r"[？?。呢呀啊吗\s]*$"
_ASKED = re.compile(
    # 有哪些Excel表, 知识库里有几个PPT: nothing else may be said, or mails and pictures of the work would count.
    rf"^{_BASE}?{_SO_FAR}{_HELD}{_HOW_MANY}(?:{_KIND}|{_FILES}){_END}"
    rf"|{_BASE}{_SO_FAR}{_HELD}?{_HOW_MANY}{_KIND}|{_KIND}{_SO_FAR}{_HELD}?{_HOW_MANY.replace('(?:的)?', '')}{_END}"
    # 青榆彩印出现在哪几份资料里
    rf"|[^？?，,]{{2,20}}(?:出现|提到|提及|写|记|放|规定|收录)?在?(?:了)?(?:哪几|哪些|哪一?)[份个篇]?{_FILES}(?:里面?|中)(?:{_END}|出现|提到|提及|有)"
    rf"|^(?:how many|what|which|list(?: all)?|show(?: me)?(?: all)?)(?: of)?(?: the| our)? {_KIND}(?: files?| documents?)?"
    r"(?: are there| do (?:we|you) have| are (?:stored|held|available)| are in (?:the|this|our) (?:knowledge base|collection|library)|[?.\s]*$)",
    re.IGNORECASE,
)


def asks_for_files(question: str) -> bool:
    """Tell whether a question asks which files there are: of a kind, at all, or with something in them."""
    return bool(_ASKED.search(question))


def is_kind(word: str) -> bool:
    """Tell whether a word only names a kind of file."""
    return re.fullmatch(rf"{_KIND}|{_FILES}", word, re.IGNORECASE) is not None


def of_kind(question: str, documents: Sequence[Document]) -> list[Document]:
    """Return the documents of the kinds that `question` names, all where it names none."""
    ends = [
        ends for words, ends in _KINDS if re.search(rf"(?<![a-z])(?:{words})(?![a-z])", question, re.IGNORECASE)
    ]
    wanted = tuple(end for each in ends for end in each)
    return [document for document in documents if not wanted or document.name.casefold().endswith(wanted)]
