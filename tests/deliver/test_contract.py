"""What holds for every destination, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.mail_server import mail_server
from support.webhook_server import SECRET_PATH, webhook_server

from slo_reports.deliver import Destination, destinations_from
from slo_reports.errors import DeliveryError
from slo_reports.model import DeliveryState
from slo_reports.settings.chat import (
    ChatDestination,
    SlackDestination,
    TeamsDestination,
    WebhookDestination,
)
from slo_reports.settings.destinations import MailDestination, MailServer, ShareDestination
from slo_reports.settings.values import Secret

CHATS = {"slack": SlackDestination, "teams": TeamsDestination, "webhook": WebhookDestination}
KINDS = ["share", "mail", *CHATS]


def a_destination(kind: str, port: int, folder: Path) -> Destination:
    settings: MailDestination | ShareDestination | ChatDestination
    if kind in CHATS:
        url = folder / "url"
        url.parent.mkdir(exist_ok=True)
        url.write_text(f"http://127.0.0.1:{port}{SECRET_PATH}")
        settings = CHATS[kind](kind=kind, url=Secret(f"file:{url}"), timeout=timedelta(seconds=5))
    elif kind == "mail":
        server = MailServer(
            host="127.0.0.1", port=port, security="none", timeout=timedelta(seconds=5)
        )
        recipients = ["a@example.com", "b@example.com"]
        settings = MailDestination(
            kind="mail", sender="slo@example.com", recipients=recipients, server=server
        )
    else:
        settings = ShareDestination(kind="share", path=folder)
    return destinations_from({"here": settings})["here"]


@pytest.fixture(params=KINDS)
def destination(request, tmp_path) -> Iterator[Destination]:
    with mail_server() as mailbox, webhook_server() as webhook:
        port = webhook.port if request.param in CHATS else mailbox.port
        made = a_destination(request.param, port, tmp_path)
        yield made
        made.close()


@pytest.fixture(params=KINDS)
def nowhere(request, tmp_path) -> Destination:
    return a_destination(request.param, 1, tmp_path / "gone")


def test_planning_is_a_function_of_the_bundle(destination, bundle):
    assert destination.plan(bundle) == destination.plan(replace(bundle))


def test_every_parcel_has_a_recipient_of_its_own_and_the_destinations_name(destination, bundle):
    parcels = destination.plan(bundle)
    assert len({one.recipient for one in parcels}) == len(parcels) > 0
    assert {one.destination for one in parcels} == {destination.name}
    assert all(one.content and "/" in one.media_type for one in parcels)


def test_sending_returns_a_receipt_and_can_be_done_again(destination, bundle):
    for parcel in destination.plan(bundle):
        assert len(destination.send(parcel)) > 10
        assert destination.send(parcel)


def test_a_closed_destination_opens_again(destination, bundle):
    first, *_, last = (*destination.plan(bundle), *destination.plan(bundle))
    assert destination.send(first)
    destination.close()
    destination.close()
    assert destination.send(last)


def test_planning_touches_nothing(nowhere, bundle):
    assert len(nowhere.plan(bundle)) > 0


def test_what_is_not_there_is_a_retryable_error_that_names_it(nowhere, bundle):
    for parcel in nowhere.plan(bundle):
        with pytest.raises(DeliveryError, match=r"127\.0\.0\.1|gone") as caught:
            nowhere.send(parcel)
        assert caught.value.retryable


def test_what_broke_off_is_settled_without_an_error(destination, bundle):
    for parcel in destination.plan(bundle):
        state, why = destination.settle(parcel, bundle.date, bundle.date)
        assert state is DeliveryState.PENDING
        assert why


def test_examining_says_what_is_fine_and_what_to_mend(destination, nowhere):
    assert not any(check.is_fine is False for check in destination.examine())
    assert any(check.is_fine is False and check.mend for check in nowhere.examine())
