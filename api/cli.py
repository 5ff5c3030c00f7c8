"""The `termroute` command: every lane and every store from a terminal; `--json` gives one object a line on stdout."""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from api import problems
from api.version import VERSION
from ingest.cli import make_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from api.schemas import AnswerSchema
    from api.wiring import Application
    from ingest.pipeline import Pipeline
    from ingest.types import Progress

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else there.")]
Department = Annotated[str | None, typer.Option(help="The asker's department, which helps choose a sense.")]

app = typer.Typer(
    name="termroute",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers questions in company jargon by the cheapest road that gives a right answer.",
)
documents_app = typer.Typer(no_args_is_help=True, help="The catalogue of ingested documents.")
terms_app = typer.Typer(no_args_is_help=True, help="The glossary.")
facts_app = typer.Typer(no_args_is_help=True, help="The exact-fact lane alone.")
app.add_typer(documents_app, name="documents")
app.add_typer(terms_app, name="terms")
app.add_typer(facts_app, name="facts")


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


def _open() -> Application:
    """Open the application with this process's settings; logs go to stderr."""
    from api.settings import load_settings
    from api.wiring import Application

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    return Application(load_settings())


def _out(line: str) -> None:
    sys.stdout.write(line + "\n")


def _emit(items: Iterable[dict[str, Any]]) -> None:
    for item in items:
        _out(json.dumps(item, ensure_ascii=False))


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Answers questions in company jargon by the cheapest road that gives a right answer."""
    if version:
        _out(f"termroute {VERSION}")
        raise typer.Exit


@contextmanager
def _pipeline(progress: Callable[[Progress], None]) -> Iterator[Pipeline]:
    """Open the pipeline for one command; afterwards the derived indexes follow, so that no question waits for it."""
    with _open() as application:
        with application.open_pipeline(progress) as pipeline:
            yield pipeline
        application.catch_up()


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
    with _open() as application:
        answer = application.chat.answer(Question(question, department, conversation, route), OPERATOR)
        shown = AnswerSchema.of(answer, conversation)
    if as_json:
        _emit([shown.model_dump(mode="json")])
    else:
        _out(readable(shown))


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
    lines.append(
        f"  ({answer.route}, {answer.status}, confidence {answer.confidence:.2f}: {answer.trace.reason})"
    )
    return "\n".join(lines)


@app.command()
def search(query: str, top_k: Annotated[int, typer.Option(min=1, max=100)] = 10, as_json: Json = False) -> None:
    """Find passages, with the score of each stage."""
    from api.schemas import PassageSchema

    with _open() as application:
        found = [
            PassageSchema.of(passage).model_dump() for passage in application.find_passages(query, top_k, None)
        ]
    if as_json:
        _emit(found)
        return
    for item in found:
        place = " · ".join(str(part) for part in (item["document"], item["sheet"], item["page"]) if part)
        _out(f"{item['score']:.4f}  {place}\n    {item['text'][:160]}")


@documents_app.command("list")
def list_documents(as_json: Json = False) -> None:
    """List the documents."""
    from api.schemas import DocumentSchema

    with _open() as application:
        shown = [DocumentSchema.of(document).model_dump() for document in application.documents(None)]
    if as_json:
        _emit(shown)
        return
    for item in shown:
        _out(f"{item['document_id']}  {item['pages']:>4} p.  {item['source']}")


@documents_app.command("show")
def show_document(document_id: str, as_json: Json = False) -> None:
    """Show one document and its passages."""
    from dataclasses import asdict

    from api.schemas import DocumentSchema

    with _open() as application:
        document = application.document(document_id)
        chunks = application.store.chunks(document_id)
    passages = [{"chunk_id": chunk.id, "text": chunk.text, **asdict(chunk.location)} for chunk in chunks]
    shown = {**DocumentSchema.of(document).model_dump(), "chunks": passages}
    if as_json:
        _emit([shown])
        return
    _out(json.dumps(shown, ensure_ascii=False, indent=2))


@documents_app.command("delete")
def delete_document(document_id: str, as_json: Json = False) -> None:
    """Delete a document and every trace of it."""
    with _open() as application:
        name = application.document(document_id).name
        application.delete_document(document_id)
    _emit([{"document_id": document_id, "status": "deleted"}]) if as_json else _out(f"deleted {name}")


@terms_app.command("import")
def import_terms(
    file: Annotated[Path, typer.Argument(help="A glossary workbook: .xlsx or .csv.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report only; change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Import a glossary; the report tells what became of every row."""
    from api.glossary import import_terms as import_glossary

    with _open() as application:
        report = import_glossary(application, file, dry_run=dry_run, who=_me())
    if as_json:
        _emit([report])
        return
    counts = report["counts"]
    _out(", ".join(f"{name} {count}" for name, count in counts.items()) + (" (dry run)" if dry_run else ""))
    for row in report["rows"]:
        if row["status"] in {"incomplete", "duplicate"}:
            _out(f"  row {row['row']}: {row['status']}: {row['reason']}")


