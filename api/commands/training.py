"""`termroute train`: check a recipe, train, evaluate, promote, roll back, export, report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperGroup

from api.commands.training_data import commands as data_commands
from api.terminal import Json, current_user, emit, open_application, out

if TYPE_CHECKING:
    from api.auth import Viewer
    from api.training_schemas import IfExists, StartedSchema
    from api.wiring import Application
    from finetune.load import Reading

_CHOICES = ("resume", "restart", "backup", "cancel")


class TrainGroup(TyperGroup):
    """`termroute train RECIPE.toml` beside `termroute train check RECIPE.toml`: what is no command is a recipe."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the hidden command `start` before a recipe."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["start", *args]
        return super().parse_args(ctx, args)


commands = typer.Typer(
    cls=TrainGroup,
    no_args_is_help=True,
    help="Fine-tune the terminology model: `termroute train RECIPE.toml` starts a training and follows it.",
    subcommand_metavar="RECIPE.toml | COMMAND [ARGS]...",
)
commands.add_typer(data_commands, name="data")

JobId = Annotated[str, typer.Argument(help="The job's id; `termroute jobs list` shows them.", metavar="ID")]
RecipeFile = Annotated[Path, typer.Argument(help="A recipe, or the name of a preset.", metavar="RECIPE.toml")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="A value over the recipe, such as training.epochs=2.")
]


