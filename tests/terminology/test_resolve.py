"""Questions are understood: terms found, senses chosen, written out, and asked back about when it is close."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from terminology.resolve import FixedGlossary, TermResolver
from terminology.types import Sense, TermContext, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from terminology.store import GlossaryStore


def _resolver(senses: Sequence[Sense], **options: object) -> TermResolver:
    return TermResolver(FixedGlossary(senses), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "rewritten"),
    [
        ("AIP是什么", "中国国际印刷技术及设备器械展（全印展）（AIP，All in Print）是什么"),
        ("wms怎么登录", "仓储管理系统（wms，Warehouse Management System）怎么登录"),
        ("WMS和WMS的区别", "仓储管理系统（WMS，Warehouse Management System）和WMS的区别"),
        ("WMS（仓储管理系统）怎么登录", "WMS（仓储管理系统）怎么登录"),
        ("仓储管理系统怎么登录", "仓储管理系统怎么登录"),
        ("AM负责什么", "AM负责什么"),
        ("没有术语的问题", "没有术语的问题"),
    ],
)
def test_rewriting(senses: list[Sense], question: str, rewritten: str) -> None:
    assert _resolver(senses).resolve(question).rewritten_question == rewritten


def test_search_terms_are_the_forms_that_the_question_lacks(senses: list[Sense]) -> None:
    resolver = _resolver(senses)
    assert resolver.resolve("WMS怎么登录").search_terms == ("仓储管理系统", "Warehouse Management System")
    assert resolver.resolve("仓储管理系统怎么登录").search_terms == ("Warehouse Management System", "WMS")
    assert set(resolver.resolve("AM是什么").search_terms) == {
        "客户经理",
        "Account Manager",
        "调幅",
        "Amplitude Modulation",
    }


def test_an_alias_is_shown_with_its_abbreviation() -> None:
    resolver = _resolver([Sense("WMS", "Warehouse Management System", "仓储管理系统", aliases=("WHS",))])
    assert resolver.resolve("WHS怎么登录").rewritten_question.startswith("仓储管理系统（WMS，")


def test_without_evidence_it_asks_back(senses: list[Sense]) -> None:
    (term,) = _resolver(senses).resolve("AM是什么意思？").terms
    assert term.close
    assert {each.sense.chinese for each in (term.chosen, *term.alternatives)} == {"客户经理", "调幅"}
    assert term.chosen.score + sum(each.score for each in term.alternatives) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("department", "chinese"), [("销售部", "客户经理"), ("研发部", "调幅"), ("研发", "调幅")]
)
def test_the_department_decides(senses: list[Sense], department: str, chinese: str) -> None:
    (term,) = _resolver(senses).resolve("AM是什么？", TermContext(department=department)).terms
    assert (term.chosen.sense.chinese, term.chosen_by, term.close) == (chinese, "department", False)


def test_words_of_the_question_decide(senses: list[Sense]) -> None:
    noted = [
        replace(
            each,
            note="负责客户跟进、合同和售后投诉的岗位"
            if each.id == 1
            else "无线电信号的调制方式，载波的幅度随信号变化",
        )
        for each in senses[:2]
    ]
    resolver = _resolver(noted)
    (sales,) = resolver.resolve("客户投诉之后，AM应该多久跟进？").terms
    (radio,) = resolver.resolve("AM信号的载波幅度怎么调制？").terms
    assert (sales.chosen.sense.id, radio.chosen.sense.id) == (1, 2)
    assert sales.chosen_by == radio.chosen_by == "context"
    assert not sales.close
    assert not radio.close


def test_the_conversation_decides(senses: list[Sense]) -> None:
    history = ("无线电的调幅广播和载波幅度", "Amplitude Modulation of radio signals")
    (term,) = _resolver(senses).resolve("那AM呢？", TermContext(history=history)).terms
    assert term.chosen.sense.chinese == "调幅"


def test_other_terms_of_the_question_decide() -> None:
    rows = [
        Sense("CNN", "convolutional neural network", "", id=1),
        Sense("CNN", "condensed nearest neighbor", "", id=2),
        Sense("RNN", "recurrent neural network", "", id=3),
    ]
    terms = _resolver(rows).resolve("Compare the CNN with the RNN.").terms
    assert [each.chosen.sense.id for each in terms] == [1, 3]


def test_the_choice_of_the_user_stands(senses: list[Sense]) -> None:
    (term,) = (
        _resolver(senses).resolve("AM负责什么", TermContext(department="销售部", chosen=(("am", 2),))).terms
    )
    assert (term.chosen.sense.chinese, term.chosen_by, term.close) == ("调幅", "user", False)


def test_same_meaning_twice_is_nothing_to_ask_back_about(senses: list[Sense]) -> None:
    twice = [senses[0], replace(senses[0], id=99, department="市场部")]
    (term,) = _resolver(twice).resolve("AM负责什么").terms
    assert not term.close


class _Documents:
    """Sentences of documents, found by containing the term."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def contexts(self, term: str) -> Sequence[str]:
        return [each for each in self._texts if term in each]

    def change(self) -> int:
        return len(self._texts)


