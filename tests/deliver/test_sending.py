from __future__ import annotations

from datetime import timedelta

import pytest
from support.mail_server import Mailbox, mail_server

from slo_reports.deliver import Mail, Share, destinations_from, send_all
from slo_reports.errors import LedgerError
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


def planned(destinations: dict[str, Mail | Share], bundle) -> list[Parcel]:
    return [parcel for one in destinations.values() for parcel in one.plan(bundle)]


def test_shares_come_first_and_every_parcel_has_its_own_outcome(bundle, tmp_path):
    told = []
    box = Mailbox(
        refusals={RECIPIENTS[1]: "550 no such user", RECIPIENTS[2]: "451 later"},
        hang_up_in_data={RECIPIENTS[3]},
    )
    with mail_server(box) as mailbox:
        destinations = destinations_from(settings(mailbox.port, tmp_path))
        attempts = send_all(
            planned(destinations, bundle),
            destinations,
            lambda parcel, state, detail: told.append((parcel.recipient, state, bool(detail))),
        )
    assert [(one.parcel.destination, one.outcome) for one in attempts] == [
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
        attempts = send_all(planned(destinations, bundle), destinations, lambda *_: None)
    assert [one.outcome for one in attempts] == 4 * [DeliveryState.DEFERRED] + 4 * [
        DeliveryState.DELIVERED
    ]
    assert "is the share mounted?" in attempts[0].detail


def test_a_destination_that_left_the_settings_is_deferred_by_name():
    parcel = Parcel("gone", "a@example.com", "message/rfc822", b"x")
    (attempt,) = send_all([parcel], {}, lambda *_: None)
    assert attempt.outcome is DeliveryState.DEFERRED
    assert "'gone' is no longer in the settings" in attempt.detail


def test_what_cannot_be_recorded_is_not_sent(bundle, tmp_path):
    def refuse(_parcel, _state, _detail):
        msg = "the disk is full"
        raise LedgerError(msg)

    destinations = destinations_from({"archive": settings(1, tmp_path)["archive"]})
    with pytest.raises(LedgerError, match="disk is full"):
        send_all(planned(destinations, bundle), destinations, refuse)
    assert list(tmp_path.iterdir()) == []
