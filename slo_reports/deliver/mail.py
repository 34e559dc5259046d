"""Mail: one message per recipient, frozen before it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from slo_reports.deliver.contract import Check, Kind, Settlement, format_of, no_duplicates
from slo_reports.deliver.message import Envelope, message_bytes, wire_address
from slo_reports.deliver.smtp import ConnectionLost, Conversation, connect
from slo_reports.errors import DeliveryError
from slo_reports.model import Bundle, DeliveryState, Document, MailBody, Parcel
from slo_reports.settings.destinations import MailDestination


class Mail:
    """A mail to each recipient over one connection, as long as that lasts."""

    def __init__(self, name: str, settings: MailDestination) -> None:
        self._name = name
        self._settings = settings
        self._conversation: Conversation | None = None
        self._unreachable: DeliveryError | None = None

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self._name

    @property
    def kind(self) -> Kind:
        """Served after shares."""
        return "mail"

    def plan(self, bundle: Bundle) -> tuple[Parcel, ...]:
        """One parcel per recipient: the whole message."""
        if bundle.mail is None:
            msg = f"{self._name}: the bundle of {bundle.report} {bundle.period_id} holds no mail"
            raise DeliveryError(msg, retryable=False)
        attached = self._attached(bundle)
        return no_duplicates(
            self._parcel(bundle, bundle.mail, attached, recipient)
            for recipient in self._settings.recipients
        )

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

    def settle(self, parcel: Parcel, tried_at: datetime, now: datetime) -> Settlement:  # noqa: ARG002  # the contract's
        """Send the identical bytes again: their Message-ID tells them from a second mail."""
        return DeliveryState.PENDING, "the answer was lost: the identical message is sent again"

    def examine(self) -> Iterator[Check]:
        """Whether the server lets us in."""
        what = f"log in at the mail server of {self._name}"
        try:
            self._connected()
        except DeliveryError as error:
            yield Check(what, is_fine=False, seen=str(error), mend="mend server: of it")
        else:
            yield Check(what, is_fine=True, seen=self._settings.server.host)

    def close(self) -> None:
        """End the conversation."""
        self._unreachable = None
        self._hang_up()

    def _attached(self, bundle: Bundle) -> list[Document]:
        wanted = self._settings.attach
        return [
            document
            for wanted_format in dict.fromkeys(wanted)
            for document in bundle.documents
            if format_of(document) == wanted_format
        ]

    def _parcel(
        self, bundle: Bundle, body: MailBody, attached: list[Document], recipient: str
    ) -> Parcel:
        envelope = Envelope(
            destination=self._name,
            sender=self._settings.sender,
            sender_name=self._settings.sender_name,
            recipient=recipient,
            reply_to=self._settings.reply_to,
        )
        message_id, content = message_bytes(bundle, body, attached, envelope)
        return Parcel(self._name, recipient, "message/rfc822", content, message_id)

    def _hand_over(self, parcel: Parcel) -> str:
        sender = wire_address(self._settings.sender)
        recipient = wire_address(parcel.recipient)
        conversation = self._connected()
        try:
            return conversation.deliver(sender, recipient, parcel.content)
        finally:
            if conversation.broken:
                self._hang_up()

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
