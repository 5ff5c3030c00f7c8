"""The `termroute` command: every lane and every store from a terminal; `--json` gives one object a line on stdout."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from api import problems
from api.commands import conversations, evaluation, facts, jobs, router, terms, training
from api.terminal import Department, Json, Text, emit, open_application, out
from api.version import VERSION
from ingest.cli import make_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from api.schemas import AnswerSchema
    from ingest.pipeline import Pipeline
    from ingest.types import Progress

app = typer.Typer(
    name="termroute",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers questions in company jargon by the cheapest road that gives a right answer.",
)
documents_app = typer.Typer(no_args_is_help=True, help="The catalogue of ingested documents.")
app.add_typer(documents_app, name="documents")
app.add_typer(terms.commands, name="terms")
app.add_typer(conversations.conversations, name="conversations")
app.add_typer(conversations.feedback, name="feedback")
app.add_typer(facts.commands, name="facts")
app.add_typer(training.commands, name="train")
app.add_typer(jobs.commands, name="jobs")
app.add_typer(router.commands, name="router")


def main() -> NoReturn:
    """Run the command; known errors end in a message and their exit code, never in a traceback."""
    # rjieba, faiss and torch bring their own progress and thread noise: none of it belongs on stdout.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        code = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted; what was finished is kept", 130)
    except TyperException as error:
        context = getattr(error, "ctx", None)
        usage = f"{context.get_usage()}\n" if context is not None else ""
        _fail(f"{usage}{error.format_message()}", problems.WRONG_USE)
    except problems.KNOWN as error:
        _fail(str(error), problems.kind_of(error).exit_code)
    except BrokenPipeError:
        # `termroute … | head` closed the pipe: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> NoReturn:
    sys.stderr.write(f"termroute: {message}\n")
    sys.exit(code)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Answers questions in company jargon by the cheapest road that gives a right answer."""
    if version:
        out(f"termroute {VERSION}")
        raise typer.Exit


@contextmanager
def _pipeline(progress: Callable[[Progress], None]) -> Iterator[Pipeline]:
    """Open the pipeline for one command; afterwards the derived indexes follow, so that no question waits for it."""
    with open_application() as application:
        with application.open_pipeline(progress) as pipeline:
            yield pipeline
        application.catch_up()
        application.resolver.prepare()


app.command("ingest")(make_command(_pipeline))


@app.command()
def ask(
    question: str,
    department: Department = None,
    conversation: Annotated[str | None, typer.Option(help="Id of a conversation to go on with.")] = None,
    route: Annotated[str | None, typer.Option(help="Force a route: term, fact or analysis.")] = None,
    as_json: Json = False,
) -> None:
    """Answer one question."""
    from api.auth import OPERATOR
    from api.chat import Question
    from api.schemas import AnswerSchema

    if route not in {None, "term", "fact", "analysis"}:
        raise typer.BadParameter("allowed: term, fact, analysis", param_hint="--route")
    with open_application(once=True) as application:
        answer = application.chat.answer(Question(question, department, conversation, route), OPERATOR)
        shown = AnswerSchema.of(answer, conversation)
    if as_json:
        emit([shown.model_dump(mode="json")])
    else:
        out(readable(shown))


def readable(answer: AnswerSchema) -> str:
    """Return an answer as a person at a terminal reads it: text, numbered sources, options, route and reason."""
    lines = [answer.answer, ""]
    for number, citation in enumerate(answer.citations, 1):
        place = [citation.document]
        place += [f"p. {citation.page}"] if citation.page else []
        place += [f"slide {citation.slide}"] if citation.slide else []
        place += [part for part in (citation.sheet, citation.cell) if part]
        lines.append(f"  [{number}] {', '.join(place)}")
    lines += [f"  -> {option.question}" for option in answer.options]
    lines += [f"  (asked as: {answer.completed_question})"] if answer.completed_question else []
    lines.append(
        f"  ({answer.route}, {answer.status}, confidence {answer.confidence:.2f}: {answer.trace.reason})"
    )
    return "\n".join(lines)


@app.command()
def search(
    query: Text, top_k: Annotated[int, typer.Option(min=1, max=100)] = 10, as_json: Json = False
) -> None:
    """Find passages, with the score of each stage."""
    from api.schemas import PassageSchema

    with open_application() as application:
        found = [
            PassageSchema.of(passage).model_dump() for passage in application.find_passages(query, top_k, None)
        ]
    if as_json:
        emit(found)
        return
    for item in found:
        place = " · ".join(str(part) for part in (item["document"], item["sheet"], item["page"]) if part)
        out(f"{item['score']:.4f}  {place}\n    {item['text'][:160]}")


@documents_app.command("list")
def list_documents(as_json: Json = False) -> None:
    """List the documents."""
    from api.schemas import DocumentSchema

    with open_application() as application:
        shown = [DocumentSchema.of(document).model_dump() for document in application.documents(None)]
    if as_json:
        emit(shown)
        return
    for item in shown:
        out(f"{item['document_id']}  {item['pages']:>4} p.  {item['source']}")


@documents_app.command("show")
def show_document(document_id: str, as_json: Json = False) -> None:
    """Show one document and its passages."""
    from api.catalogue_schemas import DocumentDetailSchema

    with open_application() as application:
        document = application.document(document_id)
        shown = DocumentDetailSchema.with_chunks(document, application.store.chunks(document_id)).model_dump()
    if as_json:
        emit([shown])
        return
    out(json.dumps(shown, ensure_ascii=False, indent=2))


@documents_app.command("delete")
def delete_document(document_id: str, as_json: Json = False) -> None:
    """Delete a document and every trace of it."""
    with open_application() as application:
        name = application.document(document_id).name
        application.delete_document(document_id)
    emit([{"document_id": document_id, "status": "deleted"}]) if as_json else out(f"deleted {name}")


@app.command()
def serve(host: str = "127.0.0.1", port: Annotated[int, typer.Option(min=0, max=65535)] = 8000) -> None:
    """Serve the chat API."""
    from api.serving import serve_api

    with open_application() as application:
        serve_api(application, host, port)


@app.command()
def web(host: str = "127.0.0.1", port: Annotated[int, typer.Option(min=0, max=65535)] = 7860) -> None:
    """Serve the Qwen-Agent web chat."""
    from api.serving import serve_chat_page

    with open_application() as application:
        serve_chat_page(application, host, port)


app.command("eval")(evaluation.evaluate)


@app.command()
def status(as_json: Json = False) -> None:
    """Show index sizes, models in use, and whether the indexes agree with the database."""
    from api import operations

    with open_application() as application:
        shown = operations.status(application)
    if as_json:
        emit([shown])
        return
    for line in _lines(shown):
        out(line)


def _lines(values: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Give nested values as a person reads them, what is unset as a dash."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{key}: {'-' if value is None else _plain(value)}"


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@app.command()
def config(as_json: Json = False) -> None:
    """Print the effective settings, secrets masked."""
    from api.settings import load_settings

    shown = load_settings().shown()
    if as_json:
        emit([shown])
        return
    for key, value in shown.items():
        out(f"{key}={'' if value is None else _plain(value)}")


@app.command()
def rebuild(as_json: Json = False) -> None:
    """Make the derived indexes anew from the database."""
    from api import operations

    with open_application() as application:
        shown = operations.rebuild(application)
    emit([shown]) if as_json else out(", ".join(f"{key} {value}" for key, value in shown.items()))
