"""`第三步详细说说` after an answer that lists the steps."""

from __future__ import annotations

import pytest

from retrieval.types import Chunk, Document, Location, Passage
from router.parts import asked_part

TEXT = "关闭进水阀。\n拆下滤芯。\n用清水冲洗十分钟。\n装回并排气。"
PASSAGE = Passage(
    Chunk("c", "d", 0, TEXT, Location()), Document("d", "/d", "保养.md", "h", "text/plain"), 1.0, {}
)
SAID = "（未配置语言模型，以下为文件原文摘录）\n关闭进水阀。 [1]\n拆下滤芯。 [2]\n用清水冲洗十分钟。 [3]\n装回并排气。 [4]"


@pytest.mark.parametrize(
    "question",
    ["第三步详细说说", "净水器保养，第3步怎么做", "tell me more about the third step", "step 3 please"],
)
def test_the_lines_are_counted(question: str) -> None:
    assert asked_part(question, [("净水器怎么保养", SAID)], [PASSAGE]) == ("用清水冲洗十分钟。", PASSAGE)


def test_numbers_of_their_own_come_first() -> None:
    text = "2. 拆下滤芯。\n4. 装回并排气。"
    shown = Passage(Chunk("c", "d", 0, text, Location()), PASSAGE.document, 1.0, {})
    turns = [("净水器怎么保养", "2. 拆下滤芯。 [1]\n4. 装回并排气。 [2]")]
    assert asked_part("第四步展开讲讲", turns, [shown]) == ("4. 装回并排气。", shown)
    assert asked_part("第一步展开讲讲", turns, [shown]) is None


def test_nothing_without_a_part_or_an_answer_before() -> None:
    assert asked_part("详细说说", [("净水器怎么保养", SAID)], [PASSAGE]) is None
    assert asked_part("第三步详细说说", [], [PASSAGE]) is None
    assert asked_part("第九步详细说说", [("净水器怎么保养", SAID)], [PASSAGE]) is None
