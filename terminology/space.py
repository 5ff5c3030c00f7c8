"""A space of words learnt from the texts at hand, in which words that keep the same company lie close together."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

_WORDS = 4_000
_TEXTS_AT_ONCE = 4_000
_UNITS_PER_TEXT = 60


class WordSpace:
    """Weights and vectors of words, from unlabelled texts only.

    Vectors: positive pointwise mutual information of words in one text, reduced by singular value decomposition
    (Levy and Goldberg, 2014), computed with the randomised method of Halko, Martinsson and Tropp (2011). Weights:
    inverse document frequency.
    """

    def __init__(self, texts: Iterable[Sequence[str]], dimensions: int = 200) -> None:
        """Learn from `texts`, each given as its units; with 0 `dimensions` only the weights of words."""
        bags = [list(dict.fromkeys(text))[:_UNITS_PER_TEXT] for text in texts]
        self._frequency = Counter(unit for bag in bags for unit in bag)
        self._texts = len(bags)
        known = [unit for unit, count in self._frequency.most_common(_WORDS) if count > 1] if dimensions else []
        self._index = {unit: at for at, unit in enumerate(known)}
        self._vectors = _reduced(_associations(bags, self._index), dimensions)
        self.dimensions = self._vectors.shape[1]
        self._origin = np.zeros(self.dimensions, np.float32)
        if self._index and bags:
            self._origin = np.mean(
                [self.vector(dict.fromkeys(bag, 1.0)) for bag in bags], axis=0, dtype=np.float32
            )

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]]) -> WordSpace:
        """Return the space that gave these `arrays`; raises ValueError or KeyError where they do not fit together."""
        units = bytes(arrays["units"]).decode("utf-8").split("\n") if len(arrays["units"]) else []
        counts = arrays["counts"].tolist()
        space = cls(())
        space._frequency = Counter(dict(zip(units, counts, strict=True)))
        space._texts = int(arrays["texts"])
        space._vectors = np.asarray(arrays["vectors"], np.float32)
        space._origin = np.asarray(arrays["origin"], np.float32)
        rows, space.dimensions = space._vectors.shape
        space._index = {unit: at for at, unit in enumerate(units[:rows])}
        if len(space._index) != rows or space._origin.shape != (space.dimensions,):
            raise ValueError("the arrays of a word space do not fit together")
        return space

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything learnt as plain arrays; those words that have vectors come first, in their order."""
        units = [*self._index, *(unit for unit in self._frequency if unit not in self._index)]
        return {
            "units": np.frombuffer("\n".join(units).encode("utf-8"), np.uint8),
            "counts": np.asarray([self._frequency[unit] for unit in units], np.int64),
            "texts": np.asarray(self._texts, np.int64),
            "vectors": self._vectors,
            "origin": self._origin,
        }

    def weight(self, unit: str) -> float:
        """Return how much a unit tells: its inverse document frequency, at least 0."""
        return max(0.0, math.log((self._texts + 1) / (self._frequency[unit] + 0.5)))

    def vector(self, bag: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the direction of a weighted bag of units from the middle of all texts: length 1, or 0 if unknown."""
        known = [
            (self._index[unit], share * self.weight(unit)) for unit, share in bag.items() if unit in self._index
        ]
        if not known:
            return np.zeros(self.dimensions, np.float32)
        rows, shares = zip(*known, strict=True)
        total = np.asarray(shares, np.float32) @ self._vectors[list(rows)]
        return unit_length(unit_length(total) - self._origin)


def unit_length(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `vector` scaled to length 1; vectors of length 0 stay."""
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length > 0 else vector


def _associations(bags: Sequence[Sequence[str]], index: Mapping[str, int]) -> NDArray[np.float32]:
    """Return the positive pointwise mutual information of all pairs of known words, shape (words, words)."""
    words = len(index)
    counts = np.zeros((words, words), np.float32)
    for first in range(0, len(bags), _TEXTS_AT_ONCE):
        pairs = []
        for bag in bags[first : first + _TEXTS_AT_ONCE]:
            rows = np.asarray([index[unit] for unit in bag if unit in index], np.int64)
            pairs.append((rows[:, None] * words + rows[None, :]).ravel())
        flat, together = (
            np.unique(np.concatenate(pairs), return_counts=True) if pairs else (np.zeros(0, int), 0)
        )
        counts.ravel()[flat] += together
    np.fill_diagonal(counts, 0.0)
    alone = counts.sum(axis=1)
    expected = np.outer(alone, alone / max(float(alone.sum()), 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.log(counts / expected)
    return np.where(counts > 0, np.maximum(information, 0.0), 0.0).astype(np.float32)


def _reduced(matrix: NDArray[np.float32], dimensions: int) -> NDArray[np.float32]:
    """Return unit vectors for the rows of a symmetric matrix from its leading singular directions."""
    size = min(dimensions, matrix.shape[0])
    if size == 0:
        return np.zeros((0, 0), np.float32)
    sketch = matrix @ np.random.default_rng(0).standard_normal(
        (matrix.shape[0], min(size + 20, matrix.shape[0])), np.float32
    )
    for _ in range(4):
        sketch = matrix @ _basis(sketch)
    basis = _basis(sketch)
    vectors = matrix @ (basis @ _directions(matrix @ basis)[:, :size])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return scaled


def _basis(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return orthonormal columns that span the same space.

    From the eigenvectors of the small Gram matrix: LAPACK's QR of a tall matrix takes seconds, not milliseconds, where its
    threads have to share their cores with other programs.
    """
    wide = columns.astype(np.float64)
    values, vectors = np.linalg.eigh(wide.T @ wide)
    kept = values > values.max(initial=0.0) * 1e-12
    basis: NDArray[np.float32] = (wide @ (vectors[:, kept] / np.sqrt(values[kept]))).astype(np.float32)
    return basis


def _directions(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the right singular vectors of `columns`, strongest first."""
    wide = columns.astype(np.float64)
    _, vectors = np.linalg.eigh(wide.T @ wide)
    strongest: NDArray[np.float32] = vectors[:, ::-1].astype(np.float32)
    return strongest
