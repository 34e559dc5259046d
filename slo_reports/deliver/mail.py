"""Mail: one message per recipient, frozen before it is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from slo_reports.deliver.archive import ArchiveMailbox
from slo_reports.deliver.connecting import connect
from slo_reports.deliver.contract import Check, Kind, Settlement, format_of, no_duplicates
from slo_reports.deliver.examining import examine_archive, examine_server
from slo_reports.deliver.fitting import Limit, fitting_message
from slo_reports.deliver.headers import Envelope, wire_address
from slo_reports.deliver.smtp import ConnectionLost, Conversation
from slo_reports.errors import DeliveryError
from slo_reports.model import Bundle, DeliveryState, Document, MailBody, Parcel
from slo_reports.settings.mail import Archive, MailDestination


class Mail:
    """A mail to each recipient over one connection, as long as that lasts."""

    def __init__(
        self, name: str, settings: MailDestination, *, clock: Callable[[], float] = time.time
    ) -> None:
        """Nothing is opened yet; ``clock`` [s since 1970] is asked when certificates end."""
        self._name = name
        self._settings = settings
        self._clock = clock
        self._server_takes: int | None = None
        self._conversation: Conversation | None = None
        self._archive: ArchiveMailbox | None = None
        self._unreachable: DeliveryError | None = None

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self._name

    @property
    def kind(self) -> Kind:
        """Served after shares."""
        return "mail"

    def size_limit(self) -> int | None:
        """Ask the server how large a message may be [bytes]; ``plan`` heeds the last answer.

        None where it cannot be reached or does not say. The connection is kept for the sending.
        """
        try:
            self._server_takes = self._connected().size_limit
        except DeliveryError:
            self._server_takes = None
        return self._server_takes

    def plan(self, bundle: Bundle) -> tuple[Parcel, ...]:
        """One parcel per recipient: the whole message, no larger than it may be.

        Same bundle, same bytes, for the same ``max_size`` and the same last answer of
        ``size_limit`` (none, where that was never called): the smaller of them is the limit.
        """
        return no_duplicates(
            self.parcel(bundle, recipient) for recipient in self._settings.recipients
        )

    def parcel(
        self,
        bundle: Bundle,
        recipient: str,
        *,
        body: MailBody | None = None,
        nonce: str | None = None,
    ) -> Parcel:
        """The message of a bundle for any recipient.

        Args:
            bundle: what is sent.
            recipient: need not be one of the settings'.
            body: what it says; default: what the bundle's mail says.
            nonce: makes it a message of its own, in no thread.

        Raises:
            DeliveryError: the bundle holds no mail, or it is too large without attachments.
        """
        body = bundle.mail if body is None else body
        if body is None:
            msg = f"{self._name}: the bundle of {bundle.report} {bundle.period_id} holds no mail"
            raise DeliveryError(msg, retryable=False)
        envelope = Envelope(
            destination=self._name,
            sender=self._settings.sender,
            sender_name=self._settings.sender_name,
            recipient=recipient,
            reply_to=self._settings.reply_to,
            unsubscribe=self._settings.unsubscribe,
            nonce=nonce,
        )
        message_id, content = fitting_message(
            bundle, body, self._attached(bundle), envelope, self._limit()
        )
        return Parcel(self._name, recipient, "message/rfc822", content, message_id)

    def send(self, parcel: Parcel) -> str:
        """Hand the message to the server; the receipt says what the server answered.

        A server that cannot be talked to is not tried again before ``close``: its other
        recipients fail at once for the same reason.
        """
        reused = self._conversation is not None
        try:
            return self._hand_over(parcel)
        except ConnectionLost:
            if not reused:
                raise
            return self._hand_over(parcel)  # it had closed between messages: nothing was taken

    def settle(self, parcel: Parcel, tried_at: datetime, now: datetime) -> Settlement:
        """What the policy says: send the same again, look into the archive, or ask a person."""
        archive = self._settings.archive
        if self._settings.when_uncertain == "resend":
            return DeliveryState.PENDING, "the answer was lost: the identical message is sent again"
        if archive is None or parcel.message_id is None:
            return DeliveryState.HELD, _ask_a_person(parcel, tried_at)
        return self._verified(parcel.message_id, archive, tried_at, now)

    def examine(self) -> Iterator[Check]:
        """Server, login, size, addresses and archive; no mail is sent."""
        yield from examine_server(self._name, self._settings, self._clock())
        if self._settings.archive is not None:
            yield from examine_archive(self._name, self._settings.archive)

    def close(self) -> None:
        """End the conversations."""
        self._unreachable = None
        self._hang_up()
        archive, self._archive = self._archive, None
        if archive is not None:
            archive.close()

    def _attached(self, bundle: Bundle) -> list[Document]:
        wanted = self._settings.attach
        return [
            document
            for wanted_format in dict.fromkeys(wanted)
            for document in bundle.documents
            if format_of(document) == wanted_format
        ]

    def _limit(self) -> Limit:
        ours, theirs = self._settings.max_size, self._server_takes
        if theirs is not None and theirs < ours:
            return Limit(theirs, f"the limit of {self._settings.server.host}")
        return Limit(ours, "max_size")

    def _hand_over(self, parcel: Parcel) -> str:
        sender = wire_address(self._settings.bounces_to or self._settings.sender)
        recipient = wire_address(parcel.recipient)
        conversation = self._connected()
        try:
            return conversation.deliver(
                sender, recipient, parcel.content, archive=self._copy_to(recipient)
            )
        finally:
            if conversation.broken:
                self._hang_up()

    def _copy_to(self, recipient: str) -> str | None:
        """Who gets the blind copy; nobody where the recipient is the archive itself."""
        if self._settings.archive is None:
            return None
        address = wire_address(self._settings.archive.address)
        return None if address.casefold() == recipient.casefold() else address

    def _verified(
        self, message_id: str, archive: Archive, tried_at: datetime, now: datetime
    ) -> Settlement:
        if self._archive is None:
            self._archive = ArchiveMailbox(archive)
        received = self._archive.received(message_id)
        if received is not None:
            return DeliveryState.DELIVERED, f"found in the archive, received {_instant(received)}"
        until = tried_at + archive.wait
        if now < until:
            yet = f"no copy in the archive yet; one may be under way until {_instant(until)}"
            return DeliveryState.UNCERTAIN, yet
        never = "no copy came to the archive, so the server never took it: the identical message"
        return DeliveryState.PENDING, f"{never} is sent again"

    def _connected(self) -> Conversation:
        if self._unreachable is not None:
            raise DeliveryError(str(self._unreachable), retryable=True) from self._unreachable
        if self._conversation is None:
            try:
                self._conversation = connect(self._settings.server)
            except DeliveryError as error:
                self._unreachable = error
                raise
        return self._conversation

    def _hang_up(self) -> None:
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.close()


def _ask_a_person(parcel: Parcel, tried_at: datetime) -> str:
    return (
        f"the mail server's answer of {_instant(tried_at)} was lost, so {parcel.recipient} may or "
        "may not have it; ask, then say slo-reports mark-delivered if it is there, or slo-reports "
        "resend if it is not"
    )


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
