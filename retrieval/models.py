"""Finds model weights: in a folder, in the local hub cache, or on the hub within a time limit."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import re
import subprocess
import sys
import time
from pathlib import Path

# In order of preference; the last column of the hub's own tables, largest Chinese model first.
BGE_MODELS = (
    "BAAI/bge-large-zh-v1.5",
    "BAAI/bge-base-zh-v1.5",
    "BAAI/bge-small-zh-v1.5",
    "BAAI/bge-m3",
)
# What can be fetched in seconds on a good line (about 95 MB); a broken-off download goes on next time.
QUICK_MODEL = "BAAI/bge-small-zh-v1.5"
HUB_SECONDS = 6.0
REMEMBER_SECONDS = 3600.0
_NOT_NEEDED = ("onnx/*", "openvino/*", "*.msgpack", "*.h5", "*.ot", "*.onnx", "imgs/*", "colbert_linear.pt")
_SAMPLE = 1 << 16
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_DESCRIPTIONS = (
    "config.json",
    "modules.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)
_DOWNLOAD = (
    "import sys; from huggingface_hub import snapshot_download; "
    "snapshot_download(sys.argv[1], ignore_patterns=sys.argv[2:])"
)
_log = logging.getLogger(__name__)


def has_weights(folder: Path) -> bool:
    """Whether a folder looks like a whole model: its configuration and at least one file of weights."""
    return (folder / "config.json").is_file() and any(any(folder.glob(pattern)) for pattern in _WEIGHTS)


def cached_model(name: str) -> Path | None:
    """The folder of a hub model in the local cache, without any network."""
    if importlib.util.find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError):
        return None
    return folder if has_weights(folder) else None


def download_model(name: str, seconds: float | None = None) -> str:
    """Fetches a hub model into the local cache in a process of its own; returns what went wrong, or nothing.

    The process is what makes the limit hard: name resolution and a firewall that drops packets cannot hang us.
    """
    command = [sys.executable, "-c", _DOWNLOAD, name, *_NOT_NEEDED]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return f"the hub did not deliver it within {seconds:g} s"
    lines = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else (lines[-1] if lines else f"exit code {done.returncode}")


def cached_or_quick_bge(state_folder: Path | None, seconds: float = HUB_SECONDS) -> tuple[Path | None, str]:
    """A bge model from the cache, else from the hub within `seconds`; else None and the reason in words.

    A failure is remembered in `state_folder` for an hour, so that not every command waits again.
    """
    for name in BGE_MODELS:
        folder = cached_model(name)
        if folder is not None:
            return folder, f"{name} from the local cache"
    memory = state_folder / "hub-attempt.json" if state_folder else None
    remembered = _remembered(memory)
    if remembered:
        return None, f"no bge model in the local cache; {remembered} (remembered, tried again within the hour)"
    problem = download_model(QUICK_MODEL, seconds)
    folder = cached_model(QUICK_MODEL)
    if folder is not None:
        return folder, f"{QUICK_MODEL} from the hub"
    problem = problem or "the download is incomplete"
    _remember(memory, problem)
    return None, f"no bge model in the local cache; {problem}"


def identity(folder: Path) -> str:
    """Ten hex digits of SHA-256 over the configuration and over the size, start and end of each file of weights."""
    digest = hashlib.sha256()
    for name in _DESCRIPTIONS:
        file = folder / name
        if file.is_file():
            digest.update(name.encode() + b"\0" + file.read_bytes())
    for file in sorted({file for pattern in _WEIGHTS for file in folder.glob(pattern)}):
        size = file.stat().st_size
        digest.update(f"{file.name}\0{size}\0".encode())
        with file.open("rb") as content:
            digest.update(content.read(_SAMPLE))
            content.seek(max(size - _SAMPLE, 0))
            digest.update(content.read(_SAMPLE))
    return digest.hexdigest()[:10]


def short_name(folder: Path) -> str:
    """The model's name: of a hub cache folder the repository's, else the folder's own."""
    cached = re.search(r"models--[^/\\]+?--([^/\\]+)[/\\]snapshots", str(folder))
    return cached[1] if cached else folder.name


def _remembered(memory: Path | None) -> str:
    if memory is None:
        return ""
    try:
        content = json.loads(memory.read_text(encoding="utf-8"))
        fresh = 0 <= time.time() - float(content["at"]) < REMEMBER_SECONDS
        return str(content["problem"]) if fresh else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _remember(memory: Path | None, problem: str) -> None:
    if memory is None:
        return
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps({"at": time.time(), "problem": problem}), encoding="utf-8")
    except OSError as error:
        _log.warning("The failed attempt to reach the hub cannot be remembered: %s", error)
