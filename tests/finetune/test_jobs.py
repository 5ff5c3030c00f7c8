"""Jobs run in processes of their own, one per device; results are never overwritten unasked; every end is noticed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from finetune import locks
from finetune.errors import (
    ChangedRecipeError,
    JobActiveError,
    JobNotFoundError,
    JobStateError,
    OtherMachineError,
    ResultsExistError,
)
from finetune.folder import JobFolder
from finetune.progress import read_curves
from finetune.runner import device_lock
from tests.finetune.fake_worker import SAVE_EVERY, STEPS
from tests.finetune.service import Service, behave, recipe, renamed


def killed(service: Service, job_id: str) -> None:
    """Kill the job's process as the system would: without a word."""
    os.kill(service.store.get(job_id).summary["pid"], signal.SIGKILL)


def test_a_job_runs_to_its_end(service: Service, tmp_path: Path) -> None:
    started = service.jobs.start(recipe(tmp_path), owner="li")
    assert started.action == "started"
    job = service.wait(started.job)
    progress = service.jobs.progress(job)
    assert (job.state, job.owner, job.error) == ("finished", "li", "")
    assert (progress.phase, progress.step, progress.progress) == ("finished", STEPS, 1.0)
    assert progress.best_step == STEPS - 10
    assert job.started <= job.ended
    assert job.summary["train_loss"] == pytest.approx(3.0 / STEPS)
    kinds = [event.kind for event in service.jobs.folder(job).events()]
    assert kinds[-2:] == ["evaluating", "evaluated"]


def test_the_folder_alone_holds_recipe_and_data(service: Service, tmp_path: Path) -> None:
    from finetune.load import load_recipe
    from finetune.versions import read_version

    job = service.wait(service.jobs.start(recipe(tmp_path)).job)
    folder = service.jobs.folder(job)
    assert load_recipe(folder.recipe).data.version == str(folder.data)
    assert read_version(folder.data).counts["train"] == 8


def test_one_job_at_a_time_on_a_device(service: Service, tmp_path: Path) -> None:
    first = recipe(tmp_path, "first")
    behave(first, pause=0.05)
    running = service.jobs.start(first).job
    others = [service.jobs.start(recipe(tmp_path, name)).job for name in ("second", "third")]
    service.until_step(running, 2)
    assert [service.jobs.get(job.id).state for job in others] == ["queued", "queued"]
    assert [service.jobs.ahead(service.jobs.get(job.id)) for job in others] == [1, 2]
    ended = [service.wait(job) for job in (running, *others)]
    assert [job.state for job in ended] == ["finished"] * 3
    assert ended[0].ended <= ended[1].started <= ended[1].ended <= ended[2].started


def test_two_processes_share_one_queue(service: Service, tmp_path: Path) -> None:
    other = Service(tmp_path)
    wanted = recipe(tmp_path, "first")
    behave(wanted, pause=0.03)
    first = service.jobs.start(wanted).job
    second = other.jobs.start(recipe(tmp_path, "second")).job
    assert service.wait(second).started >= other.wait(first).ended
    other.close()


