"""A row that only looks like the asked one is not quoted; one that has every asked thing is."""

from __future__ import annotations

import pytest

from retrieval.facts.subject import subject_of
from retrieval.types import Chunk, Document, Location, Passage
from router.asked import asked_words
from router.coverage import coverage_of
from router.lookalikes import resembles, stands_for_another


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("枫林制药的信用期", "客户: 枫陵制药有限公司；信用期（天）: 45"),
        ("云栖物流的联系人", "名称: 云溪物流股份公司；联系人: 沈可"),
        ("东港三号泵房的功率", "泵房: 东港二号泵房；功率（kW）: 30"),
    ],
)
def test_a_changed_character_is_another_name(question: str, row: str) -> None:
    assert resembles(question, row)


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("枫陵制药的信用期", "客户: 枫陵制药有限公司；信用期（天）: 45"),
        ("空压机谁管", "设备: 空气压缩机；责任人: 温如"),
        ("空调坏了找谁", "事项: 空调、门禁；联系人: 温如"),
        ("夜班一次补多少", "项目: 夜班补贴；标准: 60元/次"),
        ("东港二号泵房和三号泵房", "泵房: 东港二号泵房；功率（kW）: 30"),
    ],
)
def test_the_asked_name_is_itself(question: str, row: str) -> None:
    assert not resembles(question, row)


def passage(text: str) -> Passage:
    return Passage(
        Chunk("c", "d", 0, text, Location()), Document("d", "/d", "名册.csv", "h", "text/csv"), 1.0, {}
    )


@pytest.mark.parametrize(
    ("question", "row", "other"),
    [
        ("贺岚的分机号", "姓名: 温如；部门: 后勤；分机号: 4107", True),
        ("三副的津贴是多少", "职务: 大副；津贴: 1,250", True),
        ("温如的分机号", "姓名: 温如；部门: 后勤；分机号: 4107", False),
        ("门禁坏了找谁", "事项: 空调、门禁；联系人: 温如；分机: 4107", False),
    ],
)
def test_a_row_under_another_name(question: str, row: str, other: bool) -> None:
    coverage = coverage_of(asked_words(question, {}), [passage(row)])
    assert stands_for_another(coverage, question, subject_of(question)) is other


def test_a_latin_name_is_no_other_form_of_its_neighbour() -> None:
    words = asked_words("Silverwood Ltd的信用额度", {})
    told = coverage_of(words, [passage("客户: Silverway Ltd；信用额度（USD）: 9,000；等级: A")]).sentence
    said = {asked.word.text: share for asked, share in zip(words, told.said, strict=True)}
    assert said["silverwood"] == 0.0
