"""Keeps a web page local: nothing in it is loaded from elsewhere, and the browser is told to refuse to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence

    Message = MutableMapping[str, Any]
    Send = Callable[[Message], Awaitable[None]]

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
    "connect-src 'self' blob: data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)
# What Gradio's page template loads from elsewhere; behind a firewall the page would wait for it.
_REMOTE_TAGS = re.compile(
    rb"<link\b[^>]*\bhref=\"https?://[^>]*>|<script\b[^>]*\bsrc=\"https?://[^>]*>\s*</script>", re.DOTALL
)


class LocalOnly:
    """ASGI middleware: the page loads nothing from elsewhere, and the browser is told to refuse to."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:
        """Pass the request on; take remote tags out of HTML and add the content security policy."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def filtered(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], (b"content-security-policy", _POLICY.encode())]
                start.update(message, headers=headers)
                if not _is_html(headers):
                    await send(start)
            elif not _is_html(start["headers"]):
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await _send_html(start, bytes(body), send)

        await self._app(scope, receive, filtered)


async def _send_html(start: Message, body: bytes, send: Send) -> None:
    cleaned = _REMOTE_TAGS.sub(b"", body).replace(b'lang="en"', b'lang="zh-CN"', 1)
    headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
    await send({**start, "headers": [*headers, (b"content-length", str(len(cleaned)).encode())]})
    await send({"type": "http.response.body", "body": cleaned})


def _is_html(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)
