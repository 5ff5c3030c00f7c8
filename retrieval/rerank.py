"""Scores passages against the question with a cross-encoder, which reads both together."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from retrieval.errors import RerankerUnavailableError
from retrieval.models import cached_model, download_model, has_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

_BATCH = 16


class Reranker(Protocol):
    """What scores passages against a question, higher is better."""

    @property
    def name(self) -> str: ...

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score per text, in order."""
        ...


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers in a local folder, loaded when first used."""

    def __init__(self, folder: Path, device: str = "auto", *, name: str = "") -> None:
        """Raises RerankerUnavailableError if `folder` holds no whole model."""
        if not has_weights(folder):
            raise RerankerUnavailableError(str(folder), "the folder has no config.json with weights beside it")
        self.name = name or folder.name
        self._folder, self._device = folder, device
        self._loading = threading.Lock()
        self._loaded: Any = None

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score per text, in order; with one label, the model's own activation (for bge: 0 to 1)."""
        if not texts:
            return []
        pairs = [(query, text) for text in texts]
        found = self._model().predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        return [float(score) for score in found]

    def _model(self) -> Any:
        with self._loading:
            if self._loaded is None:
                self._loaded = _load(self._folder, self._device)
        return self._loaded


def open_reranker(name: str, device: str = "auto") -> CrossEncoderReranker:
    """The cross-encoder in a folder or on the hub; raises RerankerUnavailableError if it cannot be had."""
    if importlib.util.find_spec("sentence_transformers") is None:
        raise RerankerUnavailableError(
            name, "sentence-transformers is not installed (pip install 'termroute[bge]')"
        )
    folder = Path(name).expanduser()
    if folder.is_dir():
        return CrossEncoderReranker(folder, device, name=name)
    cached = cached_model(name)
    if cached is None:
        problem = download_model(name)
        cached = cached_model(name)
        if cached is None:
            raise RerankerUnavailableError(
                name, problem or "it has no weights that sentence-transformers can read"
            )
    return CrossEncoderReranker(cached, device, name=name)


def _load(folder: Path, device: str) -> Any:
    from safetensors import SafetensorError
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(str(folder), device=None if device == "auto" else device, local_files_only=True)
    except (OSError, ValueError, RuntimeError, KeyError, AssertionError, SafetensorError) as error:
        raise RerankerUnavailableError(str(folder), f"{type(error).__name__}: {error}") from error
    if model.model.config.num_labels != 1:
        raise RerankerUnavailableError(
            str(folder), f"it has {model.model.config.num_labels} labels, a reranker has one"
        )
    return model
