"""The command `termroute ingest`: one line for each file, progress on the terminal, exit code 0, 1 or 2."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 (typer reads the annotations)
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from ingest.errors import PathMissingError
from ingest.settings import IngestSettings
from ingest.watch import watch as watch_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from ingest.pipeline import Pipeline
    from ingest.types import FileReport, Progress

_MARKS = {"indexed": "+", "replaced": "~", "unchanged": "=", "deleted": "-", "skipped": "·", "failed": "!"}


def make_command(
    open_pipeline: Callable[[Callable[[Progress], None]], AbstractContextManager[Pipeline]],
    settings: Callable[[], IngestSettings] = IngestSettings,
) -> Callable[..., None]:
    """The function for typer. `open_pipeline` is given the callback for progress and opens a pipeline with it."""

    def ingest(
        paths: Annotated[list[Path], typer.Argument(help="Files and folders to read.", metavar="PATH…")],
        groups: Annotated[
            str | None,
            typer.Option(
                help="Groups that may see the documents: G,…; an empty text: everyone. Not given: those that may see them "
                "now, everyone for new ones."
            ),
        ] = None,
        category: Annotated[
            str, typer.Option(help="Category of the documents; else the name of their folder.")
        ] = "",
        prune: Annotated[bool, typer.Option("--prune", help="Delete documents whose file is gone.")] = False,
        watch: Annotated[bool, typer.Option("--watch", help="Keep looking for changes until Ctrl-C.")] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help="One JSON object a file on standard output.")
        ] = False,
    ) -> None:
        """Add new and changed files; unchanged ones are passed over."""
        named = None if groups is None else tuple(name.strip() for name in groups.split(",") if name.strip())
        with _progress_shown() as show, open_pipeline(show) as pipeline:

            def run() -> Iterator[FileReport]:
                return pipeline.ingest(paths, groups=named, category=category or None, prune=prune)

            try:
                reports = watch_paths(run, paths, settings().watch_interval) if watch else run()
                failed = write_reports(reports, as_json=as_json)
            except PathMissingError as error:
                typer.echo(str(error), err=True)
                raise typer.Exit(2) from error
            except KeyboardInterrupt as error:
                typer.echo("stopped; what was reported is stored, run the command again for the rest", err=True)
                raise typer.Exit(0 if watch else 130) from error
        raise typer.Exit(1 if failed else 0)

    return ingest


def write_reports(reports: Iterator[FileReport], *, as_json: bool) -> int:
    """Writes a line for each report to standard output; returns how many files failed."""
    counts: dict[str, int] = {}
    for report in reports:
        counts[report.status] = counts.get(report.status, 0) + 1
        typer.echo(orjson.dumps(asdict(report)).decode() if as_json else describe(report))
    if not as_json:
        typer.echo(", ".join(f"{count} {status}" for status, count in counts.items()) or "no files")
    return counts.get("failed", 0)


def describe(report: FileReport) -> str:
    """A report in words."""
    line = f"{_MARKS[report.status]} {report.status:<9} {report.path}"
    if report.error:
        return f"{line}: {report.error}"
    if report.status in ("indexed", "replaced"):
        line += f" ({report.pages} pages, {report.chunks} passages"
        line += f", {report.tables} tables with {report.rows} rows" if report.tables else ""
        line += f", {report.seconds:.1f} s)"
        line += "".join(f"\n    note: {warning}" for warning in report.warnings)
    return line


@contextmanager
def _progress_shown() -> Iterator[Callable[[Progress], None]]:
    """A bar on standard error where that is a terminal: files, pages and files per second."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("ingesting"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[more]}"),
               TimeRemainingColumn())  # fmt: skip
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, more="")

        def show(progress: Progress) -> None:
            more = f"{progress.pages} pages · {progress.rate:.1f} files/s"
            bar.update(task, completed=progress.done, total=progress.total, more=more)

        yield show
