"""Verdicts that are taken back leave no trace, and those of others stay."""

from __future__ import annotations

from pathlib import Path

from terminology.store import GlossaryStore
from terminology.types import Verdict


def test_one_verdict_goes_for_each_that_is_withdrawn(tmp_path: Path) -> None:
    store = GlossaryStore(f"sqlite:///{tmp_path / 'x.db'}")
    store.create_schema()
    mine, other = Verdict("AM", 7, "AM加网？", True, "anna"), Verdict("AM", 7, "AM加网？", True, "ben")
    store.give_verdicts([mine, other, mine])
    before = store.revision()
    assert store.withdraw_verdicts([mine]) == 1
    assert [each.who for each in store.verdicts()] == ["anna", "ben"]
    assert store.revision().feedback == before.feedback + 1
    assert store.withdraw_verdicts([mine, mine]) == 1
    assert [each.who for each in store.verdicts()] == ["ben"]
    unchanged = store.revision()
    assert store.withdraw_verdicts([mine]) == 0
    assert store.revision() == unchanged
    store.close()
