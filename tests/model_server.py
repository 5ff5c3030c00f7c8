"""A small OpenAI-compatible model server on 127.0.0.1 whose replies are scripted, faults included."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass(frozen=True)
class Reply:
    """One scripted reply; `pieces` are streamed as content, after `thoughts` as reasoning_content.

    `status` other than 200 gives an error document. `delay` seconds pass before the first byte and `pause` before
    each piece. After the pieces the reply ends properly, or stalls for `stall` seconds, or is `cut`.
    `headers` and `chunked` shape the HTTP; without `chunked` a cut cannot be seen from HTTP alone. `compose`, if given,
    makes the pieces from the request: a model that reads what it is told.
    """

    pieces: Sequence[str] = ()
    thoughts: Sequence[str] = ()
    status: int = 200
    message: str = "scripted failure"
    delay: float = 0.0
    pause: float = 0.0
    stall: float = 0.0
    cut: bool = False
    finish_reason: str | None = "stop"
    done: bool = True
    chunked: bool = True
    malformed: bytes = b""
    compose: Callable[[dict[str, Any]], Sequence[str]] | None = None


def tool_call(name: str, query: str, before: str = "") -> Reply:
    """A reply that asks for a tool in Qwen-Agent's text protocol."""
    call = json.dumps({"name": name, "arguments": {"query": query}}, ensure_ascii=False)
    return Reply([before, "<tool_call>\n", call[:15], call[15:], "\n</tool_call>"])


@dataclass
class ModelServer:
    """A running server: `script` holds the replies to come (the last is repeated), `requests` what was asked.

    `whole`, if set, answers every request that does not ask for a stream, and the script is kept for those that do.
    """

    url: str
    script: list[Reply]
    whole: Reply | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_reply(self, *, streamed: bool = True) -> Reply:
        """The reply to the request at hand."""
        with self.lock:
            if self.whole is not None and not streamed:
                return self.whole
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    @property
    def prompt(self) -> str:
        """Everything that the last request told the model, as one text."""
        return "\n".join(_text(message["content"]) for message in self.requests[-1]["messages"])


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


@contextlib.contextmanager
def serving(*script: Reply) -> Iterator[ModelServer]:
    """Serve `script` until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    model = ModelServer(f"http://127.0.0.1:{server.server_address[1]}/v1", list(script))
    server.model = model  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up is part of the script."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing on stderr."""

    def do_POST(self) -> None:
        """Answer a chat completion, of OpenAI or of DashScope, with the next scripted reply."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.model.lock:
            self.model.requests.append(body)
            self.model.headers.append(dict(self.headers.items()))
            self.model.paths.append(self.path)
        reply = self.model.next_reply(streamed=bool(body.get("stream")) or "parameters" in body)
        if reply.compose is not None:
            reply = replace(reply, pieces=tuple(reply.compose(body)))
        self.model.closing.wait(reply.delay)
        with contextlib.suppress(OSError):
            if reply.status != 200:
                self._fail(reply)
            elif not body.get("stream") and "parameters" not in body:
                self._whole(reply, body)
            else:
                self._stream(reply, _dashscope_event if "parameters" in body else _openai_event, body)

    @property
    def model(self) -> ModelServer:
        return self.server.model  # type: ignore[attr-defined, no-any-return]

    def _fail(self, reply: Reply) -> None:
        # DashScope's documents carry the code and message at the top, OpenAI's inside `error`.
        document = {"error": {"message": reply.message, "code": str(reply.status)}}
        flat = {"code": "InternalError", "message": reply.message, "request_id": "r"}
        self._json(reply.status, {**document, **flat} if "/services/" in self.path else document)

    def _whole(self, reply: Reply, body: dict[str, Any]) -> None:
        message = {"role": "assistant", "content": "".join(reply.pieces)}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
        self._json(200, {**_frame(body), "object": "chat.completion", "choices": [choice]})

    def _json(self, status: int, document: dict[str, Any]) -> None:
        payload = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def _stream(self, reply: Reply, event: Any, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header(
            "Transfer-Encoding" if reply.chunked else "Connection", "chunked" if reply.chunked else "close"
        )
        self.end_headers()
        for thought in reply.thoughts:
            self._send(reply, event(body, {"reasoning_content": thought, "content": ""}, None))
        for piece in reply.pieces:
            self.model.closing.wait(reply.pause)
            self._send(reply, event(body, {"content": piece}, None))
        if reply.malformed:
            self._send(reply, reply.malformed)
        if reply.stall:
            self.model.closing.wait(reply.stall)
        if reply.cut or reply.stall:
            self._hang_up()
            return
        self._send(reply, event(body, {"content": ""}, reply.finish_reason))
        if reply.done and event is _openai_event:
            self._send(reply, b"data: [DONE]\n\n")
        if reply.chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = not reply.chunked

    def _send(self, reply: Reply, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if reply.chunked else data)
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _frame(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "created": 0, "model": body.get("model", "scripted")}


def _openai_event(body: dict[str, Any], delta: dict[str, Any], finish_reason: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    document = {**_frame(body), "object": "chat.completion.chunk", "choices": [choice]}
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


def _dashscope_event(body: dict[str, Any], delta: dict[str, Any], finish_reason: str | None) -> bytes:
    choice = {"message": {"role": "assistant", **delta}, "finish_reason": finish_reason or "null"}
    document = {"output": {"choices": [choice]}, "usage": {}, "request_id": "r"}
    return b"event:result\ndata:" + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"
