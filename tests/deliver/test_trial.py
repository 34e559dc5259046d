"""A trial looks like the real message, is marked, and is in nobody's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from support.mail_server import mail_server

from slo_reports.deliver import Mail, trial_bundle, trial_parcel
from slo_reports.errors import DeliveryError
from slo_reports.settings.destinations import MailDestination, MailServer


def settings(port: int = 1) -> MailDestination:
    return MailDestination(
        kind="mail",
        sender="slo@example.com",
        recipients=["director@example.com"],
        server=MailServer(host="127.0.0.1", port=port, security="none"),
    )


def test_a_trial_is_marked_in_subject_text_and_html(bundle):
    parcel = trial_parcel(bundle, "board", settings(), "me@example.com", "a1")
    message = message_from_bytes(parcel.content, policy=default)
    assert message["Subject"] == f"[TEST] {bundle.mail.subject}"
    assert message["To"] == "me@example.com"
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert "This is a test of slo-reports, not the report itself." in body.get_content()
    assert [one.get_filename() for one in message.iter_attachments()] == ["monthly-2026-10.pdf"]


def test_a_trial_never_shares_an_id_or_a_thread_with_the_real_message_or_another_trial(bundle):
    (real,) = Mail("board", settings()).plan(bundle)
    trials = [
        trial_parcel(bundle, "board", settings(), "director@example.com", nonce)
        for nonce in ("a", "b")
    ]
    assert len({one.message_id for one in (real, *trials)}) == 3
    assert b"In-Reply-To" in real.content
    assert not any(b"In-Reply-To" in one.content or b"References" in one.content for one in trials)


def test_the_same_nonce_gives_the_same_bytes(bundle):
    first, second = (
        trial_parcel(bundle, "board", settings(), "me@example.com", "a") for _ in range(2)
    )
    assert first == second


def test_a_destination_can_be_tried_before_there_is_a_report():
    small = trial_bundle("board", datetime(2026, 11, 25, tzinfo=UTC))
    with mail_server() as mailbox:
        destination = Mail("board", settings(mailbox.port))
        parcel = trial_parcel(small, "board", settings(mailbox.port), "me@example.com", "a")
        assert destination.send(parcel).startswith("accepted by")
        destination.close()
    (message,) = mailbox.messages("me@example.com")
    assert message["Subject"] == "[TEST] slo-reports, destination board"


def test_a_bundle_without_mail_cannot_be_tried(bundle):
    with pytest.raises(DeliveryError, match="holds no mail to try"):
        trial_parcel(replace(bundle, mail=None), "board", settings(), "me@example.com", "a")
