"""The stand-in embedder without weights: signed hashing of character grams and words, deterministic, not semantic."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from retrieval import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DIMENSION = 1024
_LONGEST_GRAM = 3
_ODD = np.uint64(0x9E3779B97F4A7C15)


class HashedEmbedder:
    """Counts character 1-3-grams and words into `DIMENSION` signed buckets (Weinberger et al. 2009, feature hashing).

    Nothing is fitted and nothing is random, so the same text gives the same vector in every process and version
    of Python. Vectors of similar wording are near each other; vectors of similar meaning are not: `semantic` is
    False, and the ranking gives them weight 0.
    """

    name = f"hashed-{DIMENSION}-v1"
    dimension = DIMENSION
    semantic = False

    def embed_documents_array(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, shape (len(texts), 1024); an empty text gives zeros."""
        vectors = [_embed(text) for text in texts]
        return np.stack(vectors) if vectors else np.zeros((0, DIMENSION), np.float32)

    def embed_query_array(self, text: str) -> NDArray[np.float32]:
        """The vector of one question, shape (1024,); questions and passages are treated alike."""
        return _embed(text)


def _embed(text: str) -> NDArray[np.float32]:
    folded = tokens.fold(text)
    words = (zlib.crc32(f"word {word}".encode()) for word in tokens.words(text))
    features = [*_gram_hashes(folded), np.fromiter(words, dtype=np.uint64)]
    hashes, counts = np.unique(_scramble(np.concatenate(features)), return_counts=True)
    buckets = (hashes % np.uint64(DIMENSION)).astype(np.int64)
    signs = np.where(hashes >> np.uint64(63), 1.0, -1.0)
    vector = np.bincount(buckets, weights=signs * (1 + np.log(counts)), minlength=DIMENSION)
    length = np.linalg.norm(vector)
    return np.asarray(vector / length if length else vector, dtype=np.float32)


def _gram_hashes(text: str) -> list[NDArray[np.uint64]]:
    """One hash for every gram of 1, 2 and 3 code points; spaces count, so word ends do too."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    found = [points]
    for size in range(2, _LONGEST_GRAM + 1):
        shorter = found[-1][: max(len(points) - size + 1, 0)]
        found.append(_scramble(shorter) + points[size - 1 :])
    return found


def _scramble(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of splitmix64 (Steele, Lea and Flood 2014): every input bit changes every output bit."""
    mixed = values + _ODD
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)
