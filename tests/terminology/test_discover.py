"""Definitions are found in documents and questions, with their evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from terminology.definitions import definitions_in, long_form, used_in
from terminology.discover import from_documents, from_questions, unknown_in
from terminology.glossary import Glossary
from terminology.match import TermMatcher
from terminology.types import Sense, UnknownTerm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We use support vector machine (SVM).", [("SVM", "support vector machine", "")]),
        ("Convolutional Neural Networks (CNNs) win.", [("CNN", "Convolutional Neural Networks", "")]),
        ("每位客户经理（Account Manager，AM）负责跟进。", [("AM", "Account Manager", "客户经理")]),
        ("AM（客户经理，Account Manager）由销售部任命。", [("AM", "Account Manager", "客户经理")]),
        ("AM(Account Manager)负责。", [("AM", "Account Manager", "")]),
        ("发生投诉时应联系客户经理（AM）。", [("AM", "", "客户经理")]),
        (
            "公司参加了中国国际印刷技术及设备器械展（以下简称“全印展”）。",
            [("全印展", "", "中国国际印刷技术及设备器械展")],
        ),
        ("企业资源计划系统，以下简称ERP，已上线。", [("ERP", "", "企业资源计划系统")]),
        ("本公司与北京大学（以下简称「北大」）合作。", [("北大", "", "北京大学")]),
        ("实际成交价 Actual Achieved Price (AAP) 是", [("AAP", "Actual Achieved Price", "实际成交价")]),
        ("see the chart (Fig. 2) and note (1)", []),
        ("他笑了（笑），价格（含税）不变。", []),
        ("the ROC curve (AUC = 0.9)", []),
    ],
)
def test_definitions(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(each.term, each.english, each.chinese) for each in definitions_in(text)] == expected


@pytest.mark.parametrize(
    ("short", "words", "long"),
    [
        ("HSP", "the heat shock protein", "heat shock protein"),
        ("5-ALA", "of 5-aminolevulinic acid", "5-aminolevulinic acid"),
        ("HSP", "nothing of the kind", ""),
        ("AM", "an AM", ""),
    ],
)
def test_long_form(short: str, words: str, long: str) -> None:
    assert long_form(short, words) == long


class _Documents:
    def texts(self) -> Iterable[tuple[str, str]]:
        yield "a.docx", "企业资源计划（ERP）已上线。客户经理（AM）负责。"
        yield "b.docx", "Enterprise Resource Planning (ERP) is live. 企业资源计划（ERP）培训。"

    def grids(self) -> Iterable[tuple[str, Sequence[Sequence[str]]]]:
        yield (
            "c.docx",
            [
                ["附录"],
                ["缩略语", "英文全称", "中文解释"],
                ["CRM", "Customer Relationship Management", "客户关系管理"],
                ["", "", ""],
            ],
        )
        yield "d.xlsx", [["月份", "金额"], ["1月", "100"]]


def test_documents_give_proposals_with_evidence() -> None:
    found = from_documents(_Documents(), Glossary([Sense("AM", "Account Manager", "客户经理")]))
    assert [(each.term, each.english, each.chinese, each.count, each.found_by) for each in found] == [
        ("ERP", "Enterprise Resource Planning", "企业资源计划", 3, "definition"),
        ("CRM", "Customer Relationship Management", "客户关系管理", 1, "table"),
    ]
    assert [each.document for each in found[0].evidence] == ["a.docx", "b.docx", "b.docx"]
    assert found[0].evidence[0].sentence == "企业资源计划（ERP）已上线。"


def test_a_further_meaning_of_a_known_abbreviation_is_proposed() -> None:
    found = from_documents(_Documents(), Glossary([Sense("ERP", "Event Related Potential", "事件相关电位")]))
    assert "企业资源计划" in {each.chinese for each in found}


class _Texts:
    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def texts(self) -> Iterable[tuple[str, str]]:
        return [(f"{at}.md", text) for at, text in enumerate(self._texts)]

    def grids(self) -> Iterable[tuple[str, Sequence[Sequence[str]]]]:
        return []


def test_abbreviations_that_nobody_explains_are_proposed_after_those_that_are() -> None:
    source = _Texts(
        "SOP应每年修订。各单位按SOP执行。RVR低于550米时停止除冰。",
        "RVR由塔台通报。企业资源计划（ERP）已上线，ERP每天备份。AM负责。AM签字。",
    )
    found = from_documents(source, Glossary([Sense("AM", "Account Manager", "客户经理")]))
    assert [(each.term, each.found_by, each.count) for each in found] == [
        ("ERP", "definition", 1),
        ("SOP", "document", 2),
        ("RVR", "document", 2),
    ]
    assert [(each.document, each.sentence) for each in found[2].evidence] == [
        ("0.md", "RVR低于550米时停止除冰。"),
        ("1.md", "RVR由塔台通报。"),
    ]
    assert (found[1].english, found[1].chinese) == ("", "")
    often = from_documents(source, Glossary([]), at_least=3)
    assert "SOP" not in {each.term for each in often}


@pytest.mark.parametrize(
    "text",
    [
        "工单TMP-00-X和MHL-401，产品MH-Flow，型号FO2000。",
        "PLEASE READ THIS NOTICE",
        "第II章，内存16 GB，费用为RMB。",
        "见 https://KB.EXAMPLE/ABC 或 ABC@EXAMPLE.COM",
        "No. 5 and the IoT-like iPad",
    ],
)
def test_codes_units_and_shouting_are_no_abbreviations(text: str) -> None:
    assert used_in(text) == []


def test_unknown_abbreviations_of_questions() -> None:
    glossary = Glossary([Sense("AM", "Account Manager", "客户经理")])
    matcher = TermMatcher(glossary)

    def unknown(question: str) -> tuple[str, ...]:
        return unknown_in(question, matcher.find(question), glossary)

    assert unknown("AM和XYZ、TPM的关系，以及TPM是什么") == ("XYZ", "TPM")
    assert unknown("what is the B2B plan?") == ("B2B",)
    assert unknown("订单A-001AM23在哪里？I like it") == ()


def test_frequent_unknown_abbreviations_are_proposed() -> None:
    counted = [UnknownTerm("XYZ", 3, "XYZ是什么", ""), UnknownTerm("ABC", 1, "ABC是什么", "")]
    found = from_questions(counted, Glossary([]))
    assert [(each.term, each.count, each.found_by, each.evidence[0].sentence) for each in found] == [
        ("XYZ", 3, "question", "XYZ是什么")
    ]
