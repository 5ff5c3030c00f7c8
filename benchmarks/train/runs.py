"""One training run, ours or a bare script's, on the same ids; every run has a process of its own."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback
from typing_extensions import override

from finetune.encode import encode
from finetune.folder import JobFolder
from finetune.load import load_recipe
from finetune.versions import read_samples, read_version

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNS = ("ours", "bare", "alike")


class Clock(TrainerCallback):
    """Time and non-padding tokens from the first log to the last one, both as trl's trainer counts them."""

    def __init__(self) -> None:
        self.first_step = 0.0
        self.points: list[tuple[float, float]] = []

    @override
    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == 1:
            self.first_step = time.time()

    @override
    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        if logs and "num_tokens" in logs:
            self.points.append((time.perf_counter(), float(logs["num_tokens"])))

    def found(self) -> dict[str, float]:
        """Return seconds, tokens and the time of day at which the first step was done."""
        (began, before), (ended, after) = self.points[0], self.points[-1]
        return {"seconds": ended - began, "tokens": after - before, "first_step": self.first_step}


def ours(job: JobFolder) -> Clock:
    """TermRoute's training as the worker runs it."""
    from finetune.train import run

    clock = Clock()
    run(job, observers=[clock])
    return clock


def bare(job: JobFolder, *, alike: bool = False) -> Clock:
    """What a person would write, with trl's own defaults for everything that the recipe does not name.

    `alike`: with our two choices of attention and order, so that what is left is what our own code costs.
    """
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    recipe = load_recipe(job.recipe)
    part = recipe.training
    tokenizer = AutoTokenizer.from_pretrained(recipe.model.base)
    rows = [encode(tokenizer, sample) for sample in read_samples(read_version(job.data))["train"]]
    data = Dataset.from_dict(
        {"input_ids": [row.input_ids for row in rows], "labels": [row.labels for row in rows]}
    )
    more: dict[str, Any] = {"train_sampling_strategy": "group_by_length"} if alike else {}
    clock = Clock()
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(
            recipe.model.base, dtype="float32", attn_implementation="eager" if alike else None
        ),
        args=SFTConfig(
            output_dir=str(job.path / "bare"),
            num_train_epochs=part.epochs,
            per_device_train_batch_size=part.batch_size,
            gradient_accumulation_steps=part.accumulation,
            learning_rate=part.learning_rate,
            lr_scheduler_type="cosine",
            gradient_checkpointing=False,
            bf16=False,
            use_cpu=True,
            save_strategy="no",
            logging_steps=part.logging_steps,
            report_to="none",
            disable_tqdm=True,
            seed=part.seed,
            **more,
        ),
        train_dataset=data,
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=recipe.lora.rank,
            lora_alpha=int(recipe.lora.alpha),
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
        callbacks=[clock],
    )
    trainer.train()
    return clock


def main() -> None:
    """Run one of them over a job's folder and print its seconds and tokens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=RUNS)
    parser.add_argument("job", type=Path)
    options = parser.parse_args()
    job = JobFolder(options.job)
    clock = ours(job) if options.which == "ours" else bare(job, alike=options.which == "alike")
    print(json.dumps(clock.found()))


if __name__ == "__main__":
    main()
