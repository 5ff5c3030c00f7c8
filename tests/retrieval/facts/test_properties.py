"""Whatever is asked: a value stands in a cell, character for character, and refusals carry none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.retrieval.facts.conftest import with_check_digits
from tests.retrieval.facts.grids import BRANCHES, PRICES, STAFF

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane

_CELLS = [
    cell for table in (STAFF, PRICES, with_check_digits(BRANCHES)) for row in table for cell in row if cell
]
_WORDS = st.sampled_from(
    [*_CELLS, "的", "是多少", "联行号", "电话", "单价", "最贵", "有几个", "哪些", "和", "比", "吗", "超过1万元", "工行", "农商行", "支行", "which", "how many", "？"]
)  # fmt: skip
_QUESTIONS = st.one_of(
    st.lists(_WORDS, min_size=1, max_size=5).map("".join),
    st.text(max_size=30),
    st.tuples(
        st.sampled_from(_CELLS), st.text(max_size=4), st.sampled_from(["的联行号", "的电话", "多少钱", ""])
    ).map("".join),
)


@given(_QUESTIONS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_value_is_a_cell(company: Lane, question: str) -> None:
    result = company.lookup.query(question)
    cells = set(_CELLS)
    assert all(fact.value in cells for fact in (*result.facts, *result.details))
    assert all(fact.cell and fact.row and fact.column and fact.document for fact in result.facts)
    assert 0 <= result.confidence <= 1
    if result.status in {"absent", "wrong_identifier", "not_a_table_question"}:
        assert not result.facts
        assert not result.computed


@given(
    st.sampled_from(with_check_digits(BRANCHES)[1:]),
    st.integers(0, 30),
    st.sampled_from("东西南北中大小新老一二路街城关镇"),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_name_never_gives_a_code(company: Lane, row: list[str], at: int, char: str) -> None:
    name = row[0]
    at %= len(name)
    changed = name[:at] + char + name[at + 1 :]
    result = company.lookup.query(f"{changed}的联行号")
    codes = {fact.value for fact in result.facts if fact.column == "联行号"}
    if changed in {other[0] for other in BRANCHES} or not codes:
        return
    # Overlooked only: a doubled character, or a slip in a closed word (the kind of unit, the organisation).
    doubled = char in (name[at - 1 : at], name[at + 1 : at + 2])
    assert doubled or (codes == {row[1]} and _in_closed_word(name, at))


def _in_closed_word(name: str, at: int) -> bool:
    words = ("股份有限公司", "农村商业银行", "支行", "分行", "中国")
    return any(name.find(word) <= at < name.find(word) + len(word) for word in words if word in name)
