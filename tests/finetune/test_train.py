"""The training itself, over a model of two small layers: exact resumes, refusals, stops, memory, the best adapter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, TrainerCallback
from trl.trainer import utils as trl_utils

from finetune import trainer
from finetune.best import standard_error
from finetune.checkpoint import MANIFEST
from finetune.encode import encode
from finetune.errors import DamagedCheckpointError, TrainingMemoryError, TrainingSetupError
from finetune.folder import JobFolder
from finetune.runner import _free_port
from finetune.settings import sharing
from finetune.train import run
from finetune.worker import FAILED, FINISHED, STOPPED, main
from tests.finetune.micro import choices, kinds, losses, make_job, make_micro_base

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_micro_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def whole(base: Path, tmp_path_factory: pytest.TempPathFactory) -> JobFolder:
    """A training of 12 steps that nothing disturbed."""
    job = make_job(tmp_path_factory.mktemp("whole"), base)
    run(job)
    return job


class After(TrainerCallback):
    """Does something once after a step."""

    def __init__(self, step: int, what: Callable[[], None]) -> None:
        self._step, self._what = step, what

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == self._step:
            self._what()


class CrashError(Exception):
    pass


def crash() -> None:
    raise CrashError


def interrupted(folder: Path, base: Path, step: int = 6) -> JobFolder:
    """A job that died after `step`; its last checkpoint is that of step 4."""
    job = make_job(folder, base)
    with pytest.raises(CrashError):
        run(job, observers=[After(step, crash)])
    return job


def test_a_training_leaves_adapter_result_and_events(whole: JobFolder) -> None:
    events = list(whole.events())
    assert events[0].kind == "started"
    assert events[0].fields["total_steps"] == 12
    assert events[0].fields["run"] == "new"
    assert sorted(losses(whole)) == list(range(1, 13))
    assert losses(whole)[12] < losses(whole)[1]
    evaluations = [event.fields for event in events if event.kind == "evaluation"]
    assert [each["step"] for each in evaluations] == [4, 8, 12]
    assert all(0.0 <= each["sense_accuracy"] <= 1.0 and each["val_loss"] > 0 for each in evaluations)
    result = whole.result()
    assert result is not None
    assert result["step"] == 12
    assert not result["stopped"]
    assert events[-1].kind == "finished"
    assert (whole.adapter / "adapter_model.safetensors").exists()
    last_step = [event.fields for event in events if event.kind == "step"][-1]
    assert last_step["samples"] == 48
    assert last_step["tokens"] > 48 * 20


def test_the_best_adapter_is_kept_not_the_last(base: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, base, epochs=4.0)
    run(job)
    evaluations = [event.fields for event in job.events() if event.kind == "evaluation"]
    ranked = [each for each in evaluations if each["best"]][-1]
    highest = max(each["sense_accuracy"] for each in evaluations)
    assert ranked["sense_accuracy"] >= highest - standard_error(highest, ranked["sense_accuracy"], 8)
    result = job.result()
    assert result is not None
    assert (result["best_step"], result["best_value"]) == (ranked["step"], ranked["sense_accuracy"])
    card = json.loads((job.adapter / "termroute.json").read_text())
    assert card["sense_accuracy"] == ranked["sense_accuracy"]


def test_the_output_layer_is_asked_only_about_answers(
    whole: JobFolder, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaving out the positions of prompts changes the work, and nothing else."""
    few = asked_positions(make_job(tmp_path / "few", base), monkeypatch)
    monkeypatch.setattr(trainer, "_SWITCH", "no such switch")
    job = make_job(tmp_path / "all", base)
    every = asked_positions(job, monkeypatch)
    assert 0 < few < every / 2
    assert losses(job) == pytest.approx(losses(whole), abs=1e-4)


