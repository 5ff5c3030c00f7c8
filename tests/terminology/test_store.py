"""The store keeps every sense with its history, undoes exactly, and tells other processes of every change."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terminology.errors import (
    GlossaryUnavailableError,
    InvalidSenseError,
    ProposalNotFoundError,
    SenseNotFoundError,
    UndoConflictError,
)
from terminology.store import GlossaryStore
from terminology.types import Evidence, Proposal, Sense, TermSource, Verdict
from terminology.workbook import WorkbookReading, WorkbookRow, incomplete

if TYPE_CHECKING:
    from collections.abc import Sequence


def _reading(rows: Sequence[Sense]) -> WorkbookReading:
    sources = [TermSource("a.xlsx", "Sheet1", number) for number in range(2, len(rows) + 2)]
    return WorkbookReading(
        tuple(
            WorkbookRow(source, replace(row, source=source), "; ".join(incomplete(row)))
            for source, row in zip(sources, rows, strict=True)
        )
    )


def _import(store: GlossaryStore, rows: Sequence[Sense], **options: bool) -> list[tuple[str, str]]:
    report = store.import_reading(_reading(rows), "a.xlsx", "li", **options)
    return [(row.term, row.status) for row in report.rows]


_AM = Sense("AM", "Account Manager", "客户经理")
_MODULATION = Sense("AM", "Amplitude Modulation", "调幅")


def test_import_reports_every_row(store: GlossaryStore) -> None:
    rows = [_AM, _MODULATION, replace(_AM, english="ACCOUNT MANAGER"), Sense("", "x", ""), Sense("X", "", "")]
    expected = ["added", "added", "duplicate", "incomplete", "incomplete"]
    assert [status for _, status in _import(store, rows)] == expected
    assert [(each.term, each.chinese) for each in store.senses()] == [("AM", "客户经理"), ("AM", "调幅")]
    assert [status for _, status in _import(store, rows)][:2] == ["unchanged", "unchanged"]


def test_a_changed_row_changes_its_sense_and_no_other(store: GlossaryStore) -> None:
    _import(store, [_AM, _MODULATION])
    report = store.import_reading(_reading([replace(_AM, chinese="客户主管"), _MODULATION]), "a.xlsx")
    assert [row.status for row in report.rows] == ["changed", "unchanged"]
    assert "客户经理 → 客户主管" in report.rows[0].reason
    assert report.rows[0].sense_id == 1
    assert [each.chinese for each in store.senses()] == ["客户主管", "调幅"]


def test_two_rows_of_one_abbreviation_are_two_senses_even_with_one_english_name(store: GlossaryStore) -> None:
    rows = [_AM, replace(_AM, chinese="客户主管")]
    assert [status for _, status in _import(store, rows)] == ["added", "added"]
    assert [status for _, status in _import(store, rows)] == ["unchanged", "unchanged"]
    assert len(store.senses()) == 2


def test_a_dry_run_reports_the_same_and_writes_nothing(store: GlossaryStore) -> None:
    before = store.revision()
    assert _import(store, [_AM, _MODULATION], dry_run=True) == [("AM", "added"), ("AM", "added")]
    assert store.senses() == []
    assert store.revision() == before
    assert store.history() == []


def test_an_import_that_changes_nothing_leaves_no_trace(store: GlossaryStore) -> None:
    _import(store, [_AM])
    before = store.revision()
    _import(store, [_AM])
    assert store.revision() == before
    assert len(store.history()) == 1


def test_a_moved_row_updates_the_source_that_answers_cite(store: GlossaryStore) -> None:
    _import(store, [_AM])
    assert _import(store, [_MODULATION, _AM])[1] == ("AM", "unchanged")
    assert [each.source.row for each in store.senses() if each.source] == [3, 2]


def test_history_says_who_when_before_and_after(store: GlossaryStore) -> None:
    sense = store.add(_AM, "wang")
    changed = store.edit(replace(sense, chinese="客户主管"), "li")
    store.remove(sense.id, "zhao")
    history = store.history(sense.id)
    assert [(each.action, each.who) for each in history] == [
        ("remove", "zhao"),
        ("edit", "li"),
        ("add", "wang"),
    ]
    assert history[1].edits[0].before == sense
    assert history[1].edits[0].after == changed
    assert history[1].at.startswith("20")
    assert history[0].edits[0].after is None


def test_undo_restores_the_very_same_sense(store: GlossaryStore) -> None:
    sense = store.add(
        replace(_AM, aliases=("客经",), examples=("找AM。",), source=TermSource("a.xlsx", "S", 3))
    )
    store.remove(sense.id)
    undone = store.undo(who="li")
    assert store.senses() == [sense]
    assert undone.action == "undo"
    store.undo(undone.id)
    assert store.senses() == []


def test_undo_refuses_to_overwrite_a_later_change(store: GlossaryStore) -> None:
    sense = store.add(_AM)
    store.edit(replace(sense, note="一"))
    first = store.history()[-1].id
    with pytest.raises(UndoConflictError, match="later change"):
        store.undo(first)
    assert store.sense(sense.id).note == "一"


def test_undo_of_nothing_and_twice(store: GlossaryStore) -> None:
    with pytest.raises(UndoConflictError):
        store.undo()
    store.add(_AM)
    number = store.history()[0].id
    store.undo(number)
    with pytest.raises(UndoConflictError, match="already"):
        store.undo(number)


_SENSE = st.builds(
    Sense,
    st.sampled_from(["AM", "IT", "Act."]),
    st.sampled_from(["", "One", "Two"]),
    st.sampled_from(["一", "二"]),
)
_STEP = st.one_of(
    st.tuples(st.just("import"), st.lists(_SENSE, min_size=1, max_size=4)),
    st.tuples(st.just("add"), _SENSE),
    st.tuples(st.just("edit"), st.tuples(st.integers(0, 5), _SENSE)),
    st.tuples(st.just("remove"), st.integers(0, 5)),
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEP, max_size=6))
def test_undoing_everything_goes_back_exactly_the_way_it_came(steps: list[tuple[str, object]]) -> None:
    store = GlossaryStore("sqlite://")
    store.create_schema()
    states = [store.senses()]
    for step in steps:
        _take(store, *step)
        if store.senses() != states[-1]:
            states.append(store.senses())
    while len(states) > 1:
        states.pop()
        store.undo()
        assert store.senses() == states[-1]
    store.close()


def _take(store: GlossaryStore, action: str, value: object) -> None:
    present = store.senses()
    if action == "import":
        assert isinstance(value, list)
        _import(store, value)
    elif action == "add":
        assert isinstance(value, Sense)
        store.add(value)
    elif action == "edit" and present:
        assert isinstance(value, tuple)
        store.edit(replace(value[1], id=present[value[0] % len(present)].id))
    elif action == "remove" and present:
        assert isinstance(value, int)
        store.remove(present[value % len(present)].id)


def test_ids_are_never_given_twice(store: GlossaryStore) -> None:
    first = store.add(_AM)
    store.remove(first.id)
    assert store.add(_MODULATION).id > first.id


def test_the_revision_grows_with_every_change_in_every_process(store: GlossaryStore, tmp_path: Path) -> None:
    before = store.revision()
    program = (
        "from terminology.store import GlossaryStore; from terminology.types import Sense;"
        f"GlossaryStore('sqlite:///{tmp_path / 'glossary.db'}').add(Sense('ERP', '', '企业资源计划'))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
    assert store.revision().glossary == before.glossary + 1
    store.give_verdicts([Verdict("AM", 1, "AM负责什么")])
    assert store.revision().feedback == before.feedback + 1


def test_senses_that_break_the_rules_are_refused(store: GlossaryStore) -> None:
    with pytest.raises(InvalidSenseError, match="no abbreviation"):
        store.add(Sense("", "x", "y"))
    with pytest.raises(InvalidSenseError, match="before it begins"):
        store.add(replace(_AM, valid_from="2026-02-01", valid_to="2026-01-01"))
    for act in (
        lambda: store.remove(9),
        lambda: store.edit(replace(_AM, id=9)),
        lambda: store.choose("c", "AM", 9),
    ):
        with pytest.raises(SenseNotFoundError, match="9"):
            act()


def test_choices_belong_to_their_conversation(store: GlossaryStore) -> None:
    one, two = store.add(_AM), store.add(_MODULATION)
    store.choose("c1", "ＡＭ", one.id)
    store.choose("c1", "am", two.id)
    assert store.choices("c1") == (("am", two.id),)
    assert store.choices("c2") == ()
    store.forget("c1")
    assert store.choices("c1") == ()


def test_verdicts_are_kept(store: GlossaryStore) -> None:
    store.give_verdicts([Verdict("AM", 1, "AM负责什么", right=False, who="li")])
    assert store.verdicts() == [Verdict("am", 1, "AM负责什么", right=False, who="li")]


def test_proposals_are_decided_by_a_person_in_bulk(store: GlossaryStore) -> None:
    evidence = (Evidence("企业资源计划（ERP）上线。", "a.docx"),)
    found = [
        Proposal("ERP", "", "企业资源计划", evidence=evidence, count=3),
        Proposal("CRM", "", "客户关系管理"),
        Proposal("XYZ"),
    ]
    opened = store.propose(found)
    assert [each.term for each in store.proposals()] == ["ERP", "CRM", "XYZ"]
    with pytest.raises(InvalidSenseError, match="XYZ"):
        store.accept([each.id for each in opened])
    assert store.senses() == []
    accepted = store.accept([each.id for each in opened[:2]], "li")
    assert [(each.term, each.chinese) for each in accepted] == [
        ("ERP", "企业资源计划"),
        ("CRM", "客户关系管理"),
    ]
    assert accepted[0].source == TermSource("a.docx")
    store.reject([opened[2].id])
    assert store.propose(found) == []
    with pytest.raises(ProposalNotFoundError):
        store.reject([opened[0].id])
    assert store.undo().edits[0].after is None
    assert store.senses() == []


def test_unknown_abbreviations_are_counted(store: GlossaryStore) -> None:
    store.note_unknown(["XYZ", "ABC"], "XYZ和ABC是什么")
    store.note_unknown(["XYZ"], "XYZ呢")
    assert [(each.surface, each.count, each.question) for each in store.unknown()] == [
        ("XYZ", 2, "XYZ呢"),
        ("ABC", 1, "XYZ和ABC是什么"),
    ]


def test_a_database_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    store = GlossaryStore(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    with pytest.raises(GlossaryUnavailableError, match="TERMROUTE_DATABASE_URL"):
        store.senses()
    with pytest.raises(GlossaryUnavailableError):
        GlossaryStore("not a url")
