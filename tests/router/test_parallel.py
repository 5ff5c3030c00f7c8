"""What a new name stands in for: of the same kind, in the same place, and nothing where there is no such thing."""

from __future__ import annotations

import pytest

from router.parallel import with_counterpart


@pytest.mark.parametrize(
    ("new", "previous", "completed"),
    [
        ("建行", "工行苏州墨衡路支行的联行号是多少", "建行苏州墨衡路支行的联行号是多少"),
        ("建行", "青槐农商行兴发支行的联行号", "建行兴发支行的联行号"),
        ("云母巷支行", "工行苏州墨衡路支行的联行号是多少", "工行苏州云母巷支行的联行号是多少"),
        ("企业版", "MH-Flow 5 标准版的目录价是多少", "MH-Flow 5 企业版的目录价是多少"),
        ("陪产假", "婚假几天", "陪产假几天"),
        ("北京办事处", "请问上海办事处的电话是多少", "请问北京办事处的电话是多少"),
        ("北京", "上海的差旅住宿标准是多少", "北京的差旅住宿标准是多少"),
        ("李明", "王芳的分机是多少", "李明的分机是多少"),
        ("P2", "P1的首次响应时间是多少", "P2的首次响应时间是多少"),
        ("TR-102", "TR-101的天数", "TR-102的天数"),
        ("30号", "5月29日值班的是谁", "5月30日值班的是谁"),
        ("6月", "5月29日值班的是谁", "6月29日值班的是谁"),
        ("去年", "今年的营收目标是多少", "去年的营收目标是多少"),
        ("周三", "周二谁值班", "周三谁值班"),
        ("第二季度", "第一季度的目标是多少", "第二季度的目标是多少"),
        (
            "GET /v3/jobs/{id}",
            "What is the rate limit of GET /v3/devices?",
            "What is the rate limit of GET /v3/jobs/{id}?",
        ),
        ("Beijing", "What is the hotel limit in Shanghai?", "What is the hotel limit in Beijing?"),
        ("enterprise edition", "How much is the standard edition?", "How much is the enterprise edition?"),
        ("CEO", "CFO是谁", "CEO是谁"),
    ],
)
def test_the_counterpart_is_replaced(new: str, previous: str, completed: str) -> None:
    assert with_counterpart(new, previous, (), known=False) == completed


def test_a_known_term_takes_the_place_of_the_term_most_like_it() -> None:
    assert with_counterpart("UCR", "GCR的中文叫什么？", [(0, 3)], known=True) == "UCR的中文叫什么？"
    assert with_counterpart("P2", "AM处理P1要多久", [(0, 2), (4, 6)], known=True) == "AM处理P2要多久"


@pytest.mark.parametrize(
    ("new", "previous"), [("电话", "上海办事处在什么位置"), ("30号", "婚假几天"), ("蓝色", "婚假几天")]
)
def test_nothing_of_its_kind(new: str, previous: str) -> None:
    assert with_counterpart(new, previous, (), known=False) is None
