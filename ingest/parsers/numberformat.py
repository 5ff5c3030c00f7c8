"""Shows numbers the way a spreadsheet does: number format codes of ECMA-376 part 1, section 18.8.31."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from ingest.parsers.serialdate import DatePattern, parse_date_pattern, show_date
from retrieval.facts.types import GridCell

if TYPE_CHECKING:
    from retrieval.facts.types import ColumnKind

# Formats that a file may name by number only (section 18.8.30); dates as a Chinese installation shows them.
# Programs write the currency formats out where theirs is not the dollar.
BUILT_IN: dict[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)', 6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm",
    27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m/d/yy", 31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"',
    37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"',
    55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?'
    r"|[\\!](?P<escaped>.)"
    r"|_(?P<space>.)"
    r"|\*(?P<fill>.)"
    r"|\[(?P<bracket>[^\]]*)\]"
    r"|(?P<general>[Gg][Ee][Nn][Ee][Rr][Aa][Ll])"
    r"|(?P<exponent>[Ee][+-])"
    r"|(?P<digit>[0#?])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"^(<=|>=|<>|<|>|=)\s*(-?[\d.]+)$")
_CURRENCY_SIGNS = "¥￥$€£₩₹₽฿元"
_COMPARE = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the `;` parts of a format code: its literals and digits in order, and what they mean together."""

    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, Decimal] | None = None
    date: DatePattern | None = None
    percent: int = 0
    scale: int = 0
    grouped: bool = False
    currency: bool = False

    def count(self, kind: str) -> int:
        return sum(1 for token, _ in self.tokens if token == kind)


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[_Section, ...]:
    """The sections of a format code, read once for each code."""
    parts: list[list[tuple[str, str]]] = [[]]
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "other"
        value = match.group(kind)
        if kind == "other" and value == ";":
            parts.append([])
        else:
            parts[-1].append((kind, value))
    return tuple(_section(part) for part in parts[:4])


def _section(raw: list[tuple[str, str]]) -> _Section:
    condition = None
    currency = False
    tokens: list[tuple[str, str]] = []
    for kind, value in raw:
        if kind == "bracket":
            found = _CONDITION.match(value)
            if found:
                condition = (found.group(1), Decimal(found.group(2)))
            sign = value[1:].split("-", 1)[0] if value.startswith("$") else ""
            if sign:
                tokens.append(("quoted", sign))
                currency = currency or any(c in _CURRENCY_SIGNS or c.isalpha() for c in sign)
            elif not found:
                tokens.append((kind, value))
        else:
            tokens.append((kind, value))
    date = parse_date_pattern(tokens)
    if date is not None:
        return _Section(tuple(tokens), condition, date)
    return _number_section(tokens, condition, currency)


def _number_section(
    tokens: list[tuple[str, str]], condition: tuple[str, Decimal] | None, currency: bool
) -> _Section:
    tokens = [token for token in tokens if token[0] != "bracket"]
    places = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"]
    grouped, scale = False, 0
    kept: list[tuple[str, str]] = []
    for index, (kind, value) in enumerate(tokens):
        if (kind, value) == ("other", ",") and places and index > places[0]:
            if index < places[-1]:
                grouped = True
            else:
                scale += 1
        else:
            kept.append((kind, value))
    literal = "".join(value for kind, value in kept if kind in ("quoted", "escaped", "other"))
    percent = sum(1 for kind, value in kept if (kind, value) == ("other", "%"))
    money = currency or any(sign in literal for sign in _CURRENCY_SIGNS)
    return _Section(tuple(kept), condition, None, percent, scale, grouped, money)