def asked_positions(job: JobFolder, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run `job` and return how many positions its training asked the output layer about."""
    asked: list[int] = []
    function = trl_utils._ChunkedLogProbFunction

    class Counting:
        @staticmethod
        def apply(hidden: torch.Tensor, *others: Any) -> Any:
            asked.append(len(hidden))
            return function.apply(hidden, *others)

    with monkeypatch.context() as patched:
        patched.setattr(trl_utils, "_ChunkedLogProbFunction", Counting)
        run(job)
    return sum(asked)


def test_resumed_halfway_ends_with_the_same_loss_as_undisturbed(
    whole: JobFolder, base: Path, tmp_path: Path
) -> None:
    job = interrupted(tmp_path, base)
    assert [step for step, _ in job.checkpoints()] == [4]
    run(job, resume=True)
    undisturbed, resumed = losses(whole), losses(job)
    assert resumed.keys() == undisturbed.keys()
    assert max(abs(resumed[step] - undisturbed[step]) for step in undisturbed) <= 1e-6
    mine, theirs = (load_file(each.adapter / "adapter_model.safetensors") for each in (job, whole))
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    assert [event.fields["run"] for event in job.events() if event.kind == "started"] == ["new", "resume"]


def test_an_unfinished_checkpoint_is_passed_over_for_the_one_before(base: Path, tmp_path: Path) -> None:
    job = interrupted(tmp_path, base, step=9)
    (job.checkpoints()[-1][1] / MANIFEST).unlink()
    run(job, resume=True)
    started = [event.fields for event in job.events() if event.kind == "started"]
    assert started[-1]["step"] == 4
    assert any("never finished" in str(event.fields.get("message")) for event in job.events())


def truncated_adapter(folder: Path) -> None:
    file = folder / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def missing_optimizer(folder: Path) -> None:
    (folder / "optimizer.pt").unlink()


def wrong_step(folder: Path) -> None:
    folder.rename(folder.with_name("checkpoint-5"))


def foreign_data(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["data_hash"] = "0" * 64
    (folder / MANIFEST).write_text(json.dumps(manifest))


def flipped_byte(folder: Path) -> None:
    file = folder / "optimizer.pt"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (truncated_adapter, "adapter_model.safetensors has"),
        (missing_optimizer, "optimizer.pt is missing"),
        (wrong_step, "its name checkpoint-5"),
        (foreign_data, "other data"),
        (flipped_byte, "the content of optimizer.pt"),
    ],
)
def test_a_damaged_checkpoint_is_refused_with_the_reason(
    damage: Callable[[Path], None], reason: str, halfway: JobFolder, tmp_path: Path
) -> None:
    shutil.copytree(halfway.path, tmp_path / "job")
    job = JobFolder(tmp_path / "job")
    damage(job.checkpoints()[-1][1])
    with pytest.raises(DamagedCheckpointError, match=reason):
        run(job, resume=True)


@pytest.fixture(scope="module")
def halfway(base: Path, tmp_path_factory: pytest.TempPathFactory) -> JobFolder:
    return interrupted(tmp_path_factory.mktemp("halfway"), base)


def test_weights_that_do_not_continue_are_refused_even_with_a_right_manifest(
    halfway: JobFolder, tmp_path: Path
) -> None:
    shutil.copytree(halfway.path, tmp_path / "job")
    job = JobFolder(tmp_path / "job")
    file = job.checkpoints()[-1][1] / MANIFEST
    manifest = json.loads(file.read_text())
    manifest["probe"] += 0.5
    file.write_text(json.dumps(manifest))
    with pytest.raises(DamagedCheckpointError, match="after loading"):
        run(job, resume=True)


def test_another_recipe_is_refused(halfway: JobFolder, tmp_path: Path) -> None:
    shutil.copytree(halfway.path, tmp_path / "job")
    job = JobFolder(tmp_path / "job")
    job.recipe.write_text(job.recipe.read_text().replace("rank = 4", "rank = 8"))
    with pytest.raises(DamagedCheckpointError, match="another recipe"):
        run(job, resume=True)


def test_a_stop_keeps_a_checkpoint_and_the_resume_ends_as_undisturbed(
    whole: JobFolder, base: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, base)
    result = run(job, observers=[After(5, job.ask_stop)])
    assert result.stopped
    # The wish is seen at the end of the step in which it came, or of the next one.
    assert result.step in (5, 6)
    assert job.checkpoints()[-1][0] == result.step
    assert kinds(job)[-1] == "stopped"
    job.clear_stop()
    assert not run(job, resume=True).stopped
    assert losses(job)[12] == pytest.approx(losses(whole)[12], abs=1e-6)


class Hungry(TrainerCallback):
    """Runs out of memory while the batch is above a size."""

    def __init__(self, fits: Callable[[Any], bool]) -> None:
        self._fits = fits

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if not self._fits(args):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def test_memory_runs_out_and_the_ladder_keeps_the_effective_batch(base: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, base, epochs=1.0)
    run(job, observers=[Hungry(lambda args: args.per_device_train_batch_size == 1)])
    steps = [event.fields for event in job.events() if event.kind == "ladder"]
    assert [(each["batch_size"], each["accumulation"]) for each in steps] == [(2, 2), (1, 4)]
    assert all("out of memory" in each["reason"] for each in steps)
    assert kinds(job)[-1] == "finished"
    assert max(losses(job)) == 6


def test_out_of_memory_a_new_process_goes_on_where_this_one_came_down_to(base: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, base, epochs=1.0)
    hungry = Hungry(lambda args: args.per_device_train_batch_size <= 2)
    with pytest.raises(CrashError):
        # What never returns in use: the process becomes a new one.
        run(job, observers=[hungry], afresh=crash)
    assert kinds(job) == ["started", "ladder"]
    run(job, resume=True, observers=[hungry])
    again = [event.fields for event in job.events() if event.kind == "started"][-1]
    assert (again["batch_size"], again["accumulation"]) == (2, 2)
    assert kinds(job)[-1] == "finished"


def test_two_processes_take_the_same_steps_as_one(base: Path, tmp_path: Path) -> None:
    changes = {"epochs": 1.0, "save_steps": 2, "lora_dropout": 0.0, "evaluation_steps": 2}
    alone = make_job(tmp_path / "alone", base, **changes)
    run(alone)
    job = make_job(tmp_path / "shared", base, **changes)
    port = _free_port()
    command = (sys.executable, "-m", "finetune.worker", str(job.path))
    shared = [{**os.environ, **sharing(number, 2, port)} for number in range(2)]
    children = [subprocess.Popen(command, env=each, stderr=subprocess.DEVNULL) for each in shared]
    assert [child.wait(240) for child in children] == [FINISHED, FINISHED]
    assert kinds(job) == kinds(alone)
    started = next(event.fields for event in job.events() if event.kind == "started")
    assert (started["processes"], started["batch_size"], started["total_steps"]) == (2, 2, 6)
    # The same samples in each step, and so the same loss but for rounding.
    assert losses(job) == pytest.approx(losses(alone), abs=1e-3)
    assert [step for step, _ in job.checkpoints()] == [step for step, _ in alone.checkpoints()]


def test_memory_that_never_suffices_ends_clearly(base: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, base, epochs=1.0, batch_size=1, accumulation=4, data_max_length=200)
    with pytest.raises(TrainingMemoryError, match="nothing left to give up"):
        run(job, observers=[Hungry(lambda _: False)])
    steps = [event.fields for event in job.events() if event.kind == "ladder"]
    assert [(each["gradient_checkpointing"], each["max_length"]) for each in steps][:2] == [
        (True, 200),
        (True, 150),
    ]


def test_gradient_checkpointing_trains_the_same(whole: JobFolder, base: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, base, gradient_checkpointing=True, lora_dropout=0.0)
    plain = make_job(tmp_path / "plain", base, lora_dropout=0.0)
    run(job)
    run(plain)
    assert losses(job)[12] == pytest.approx(losses(plain)[12], abs=1e-5)


def test_early_stopping_ends_when_nothing_is_gained(base: Path, tmp_path: Path) -> None:
    job = make_job(
        tmp_path, base, epochs=20.0, learning_rate=1e-8, early_stopping_patience=2, evaluation_steps=2
    )
    result = run(job)
    assert result.step < 120
    assert any("stopped early" in str(event.fields.get("message")) for event in job.events())


def test_samples_that_are_too_long_are_told_of_and_left_out(base: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(base)
    lengths = sorted(len(encode(tokenizer, each).input_ids) for each in choices(24))
    job = make_job(tmp_path, base, epochs=1.0, data_max_length=lengths[12])
    run(job)
    warnings = [event.fields["message"] for event in job.events() if event.kind == "warning"]
    assert any("left out" in each for each in warnings)


def test_four_bits_without_a_gpu_say_what_to_do(base: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, base, model_quantization="4bit")
    with pytest.raises(TrainingSetupError, match=r"bitsandbytes|NVIDIA"):
        run(job)


def test_the_worker_ends_with_the_code_of_what_happened(base: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path / "good", base, epochs=1.0)
    assert main([str(job.path)]) == FINISHED
    stopped = make_job(tmp_path / "stopped", base)
    stopped.ask_stop()
    assert main([str(stopped.path)]) == STOPPED
    bad = make_job(tmp_path / "bad", base, model_base=str(tmp_path / "nowhere"))
    assert main([str(bad.path)]) == FAILED
    failed = list(bad.events())[-1]
    assert failed.kind == "failed"
    assert "nowhere" in failed.fields["error"]
