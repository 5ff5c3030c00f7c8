"""What a question is about, and how far a text names it."""

from __future__ import annotations

import pytest

from retrieval.facts.lexicon import dates, lexicon, translated
from retrieval.facts.subject import Said, subject_of


def words(question: str, **names: tuple[str, ...]) -> dict[str, tuple[float, bool]]:
    return {word.text: (word.weight, word.firm) for word in subject_of(question, names)}


def test_question_words_are_not_the_subject() -> None:
    assert set(words("请问金牌客户每年有几次现场服务呢？")) == {"金牌", "客户", "每年", "现场", "服务"}
    assert set(words("How many on-site visits does the gold plan include?")) == {
        "on-site",
        "visits",
        "gold",
        "plan",
        "include",
    }


def test_a_name_is_firm_and_a_common_thing_is_not() -> None:
    found = words("金牌客户的席位数")
    assert found["金牌"] == (1.0, True)
    assert found["客户"] == (0.4, False)


def test_what_is_cut_off_a_name_stays_with_it() -> None:
    # 铂|金牌 and 陪|产假: without the first character something else is named.
    assert words("铂金牌客户每年几次现场服务")["铂"][1]
    assert words("陪产假几天")["陪"][1]


def test_a_term_is_known_by_all_its_names() -> None:
    (term,) = [word for word in subject_of("BAF收多少", {"BAF": ("燃油附加费",)}) if word.text == "baf"]
    assert term.firm
    assert Said.of("燃油附加费 185").share(term) == 1.0
    assert Said.of("旺季附加费 260").share(term) < 0.5


def test_a_product_with_its_number_is_one_name() -> None:
    (name,) = [word for word in subject_of("MH-Flow 6的价格") if word.text == "mh-flow 6"]
    assert Said.of("MH-Flow 5 标准版").share(name) == 0.0
    assert Said.of("MH-Flow 6 标准版").share(name) == 1.0


@pytest.mark.parametrize(
    ("question", "cell", "other"),
    [
        ("5月24日谁值班", "2026-05-24", "2026-05-25"),
        ("who is on duty on May 4?", "2026-05-04", "2026-04-05"),
        ("2026年3月1日的记录", "2026/3/1", "2025-03-01"),
        ("每月几次", "每个月3次", "每年3次"),
        ("一天补多少", "20元/天", "20元/月"),
    ],
)
def test_days_and_periods_are_compared_by_what_they_mean(question: str, cell: str, other: str) -> None:
    firm = [word for word in subject_of(question) if word.firm]
    assert all(Said.of(cell).share(word) == 1.0 for word in firm)
    assert all(Said.of(other).share(word) < 0.5 for word in firm)


def test_letters_are_not_cut_out_of_a_longer_word() -> None:
    (word,) = subject_of("P1")
    assert Said.of("P1故障").share(word) == 1.0
    assert Said.of("P12 SHIP1").share(word) == 0.0


def test_what_stands_behind_after_counts_less() -> None:
    found = words("how long is the account locked after five failed attempts")
    assert found["locked"][0] > found["failed"][0]


def test_both_languages_and_inflections() -> None:
    assert "印刷" in lexicon().other("printing")
    assert "审批" in lexicon().other("approved")
    assert "invoice" in lexicon().other("发票")
    assert lexicon().other("xyzzy") == ()
    assert "年假" in translated("How much annual leave is there?")[0]
    assert translated("xyzzy?") == ()


def test_an_impossible_day_is_no_day() -> None:
    assert dates("13月40日") == []
    assert dates("3.5 mm") == []


@pytest.mark.parametrize(
    ("question", "text", "named"),
    [
        ("空压机", "空气压缩机每60天保养", True),
        # One street or bank is not another.
        ("南京路", "南京东路", False),
        ("中国银行", "中国工商银行", False),
        ("authenticate", "Authentication: every request carries a key", True),
    ],
)
def test_clipped_and_derived_words(question: str, text: str, named: bool) -> None:
    (word,) = subject_of(question)
    assert (Said.of(text).share(word) > 0.8) is named


def test_the_first_day_is_not_every_day() -> None:
    assert "每天" not in words("新员工第一天领什么")


def test_how_it_is_said_is_not_what_is_asked() -> None:
    assert set(words("加密狗要花多少钱")) == {"加密狗"}
    assert "会议" in words("会议多长时间")
