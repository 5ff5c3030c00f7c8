"""Number formats as a spreadsheet shows them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parsers.numberformat import plain, show


@pytest.mark.parametrize(
    ("raw", "code", "shown"),
    [
        ("1.2345678901234568E+18", "General", "1234567890123456800"),
        ("0.00001234", "General", "0.00001234"),
        ("1.0049999999999999", "0.00", "1.01"),
        ("-5", "0.00;[Red](0.00)", "(5.00)"),
        ("0", '0;-0;"零"', "零"),
        ("1234567", '0.0,,"M"', "1.2M"),
        ("1234567", "#,##0,", "1,235"),
        ("12345.6", '0!.0,"万"', "1.2万"),
        ("13800138000", "000-0000-0000", "138-0013-8000"),
        ("1234.5678", "0.00E+00", "1.23E+03"),
        ("0.5", "# ?/?", "1/2"),
        ("2.25", "# ?/?", "2 1/4"),
        ("150", "[<=100]0;0.0", "150.0"),
        ("1234", '#,##0.00 "元"', "1,234.00 元"),
        ("1234", 'General"元"', "1234元"),
        ("-1234", "$#,##0_);($#,##0)", "($1,234)"),
        ("5", "00", "05"),
        ("3", "0.#", "3."),
        ("45366", ";;;", "45366"),
        ("45366", "mmm-yy", "Mar-24"),
        ("45366", "aaaa", "星期五"),
        ("45366", '[DBNum1][$-804]yyyy"年"m"月"d"日";@', "二〇二四年三月十五日"),
        ("45366.75", "yyyy/m/d h:mm AM/PM", "2024/3/15 6:00 PM"),
        ("45366.75", '上午/下午h"时"mm"分"', "下午6时00分"),
        ("1.5", "[h]:mm", "36:00"),
        ("45366.123456", "mm:ss.0", "57:46.6"),
        ("60", "yyyy-mm-dd", "1900-02-29"),
        ("59", "yyyy-mm-dd", "1900-02-28"),
        ("-1", "yyyy-mm-dd", "-1"),
        ("not a number", "0", "not a number"),
    ],
)
def test_shown_as_a_spreadsheet_does(raw: str, code: str, shown: str) -> None:
    assert show(raw, code).text == shown


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("0%", "percent"),
        ("¥0.00", "money"),
        ("yyyy-mm-dd", "date"),
        ("000000", "identifier"),
        ("#,##0", "number"),
    ],
)
def test_kind_of_cell(code: str, kind: str) -> None:
    assert show("45366", code).kind == kind


@given(st.integers(min_value=-(10**30), max_value=10**30))
def test_whole_numbers_keep_every_digit(number: int) -> None:
    assert show(str(number), "General").text == str(number)
    assert show(str(number), "0").text == str(number)
    assert show(str(number), "#,##0").text.replace(",", "") == str(number)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_two_decimals_are_exact(number: Decimal) -> None:
    text = show(str(number), "0.00").text
    assert Decimal(text) == number


@given(
    st.text(max_size=30),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
)
def test_no_format_breaks_the_reader(code: str, number: Decimal) -> None:
    assert show(str(number), code).typed is not None or show(str(number), code).text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_plain_never_has_an_exponent(number: Decimal) -> None:
    assert "E" not in plain(number)
    assert Decimal(plain(number)) == number