def test_results_are_not_overwritten_unasked(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    job = service.wait(service.jobs.start(wanted).job)
    before = JobFolder(Path(job.folder)).events_file.read_bytes()
    with pytest.raises(ResultsExistError) as told:
        service.jobs.start(wanted)
    for choice in ("resume", "restart", "backup", "cancel"):
        assert choice in str(told.value)
    assert service.jobs.start(wanted, if_exists="cancel").action == "cancelled"
    assert JobFolder(Path(job.folder)).events_file.read_bytes() == before
    assert len(service.jobs.all()) == 1


def test_restart_deletes_and_backup_keeps(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    first = service.wait(service.jobs.start(wanted).job)
    again = service.jobs.start(wanted, if_exists="backup")
    assert again.action == "backed up"
    assert (again.backup / "adapter" / "adapter_model.safetensors").exists()
    assert (again.backup / "recipe.toml").exists()
    second = service.wait(again.job)
    assert service.jobs.progress(service.jobs.get(first.id)).step == STEPS, (
        "the backup still answers for the first job"
    )
    third = service.jobs.start(wanted, if_exists="restart")
    assert third.action == "restarted"
    service.wait(third.job)
    gone = service.jobs.get(second.id)
    assert service.jobs.folder(gone) is None
    assert service.jobs.progress(gone).train_loss == pytest.approx(3.0 / STEPS), "its figures are kept"
    assert again.backup.is_dir()


def test_stop_keeps_a_checkpoint_and_resume_goes_on(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    behave(wanted, pause=0.03)
    job = service.jobs.start(wanted).job
    service.until_step(job, 7)
    service.jobs.stop(job.id)
    stopped = service.wait(job)
    folder = service.jobs.folder(stopped)
    reached = service.jobs.progress(stopped).step
    assert stopped.state == "stopped"
    assert folder.checkpoints()[-1][0] == reached
    with pytest.raises(JobStateError, match="over already"):
        service.jobs.stop(job.id)
    behave(wanted)
    again = service.jobs.start(wanted, if_exists="resume")
    assert (again.action, again.job.id) == ("resumed", job.id)
    assert service.wait(job).state == "finished"
    curves = read_curves(folder)
    assert curves.resumed_at == (reached,)
    assert [step for step, _ in curves.train_loss] == list(range(1, STEPS + 1))


def test_a_queued_job_is_stopped_at_once(service: Service, tmp_path: Path) -> None:
    first, second = recipe(tmp_path, "first"), recipe(tmp_path, "second")
    behave(first, pause=0.05)
    service.jobs.start(first)
    waiting = service.jobs.start(second).job
    assert service.jobs.stop(waiting.id).state == "stopped"
    assert not JobFolder(Path(waiting.folder)).events_file.exists()
    assert service.wait(service.jobs.resume(waiting.id)).state == "finished"


@pytest.mark.parametrize("pause", [0.3, 0.6, 0.9])
def test_a_killed_job_loses_at_most_one_save_interval(service: Service, tmp_path: Path, pause: float) -> None:
    wanted = recipe(tmp_path)
    behave(wanted, pause=0.02)
    job = service.jobs.start(wanted).job
    service.until_step(job, 1)
    time.sleep(pause)
    killed(service, job.id)
    dead = service.wait(job)
    assert dead.state == "interrupted"
    assert "SIGKILL" in dead.error
    reached = service.jobs.progress(dead).step
    behave(wanted)
    assert service.wait(service.jobs.resume(job.id)).state == "finished"
    curves = read_curves(service.jobs.folder(job))
    assert reached - (curves.resumed_at or (0,))[0] <= SAVE_EVERY
    assert [step for step, _ in curves.train_loss] == list(range(1, STEPS + 1))


def test_runner_and_worker_killed_together_are_noticed(service: Service, tmp_path: Path) -> None:
    """As after a reboot: nobody was left to write down what happened."""
    wanted = recipe(tmp_path)
    behave(wanted, pause=0.05)
    job = service.jobs.start(wanted).job
    service.until_step(job, 3)
    worker = service.store.get(job.id).summary["pid"]
    runner = int(Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(runner, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    assert service.wait(job).state == "interrupted"
    assert "resume" in service.jobs.get(job.id).error


def test_a_worker_outlives_its_killed_runner_and_keeps_the_device(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path, "first")
    behave(wanted, pause=0.03)
    job = service.jobs.start(wanted).job
    service.until_step(job, 3)
    worker = service.store.get(job.id).summary["pid"]
    os.kill(int(Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[1]), signal.SIGKILL)
    time.sleep(0.1)
    assert service.jobs.get(job.id).state == "running"
    assert locks.is_held(device_lock(tmp_path / "training", "cpu"))
    waiting = service.jobs.start(recipe(tmp_path, "second")).job
    assert service.jobs.get(waiting.id).state == "queued"
    first, second = service.wait(job), service.wait(waiting)
    assert (first.state, second.state) == ("finished", "finished")
    assert service.jobs.progress(first).step == STEPS


def test_a_failure_gives_its_reason_and_its_advice(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    behave(wanted, fail_at=3)
    failed = service.wait(service.jobs.start(wanted).job)
    assert (failed.state, failed.error) == ("failed", "out of memory at batch 1")
    assert service.jobs.progress(failed).advice == "Use a smaller model."


def test_a_crash_is_an_interruption_and_names_the_signal(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    behave(wanted, crash_at=3)
    assert "SIGABRT" in service.wait(service.jobs.start(wanted).job).error


def test_several_processes_train_one_job_and_the_first_writes_for_all(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path, processes=2)
    job = service.wait(service.jobs.start(wanted).job)
    folder = service.jobs.folder(job)
    assert job.state == "finished"
    assert [(folder.path / f"process-{number}").read_text() for number in range(2)] == ["2", "2"]
    assert [event.kind for event in folder.events()].count("started") == 1


def test_where_one_process_breaks_off_all_end(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path, processes=2)
    behave(wanted, breaks=1, pause=1.0)
    began = time.monotonic()
    job = service.wait(service.jobs.start(wanted).job)
    assert (job.state, "SIGABRT" in job.error) == ("interrupted", True)
    # Sixty steps of a second were not waited for.
    assert time.monotonic() - began < 40
    assert not locks.is_held(service.jobs.folder(job).lock)


def test_resume_refuses_another_recipe_and_other_data(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    behave(wanted, pause=0.03)
    job = service.jobs.start(wanted).job
    with pytest.raises(JobActiveError):
        service.jobs.start(wanted, if_exists="resume")
    service.until_step(job, 6)
    service.jobs.stop(job.id)
    service.wait(job)
    with pytest.raises(ChangedRecipeError, match="recipe"):
        service.jobs.start(recipe(tmp_path, learning_rate=0.5), if_exists="resume")
    (tmp_path / "samples.jsonl").write_text('{"instruction": "x", "output": "y"}\n')
    with pytest.raises(ChangedRecipeError, match="data"):
        service.jobs.start(wanted, if_exists="resume")
    assert service.jobs.get(job.id).state == "stopped"


def test_a_finished_job_has_nothing_to_resume(service: Service, tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    job = service.wait(service.jobs.start(wanted).job)
    assert service.jobs.start(wanted, if_exists="resume").action == "finished already"
    with pytest.raises(JobStateError, match="finished"):
        service.jobs.resume(job.id)


def test_results_that_the_database_does_not_know_are_resumed(service: Service, tmp_path: Path) -> None:
    """A job's folder copied from another machine."""
    wanted = recipe(tmp_path)
    job = service.wait(service.jobs.start(wanted).job)
    folder = JobFolder(Path(job.folder))
    elsewhere = renamed(wanted, "copied")
    folder.path.rename(elsewhere.output.folder)
    copied = JobFolder(Path(elsewhere.output.folder))
    lines = copied.events_file.read_text().splitlines(keepends=True)
    copied.events_file.write_text("".join(lines[:20]))
    copied.recipe.write_text(copied.recipe.read_text().replace(str(folder.path), str(copied.path)))
    again = service.jobs.start(elsewhere, if_exists="resume")
    assert again.action == "resumed"
    assert service.wait(again.job).state == "finished"


def test_jobs_of_another_machine_are_shown_but_not_touched(service: Service, tmp_path: Path) -> None:
    from dataclasses import replace

    job = service.wait(service.jobs.start(recipe(tmp_path)).job)
    service.store.add(replace(job, id="elsewhere", place="other", state="running"))
    assert service.jobs.get("elsewhere").state == "running"
    assert service.jobs.folder(service.jobs.get("elsewhere")) is None
    with pytest.raises(OtherMachineError):
        service.jobs.stop("elsewhere")
    service.store.move("elsewhere", "failed", among=("running",))


def test_an_unknown_job(service: Service) -> None:
    with pytest.raises(JobNotFoundError, match="nope"):
        service.jobs.get("nope")


def test_a_job_outlives_the_process_that_started_it(tmp_path: Path, service: Service) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.finetune.service import Service, recipe\n"
        "root = Path(sys.argv[1]); print(Service(root).jobs.start(recipe(root)).job.id)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert service.wait(service.jobs.get(done.stdout.strip())).state == "finished"


def test_neither_arguments_nor_environment_show_the_database(
    service: Service, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("TERMROUTE_LLM_API_KEY", "sk-secret-value")
    wanted = recipe(tmp_path)
    behave(wanted, pause=0.05)
    job = service.jobs.start(wanted).job
    service.until_step(job, 2)
    worker = service.store.get(job.id).summary["pid"]
    runner = Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[1]
    for process in (str(worker), runner):
        for part in ("cmdline", "environ"):
            content = Path(f"/proc/{process}/{part}").read_bytes()
            assert b"jobs.db" not in content
            assert b"sk-secret-value" not in content
