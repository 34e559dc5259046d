"""What a doctor asks of mail: server, certificate, login, size, addresses and the archive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from slo_reports.deliver.archive import ArchiveMailbox
from slo_reports.deliver.connecting import log_in, place, reach
from slo_reports.deliver.contract import Check
from slo_reports.deliver.headers import wire_address
from slo_reports.deliver.smtp import Conversation
from slo_reports.deliver.wire import credentials, megabytes
from slo_reports.errors import DeliveryError
from slo_reports.settings.mail import Archive, MailDestination

_DAY = 86400
_SHORT = 14
"""Days that are too few for somebody to renew a certificate in peace."""


def examine_server(name: str, settings: MailDestination, now: float) -> Iterator[Check]:
    """What there is to say of a destination's SMTP server; no mail is sent, nothing is raised.

    Args:
        name: of the destination in the settings.
        settings: its settings.
        now: the present instant [s since 1970].
    """
    what = f"reach the mail server of {name}"
    try:
        conversation = reach(settings.server)
    except DeliveryError as error:
        mend = f"mend host, port, security or ca in destinations.{name}.server"
        yield Check(what, is_fine=False, seen=str(error), mend=mend)
        return
    try:
        yield Check(what, is_fine=True, seen=f"{conversation.where} answers")
        yield from _certificate(name, conversation, now)
        let_in = _login(name, settings, conversation)
        if let_in is not None:
            yield let_in
        yield _size(name, settings, conversation)
        yield from _addresses(name, settings, conversation, let_in)
    finally:
        conversation.close()


def examine_archive(name: str, archive: Archive) -> Iterator[Check]:
    """Whether the archive can be looked into; nothing is raised."""
    what = f"look into the archive of {name}"
    mailbox = ArchiveMailbox(archive)
    try:
        number = mailbox.open()
    except DeliveryError as error:
        mend = f"mend destinations.{name}.archive: host, port, security, username, folder or ca"
        yield Check(what, is_fine=False, seen=str(error), mend=mend)
    else:
        counted = f"{number} message{'s' * (number != 1)}"
        seen = f"{archive.folder} on {archive.host}:{archive.port} holds {counted}"
        yield Check(what, is_fine=True, seen=seen)
    finally:
        mailbox.close()


def _certificate(name: str, conversation: Conversation, now: float) -> Iterator[Check]:
    ends = conversation.certificate_ends
    if ends is None:
        return
    what = f"certificate of the mail server of {name}"
    days = int((ends - now) // _DAY)
    seen = f"ends in {days} days, on {datetime.fromtimestamp(ends, UTC):%Y-%m-%d}"
    if days < _SHORT:
        mend = f"renew the certificate of {conversation.where}; without it no mail is sent"
        yield Check(what, is_fine=False, seen=seen, mend=mend)
    else:
        yield Check(what, is_fine=True, seen=seen)


def _login(name: str, settings: MailDestination, conversation: Conversation) -> Check | None:
    what = f"log in at the mail server of {name}"
    try:
        who = credentials(settings.server, place(settings.server))
        if who is None:
            return None
        log_in(conversation, who)
    except DeliveryError as error:
        key = "password" if settings.server.token is None else "token"
        mend = f"mend username or {key} in destinations.{name}.server"
        return Check(what, is_fine=False, seen=str(error), mend=mend)
    return Check(what, is_fine=True, seen=f"as {who.username}")


def _size(name: str, settings: MailDestination, conversation: Conversation) -> Check:
    what = f"size of messages to the mail server of {name}"
    limit, ours = conversation.size_limit, settings.max_size
    if limit is None:
        return Check(what, is_fine=None, seen=f"{conversation.where} names no limit")
    seen = f"it takes {megabytes(limit)}, max_size is {megabytes(ours)}"
    if limit < ours:
        mend = f"set destinations.{name}.max_size to at most {limit // 1000}kB"
        return Check(what, is_fine=False, seen=seen, mend=mend)
    return Check(what, is_fine=True, seen=seen)


def _addresses(
    name: str, settings: MailDestination, conversation: Conversation, let_in: Check | None
) -> Iterator[Check]:
    where = f"destinations.{name}"
    yield _address(conversation, settings, None, f"{where}.{_sender_key(settings)}", let_in=let_in)
    for one in settings.recipients:
        yield _address(conversation, settings, one, f"{where}.recipients", let_in=let_in)
    if settings.archive is not None:
        address = settings.archive.address
        yield _address(conversation, settings, address, f"{where}.archive.address", let_in=let_in)


def _address(
    conversation: Conversation,
    settings: MailDestination,
    recipient: str | None,
    key: str,
    *,
    let_in: Check | None,
) -> Check:
    sender = settings.bounces_to or settings.sender
    what = f"mail from {sender}" if recipient is None else f"mail to {recipient}"
    if conversation.broken or (let_in is not None and not let_in.is_fine):
        return Check(what, is_fine=None, seen="not asked, for what is said above")
    try:
        to = None if recipient is None else wire_address(recipient)
        conversation.try_addresses(wire_address(sender), to)
    except DeliveryError as error:
        passing = "it may pass by itself; if it does not, " if error.retryable else ""
        mend = f"{passing}mend {key}, or what the server lets us send"
        return Check(what, is_fine=None if error.retryable else False, seen=str(error), mend=mend)
    return Check(what, is_fine=True, seen="the server would take it")


def _sender_key(settings: MailDestination) -> str:
    return "sender" if settings.bounces_to is None else "bounces_to"