def show(raw: str, code: str, *, epoch_1904: bool = False) -> GridCell:
    """A numeric cell as a spreadsheet shows it.

    `raw` is the number as the file writes it (`44927`, `1.2E+3`, 19 digits and more are kept), `code` its format.
    `typed` of the result is the plain decimal form or the ISO date. A text that is no number is given back as it is.
    """
    try:
        value = Decimal(raw.strip())
    except InvalidOperation:
        return GridCell(raw)
    if not value.is_finite() or abs(value.adjusted()) > 400:
        return GridCell(raw)
    value = _as_displayed(value)
    section, value_shown = _choose(_sections(code or "General"), value)
    if section is None:
        return GridCell(plain(value), plain(value), "number")
    if section.date is not None:
        text, iso = show_date(value, section.date, epoch_1904)
        if iso is not None:
            return GridCell(text, iso, "date")
        return GridCell(general(value), plain(value), "number")
    with localcontext() as context:
        context.prec = 450
        text = _show_number(section, value_shown)
    # A format such as `;;;` hides the number; for a reader of text it must still be there.
    return GridCell(text or (plain(value) if value else ""), plain(value), _kind(section, value))


def is_date_code(code: str) -> bool:
    """Whether a format code shows dates or times."""
    sections = _sections(code or "General")
    return bool(sections) and sections[0].date is not None


def _as_displayed(value: Decimal) -> Decimal:
    """A fraction cut to the 15 digits that spreadsheets calculate with; whole numbers stay whole."""
    if value == value.to_integral_value():
        return value
    with localcontext() as context:
        context.prec = 15
        return +value


def plain(value: Decimal) -> str:
    """All digits, never an exponent, no zeros behind the last decimal."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def general(value: Decimal) -> str:
    """The format General, save that no number is ever written with an exponent or cut to the column's width."""
    return plain(value)


def _choose(sections: tuple[_Section, ...], value: Decimal) -> tuple[_Section | None, Decimal]:
    """The section for this value, and the value with the sign that is still to be shown."""
    if any(section.condition for section in sections):
        for section in sections:
            if section.condition is None or _COMPARE[section.condition[0]](value, section.condition[1]):
                return section, value
        return None, value
    numeric = sections[:3]
    if len(numeric) == 1 or value > 0:
        return numeric[0], value
    if value == 0:
        return (numeric[2] if len(numeric) > 2 else numeric[0]), value
    return numeric[1], -value


def _kind(section: _Section, value: Decimal) -> ColumnKind:
    if ("other", "@") in section.tokens:
        return "text"
    if section.percent:
        return "percent"
    if section.currency:
        return "money"
    digits = [v for kind, v in section.tokens if kind == "digit"]
    padded = (
        len(digits) > 2 and digits[0] == "0" and ("other", ".") not in section.tokens and not section.grouped
    )
    return "identifier" if padded and value == value.to_integral_value() else "number"


def _show_number(section: _Section, value: Decimal) -> str:
    if not section.count("digit"):
        return _literals(section, value)
    if section.count("exponent"):
        return _scientific(section, value)
    if ("other", "/") in section.tokens:
        return _fraction(section, value)
    value = value.scaleb(2 * section.percent - 3 * section.scale)
    return _fixed(section, value)


def _literals(section: _Section, value: Decimal) -> str:
    """A section without digits: text alone, or General between texts."""
    parts = []
    for kind, text in section.tokens:
        if kind == "general" or (kind, text) == ("other", "@"):
            parts.append(general(value))
        elif kind in ("quoted", "escaped", "other"):
            parts.append(text)
        elif kind == "space":
            parts.append(" ")
    return "".join(parts).strip()


def _fixed(section: _Section, value: Decimal) -> str:
    point = next((i for i, token in enumerate(section.tokens) if token == ("other", ".")), len(section.tokens))
    decimals = sum(1 for kind, _ in section.tokens[point:] if kind == "digit")
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    integer_places = [v for kind, v in section.tokens[:point] if kind == "digit"]
    body = _merge(section.tokens[:point], _integer_parts(whole, integer_places, section.grouped))
    if point < len(section.tokens):
        tail = _trim_optional(fraction, [v for kind, v in section.tokens[point:] if kind == "digit"])
        body += ("." if tail and any(tail) else _bare_point(section, point)) + _merge(
            section.tokens[point + 1 :], tail
        )
    sign = "-" if value < 0 and rounded != 0 else ""
    return (sign + body).strip()


def _bare_point(section: _Section, point: int) -> str:
    """Excel keeps the point of `0.#` even when no decimal follows."""
    return "." if any(kind == "digit" for kind, _ in section.tokens[point:]) else ""


