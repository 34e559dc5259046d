"""A real SMTP server that writes what it receives where a person can open it."""

from __future__ import annotations

import asyncio
import base64
import html
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from slo_reports.errors import SloReportsError

_UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]+")


class Mailbox:
    """The aiosmtpd handler: one ``NN-recipient.eml`` and ``.html`` for each recipient."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    async def handle_DATA(  # noqa: N802  # the name that aiosmtpd calls
        self,
        server: Any,  # noqa: ARG002  # aiosmtpd passes it
        session: Any,  # noqa: ARG002  # aiosmtpd passes it
        envelope: Any,
    ) -> str:
        """Keep a message; the answer to the final dot."""
        try:
            for recipient in envelope.rcpt_tos:
                self.keep(recipient, bytes(envelope.original_content))
        except OSError as error:
            return f"451 4.3.0 could not be written: {error.strerror}"
        return "250 2.0.0 kept"

    def keep(self, recipient: str, content: bytes) -> Path:
        """Write one message for one recipient, and return the path of its HTML."""
        with self._lock:
            stem = f"{_next_number(self._folder):02}-{safe_name(recipient)}"
            with (self._folder / f"{stem}.eml").open("xb") as file:
                file.write(content)
            page = self._folder / f"{stem}.html"
            page.write_text(readable_page(content), encoding="utf-8")
            return page


def _next_number(folder: Path) -> int:
    found = [re.match(r"(\d+)-", one.name) for one in folder.glob("*.eml")]
    return 1 + max((int(one[1]) for one in found if one), default=0)


def safe_name(recipient: str) -> str:
    """A recipient as a part of a file name that stays in its folder."""
    return _UNSAFE.sub("_", recipient).strip(".")[:80] or "unknown"


def readable_page(content: bytes) -> str:
    """A mail's HTML part as a page that shows offline: its images are put into it.

    A mail without HTML shows its plain text.
    """
    message = message_from_bytes(content, policy=policy.default)
    body = message.get_body(("html",))
    if body is None:
        plain = message.get_body(("plain",))
        text = "" if plain is None else plain.get_content()
        return f'<!doctype html><meta charset="utf-8"><pre>{html.escape(text)}</pre>\n'
    images = dict(_images(message))
    return re.sub(
        r"cid:([^\"'\s)>]+)", lambda found: images.get(found[1], found[0]), body.get_content()
    )


def _images(message: EmailMessage) -> Iterator[tuple[str, str]]:
    """Content-ID and data URI of each image."""
    for part in message.walk():
        identity = part.get("Content-ID")
        if identity is not None and part.get_content_maintype() == "image":
            data = base64.b64encode(part.get_content()).decode()
            yield str(identity).strip().strip("<>"), f"data:{part.get_content_type()};base64,{data}"


@contextmanager
def receiving_smtp(folder: Path, *, host: str = "127.0.0.1") -> Iterator[tuple[str, int]]:
    """Receive mail on a free port into a folder, and yield host and port.

    When the ``with`` is left, in whatever way, the server is closed and its thread is over.

    Raises:
        SloReportsError: aiosmtpd is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    try:
        server = loop.run_until_complete(
            loop.create_server(_smtp_factory(Mailbox(folder), loop), host, 0)
        )
        thread = threading.Thread(target=loop.run_forever, name="demo-mailbox", daemon=True)
        thread.start()
        try:
            yield host, int(server.sockets[0].getsockname()[1])
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            server.close()
            loop.run_until_complete(_wind_up())
    finally:
        loop.close()


def _smtp_factory(mailbox: Mailbox, loop: asyncio.AbstractEventLoop) -> Any:
    try:
        from aiosmtpd.smtp import SMTP  # noqa: PLC0415  # only the demo's extra has it
    except ImportError as error:
        msg = "the demo's mailbox needs aiosmtpd: pip install 'slo-reports[demo]'"
        raise SloReportsError(msg) from error
    return lambda: SMTP(mailbox, hostname="localhost", enable_SMTPUTF8=True, loop=loop)


async def _wind_up() -> None:
    """End the conversations that are still open."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
