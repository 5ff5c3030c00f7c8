"""What every command shares: opening the application, writing to stdout, and saying who is at the terminal."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.wiring import Application

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else there.")]


def _not_empty(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("it is empty")
    return text


Text = Annotated[str, typer.Argument(callback=_not_empty)]
Department = Annotated[str | None, typer.Option(help="The asker's department, which helps choose a sense.")]


def open_application(*, once: bool = False) -> Application:
    """Open the application with this process's settings; logs go to stderr. `once`: one question, so no answer is kept."""
    from api.settings import load_settings
    from api.wiring import Application

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    settings = load_settings()
    return Application(settings.model_copy(update={"answer_cache": 0}) if once else settings)


def out(line: str) -> None:
    """Write one line to stdout."""
    sys.stdout.write(line + "\n")


def emit(items: Iterable[dict[str, Any]]) -> None:
    """Write one JSON object a line to stdout."""
    for item in items:
        out(json.dumps(item, ensure_ascii=False))


def current_user() -> str:
    """Return the name of whoever runs the command, for histories."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"
