"""Broken recipes: every kind is found before anything loads, all at once, with what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.check import check
from finetune.errors import RecipeError, UnknownPresetError
from finetune.load import load_recipe, preset, presets, read_recipe
from finetune.machine import Machine, detect
from finetune.memory import adapter_parameters, estimate
from finetune.recipe import PARTS, DataPart, LoraPart, ModelPart, Recipe, recipe_hash, to_toml
from finetune.types import Finding, Sample
from finetune.versions import write_version
from tests.finetune.bases import DEEPSEEK, DEEPSEEK_END, make_base

GIB = 2**30
MACHINE = Machine(gpus=(), memory=16 * GIB, disk=100 * GIB)
WITH_GPU = Machine(gpus=(24 * GIB,), memory=16 * GIB, disk=100 * GIB, bitsandbytes=True)
GOOD = """
[model]
base = "base"
[data]
version = "data"
[training]
save_steps = 10
[evaluation]
steps = 10
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_base(tmp_path / "base")
    sample = Sample("q", "a", kind="choice", candidates=("a", "b"))
    splits = {"train": [sample] * 200, "validation": [sample] * 3, "held_out": [sample] * 3}
    write_version(tmp_path / "data", splits, "made for a test")
    for name in ("train", "validation", "held_out"):
        (tmp_path / f"{name}.jsonl").write_text(
            '{"instruction": "q", "output": "a", "candidates": ["a", "b"]}\n' * 200
        )
    return tmp_path


def found(folder: Path, text: str, machine: Machine = MACHINE) -> list[Finding]:
    file = folder / "recipe.toml"
    file.write_text(text, encoding="utf-8")
    return check(file, machine=machine, folder=folder, hub=folder / "hub")


def problems(folder: Path, text: str, machine: Machine = MACHINE) -> dict[str, Finding]:
    return {each.key: each for each in found(folder, text, machine) if each.severity == "error"}


def changed(section: str, *lines: str) -> str:
    """The good recipe with lines put first into a section; a key given twice keeps the new line."""
    kept = []
    names = {line.split("=")[0].strip() for line in lines}
    current = ""
    for line in GOOD.splitlines():
        current = line.strip("[]") if line.startswith("[") else current
        if current == section and line.split("=")[0].strip() in names:
            continue
        kept.append(line)
        if line == f"[{section}]":
            kept.extend(lines)
    if f"[{section}]" not in kept:
        kept += [f"[{section}]", *lines]
    return "\n".join(kept)


def test_a_good_recipe_has_no_findings(folder: Path) -> None:
    assert found(folder, GOOD) == []


