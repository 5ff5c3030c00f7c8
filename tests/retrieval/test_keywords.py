"""The keyword index: ranking, access inside the query, following the database, and damage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from retrieval.keywords import Access, KeywordIndex
from retrieval.store import KnowledgeStore
from tests.retrieval.samples import document

if TYPE_CHECKING:
    from pathlib import Path


def numbers(hits: list[tuple[int, float]]) -> list[int]:
    return [number for number, _ in hits]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("AM负责哪些事情", 1),
        ("Ｔ＋１", 3),
        ("5-ala是什么", 4),
        ("Act.", 5),
        ("001100011002", 6),
        ("402535510938是哪个支行", 7),
        ("colour management", 8),
        ("iso 12647", 8),
        ("退货", 2),
    ],
)
def test_the_right_passage_is_first(index: KeywordIndex, query: str, best: int) -> None:
    hits = index.search(query, 10)
    assert hits[0][0] == best
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)


@pytest.mark.parametrize("query", ["", "   ", "，。！", "zzzqqq"])
def test_nothing_to_find_gives_nothing(index: KeywordIndex, query: str) -> None:
    assert index.search(query, 10) == []


def test_an_empty_index_answers(tmp_path: Path) -> None:
    empty = KeywordIndex(tmp_path / "new")
    assert empty.search("x", 10) == []
    assert empty.field_scores("x", [1]) == {"words": {}, "grams": {}}
    assert empty.coverages("x", ["x"]) == [0.0]
    assert len(empty) == 0


def test_access_is_part_of_the_query(index: KeywordIndex, store: KnowledgeStore) -> None:
    query = "客户经理的工资"
    assert index.search(query, 1)[0][0] == 9
    everyone = Access(groups=frozenset())
    assert numbers(index.search(query, 1, everyone)) == [1]
    assert 9 not in numbers(index.search(query, 100, everyone))
    assert index.search(query, 1, Access(groups=frozenset({"hr"})))[0][0] == 9
    assert 9 not in numbers(index.search(query, 100, Access(groups=frozenset({"hr ", "*", "group:hr"}))))
    only = frozenset({store.documents()[0].id, "nobody"})
    assert {store.passages([n])[n][1].id for n in numbers(index.search("的", 100, Access(None, only)))} <= only
    assert index.search(query, 100, Access(None, frozenset())) == []


def test_access_does_not_change_scores(index: KeywordIndex) -> None:
    free = dict(index.search("客户经理负责", 100))
    for number, score in index.search("客户经理负责", 100, Access(groups=frozenset())):
        assert score == pytest.approx(free[number])


def test_the_name_and_title_of_the_document_count(index: KeywordIndex, store: KnowledgeStore) -> None:
    store.put_document(document("绩效管理办法.docx", ["每年两次。"], title="销售部考核"))
    store.put_document(document("别的.docx", ["每年两次吗。"]))
    index.catch_up(store)
    assert index.search("绩效管理办法每年几次", 1)[0][0] == 10
    assert index.search("销售部考核每年几次", 1)[0][0] == 10


def test_expansions_find_the_other_name(index: KeywordIndex) -> None:
    assert 1 in numbers(index.search("Account Manager回访", 3, expansions=["客户经理"]))
    alone = dict(index.search("AM负责", 10))
    both = dict(index.search("AM负责", 10, expansions=["客户经理", "Account Manager"]))
    assert both[1] > alone[1]
    assert index.search("AM负责", 10, expansions=["AM", ""]) == index.search("AM负责", 10)


def test_scores_of_one_field_add_up(index: KeywordIndex) -> None:
    query = "退货要在几天内"
    scores = index.field_scores(query, [1, 2])
    assert dict(index.search(query, 10))[2] == pytest.approx(scores["words"][2] + scores["grams"][2], rel=1e-5)
    assert index.field_scores(query, []) == {"words": {}, "grams": {}}


def test_coverage_is_the_share_of_rare_words(index: KeywordIndex) -> None:
    text = "退货要在七天内提出。"
    assert index.coverages("退货", [text, "别的"]) == [1.0, 0.0]
    assert index.coverages("火星退货", [text])[0] < 0.6
    assert index.coverages("？", [text]) == [0.0]


def test_following_the_database(index: KeywordIndex, store: KnowledgeStore) -> None:
    store.put_document(document("售后流程.docx", ["新版：客户经理回访三次。"], version="2"))
    assert len(index) == 9
    index.catch_up(store)
    assert index.change == store.latest_change()
    assert len(index) == 8
    assert index.search("退货", 10) == []
    assert index.search("新版", 1)[0][0] == 10
    store.delete_document(store.documents()[0].id)
    index.catch_up(store)
    assert len(index) == len(store.passages_after(0, 100))


def test_replaying_changes_twice_changes_nothing(
    index: KeywordIndex, store: KnowledgeStore, tmp_path: Path
) -> None:
    before = index.search("客户经理", 100)
    manifest = tmp_path / "keywords" / "manifest.json"
    content = json.loads(manifest.read_text())
    # As after a kill between tantivy's commit and the manifest.
    content["change"], content["stamp"] = 2, store.stamp(2)
    manifest.write_text(json.dumps(content))
    again = KeywordIndex(tmp_path / "keywords")
    again.catch_up(store)
    assert again.change == store.latest_change()
    assert numbers(again.search("客户经理", 100)) == numbers(before)
    assert len(again) == len(index)


def test_another_process_sees_what_was_written(
    index: KeywordIndex, store: KnowledgeStore, tmp_path: Path
) -> None:
    reader = KeywordIndex(tmp_path / "keywords")
    store.put_document(document("new.txt", ["全新的段落"]))
    index.catch_up(store)
    reader.refresh()
    assert reader.search("全新", 1)[0][0] == 10
    index.rebuild(store)
    assert reader.search("全新", 1)[0][0] == 10
    reader.refresh()
    assert reader.search("全新", 1)[0][0] == 10


def test_another_database_makes_it_anew(index: KeywordIndex, tmp_path: Path) -> None:
    other = KnowledgeStore(f"sqlite:///{tmp_path / 'other.db'}")
    other.create_schema()
    other.put_document(document("x.txt", [f"段落{number}" for number in range(20)]))
    again = KeywordIndex(tmp_path / "keywords")
    again.catch_up(other)
    assert len(again) == 20
    assert again.search("客户经理", 10) == []
    other.close()


def test_many_removals_make_it_anew_so_that_they_stop_counting(store: KnowledgeStore, tmp_path: Path) -> None:
    index = KeywordIndex(tmp_path / "keywords")
    for version in range(12):
        store.put_document(document("a.txt", [f"结算 {version}", "回访"], version=str(version)))
        index.catch_up(store)
    anew = KeywordIndex(tmp_path / "anew")
    anew.catch_up(store)
    assert index.search("结算", 10) == anew.search("结算", 10)
    assert len(index) == 2
