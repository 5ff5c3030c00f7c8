"""The vector index: FAISS over the embeddings in the database, kept in one checked file and replayable."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import numpy as np
from filelock import FileLock, Timeout

from retrieval.errors import IndexBusyError, OtherModelError, VectorsUnavailableError
from retrieval.files import read_manifest, sha256_of, sync_file, write_manifest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from retrieval.types import Change

FORMAT = 1
_MANIFEST = "manifest.json"
_BATCH = 5_000
# The file is written again when this share of it has changed; until then the changes are replayed at start.
_STALE_SHARE = 0.05
# Seconds that a rebuild waits for another process's save to end; an ordinary save does not wait.
_PATIENCE = 30
_log = logging.getLogger(__name__)


class EmbeddingLog(Protocol):
    """What the index needs of the database: the log of changes and the vectors of one model."""

    def latest_change(self) -> int: ...

    def changes_since(self, change: int, limit: int) -> list[Change]: ...

    def stamp(self, change: int) -> str: ...

    def embedding_models(self) -> dict[str, int]: ...

    def embeddings_by_number(self, model: str, numbers: Sequence[int]) -> dict[int, NDArray[np.float32]]: ...

    def embeddings_after(
        self, model: str, number: int, limit: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...


class VectorIndex:
    """An exact inner-product index over the vectors of one model, by chunk number.

    It lives in memory; `folder` keeps a copy so that a start needs no replay from the first change. The copy names
    its model, its change and its SHA-256; a damaged or foreign copy is made anew from the database. Safe for
    threads; several processes may have the same folder.
    """

    def __init__(self, folder: Path | None, model: str, device: str = "auto") -> None:
        """Loads the copy if it is sound; raises VectorsUnavailableError if FAISS is not installed."""
        self._faiss = _faiss()
        self.folder, self.model, self._device = folder, model, device
        self._lock = threading.RLock()
        self._indexed_model = model
        self._index: Any = None
        self._on_gpu: Any = None
        self._numbers: set[int] = set()
        self._change, self._stamp, self._unsaved = 0, "", 0
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._load(folder)

    @property
    def change(self) -> int:
        """The last change of the database that searches see."""
        return self._change

    @property
    def indexed_model(self) -> str:
        """The model whose vectors the index holds; searches raise OtherModelError unless it is `model`."""
        return self._indexed_model

    def __len__(self) -> int:
        return len(self._numbers)

    # Following the database

    def catch_up(self, log: EmbeddingLog) -> None:
        """Brings the index up to the database's last change and saves it if enough has changed.

        Raises OtherModelError if the index, or every vector in the database, was made with another model.
        """
        with self._lock:
            self._check_model()
            if self._change and log.stamp(self._change) != self._stamp:
                _log.warning("The vector index %s follows another database and is made anew.", self.folder)
                self._start_empty()
            if not self._change:
                self._read_all(log)
            while changes := log.changes_since(self._change, _BATCH):
                self._replay(log, changes)
            if self._unsaved and self._unsaved >= _STALE_SHARE * len(self):
                self.save()

    def rebuild(self, log: EmbeddingLog) -> None:
        """Makes the index anew from the vectors of `model` in the database, whatever model it had before.

        Raises IndexBusyError if another process keeps writing the copy.
        """
        with self._lock:
            self._start_empty()
            self._indexed_model = self.model
            self._fill(log)
            if self.folder is not None and not self.save(force=True):
                raise IndexBusyError(self.folder, _PATIENCE)

    def _read_all(self, log: EmbeddingLog) -> None:
        models = log.embedding_models()
        if models and self.model not in models:
            # The folder was deleted, but the database still tells which model was used.
            self._indexed_model = max(models, key=lambda name: models[name])
            self._check_model()
        self._fill(log)

    def _fill(self, log: EmbeddingLog) -> None:
        change = log.latest_change()
        stamp = log.stamp(change)
        number = 0
        while True:
            numbers, vectors = log.embeddings_after(self.model, number, _BATCH)
            if not len(numbers):
                break
            self._put(numbers, vectors)
            number = int(numbers[-1])
        self._change, self._stamp = change, stamp
        self._unsaved = max(len(self), 1)

    def _replay(self, log: EmbeddingLog, changes: Sequence[Change]) -> None:
        """Takes out every chunk that changed and puts in those that have a vector now."""
        numbers = sorted({change.number for change in changes})
        found = log.embeddings_by_number(self.model, numbers)
        self._take_out([number for number in numbers if number in self._numbers])
        if found:
            self._put(np.asarray(list(found), dtype=np.int64), np.stack(list(found.values())))
        self._change, self._stamp = changes[-1].id, changes[-1].stamp
        self._unsaved += len(numbers)

    def _put(self, numbers: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        if self._index is None:
            flat = self._faiss.IndexFlatIP(int(vectors.shape[1]))
            self._index = self._faiss.IndexIDMap2(flat)
        self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), numbers)
        self._numbers.update(numbers.tolist())
        self._on_gpu = None

    def _take_out(self, numbers: Sequence[int]) -> None:
        if self._index is not None and numbers:
            self._index.remove_ids(np.asarray(numbers, dtype=np.int64))
            self._numbers.difference_update(numbers)
            self._on_gpu = None

    # The copy in the folder

    def save(self, *, force: bool = False) -> bool:
        """Writes the copy; False if another process is writing or has a newer one of the same model."""
        if self.folder is None:
            return False
        with (
            self._lock,
            contextlib.suppress(Timeout),
            FileLock(self.folder / "writer.lock", timeout=_PATIENCE * force),
        ):
            there = read_manifest(self.folder / _MANIFEST) or {}
            if not force and (
                there.get("model", self.model) != self.model or there.get("change", 0) > self._change
            ):
                return False
            self._write(self.folder)
            self._unsaved = 0
            return True
        return False

    def _write(self, folder: Path) -> None:
        """The new file under a new name, then the manifest that names it: killed anywhere, one of both is whole."""
        name, digest = "", ""
        if self._index is not None:
            name = f"flat-{uuid4().hex}.faiss"
            self._faiss.write_index(self._index, str(folder / name))
            sync_file(folder / name)
            digest = sha256_of(folder / name)
        content = {
            "format": FORMAT,
            "model": self.model,
            "change": self._change,
            "stamp": self._stamp,
            "count": len(self),
            "file": name,
            "sha256": digest,
        }
        write_manifest(folder / _MANIFEST, content)
        for path in [*folder.glob("flat-*.faiss"), *folder.glob("*.tmp")]:
            if path.name != name:
                path.unlink(missing_ok=True)

    def _load(self, folder: Path) -> None:
        manifest = read_manifest(folder / _MANIFEST)
        if manifest is None or manifest.get("format") != FORMAT:
            return
        self._indexed_model = str(manifest.get("model"))
        if self._indexed_model != self.model:
            return
        try:
            self._take_from(folder, manifest)
        except FileNotFoundError:
            # Another process saved a newer copy between our two reads; without it, the database has everything.
            self._start_empty()
        except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
            _log.warning(
                "The vector index %s is damaged (%s) and is made anew from the database.", folder, error
            )
            self._start_empty()

    def _take_from(self, folder: Path, manifest: dict[str, Any]) -> None:
        if manifest["file"]:
            path = folder / manifest["file"]
            if sha256_of(path) != manifest["sha256"]:
                raise ValueError(f"the checksum of {path.name} is wrong")
            self._index = self._faiss.read_index(str(path))
            self._numbers = set(self._faiss.vector_to_array(self._index.id_map).tolist())
        self._change, self._stamp = int(manifest["change"]), str(manifest["stamp"])

    def _start_empty(self) -> None:
        self._index = self._on_gpu = None
        self._numbers = set()
        self._change, self._stamp, self._unsaved = 0, "", 0

    # Searching

    def search(
        self, vector: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Chunk numbers with inner products, best first; only numbers in `allowed` if given.

        Raises OtherModelError if the index was made with another model.
        """
        with self._lock:
            self._check_model()
            if self._index is None or limit < 1 or (allowed is not None and not len(allowed)):
                return []
            query = np.ascontiguousarray(vector[None, :], dtype=np.float32)
            count = min(limit, len(self))
            if allowed is None:
                scores, numbers = self._searcher().search(query, count)
            else:
                selector = self._faiss.IDSelectorBatch(allowed)
                wanted = self._faiss.SearchParameters(sel=selector)
                # FAISS on a GPU knows no selection, so a restricted search runs on the CPU's index.
                scores, numbers = self._index.search(query, count, params=wanted)
        found = [(int(n), float(s)) for n, s in zip(numbers[0], scores[0], strict=True) if n >= 0]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))

    def scores(self, vector: NDArray[np.float32], numbers: Collection[int]) -> dict[int, float]:
        """Inner products with these chunks, of those that the index has."""
        with self._lock:
            self._check_model()
            known = [number for number in numbers if number in self._numbers]
            if not known:
                return {}
            vectors = self._index.reconstruct_batch(np.asarray(known, dtype=np.int64))
        return dict(zip(known, (vectors @ vector).tolist(), strict=True))

    def _searcher(self) -> Any:
        if self._device == "cpu" or self._faiss.get_num_gpus() == 0:
            return self._index
        if self._on_gpu is None:
            resources = self._faiss.StandardGpuResources()
            self._on_gpu = self._faiss.index_cpu_to_gpu(resources, 0, self._index)
        return self._on_gpu

    def _check_model(self) -> None:
        if self._indexed_model != self.model:
            raise OtherModelError(self._indexed_model, self.model)


def _faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise VectorsUnavailableError(
            f"FAISS is not installed ({error}); pip install 'termroute[cpu]' or 'termroute[gpu]'"
        ) from error
    return faiss
