"""What headers mean and what columns hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.columns import column_kind, load_vocabulary, split_unit
from retrieval.facts.errors import RuleFileError
from retrieval.facts.names import load_name_rules

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
