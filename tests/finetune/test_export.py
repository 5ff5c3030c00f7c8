"""Exports: the merged model says what base and adapter say, and every reader finds the right scaling and stops."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from finetune.errors import ExportError
from finetune.export import Exported, export, modelfile, plain_scaling
from terminology.errors import TermModelError
from terminology.model import add_adapter
from tests.finetune.micro import make_adapter, make_micro_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_micro_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module", params=[False, True], ids=["lora", "rslora"])
def adapter(request: pytest.FixtureRequest, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_adapter(base, tmp_path_factory.mktemp("adapter"), rslora=request.param)


@pytest.fixture(scope="module")
def exported(base: Path, adapter: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export(str(base), adapter, tmp_path_factory.mktemp("out") / "export", name="jargon")


def logits(model: Any) -> torch.Tensor:
    ids = torch.arange(20, 60)[None]
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(input_ids=ids).logits
    return found


def test_merged_logits_equal_those_of_base_and_adapter(base: Path, adapter: Path, exported: Exported) -> None:
    bare = logits(AutoModelForCausalLM.from_pretrained(base))
    dressed = logits(add_adapter(AutoModelForCausalLM.from_pretrained(base), adapter))
    merged = logits(AutoModelForCausalLM.from_pretrained(exported.merged))
    assert (dressed - bare).abs().max() > 1e-3
    assert torch.allclose(merged, dressed, atol=1e-5)


def test_the_merge_uses_the_scaling_of_the_training(base: Path, adapter: Path, exported: Exported) -> None:
    """Computed here by hand, so that a wrong scaling in both would be seen."""
    config = json.loads((adapter / "adapter_config.json").read_text())
    root = math.sqrt(config["r"]) if config["use_rslora"] else config["r"]
    weights = load_file(adapter / "adapter_model.safetensors")
    prefix = "base_model.model.model.layers.0.self_attn.q_proj"
    delta = weights[f"{prefix}.lora_B.weight"] @ weights[f"{prefix}.lora_A.weight"]
    name = "model.layers.0.self_attn.q_proj.weight"
    before = load_file(base / "model.safetensors")[name]
    after = load_file(exported.merged / "model.safetensors")[name]
    assert torch.allclose(after - before, delta * config["lora_alpha"] / root, atol=1e-6)


def test_readers_that_divide_alpha_by_the_rank_are_right_too(
    base: Path, adapter: Path, exported: Exported
) -> None:
    config = json.loads((exported.vllm / "adapter_config.json").read_text())
    assert config["use_rslora"] is False
    own = logits(add_adapter(AutoModelForCausalLM.from_pretrained(base), adapter))
    plain = logits(add_adapter(AutoModelForCausalLM.from_pretrained(base), exported.vllm))
    assert torch.allclose(own, plain, atol=1e-5)
    assert "--max-lora-rank 8 --lora-modules jargon=vllm" in (exported.vllm / "README.md").read_text()


def test_plain_scaling_leaves_plain_adapters_alone() -> None:
    config = {"r": 16, "lora_alpha": 32, "use_rslora": False}
    assert plain_scaling(config) == config
    assert plain_scaling({**config, "use_rslora": True}) == {"r": 16, "lora_alpha": 128.0, "use_rslora": False}


def test_the_gguf_recipe_names_the_merged_model(exported: Exported) -> None:
    script = (exported.gguf / "convert.sh").read_text()
    assert "convert_hf_to_gguf.py" in script
    assert "/../merged" in script
    assert (exported.gguf / "convert.sh").stat().st_mode & 0o111
    assert "jargon-q4_k_m.gguf" in (exported.gguf / "README.md").read_text()
    assert "{name}" not in script


def test_a_modelfile_for_qwen_stops_at_the_end_of_its_turn(exported: Exported) -> None:
    text = (exported.gguf / "Modelfile").read_text()
    assert text.startswith("FROM ./jargon-q4_k_m.gguf\n")
    assert "<|im_start|>user\n{{ .Prompt }}<|im_end|>\n" in text
    assert 'PARAMETER stop "<|im_end|>"' in text


def test_a_modelfile_for_r1_distill_has_deepseeks_template_and_end() -> None:
    tokenizer = SimpleNamespace(
        chat_template="<｜User｜>{{ m }}<｜Assistant｜><think>",
        name_or_path="r1",
        convert_ids_to_tokens=lambda _: "<｜end▁of▁sentence｜>",
    )
    text = modelfile(tokenizer, [7], "r1.gguf")
    assert "<｜User｜>{{ .Prompt }}{{ end }}<｜Assistant｜><think>\n\n</think>" in text
    assert 'PARAMETER stop "<｜end▁of▁sentence｜>"' in text
    assert "im_end" not in text


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(TermModelError, match="chat template"):
        modelfile(SimpleNamespace(chat_template="[INST]", name_or_path="other"), [], "x.gguf")


def test_dora_a_full_folder_and_a_broken_adapter_are_refused(base: Path, adapter: Path, tmp_path: Path) -> None:
    dora = tmp_path / "dora"
    dora.mkdir()
    config = json.loads((adapter / "adapter_config.json").read_text())
    (dora / "adapter_config.json").write_text(json.dumps({**config, "use_dora": True}))
    save_file({"weight": torch.zeros(1)}, dora / "adapter_model.safetensors")
    with pytest.raises(ExportError, match="DoRA"):
        export(str(base), dora, tmp_path / "out")
    with pytest.raises(ExportError, match="not empty"):
        export(str(base), adapter, tmp_path)
    (dora / "adapter_model.safetensors").write_bytes(b"short")
    with pytest.raises(ExportError, match="not a readable adapter"):
        export(str(base), dora, tmp_path / "out")


def test_the_merged_tokenizer_is_the_bases(base: Path, exported: Exported) -> None:
    own, merged = (AutoTokenizer.from_pretrained(each) for each in (base, exported.merged))
    assert merged.chat_template == own.chat_template
    assert merged("客户经理<|im_end|>")["input_ids"] == own("客户经理<|im_end|>")["input_ids"]
