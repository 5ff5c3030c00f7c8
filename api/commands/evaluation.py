"""`termroute eval`: labelled questions through the whole program, with a report, a second run beside it and a baseline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.terminal import Json, emit, open_application, out

if TYPE_CHECKING:
    from router.evaluate import Evaluation

_FELL = 1


def evaluate(  # noqa: PLR0913 - options of a command
    file: Annotated[Path, typer.Argument(help="Labelled questions, one JSON object a line.")],
    report: Annotated[Path | None, typer.Option(help="Folder for report.json, report.md and plots.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Only the questions with this `split`, such as test.")
    ] = None,
    compare: Annotated[Path | None, typer.Option(help="report.json of another run, shown beside this.")] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Figures that must not fall; exit code 1 when one does.")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(help="Write this run's figures as the new baseline.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run labelled questions and report how many were answered rightly."""
    from router.evaluation.baseline import read_baseline
    from router.evaluation.baseline import write_baseline as write_limits
    from router.evaluation.compare import compare as compare_runs
    from router.evaluation.compare import read_run
    from router.evaluation.report import markdown, write_report

    # Both files are read before minutes are spent on the questions.
    limits = read_baseline(baseline) if baseline else None
    other = read_run(compare) if compare else None
    result = _run(file, split)
    beside = compare_runs(result.outcomes, other, str(compare)) if other is not None else None
    fallen = limits.fallen(result.figures) if limits else None
    if limits and limits.labels != result.labels:
        typer.echo(f"termroute: {baseline} was made from other labelled questions than {file}", err=True)
    if report is not None:
        write_report(report, result.outcomes, result.figures, comparison=beside, fallen=fallen)
    if write_baseline is not None:
        write_limits(write_baseline, result.figures, result.labels)
    if as_json:
        shown: dict[str, Any] = dict(result.figures)
        shown |= {"comparison": beside.to_json()} if beside else {}
        shown |= {"fallen": [str(each) for each in fallen]} if fallen is not None else {}
        emit([shown])
    else:
        out(markdown(result.outcomes, result.figures, comparison=beside, fallen=fallen))
    if fallen:
        for each in fallen:
            typer.echo(f"termroute: below the baseline: {each}", err=True)
        raise typer.Exit(_FELL)


def _run(file: Path, split: str | None) -> Evaluation:
    from api.evaluation import run_of
    from router.evaluate import evaluate_file

    with open_application() as application:
        # So that the first question does not pay for opening everything.
        application.warm_up()
        return evaluate_file(file, application.answerer, split, run_of(application, _progress()))


def _progress() -> Any:
    """Count on a terminal's stderr; say nothing into a log."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, questions: int) -> None:
        sys.stderr.write(f"\r{done} of {questions}" + ("\n" if done == questions else ""))
        sys.stderr.flush()

    return tell
