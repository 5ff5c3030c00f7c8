"""A quoted sentence must itself state what is asked: something of the asked kind, close to what the question names."""

from __future__ import annotations

import pytest

from retrieval.types import Chunk, Document, Location, Passage
from router.grounding import content_units
from router.statement import (
    asked_kind,
    close_by,
    counted_in,
    has_value,
    lacks_sort,
    row_tells,
    stated,
)


def passage(text: str, *headings: str, title: str = "") -> Passage:
    chunk = Chunk("c", "d", 0, text, Location(headings=headings))
    return Passage(chunk, Document("d", "/d", "d.txt", "h", "text/plain", title=title), 1.0, {})


def share(question: str, *passages: Passage) -> float:
    kind = asked_kind(question)
    assert kind is not None
    return stated(question, kind, content_units(question), passages)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("这次培训谁来讲？", "who"),
        ("年会什么时候举行", "when"),
        ("年会在哪里举行", "where"),
        ("一共有多少人参加？", "number"),
        ("火车站事故死亡人数", "number"),
        ("新片的上映时间？", "when"),
        ("新片的导演是谁", "who"),
        ("大桥主桥多长", "number"),
        ("为什么要交押金？", None),
        ("退货流程", None),
        # Two things are asked for, and a story is told around the question.
        ("考核包括什么，由谁来做？", None),
        ("考核看什么由谁来做", None),
        ("客户的授权快到了，能延长几天？", None),
    ],
)
def test_the_one_thing_that_is_asked_for(question: str, kind: str | None) -> None:
    assert asked_kind(question) == kind


def test_a_sentence_that_states_it() -> None:
    found = share("青河大桥主桥多长？", passage("青河大桥昨日通车。青河大桥主桥长504米。"))
    assert found == pytest.approx(1.0)


def test_the_same_words_without_such_a_thing() -> None:
    assert share("青河大桥主桥多长？", passage("青河大桥主桥昨日通车，全长仍待测量。")) == 0.0


def test_what_the_question_says_itself_is_no_answer() -> None:
    assert share("2021年全国粮食产量是多少？", passage("2021年全国粮食产量再创新高。")) == 0.0


def test_a_value_of_something_else_counts_less_the_further_it_stands() -> None:
    question = "青河大桥主桥多长？"
    near = share(question, passage("青河大桥主桥长504米。"))
    far = share(question, passage("青河大桥主桥的建设得到沿线居民多年来的大力支持和帮助，附近的隧道长3200米。"))
    apart = share(question, passage("青河大桥主桥通车。隧道长3200米。"))
    assert near > far > apart > 0


def test_headings_and_the_sentence_before_count_half() -> None:
    bare = share("样机保修多久？", passage("保修期为12个月。"))
    headed = share("样机保修多久？", passage("保修期为12个月。", "样机"))
    assert headed > bare


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("样机由谁负责？", "样机由质量部负责。"),
        ("样机由谁负责？", "样机由王建国负责。"),
        ("样机放在哪里？", "样机放在三号库。"),
        ("样机什么时候到？", "样机下周三上午到。"),
    ],
)
def test_people_places_and_times_are_known_by_name_or_kind(question: str, text: str) -> None:
    assert share(question, passage(text)) > 0.8


def test_nothing_is_stated_about_nothing() -> None:
    assert stated("多少？", "number", (), [passage("共12个。")]) == 0.0


def test_the_cells_of_a_row_belong_together() -> None:
    question = "切纸机的功率是多少"
    row = share(question, passage("设备: 切纸机；功率要求和安装位置: 印后车间东侧靠窗处；额定值: 16 kW"))
    prose = share(question, passage("切纸机，功率要求和安装位置，印后车间东侧靠窗处靠近大门，额定值 16 kW"))
    assert row > prose > 0


def test_what_stands_in_the_headings_counts_nearly_in_full() -> None:
    headed = share("样机保修多久？", passage("保修期为12个月。", "样机"))
    before = share("样机保修多久？", passage("样机。保修期为12个月。"))
    assert headed > before > 0


@pytest.mark.parametrize(
    ("question", "text", "has"),
    [
        ("送审一次收多少钱", "送审平均需要5个工作日。", False),
        ("送审一次收多少钱", "送审一次收300元。", True),
        ("送审要多久", "送审一次收300元。", False),
        ("送审要多久", "送审平均需要5个工作日。", True),
        ("送审的电话是多少", "送审分3步。", False),
    ],
)
def test_a_number_is_of_the_kind_that_is_asked_for(question: str, text: str, has: bool) -> None:
    assert has_value("number", text, question) is has


def test_a_row_has_a_price_where_a_price_is_asked_for() -> None:
    question = "学校的午餐多少钱"
    assert share(question, passage("学校: 北区小学；午餐人数: 120；电话: 5501521")) == 0.0
    assert share(question, passage("学校: 北区小学；午餐价格: 12；电话: 5501521")) > 0.0


def test_what_a_sentence_says_stands_close_to_its_value() -> None:
    words = [(("反光条",), 0.6), (("宽度",), 0.3)]
    assert close_by("反光条宽度不能小于多少", "number", words, "反光条的宽度不小于5 cm。") == 1.0
    far = "反光条每年检查一次，由安全员在每季度第一周完成并登记在台账里，库房备用的那些另行存放，总数是5 cm 的宽度"
    assert (
        close_by(
            "反光条宽度不能小于多少",
            "number",
            [(("反光条",), 1.0)],
            far.replace("一次", "").replace("第一周", ""),
        )
        < 0.9
    )
    assert close_by("反光条宽度不能小于多少", "number", words, "反光条的宽度按规定。") == 0.0


def test_the_unit_that_is_asked_in() -> None:
    assert counted_in("出炉实测多少秒") == ("秒",)
    assert counted_in("要几个工作日") == ("工作日",)
    assert counted_in("谁来做") == ()


@pytest.mark.parametrize("question", ["店长能不能答应客人几点送到", "可不可以告诉他几号到货"])
def test_a_yes_or_no_is_no_value(question: str) -> None:
    assert asked_kind(question) is None


@pytest.mark.parametrize(
    ("question", "row", "tells"),
    [
        ("离心机是多少钱买的", "名称: 离心机；型号: LX-20；额定功率: 3；责任人: 罗岚", False),
        ("离心机是多少钱买的", "名称: 离心机；型号: LX-20；购置金额: 31000", True),
        ("西楼哪年建的", "楼名: 西楼；层数: 6；值班电话: 7401", False),
        ("西楼哪年建的", "楼名: 西楼；竣工日期: 1998-04-02", True),
        ("罗岚今年多大了", "姓名: 罗岚；内线: 8103；办公室: 西楼408", False),
        ("罗岚今年多大了", "姓名: 罗岚；年龄: 41", True),
    ],
)
def test_a_row_tells_only_what_it_has_a_cell_for(question: str, row: str, tells: bool) -> None:
    kind = asked_kind(question)
    assert kind is not None
    assert row_tells(kind, row, question) is tells


def test_a_room_is_no_hospital() -> None:
    assert lacks_sort("体检在哪家医院做", "到三楼人事处领取体检单。")
    assert not lacks_sort("体检在哪家医院做", "体检在仁济医院做。")
    assert not lacks_sort("工厂在哪个城市", "工厂设在南通。")
