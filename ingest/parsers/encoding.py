"""Finds the encoding of a text and decodes it: BOM, UTF-8, UTF-16, GB18030, Big5, then the rest."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000
# The characters that make up most of written Chinese; a wrong Chinese encoding yields rare ones instead.
_COMMON = frozenset(
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手"
    "用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位"
    "因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市部门日期客户价格金额合同销售产品管理公司银行编号姓名电话地址备注"
    "這個來說們為時國會對後過學發當開經頭動長樣現將與進實點種聲話兒問機給幾業間門東聽氣關並內產軍電萬條員務數單書資訊"
)
# GB2312 orders its characters: the common ones by sound, the rare ones by radical; Hangul ends at C8 in EUC-KR.
_COMMON_ROWS, _RARE_ROWS, _MARK_ROWS, _LAST_HANGUL = range(0xB0, 0xD8), range(0xD8, 0xF8), (0xA1, 0xA3), 0xC8
_BIG5_COMMON, _BIG5_MARKS = (b"\xa4\x40", b"\xc6\x7e"), range(0xA1, 0xA4)
_FEW, _TELLING = 4, 10
_WESTERN = re.compile(
    "[\u00a0-\u00ff\u0152\u0153\u0160\u0161\u0178\u2013\u2014\u2018-\u201e\u2022\u2026\u20ac\u2122]*"
)
_TEXTUAL_CONTROLS = frozenset("\t\n\r\f\v\x1a\x1b\x85")


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text and the name of its encoding; bytes that fit no encoding become U+FFFD."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data.decode(name, errors="replace").removeprefix("\ufeff"), name
    for name in _candidates(data, declared):
        text = _try(data, name)
        if text is not None:
            return text, name
    name = "utf-8" if _is_damaged_utf8(data) else _guess(data)
    return data.decode(name, errors="replace"), name


def looks_binary(data: bytes) -> bool:
    """Whether these bytes are no text in any encoding that is read here."""
    sample = data[:8192]
    if not sample or any(sample.startswith(bom) for bom, _ in _BOMS) or _utf16(sample):
        return False
    controls = sum(1 for byte in sample if byte < 32 and chr(byte) not in _TEXTUAL_CONTROLS)
    return controls > len(sample) // 100


def _candidates(data: bytes, declared: str | None) -> list[str]:
    names = ["utf-8"]
    utf16 = _utf16(data[:8192])
    if utf16:
        names.insert(0, utf16)
    if declared:
        names.append(_safe_codec(declared))
    return [name for name in names if name]


def _safe_codec(name: str) -> str:
    try:
        found = codecs.lookup(name.strip().strip("\"'"))
    except (LookupError, ValueError):
        return ""
    # gb2312 and gbk in the wild are written by programs that mean GB18030, their superset.
    plain = found.name.lower()
    return "gb18030" if plain in ("gb2312", "gbk", "hz") else plain


def _try(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError, TypeError, ValueError, AssertionError):
        return None


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether all but a few bytes are UTF-8: a log that was cut, or lines pasted from elsewhere."""
    text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = sum(1 for c in text if c > "\x7f") - bad
    # Two bytes of another encoding are valid UTF-8 by chance now and then, but not again and again.
    return good > max(_FEW, bad * _FEW)


def _utf16(sample: bytes) -> str:
    """`utf-16-le` or `utf-16-be` for text without a BOM, told by where its zero or high bytes stand; else empty."""
    even, odd = sample[0::2], sample[1::2]
    if len(sample) < 4 or not odd:
        return ""
    zeros_even, zeros_odd = even.count(0), odd.count(0)
    if zeros_odd > len(odd) // 10 and zeros_even <= len(even) // 50:
        return "utf-16-le"
    if zeros_even > len(even) // 10 and zeros_odd <= len(odd) // 50:
        return "utf-16-be"
    return _chinese_utf16(sample)