def _integer_parts(whole: str, places: list[str], grouped: bool) -> list[str]:
    """The digits for each placeholder, left to right; the first takes all that are too many."""
    whole = whole.lstrip("0")
    needed = sum(1 for place in places if place == "0")
    first_zero = places.index("0") if needed else len(places)
    minimum = len(places) - first_zero if needed else 0
    digits = list(whole.rjust(minimum, "0"))
    if grouped:
        size = len(digits)
        digits = [d + ("," if (size - i - 1) % 3 == 0 and i < size - 1 else "") for i, d in enumerate(digits)]
    if not places:
        return ["".join(digits)]
    missing = [" " if place == "?" else "" for place in places[: max(0, len(places) - len(digits))]]
    extra = max(0, len(digits) - len(places))
    return missing + (["".join(digits[: extra + 1]), *digits[extra + 1 :]] if digits else [])


def _trim_optional(fraction: str, places: list[str]) -> list[str]:
    """The decimals for each placeholder; zeros at optional places at the end are not shown."""
    digits = list(fraction.ljust(len(places), "0"))
    for index in range(len(places) - 1, -1, -1):
        if places[index] == "0" or digits[index] != "0":
            break
        digits[index] = " " if places[index] == "?" else ""
    return digits


def _merge(tokens: tuple[tuple[str, str], ...], digits: list[str]) -> str:
    """Literals and digits in the order of the format; without placeholders the digits come first."""
    parts: list[str] = []
    queue = iter(digits)
    if not any(kind == "digit" for kind, _ in tokens):
        parts.extend(digit for digit in digits if digit)
        queue = iter(())
    for kind, text in tokens:
        if kind == "digit":
            parts.append(next(queue, ""))
        elif kind in ("quoted", "escaped", "other"):
            parts.append(text)
        elif kind == "space":
            parts.append(" ")
    return "".join(parts)


def _scientific(section: _Section, value: Decimal) -> str:
    split = next(i for i, (kind, _) in enumerate(section.tokens) if kind == "exponent")
    mantissa, exponent = section.tokens[:split], section.tokens[split:]
    point = next((i for i, token in enumerate(mantissa) if token == ("other", ".")), len(mantissa))
    decimals = sum(1 for kind, _ in mantissa[point:] if kind == "digit")
    step = max(1, sum(1 for kind, _ in mantissa[:point] if kind == "digit"))
    power = 0 if value == 0 else (abs(value).adjusted() // step) * step if step > 1 else abs(value).adjusted()
    scaled = value.scaleb(-power).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if abs(scaled) >= Decimal(10) ** step:
        power += step
        scaled = value.scaleb(-power).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    width = sum(1 for kind, _ in exponent if kind == "digit")
    sign = "-" if power < 0 else "+" if exponent[0][1].endswith("+") else ""
    return f"{scaled:f}E{sign}{abs(power):0{width}d}"


def _fraction(section: _Section, value: Decimal) -> str:
    slash = section.tokens.index(("other", "/"))
    places = max(1, sum(1 for kind, _ in section.tokens[slash:] if kind == "digit"))
    fixed = "".join(v for kind, v in section.tokens[slash + 1 :] if kind == "other" and v.isdigit())
    size = abs(value)
    whole = int(size)
    numerator, denominator = _nearest(size - whole, int(fixed) if fixed else 0, 10**places - 1)
    if numerator == denominator and numerator:
        whole, numerator = whole + 1, 0
    sign = "-" if value < 0 else ""
    if not numerator:
        return f"{sign}{whole}"
    with_whole = sum(1 for kind, _ in section.tokens[:slash] if kind == "digit") > 1
    if not with_whole:
        return f"{sign}{whole * denominator + numerator}/{denominator}"
    return f"{sign}{whole} {numerator}/{denominator}" if whole else f"{sign}{numerator}/{denominator}"


def _nearest(part: Decimal, fixed: int, largest: int) -> tuple[int, int]:
    if fixed:
        return int((part * fixed).to_integral_value(rounding=ROUND_HALF_UP)), fixed
    found = Fraction(part).limit_denominator(min(largest, 9_999))
    return found.numerator, found.denominator
