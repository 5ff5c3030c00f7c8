"""The form of a question is read by rules; these are the usual phrasings, and their look-alikes."""

from __future__ import annotations

import re

import pytest

from router.questions import language_of, read_question


def form_of(question: str, *terms: str):
    spans = [found.span() for term in terms for found in re.finditer(re.escape(term), question)]
    return read_question(question, spans)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("AM", "any"),
        ("AM是什么意思？", "any"),
        ("AM代表什么职位？", "any"),
        ("什么是AM", "any"),
        ("请问AM指的是什么岗位呀？", "any"),
        ("公司里说的AM是哪个岗位？", "any"),
        ("在印前加网里，AM是什么意思？", "any"),
        ("AM这个缩写是什么意思", "any"),
        ("AM有几种意思", "any"),
        ("AM是什么的缩写？", "any"),
        ("“AM”怎么理解", "any"),
        ("AM的英文全称是什么？", "english"),
        ("AM中文怎么说", "chinese"),
        ("What does AM stand for?", "english"),
        ("what is AM", "any"),
        ("What does the abbreviation AM mean in our company?", "any"),
        ("what's the Chinese name of AM?", "chinese"),
        ("Define AM", "any"),
    ],
)
def test_definition_questions_reduce_to_a_term(question: str, wanted: str) -> None:
    form = form_of(question, "AM")
    assert form.definition
    assert form.wanted == wanted


@pytest.mark.parametrize(
    "question",
    [
        "屏幕校准时说的AM是什么",
        "报表上的 AM 怎么理解？",
        "AM是关于什么的标准？",
        "AM是哪个部门的简称？",
        "AM指哪几项？",
        "AM是什么服务？",
        "AM加网的AM全称是啥",
        "What job title does AM stand for in our company?",
        "I am asking what AM means",
        "I'd like to know what AM stands for",
        "just wondering what AM means here",
    ],
)
def test_words_before_the_term_do_not_hide_a_definition(question: str) -> None:
    assert form_of(question, "AM").definition


def test_a_definition_may_be_the_last_clause_and_the_rest_is_context() -> None:
    question = "CSR派单给TAC，这里TAC是什么？"
    form = form_of(question, "CSR", "TAC")
    assert form.definition
    assert question[form.focus :] == "这里TAC是什么？"
    assert form_of("工单里说请PM批变更，PM是谁？", "PM").definition
    assert not form_of("先找CSR，再找TAC", "CSR", "TAC").definition


@pytest.mark.parametrize(
    "question", ["客户经理的英文缩写是什么", "哪个缩写代表客户经理", "客户经理用英文缩写怎么写？"]
)
def test_reverse_questions_want_the_abbreviation(question: str) -> None:
    form = form_of(question, "客户经理")
    assert form.definition
    assert form.wanted == "abbreviation"


@pytest.mark.parametrize(
    "question",
    [
        "在产品售后流程里，AM负责哪些事情？",
        "AM的职责是什么",
        "AM的电话是多少",
        "AM是什么时候上线的？",
        "What is the responsibility of AM",
        "AM training schedule",
        "AM加网适合什么活？",
        "启明岸包装的AM是谁？",
    ],
)
def test_questions_about_something_of_a_term_are_no_definitions(question: str) -> None:
    assert not form_of(question, "AM").definition


def test_several_terms_in_one_definition() -> None:
    assert form_of("CtP和CtF分别是什么？", "CtP", "CtF").definition
    assert form_of("CtP和CtF有什么区别？", "CtP", "CtF").compare
    assert form_of("CtP和CtF有什么区别，各是什么缩写？", "CtP", "CtF").compare
    assert form_of("What is the difference between CtP and CtF?", "CtP", "CtF").compare


def test_a_term_named_twice_counts_once() -> None:
    assert form_of("客户经理（AM）是什么意思？", "客户经理", "AM").definition


@pytest.mark.parametrize(
    "question",
    [
        "导数据的时候老听你们说BOM，这是个啥",
        "补丁要过BOM，这个BOM是什么意思",
        "BOM是什么意思？别笑，我说的是印前那个",
        "客户寄回东西要先拿BOM，这是什么的缩写？",
        "解释一下BOM这个词",
        "短单走BOM，BOM是什么印刷",
        "客户数据审查里说的BOM指的是",
        "BOM是哪几个词？",
        "hi team, quick question before I sign: what is an BOM?",
        "A customer asked me for an BOM this morning. What does BOM stand for?",
        "BOM是哪种color space",
        "BOM一般简称什么",
        "BOM对应的英文缩写是？",
        "BOM的short form怎么写",
        "BOM缩写成什么？",
        "BOM用英文怎么简称",
        "Which abbreviation do we use for BOM?",
        "BOM这个职位中文怎么称呼",
        "你好，想确认一下BOM的全称，谢谢",
        "BOM是哪两个词的首字母",
        "合同里写了BOM，BOM该怎么理解",
        "几十本的短版书用BOM印，BOM说的是哪种印刷",
        "BOM我们一般写成哪几个字母",
        "BOM这个message format中文怎么叫",
        "BOM在公司里用中文怎么讲",
    ],
)
def test_definitions_as_people_type_them(question: str) -> None:
    assert form_of(question, "BOM").definition


