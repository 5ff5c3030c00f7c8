"""Tiny BERT models with random weights, saved as bge saves its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MAX_TOKENS = 24
_CHARACTERS = (
    "负责客户经理什么为这个句子生成表示以用于检索相关文章：的售后流程在哪里印刷软件价格abcdefghij0123456789"
)


def save_bert(folder: Path, *, seed: int = 0, labels: int | None = None) -> Path:
    """A bare BERT (or a classifier with `labels`): configuration, weights and tokenizer, no modules.json."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizer

    folder.mkdir(parents=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(_CHARACTERS)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt"), model_max_length=MAX_TOKENS).save_pretrained(folder)
    torch.manual_seed(seed)
    config: dict[str, Any] = {
        "vocab_size": len(vocabulary),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": MAX_TOKENS,
        # Random layers of the usual scale are nearly the identity; larger weights make poolings differ.
        "initializer_range": 0.5,
    }
    if labels is None:
        BertModel(BertConfig(**config)).save_pretrained(folder)
    else:
        BertForSequenceClassification(BertConfig(**config, num_labels=labels)).save_pretrained(folder)
    return folder


def save_bge(folder: Path, *, seed: int = 0) -> Path:
    """A BERT in bge's layout: CLS pooling in 1_Pooling, Normalize after it."""
    save_bert(folder, seed=seed)
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (path, kind) in enumerate(kinds)
    ]
    pooling = {
        "word_embedding_dimension": 32,
        "pooling_mode_cls_token": True,
        "pooling_mode_mean_tokens": False,
        "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False,
    }
    (folder / "1_Pooling").mkdir()
    (folder / "2_Normalize").mkdir()
    _write(folder / "modules.json", modules)
    _write(folder / "1_Pooling" / "config.json", pooling)
    _write(folder / "sentence_bert_config.json", {"max_seq_length": MAX_TOKENS, "do_lower_case": True})
    return folder


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")
