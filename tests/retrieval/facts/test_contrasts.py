"""A value belongs to what is named beside it: not to another thing of the same kind, nor to a longer name that has the asked one in it."""

from __future__ import annotations

import pytest

from retrieval.facts.contrasts import best_named, of_others
from retrieval.facts.sentences import SentenceFacts
from retrieval.types import Chunk, Document, Location, Passage

RULES = (
    "酒店大堂每日清洁三次，客房每日清洁一次，泳池每周换水一次。标准间押金为500元，家庭套房押金800元，长住客户免押金。"
    "准会员积分有效期为6个月，会员积分有效期为2年。客房部副经理津贴每月600元，经理津贴每月900元。"
    "儿童票价60元，成人票价120元。停电恢复时间目标为10分钟，数据恢复点目标为5分钟。"
    "员工迟到2次以内不处罚，第3次起每次罚30元。收银员备用金达到2000元或者外币等值300美元的须上缴。"
    "锅炉每半年检修一次，电梯每15天保养一次，保养记录留存4年。旷工1天扣3天工资。一档客房每晚300元，二档客房每晚420元。"
)
TERMS = (
    "The room rate is EUR 145 per night. A late check-out is charged at 30 per cent of the room rate. "
    "Deposits are refunded within 7 days, and city tax of EUR 3 is due on arrival. "
    "Either party may end the lease by giving 60 days' notice. Guests may cancel up to 48 hours before arrival."
)


def find(question: str, *texts: tuple[str, str]) -> tuple[str, list[str]]:
    passages = []
    for number, (text, name) in enumerate(texts):
        document = Document(name, f"/x/{name}", name, "h", "x")
        passages.append(Passage(Chunk(f"c{number}", document.id, 0, text, Location()), document, 1.0))
    found = SentenceFacts().find(question, passages)
    return found.status, [fact.value for fact in found.facts]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("恢复点目标是多少", "5分钟"), ("恢复时间目标是多少", "10分钟"), ("数据恢复点目标是多长时间", "5分钟"), ("会员积分有效期多久", "2年"),
        ("准会员积分有效期多久", "6个月"), ("经理津贴多少", "900元"), ("副经理津贴每月多少", "600元"), ("成人票价多少", "120元"), ("家庭套房押金多少钱", "800元"),
        ("泳池多久换水", "每周换水一次"), ("电梯多久保养", "每15天保养一次"), ("锅炉几个月检修一次", "每半年检修一次"), ("保养记录留存多久", "4年"),
        ("迟到一次罚多少", "30元"), ("备用金到多少要上缴", "2000元或者外币等值300美元"), ("旷工扣多少", "3天工资"), ("二档客房每晚多少钱", "420元"),
    ],
)  # fmt: skip
def test_the_value_of_the_named_thing(question: str, value: str) -> None:
    assert find(question, (RULES, "管理规定.docx")) == ("found", [value])


@pytest.mark.parametrize(
    "question",
    ["押金多少", "儿童和成人票价一共多少", "储藏间押金多少", "三档客房每晚多少钱", "泳池多久检修一次"],
)
def test_no_value_of_another_thing(question: str) -> None:
    assert find(question, (RULES, "管理规定.docx")) == ("absent", [])


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("How much notice to end the lease?", "60 days"), ("How late can guests cancel?", "48 hours before"), ("How much is the city tax?", "EUR 3"),
        ("How soon are deposits refunded?", "7 days"), ("What percentage is charged for a late check-out?", "30 per cent"),
        ("How many days notice for non-renewal?", None), ("What is the room rate?", None), ("押金多少", None),
    ],
)  # fmt: skip
def test_english_sentences(question: str, value: str | None) -> None:
    assert find(question, (TERMS, "terms.md")) == (("found", [value]) if value else ("absent", []))


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("产假几天", "陪产假15天。", None), ("产假几天", "产假158天，陪产假15天。", "158天"), ("产假几天", "产假158天。\n陪产假15天。", "158天"),
        ("乙类设备多久校准一次", "甲类设备每半年校准一次。乙类设备每两年校准一次。", "每两年校准一次"),
        ("设备多久校准一次", "甲类设备每半年校准一次。乙类设备每两年校准一次。", None),
        ("宿舍每间住几人", "员工宿舍每间住4人。实习生宿舍每间住6人。", None),
        ("一般客户几天开好", "重点客户2个工作日内开好，一般客户5个工作日内开好。", "5个工作日内"),
        ("保险费率是多少", "国内运输保险费率为0.3%。国际运输保险费率为0.8%。", None),
    ],
)  # fmt: skip
def test_different_things_do_not_contradict_each_other(question: str, text: str, value: str | None) -> None:
    assert find(question, (text, "规定.docx")) == (("found", [value]) if value else ("absent", []))