def test_sentences_of_documents_decide(senses: list[Sense]) -> None:
    documents = _Documents(
        "客户经理每周回访老客户，整理商机。",
        "客户经理回访之后要登记商机。",
        "调幅广播受天线高度影响。",
        "天线高度影响调幅覆盖范围。",
        "AM回访之后登记商机。",
        "AM覆盖范围与天线有关。",
    )
    resolver = _resolver(senses, contexts=documents)
    assert resolver.resolve("AM回访要登记什么商机？").terms[0].chosen.sense.chinese == "客户经理"
    assert resolver.resolve("天线高度怎么影响AM？").terms[0].chosen.sense.chinese == "调幅"


def test_verdicts_are_learned_from(senses: list[Sense]) -> None:
    question = "AM的月度目标在哪里填报？"
    verdicts = [Verdict("AM", 2, "AM的月度目标怎么填报？"), Verdict("AM", 2, "AM的目标填报截止日")]
    (before,) = _resolver(senses).resolve(question).terms
    (after,) = TermResolver(FixedGlossary(senses, verdicts)).resolve(question).terms
    assert before.close
    assert (after.chosen.sense.id, after.close) == (2, False)
    wrong = [Verdict("AM", 2, question, right=False), Verdict("AM", 2, f"{question}谢谢", right=False)]
    (taught,) = TermResolver(FixedGlossary(senses, wrong)).resolve(question).terms
    assert taught.chosen.sense.id == 1


def test_frequency_alone_is_no_reason_to_choose(senses: list[Sense]) -> None:
    documents = _Documents(
        *("AM登记商机。", "AM签合同。", "AM回访老客户。", "AM催收货款。", "AM填报目标。"),
        "客户经理每月回访客户。",
        "调幅广播。",
    )
    (asked,) = _resolver(senses, contexts=documents).resolve("AM是什么意思？").terms
    (told,) = _resolver(senses, contexts=documents).resolve("AM多久回访客户一次？").terms
    assert asked.close
    assert (told.chosen.sense.chinese, told.close) == ("客户经理", False)


class _Model:
    """A scorer that always prefers the second sense."""

    def score(self, question: str, senses: Sequence[Sense]) -> list[float]:
        assert question
        return [0.0, 5.0][: len(senses)]


def test_the_terminology_model_counts(senses: list[Sense]) -> None:
    (term,) = _resolver(senses, scorer=_Model()).resolve("AM是什么").terms
    assert (term.chosen.sense.id, term.chosen_by, term.close) == (2, "model", False)


class _Embedder:
    """Embeds texts by whether they speak of radio or of trade."""

    def embed_documents_array(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.embed_query_array(each) for each in texts])

    def embed_query_array(self, text: str) -> NDArray[np.float32]:
        radio = any(word in text for word in ("调幅", "Amplitude", "电台"))
        return np.asarray([1, 0] if radio else [0, 1], np.float32)


def test_an_embedder_counts(senses: list[Sense]) -> None:
    resolver = _resolver(senses, embedder=_Embedder())
    assert resolver.resolve("电台用AM吗").terms[0].chosen.sense.id == 2
    assert resolver.resolve("供应商用AM吗").terms[0].chosen.sense.id == 1


def test_changes_count_from_the_next_question_on(store: GlossaryStore) -> None:
    resolver = TermResolver(store)
    assert resolver.resolve("ERP是什么").terms == ()
    sense = store.add(Sense("ERP", "Enterprise Resource Planning", "企业资源计划"))
    assert resolver.resolve("ERP是什么").terms[0].chosen.sense == sense
    other = store.add(Sense("ERP", "Event Related Potential", "事件相关电位"))
    store.give_verdicts([Verdict("ERP", other.id, "脑电ERP怎么测")])
    assert resolver.resolve("脑电ERP怎么测量").terms[0].chosen.sense == other
    store.undo()
    store.undo()
    assert resolver.resolve("ERP是什么").terms == ()


def test_validity_follows_the_calendar() -> None:
    day = [date(2025, 12, 31)]
    resolver = TermResolver(
        FixedGlossary([Sense("AM", "", "客户经理", valid_from="2026-01-01")]), today=lambda: day[0]
    )
    assert resolver.resolve("AM是什么").terms == ()
    day[0] = date(2026, 1, 1)
    assert resolver.resolve("AM是什么").terms != ()


@pytest.mark.stress
@pytest.mark.parametrize(
    "form", ["{}是什么意思？", "{}代表什么？", "What does {} stand for?", "{}的全称是什么", "什么是{}？"]
)
def test_every_clinical_abbreviation_gives_all_its_senses(data: Path, form: str) -> None:
    lines = (data / "glossary" / "clinical_abbreviations.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    senses = [
        Sense(row["abbreviation"], row["english"], row["chinese"], id=at) for at, row in enumerate(rows, 1)
    ]
    expected: dict[str, set[int]] = defaultdict(set)
    for sense in senses:
        expected[sense.term].add(sense.id)
    resolver = _resolver(senses)
    for term, ids in expected.items():
        found = resolver.resolve(form.format(term)).terms
        assert [{each.id for each in match.match.senses} for match in found] == [ids], term


def test_unknown_abbreviations_of_a_resolved_question(senses: list[Sense]) -> None:
    resolver = _resolver(senses)
    assert resolver.unknown(resolver.resolve("WMS和TPM怎么对接")) == ("TPM",)