BROKEN: dict[str, tuple[str, tuple[str, ...], str, str]] = {
    "unknown key": ("training", ("epoch = 3",), "training.epoch", "epochs"),
    "key of another section": ("training", ("rank = 8",), "training.rank", "[lora]"),
    "wrong type": ("training", ('learning_rate = "1e-4"',), "training.learning_rate", "without quotes"),
    "whole number wanted": ("training", ("batch_size = 1.5",), "training.batch_size", "whole number"),
    "truth value as number": ("lora", ("rank = true",), "lora.rank", "whole number"),
    "out of range": ("lora", ("rank = 0",), "lora.rank", "1 to 1024"),
    "not a number": ("lora", ("dropout = nan",), "lora.dropout", "0 to 0.9"),
    "unknown choice": ("training", ('scheduler = "cosin"',), "training.scheduler", "cosine"),
    "metric without evaluation": ("evaluation", ("steps = 0",), "evaluation.metric", "evaluation.steps"),
    "save out of step": ("training", ("save_steps = 15",), "training.save_steps", "10"),
    "save at the end only": ("training", ("save_steps = 0",), "training.save_steps", "10"),
    "metric upside down": ("evaluation", ('metric = "loss"',), "evaluation.greater_is_better", "false"),
    "early stopping without a metric": (
        "training",
        ("early_stopping_patience = 2", "[evaluation]", 'metric = "none"'),
        "training.early_stopping_patience",
        "evaluation.metric",
    ),
    "4bit without a GPU": ("model", ('quantization = "4bit"',), "model.quantization", "none"),
    "processes that cannot share": ("training", ("processes = 3",), "training.processes", "multiple"),
    "cuda without a GPU": ("model", ('device = "cuda"',), "model.device", "auto"),
    "half precision on a CPU": ("model", ('dtype = "float16"',), "model.dtype", "bfloat16"),
    "template of another family": ("model", ('template = "deepseek-r1"',), "model.template", "qwen"),
    "end token of another family": (
        "model",
        (f'end_token = "{DEEPSEEK_END}"',),
        "model.end_token",
        "<|im_end|>",
    ),
    "base missing": ("model", ('base = "./nowhere"',), "model.base", "path"),
    "data missing": ("data", ('train = ["nowhere.jsonl"]',), "data.train", "Correct the path"),
    "no version there": ("data", ('version = "base"',), "data.version", "train data build"),
    "data of an unknown kind": ("data", ('train = ["base/config.json5"]',), "data.train", "path"),
    "trained on what is tested": (
        "data",
        ('train = ["train.jsonl"]', 'held_out = ["train.jsonl"]'),
        "data.validation",
        "Split",
    ),
    "longer than the base reads": ("data", ("max_length = 2048",), "data.max_length", "1024"),
    "version among files": ("data", ('train = ["data"]',), "data.train", "data.version"),
    "unknown module": ("lora", ('targets = ["q_prj"]',), "lora.targets", "q_proj"),
    "no module": ("lora", ("targets = []",), "lora.targets", "all-linear"),
}


def test_an_evaluation_that_is_never_reached_is_a_warning(folder: Path) -> None:
    """The training evaluates at its end in any case, so a preset may be used on a small glossary."""
    text = GOOD.replace("steps = 10", "steps = 100000")
    assert [(each.key, each.severity) for each in found(folder, text)] == [("evaluation.steps", "warning")]


