"""The mail of last resort: short, plain, by a server of its own."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from slo_reports.deliver.connecting import connect
from slo_reports.deliver.contract import Check
from slo_reports.deliver.headers import clean_phrase, wire_address
from slo_reports.deliver.smtp import Conversation
from slo_reports.errors import DeliveryError, DeliveryUncertain
from slo_reports.numbers import counted
from slo_reports.operate.trouble import Trouble
from slo_reports.settings.operations import FailureMailSettings

_MOST = 50
_FOOT = (
    "Each of these is told at most once a day. `slo-reports doctor` reaches every server and says "
    "what to mend."
)


def failure_message(
    settings: FailureMailSettings, recipient: str, troubles: Sequence[Trouble], now: datetime
) -> bytes:
    """The message for one recipient, with CRLF line ends.

    Raises:
        DeliveryError: an address cannot be put into a header.
    """
    sender, to = wire_address(settings.sender), wire_address(recipient)
    policy = SMTP if (sender + to).isascii() else SMTPUTF8
    try:
        message = EmailMessage(policy)
        message["From"], message["To"] = sender, to
        count = counted(len(troubles), "problem", "problems")
        message["Subject"] = clean_phrase(f"slo-reports on {socket.gethostname()}: {count}")
        message["Date"] = now
        message["Message-ID"] = _message_id(sender, recipient, troubles, now)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n".join(_lines(troubles)) + "\n", cte="quoted-printable")
        return message.as_bytes()
    except (MessageError, ValueError) as error:
        msg = f"no failure mail to {recipient!r} can be made: {error}"
        raise DeliveryError(msg, retryable=False) from error


def send_failure_mail(
    settings: FailureMailSettings,
    troubles: Sequence[Trouble],
    now: datetime,
    warn: Callable[[str], None],
) -> bool:
    """Tell all recipients; whether at least one was told. What fails is a warning."""
    arrived = False
    try:
        with closing(connect(settings.server)) as conversation:
            for recipient in settings.recipients:
                arrived = _tell(settings, recipient, troubles, now, conversation, warn) or arrived
    except DeliveryError as error:
        warn(f"the failure mail was not sent: {error}")
    return arrived


def examine(settings: FailureMailSettings) -> Iterator[Check]:
    """Whether its mail server lets us in; nothing is sent."""
    what = "log in at the mail server of failure_mail"
    try:
        connect(settings.server).close()
    except DeliveryError as error:
        yield Check(what, is_fine=False, seen=str(error), mend="mend operations.failure_mail")
    else:
        yield Check(what, is_fine=True, seen=settings.server.host)


def _tell(
    settings: FailureMailSettings,
    recipient: str,
    troubles: Sequence[Trouble],
    now: datetime,
    conversation: Conversation,
    warn: Callable[[str], None],
) -> bool:
    """Whether a recipient was told; one whose answer was lost counts, or it would be told again."""
    try:
        content = failure_message(settings, recipient, troubles, now)
        conversation.deliver(wire_address(settings.sender), wire_address(recipient), content)
    except DeliveryError as error:
        warn(f"the failure mail was not sent: {error}")
        return isinstance(error, DeliveryUncertain)
    return True


def _lines(troubles: Sequence[Trouble]) -> Iterator[str]:
    for one in troubles[:_MOST]:
        yield f"- {_one_line(one.what)}"
        if one.mend:
            yield f"  {_one_line(one.mend)}"
    if len(troubles) > _MOST:
        yield f"- and {len(troubles) - _MOST} more"
    yield from ("", _FOOT)


def _one_line(text: str) -> str:
    kept = (letter if letter.isprintable() else " " for letter in text)
    return " ".join("".join(kept).split())[:500]


def _message_id(sender: str, recipient: str, troubles: Sequence[Trouble], now: datetime) -> str:
    parts = [recipient, now.isoformat(), *(one.key for one in troubles)]
    name = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
    return f"<{name}@{sender.rpartition('@')[2]}>"
