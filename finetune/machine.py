"""Says what this machine has for a training, without loading a framework: GPUs, memory, disk, installed packages."""

from __future__ import annotations

import ctypes
import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from finetune.settings import automatic_device

_CONTAINER = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a training may use: memory of each GPU and of the machine, free disk, all in bytes (0: not known)."""

    gpus: tuple[int, ...] = ()
    memory: int = 0
    disk: int = 0
    bitsandbytes: bool = False


def detect(folder: Path) -> Machine:
    """Look at this machine; `folder` is where the training will write, itself or its nearest parent that exists."""
    existing = next(each for each in (folder.resolve(), *folder.resolve().parents) if each.exists())
    return Machine(_gpus(), _memory(), shutil.disk_usage(existing).free, find_spec("bitsandbytes") is not None)


def _memory() -> int:
    """Return the machine's memory, or what its container may use of it (cgroup v2)."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0
    try:
        return min(whole, int(_CONTAINER.read_text()))
    except (OSError, ValueError):
        # No container, or one without a limit ("max").
        return whole


class _Memory(ctypes.Structure):
    """NVML's nvmlMemory_t."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def _gpus() -> tuple[int, ...]:
    """Return the memory of each NVIDIA GPU, from the driver's own library (NVML)."""
    if automatic_device() == "cpu":
        return ()
    # Where the driver's library does not answer, there is a GPU all the same.
    unknown = (0,) * max(1, len(list(Path("/dev").glob("nvidia[0-9]*"))))
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return unknown
    if library.nvmlInit_v2() != 0:
        return unknown
    try:
        return _sizes(library)
    finally:
        library.nvmlShutdown()


def _sizes(library: ctypes.CDLL) -> tuple[int, ...]:
    count = ctypes.c_uint()
    if library.nvmlDeviceGetCount_v2(ctypes.byref(count)) != 0:
        return ()
    sizes = []
    for index in range(count.value):
        handle, memory = ctypes.c_void_p(), _Memory()
        known = library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)) == 0
        known = known and library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0
        sizes.append(int(memory.total) if known else 0)
    return tuple(sizes)
