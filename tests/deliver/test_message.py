from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slo_reports.deliver.headers import (
    Envelope,
    clean_phrase,
    derived_message_id,
    thread_id,
    wire_address,
)
from slo_reports.deliver.message import message_bytes
from slo_reports.errors import DeliveryError
from slo_reports.model import Bundle, Document, MailBody

ENVELOPE = Envelope("board", "slo@example.com", "SLO reports", "director@example.com")
_DATE = datetime(2026, 11, 2, tzinfo=UTC)
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "List-Id",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
}


def built(bundle: Bundle, envelope: Envelope = ENVELOPE) -> bytes:
    assert bundle.mail is not None
    return message_bytes(bundle, bundle.mail, bundle.documents[1:2], envelope)[1]


def parsed(bundle: Bundle, envelope: Envelope = ENVELOPE) -> EmailMessage:
    return message_from_bytes(built(bundle, envelope), policy=default)


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_message_holds_text_html_images_and_attachments_unchanged(bundle):
    message = parsed(bundle)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert unix(text.get_content()) == bundle.mail.text
    assert unix(html.get_content()) == bundle.mail.html + "\n"
    image = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert image["Content-ID"] == "<burn-1.png>"
    assert image.get_content_disposition() == "inline"
    assert image.get_content() == bundle.mail.images[0].content
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "monthly-2026-10.pdf"
    assert attachment.get_content() == bundle.documents[1].content


def test_parts_are_nested_as_mail_programs_expect(bundle):
    types = [part.get_content_type() for part in parsed(bundle).walk()]
    assert types == [
        "multipart/mixed",
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
        "application/pdf",
    ]


def test_headers_are_the_needed_ones_and_nothing_else(bundle):
    message = parsed(bundle)
    assert set(message.keys()) == HEADERS
    assert message["Subject"] == bundle.mail.subject
    assert message["Date"].datetime == bundle.date
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].addresses[0].display_name == "SLO reports"
    assert [str(one) for one in message["To"].addresses] == ["director@example.com"]


def test_all_periods_of_a_report_are_one_thread_for_each_reader(bundle):
    first, second = (parsed(replace(bundle, period_id=one)) for one in ("2026-10", "2026-11"))
    assert first["Message-ID"] != second["Message-ID"]
    root = thread_id(bundle, ENVELOPE)
    for one in (first, second):
        assert one["In-Reply-To"] == one["References"] == root
        assert one["Message-ID"] != root
    other = replace(ENVELOPE, recipient="cto@example.com")
    assert thread_id(bundle, other) != root
    assert thread_id(replace(bundle, report="weekly"), ENVELOPE) != root


def test_a_trial_is_in_no_thread_and_has_an_id_of_its_own(bundle):
    trial = parsed(bundle, replace(ENVELOPE, nonce="a"))
    assert trial["In-Reply-To"] is None
    assert trial["References"] is None
    others = {
        parsed(bundle)["Message-ID"],
        derived_message_id(bundle, replace(ENVELOPE, nonce="b")),
    }
    assert trial["Message-ID"] not in others


def test_the_list_is_named_by_report_and_sender_and_nobody_on_holiday_answers(bundle):
    message = parsed(bundle)
    assert message["List-Id"] == "<monthly.slo-reports.example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Precedence"] is None


@pytest.mark.parametrize(
    ("setting", "written", "post"),
    [
        (
            "https://example.com/leave?who={recipient}&list={report}",
            "<https://example.com/leave?who=director%40example.com&list=monthly>",
            "List-Unsubscribe=One-Click",
        ),
        ("mailto:slo@example.com?subject=leave", "<mailto:slo@example.com?subject=leave>", None),
    ],
)
def test_readers_can_leave_and_one_click_is_for_https_only(bundle, setting, written, post):
    message = parsed(bundle, replace(ENVELOPE, unsubscribe=setting))
    assert message["List-Unsubscribe"] == written
    assert message["List-Unsubscribe-Post"] == post


def test_identities_are_written_as_they_are_however_long(bundle):
    sender = f"slo@{'notifications.platform.' * 4}example.com"
    leave = f"https://example.com/{'long/' * 40}{{recipient}}"
    content = built(bundle, replace(ENVELOPE, sender=sender, unsubscribe=leave))
    headers = content.partition(b"\r\n\r\n")[0].decode()
    thread = thread_id(bundle, replace(ENVELOPE, sender=sender))
    for line in (
        f"In-Reply-To: {thread}",
        f"References: {thread}",
        f"List-Id: <monthly.slo-reports.{sender[4:]}>",
        f"List-Unsubscribe: <{leave.replace('{recipient}', 'director%40example.com')}>",
    ):
        assert line in headers.split("\r\n")


def test_reply_to_is_set_where_the_settings_have_one(bundle):
    assert parsed(bundle, replace(ENVELOPE, reply_to="sre@example.com"))["Reply-To"] == (
        "sre@example.com"
    )


def test_the_same_bundle_gives_the_same_bytes(bundle):
    assert built(bundle) == built(replace(bundle))


def test_different_content_gets_different_boundaries(bundle):
    other = replace(bundle, mail=replace(bundle.mail, text="other"))
    assert parsed(bundle).get_boundary() != parsed(other).get_boundary()