@pytest.mark.parametrize(
    "question",
    [
        "What was the BOM in March according to the April meeting?",
        "BOM是什么时候更新的",
        "BOM放在什么地方",
        "先看BOM，联行号是多少？",
        "BOM怎么申请",
        "BOM用什么纸",
        "BOM由哪几个部门负责",
        "BOM如何写进系统",
    ],
)
def test_what_only_looks_like_a_definition(question: str) -> None:
    assert not form_of(question, "BOM").definition


def test_an_unknown_abbreviation_is_named() -> None:
    assert form_of("ZQX是什么意思？").unknown == "ZQX"
    assert form_of("What does BRT stand for?").unknown == "BRT"
    assert form_of("ESS培训每月几次？", "ESS").unknown == ""


@pytest.mark.parametrize(
    ("question", "prefix"),
    [
        ("T开头的缩略语有哪些？", "T"),
        ("以“CT”开头的缩写", "CT"),
        ("哪些缩略语是V打头的？", "V"),
        ("Which abbreviations start with T?", "T"),
    ],
)
def test_listing_by_prefix(question: str, prefix: str) -> None:
    assert read_question(question).prefix == prefix


@pytest.mark.parametrize(
    ("question", "value", "explanation"),
    [
        ("ESS培训每月几次？", True, False),
        ("联行号是多少", True, False),
        ("How often does the training take place?", True, False),
        ("出现故障时怎么一步步升级？", False, True),
        ("为什么停机", False, True),
        ("What is the bank code of 中国银行南京支行?", True, False),
        ("How should spot colours be stored?", False, True),
        ("软件升级收不收费？", False, False),
    ],
)
def test_values_and_explanations(question: str, value: bool, explanation: bool) -> None:
    form = read_question(question)
    assert (form.value, form.explanation) == (value, explanation)


@pytest.mark.parametrize("question", ["你好！", "hello", "谢谢", "你能做什么？"])
def test_small_talk(question: str) -> None:
    assert read_question(question).small_talk


def test_small_talk_must_be_the_whole_question() -> None:
    assert not read_question("你好，联行号是多少？").small_talk


def test_questions_about_the_knowledge_base() -> None:
    assert read_question("有哪些文件讲售后？").catalogue
    assert read_question("Which documents mention refunds?").catalogue
    assert not read_question("售后流程有哪些步骤？").catalogue


def test_language_follows_the_question() -> None:
    assert language_of("AM是什么") == "zh"
    assert language_of("What is AM?") == "en"


@pytest.mark.parametrize(
    ("question", "catalogue"),
    [
        ("总共收了几份文档", True),
        ("色彩方面的资料有哪些", True),
        ("讲出差报销的文件有吗", True),
        ("我们有几份文件没签", False),
        ("申报材料有哪些", False),
    ],
)
def test_what_there_is_on_a_topic(question: str, catalogue: bool) -> None:
    assert read_question(question).catalogue is catalogue


def test_several_ways_are_no_value() -> None:
    form = read_question("付款有几种方式")
    assert form.explanation
    assert not form.value


@pytest.mark.parametrize(
    ("question", "mixed"),
    [
        ("温室钥匙由谁保管，能不能外借", True),
        ("苗盘多少钱一个，怎么订", True),
        ("班长是谁，电话多少", False),
        ("报名费怎么收，多少一位", False),
        ("培训找谁，主管叫什么", False),
    ],
)
def test_a_value_and_something_else_are_asked_in_one(question: str, mixed: bool) -> None:
    assert read_question(question).mixed is mixed


@pytest.mark.parametrize("question", ["费用结算流程", "设备编号的编写办法"])
def test_a_title_of_a_process_asks_for_no_value(question: str) -> None:
    form = read_question(question)
    assert (form.value, form.explanation) == (False, True)


@pytest.mark.parametrize("question", ["育苗室用什么光源", "传感器的上报间隔"])
def test_the_name_of_a_quantity_asks_for_its_value(question: str) -> None:
    assert read_question(question).value


@pytest.mark.parametrize(
    "question",
    [
        "不同货架的承重上限有什么差别",
        "冷库谁负责什么",
        "连着请好几天假要怎么审批",
        "5.0版修复了哪几个缺陷",
    ],
)
def test_no_single_value_is_asked_for(question: str) -> None:
    assert not read_question(question).value


@pytest.mark.parametrize(
    "question",
    [
        "两种货架的承重差多少",
        "冷库里装了几台风机",
        "巡检表第三项叫什么名字",
        "What was the occupancy in March?",
    ],
)
def test_a_value_is_asked_for_all_the_same(question: str) -> None:
    assert read_question(question).value


def test_english_words_count_beside_chinese_characters() -> None:
    assert read_question("A库和B库有什么difference？").comparison
    assert read_question("冷链车的price是多少").value


def test_three_questions_in_one_are_more_than_a_value() -> None:
    assert read_question("演练什么时候、在哪、谁参加").mixed
    assert not read_question("演练什么时候在哪开").mixed