@terms_app.command("export")
def export_terms(
    file: Annotated[Path, typer.Argument(help="Where to write: .xlsx or .csv.")], as_json: Json = False
) -> None:
    """Export the glossary."""
    from api.glossary import export_terms as export_glossary

    with _open() as application:
        count = export_glossary(application, file)
    _emit([{"file": str(file), "senses": count}]) if as_json else _out(f"{count} senses written to {file}")


@terms_app.command("list")
def list_terms(as_json: Json = False) -> None:
    """List the glossary rows."""
    with _open() as application:
        _show_senses(application, application.senses(), as_json)


@terms_app.command("lookup")
def lookup_term(text: str, as_json: Json = False) -> None:
    """Look a name up: abbreviation, English or Chinese."""
    with _open() as application:
        _show_senses(application, application.lookup(text), as_json)


def _show_senses(_: Application, senses: Iterable[Any], as_json: bool) -> None:
    from api.schemas import SenseSchema

    shown = [SenseSchema.of(sense).model_dump() for sense in senses]
    if as_json:
        _emit(shown)
        return
    for item in shown:
        _out(f"{item['term']}\t{item['english']}\t{item['chinese']}\t{item['department']}")


@terms_app.command("resolve")
def resolve_terms(question: str, department: Department = None, as_json: Json = False) -> None:
    """Find, disambiguate and expand the terms of a question."""
    from api.schemas import ResolutionSchema

    with _open() as application:
        shown = ResolutionSchema.of(application.resolve(question, department)).model_dump()
    _emit([shown]) if as_json else _out(json.dumps(shown, ensure_ascii=False, indent=2))


@terms_app.command("discover")
def discover_terms(as_json: Json = False) -> None:
    """Propose abbreviations that documents use but the glossary lacks; a person decides."""
    from api.glossary import discover

    with _open() as application:
        found = discover(application)
    if as_json:
        _emit(found)
        return
    for item in found:
        shown = item["evidence"][0]["sentence"] if item["evidence"] else ""
        _out(f"{item['id']}\t{item['term']}\t{item['english']}\t{item['chinese']}\t{item['count']}\t{shown}")


@facts_app.command("query")
def query_facts(question: str, as_json: Json = False) -> None:
    """Look an exact value up."""
    from api.schemas import FactResultSchema

    with _open() as application:
        shown = FactResultSchema.of(question, application.find_facts(question, None)).model_dump()
    _emit([shown]) if as_json else _out(json.dumps(shown, ensure_ascii=False, indent=2))


@facts_app.command("tables")
def list_tables(as_json: Json = False) -> None:
    """Show the tables as they were understood."""
    from api.schemas import TableSchema

    with _open() as application:
        shown = [TableSchema.of(stored).model_dump() for stored in application.tables()]
    if as_json:
        _emit(shown)
        return
    for item in shown:
        names = ", ".join(column["name"] for column in item["columns"])
        _out(f"{item['document']} · {item['name']}: {item['rows']} rows: {names}")


@app.command()
def serve(host: str = "127.0.0.1", port: Annotated[int, typer.Option(min=0, max=65535)] = 8000) -> None:
    """Serve the chat API."""
    from api.serving import serve_api

    with _open() as application:
        serve_api(application, host, port)


@app.command()
def web(host: str = "127.0.0.1", port: Annotated[int, typer.Option(min=0, max=65535)] = 7860) -> None:
    """Serve the Qwen-Agent web chat."""
    from api.serving import serve_chat_page

    with _open() as application:
        serve_chat_page(application, host, port)


@app.command("eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled questions, one JSON object a line.")],
    report: Annotated[Path | None, typer.Option(help="Folder for report.json, report.md and plots.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Only the questions with this `split`, such as test.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run labelled questions and report how many were answered rightly."""
    from router.evaluate import evaluate_file, write_report

    with _open() as application:
        result = evaluate_file(file, application.answerer, split)
    if report is not None:
        write_report(result, report)
    _emit([result.figures]) if as_json else _out(result.markdown())


@app.command()
def status(as_json: Json = False) -> None:
    """Show index sizes, models in use, and whether the indexes agree with the database."""
    from api import operations

    with _open() as application:
        shown = operations.status(application)
    if as_json:
        _emit([shown])
        return
    for key, value in shown.items():
        _out(f"{key}: {json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value}")


@app.command()
def config(as_json: Json = False) -> None:
    """Print the effective settings, secrets masked."""
    from api.settings import load_settings

    shown = load_settings().shown()
    if as_json:
        _emit([shown])
        return
    for key, value in shown.items():
        _out(f"{key}={'' if value is None else value}")


@app.command()
def rebuild(as_json: Json = False) -> None:
    """Make the derived indexes anew from the database."""
    from api import operations

    with _open() as application:
        shown = operations.rebuild(application)
    _emit([shown]) if as_json else _out(", ".join(f"{key} {value}" for key, value in shown.items()))


def _me() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"