@pytest.mark.parametrize(
    "change",
    [
        {"report": "weekly"},
        {"period_id": "2026-11"},
        {"revision": 2},
    ],
)
def test_the_message_id_depends_on_the_run(bundle, change):
    assert derived_message_id(bundle, ENVELOPE) != derived_message_id(
        replace(bundle, **change), ENVELOPE
    )


def test_the_message_id_depends_on_destination_and_recipient_but_not_on_content(bundle):
    first = derived_message_id(bundle, ENVELOPE)
    assert first.endswith("@example.com>")
    assert first == derived_message_id(replace(bundle, mail=None, documents=()), ENVELOPE)
    assert first != derived_message_id(bundle, replace(ENVELOPE, recipient="cto@example.com"))
    assert first != derived_message_id(bundle, replace(ENVELOPE, destination="other"))


def test_a_subject_cannot_begin_a_new_header(bundle):
    evil = replace(bundle.mail, subject="October\r\nBcc: thief@example.org\x00\u2028X: y")
    message = parsed(replace(bundle, mail=evil))
    assert message["Bcc"] is None
    assert message["Subject"] == "October Bcc: thief@example.org X: y"


@settings(max_examples=50, deadline=None)
@given(subject=st.text(max_size=400), name=st.text(max_size=400))
def test_no_subject_or_name_breaks_the_message(subject, name):
    body = MailBody(subject=subject, text="text", html="<p>html</p>")
    bundle = Bundle("monthly", "2026-10", 1, _DATE, (), body)
    content = built(bundle, replace(ENVELOPE, sender_name=name))
    lines = content.split(b"\r\n")
    message = message_from_bytes(content, policy=default)
    assert set(message.keys()) == HEADERS
    assert max(map(len, lines)) <= 998
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert _words(message["Subject"]) == _words(clean_phrase(subject))
    (sender,) = message["From"].addresses
    assert sender.addr_spec == "slo@example.com"
    assert _words(sender.display_name) == _words(clean_phrase(name))


@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=300), html=st.text(max_size=300))
def test_any_text_arrives_as_it_was_written(text, html):
    bundle = Bundle("monthly", "2026-10", 1, _DATE, (), MailBody("s", text, html))
    message = message_from_bytes(built(bundle), policy=default)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert unix(plain.get_content()).rstrip("\n") == unix(text).rstrip("\n")


def test_letters_outside_ascii_are_right_in_subject_name_and_domain(bundle):
    envelope = replace(ENVELOPE, sender_name='Jörg "SLO" Ä, Team', recipient="a@bücher.example")
    message = parsed(bundle, envelope)
    assert message["From"].addresses[0].display_name == 'Jörg "SLO" Ä, Team'
    assert message["To"] == "a@xn--bcher-kva.example"
    assert built(bundle, envelope).isascii()


def test_only_a_local_part_outside_ascii_makes_a_message_that_needs_smtputf8(bundle):
    assert not replace(ENVELOPE, recipient="a@bücher.example").needs_utf8
    envelope = replace(ENVELOPE, recipient="jörg@example.com")
    assert envelope.needs_utf8
    message = message_from_string(built(bundle, envelope).decode(), policy=default)
    assert message["To"].addresses[0].username == "jörg"


@pytest.mark.parametrize(
    "change",
    [{"report": "a\r\nBcc: thief@example.org"}, {"report": "a\nX: y"}],
)
def test_a_reports_name_cannot_begin_a_new_header(bundle, change):
    with pytest.raises(DeliveryError, match=r"no message to 'director@example\.com' can be made"):
        built(replace(bundle, **change))


@pytest.mark.parametrize("address", ["a\x00b@example.com", "nobody", "@example.com", "a@ü..de"])
def test_what_is_no_address_is_refused(bundle, address):
    with pytest.raises(DeliveryError, match="is no mail address"):
        built(bundle, replace(ENVELOPE, recipient=address))
    with pytest.raises(DeliveryError, match="is no mail address"):
        wire_address(address)


@pytest.mark.parametrize("name", ['a"b.pdf', "../a.pdf", "a\r\nX: y.pdf", ""])
def test_attachment_names_that_are_no_file_names_are_refused(bundle, name):
    odd = replace(bundle, documents=(bundle.documents[0], replace(bundle.documents[1], name=name)))
    with pytest.raises(DeliveryError, match="no plain file name"):
        built(odd)


def test_image_names_that_are_no_content_id_are_refused(bundle):
    images = (Document("a>b.png", "image/png", b"x"),)
    with pytest.raises(DeliveryError, match="cid:NAME"):
        built(replace(bundle, mail=replace(bundle.mail, images=images)))


def test_what_is_no_media_type_is_refused(bundle):
    odd = Document("a.pdf", "application/pdf\r\nX: y", b"x")
    with pytest.raises(DeliveryError, match="no media type"):
        built(replace(bundle, documents=(bundle.documents[0], odd)))


def test_half_a_surrogate_pair_and_turned_text_do_not_reach_a_header():
    assert clean_phrase("a\ud800b\u202ec") == "a bc"
    assert len(clean_phrase("x" * 500)) == 200


def _words(text: str) -> str:
    """Without spaces: folding a long header may join or split encoded words at one."""
    return "".join(text.split())
