"""Turns texts into vectors: sentence-transformers models, bge above all, and the choice of `auto`."""

from __future__ import annotations

import importlib.util
import logging
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from retrieval.errors import EmbedderUnavailableError
from retrieval.hashed import HashedEmbedder
from retrieval.models import (
    cached_model,
    cached_or_quick_bge,
    download_model,
    has_weights,
    identity,
    short_name,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# The instructions of the bge model cards; v1.5 and the models before it have the same ones, bge-m3 has none.
_INSTRUCTIONS = (
    (re.compile(r"bge-(small|base|large)-zh", re.IGNORECASE), "为这个句子生成表示以用于检索相关文章："),
    (
        re.compile(r"bge-(small|base|large)-en", re.IGNORECASE),
        "Represent this sentence for searching relevant passages: ",
    ),
)
_BGE = re.compile(r"bge-(small|base|large|m3)", re.IGNORECASE)
_BATCH_CPU, _BATCH_CUDA = 16, 64
_log = logging.getLogger(__name__)


class Embedder(Protocol):
    """What makes vectors. `name` is written into the index, which refuses any other.

    `semantic` says whether near vectors mean alike; if not, the ranking gives them weight 0.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def semantic(self) -> bool: ...

    def embed_documents_array(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, shape (len(texts), dimension)."""
        ...

    def embed_query_array(self, text: str) -> NDArray[np.float32]:
        """The vector of one question, shape (dimension,)."""
        ...


class SentenceTransformerEmbedder:
    """A model of sentence-transformers in a local folder, loaded when first used.

    Vectors are normalised, batches sorted by length, half precision used on CUDA. Questions to a bge model get
    its query instruction. The pooling is the model's own; a bge folder that does not say (a bare BERT without
    `modules.json`) is pooled at CLS, as bge was trained, not by the mean.
    """

    semantic = True

    def __init__(self, folder: Path, device: str = "auto", *, instruction: str | None = None) -> None:
        """`instruction` stands before every question; None takes the one that the model's name calls for."""
        if not has_weights(folder):
            raise EmbedderUnavailableError(str(folder), "the folder has no config.json with weights beside it")
        self._folder, self._device = folder, device
        self._instruction = query_instruction(str(folder)) if instruction is None else instruction
        self.name = f"{short_name(folder)}@{identity(folder)}"
        self._loading = threading.Lock()
        self._loaded: Any = None

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self.embed_query_array("").shape[0])

    def embed_documents_array(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, shape (len(texts), dimension), in the order of `texts`."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return self._encode(list(texts))

    def embed_query_array(self, text: str) -> NDArray[np.float32]:
        """The vector of one question with the instruction before it, shape (dimension,)."""
        vectors = self._encode([self._instruction + text])
        return np.asarray(vectors[0], dtype=np.float32)

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        model = self._model()
        batch = _BATCH_CUDA if model.device.type == "cuda" else _BATCH_CPU
        # `encode` itself sorts by length and puts the vectors back in order.
        vectors = model.encode(
            texts,
            prompt="",
            batch_size=batch,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def _model(self) -> Any:
        with self._loading:
            if self._loaded is None:
                self._loaded = _load(self._folder, self._device)
        return self._loaded


def query_instruction(name: str) -> str:
    """What a bge model wants before a question, by its name or path; empty for bge-m3 and all others."""
    return next((text for pattern, text in _INSTRUCTIONS if pattern.search(name)), "")


def open_embedder(name: str, device: str = "auto", state_folder: Path | None = None) -> tuple[Embedder, str]:
    """The embedder that a setting asks for, and in words why it is this one.

    `auto` takes a bge model from the local cache, else from the hub within seconds, else `hashed`. Any other name
    is `hashed`, a folder, or a model on the hub. Raises EmbedderUnavailableError for a name that cannot be loaded.
    """
    if name == "hashed":
        return HashedEmbedder(), "hashed, as set: keyword search only"
    if name == "auto":
        return _automatic(device, state_folder)
    if not _installed():
        raise EmbedderUnavailableError(
            name, "sentence-transformers is not installed (pip install 'termroute[bge]')"
        )
    folder = Path(name).expanduser()
    if folder.is_dir():
        return SentenceTransformerEmbedder(folder, device), f"{name}, as set"
    return SentenceTransformerEmbedder(_from_hub(name), device), f"{name}, as set"


def _automatic(device: str, state_folder: Path | None) -> tuple[Embedder, str]:
    if not _installed():
        return HashedEmbedder(), "hashed: sentence-transformers is not installed; keyword search only"
    folder, reason = cached_or_quick_bge(state_folder)
    if folder is None:
        return HashedEmbedder(), f"hashed: {reason}; keyword search only"
    return SentenceTransformerEmbedder(folder, device), reason


def _from_hub(name: str) -> Path:
    folder = cached_model(name)
    if folder is None:
        _log.info("Fetching the embedding model %s from the hub.", name)
        problem = download_model(name)
        folder = cached_model(name)
        if folder is None:
            reason = problem or "it has no weights that sentence-transformers can read"
            raise EmbedderUnavailableError(name, f"it is no folder, not in the local cache, and {reason}")
    return folder


def _installed() -> bool:
    return importlib.util.find_spec("sentence_transformers") is not None


def _load(folder: Path, device: str) -> Any:
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        model = SentenceTransformer(
            str(folder), device=None if device == "auto" else device, local_files_only=True
        )
    except (OSError, ValueError, RuntimeError, KeyError, AssertionError, SafetensorError) as error:
        raise EmbedderUnavailableError(str(folder), f"{type(error).__name__}: {error}") from error
    if not (folder / "modules.json").exists() and _BGE.search(str(folder)):
        pooling = type(model[1])
        transformer: Any = model[0]
        model[1] = pooling(transformer.auto_model.config.hidden_size, "cls")
    model.eval()
    return model.half() if model.device.type == "cuda" else model
