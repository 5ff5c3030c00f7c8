"""No number, code, date or identifier leaves that stands in no source."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.facts.guard import unsupported, values_in

SOURCE = "ESS培训每月三次，费用一千元，折扣百分之十五，2026年3月5日起，行号402535510938，电话010-88886666，见 https://a.example/x?id=1，版本5.2。"


def found(text: str) -> list[tuple[str, str]]:
    return [(value.kind, value.text) for value in values_in(text)]


def test_kinds_of_values() -> None:
    assert found("行号402535510938，电话010-88886666，1,200元，15%，2026年3月5日 14:30，型号A100") == [
        ("identifier", "402535510938"), ("identifier", "010-88886666"), ("number", "1,200"), ("number", "15%"),
        ("date", "2026年3月5日"), ("time", "14:30"), ("identifier", "A100"),
    ]  # fmt: skip
    assert found("写信给 zhang@example.cn 或看 www.example.cn/a") == [
        ("email", "zhang@example.cn"), ("url", "www.example.cn/a"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["1. 先开机\n2. 再登录", "见[1]和【2】", "一般来说，第一步要统一", "没有数字", "一个部门"]
)
def test_markers_and_words_are_no_values(text: str) -> None:
    assert [value for value in values_in(text) if value.text not in {"第一"}] == []


@pytest.mark.parametrize(
    "text",
    [
        "每月3次",
        "费用1,000元",
        "费用0.1万元",
        "折扣15%",
        "2026-03-05",
        "3月5日",
        "2026年3月",
        "402535510938",
        "电话010-88886666",
        "版本5.2",
        "https://a.example/x?id=1",
    ],
)
def test_what_the_source_says_in_other_words_is_supported(text: str) -> None:
    assert unsupported(text, [SOURCE]) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("每月4次", "4"), ("费用1001元", "1001"), ("折扣15个", "15"), ("2026-03-06", "2026-03-06"), ("行号402535510946", "402535510946"),
        ("行号40253551093", "40253551093"), ("电话010-88886667", "010-88886667"), ("见 https://a.example/y", "https://a.example/y"), ("共五次", "五"),
    ],
)  # fmt: skip
def test_what_the_source_does_not_say_is_found(text: str, value: str) -> None:
    assert [v.text for v in unsupported(text, [SOURCE])] == [value]


def test_identifiers_are_compared_by_character() -> None:
    assert unsupported("编号001100011002", ["编号1100011002"])
    assert unsupported("编号1100011002", ["编号001100011002"])
    assert not unsupported("编号００１１０００１１００２", ["编号001100011002"])


@given(st.text(max_size=80))
def test_a_text_supports_itself(text: str) -> None:
    assert unsupported(text, [text]) == []


@given(st.text(alphabet="0123456789.,-年月日%A万三十次元 ", max_size=60))
def test_values_stand_where_they_say(text: str) -> None:
    for value in values_in(text):
        assert text[value.start : value.end] == value.text


_FIGURES = st.one_of(
    st.integers(10, 10**7).map(str),
    st.integers(1000, 10**7).map(lambda number: f"{number:,}"),
    st.dates(date(2000, 1, 1), date(2035, 12, 31)).map(lambda day: day.isoformat()),
    st.from_regex(r"\A[A-Z]{2}-[0-9]{4,6}\Z"),
    st.from_regex(r"\A0[0-9]{10,13}\Z"),
    st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
)


@given(_FIGURES, _FIGURES, st.sampled_from(("分机是{}。", "The value is {}.", "共{}，请核对", "于 {} 生效")))
@settings(max_examples=400, deadline=None)
def test_a_figure_leaves_only_where_its_source_holds_it(told: str, held: str, form: str) -> None:
    """What the source holds may be said; what differs from all that it holds may not."""
    text, source = form.format(told), f"登记：{held}；其余从略"
    assert not unsupported(form.format(held), [source])
    same = told == held or told.replace(",", "") == held.replace(",", "")
    inside = told.replace(",", "") in held or held.replace(",", "") in told
    if not same and not inside:
        assert unsupported(text, [source]), (text, source)