@commands.command("start", hidden=True)
def start_training(
    recipe: RecipeFile,
    if_exists: Annotated[
        str | None,
        typer.Option(help="Where results exist: resume, restart, backup or cancel. There is no default."),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Do not follow; the job runs on.")] = False,
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """Start a training, and follow it until it ends."""
    from api.auth import OPERATOR
    from api.recipes import override, read_file
    from api.watching import watch

    if if_exists not in {None, *_CHOICES}:
        raise typer.BadParameter(f"allowed: {', '.join(_CHOICES)}", param_hint="--if-exists")
    reading = read_file(recipe, override(overrides or []))
    viewer = _named(OPERATOR)
    with open_application() as application:
        started = _start(application, reading, viewer, cast("IfExists | None", if_exists), ask=not as_json)
        emit([started.model_dump()]) if as_json else _told(started)
        if detach or started.action in {"cancelled", "finished already"}:
            return
        code = watch(application, started.task_id, as_json=as_json)
    raise typer.Exit(code)


def _start(
    application: Application, reading: Reading, viewer: Viewer, if_exists: IfExists | None, *, ask: bool
) -> StartedSchema:
    """Start; where results exist and nobody has said what to do with them, ask whoever sits at the terminal."""
    from api.training import start
    from finetune.errors import ResultsExistError

    try:
        return start(application, reading, viewer, if_exists)
    except ResultsExistError as error:
        if not (ask and sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        typer.echo(str(error), err=True)
        answer = ""
        while answer not in _CHOICES:
            answer = typer.prompt("resume, restart, backup or cancel?", err=True).strip().lower()
        return start(application, reading, viewer, cast("IfExists", answer))


def _told(started: StartedSchema) -> None:
    for warning in started.warnings:
        typer.echo(warning, err=True)
    out(f"{started.task_id}  {started.action} ({started.status})")


def _named(operator: Viewer) -> Viewer:
    from dataclasses import replace

    return replace(operator, user=current_user())


@commands.command("check")
def check_recipe(recipe: RecipeFile, overrides: Overrides = None, as_json: Json = False) -> None:
    """List all problems of a recipe, in under a second and without loading anything; 2 when there are errors."""
    from dataclasses import asdict

    from api.recipes import override, read_file, with_data
    from api.settings import load_settings
    from finetune.check import check_reading
    from finetune.settings import TrainingSettings

    service = TrainingSettings(load_settings().data_dir.resolve() / "training")
    reading = with_data(read_file(recipe, override(overrides or [])), service)
    findings = check_reading(reading, folder=service.root)
    if as_json:
        emit(asdict(finding) for finding in findings)
    else:
        for finding in findings:
            out(str(finding))
        out(f"{len(findings)} finding(s)" if findings else "the recipe is right")
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(2)


@commands.command("evaluate")
def evaluate_job(
    job_id: JobId,
    again: Annotated[bool, typer.Option("--again", help="Measure anew even where a table exists.")] = False,
    as_json: Json = False,
) -> None:
    """Measure a finished training before and after: base and adapter, without and with the glossary's candidates."""
    from api.auth import OPERATOR
    from api.training import evaluate, job_of
    from api.watching import table_lines

    with open_application() as application:
        job = job_of(application, job_id, OPERATOR)
        shown = evaluate(application, job, again=again, wait_seconds=float("inf"))
    if as_json:
        emit([shown.model_dump()])
    elif shown.table is not None:
        for line in table_lines(shown.table):
            out(line)
    if shown.table is None:
        typer.echo("no table was written; the job's log.txt says why", err=True)
        raise typer.Exit(1)


@commands.command("promote")
def promote_adapter(
    job_id: JobId,
    force: Annotated[
        bool, typer.Option("--force", help="Although the evaluation does not offer it; needs --reason.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")] = "",
    as_json: Json = False,
) -> None:
    """Put a job's adapter in use, in every process from its next question on, without a restart."""
    from api.auth import OPERATOR
    from api.training import promote, shown_promotion

    if force and not reason.strip():
        raise typer.BadParameter("--force needs a --reason, which is recorded", param_hint="--reason")
    with open_application() as application:
        made = shown_promotion(promote(application, job_id, _named(OPERATOR), reason if force else ""))
    emit([made.model_dump()]) if as_json else out(f"promotion {made.number}: {made.adapter} on {made.base}")


@commands.command("rollback")
def roll_back_adapter(as_json: Json = False) -> None:
    """Return to the adapter that was in use before the current one."""
    from api.auth import OPERATOR
    from api.training import roll_back, shown_promotion

    with open_application() as application:
        made = shown_promotion(roll_back(application, _named(OPERATOR)))
    now = f"{made.adapter} on {made.base}" if made.adapter else "the model of the settings"
    emit([made.model_dump()]) if as_json else out(f"promotion {made.number}: back to {now}")


@commands.command("promotions")
def list_promotions(as_json: Json = False) -> None:
    """List who put which adapter in use, newest first."""
    from api.training import shown_promotion

    with open_application() as application:
        found = [shown_promotion(each) for each in application.adapters.history()]
    if as_json:
        emit(each.model_dump() for each in found)
        return
    for each in found:
        forced = "forced: " if each.action != "rollback" and not each.offered else ""
        told = f"  {forced}{each.reason}" if each.reason else ""
        out(f"{each.number}  {each.at}  {each.action}  {each.adapter or '-'}  {each.base}  {each.who}{told}")


@commands.command("export")
def export_model(
    job_id: JobId,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="FOLDER")],
    as_json: Json = False,
) -> None:
    """Export a trained model: merged weights, a GGUF recipe with an Ollama Modelfile, and vLLM's adapter layout."""
    from api.auth import OPERATOR
    from api.training import folder_of, job_of
    from finetune.export import export
    from finetune.load import load_recipe

    with open_application() as application:
        job = job_of(application, job_id, OPERATOR)
        results = folder_of(application, job)
        base = load_recipe(results.recipe).model.base
        made = export(base, results.adapter, folder)
    shown = {"folder": made.folder, "merged": made.merged, "gguf": made.gguf, "vllm": made.vllm}
    if as_json:
        emit([{name: str(path) for name, path in shown.items()}])
        return
    for name, path in shown.items():
        out(f"{name}: {path}")


@commands.command("report")
def write_training_report(
    job_id: JobId,
    folder: Annotated[Path | None, typer.Option("--to", help="Where to write; else the job's report/.")] = None,
    as_json: Json = False,
) -> None:
    """Write the training's report as Markdown, HTML and PDF, from the job's folder alone."""
    from api.auth import OPERATOR
    from api.training import folder_of, job_of
    from finetune.report import write_report

    with open_application() as application:
        job = job_of(application, job_id, OPERATOR)
        files = write_report(folder_of(application, job), folder)
    emit([{"task_id": job_id, "files": [str(file) for file in files]}]) if as_json else out(
        "\n".join(str(file) for file in files)
    )
