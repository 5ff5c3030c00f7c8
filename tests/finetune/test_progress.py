"""Progress and curves from events: the last values, the time left, and steps that a resume did again."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.folder import JobFolder
from finetune.progress import read_curves, read_progress


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    made = JobFolder(tmp_path)
    made.create()
    return made


def step(folder: JobFolder, number: int, loss: float, **more: object) -> None:
    folder.append("step", step=number, total_steps=10, epoch=number / 5, epochs=2, loss=loss, **more)


def test_nothing_yet(folder: JobFolder) -> None:
    progress = read_progress(folder)
    assert (progress.phase, progress.progress, progress.train_loss) == ("waiting", 0.0, None)
    assert read_curves(folder).train_loss == ()


def test_the_last_values_count(folder: JobFolder) -> None:
    folder.append("started", run="new", step=0, total_steps=10, epochs=2)
    for number in range(1, 5):
        step(folder, number, 1.0 / number, token_accuracy=0.1 * number, tokens=100 * number, memory=7)
    folder.append("evaluation", step=4, val_loss=0.4, token_accuracy=0.8, sense_accuracy=0.9)
    progress = read_progress(folder)
    assert (progress.phase, progress.step, progress.total_steps, progress.epochs) == ("training", 4, 10, 2)
    assert progress.progress == pytest.approx(0.4)
    assert (progress.train_loss, progress.val_loss) == (0.25, 0.4)
    assert (progress.token_accuracy, progress.val_token_accuracy) == (pytest.approx(0.4), 0.8)
    assert progress.sense_accuracy == 0.9
    assert progress.last_event == 6


def test_steps_done_again_replace_those_that_were_lost(folder: JobFolder) -> None:
    folder.append("started", run="new", step=0, total_steps=10)
    for number in range(1, 8):
        step(folder, number, 9.0)
    folder.append("interrupted", error="killed")
    assert read_progress(folder).error == "killed"
    folder.append("started", run="resume", step=5, total_steps=10)
    step(folder, 6, 1.0)
    curves = read_curves(folder)
    assert curves.resumed_at == (5,)
    assert curves.train_loss[-1] == (6, 1.0)
    assert len(curves.train_loss) == 6
    assert read_progress(folder).error == ""


def test_a_new_run_begins_new_curves(folder: JobFolder) -> None:
    folder.append("started", run="new", step=0)
    step(folder, 1, 9.0)
    folder.append("started", run="new", step=0)
    step(folder, 1, 1.0)
    assert read_curves(folder).train_loss == ((1, 1.0),)


def test_what_is_no_number_is_left_out(folder: JobFolder) -> None:
    folder.append("started", run="new", step=0)
    step(folder, 1, float("nan"))
    step(folder, 2, 1.0, learning_rate=None)
    assert read_curves(folder).train_loss == ((2, 1.0),)


def test_speed_and_time_left_follow_the_clock(folder: JobFolder) -> None:
    lines = [
        f'{{"time": "2026-11-22T07:00:0{second}.000+00:00", "kind": "{kind}", "step": {second}, "total_steps": 8,'
        f' "tokens": {second * 50}, "loss": 1.0}}\n'
        for second, kind in ((0, "started"), (1, "step"), (2, "step"), (4, "step"))
    ]
    folder.events_file.write_text("".join(lines))
    progress = read_progress(folder)
    assert progress.tokens_per_second == pytest.approx(50)
    assert progress.eta_seconds == pytest.approx(4)


def test_the_best_step_is_known_while_it_runs_and_forgotten_where_it_is_done_again(
    folder: JobFolder,
) -> None:
    folder.append("started", run="new", step=0)
    folder.append("evaluation", step=4, val_loss=1.0, best=True)
    folder.append("evaluation", step=8, val_loss=2.0, best=False)
    assert read_progress(folder).best_step == 4
    folder.append("started", run="resume", step=2)
    assert read_progress(folder).best_step is None


def test_a_finished_training_that_is_being_measured(folder: JobFolder) -> None:
    folder.append("started", run="new", step=0, total_steps=2)
    folder.append("finished", step=2, best_step=1)
    folder.append("evaluating")
    progress = read_progress(folder)
    assert (progress.phase, progress.progress, progress.best_step) == ("evaluating", 1.0, 1)
    folder.append("evaluated", error="exit code 1")
    progress = read_progress(folder)
    assert progress.phase == "finished"
    assert "exit code 1" in progress.warnings[0]
