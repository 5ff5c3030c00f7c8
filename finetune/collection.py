"""What the ingested collection and the glossary hold, as far as training data may refer to it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from retrieval.facts.guard import values_in
from retrieval.facts.values import chinese_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrieval.facts.guard import TextValue
    from terminology.types import Sense

URL = re.compile(r"(?:https?://|www\.)[^\s，。；：、！？（）()“”‘’「」『』【】《》\"'<>]+", re.IGNORECASE)
TITLE = re.compile(r"《([^《》\n]{1,80})》")
_ENDINGS = "docx?|docm|xlsx?|xlsm|pptx?|pdf|txt|md|csv|html?|eml|msg|odt|ods|odp|rtf|epub"
FILE = re.compile(rf"[^\s，。；：、！？《》“”\"'<>/\\]{{1,80}}?\.(?:{_ENDINGS})(?![A-Za-z0-9])", re.IGNORECASE)
_SIGNS = re.compile(r"[\s_\-—–.·,，、:：()\[\]【】“”\"']")
# What a title may say more than the file's name: a version or a year.
_VERSION = re.compile(r"(?:\d{2,4}年?版?|v\d*|最新版?|修订版?|试行|第?[一二三四五六七八九十\d]+版|版)*")
_SHORTEST_PART = 4


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document of the collection; `pages` is 0 where the format has none."""

    name: str
    title: str = ""
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Collection:
    """What may be cited: documents, titles and file names that their texts cite, URLs and values (numbers, dates, codes)."""

    documents: tuple[KnownDocument, ...] = ()
    titles: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()

    @property
    def pages(self) -> int:
        """The number of pages of the longest document."""
        return max((document.pages for document in self.documents), default=0)

    def document(self, cited: str) -> KnownDocument | None:
        """Return the document that a title or a file name means, None where there is no such document.

        A title may be shorter than the name (《差旅标准》 for `差旅标准_2026版.docx`), or say a version more.
        """
        wanted = _key(cited)
        for document in self.documents:
            names = {_key(document.name), _key(PurePath(document.name).stem), _key(document.title)} - {""}
            if any(_same(wanted, name) for name in names):
                return document
        return None

    def file(self, written: str) -> KnownDocument | None:
        """Return the document whose file name ends `written`, which may have words of the sentence before it."""
        run = _key(written)
        ending = [each for each in self.documents if run.endswith(_key(each.name))]
        return max(ending, key=lambda each: len(each.name)) if ending else None

    def has_file(self, written: str) -> bool:
        """Whether a document has this file name, or a document's text names it."""
        run = _tail(written)
        return self.file(written) is not None or any(
            run.endswith(each) or each.endswith(run) for each in self.files
        )

    def has_title(self, title: str) -> bool:
        """Whether a document of the collection, or a title that one of them cites, has this title."""
        return _key(title) in self.titles or self.document(title) is not None

    def has_url(self, url: str) -> bool:
        """Whether a document gives this address, or one below it."""
        wanted = url_key(url)
        return wanted in self.urls or any(each.startswith(f"{wanted}/") for each in self.urls)


def collect(
    documents: Iterable[KnownDocument], texts: Iterable[str], senses: Iterable[Sense] = ()
) -> Collection:
    """Read the collection's texts and the glossary once; the result is small."""
    titles: set[str] = set()
    files: set[str] = set()
    urls: set[str] = set()
    values: set[str] = set()
    in_glossary = (
        "\n".join(
            (
                sense.term,
                sense.english,
                sense.chinese,
                sense.note,
                sense.number,
                *sense.aliases,
                *sense.examples,
            )
        )
        for sense in senses
    )
    known = tuple(documents)
    in_names = (f"{_SIGNS.sub(' ', each.name)} {each.title}" for each in known)
    for some in (texts, in_glossary, in_names):
        for text in some:
            titles.update(_key(title) for title in TITLE.findall(text))
            files.update(_tail(file) for file in FILE.findall(text))
            urls.update(url_key(url) for url in URL.findall(text))
            values.update(value_key(value) for value in values_in(text))
    return Collection(known, frozenset(titles), frozenset(files), frozenset(urls), frozenset(values))


def url_key(url: str) -> str:
    """Return an address as it is compared: without scheme, closing slash and punctuation, in lower case."""
    bare = re.sub(r"^https?://", "", url.casefold())
    return bare.rstrip("/.,;:!?")


def value_key(value: TextValue) -> str:
    """Return a value as it is compared: dates and numbers by what they say, all else without spaces."""
    shown = re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", value.text).casefold())
    if value.kind == "date":
        return "-".join(str(int(number)) for number in re.findall(r"\d+", shown))
    if value.kind == "number":
        percent = "%" if shown.endswith("%") or shown.startswith("百分之") else ""
        bare = shown.removesuffix("%").removeprefix("百分之")
        plain = re.fullmatch(r"\d+(?:\.\d+)?", bare) is not None
        number = Decimal(bare) if plain else chinese_number(bare)
        return shown if number is None else f"{number.normalize():f}{percent}"
    return shown


@lru_cache(maxsize=65_536)
def _key(text: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold()).replace("年版", "版")


def _tail(file: str) -> str:
    """Return a file's name as it is compared: of `请查看rip01.txt` only what is not Chinese, if that is a name."""
    latin = re.search(r"[\x21-\x7e]{3,}\.[A-Za-z]{2,4}$", file)
    return _key(latin[0] if latin else file)


def _same(cited: str, name: str) -> bool:
    if cited == name or (len(cited) >= _SHORTEST_PART and cited in name):
        return True
    if len(name) >= _SHORTEST_PART and name in cited:
        return _VERSION.fullmatch(cited.replace(name, "", 1)) is not None
    return False
