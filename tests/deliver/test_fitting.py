"""What does not fit into a message is told in its place, with where it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.mail_server import mail_server

from slo_reports.deliver import Mail, Share, plan_all, with_places
from slo_reports.deliver.fitting import Limit, fitting_message
from slo_reports.deliver.headers import Envelope
from slo_reports.errors import DeliveryError
from slo_reports.model import NOTES_MARK, Bundle, Document, Filed, MailBody
from slo_reports.settings.destinations import MailDestination, MailServer, ShareDestination

ENVELOPE = Envelope("board", "slo@example.com", "SLO reports", "director@example.com")
DATE = datetime(2026, 11, 2, tzinfo=UTC)
LINK = "https://files.example.com/a?b=1&c=2"


def large(bundle: Bundle, **sizes: int) -> Bundle:
    """The bundle with documents of so many bytes, by format."""
    return replace(
        bundle,
        documents=tuple(
            replace(one, content=b"x" * sizes[one.name.rpartition(".")[2]])
            for one in bundle.documents
        ),
    )


def fitted(bundle: Bundle, limit: int):
    assert bundle.mail is not None
    limited = Limit(limit, "max_size")
    return fitting_message(bundle, bundle.mail, bundle.documents, ENVELOPE, limited)[1]


def attached(content: bytes) -> list[str | None]:
    message = message_from_bytes(content, policy=default)
    return [part.get_filename() for part in message.iter_attachments()]


def bodies(content: bytes) -> tuple[str, str]:
    message = message_from_bytes(content, policy=default)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()


def test_what_fits_is_attached_and_nothing_is_said(bundle):
    content = fitted(bundle, 1_000_000)
    assert len(attached(content)) == 3
    assert all("Not attached" not in one for one in bodies(content))


def test_the_largest_attachment_goes_first_and_no_more_than_must(bundle):
    sized = large(bundle, html=300_000, pdf=200_000, json=1000)
    content = fitted(sized, 400_000)
    assert attached(content) == ["monthly-2026-10.pdf", "monthly-2026-10.json"]
    assert len(content) <= 400_000
    for body in bodies(content):
        assert "Not attached, because the whole message may be at most 0.4 MB:" in body
        assert "monthly-2026-10.html (0.3 MB)" in body
        assert "monthly-2026-10.pdf" not in body


def test_in_their_place_stands_where_they_are(bundle):
    sized = large(bundle, html=300_000, pdf=400_000, json=500_000)
    places = (
        Filed("monthly-2026-10.html", "books", "monthly/2026/monthly-2026-10.html"),
        Filed("monthly-2026-10.pdf", "books", "monthly/2026/monthly-2026-10.pdf"),
        Filed("monthly-2026-10.pdf", "web", "monthly/2026/monthly-2026-10.pdf", LINK),
    )
    content = fitted(replace(sized, filed=places), 100_000)
    assert attached(content) == []
    text, html = bodies(content)
    lines = " ".join(text.split())
    for seen in (lines, html):
        assert (
            "monthly-2026-10.html (0.3 MB) is on the share books, as "
            "monthly/2026/monthly-2026-10.html" in seen
        )
        assert "monthly-2026-10.json (0.5 MB) is on no share; ask slo@example.com for it" in seen
    assert f"monthly-2026-10.pdf (0.4 MB): {LINK}" in lines
    assert (
        '<a href="https://files.example.com/a?b=1&amp;c=2" style="color:#0b5cad">'
        "monthly-2026-10.pdf (0.4 MB)</a>" in html
    )


def test_notes_stand_at_their_mark_and_before_the_sections_of_the_text(bundle):
    mail = MailBody(
        subject="s",
        text="Title\n=====\n\nHeadline.\n\n\nOBJECTIVES\n----------\nrow\n",
        html=f"<html><body class='a'><p>links</p>{NOTES_MARK}<p>rows</p></body></html>",
    )
    sized = large(replace(bundle, mail=mail), html=300_000, pdf=1, json=1)
    text, html = bodies(fitted(sized, 200_000))
    assert text.index("Headline.") < text.index("Not attached") < text.index("OBJECTIVES")
    assert html.index("links") < html.index("Not attached") < html.index("rows")
    own = replace(mail, html="<html><body class='a'><p>rows</p></body></html>")
    _, html = bodies(fitted(replace(sized, mail=own), 200_000))
    assert html.index("<body class='a'>") < html.index("Not attached") < html.index("rows")


def test_a_name_of_a_share_cannot_become_markup(bundle):
    sized = large(bundle, html=300_000, pdf=1, json=1)
    place = Filed("monthly-2026-10.html", "<b>books", 'a"><script>')
    _, html = bodies(fitted(replace(sized, filed=(place,)), 200_000))
    assert "<b>books" not in html
    assert "<script" not in html


def test_a_body_that_is_too_large_alone_is_refused_for_good(bundle):
    mail = replace(bundle.mail, text="x\n" * 200_000)
    with pytest.raises(DeliveryError, match="without any attachment, and max_size is") as caught:
        fitted(replace(bundle, mail=mail), 200_000)
    assert not caught.value.retryable
    assert "board: the message to director@example.com has 0.6 MB" in str(caught.value)


@settings(max_examples=40)
@given(
    sizes=st.lists(st.integers(0, 60_000), max_size=4),
    limit=st.integers(5_000, 200_000),
)
def test_a_message_is_never_larger_than_it_may_be_and_loses_the_largest_only(sizes, limit):
    documents = tuple(
        Document(f"{number}.pdf", "application/pdf", b"x" * size)
        for number, size in enumerate(sizes)
    )
    bundle = Bundle("a", "2026-10", 1, DATE, documents, MailBody("s", "text\n", "<p>x</p>"))
    content = fitted(bundle, limit)
    assert len(content) <= limit
    kept = attached(content)
    sizes_kept = [len(one.content) for one in documents if one.name in kept]
    sizes_lost = [len(one.content) for one in documents if one.name not in kept]
    assert not sizes_kept or not sizes_lost or max(sizes_kept) <= min(sizes_lost)
    assert content == fitted(bundle, limit)


def destinations(port: int, folder, **share):
    mail = MailDestination(
        kind="mail",
        sender="slo@example.com",
        recipients=["director@example.com"],
        server=MailServer(host="127.0.0.1", port=port, security="none"),
        attach=["pdf", "html"],
    )
    return {
        "board": Mail("board", mail),
        "books": Share("books", ShareDestination(kind="share", path=folder, **share)),
    }


def test_all_parcels_are_planned_with_the_servers_limit_and_the_links_of_the_share(
    bundle, tmp_path
):
    sized = large(bundle, html=250_000, pdf=500_000, json=10)
    with mail_server(size_limit=400_000) as mailbox:
        made = destinations(mailbox.port, tmp_path, link="https://files.example.com")
        mail, *files = plan_all(sized, made)
        assert len(with_places(sized, made).filed) == 3
        assert made["board"].send(mail)
        made["board"].close()
    assert [one.destination for one in files] == ["books"] * 4
    assert len(mail.content) <= 400_000
    assert attached(mail.content) == ["monthly-2026-10.html"]
    text, _ = bodies(mail.content)
    assert "  https://files.example.com/monthly/2026/monthly-2026-10.pdf" in text.splitlines()
    assert mailbox.connections == 1


def test_without_a_server_the_limit_is_the_settings_own(bundle, tmp_path):
    sized = large(bundle, html=250_000, pdf=500_000, json=10)
    made = destinations(1, tmp_path)
    assert made["board"].size_limit() is None
    mail, *_ = plan_all(sized, made)
    assert attached(mail.content) == ["monthly-2026-10.pdf", "monthly-2026-10.html"]


def test_planning_again_for_the_same_limit_gives_the_same_bytes(bundle, tmp_path):
    sized = large(bundle, html=250_000, pdf=500_000, json=10)
    with mail_server(size_limit=400_000) as mailbox:
        made = destinations(mailbox.port, tmp_path)
        first = made["board"].plan(sized)
        assert made["board"].size_limit() == 400_000
        second = made["board"].plan(sized)
        assert second == made["board"].plan(replace(sized))
        made["board"].close()
    assert attached(first[0].content) != attached(second[0].content)
    assert first[0].message_id == second[0].message_id
