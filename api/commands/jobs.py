"""`termroute jobs`: the trainings, how far they are, and how to end them or let them go on."""

from __future__ import annotations

from typing import Annotated

import typer

from api.terminal import Json, emit, open_application, out

commands = typer.Typer(no_args_is_help=True, help="Training jobs.")
JobId = Annotated[str, typer.Argument(help="The job's id.", metavar="ID")]


@commands.command("list")
def list_jobs(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50, as_json: Json = False
) -> None:
    """List the jobs, newest first."""
    from api.auth import OPERATOR
    from api.training import status
    from api.watching import one_line

    with open_application() as application:
        shown = [status(application, job, OPERATOR, brief=True) for job in application.training_jobs.all(limit)]
    if as_json:
        emit(each.model_dump() for each in shown)
        return
    for each in shown:
        out(one_line(each))


@commands.command("status")
def show_job(job_id: JobId, as_json: Json = False) -> None:
    """Show how far a job is, the grades of its curves, and what to do next."""
    from api.auth import OPERATOR
    from api.training import job_of, status
    from api.watching import status_lines

    with open_application() as application:
        shown = status(application, job_of(application, job_id, OPERATOR), OPERATOR)
    if as_json:
        emit([shown.model_dump()])
        return
    for line in status_lines(shown):
        out(line)


@commands.command("stop")
def stop_job(
    job_id: JobId,
    wait: Annotated[bool, typer.Option("--wait", help="Until it has stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Stop a job at its next step; a checkpoint is kept, and `resume` goes on from it."""
    from api.auth import OPERATOR
    from api.training import status, wait_for

    with open_application() as application:
        job = application.training_jobs.stop(job_id)
        if wait:
            job = wait_for(application, job, float("inf"))
        shown = status(application, job, OPERATOR)
    emit([shown.model_dump()]) if as_json else out(f"{shown.task_id}  {shown.status}")


@commands.command("resume")
def resume_job(
    job_id: JobId,
    detach: Annotated[bool, typer.Option("--detach", help="Do not follow; the job runs on.")] = False,
    as_json: Json = False,
) -> None:
    """Go on from a job's last checkpoint, and follow it."""
    from api.auth import OPERATOR
    from api.training import status
    from api.watching import watch

    with open_application() as application:
        job = application.training_jobs.resume(job_id)
        shown = status(application, job, OPERATOR)
        emit([shown.model_dump()]) if as_json else out(f"{shown.task_id}  {shown.status}")
        if detach:
            return
        code = watch(application, job_id, after=shown.last_event, as_json=as_json)
    raise typer.Exit(code)


@commands.command("watch")
def watch_job(
    job_id: JobId,
    after: Annotated[int, typer.Option(min=0, help="Only events after this number.")] = 0,
    as_json: Json = False,
) -> None:
    """Follow a job's events until it ends; Ctrl-C stops following, and the job goes on."""
    from api.watching import watch

    with open_application() as application:
        application.training_jobs.get(job_id)
        code = watch(application, job_id, after=after, as_json=as_json)
    raise typer.Exit(code)
