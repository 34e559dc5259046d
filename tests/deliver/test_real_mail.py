"""Mail with a real Postfix and a real Dovecot."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from support.real_mail import PASSWORD, RealMail, real_mail
from support.swallowing_proxy import Swallow, SwallowingProxy, swallowing_proxy

from slo_reports.deliver.archive import modified_utf7, quoted
from slo_reports.deliver.mail import Mail
from slo_reports.errors import DeliveryError, DeliveryUncertain
from slo_reports.model import DeliveryState, Document, Parcel
from slo_reports.settings.mail import Archive, MailDestination, MailServer
from slo_reports.settings.values import Secret

pytestmark = pytest.mark.e2e

DIRECTOR, ARCHIVE = "director@example.com", "archive@example.com"
SOON = timedelta(seconds=30)
LATE = timedelta(hours=1)


@pytest.fixture(scope="module")
def servers() -> Iterator[RealMail]:
    with real_mail() as running:
        yield running


@pytest.fixture
def mail(servers: RealMail) -> RealMail:
    """The servers with empty mailboxes."""
    for one in (servers.folder / "mail").rglob("*"):
        if one.is_file():
            one.unlink()
    return servers


@pytest.fixture
def proxy(mail: RealMail) -> Iterator[SwallowingProxy]:
    with swallowing_proxy(mail.host, mail.smtp_port) as standing:
        yield standing


def archive_of(mail: RealMail, **changes) -> Archive:
    options = {
        "address": ARCHIVE,
        "host": mail.host,
        "port": mail.imaps_port,
        "security": "tls",
        "username": "archive",
        "password": Secret(f"file:{mail.password_file}"),
        "ca": mail.ca,
        "timeout": timedelta(seconds=20),
        **changes,
    }
    if "token" in options:
        del options["password"]
    return Archive(**options)


def destination(
    mail: RealMail, *, port: int | None = None, server: dict | None = None, **options
) -> Mail:
    settings = {"security": "none", "timeout": timedelta(seconds=20), **(server or {})}
    if options.get("when_uncertain") == "verify":
        options.setdefault("archive", archive_of(mail))
    options.setdefault("recipients", [DIRECTOR])
    return Mail(
        "board",
        MailDestination(
            kind="mail",
            sender="slo@example.com",
            server=MailServer(host=mail.host, port=port or mail.smtp_port, **settings),
            **options,
        ),
    )


def stored(message: bytes, parcel: Parcel) -> bool:
    """Whether a message in a mailbox is a parcel, byte for byte below what servers put on top."""
    return message.endswith(b"\n" + parcel.content.replace(b"\r\n", b"\n"))


def lose(sender: Mail, proxy: SwallowingProxy, bundle, how: Swallow) -> Parcel:
    """Send one message so that the answer to it is lost."""
    (parcel,) = sender.plan(bundle)
    proxy.swallow = how
    with pytest.raises(DeliveryUncertain, match="may or may not have been accepted"):
        sender.send(parcel)
    assert proxy.swallow is Swallow.NOTHING
    return parcel


def settled(sender: Mail, parcel: Parcel, after: timedelta) -> tuple[DeliveryState, str]:
    now = datetime.now(UTC)
    try:
        return sender.settle(parcel, now - after, now)
    finally:
        sender.close()


@pytest.mark.parametrize("how", [Swallow.ANSWER, Swallow.DOT])
def test_resend_sends_the_identical_message_again(mail, proxy, bundle, how):
    sender = destination(mail, port=proxy.port, when_uncertain="resend")
    parcel = lose(sender, proxy, bundle, how)
    assert settled(sender, parcel, SOON)[0] is DeliveryState.PENDING
    assert sender.send(parcel).startswith("accepted by")
    sender.close()
    copies = 2 if how is Swallow.ANSWER else 1
    mail.wait_for("director", copies)
    mail.wait_until_idle()
    found = mail.messages("director")
    assert len(found) == copies
    assert all(stored(one, parcel) for one in found)
    assert {message_from_bytes(one, policy=default)["Message-ID"] for one in found} == {
        parcel.message_id
    }


def test_verify_finds_what_the_server_had_taken_and_sends_nothing_more(mail, proxy, bundle):
    sender = destination(mail, port=proxy.port, when_uncertain="verify")
    parcel = lose(sender, proxy, bundle, Swallow.ANSWER)
    assert proxy.answers[0].startswith(b"250")
    mail.wait_for("archive", 1)
    for after in (SOON, LATE):
        state, sentence = settled(sender, parcel, after)
        assert state is DeliveryState.DELIVERED
        assert sentence.startswith("found in the archive, received 20")
    mail.wait_for("director", 1)
    mail.wait_until_idle()
    (received,) = mail.messages("director")
    assert stored(received, parcel)


def test_verify_sends_again_what_the_server_had_not_taken_but_not_before_a_copy_could_come(
    mail, proxy, bundle
):
    sender = destination(mail, port=proxy.port, when_uncertain="verify")
    parcel = lose(sender, proxy, bundle, Swallow.DOT)
    state, sentence = settled(sender, parcel, SOON)
    assert state is DeliveryState.UNCERTAIN
    assert "no copy in the archive yet" in sentence
    state, sentence = settled(sender, parcel, LATE)
    assert state is DeliveryState.PENDING
    assert "no copy came to the archive" in sentence
    sender.send(parcel)
    sender.close()
    mail.wait_for("director", 1)
    mail.wait_until_idle()
    (received,) = mail.messages("director")
    assert stored(received, parcel)
    assert settled(sender, parcel, SOON)[0] is DeliveryState.DELIVERED


@pytest.mark.parametrize("how", [Swallow.ANSWER, Swallow.DOT])
def test_hold_sends_nothing_more_and_names_what_a_person_can_say(mail, proxy, bundle, how):
    sender = destination(mail, port=proxy.port, when_uncertain="hold")
    parcel = lose(sender, proxy, bundle, how)
    state, sentence = settled(sender, parcel, LATE)
    assert state is DeliveryState.HELD
    assert "slo-reports mark-delivered" in sentence
    assert "slo-reports resend" in sentence
    assert DIRECTOR in sentence
    mail.wait_until_idle()
    assert len(mail.messages("director")) == (how is Swallow.ANSWER)


def test_the_archive_gets_a_blind_copy_of_each_recipients_message(mail, bundle):
    people = [DIRECTOR, "cto@example.com"]
    sender = destination(mail, when_uncertain="verify", recipients=people)
    for parcel in sender.plan(bundle):
        sender.send(parcel)
        mail.wait_for("archive", 1)
        assert settled(sender, parcel, SOON)[0] is DeliveryState.DELIVERED
    copies = mail.wait_for("archive", 2)
    assert [message_from_bytes(one, policy=default)["To"] for one in copies] == people
    assert not any(b"archive@example.com" in one.partition(b"\nFrom: ")[2] for one in copies)
    for user in ("director", "cto"):
        (received,) = mail.wait_for(user, 1)
        assert b"archive@example.com" not in received


def test_an_archive_that_is_the_recipient_gets_one_message(mail, bundle):
    sender = destination(mail, when_uncertain="verify", recipients=["Archive@example.com"])
    (parcel,) = sender.plan(bundle)
    sender.send(parcel)
    sender.close()
    mail.wait_for("archive", 1)
    mail.wait_until_idle()
    assert len(mail.messages("archive")) == 1
    assert settled(sender, parcel, SOON)[0] is DeliveryState.DELIVERED


def test_a_refused_archive_address_stops_the_message(mail, bundle):
    archive = archive_of(mail, address="nobody@example.com")
    sender = destination(mail, when_uncertain="verify", archive=archive)
    (parcel,) = sender.plan(bundle)
    with pytest.raises(DeliveryError, match="the archive address nobody@example") as caught:
        sender.send(parcel)
    assert caught.value.retryable
    assert "nothing was sent" in str(caught.value)
    plain = destination(mail)
    plain.send(parcel)
    plain.close()
    sender.close()
    mail.wait_for("director", 1)
    mail.wait_until_idle()
    assert len(mail.messages("director")) == 1


@pytest.mark.parametrize("folder", ['Copies & "quotes" \\ more', "Übersicht/日本", "a b"])
def test_any_folder_can_be_searched_and_stays_unread(mail, bundle, folder):
    (parcel,) = destination(mail).plan(bundle)
    context = ssl.create_default_context(cafile=mail.ca)
    written = quoted(modified_utf7(folder.replace("/", ".")))
    with imaplib.IMAP4_SSL(mail.host, mail.imaps_port, ssl_context=context) as imap:
        imap.login("archive", PASSWORD)
        assert imap.create(written)[0] == "OK"
        assert imap.append(written, "", "", parcel.content)[0] == "OK"
    archive = archive_of(mail, folder=folder.replace("/", "."))
    sender = destination(mail, when_uncertain="verify", archive=archive)
    assert settled(sender, parcel, SOON)[0] is DeliveryState.DELIVERED
    with imaplib.IMAP4_SSL(mail.host, mail.imaps_port, ssl_context=context) as imap:
        imap.login("archive", PASSWORD)
        imap.select(written)
        assert imap.search(None, "UNSEEN")[1] == [b"1"]
        imap.close()
        imap.delete(written)


def test_starttls_serves_the_archive_too(mail, bundle):
    archive = archive_of(mail, port=mail.imap_port, security="starttls")
    sender = destination(mail, when_uncertain="verify", archive=archive)
    (parcel,) = sender.plan(bundle)
    assert settled(sender, parcel, SOON)[0] is DeliveryState.UNCERTAIN


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"port": 1}, "could not reach the archive 127.0.0.1:1: Connection refused"),
        ({"ca": None}, "is not trusted"),
        ({"folder": "Nowhere"}, "does not open its folder Nowhere"),
        ({"username": "archive", "password": Secret("env:WRONG")}, "refused the login of archive"),
        ({"password": Secret("env:GONE")}, "environment variable not set"),
        ({"token": Secret("env:WRONG")}, "refused the token of archive: status 401"),
    ],
)
def test_an_archive_that_cannot_be_asked_leaves_all_as_it_is(
    mail, bundle, changes, said, monkeypatch
):
    monkeypatch.setenv("WRONG", "wr0ng-secret")
    archive = archive_of(mail, **changes)
    sender = destination(mail, when_uncertain="verify", archive=archive)
    (parcel,) = sender.plan(bundle)
    with pytest.raises(DeliveryError) as caught:
        settled(sender, parcel, LATE)
    assert caught.value.retryable
    assert said in str(caught.value)
    assert "wr0ng-secret" not in str(caught.value)


@pytest.fixture
def token_file(mail: RealMail, tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(mail.token("archive") + "\n")
    return path


def test_a_token_logs_in_to_both_servers_and_is_read_anew_for_each_connection(
    mail, bundle, token_file
):
    token = Secret(f"file:{token_file}")
    server = {"security": "starttls", "ca": mail.ca, "username": "archive", "token": token}
    archive = archive_of(mail, token=token)
    sender = destination(mail, server=server, when_uncertain="verify", archive=archive)
    (parcel,) = sender.plan(bundle)
    good = token_file.read_text()
    token_file.write_text(mail.token("archive", good_for=-60))
    with pytest.raises(DeliveryError, match="refused the token of archive: status 401") as caught:
        sender.send(parcel)
    assert caught.value.retryable
    assert token_file.read_text() not in str(caught.value)
    sender.close()
    token_file.write_text(good)
    sender.send(parcel)
    mail.wait_for("archive", 1)
    assert settled(sender, parcel, SOON)[0] is DeliveryState.DELIVERED


def test_a_password_logs_in_with_starttls(mail, bundle):
    password = Secret(f"file:{mail.password_file}")
    server = {"security": "starttls", "ca": mail.ca, "username": "cto", "password": password}
    sender = destination(mail, server=server, bounces_to="bounces@example.com")
    (parcel,) = sender.plan(bundle)
    sender.send(parcel)
    sender.close()
    (received,) = mail.wait_for("director", 1)
    assert received.startswith(b"Return-Path: <bounces@example.com>")
    assert message_from_bytes(received, policy=default)["From"].addresses[0].addr_spec == (
        "slo@example.com"
    )


def test_the_servers_limit_is_heeded_when_messages_are_planned(mail, bundle):
    big = Document("monthly-2026-10.pdf", "application/pdf", b"x" * 2_500_000)
    sender = destination(mail)
    assert sender.size_limit() == 3_000_000
    (parcel,) = sender.plan(replace(bundle, documents=(big,)))
    assert b"Not attached" in parcel.content
    sender.send(parcel)
    sender.close()
    mail.wait_for("director", 1)


def test_the_doctor_finds_all_well(mail):
    password = Secret(f"file:{mail.password_file}")
    server = {"security": "starttls", "ca": mail.ca, "username": "cto", "password": password}
    sender = destination(mail, server=server, when_uncertain="verify", max_size=3_000_000)
    checks = list(sender.examine())
    assert [one.what for one in checks] == [
        "reach the mail server of board",
        "certificate of the mail server of board",
        "log in at the mail server of board",
        "size of messages to the mail server of board",
        "mail from slo@example.com",
        "mail to director@example.com",
        "mail to archive@example.com",
        "look into the archive of board",
    ]
    assert all(one.is_fine and not one.mend for one in checks)
    assert checks[-1].seen == f"INBOX on {mail.host}:{mail.imaps_port} holds 0 messages"
    mail.wait_until_idle()
    assert not mail.messages("director")


def test_the_doctor_says_what_to_mend(mail):
    archive = archive_of(mail, address="gone@example.com", folder="Gone")
    sender = destination(
        mail, when_uncertain="verify", archive=archive, recipients=[DIRECTOR, "who@example.com"]
    )
    wrong = [one for one in sender.examine() if one.is_fine is False]
    assert [(one.what, one.mend) for one in wrong] == [
        (
            "size of messages to the mail server of board",
            "set destinations.board.max_size to at most 3000kB",
        ),
        (
            "mail to who@example.com",
            "mend destinations.board.recipients, or what the server lets us send",
        ),
        (
            "mail to gone@example.com",
            "mend destinations.board.archive.address, or what the server lets us send",
        ),
        (
            "look into the archive of board",
            "mend destinations.board.archive: host, port, security, username, folder or ca",
        ),
    ]
    assert "550 5.1.1" in wrong[1].seen
