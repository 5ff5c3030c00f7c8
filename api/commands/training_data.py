"""`termroute train data`: build training data from the glossary, check it, convert it, list its versions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from api.terminal import Json, emit, open_application, out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.wiring import Application
    from finetune.types import DataFinding, Kind

commands = typer.Typer(no_args_is_help=True, help="Training data: from the glossary, checked, in versions.")


@commands.command("build")
def build_data(
    replay: Annotated[
        list[Path] | None,
        typer.Option("--replay", help="General samples to mix in; may be given several times."),
    ] = None,
    phrasings: Annotated[
        int, typer.Option(min=1, help="At most so many training samples of one sense; choices count apart.")
    ] = 16,
    kinds: Annotated[str, typer.Option(help="Only these kinds, such as choice,propose,abstain.")] = "",
    groups: Annotated[
        str, typer.Option(help="Take sentences also from documents of these groups; else from everyone's only.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Build a dataset version from the glossary and the ingested documents."""
    from api.training_data import build_dataset, shown_version
    from finetune.dataset import BuildOptions
    from finetune.types import KINDS

    chosen = tuple(each.strip() for each in kinds.split(",") if each.strip())
    if wrong := [each for each in chosen if each not in KINDS]:
        raise typer.BadParameter(f"{', '.join(wrong)}; allowed: {', '.join(KINDS)}", param_hint="--kinds")
    options = BuildOptions(phrasings=phrasings, kinds=cast("tuple[Kind, ...]", chosen or KINDS), seed=seed)
    wanted = frozenset(each.strip() for each in groups.split(",") if each.strip())
    with open_application() as application:
        version = build_dataset(application, replay or [], options, wanted)
    shown = shown_version(version)
    if as_json:
        emit([shown])
        return
    out(f"{version.path}")
    out(", ".join(f"{split} {count}" for split, count in version.counts.items()))


@commands.command("check")
def check_data(
    files: Annotated[
        list[Path], typer.Argument(help="Training data, or the folder of a dataset version.", metavar="FILE…")
    ],
    fix: Annotated[str, typer.Option(help="Repair these kinds of findings, such as leaked-token.")] = "",
    remove: Annotated[str, typer.Option(help="Remove rows with these kinds of findings.")] = "",
    target: Annotated[
        Path | None,
        typer.Option("--to", help="Folder for the cleaned files; a version becomes the next version."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Find what would teach a model wrongly, by line; 1 when there is something. Files are never changed in place."""
    from dataclasses import asdict

    fixing, removing = _kinds(fix, "--fix"), _kinds(remove, "--remove")
    with open_application() as application:
        if len(files) == 1 and files[0].is_dir():
            findings, done, left = _of_version(application, files[0], fixing, removing)
        else:
            findings, done, left = _of_files(application, files, target, (fixing, removing))
    if as_json:
        emit(asdict(finding) for finding in findings)
        emit({"done": line} for line in done)
    else:
        for line in (*map(str, findings), *done):
            out(line)
        out(f"{len(findings)} finding(s)" if findings else "nothing found")
        if fixing or removing:
            out(f"{len(left)} left after cleaning" if left else "nothing left after cleaning")
    if left:
        raise typer.Exit(1)


def _of_version(
    application: Application, folder: Path, fixing: list[str], removing: list[str]
) -> tuple[Sequence[DataFinding], list[str], Sequence[DataFinding]]:
    """Return what was found, what was done about it, and what is left."""
    from api.training_data import check_version, clean_dataset

    if not (fixing or removing):
        findings = check_version(application, folder)
        return findings, [], findings
    curated = clean_dataset(application, folder, fixing, removing)
    done = [*curated.done, f"the version is now {curated.version.path}"]
    return curated.findings, done, check_version(application, curated.version.path)


def _of_files(
    application: Application, files: list[Path], target: Path | None, cleaning: tuple[list[str], list[str]]
) -> tuple[Sequence[DataFinding], list[str], Sequence[DataFinding]]:
    from api.training_data import check_files, clean_files

    fixing, removing = cleaning
    if not (fixing or removing):
        findings = check_files(application, files)
        return findings, [], findings
    if target is None:
        raise typer.BadParameter("cleaning files needs a folder to write to", param_hint="--to")
    if len({file.name for file in files}) < len(files):
        raise typer.BadParameter("two files have the same name; clean them apart", param_hint="--to")
    found, done = clean_files(application, files, target, fixing, removing)
    return found, done, check_files(application, [target / file.name for file in files])


@commands.command("convert")
def convert_data(
    source: Annotated[Path, typer.Argument(help="What to read: .jsonl, .json or .txt.")],
    target: Annotated[Path, typer.Argument(help="What to write: .jsonl, .json or .txt.")],
    shape: Annotated[
        str, typer.Option(help="alpaca (instruction, input, output), text, or full (all that is known).")
    ] = "alpaca",
    as_json: Json = False,
) -> None:
    """Convert training data between Alpaca rows and plain texts, JSONL, JSON and TXT."""
    from finetune.formats import SHAPES, convert

    if shape not in SHAPES:
        raise typer.BadParameter(f"allowed: {', '.join(SHAPES)}", param_hint="--shape")
    count = convert(source, target, shape)
    emit([{"file": str(target), "samples": count}]) if as_json else out(f"{count} samples written to {target}")


@commands.command("versions")
def list_data_versions(as_json: Json = False) -> None:
    """List the dataset versions: hash, parent, counts and what was done."""
    from api.training_data import list_versions, shown_version

    with open_application() as application:
        found = list_versions(application)
    if as_json:
        emit(shown_version(each) for each in found)
        return
    for each in found:
        counts = ", ".join(f"{split} {count}" for split, count in each.counts.items())
        out(f"{each.path.name}  {counts}  {'; '.join(each.changelog)}")


def _kinds(text: str, option: str) -> list[str]:
    from finetune.quality import KINDS

    chosen = [each.strip() for each in text.split(",") if each.strip()]
    if wrong := [each for each in chosen if each not in KINDS]:
        raise typer.BadParameter(f"{', '.join(wrong)}; allowed: {', '.join(KINDS)}", param_hint=option)
    return chosen
