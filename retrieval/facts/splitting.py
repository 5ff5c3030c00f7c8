"""Where the sentences of a passage begin and end: a bullet or a line of its own is a sentence, a line wrapped within one is not cut."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.facts.passages import FoundPassage

_END = re.compile(r"[。！？!?；;]+[”」』）)]*|\.(?=\s+[A-Z一-鿿]|\s*$)|\n+")
_BULLET = re.compile(r"\s*(?:[-•*·●○▪◆■]|[（(]?[\d一二三四五六七八九十]{1,3}[.、)）．]|\|)")
# A question of questions and answers: 问：年假有多少天？ with 答：… on the next line.
_ASKED = re.compile(
    r"^(?:(?:问|Q\s?\d*)\s*[:：.、]\s*)?(?P<asks>[^\n]{2,80}[?？])[ \t]*\n(?=[ \t]*(?:答|A ?\d*)[ \t]*[:：.、])",
    re.MULTILINE,
)
_STOPS = re.compile(r"[。！？!?；;]|\.(?=\s|$)")
_GOES_ON = re.compile(r"\s*[a-z]")
# Formats that keep paragraphs: what stands on a line of its own there was written as one.
_KEEP_LINES = (".pptx", ".ppt", ".pptm", ".ppsx", ".odp", ".docx", ".doc", ".xlsx", ".xls", ".html", ".htm")
_WRAPPED, _FULL = 20, 0.85
_MAIL = re.compile(
    r"(?:from|to|cc|bcc|date|sent|subject|reply-to|发件人|收件人|抄送|密送|日期|发送时间|时间|主题)\s*[:：]",
    re.IGNORECASE,
)
_MAIL_FILES = (".eml", ".msg", ".mbox", ".mht")
_OF_MAIL = re.compile(
    r"邮件|来信|发件|收件|抄送|发出|发送|\be-?mails?\b|\bsent\b|\bsender\b|\bmessage\b|\bsubject\b"
)


def sentences(text: str, *, keeps_lines: bool = False) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end; a line that was wrapped within a sentence is not cut.

    With `keeps_lines` each line is at least one sentence.
    """
    start = 0
    for match in _END.finditer(text):
        if not keeps_lines and match[0] == "\n" and _is_wrapped(text, start, match.start()):
            continue
        end = match.start() if match[0].startswith("\n") else match.end()
        if text[start:end].strip():
            yield start, end
        start = match.end()
    if text[start:].strip():
        yield start, len(text)


def sentences_of(passage: FoundPassage, question: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a passage are that may answer a question in plain form: the head of a mail only tells of the mail."""
    text, name = passage.chunk.text, passage.document.name.casefold()
    mail = name.endswith(_MAIL_FILES) and not _OF_MAIL.search(question)
    head = _mail_head(text) if mail else 0
    for start, end in sentences(text[head:], keeps_lines=name.endswith(_KEEP_LINES)):
        yield start + head, end + head


def told_under(passage: FoundPassage, at: int) -> tuple[str, ...]:
    """What a place in a passage stands under: its headings, and in questions and answers the question that it answers."""
    headings = passage.chunk.location.headings
    asked = [asks for end, asks in _asked(passage.chunk.text) if end <= at]
    return (*headings, asked[-1]) if asked else headings


@lru_cache(maxsize=2_048)
def _asked(text: str) -> tuple[tuple[int, str], ...]:
    """The questions that a text answers itself, each with where its line ends."""
    return tuple((match.end(), match["asks"]) for match in _ASKED.finditer(text))


def _mail_head(text: str) -> int:
    """Where the lines end that head a mail (from, to, date, subject)."""
    end = 0
    for line in text.splitlines(keepends=True):
        if not _MAIL.match(line.strip()):
            break
        end += len(line)
    return end


def _is_wrapped(text: str, start: int, at: int) -> bool:
    """Whether a line ends at a place within a sentence: the next goes on in small letters, or all lines of it but the last are full."""
    line = text[max(start, text.rfind("\n", 0, at) + 1) : at]
    following = text[at + 1 : at + 13]
    if len(line.strip()) < _WRAPPED or "|" in line or not following.strip() or _BULLET.match(following):
        return False
    return _GOES_ON.match(following) is not None or _full_lines(text, start, at)


def _full_lines(text: str, start: int, at: int) -> bool:
    """Whether the sentence that begins at `start` stops behind `at`, on lines as long as each other but for the last."""
    stop = _STOPS.search(text, at)
    if stop is None or "\n\n" in text[at : stop.start()]:
        return False
    widths = [_width(line) for line in text[text.rfind("\n", 0, start) + 1 : stop.end()].split("\n")]
    widest = max(widths[:-1], default=0)
    return all(width >= _FULL * widest for width in widths[:-1]) and widths[-1] <= widest / _FULL


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "FW" else 1 for char in line.strip())
