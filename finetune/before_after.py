"""Measures a finished job before and after: `python -m finetune.before_after JOB_FOLDER` writes evaluation/table.json."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from finetune.evaluate import ADAPTER, ADAPTER_OFFERED, BASE, BASE_OFFERED, compare, judge, measure
from finetune.folder import JobFolder
from finetune.load import load_recipe
from finetune.verdict import TABLE
from finetune.versions import read_samples, read_version
from terminology.card import ModelCard, read_card, write_card

if TYPE_CHECKING:
    from collections.abc import Callable

    from finetune.evaluate import EvaluationTable, Speaker

    class Model(Speaker, Protocol):
        """A speaker whose adapter can be changed."""

        def load(self, adapter: Path | None) -> None:
            """Use another adapter, or none."""


def main(arguments: list[str] | None = None) -> int:
    """Measure the job of a folder; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m finetune.before_after", description=__doc__)
    parser.add_argument("job", type=Path, help="the job's folder")
    before_after(JobFolder(parser.parse_args(arguments).job), _open)
    return 0


def before_after(folder: JobFolder, open_model: Callable[[str, str], Model]) -> EvaluationTable:
    """Ask base and adapter the held-out questions and write the table, the verdict and the adapter's card.

    Raises RecipeError, DatasetVersionError, TermModelError.
    """
    recipe = load_recipe(folder.recipe)
    samples = read_samples(read_version(folder.data))["held_out"]
    model = open_model(recipe.model.base, recipe.model.device)
    limit = recipe.evaluation.max_samples
    before = measure(model, samples, limit=limit)
    model.load(folder.adapter)
    after = measure(model, samples, limit=limit)
    table = compare(before, after)
    found = judge(table)
    content = {
        "offered": found.offered,
        "why": found.why,
        "figures": _figures(table),
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "held_out": len(samples),
        "table": table.to_json(),
    }
    folder.evaluation.mkdir(exist_ok=True)
    aside = folder.evaluation / f"{TABLE}.tmp"
    aside.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    aside.replace(folder.evaluation / TABLE)
    _write_card(folder, recipe.name, table)
    folder.append("evaluated", offered=found.offered, why=found.why)
    return table


def _figures(table: EvaluationTable) -> dict[str, Any]:
    names = (BASE, BASE_OFFERED, ADAPTER, ADAPTER_OFFERED)
    return {f"sense_accuracy, {name}": table.arm(name).sense_accuracy for name in names}


def _write_card(folder: JobFolder, name: str, table: EvaluationTable) -> None:
    """Tell the model's voice among the other evidence how often it was right on wordings it had never seen."""
    arm = table.arm(ADAPTER_OFFERED)
    if arm.sense_accuracy is None:
        return
    card = read_card(folder.adapter) or ModelCard(name=name)
    measured = f"{arm.sense_cases} held-out choices"
    write_card(folder.adapter, replace(card, sense_accuracy=arm.sense_accuracy, measured_on=measured))


def _open(base: str, device: str) -> Model:
    from terminology.model import TerminologyModel

    return TerminologyModel(base, None, device)


if __name__ == "__main__":
    sys.exit(main())
