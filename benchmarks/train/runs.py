"""One training run each, ours and a bare script's, on the same ids; every run has a process of its own."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback
from typing_extensions import override

from finetune.encode import encode
from finetune.folder import JobFolder
from finetune.load import load_recipe
from finetune.versions import read_samples, read_version


class Clock(TrainerCallback):
    """Times the training loop alone, from its second step on: the first one warms up."""

    def __init__(self) -> None:
        self.started = self.ended = 0.0
        self.first_step = 0.0

    @override
    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.ended = time.perf_counter()
        if state.global_step == 1:
            self.started = self.ended
            self.first_step = time.time()


def ours(job: JobFolder) -> Clock:
    """TermRoute's training as the worker runs it."""
    from finetune.train import run

    clock = Clock()
    run(job, observers=[clock])
    return clock


def bare(job: JobFolder) -> Clock:
    """What a person would write with trl's own defaults for everything that the recipe does not name."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    recipe = load_recipe(job.recipe)
    part = recipe.training
    tokenizer = AutoTokenizer.from_pretrained(recipe.model.base)
    rows = [encode(tokenizer, sample) for sample in read_samples(read_version(job.data))["train"]]
    data = Dataset.from_dict(
        {"input_ids": [row.input_ids for row in rows], "labels": [row.labels for row in rows]}
    )
    clock = Clock()
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(recipe.model.base, dtype="float32"),
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


def tokens_after_first(job: JobFolder) -> float:
    """Non-padding tokens of all steps but the first; batches differ, so the first counts as a mean one."""
    recipe = load_recipe(job.recipe)
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(recipe.model.base)
    samples = read_samples(read_version(job.data))["train"]
    total = sum(len(encode(tokenizer, sample).input_ids) for sample in samples) * recipe.training.epochs
    steps = -(-len(samples) // (recipe.training.batch_size * recipe.training.accumulation))
    return total * (1 - 1 / (steps * recipe.training.epochs))


def main() -> None:
    """Run one of the two over a job's folder and print its seconds and tokens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=("ours", "bare"))
    parser.add_argument("job", type=Path)
    options = parser.parse_args()
    job = JobFolder(options.job)
    clock = ours(job) if options.which == "ours" else bare(job)
    seconds = clock.ended - clock.started
    print(json.dumps({"seconds": seconds, "tokens": tokens_after_first(job), "first_step": clock.first_step}))


if __name__ == "__main__":
    main()
