"""The cross-encoder against the same scores computed by hand with transformers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval import rerank
from retrieval.errors import RerankerUnavailableError
from retrieval.rerank import open_reranker
from tests.retrieval.tiny_models import MAX_TOKENS, save_bert

if TYPE_CHECKING:
    from pathlib import Path


def test_scores_are_the_models_own(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = save_bert(tmp_path / "reranker", labels=1)
    texts = ["客户经理负责售后", "价格", "印刷" * 30]
    found = open_reranker(str(folder), "cpu").scores("客户经理", texts)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    for text, score in zip(texts, found, strict=True):
        tokens = tokenizer("客户经理", text, return_tensors="pt", truncation=True, max_length=MAX_TOKENS)
        with torch.no_grad():
            assert score == pytest.approx(torch.sigmoid(model(**tokens).logits)[0, 0].item(), abs=1e-5)
    assert open_reranker(str(folder), "cpu").scores("x", []) == []


def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    folder = save_bert(tmp_path / "classifier", labels=3)
    with pytest.raises(RerankerUnavailableError, match="3 labels"):
        open_reranker(str(folder), "cpu").scores("x", ["y"])


def test_a_name_that_cannot_be_had_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerank, "download_model", lambda name: "the hub said no")
    with pytest.raises(RerankerUnavailableError, match=r"the hub said no.*TERMROUTE_RERANKER_MODEL"):
        open_reranker("nobody/no-such-reranker")
    with pytest.raises(RerankerUnavailableError, match=r"no config\.json"):
        open_reranker(str(tmp_path))
