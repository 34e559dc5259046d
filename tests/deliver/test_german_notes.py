"""What delivery adds to a message is said in the message's language."""

from __future__ import annotations

import json
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

from slo_reports.deliver import trial_parcel
from slo_reports.deliver.chat_payloads import slack_payload, teams_payload, webhook_payload
from slo_reports.deliver.fitting import Limit, fitting_message
from slo_reports.deliver.headers import Envelope
from slo_reports.language import spoken
from slo_reports.model import Bundle, Filed
from slo_reports.settings.destinations import MailDestination, MailServer

ENVELOPE = Envelope("board", "slo@example.com", "SLO-Berichte", "director@example.com")
SETTINGS = MailDestination(
    kind="mail",
    sender="slo@example.com",
    recipients=["director@example.com"],
    server=MailServer(host="127.0.0.1", port=1, security="none"),
)
SIZES = {"html": 300_000, "pdf": 200_000, "json": 500_000}


def german(bundle: Bundle) -> Bundle:
    assert bundle.mail is not None
    assert bundle.summary is not None
    return replace(
        bundle,
        mail=replace(bundle.mail, language="de"),
        summary=replace(bundle.summary, language="de"),
    )


def test_notes_about_attachments_are_german(bundle):
    sized = replace(
        german(bundle),
        documents=tuple(
            replace(one, content=b"x" * SIZES[one.name.rpartition(".")[2]])
            for one in bundle.documents
        ),
        filed=(Filed("monthly-2026-10.html", "books", "monthly/2026/monthly-2026-10.html"),),
    )
    limit = Limit(100_000, "max_size")
    _, content = fitting_message(sized, sized.mail, sized.documents, ENVELOPE, limit)
    message = message_from_bytes(content, policy=default)
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        seen = " ".join(body.get_content().split())
        assert "Nicht angehängt, weil die ganze Nachricht höchstens 0,1 MB haben darf:" in seen
        assert (
            "monthly-2026-10.html (0,3 MB) liegt in der Ablage books als "
            "monthly/2026/monthly-2026-10.html" in seen
        )
        assert "liegt in keiner Ablage; zu bekommen von slo@example.com" in seen
        assert "Not attached" not in seen
    assert spoken().tag == "en"


def test_a_trial_says_in_german_that_it_is_one(bundle):
    parcel = trial_parcel(german(bundle), "board", SETTINGS, "me@example.com", "a1")
    message = message_from_bytes(parcel.content, policy=default)
    body = message.get_body(("plain",))
    assert body is not None
    assert "Dies ist ein Test von slo-reports, nicht der Bericht selbst." in body.get_content()


def test_links_in_chats_are_german_and_the_webhook_keeps_its_keys(bundle):
    summary = german(bundle).summary
    assert "|Der ganze Bericht>" in json.loads(slack_payload(summary))["text"]
    card = json.loads(teams_payload(summary))["attachments"][0]["content"]
    assert [one["title"] for one in card["actions"]] == ["Der ganze Bericht", "Als PDF"]
    assert webhook_payload(bundle, summary, "k") == webhook_payload(bundle, bundle.summary, "k")
