"""Whether passages support an answer: what is named and stands nowhere decides, what everybody says does not."""

from __future__ import annotations

import pytest

from retrieval.types import Chunk, Document, Location, Passage
from router.settings import RouterSettings
from router.support import Support, support_of, told_in_one

TEXTS = [
    "MH-MIS的数据库每天备份，由管理员检查。",
    "胶印机按周保养，更换滤芯须登记。",
    "The reefer is checked every six hours.",
]
MINIMUM = RouterSettings().minimum_support


def passage(text: str, name: str = "d.txt") -> Passage:
    return Passage(Chunk(name, name, 0, text), Document(name, "/d", name, "h", "text/plain"), 1.0, {})


def support(question: str, names: dict[str, tuple[str, ...]] | None = None) -> Support:
    return support_of(question, names or {}, [passage(text, f"{at}.txt") for at, text in enumerate(TEXTS)])


@pytest.mark.parametrize(
    ("question", "enough"),
    [
        ("数据库怎么备份？", True),
        ("胶印机保养要注意什么", True),
        ("怎么把MH-MIS的数据库迁移到Oracle", False),
        ("橡皮布更换的步骤", False),
        ("GDPR对数据库有什么影响", False),
        ("How is a reefer checked?", True),
        ("How do I stop my dog from barking?", False),
    ],
)
def test_a_missing_thing_is_not_supported(question: str, enough: bool) -> None:
    assert support(question).enough(MINIMUM) is enough


def test_one_passage_must_answer_not_all_together() -> None:
    together, apart = support("胶印机的滤芯更换"), support("数据库的滤芯保养")
    assert together.coverage.missing == apart.coverage.missing == ()
    assert together.probability > apart.probability


def test_words_that_everybody_says_tell_little() -> None:
    common, rare = support("胶印机保养到什么程度"), support("胶印机保养用什么润滑脂")
    assert common.probability > rare.probability


def test_another_name_of_a_term_supports_it() -> None:
    texts = [passage("燃油附加费按月调整。")]
    assert support_of("BAF怎么调整", {"BAF": ("燃油附加费",)}, texts).covered == 1.0
    assert support_of("BAF怎么调整", {}, texts).names == ("baf",)


def test_nothing_named_and_nothing_found() -> None:
    assert support("？").covered == 0.0
    assert not support("？").enough(0.0)
    assert support_of("数据库", {}, []).covered == 0.0


def test_the_sentence_that_says_most_is_found() -> None:
    found = support("胶印机更换滤芯").sentence
    assert found.text == "胶印机按周保养，更换滤芯须登记。"
    assert found.passage is not None
    assert found.passage.document.name == "1.txt"


def test_what_one_line_names_in_full() -> None:
    place = Location()
    document = Document("d", "/d", "d.txt", "h", "text/plain")
    line = Passage(
        Chunk("c", "d", 0, "客户：北屿书刊印刷厂  加密狗编号：0009\n青榆彩印", place), document, 1.0, {}
    )
    assert told_in_one("北屿书刊加密狗编号", {}, [line])
    assert not told_in_one("青榆加密狗编号", {}, [line])


def test_a_proper_name_that_stands_nowhere_refuses() -> None:
    found = support("东京胶印机保养要注意什么")
    assert found.names == ("东京",)
    assert not found.enough(0.0)


def test_where_much_stands_nowhere_it_must_be_likely() -> None:
    found = support("胶印机保养的量子通信")
    assert found.features["things that stand nowhere"] >= 0.4
    assert not found.enough(0.0)


def test_other_words_for_the_same_are_heard() -> None:
    assert support("胶印机多久维护一次").enough(MINIMUM)


def test_an_uncommon_english_word_is_a_thing_that_must_be_named() -> None:
    assert not support("How are strawberries checked?").enough(MINIMUM)
