"""The hashed embedder is deterministic across processes and honest about what it is."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.hashed import DIMENSION, HashedEmbedder

TEXT = "AM（客户经理）负责 T+1 结算与 5-ALA，001100011002。"


def _digest() -> str:
    return hashlib.sha256(HashedEmbedder().embed_query_array(TEXT).tobytes()).hexdigest()


@pytest.mark.parametrize("seed", ["0", "1", "77"])
def test_another_process_gives_the_same_vector(seed: str) -> None:
    code = "from tests.retrieval.test_hashed import _digest; print(_digest())"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root, env=environment
    )
    assert done.stdout.strip() == _digest()


def test_like_wording_is_nearer_than_unlike() -> None:
    embedder = HashedEmbedder()
    near = embedder.embed_documents_array(
        ["客户经理负责售后流程", "今年的天气很好"]
    ) @ embedder.embed_query_array("客户经理负责什么")
    assert near[0] > near[1] + 0.2
    assert not embedder.semantic


@given(st.text(max_size=80))
def test_every_text_has_unit_length_or_none(text: str) -> None:
    vector = HashedEmbedder().embed_query_array(text)
    assert vector.shape == (DIMENSION,)
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1.0 if text else 0.0, abs=1e-5) or not vector.any()


def test_documents_and_questions_are_treated_alike() -> None:
    embedder = HashedEmbedder()
    both = embedder.embed_documents_array([TEXT, ""])
    np.testing.assert_array_equal(both[0], embedder.embed_query_array(TEXT))
    assert not both[1].any()
    assert embedder.embed_documents_array([]).shape == (0, DIMENSION)