def _chinese_utf16(sample: bytes) -> str:
    """UTF-16 without a BOM and almost without ASCII: its line ends and blanks still have zero bytes."""
    if 0 not in sample or _try(sample[: len(sample) // 2 * 2], "utf-8") is not None:
        return ""
    even_sample = sample[: len(sample) // 2 * 2]
    for name in ("utf-16-le", "utf-16-be"):
        text = even_sample.decode(name, errors="replace")
        if _cjk_share(text) > 0.6 and _common_share(text) > 0.25:
            return name
    return ""


def _cjk_share(text: str) -> float:
    return sum("\u4e00" <= c <= "\u9fff" or c in "\r\n，。、" for c in text) / max(1, len(text))


def _common_share(text: str) -> float:
    chinese = [c for c in text if "\u3400" <= c <= "\u9fff"]
    return sum(c in _COMMON for c in chinese) / len(chinese) if chinese else 0.0


def _guess(data: bytes) -> str:
    """The likeliest encoding of bytes that are no UTF: Chinese ones by their characters, others by statistics."""
    sample = data[:_SAMPLE]
    scores = {name: _chinese_score(sample, name) for name in ("gb18030", "big5hkscs")}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] > 0.3:
        return best
    if _is_plain_chinese(sample):
        return "gb18030"
    if _is_plain_traditional(sample):
        return "big5hkscs"
    if _is_western(sample):
        return "cp1252"
    match = charset_normalizer.from_bytes(sample).best()
    if match is not None:
        return _safe_codec(match.encoding) or "latin-1"
    return best if scores[best] > 0.1 else "cp1252"


def _chinese_score(sample: bytes, name: str) -> float:
    """How Chinese these bytes look when read as `name`: the share of common characters, less what does not decode."""
    text = sample.decode(name, errors="replace")
    high = len(re.findall(r"[^\x00-\x7f]", text))
    if high < 2:
        return 0.0
    bad = text[:-1].count("\ufffd") / high
    chinese = sum("\u4e00" <= c <= "\u9fff" for c in text) / high
    return _common_share(text) * chinese - 5 * bad


def _is_plain_chinese(sample: bytes) -> bool:
    """Whether these bytes are names or a list in GB2312: its characters, without the common words of sentences."""
    text = sample.decode("gb18030", errors="replace")
    rows = [
        row
        for c in text[:-1] + text[-1:].strip("\ufffd")
        if c > "\x7f"
        for row in c.encode("gb2312", "replace")[:1]
    ]
    common = sum(row in _COMMON_ROWS for row in rows)
    rare = sum(row in _RARE_ROWS for row in rows)
    marks = sum(row in _MARK_ROWS for row in rows)
    korean = common >= _TELLING and not any(row > _LAST_HANGUL for row in rows)
    return (
        common > 0
        and common + rare + marks > 0.95 * len(rows)
        and common + marks > 0.2 * len(rows)
        and not korean
    )


def _is_plain_traditional(sample: bytes) -> bool:
    """Whether these bytes are common characters of Big5, one of them with a second byte that Korean never has."""
    text = sample.decode("big5hkscs", errors="replace")
    pairs = [c.encode("big5", "replace") for c in text[:-1] + text[-1:].strip("\ufffd") if c > "\x7f"]
    common = sum(_BIG5_COMMON[0] <= pair <= _BIG5_COMMON[1] or pair[0] in _BIG5_MARKS for pair in pairs)
    return common > 0.95 * len(pairs) and any(pair[-1] < 0x80 for pair in pairs if pair[0] not in _BIG5_MARKS)


def _is_western(sample: bytes) -> bool:
    """Whether letters with accents, one or two at a time, stand between plain ones."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    short = sum(len(run) <= 2 for run in runs)
    high = b"".join(runs)
    return (
        short > 0.8 * len(runs)
        and len(high) < 0.5 * len(sample)
        and _WESTERN.fullmatch(high.decode("cp1252", errors="replace")) is not None
    )
