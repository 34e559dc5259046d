"""A real HTTP server in a thread: takes posts as Slack, Teams or anybody, or answers as told."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jsonschema import Draft202012Validator

HANG = "hang"
CLOSE = "close after having read the request"
SECRET_PATH = "/services/T00000000/B00000000/XXXXsecretXXXX"

_TEXT_RUN = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "TextRun"},
        "text": {"type": "string"},
        "weight": {"enum": ["Lighter", "Default", "Bolder"]},
        "size": {"enum": ["Small", "Default", "Medium", "Large", "ExtraLarge"]},
    },
}
ADAPTIVE_CARD = {
    "type": "object",
    "required": ["type", "attachments"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "message"},
        "summary": {"type": "string"},
        "attachments": {
            "type": "array",
            "minItems": 1,
            "maxItems": 10,
            "items": {
                "type": "object",
                "required": ["contentType", "content"],
                "additionalProperties": False,
                "properties": {
                    "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                    "contentUrl": {"type": "null"},
                    "content": {
                        "type": "object",
                        "required": ["$schema", "type", "version", "body"],
                        "additionalProperties": False,
                        "properties": {
                            "$schema": {
                                "const": "http://adaptivecards.io/schemas/adaptive-card.json"
                            },
                            "type": {"const": "AdaptiveCard"},
                            "version": {"enum": ["1.2", "1.3", "1.4", "1.5"]},
                            "fallbackText": {"type": "string"},
                            "msteams": {
                                "type": "object",
                                "additionalProperties": False,
                                "properties": {"width": {"const": "Full"}},
                            },
                            "body": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "required": ["type", "inlines"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "type": {"const": "RichTextBlock"},
                                        "inlines": {"type": "array", "items": _TEXT_RUN},
                                    },
                                },
                            },
                            "actions": {
                                "type": "array",
                                "maxItems": 6,
                                "items": {
                                    "type": "object",
                                    "required": ["type", "title", "url"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "type": {"const": "Action.OpenUrl"},
                                        "title": {"type": "string"},
                                        "url": {"type": "string", "format": "uri"},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What Teams' Workflows take of an Adaptive Card, as far as we use it."""


def slack_fault(body: bytes) -> str:
    """Why Slack would refuse a message, or an empty text."""
    message = json.loads(body)
    if not message.get("text"):
        return "no_text"
    blocks = message.get("blocks", [])
    if len(blocks) > 50 or not all(_block_is_sound(one) for one in blocks):
        return "invalid_blocks"
    return "" if len(message["text"]) <= 40_000 else "msg_too_long"


def _block_is_sound(block: dict[str, Any]) -> bool:
    text = block["text"]
    longest = {"header": 150, "section": 3000}[block["type"]]
    if not 0 < len(text["text"]) <= longest:
        return False
    match text["type"]:
        case "plain_text":
            return set(text) <= {"type", "text", "emoji"}
        case "mrkdwn":
            return block["type"] == "section" and set(text) <= {"type", "text", "verbatim"}
        case _:
            return False


def teams_fault(body: bytes) -> str:
    """Why Teams would refuse a message, or an empty text."""
    if len(body) > 28_000:
        return "too large"
    faults = [
        one.message for one in Draft202012Validator(ADAPTIVE_CARD).iter_errors(json.loads(body))
    ]
    return faults[0] if faults else ""


@dataclass
class Request:
    """What was received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, str] | tuple[int, str, dict[str, str]] | str
"""Status, body and headers; or one of the words above."""


@dataclass
class Webhook:
    """Takes posts; ``answers`` are given first, one a request, then ``usual``."""

    answers: list[Answer] = field(default_factory=list)
    usual: Answer = (200, "ok")
    check: Callable[[bytes], str] = lambda _body: ""
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    port: int = 0
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def posts(self) -> list[Request]:
        return [one for one in self.requests if one.method == "POST"]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        fault = self.check(request.body) if request.method == "POST" else ""
        if fault:
            return 400, fault
        return self.answers.pop(0) if self.answers else self.usual


class _Handler(BaseHTTPRequestHandler):
    webhook: Webhook

    def do_POST(self) -> None:
        self._take()

    def do_GET(self) -> None:
        self._take()

    def do_HEAD(self) -> None:
        self._take()

    def _take(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = Request(self.command, self.path, dict(self.headers.items()), body)
        answer = self.webhook.answer(request)
        self.close_connection = True
        if answer == HANG:
            self.webhook.release.wait(30)
        elif answer != CLOSE:
            self._say(*answer)

    def _say(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def log_message(self, *_words: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler: type[_Handler], context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(("127.0.0.1", 0), handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Encrypt in the connection's own thread, so that a client that leaves harms no other."""
        if self._context is None:
            super().finish_request(request, client_address)
            return
        with suppress(OSError), self._context.wrap_socket(request, server_side=True) as encrypted:
            super().finish_request(encrypted, client_address)

    def shutdown_request(self, request: Any) -> None:
        with suppress(OSError):
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of the server."""


@contextmanager
def webhook_server(
    webhook: Webhook | None = None, *, tls: ssl.SSLContext | None = None
) -> Iterator[Webhook]:
    """Serve on a free port of this machine until the block ends."""
    webhook = webhook or Webhook()
    handler = type("Handler", (_Handler,), {"webhook": webhook})
    server = _Server(handler, tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    scheme = "http" if tls is None else "https"
    webhook.port = server.server_address[1]
    webhook.url = f"{scheme}://127.0.0.1:{webhook.port}{SECRET_PATH}"
    try:
        yield webhook
    finally:
        webhook.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
