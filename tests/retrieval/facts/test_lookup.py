"""The fact lane: the right value or none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from retrieval.facts.identifiers import mod_11_10
from tests.retrieval.facts.conftest import with_check_digits
from tests.retrieval.facts.grids import BRANCHES, PRICES, grid_of

if TYPE_CHECKING:
    from retrieval.facts.types import FactResult
    from tests.retrieval.facts.grids import Lane

CODES = {row[0]: row[1] for row in with_check_digits(BRANCHES)[1:]}
XINGFA = "湖北大悟农村商业银行股份有限公司兴发支行"


def values(result: FactResult) -> list[str]:
    return [fact.value for fact in result.facts]


@pytest.mark.parametrize(
    "question",
    [
        f"{XINGFA}的联行号是多少？", f"{XINGFA}", "大悟农商行兴发支行联行号", "请问大悟农商行兴发支行的行号", "帮我查下湖北大悟农商银行兴发支行的银行代码",
        "What is the bank code of 大悟农商行兴发支行?", "联行号：大悟农商行兴发支行", "兴发支行，大悟农商行的联行号", "大悟农商行兴发支支行的联行号",
    ],
)  # fmt: skip
def test_a_branch_gives_its_code(company: Lane, question: str) -> None:
    result = company.lookup.query(question)
    assert (result.status, values(result)) == ("found", [CODES[XINGFA]])
    fact = result.facts[0]
    assert (fact.table, fact.row, fact.column, fact.cell) == ("Sheet1", 2, "联行号", "B2")
    assert (fact.document, fact.label) == ("网点.csv", XINGFA)


@pytest.mark.parametrize(
    "form", ["{}", "{}是哪家支行", "哪个网点的行号是{}？", "which branch has code {}?", "行号 {} 对应哪家银行"]
)
@pytest.mark.parametrize("written", [str, lambda c: f"{c[:4]} {c[4:8]} {c[8:]}", lambda c: c[:3] + "-" + c[3:]])
def test_a_code_gives_its_branch(company: Lane, form: str, written: object) -> None:
    assert callable(written)
    result = company.lookup.query(form.format(written(CODES[XINGFA])))
    assert (result.status, values(result)) == ("found", [XINGFA])


def test_full_width_digits_are_digits(company: Lane) -> None:
    wide = "".join(chr(ord(d) + 0xFEE0) for d in CODES[XINGFA])
    assert values(company.lookup.query(wide)) == [XINGFA]


@pytest.mark.parametrize(
    "question",
    [
        "大悟农商行兴旺支行的联行号", "农行苏州栎桥路支行的联行号是多少？", "大悟农商行城关支行联行号", "应城农商行兴发支行的行号", "工行厦门大同支行行号",
        "北京银行上海分行的联行号", "工行火星支行的联行号",
    ],
)  # fmt: skip
def test_an_absent_branch_gives_no_number(company: Lane, question: str) -> None:
    result = company.lookup.query(question)
    assert result.status in {"absent", "several"}
    assert not result.facts
    assert not result.computed
    assert not re.search(r"\d{12}", repr(result))


def test_a_wrong_check_digit_is_called_wrong(company: Lane) -> None:
    code = CODES[XINGFA]
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    result = company.lookup.query(f"{wrong}是哪家银行？")
    assert result.status == "wrong_identifier"
    assert "校验位" in result.reason
    assert not result.facts
    short = company.lookup.query(code[:-1])
    assert short.status in {"wrong_identifier", "absent"}
    assert not short.facts


def test_a_right_check_digit_does_not_make_a_code(company: Lane) -> None:
    unknown = "10230509999"
    result = company.lookup.query(unknown + str(mod_11_10(unknown)))
    assert result.status == "absent"
    assert not result.facts


@pytest.mark.parametrize(
    "question", ["工商银行的联行号是多少", "宁波银行的联行号", "大同支行的联行号", "中国工商银行行号"]
)
def test_a_name_too_general_is_asked_back_about(company: Lane, question: str) -> None:
    result = company.lookup.query(question)
    assert result.status == "several"
    assert result.candidates
    assert not result.facts


def test_a_slip_in_the_name_is_asked_back_about(company: Lane) -> None:
    result = company.lookup.query("大悟农商行兴法支行的联行号")
    assert result.status == "several"
    assert [c.name for c in result.candidates] == [XINGFA]
    assert not result.facts


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("张伟的电话", "13800138000"), ("张伟的手机号是多少？", "13800138000"), ("李娜在哪个部门", "市场部"), ("销售部张伟的职位", "客户经理"),
        ("13900139000是谁的电话", "李娜"), ("E0004是谁", "王芳"), ("王芳什么时候入职的", "2018-01-15"), ("员工李娜的邮箱", "lina@example.cn"),
        ("A100的单价是多少", "12,800.00"), ("A100 Pro多少钱", "15,800.00"), ("MH-01的库存", "500"), ("喷墨打印机保修期多长", "12个月"),
        ("What is the price of B200?", "9,600.00"),
    ],
)  # fmt: skip
def test_everyday_questions(company: Lane, question: str, value: str) -> None:
    result = company.lookup.query(question)
    assert (result.status, values(result)) == ("found", [value])


@pytest.mark.parametrize(
    "question",
    ["赵六的电话", "C300的单价", "市场部张伟的电话", "A10多少钱", "A1000的单价", "张伟国的邮箱", "张的电话"],
)
def test_what_is_not_in_the_tables_is_refused(company: Lane, question: str) -> None:
    result = company.lookup.query(question)
    assert result.status in {"absent", "several", "not_a_table_question"}
    assert not result.facts


@pytest.mark.parametrize(
    "question", ["", "   ", "？？", "在产品售后流程里，AM负责哪些事情？", "ESS培训每月几次？", "你好"]
)
def test_other_questions_are_none_of_its_business(company: Lane, question: str) -> None:
    result = company.lookup.query(question)
    assert result.status in {"not_a_table_question", "absent"}
    assert not result.facts


def test_rows_that_the_asker_may_not_see_are_not_there(company: Lane) -> None:
    assert values(company.lookup.query("张伟的电话", groups=frozenset({"hr"}))) == ["13800138000"]
    for question in ("张伟的电话", "13800138000", "销售部有几个人", "张伟在销售部吗", "E0001"):
        hidden = company.lookup.query(question, groups=frozenset({"it"}))
        assert hidden.status in {"not_a_table_question", "absent"}
        assert not hidden.facts
        assert not hidden.candidates
        assert not hidden.computed


def test_other_names_come_from_the_caller(company: Lane) -> None:
    assert company.lookup.query("A100的LP").status != "found" or not company.lookup.query("A100的LP").column
    result = company.lookup.query("A100的LP是多少", extra_names={"LP": ("List Price", "单价")})
    assert values(result) == ["12,800.00"]


def test_the_newest_version_counts_and_says_so(lane: Lane) -> None:
    for year, value in (("2024", "450"), ("2026", "550")):
        lane.put(
            f"差旅标准_{year}版.xlsx",
            grid_of([["档次", "住宿限额（元）"], ["一档城市", value], ["二档城市", "300"]]),
        )
    result = lane.lookup.query("一档城市的住宿限额是多少")
    assert (result.status, values(result)) == ("found", ["550"])
    assert "2026" in result.reason
    assert values(lane.lookup.query("2024版标准里一档城市的住宿限额是多少")) == ["450"]


def test_tables_that_differ_are_all_shown(lane: Lane) -> None:
    lane.put("甲.xlsx", grid_of([["产品", "单价"], ["扫描仪", "100"], ["墨盒", "5"]]))
    lane.put("乙.xlsx", grid_of([["产品", "单价"], ["扫描仪", "120"], ["墨盒", "5"]]))
    assert lane.lookup.query("扫描仪的单价").status == "several"
    same = lane.lookup.query("墨盒的单价")
    assert same.status == "found"
    assert set(values(same)) == {"5"}


def test_an_empty_cell_is_no_value(lane: Lane) -> None:
    lane.put("a.xlsx", grid_of([["产品", "单价", "备注"], ["扫描仪", "", "x"], ["墨盒", "5", ""]]))
    result = lane.lookup.query("扫描仪的单价")
    assert result.status == "absent"
    assert not result.facts


def test_a_trace_says_what_was_run(company: Lane) -> None:
    result = company.lookup.query("哪些产品超过1万元")
    assert result.query.startswith("SELECT")
    assert "10000.0" in result.parameters


def test_new_documents_are_seen_at_once(lane: Lane) -> None:
    assert lane.lookup.query("墨盒的库存").status == "not_a_table_question"
    key = lane.put("价格.xlsx", grid_of(PRICES))
    assert values(lane.lookup.query("墨盒的库存")) == ["500"]
    lane.knowledge.delete_document(key)
    assert not lane.lookup.query("墨盒的库存").facts


@pytest.mark.parametrize(
    "question",
    ["农业银行大悟厦门支行", "大悟农商行苏州支行", "工商银行苏州厦门支行的联行号", "上海银行大悟支行联行号"],
)
def test_places_in_an_absent_name_are_no_conditions(company: Lane, question: str) -> None:
    result = company.lookup.query(question)
    assert result.status in {"absent", "several", "not_a_table_question"}
    assert not result.facts


DEPARTMENTS = [
    ["科室编码", "科室名称", "院区", "负责人", "编制床位（张）"],
    ["01010", "心内科", "总院", "周文静", "46"],
    ["01020", "肾内科", "总院", "项国强", "31"],
    ["02010", "新生儿科", "东院", "胡少华", "69"],
]


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("编码02010对应哪个科室", {"新生儿科"}),
        ("床位最多的科室是哪个", {"新生儿科", "69"}),
        ("总院都有哪些科室", {"心内科", "肾内科"}),
        ("总院总共多少张床", {"46", "31"}),
        ("胡少华是哪个科的负责人", {"新生儿科"}),
    ],
)
def test_rows_with_codes_are_called_by_their_names(lane: Lane, question: str, shown: set[str]) -> None:
    lane.put("科室.xlsx", grid_of(DEPARTMENTS))
    result = lane.lookup.query(question)
    assert result.status == "found", result
    assert {fact.value for fact in result.facts} >= shown
    assert all(not fact.label.isdecimal() for fact in result.facts)


def test_a_cells_own_negation_is_meant(lane: Lane) -> None:
    builds = [
        ["版本", "QA结论"],
        ["1.0.1", "通过"],
        ["1.0.2", "未通过"],
        ["1.0.3", "有条件通过"],
        ["1.0.4", "未通过"],
    ]
    lane.put("builds.xlsx", grid_of(builds))
    assert lane.lookup.query("没通过QA的版本有几个").computed == "2"


def test_an_empty_cell_is_the_answer(lane: Lane) -> None:
    drugs = [
        ["药品编码", "通用名", "商品名", "规格"],
        ["0031748", "华法林钠片", "", "2.5mg"],
        ["0031187", "氯吡格雷片", "波立维", "75mg"],
    ]
    lane.put("药品.csv", grid_of(drugs))
    result = lane.lookup.query("华法林的商品名是什么")
    assert (result.status, result.facts) == ("absent", ())
