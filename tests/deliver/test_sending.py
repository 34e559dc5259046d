from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.mail_server import Mailbox, mail_server

from slo_reports.deliver import Outgoing, destinations_from, send_all
from slo_reports.errors import DeliveryError, LedgerError
from slo_reports.model import DeliveryState, Parcel
from slo_reports.settings.destinations import MailDestination, MailServer, ShareDestination

RECIPIENTS = [f"{name}@example.com" for name in ("fine", "unknown", "later", "lost")]


def settings(port: int, folder):
    server = MailServer(host="127.0.0.1", port=port, security="none", timeout=timedelta(seconds=5))
    return {
        "board": MailDestination(
            kind="mail", sender="slo@example.com", recipients=RECIPIENTS, server=server
        ),
        "archive": ShareDestination(kind="share", path=folder),
    }


NOW = datetime(2026, 11, 2, 5, tzinfo=UTC)


def planned(destinations, bundle) -> list[Outgoing]:
    return [Outgoing(parcel) for one in destinations.values() for parcel in one.plan(bundle)]


def sent(outgoing, destinations, on_attempt=lambda *_: None):
    return list(send_all(outgoing, destinations, on_attempt, now=lambda: NOW))


def test_shares_come_first_and_every_parcel_has_its_own_outcome(bundle, tmp_path):
    told = []
    box = Mailbox(
        refusals={RECIPIENTS[1]: "550 no such user", RECIPIENTS[2]: "451 later"},
        hang_up_in_data={RECIPIENTS[3]},
    )
    with mail_server(box) as mailbox:
        destinations = destinations_from(settings(mailbox.port, tmp_path))
        attempts = sent(
            planned(destinations, bundle),
            destinations,
            lambda parcel, state, detail: told.append((parcel.recipient, state, bool(detail))),
        )
    assert [(one.destination, one.outcome) for one in attempts] == [
        ("archive", DeliveryState.DELIVERED),
        ("archive", DeliveryState.DELIVERED),
        ("archive", DeliveryState.DELIVERED),
        ("archive", DeliveryState.DELIVERED),
        ("board", DeliveryState.DELIVERED),
        ("board", DeliveryState.REJECTED),
        ("board", DeliveryState.DEFERRED),
        ("board", DeliveryState.UNCERTAIN),
    ]
    assert told[-2:] == [
        (RECIPIENTS[3], DeliveryState.SENDING, False),
        (RECIPIENTS[3], DeliveryState.UNCERTAIN, True),
    ]
    assert len(told) == 2 * len(attempts)


def test_a_failed_share_does_not_stop_the_mail(bundle, tmp_path):
    with mail_server() as mailbox:
        destinations = destinations_from(settings(mailbox.port, tmp_path / "gone"))
        attempts = sent(planned(destinations, bundle), destinations)
    assert [one.outcome for one in attempts] == 4 * [DeliveryState.DEFERRED] + 4 * [
        DeliveryState.DELIVERED
    ]
    assert "is the share mounted?" in attempts[0].detail


def test_a_destination_that_left_the_settings_is_deferred_by_name():
    parcel = Parcel("gone", "a@example.com", "message/rfc822", b"x")
    (attempt,) = sent([Outgoing(parcel)], {})
    assert attempt.outcome is DeliveryState.DEFERRED
    assert "'gone' is no longer in the settings" in attempt.detail


def test_what_cannot_be_recorded_is_not_sent(bundle, tmp_path):
    def refuse(_parcel, _state, _detail):
        msg = "the disk is full"
        raise LedgerError(msg)

    destinations = destinations_from({"archive": settings(1, tmp_path)["archive"]})
    with pytest.raises(LedgerError, match="disk is full"):
        sent(planned(destinations, bundle), destinations, refuse)
    assert list(tmp_path.iterdir()) == []


class Unsure:
    """A destination whose answer about an interrupted try a test chooses."""

    kind = "mail"

    def __init__(self, found):
        self.found, self.asked, self.sent = found, [], []

    def settle(self, parcel, tried_at, now):  # noqa: ARG002  # the contract's
        self.asked.append((tried_at, now))
        if isinstance(self.found, DeliveryError):
            raise self.found
        return self.found, "found out"

    def send(self, parcel):
        self.sent.append(parcel)
        return "sent"

    def close(self):
        pass


TRIED = NOW - timedelta(minutes=20)
PARCEL = Parcel("board", "a@example.com", "message/rfc822", b"x")


@pytest.mark.parametrize(
    ("found", "outcome", "is_sent"),
    [
        (DeliveryState.PENDING, DeliveryState.DELIVERED, True),
        (DeliveryState.DELIVERED, DeliveryState.DELIVERED, False),
        (DeliveryState.HELD, DeliveryState.HELD, False),
        (DeliveryState.UNCERTAIN, DeliveryState.UNCERTAIN, False),
        (DeliveryError("no IMAP", retryable=True), DeliveryState.UNCERTAIN, False),
    ],
)
def test_what_may_have_arrived_is_sent_only_where_the_destination_says_so(found, outcome, is_sent):
    destination = Unsure(found)
    (attempt,) = sent([Outgoing(PARCEL, unknown_since=TRIED)], {"board": destination})
    assert attempt.outcome is outcome
    assert destination.asked == [(TRIED, NOW)]
    assert destination.sent == ([PARCEL] if is_sent else [])


def test_what_was_never_tried_is_sent_without_asking():
    destination = Unsure(DeliveryState.HELD)
    sent([Outgoing(PARCEL)], {"board": destination})
    assert (destination.asked, destination.sent) == ([], [PARCEL])
