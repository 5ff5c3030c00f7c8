"""Follow-ups and changes of topic in the documents of another company than the sample pack's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.glossary import import_terms
from api.settings import Settings
from api.wiring import Application
from benchmarks.router.second_company.build import write
from router.types import Query

pytestmark = pytest.mark.functional

FOLLOW_UPS = [
    (("鹿特丹的代理公司是哪家？",), "那汉堡呢？", "汉堡的代理公司是哪家？", "Elbkontor GmbH"),
    (("鹿特丹的代理公司是哪家？", "那汉堡呢？"), "联系人呢", "", "Anke Vossberg"),
    (("鹿特丹的代理公司是哪家？", "那汉堡呢？", "联系人呢"), "电话是多少", "", "+49 40 555 0178"),
    (("洛杉矶的免堆期是几天？",), "长滩呢", "长滩的免堆期是几天？", "4"),
    (("新加坡的联系人是谁",), "它的港口代码", "", "SGSIN"),
    (("What is the phone number of 汉堡?",), "and 横滨?", "", "+81 45 555 0155"),
    (("改单费是多少？",), "那电放费呢？", "电放费是多少？", "45"),
    (("电放费的金额是多少",), "收取对象是谁", "", "托运人"),
    (("旺季附加费什么时候生效",), "港口拥堵附加费呢？", "", "2026-03-01"),
    (("S102的金额是多少",), "S104呢", "S104的金额是多少", "150"),
    (("VGM是什么意思？",), "它的英文全称？", "VGM的英文全称？", "Verified Gross Mass"),
    (("VGM是什么意思？",), "那 MSDS 呢", "MSDS是什么意思？", "化学品安全说明书"),
    (("What does ETA mean?",), "And ETD?", "What does ETD mean?", "Estimated Time of Departure"),
    (("What does ETA mean?",), "what about its Chinese name?", "", "预计到港时间"),
    (("SO是什么意思？",), "财务部的那个", "", "Sales Order"),
    (("POD是什么意思？",), "第二个", "", "POD"),
    (("理赔的步骤有哪些",), "第二步详细说说", "", "公估公司"),
    (("提单更改的步骤是什么",), "上一条的第三步再展开讲讲", "", "原提单"),
    (("年假提前几天提出？",), "由谁批准", "", "部门主管"),
    (("What is the set point for bananas?",), "What about vaccines?", "", "5 °C"),
    (("锂电池属于第几类危险品？",), "它的荷电状态不得超过多少", "", "30%"),
    (("重大投诉由谁处理？",), "那小额赔付呢", "", "客服主管"),
]
TOPIC_CHANGES = [
    (("鹿特丹的代理公司是哪家？",), "年假提前几天提出？"),
    (("VGM是什么意思？",), "报销单由谁复核？"),
    (("理赔的步骤有哪些",), "改单费是多少？"),
    (("改单费是多少？",), "危险品组组长是谁？"),
    (("SO是什么意思？",), "VGM误差不得超过多少？"),
    (("What does ETA mean?",), "How often does the terminal check plugged reefers?"),
    (("洛杉矶的免堆期是几天？",), "绩效考核多久一次？"),
    (("锂电池属于第几类危险品？",), "为什么要先收款后放单"),
    (("重大投诉由谁处理？",), "叉车限速多少"),
    (("电放费的金额是多少",), "导师的职责是什么"),
    (("鹿特丹的代理公司是哪家？",), "这个月的报销什么时候截止"),
    (("VGM是什么意思？",), "你好"),
    (("VGM是什么意思？",), "知识库里有哪些文件？"),
]


@pytest.fixture(scope="module")
def freight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("freight")
    documents = write(folder)
    with Application(Settings(data_dir=folder / "data", embedding_model="hashed")) as application:
        import_terms(application, folder / "术语表.xlsx", dry_run=False, who="test")
        list(application.pipeline.ingest([documents]))
        application.catch_up()
        yield application


@pytest.mark.parametrize(("history", "question", "completed", "shows"), FOLLOW_UPS)
def test_a_follow_up_is_completed_and_answered(
    freight: Application, history: tuple[str, ...], question: str, completed: str, shows: str
) -> None:
    answer = freight.answerer.answer(Query(question, history=history))
    assert answer.completed_question
    if completed:
        assert answer.completed_question == completed
    assert answer.status == "answered"
    assert shows in answer.answer
    for term in answer.terms:
        assert question[term.match.start : term.match.end] == term.match.surface


@pytest.mark.parametrize(("history", "question"), TOPIC_CHANGES)
def test_a_change_of_topic_is_answered_as_if_it_were_the_first_question(
    freight: Application, history: tuple[str, ...], question: str
) -> None:
    after = freight.answerer.answer(Query(question, history=history))
    first = freight.answerer.answer(Query(question))
    assert after.completed_question == ""
    assert (after.route, after.status, after.answer) == (first.route, first.status, first.answer)
