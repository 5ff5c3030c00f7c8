"""Whether passages support an answer: what is named and stands nowhere decides."""

from __future__ import annotations

import pytest

from retrieval.types import Chunk, Document, Location, Passage
from router.support import support_of, told_in_one

TEXTS = [
    "MH-MIS的数据库每天备份，由管理员检查。",
    "胶印机按周保养，更换滤芯须登记。",
    "The reefer is checked every six hours.",
]


@pytest.mark.parametrize(
    ("question", "enough"),
    [
        ("数据库怎么备份？", True),
        ("胶印机保养要注意什么", True),
        ("怎么把MH-MIS的数据库迁移到Oracle", False),
        ("胶印机橡皮布更换的步骤", False),
        ("GDPR对数据库有什么影响", False),
        ("How is a reefer checked?", True),
        ("How do I stop my dog from barking?", False),
    ],
)
def test_a_missing_thing_is_not_supported(question: str, enough: bool) -> None:
    assert support_of(question, {}, TEXTS).enough(0.45, exact=False) is enough


def test_a_value_needs_everything_that_is_named() -> None:
    found = support_of("胶印机、数据库、备份和橡皮布的数量", {}, TEXTS)
    assert found.enough(0.45, exact=False)
    assert not found.enough(0.45, exact=True)


def test_another_name_of_a_term_supports_it() -> None:
    texts = ["燃油附加费按月调整。"]
    assert support_of("BAF怎么调整", {"BAF": ("燃油附加费",)}, texts).covered == 1.0
    assert support_of("BAF怎么调整", {}, texts).names == ("baf",)


def test_nothing_named_and_nothing_found() -> None:
    assert support_of("？", {}, TEXTS).covered == 0.0
    assert support_of("数据库", {}, []).covered == 0.0


def test_what_one_line_names_in_full() -> None:
    place = Location()
    document = Document("d", "/d", "d.txt", "h", "text/plain")
    line = Passage(
        Chunk("c", "d", 0, "客户：北屿书刊印刷厂  加密狗编号：0009\n青榆彩印", place), document, 1.0, {}
    )
    assert told_in_one("北屿书刊加密狗编号", {}, [line])
    assert not told_in_one("青榆加密狗编号", {}, [line])
