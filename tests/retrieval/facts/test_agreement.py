"""Asked and stored names: what agrees, what does not, and why a score alone must not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.facts.agreement import Judge, RowWords
from retrieval.facts.names import Name, NameReader, unpacked
from retrieval.facts.tiling import tile

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane

READER = NameReader()
JUDGE = Judge(READER)
XINGFA = "湖北大悟农村商业银行股份有限公司兴发支行"
DAWU = RowWords(("大悟县", "湖北省"), ("大悟县", "湖北省"))


def verdict(asked: str, stored: str, row: RowWords | None = None) -> str:
    return JUDGE.compare(READER.read(asked), READER.read(stored), row or RowWords()).verdict


@pytest.mark.parametrize(
    "asked",
    [
        "大悟农商行兴发支行", "湖北大悟农村商业银行兴发支行", "大悟农商银行兴发", "湖北省大悟县农商行兴发支行", "农商行兴发支行", "兴发支行大悟农商行",
        "大悟农商行的兴发支行", "大悟农商行兴发支支行", "大悟农村商业很行兴发支行",
    ],
)  # fmt: skip
def test_short_forms_agree(asked: str) -> None:
    assert verdict(asked, XINGFA, DAWU) in {"same", "short"}


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("大悟农商行兴发支行", "湖北大悟农村商业银行股份有限公司兴发路支行"),
        ("大悟农商行城关支行", "湖北大悟农村商业银行股份有限公司新城关支行"),
        ("大悟农商行兴发分理处", XINGFA),
        ("大悟农商行兴法支行", XINGFA),
        ("应城农商行兴发支行", XINGFA),
        ("北京银行上海分行", "上海银行股份有限公司北京分行"),
        ("上中银行北京分行", "上海银行股份有限公司北京分行"),
        ("银行北京分行", "上海银行股份有限公司北京分行"),
        ("武汉农商行咸宁分行", "咸宁农村商业银行武汉分行"),
        ("农行北京西单支行", "北京农村商业银行西单支行"),
        ("中国银行北京西单支行", "中国农业银行股份有限公司北京西单支行"),
        ("工行北京分行", "中国工商银行股份有限公司北京分行营业部"),
        ("工行苏州栎桥路支行", "中国工商银行股份有限公司苏州栎桥东路支行"),
        ("A100", "A1000"),
        ("市场部张伟", "张伟"),
    ],
)
def test_neighbours_do_not_agree(asked: str, stored: str) -> None:
    assert verdict(asked, stored, RowWords(("销售部",))) not in {"same", "short"}


def test_other_cells_of_the_row_explain_words() -> None:
    assert verdict("销售部张伟", "张伟", RowWords(("销售部",))) == "same"


def test_a_longer_name_is_only_a_part() -> None:
    assert verdict("张伟", "张伟明") == "part"
    assert verdict("中国工商银行", "中国工商银行股份有限公司北京新华支行") == "part"


@given(st.text(max_size=20), st.text(max_size=20))
def test_tiles_are_shared_and_do_not_overlap(first: str, second: str) -> None:
    asked, stored = READER.read(first), READER.read(second)
    segments = tile(asked, stored)
    for segment in segments:
        assert (
            asked.chars[segment.asked : segment.asked + segment.length]
            == stored.chars[segment.stored : segment.stored + segment.length]
        )
    places = [p for s in segments for p in range(s.stored, s.stored + s.length)]
    assert len(places) == len(set(places))


@given(st.text(max_size=30))
def test_names_survive_packing(text: str) -> None:
    name = READER.read(text)
    again = unpacked(name.packed())
    assert again.chars == name.chars
    assert again.cuts == name.cuts | {0, len(name.chars)}


@given(st.text(min_size=1, max_size=15))
def test_a_name_agrees_with_itself(text: str) -> None:
    name = READER.read(text)
    if name.chars:
        assert JUDGE.compare(name, Name(name.chars, name.cuts), RowWords()).verdict == "same"


def test_a_left_out_character_is_asked_back_about(company: Lane) -> None:
    """栎桥东支行 may be 栎桥东路支行, or another one: never an answer, but worth asking."""
    result = company.lookup.query("中国工商银行苏州栎桥东支行的联行号")
    assert result.status == "several"
    assert not result.facts
    assert any("栎桥东路" in candidate.name for candidate in result.candidates)
