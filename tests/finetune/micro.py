"""A language model small enough to train in a second, and jobs over it; its weights are random."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from finetune.folder import JobFolder
from finetune.recipe import (
    DataPart,
    EvaluationPart,
    LoraPart,
    ModelPart,
    Recipe,
    TrainingPart,
    to_toml,
)
from finetune.types import Sample, Split
from finetune.versions import write_version
from terminology.prompt import CHOICE_INSTRUCTION, choice_input, choice_texts
from terminology.types import Sense

TERMS = ("AM", "PM", "CRM", "ERP", "SLA", "KPI", "BOM", "MES")


def make_micro_base(folder: Path) -> Path:
    """Write a Qwen2 of two layers of 32 with the tiny base's kind of tokenizer."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from examples.tiny_tokenizer import make_tokenizer

    tokenizer = make_tokenizer(folder)
    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    return folder


def senses(term: str) -> list[Sense]:
    return [
        Sense(term, f"{term} First Meaning", f"{term}甲义", id=1, department="销售部"),
        Sense(term, f"{term} Second Meaning", f"{term}乙义", id=2, department="研发部"),
    ]


def choices(count: int, split: Split = "train") -> list[Sample]:
    """Choices whose question names the department, so that they can be learnt."""
    made = []
    for at in range(count):
        term = TERMS[at % len(TERMS)]
        both = senses(term)
        chosen = both[at // len(TERMS) % 2]
        question = f"{chosen.department}的{term}是什么？{'问' * (at % 5)}"
        texts = choice_texts(both)
        made.append(
            Sample(
                CHOICE_INSTRUCTION,
                texts[both.index(chosen)],
                choice_input(question, term, both),
                kind="choice",
                term=term,
                question=question,
                candidates=tuple(texts),
                split=split,
            )
        )
    return made


def make_job(folder: Path, base: Path, *, samples: int = 24, **changes: Any) -> JobFolder:
    """A job over the base; `changes` are keys of [training], or of other parts as `lora_rank`, `evaluation_steps`."""
    parts: dict[str, Any] = {
        "model": ModelPart(str(base), device="cpu", dtype="float32"),
        "data": DataPart(version=str(folder / "data"), max_length=256),
        "lora": LoraPart(rank=4, alpha=8.0, dropout=0.1),
        "training": TrainingPart(
            epochs=2.0, batch_size=4, accumulation=1, learning_rate=5e-3, save_steps=4, logging_steps=1
        ),
        "evaluation": EvaluationPart(steps=4, max_samples=8),
    }
    for key, value in changes.items():
        part, _, name = key.partition("_")
        if part in parts and name:
            parts[part] = replace(parts[part], **{name: value})
        else:
            parts["training"] = replace(parts["training"], **{key: value})
    job = JobFolder(folder)
    job.create()
    job.recipe.write_text(to_toml(Recipe("micro", **parts)), "utf-8")
    write_version(
        job.data,
        {"train": choices(samples), "validation": choices(8, "validation"), "held_out": []},
        "made for a test",
    )
    return job


def losses(job: JobFolder) -> dict[int, float]:
    """The loss of each step; of a step done twice the later one."""
    return {event.fields["step"]: event.fields["loss"] for event in job.events() if event.kind == "step"}


def kinds(job: JobFolder) -> list[str]:
    return [event.kind for event in job.events()]


def make_adapter(base: Path, folder: Path, *, rslora: bool = False, seed: int = 3) -> Path:
    """Write an adapter of random weights, so that it changes what the base says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    config = LoraConfig(
        r=4,
        lora_alpha=8,
        use_rslora=rslora,
        target_modules="all-linear",
        init_lora_weights=False,
        task_type="CAUSAL_LM",
    )
    get_peft_model(AutoModelForCausalLM.from_pretrained(base), config).save_pretrained(str(folder))
    return folder
