"""A real SMTP server in a thread, with answers that a test can choose."""

# ruff: noqa: ARG001, ARG002, N802 (names and arguments are those that aiosmtpd calls with)

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, auth_mechanism

USER = "slo-reports"
PASSWORD = "correct horse, battery"
TOKEN = "ya29.a0-correct_token"


@dataclass
class Mailbox:
    """Takes what it is sent, except where ``refusals`` has an answer for the recipient."""

    refusals: dict[str, str] = field(default_factory=dict)
    after_data: dict[str, str] = field(default_factory=dict)
    hang_up_in_data: set[str] = field(default_factory=set)
    thinks: float = 0.0
    """How long it takes before it answers a whole message [s]."""
    thinking: int = 0
    """How many whole messages it was given, answered or not."""
    mails_per_connection: int = 1000
    envelopes: list[Any] = field(default_factory=list)
    authenticated: list[bool] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    token_refusal: str = '{"status":"401","schemes":"bearer","scope":"https://mail.example.com/"}'

    @auth_mechanism("XOAUTH2")
    async def auth_XOAUTH2(self, server, args):
        """As Google and Microsoft do it: a refusal is first explained in JSON, then given."""
        said = base64.b64decode(args[1]) if len(args) > 1 else b""
        if said == f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01".encode():
            return AuthResult(success=True, auth_data=USER)
        echo = said.decode(errors="replace").replace("\x01", "\\u0001")
        refusal = self.token_refusal.replace("SAID", echo)
        await server.challenge_auth(refusal)
        return AuthResult(success=False, handled=False)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        if getattr(session, "mails", 0) >= self.mails_per_connection:
            server.transport.close()
            return "421 4.4.2 too many messages for one connection"
        session.mails = getattr(session, "mails", 0) + 1
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        recipient = envelope.rcpt_tos[0]
        self.thinking += 1
        await asyncio.sleep(self.thinks)
        self.envelopes.append(envelope)
        self.authenticated.append(session.authenticated)
        if recipient in self.hang_up_in_data:
            self.hang_up_in_data.remove(recipient)
            server.transport.abort()
            return "250 never said"
        return self.after_data.get(recipient, "250 2.0.0 Ok: queued as TEST")

    def messages(self, recipient: str | None = None) -> list[EmailMessage]:
        """What was received, parsed, for one recipient or all."""
        return [
            message_from_bytes(one.content, policy=default)
            for one in self.envelopes
            if recipient is None or recipient in one.rcpt_tos
        ]


class _Counting(SMTP):
    def connection_made(self, transport):
        if self.transport is None:  # not the second time, after STARTTLS
            self.event_handler.connections += 1
        super().connection_made(transport)


class _Server(Controller):
    def factory(self):
        return _Counting(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]  # asked for 0: any free one
        super()._trigger_server()


def check_password(server, session, envelope, mechanism, data) -> AuthResult:
    right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=right)


def echo_password(server, session, envelope, mechanism, data) -> AuthResult:
    """A server that says too much."""
    return AuthResult(
        success=False, handled=False, message=f"535 5.7.8 no such password: {data.password!r}"
    )


@contextmanager
def mail_server(
    mailbox: Mailbox | None = None,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    authenticator: Callable[..., AuthResult] | None = None,
    excluded_auth: tuple[str, ...] = (),
    size_limit: int = 33_554_432,
    utf8: bool = False,
) -> Iterator[Mailbox]:
    """Run a server on a free port of this machine until the block ends."""
    mailbox = mailbox or Mailbox()
    server = _Server(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls,
        tls_context=starttls,
        authenticator=authenticator,
        auth_required=authenticator is not None and tls is None,
        auth_require_tls=tls is None,
        auth_exclude_mechanism=excluded_auth,
        data_size_limit=size_limit,
        enable_SMTPUTF8=utf8,
    )
    server.start()
    try:
        mailbox.port, mailbox.connections = server.port, 0
        yield mailbox
    finally:
        server.stop()