def test_a_version_that_lost_a_row_or_a_file_is_found(folder: Path) -> None:
    file = folder / "data" / "train.jsonl"
    file.write_text("".join(file.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    assert "199 samples" in problems(folder, GOOD)["data.version"].problem
    file.unlink()
    assert "lacks train.jsonl" in problems(folder, GOOD)["data.version"].problem


def test_kinds_of_samples_are_chosen_from_those_there_are(folder: Path) -> None:
    assert found(folder, changed("data", 'kinds = ["choice"]')) == []
    wrong = problems(folder, changed("data", 'kinds = ["choise"]'))["data.kinds"]
    assert "no kind" in wrong.problem or "nothing to train" in wrong.problem
    assert "nothing to train" in problems(folder, changed("data", 'kinds = ["general"]'))["data.kinds"].problem


@pytest.mark.parametrize("kind", BROKEN)
def test_each_kind_of_broken_recipe_is_found(folder: Path, kind: str) -> None:
    section, lines, key, advice = BROKEN[kind]
    if len(lines) > 2:
        # Lines for a second section follow its header.
        at = next(index for index, line in enumerate(lines) if line.startswith("["))
        text = changed(section, *lines[:at])
        second = lines[at].strip("[]")
        names = {line.split("=")[0].strip() for line in lines[at + 1 :]}
        rows, current = [], ""
        for line in text.splitlines():
            current = line.strip("[]") if line.startswith("[") else current
            if not (current == second and line.split("=")[0].strip() in names):
                rows.append(line)
            if line == lines[at]:
                rows.extend(lines[at + 1 :])
        text = "\n".join(rows)
    else:
        text = changed(section, *lines)
    seen = problems(folder, text)
    assert key in seen, seen
    told = f"{seen[key].problem} {seen[key].what_to_do}"
    assert advice in told


def test_all_problems_are_told_at_once(folder: Path) -> None:
    text = """
speed = 3
[model]
base = "base"
template = "deepseek-r1"
quantization = "4bit"
[data]
version = "data"
train = ["nowhere.jsonl"]
max_length = 4096
[lora]
rank = 0
targets = ["q_prj"]
[lorra]
alpha = 1
[training]
epoch = 3
seed = "x"
save_steps = 15
early_stopping_patience = 2
[evaluation]
steps = 0
"""
    assert set(problems(folder, text)) == {
        "speed", "model.template", "model.quantization", "data.train", "data.max_length", "lora.rank", "lora.targets",
        "lorra", "training.epoch", "training.seed", "training.early_stopping_patience", "evaluation.metric",
    }  # fmt: skip


def test_what_follows_from_a_wrong_value_is_not_told_too(folder: Path) -> None:
    assert set(problems(folder, changed("training", 'save_steps = "x"'))) == {"training.save_steps"}
    assert set(problems(folder, changed("model", "base = 3"))) == {"model.base"}


def test_paths_that_no_machine_has(folder: Path) -> None:
    text = changed("data", 'train = ["~nobody-here/x.jsonl", "a\\u0000b.jsonl"]')
    assert "data.train" in problems(folder, text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[model\nbase = 1", "line 1"),
        ('model = "x"', "section"),
        ('preset = "tinny"', "tiny"),
        ('name = "../x"\n[model]\nbase = "base"', "folder"),
        ("[model]\nbase = ''", "empty"),
        ("learning_rat = 1\n[model]\nbase = 'base'", "learning_rate in [training]"),
        ("[training]\nepochs = 1", "base"),
    ],
)
def test_broken_text(folder: Path, text: str, told: str) -> None:
    seen = problems(folder, text)
    assert any(told in str(each) for each in seen.values()), seen


def test_missing_unreadable_and_foreign_files(folder: Path) -> None:
    assert "cannot be read" in check(folder / "nowhere.toml", machine=MACHINE)[0].problem
    (folder / "latin.toml").write_bytes(b'name = "\xe4"')
    assert "UTF-8" in check(folder / "latin.toml", machine=MACHINE)[0].problem


def test_a_recipe_of_another_tool_is_told_what_to_do(folder: Path) -> None:
    (folder / "lora.yaml").write_text("model_name_or_path: base\nlora_rank: 8\n")
    assert "LLaMA-Factory" in check(folder / "lora.yaml", machine=MACHINE)[0].what_to_do


def test_any_file_name_gives_a_name(folder: Path) -> None:
    file = folder / "..新 配方(2).toml"
    file.write_text(GOOD, encoding="utf-8")
    assert load_recipe(file).name == "新 配方-2-"


def test_validation_data_is_wanted(folder: Path) -> None:
    text = changed("data", 'train = "train.jsonl"').replace('version = "data"\n', "")
    assert "data.validation" in problems(folder, text)
    whole = text.replace("[data]", '[data]\nvalidation = "validation.jsonl"\nheld_out = ["held_out.jsonl"]')
    assert problems(folder, whole) == {}


def test_warnings_do_not_stop_a_training(folder: Path) -> None:
    (folder / "plain.jsonl").write_text('{"instruction": "q", "output": "a"}\n')
    text = changed("data", 'train = "train.jsonl"', 'validation = "plain.jsonl"', "replay_share = 0.5")
    text = changed_in(text, "training", "warmup_steps = 10", "warmup_ratio = 0.1").replace(
        'version = "data"\n', ""
    )
    findings = found(folder, text)
    assert {(each.key, each.severity) for each in findings} == {
        ("evaluation.metric", "warning"),
        ("data.held_out", "warning"),
        ("data.replay_share", "warning"),
        ("training.warmup_ratio", "warning"),
    }


def changed_in(text: str, section: str, *lines: str) -> str:
    return text.replace(f"[{section}]", "\n".join((f"[{section}]", *lines)))


class TestBase:
    def test_r1_distill_ends_with_its_own_token(self, folder: Path) -> None:
        make_base(folder / "r1", DEEPSEEK, DEEPSEEK_END)
        text = GOOD.replace('"base"', '"r1"')
        assert problems(folder, text) == {}
        wrong = text.replace("[model]", '[model]\nend_token = "<|im_end|>"\ntemplate = "qwen"')
        seen = problems(folder, wrong)
        assert DEEPSEEK_END in seen["model.end_token"].what_to_do
        assert "deepseek-r1" in seen["model.template"].what_to_do
        right = text.replace("[model]", f'[model]\nend_token = "{DEEPSEEK_END}"\ntemplate = "deepseek-r1"')
        assert problems(folder, right) == {}

    def test_generation_config_counts(self, folder: Path) -> None:
        base = make_base(folder / "other", end="<|endoftext|>")
        text = GOOD.replace('"base"', '"other"')
        assert [each.severity for each in found(folder, text)] == ["warning"]
        (base / "generation_config.json").write_text(json.dumps({"eos_token_id": [3, 5]}))
        settings = json.loads((base / "tokenizer_config.json").read_text())
        settings["added_tokens_decoder"]["5"] = {"content": "<|im_end|>"}
        (base / "tokenizer_config.json").write_text(json.dumps(settings))
        assert found(folder, text) == []

    def test_template_file_and_tokens_of_newer_tokenizers(self, folder: Path) -> None:
        base = make_base(folder / "new", template=None)
        assert "chat template" in problems(folder, GOOD.replace('"base"', '"new"'))["model.base"].problem
        (base / "chat_template.jinja").write_text(DEEPSEEK, encoding="utf-8")
        (base / "tokenizer_config.json").write_text("{}")
        tokens = {"version": "1.0", "added_tokens": [{"id": 3, "content": DEEPSEEK_END}], "model": {}}
        (base / "tokenizer.json").write_text(json.dumps(tokens, ensure_ascii=False), encoding="utf-8")
        text = GOOD.replace('"base"', '"new"\ntemplate = "deepseek-r1"\nend_token = "<｜end▁of▁sentence｜>"')
        assert found(folder, text) == []

    @pytest.mark.parametrize(
        ("file", "content", "told"),
        [
            ("config.json", "{", "damaged config.json"),
            ("model.safetensors", "x" * 30, "damaged model.safetensors"),
            ("model.safetensors", None, "no weights"),
            ("config.json", None, "no config.json"),
            ("adapter_config.json", "{}", "adapter"),
        ],
    )
    def test_damage_is_named(self, folder: Path, file: str, content: str | None, told: str) -> None:
        place = folder / "base" / file
        if content is None:
            place.unlink()
        else:
            place.write_text(content)
        assert told in problems(folder, GOOD)["model.base"].problem

    def test_truncated_and_pickled_weights(self, folder: Path) -> None:
        place = folder / "base" / "model.safetensors"
        whole = place.read_bytes()
        place.write_bytes(whole[:-1])
        assert "truncated" in problems(folder, GOOD)["model.base"].problem
        place.unlink()
        (folder / "base" / "pytorch_model.bin").write_bytes(b"")
        assert "pickle" in problems(folder, GOOD)["model.base"].problem

    def test_a_hub_name_is_looked_up_in_the_cache(self, folder: Path) -> None:
        text = GOOD.replace('"base"', '"Qwen/Qwen2.5-1.5B-Instruct"\ntemplate = "llama3"')
        assert [(each.key, each.severity) for each in found(folder, text)] == [("model.base", "warning")]
        make_base(folder / "hub/models--Qwen--Qwen2.5-1.5B-Instruct/snapshots/abc")
        assert set(problems(folder, text)) == {"model.template"}


class TestRoom:
    def test_memory_of_the_device(self, folder: Path) -> None:
        small = Machine(memory=2**20, disk=100 * GIB)
        assert "even with one sample" in problems(folder, GOOD, small)["model.base"].problem
        base = make_base(folder / "wide", vocab_size=150_000)
        assert base.is_dir()
        text = changed("training", "batch_size = 512").replace('"base"', '"wide"')
        middle = Machine(memory=4 * GIB, disk=100 * GIB)
        seen = [each for each in found(folder, text, middle) if each.key == "training.batch_size"]
        assert [each.severity for each in seen] == ["warning"]

    def test_disk(self, folder: Path) -> None:
        assert "output.folder" in problems(folder, GOOD, replace(MACHINE, disk=1))

    def test_adapter_parameters_are_counted(self, folder: Path) -> None:
        from finetune.base import read_base

        base = read_base(folder / "base")
        recipe = Recipe("x", ModelPart("base"), lora=LoraPart(rank=2, targets=("q_proj",)))
        # Two layers of 8 x 8, rank 2: 2 * 2 * (8 + 8).
        assert adapter_parameters(base, recipe) == 64
        whole = replace(recipe, lora=LoraPart(rank=2))
        # Four of 8 x 8 and three of 16 x 8 in each of two layers.
        assert adapter_parameters(base, whole) == 2 * 2 * (4 * 16 + 3 * 24)
        four = replace(whole, model=ModelPart("base", quantization="4bit"))
        assert estimate(base, four).weights < estimate(base, whole).weights
        assert estimate(base, whole, smallest=True).memory < estimate(base, whole).memory

    def test_a_seven_billion_model_fits_where_it_is_known_to(self, folder: Path) -> None:
        sizes = {"hidden_size": 3584, "num_hidden_layers": 28, "intermediate_size": 18944, "vocab_size": 152064}
        base = folder / "seven"
        make_base(base, max_position_embeddings=32768, **sizes)
        from finetune.base import read_base

        recipe = preset("qwen2.5-7b-qlora")
        needs = estimate(read_base(base), recipe)
        # Qwen's own figures and QLoRA's: about 12 GB for a 7B model.
        assert 6 * GIB < needs.memory < 22 * GIB


class TestPresets:
    def test_the_four(self) -> None:
        assert presets() == ("qwen2.5-1.5b", "qwen2.5-7b-qlora", "r1-distill-7b", "tiny")
        assert preset("r1-distill-7b").model.end_token == DEEPSEEK_END
        assert preset("qwen2.5-7b-qlora").model.quantization == "4bit"
        with pytest.raises(UnknownPresetError, match="tiny"):
            preset("huge")

    @pytest.mark.parametrize("name", ["qwen2.5-1.5b", "qwen2.5-7b-qlora", "r1-distill-7b", "tiny"])
    def test_a_recipe_starts_from_a_preset(self, folder: Path, name: str) -> None:
        base = make_base(folder / "r1", DEEPSEEK, DEEPSEEK_END) if name.startswith("r1") else folder / "base"
        text = f'preset = "{name}"\n[model]\nbase = "{base}"\n[data]\nversion = "data"\n[training]\nepochs = 30.0\n'
        assert problems(folder, text, WITH_GPU) == {}
        recipe = load_recipe(folder / "recipe.toml")
        assert recipe.training.epochs == 30.0
        assert recipe.training.learning_rate == preset(name).training.learning_rate
        assert recipe.name == "recipe"


class TestOldNames:
    TEXT = """
model_name_or_path = "base"
template = "qwen"
stage = "sft"
do_train = true
finetuning_type = "lora"
dataset = "train.jsonl"
eval_dataset = "validation.jsonl"
lora_target = "q_proj,v_proj"
cutoff_len = 256
per_device_train_batch_size = 2
gradient_accumulation_steps = 8
num_train_epochs = 5
lr_scheduler_type = "cosine"
bf16 = true
eval_strategy = "steps"
eval_steps = 20
save_steps = 40
metric_for_best_model = "eval_loss"
greater_is_better = false
overwrite_output_dir = true
"""

    def test_they_are_translated_and_said(self, folder: Path) -> None:
        findings = found(folder, self.TEXT)
        assert [each for each in findings if each.severity == "error"] == []
        recipe = load_recipe(folder / "recipe.toml")
        assert recipe.model.base == str(folder / "base")
        assert recipe.model.dtype == "bfloat16"
        assert recipe.data.train == (str(folder / "train.jsonl"),)
        assert recipe.lora.targets == ("q_proj", "v_proj")
        assert (recipe.training.batch_size, recipe.training.accumulation) == (2, 8)
        assert (recipe.evaluation.metric, recipe.evaluation.steps) == ("loss", 20)
        notes = {each.key: each.problem for each in findings if each.severity == "note"}
        assert "training.batch_size = 2" in notes["per_device_train_batch_size"]
        assert "overwrite_output_dir" in notes
        assert len(notes) == len([line for line in self.TEXT.splitlines() if "=" in line])

    def test_old_and_new_name_together(self, folder: Path) -> None:
        seen = problems(folder, GOOD + "[lora]\nlora_rank = 4\nrank = 8\n")
        assert "lora.rank" in seen["lora_rank"].problem

    def test_what_cannot_be_done_is_an_error(self, folder: Path) -> None:
        assert "full" in problems(folder, 'finetuning_type = "full"\n' + GOOD)["finetuning_type"].problem

    def test_no_evaluation(self, folder: Path) -> None:
        text = (
            'eval_strategy = "no"\nmetric_for_best_model = "loss"\ngreater_is_better = false\n'
            + GOOD.split("[training]")[0]
        )
        assert "evaluation.metric" in problems(folder, text)


class TestRecipe:
    def test_round_trip(self, folder: Path) -> None:
        recipe = load_recipe(write(folder, GOOD))
        again = load_recipe(write(folder, to_toml(recipe)))
        assert again == recipe
        assert recipe_hash(again) == recipe_hash(recipe)

    @settings(deadline=None)
    @given(
        name=st.from_regex(r"\w[\w.+-]{0,20}", fullmatch=True),
        end=st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable()),
        rate=st.floats(1e-8, 1.0),
        targets=st.lists(st.text(alphabet='abc_"\\\n\x7f', min_size=1), min_size=1, max_size=3),
    )
    def test_any_recipe_is_written_so_that_it_reads_back(
        self, tmp_path_factory: pytest.TempPathFactory, name: str, end: str, rate: float, targets: list[str]
    ) -> None:
        recipe = Recipe(name, ModelPart("/base", end_token=end), DataPart(train=("/a b/c.jsonl",)))
        recipe = replace(recipe, lora=LoraPart(targets=tuple(targets)))
        recipe = replace(recipe, training=replace(recipe.training, learning_rate=rate))
        file = tmp_path_factory.getbasetemp() / "any.toml"
        file.write_text(to_toml(recipe), encoding="utf-8")
        assert load_recipe(file) == recipe

    def test_the_hash_follows_what_shapes_the_training(self) -> None:
        recipe = Recipe("a", ModelPart("base"), DataPart(train=("/x",)))
        assert recipe_hash(recipe) == recipe_hash(replace(recipe, name="b", data=DataPart(train=("/y",))))
        assert recipe_hash(recipe) != recipe_hash(replace(recipe, lora=LoraPart(rank=8)))

    def test_load_refuses_with_every_reason(self, folder: Path) -> None:
        with pytest.raises(RecipeError) as raised:
            load_recipe(write(folder, changed("training", "epoch = 1", "seed = -1")))
        assert {each.key for each in raised.value.findings} == {"training.epoch", "training.seed"}

    def test_every_default_is_within_its_own_limits(self, folder: Path) -> None:
        recipe = Recipe("x", ModelPart("base"))
        reading = read_recipe(write(folder, to_toml(recipe)))
        assert reading.findings == ()
        assert {key.split(".")[0] for key in reading.given} == set(PARTS)


def write(folder: Path, text: str) -> Path:
    file = folder / "recipe.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_check_loads_no_framework(folder: Path) -> None:
    write(folder, GOOD)
    code = """
import sys
from pathlib import Path
from finetune.check import check
findings = check(Path(sys.argv[1]))
heavy = {"torch", "transformers", "peft", "trl", "accelerate", "numpy", "sqlalchemy"} & set(sys.modules)
assert not findings, findings
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder / "recipe.toml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_this_machine_is_detected(tmp_path: Path) -> None:
    machine: Any = detect(tmp_path / "not" / "yet")
    assert machine.memory > 0
    assert machine.disk > 0
