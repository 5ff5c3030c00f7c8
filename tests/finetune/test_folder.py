"""A job's folder: events survive a kill in the middle of a line, and nothing but results is ever deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.folder import JobFolder


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    made = JobFolder(tmp_path / "job")
    made.create()
    return made


def test_events_are_numbered_and_can_be_asked_for_after_one(folder: JobFolder) -> None:
    assert list(folder.events()) == []
    for step in (1, 2, 3):
        folder.append("step", step=step, loss=0.5, note="缩略语")
    found = list(folder.events(after=1))
    assert [(event.number, event.kind, event.fields["step"]) for event in found] == [
        (2, "step", 2),
        (3, "step", 3),
    ]
    assert found[0].to_json()["note"] == "缩略语"
    assert "缩略语" in folder.events_file.read_text("utf-8")


def test_half_a_line_is_passed_over_and_does_not_swallow_the_next(folder: JobFolder) -> None:
    folder.append("step", step=1)
    with folder.events_file.open("a") as file:
        file.write('{"time": "x", "kind": "st')
    assert [event.fields["step"] for event in folder.events()] == [1]
    folder.append("step", step=2)
    assert [event.fields["step"] for event in folder.events()] == [1, 2]
    assert [event.number for event in folder.events()] == [1, 3]


def test_numbers_of_other_libraries_are_written(folder: JobFolder) -> None:
    import numpy as np

    folder.append("step", step=1, loss=np.float32(0.5))
    assert next(folder.events()).fields["loss"] == 0.5


def test_checkpoints_come_in_the_order_of_their_steps(folder: JobFolder) -> None:
    for name in ("checkpoint-100", "checkpoint-20", "tmp-3", "checkpoint-x"):
        (folder.checkpoints_folder / name).mkdir()
    assert [step for step, _ in folder.checkpoints()] == [20, 100]


def test_stop_is_asked_for_and_taken_back(folder: JobFolder) -> None:
    assert not folder.stop_asked()
    folder.ask_stop()
    assert JobFolder(folder.path).stop_asked()
    folder.clear_stop()
    folder.clear_stop()
    assert not folder.stop_asked()


def test_the_result_is_replaced_whole(folder: JobFolder) -> None:
    assert folder.result() is None
    folder.write_result({"step": 1})
    folder.write_result({"step": 2})
    assert folder.result() == {"step": 2}


def test_only_results_are_deleted(folder: JobFolder) -> None:
    assert not folder.has_results()
    folder.recipe.write_text("x")
    (folder.path / "notes.md").write_text("mine")
    folder.append("started")
    (folder.checkpoints_folder / "checkpoint-1").mkdir()
    assert folder.has_results()
    folder.delete_results()
    assert not folder.has_results()
    assert folder.recipe.exists()
    assert (folder.path / "notes.md").exists()


def test_a_backup_has_everything_and_leaves_the_folder_free(folder: JobFolder) -> None:
    folder.recipe.write_text("x")
    (folder.data / "train.jsonl").write_text("{}")
    folder.append("started")
    first, second = folder.back_up(), None
    assert JobFolder(first).has_results()
    assert (first / "data" / "train.jsonl").exists()
    assert not folder.has_results()
    folder.append("started")
    second = folder.back_up()
    assert second != first
    assert JobFolder(first).has_results()
