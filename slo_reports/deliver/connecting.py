"""Opening a connection to an SMTP server: encrypted, verified and logged in."""

from __future__ import annotations

import smtplib
import ssl

from slo_reports.deliver.smtp import Conversation
from slo_reports.deliver.wire import (
    Credentials,
    credentials,
    said,
    tls_context,
    token_refusal,
    told,
)
from slo_reports.errors import DeliveryError
from slo_reports.settings.mail import MailServer


def connect(server: MailServer) -> Conversation:
    """Open a connection as the settings want it: encrypted and logged in.

    Raises:
        DeliveryError: not reached, not trusted, no STARTTLS, login refused. All of them may pass
            or be mended without a change to the message, so they are retryable.
    """
    who = credentials(server, place(server))
    conversation = reach(server)
    try:
        if who is not None:
            log_in(conversation, who)
    except DeliveryError:
        conversation.abandon()
        raise
    return conversation


def place(server: MailServer) -> str:
    """Host and port, as sentences name the server."""
    return f"{server.host}:{server.port}"


def reach(server: MailServer) -> Conversation:
    """Open a connection, encrypted as the settings want it, but not logged in.

    Raises:
        DeliveryError: not reached, not trusted, no STARTTLS; retryable.
    """
    where = place(server)
    context = tls_context(server, where)
    with told(where):
        smtp = _dial(server, context)
    try:
        with told(where):
            _greet(smtp, server, context, where)
    except DeliveryError:
        smtp.close()
        raise
    return Conversation(smtp, where)


def _dial(server: MailServer, context: ssl.SSLContext | None) -> smtplib.SMTP:
    timeout = server.timeout.total_seconds()
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, server.helo, timeout=timeout, context=context
        )
    return smtplib.SMTP(server.host, server.port, server.helo, timeout=timeout)


def _greet(
    smtp: smtplib.SMTP, server: MailServer, context: ssl.SSLContext | None, where: str
) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.security != "starttls":
        return
    if not smtp.has_extn("starttls"):
        msg = (
            f"{where} offers no STARTTLS, so nothing was sent; use security: tls (port 465), or "
            "none for a relay on this machine"
        )
        raise DeliveryError(msg, retryable=True)
    code, answer = smtp.starttls(context=context)
    if code != 220:
        raise smtplib.SMTPResponseException(code, answer)
    smtp.ehlo()


def log_in(conversation: Conversation, who: Credentials) -> None:
    """Log in with a password (PLAIN, LOGIN or CRAM-MD5) or a token (XOAUTH2).

    The causes are cut off, because a server may echo what it was given.

    Raises:
        DeliveryError: refused, or there is no way in; retryable, for it may be mended.
    """
    problem = _token_problem(conversation, who) if who.is_token else _problem(conversation, who)
    if problem:
        msg = f"{conversation.where} {problem}"
        raise DeliveryError(msg, retryable=True)


def _problem(conversation: Conversation, who: Credentials) -> str:
    try:
        conversation.smtp.login(who.username, who.secret)
    except smtplib.SMTPResponseException as error:
        answer = who.out_of(said((error.smtp_code, error.smtp_error)))
        return f"refused the login of {who.username}: {answer}"
    except UnicodeEncodeError:
        return f"cannot be logged in to: user or password of {who.username} is not plain ASCII"
    except smtplib.SMTPNotSupportedError:
        return "offers no login that we know (PLAIN, LOGIN, CRAM-MD5); remove username"
    except OSError as error:
        return f"broke off the login of {who.username} ({type(error).__name__})"
    return ""


def _token_problem(conversation: Conversation, who: Credentials) -> str:
    if "XOAUTH2" not in conversation.smtp.esmtp_features.get("auth", "").upper().split():
        return "offers no login with a token (XOAUTH2); use password instead of token"
    told_why: list[str] = []

    def answer(challenge: bytes | None = None) -> str:
        if challenge is None:
            return who.xoauth2
        told_why.append(token_refusal(challenge))
        return ""

    try:
        conversation.smtp.auth("XOAUTH2", answer)
    except smtplib.SMTPResponseException as error:
        why = "; ".join(filter(None, (*told_why, said((error.smtp_code, error.smtp_error)))))
        return f"refused the token of {who.username}: {who.out_of(why)}; was it renewed in time?"
    except UnicodeEncodeError:
        return f"cannot be logged in to: user or token of {who.username} is not plain ASCII"
    except OSError as error:
        return f"broke off the login of {who.username} ({type(error).__name__})"
    return ""