SCHOOL = (
    "学费每学期9800元，住宿费每学期1200元，教材费按实际收取。小学部每节课40分钟，初中部每节课45分钟。学生请假3天以内由班主任批准，3天以上由年级主任批准。"
    "灭火器每季度检查一次、每五年更换一次。律所年会费为每人1800元，实习律师免缴年会费。夜班津贴每班50元，通宵班每班90元。"
    "同城件当日达，省内件次日达，跨省件2至3天送达。丢失未保价的按运费的5倍赔偿，最高500元。保价费为声明价值的0.5%，最低1元。"
    "上诉期为15日，执行申请期限为2年。运动会定于10月16日至17日举行。风险代理收费不得超过标的额的18%，按件收费的每件不低于5000元。"
    "通行证有效期两年，过期前30天办理续期。公司在北京、广州设有办事处，现有员工186人。"
)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("教材费多少", None), ("住宿费一学期多少", "1200元"), ("高中部每节课多久", None), ("初中部每节课多久", "45分钟"), ("请假3天以上谁批准", "年级主任"),
        ("灭火器多久更换一次", "每五年更换一次"), ("灭火器多久换", "每五年更换一次"), ("实习律师年会费多少", None), ("周末班津贴多少", None), ("通宵班津贴多少", "90元"),
        ("省内件多久到", None), ("特快件几天送达", None), ("跨省件几天送到", "2至3天"), ("没保价丢失赔多少", None), ("保价费最低多少", "1元"), ("再审申请期多久", None),
        ("运动会哪天举行", "10月16日至17日"), ("风险代理最高收多少", "18%"), ("通行证办下来要几天", None), ("通行证提前几天续期", "30天"), ("广州办事处有多少员工", None),
        ("公司有多少员工", "186人"),
    ],
)  # fmt: skip
def test_what_stands_beside_the_value(question: str, value: str | None) -> None:
    found = find(question, (SCHOOL, "办事指南.docx"))
    assert found == (("found", [value]) if value else ("absent", []))


MORE = (
    "等待期90天，意外住院无等待期。基本保额20万元，癌症额外给付基本保额的50%。报销比例门诊60%、住院80%。代理人首年佣金25%，续年佣金8%。"
    "装修时间为工作日8:30至12:00，周末及节假日不得施工。"
)
MUSEUM = (
    "The museum is open from 10:00 to 18:00 and is closed on Mondays. Annual membership costs €65, family membership €110. "
    "Couriers stay for 3 to 5 days. The pool is closed from 4 to 18 August. The commission was raised from 5 to 7 per cent."
)


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("意外住院等待期多久", MORE, None), ("等待期多久", MORE, "90天"), ("基本保额多少", MORE, "20万元"), ("住院报销比例是多少", MORE, "80%"),
        ("门诊报销比例多少", MORE, "60%"), ("首年佣金比例多少", MORE, "25%"), ("周末能装修到几点", MORE, None),
        ("When does the museum open?", MUSEUM, "10:00 to 18:00"), ("How much is a family membership?", MUSEUM, "€110"),
        ("How long do couriers stay?", MUSEUM, "3 to 5 days"), ("When is the pool closed?", MUSEUM, "4 to 18 August"),
    ],
)  # fmt: skip
def test_labels_exceptions_and_ranges(question: str, text: str, value: str | None) -> None:
    assert find(question, (text, "说明.md")) == (("found", [value]) if value else ("absent", []))


def test_the_same_thing_told_differently_is_a_contradiction() -> None:
    texts = (("通勤班车费为每月25元。", "甲.docx"), ("通勤班车费为每月30元。", "乙.docx"))
    assert find("通勤班车费每月多少", *texts) == ("several", ["25元", "30元"])


def test_which_sentences_name_it_in_full() -> None:
    told = [("高风险设备每半年检查一次。", "每半年"), ("低风险设备每三年检查一次。", "每三年")]
    assert best_named("低风险设备多久检查一次", told) == [1]
    assert best_named("设备多久检查一次", told) == [0, 1]
    assert of_others(
        "设备多久检查一次", ("锅炉设备每半年检查一次。", "每半年"), ("电梯设备每月检查一次。", "每月")
    )
    assert not of_others("设备多久检查一次", ("设备每半年检查一次。", "每半年"), ("设备每月检查一次。", "每月"))
