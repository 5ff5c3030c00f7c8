"""Stands in for `finetune.worker`: steps on the clock, checkpoints, stop, resume and failures, without torch."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from finetune.folder import JobFolder
from finetune.settings import processes, rank

STEPS, SAVE_EVERY = 60, 5


def main() -> int:
    folder = JobFolder(Path(sys.argv[1]), writes=rank() == 0)
    behaviour = folder.path / "behaviour.json"
    told = json.loads(behaviour.read_text()) if behaviour.exists() else {}
    resume = "--resume" in sys.argv
    first = folder.checkpoints()[-1][0] if resume else 0
    run = "resume" if resume else "new"
    (folder.path / f"process-{rank()}").write_text(str(processes()))
    folder.append("started", run=run, step=first, total_steps=STEPS, epochs=3, device="cpu", base="fake")
    for step in range(first + 1, STEPS + 1):
        time.sleep(told.get("pause", 0.01))
        loss = 3.0 / step
        accuracy = 1 - 1 / step
        folder.append(
            "step", step=step, epoch=step / 20, epochs=3, loss=loss, learning_rate=1e-3, tokens=step * 100,
            samples=step * 4, token_accuracy=accuracy, memory=1_000_000,
        )  # fmt: skip
        if told.get("breaks") == rank() and step == 3:
            os.abort()
        if step == told.get("fail_at"):
            folder.append("failed", error="out of memory at batch 1", advice="Use a smaller model.")
            return 1
        if step == told.get("crash_at"):
            os.abort()
        stop = folder.stop_asked()
        if step % SAVE_EVERY == 0 or stop:
            _save(folder, step)
        if step % 10 == 0:
            folder.append(
                "evaluation", step=step, val_loss=loss * 1.1, token_accuracy=accuracy, sense_accuracy=accuracy
            )
        if stop:
            folder.append("stopped", step=step)
            return 3
    folder.adapter.mkdir(exist_ok=True)
    (folder.adapter / "adapter_config.json").write_text('{"base_model_name_or_path": "fake"}')
    (folder.adapter / "adapter_model.safetensors").write_bytes(b"weights")
    folder.append("finished", step=STEPS, best_step=STEPS - 10)
    return 0


def _save(folder: JobFolder, step: int) -> None:
    aside = folder.checkpoints_folder / f"tmp-{step}"
    aside.mkdir(parents=True, exist_ok=True)
    (aside / "weights").write_text(str(step))
    target = folder.checkpoints_folder / f"checkpoint-{step}"
    if not target.exists():
        aside.rename(target)
    folder.append("checkpoint", step=step)


if __name__ == "__main__":
    sys.exit(main())
