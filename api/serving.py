"""Runs the two servers: the chat API with uvicorn, and the Qwen-Agent web chat."""

from __future__ import annotations

import gc
import socket
from typing import TYPE_CHECKING

from api.auth import OPERATOR, check_bind
from api.errors import PortTakenError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.wiring import Application
    from router.types import Event


def serve_api(application: Application, host: str, port: int) -> None:
    """Serve the chat API until Ctrl-C or SIGTERM. Raises UnsafeBindError, PortTakenError."""
    import uvicorn

    from api.app import create_app

    check_bind(host, application.keyring)
    check_port(host, port)
    application.warm_up()
    _settle()
    uvicorn.run(create_app(application), host=host, port=port, log_level="warning", timeout_graceful_shutdown=5)


def _settle() -> None:
    """Take what is loaded by now out of the garbage collector's sight: it stays, and looking at it slows every answer."""
    gc.collect()
    gc.freeze()


def serve_chat_page(application: Application, host: str, port: int) -> None:
    """Serve the web chat until Ctrl-C or SIGTERM. The page knows no logins, so it is for this machine only."""
    from api.auth import Keyring
    from api.operations import suggestions
    from api.web import serve_web

    # Whoever reaches the page asks as the local operator: API keys do not make it safe to show to others.
    check_bind(host, Keyring(None))
    check_port(host, port)
    application.warm_up()

    def stream(question: str, history: tuple[str, ...]) -> Iterator[Event]:
        return application.stream_with_history(question, history, OPERATOR)

    workspace = application.settings.data_dir / "workspace"
    serve_web(stream, host, port, suggestions=suggestions(application), workspace=workspace)


def check_port(host: str, port: int) -> None:
    """Raise PortTakenError when nothing can listen there, before minutes are spent on loading models."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(host, port, error.strerror or str(error)) from error
