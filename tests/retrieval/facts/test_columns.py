"""What headers mean and what columns hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.columns import column_kind, load_vocabulary, split_unit
from retrieval.facts.errors import RuleFileError
from retrieval.facts.lookup import FactLookup
from retrieval.facts.names import load_name_rules
from retrieval.facts.settings import FactSettings
from tests.retrieval.facts.grids import Lane, grid_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("header", "concept"),
    [
        ("联行号", "bank_code"), ("BankCode", "bank_code"), ("Branch code", "bank_code"), ("联系电话", "phone"), ("Unit price", "price"),
        ("所在城市", "city"), ("Asset No", "asset_code"), ("姓名", "person"),
    ],
)  # fmt: skip
def test_headers_name_concepts(header: str, concept: str) -> None:
    assert concept in load_vocabulary().concepts_of(header)


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("单价（元）", ("单价", "元")), ("功率(kW)", ("功率", "kW")), ("目录价（元/套，不含税）", ("目录价", "元/套，不含税")),
        ("名称（全称）", ("名称（全称）", "")), ("单价/元", ("单价", "元")), ("Price (USD)", ("Price", "USD")),
    ],
)  # fmt: skip
def test_units_leave_the_header(header: str, parts: tuple[str, str]) -> None:
    assert split_unit(header) == parts


@pytest.mark.parametrize(
    ("header", "texts", "kind"),
    [
        ("列", ["001100011002", "102100000021"], "identifier"),
        ("列", ["007", "012"], "identifier"),
        ("列", ["8800000000000000731", "12"], "identifier"),
        ("库存", ["100000", "200000"], "number"),
        ("列", ["12", "7", "1,300"], "number"),
        ("单价", ["12.50", "8"], "money"),
        ("折扣", ["15%", "20%"], "percent"),
        ("到期", ["2026-01-02", "2026/3/4"], "date"),
        ("在用", ["是", "否"], "boolean"),
        ("电话", ["010-88886666", "13800138000"], "identifier"),
        ("列", ["A-1001", "B-1002"], "identifier"),
        ("说明", ["甲", "乙"], "text"),
    ],
)
def test_kinds_of_columns(header: str, texts: list[str], kind: str) -> None:
    assert column_kind(header, "", texts) == kind


def test_a_file_adds_words(tmp_path: Path) -> None:
    file = tmp_path / "columns.toml"
    file.write_text(
        '[concepts.bank_code]\nwords = ["清分码"]\n[concepts.colour]\nwords = ["颜色"]\n', encoding="utf-8"
    )
    vocabulary = load_vocabulary(file)
    assert "bank_code" in vocabulary.concepts_of("清分码")
    assert vocabulary.concepts_of("机身颜色") == {"colour"}
    assert "bank_code" in vocabulary.concepts_of("联行号")


@pytest.mark.parametrize(
    "content", ["[concepts", "[concepts.x]\nwords = 5", '[concepts.x]\nkind = "colour"', "concepts = 3"]
)
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "columns.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"columns\.toml"):
        load_vocabulary(file)


def test_a_broken_name_list_is_named(tmp_path: Path) -> None:
    file = tmp_path / "names.toml"
    file.write_text("[lists]\nnobody = []", encoding="utf-8")
    with pytest.raises(RuleFileError, match="nobody"):
        load_name_rules(file)


def test_a_column_is_found_by_the_editable_list(tmp_path: Path) -> None:
    """`columns.toml` of the data directory teaches words that nobody packaged."""
    words = tmp_path / "columns.toml"
    words.write_text('[concepts.torque]\nwords = ["扭矩", "拧紧力", "torque"]\n', encoding="utf-8")
    lane = Lane(tmp_path)
    lane.put("螺栓.xlsx", grid_of([["螺栓", "扭矩（N·m）"], ["M8", "25"], ["M10", "49"]]))
    assert not lane.lookup.query("M8的拧紧力是多少").facts
    taught = FactLookup(lane.store, lane.index, FactSettings(columns_file=words))
    assert [fact.value for fact in taught.query("M8的拧紧力是多少").facts] == ["25"]
    lane.close()


def test_a_column_is_found_by_its_glossary_names(tmp_path: Path) -> None:
    """The glossary says that CNAPS code is 联行号; the header only says 联行号, or only CNAPS code."""
    lane = Lane(tmp_path)
    lane.put("甲.csv", grid_of([["部件", "拧紧规范"], ["端盖", "TS-0090"], ["法兰", "TS-0107"]]))
    question = "端盖的ABC是多少"
    assert not lane.lookup.query(question).facts
    names = {"ABC": ("拧紧规范", "tightening specification")}
    assert [f.value for f in lane.lookup.query(question, extra_names=names).facts] == ["TS-0090"]
    lane.close()


@pytest.mark.parametrize(
    ("headers", "question"),
    [
        (["姓名", "入职日期"], "甘宁的生日"), (["姓名", "入职日期"], "甘宁的到期日期是哪天"), (["姓名", "分机"], "甘宁的手机号"),
        (["姓名", "审批人"], "甘宁的联系人是谁"), (["产品名称", "库存"], "甘宁的销量"), (["产品名称", "不含税单价"], "甘宁的含税单价是多少"),
        (["产品名称", "折扣"], "甘宁的利率"), (["产品名称", "保修期"], "甘宁的交货期"), (["产品名称", "售价"], "甘宁的进价"),
        (["name", "budget"], "What is the salary of 甘宁?"), (["name", "IP address"], "What is the email of 甘宁?"),
    ],
)  # fmt: skip
def test_an_absent_column_is_not_another_one(tmp_path: Path, headers: list[str], question: str) -> None:
    lane = Lane(tmp_path)
    cells = ["2020-03-01" if "日期" in headers[1] else "1,200"]
    lane.put("表.xlsx", grid_of([headers, ["甘宁", *cells], ["乐进", *cells], ["张辽", *cells]]))
    result = lane.lookup.query(question)
    assert not result.facts
    assert not result.computed
    lane.close()
