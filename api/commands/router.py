"""`termroute router`: the small classifier that reads questions on which the rules are silent."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from api.terminal import Json, emit, out

commands = typer.Typer(no_args_is_help=True, help="How questions find their road.")

OWN = "utterances.tsv"
Utterances = Annotated[
    Path | None, typer.Option(help="Lines of label, tab, utterance; else utterances.tsv of the data directory.")
]
Target = Annotated[Path | None, typer.Option("--output", help="Where the weights go; else the data directory.")]


@commands.command("train")
def train_classifier(utterances: Utterances = None, output: Target = None, as_json: Json = False) -> None:
    """Train the classifier from labelled utterances; takes seconds, and needs scikit-learn."""
    from router.training import PACKAGED_UTTERANCES, read_utterances, train

    folder = _data_dir()
    own = folder / OWN
    source = utterances or (own if own.exists() else PACKAGED_UTTERANCES)
    target = output or folder / "router" / "classifier.json"
    started = time.perf_counter()
    trained = train(read_utterances(source))
    trained.classifier.save(target)
    shown = {
        "utterances": trained.utterances,
        "from": str(source),
        "written": str(target),
        "accuracy_held_out": trained.accuracy,
        "calibration_error_held_out": trained.calibration_error,
        "seconds": round(time.perf_counter() - started, 2),
    }
    if as_json:
        emit([shown])
        return
    out(f"{trained.utterances} utterances from {source}")
    out(f"held out: accuracy {trained.accuracy:.3f}, calibration error {trained.calibration_error:.3f}")
    out(f"weights written to {target}; a running server reads them when it starts again")


@commands.command("utterances")
def write_utterances(as_json: Json = False) -> None:
    """Put a copy of the packaged utterances into the data directory, to be edited."""
    from router.training import PACKAGED_UTTERANCES

    target = _data_dir() / OWN
    written = not target.exists()
    if written:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(PACKAGED_UTTERANCES.read_text("utf-8"), "utf-8")
    if as_json:
        emit([{"file": str(target), "written": written}])
        return
    out(f"{target} written" if written else f"{target} is there already; it was left as it is")


def _data_dir() -> Path:
    from api.settings import load_settings

    return load_settings().data_dir
