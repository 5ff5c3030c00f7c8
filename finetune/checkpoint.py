"""Checkpoints that can be trusted: a manifest lists every file of one, and a resume believes nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from finetune.errors import DamagedCheckpointError

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.folder import JobFolder

MANIFEST = "manifest.json"
# Without these a training starts somewhere else than where it ended, without a word.
_NEEDED = (
    "adapter_config.json",
    "adapter_model.safetensors",
    "optimizer.pt",
    "scheduler.pt",
    "trainer_state.json",
)


@dataclass(frozen=True, slots=True)
class Point:
    """Where a training stood when a checkpoint was written.

    `probe` is the loss on a few fixed samples, without dropout: a resumed model must have the same. `loss` is that of
    the last step. `best_*` tell the evaluation whose adapter is kept, `highest` the best value of any, `lowest_loss` the
    lowest validation loss, `waited` the evaluations since without a gain.
    """

    step: int
    recipe_hash: str
    data_hash: str
    probe: float
    loss: float | None = None
    best_step: int = 0
    best_value: float | None = None
    highest: float | None = None
    lowest_loss: float | None = None
    waited: int = 0


def write_manifest(folder: Path, point: Point) -> None:
    """Write what a checkpoint holds; it comes last, so a folder without a manifest is unfinished."""
    files = {
        str(path.relative_to(folder)): {"size": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    aside = folder / f"{MANIFEST}.tmp"
    aside.write_text(json.dumps({**asdict(point), "files": files}, indent=1) + "\n", "utf-8")
    aside.replace(folder / MANIFEST)


def verify(folder: Path, recipe_hash: str, data_hash: str) -> Point:
    """Return where the checkpoint's training stood. Raises DamagedCheckpointError with the reason.

    Every file must be there with its size and SHA-256, the step must be the folder's, recipe and data the job's.
    """
    manifest = _read(folder)
    files = manifest.pop("files", None)
    try:
        point = Point(**manifest)
    except TypeError as error:
        raise DamagedCheckpointError(folder, f"its {MANIFEST} is not one of this program") from error
    if not isinstance(files, dict):
        raise DamagedCheckpointError(folder, f"its {MANIFEST} lists no files")
    for name in _NEEDED:
        if name not in files:
            raise DamagedCheckpointError(folder, f"{name} was never written")
    for name, expected in files.items():
        _verify_file(folder, name, expected)
    _verify_origin(folder, point, recipe_hash, data_hash)
    return point


def _verify_file(folder: Path, name: str, expected: dict[str, Any]) -> None:
    path = folder / name
    if not path.is_file():
        raise DamagedCheckpointError(folder, f"{name} is missing")
    size = path.stat().st_size
    if size != expected["size"]:
        raise DamagedCheckpointError(folder, f"{name} has {size} bytes instead of {expected['size']}")
    if _sha256(path) != expected["sha256"]:
        raise DamagedCheckpointError(folder, f"the content of {name} is not what was written")


def _verify_origin(folder: Path, point: Point, recipe_hash: str, data_hash: str) -> None:
    state = json.loads((folder / "trainer_state.json").read_bytes())
    steps = {folder.name: f"checkpoint-{point.step}", str(point.step): str(state.get("global_step"))}
    for named, written in steps.items():
        if named != written:
            raise DamagedCheckpointError(
                folder,
                f"it says step {point.step}, its state step {state.get('global_step')}, its name {folder.name}",
            )
    if point.data_hash != data_hash:
        raise DamagedCheckpointError(folder, "it was trained on other data than the job has now")
    if point.recipe_hash != recipe_hash:
        raise DamagedCheckpointError(folder, "it was trained with another recipe than the job has now")


def to_resume(job: JobFolder, recipe_hash: str, data_hash: str) -> tuple[Path, Point] | None:
    """Return the last checkpoint that was finished and where it stands; None where there is none.

    An unfinished one (killed while it was written: no manifest) is removed and said so. A finished one that does not
    verify is refused: DamagedCheckpointError.
    """
    for step, folder in reversed(job.checkpoints()):
        if (folder / MANIFEST).exists():
            return folder, verify(folder, recipe_hash, data_hash)
        if job.writes:
            shutil.rmtree(folder)
        job.append("warning", message=f"checkpoint-{step} was never finished and is removed", step=step)
    return None


def remove_old(job: JobFolder, keep: int) -> None:
    """Remove all but the last `keep` checkpoints."""
    for _, folder in job.checkpoints()[:-keep]:
        shutil.rmtree(folder)


def _read(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise DamagedCheckpointError(folder, f"it has no readable {MANIFEST}") from error
    except ValueError as error:
        raise DamagedCheckpointError(folder, f"its {MANIFEST} is not whole") from error
    if not isinstance(manifest, dict):
        raise DamagedCheckpointError(folder, f"its {MANIFEST} is not whole")
    return manifest


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
