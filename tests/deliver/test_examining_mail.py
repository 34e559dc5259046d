"""What the doctor says of mail that cannot be sent; it never raises and never sends."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from support.mail_server import PASSWORD, USER, Mailbox, check_password, mail_server

from slo_reports.deliver.contract import Check
from slo_reports.deliver.mail import Mail
from slo_reports.settings.mail import Archive, MailDestination, MailServer
from slo_reports.settings.values import Secret


def examined(port: int, *recipients: str, clock=None, **options) -> list[Check]:
    server = {"security": "none", "timeout": timedelta(seconds=5), **options}
    archive = server.pop("archive", None)
    settings = MailDestination(
        kind="mail",
        sender="slo@example.com",
        recipients=list(recipients) or ["a@example.com"],
        server=MailServer(host="127.0.0.1", port=port, **server),
        archive=archive,
        when_uncertain="resend" if archive is None else "verify",
    )
    mail = Mail("board", settings) if clock is None else Mail("board", settings, clock=clock)
    checks = list(mail.examine())
    assert all(one.mend for one in checks if one.is_fine is False)
    return checks


def of(checks: list[Check], words: str) -> Check:
    (found,) = (one for one in checks if words in one.what)
    return found


def test_a_server_that_is_not_there_is_all_there_is_to_say():
    (check,) = examined(1)
    assert check == Check(
        "reach the mail server of board",
        is_fine=False,
        seen="could not reach the mail server 127.0.0.1:1: Connection refused",
        mend="mend host, port, security or ca in destinations.board.server",
    )


def test_the_archive_is_looked_at_even_then():
    archive = Archive(
        address="archive@example.com",
        host="127.0.0.1",
        port=1,
        username="archive",
        password=Secret("env:PATH"),
    )
    reach, look = examined(1, archive=archive)
    assert (reach.is_fine, look.is_fine) == (False, False)
    assert look.seen == "could not reach the archive 127.0.0.1:1: Connection refused"


def test_addresses_that_are_refused_for_good_and_for_now_are_told_apart():
    people = ["fine@example.com", "gone@example.com", "later@example.com"]
    box = Mailbox(refusals={people[1]: "550 5.1.1 no such user", people[2]: "451 4.7.1 greylist"})
    with mail_server(box) as mailbox:
        checks = examined(mailbox.port, *people)
    fine, gone, later = (of(checks, one) for one in people)
    assert (fine.is_fine, gone.is_fine, later.is_fine) == (True, False, None)
    assert gone.mend == "mend destinations.board.recipients, or what the server lets us send"
    assert later.mend.startswith("it may pass by itself")
    assert mailbox.envelopes == []
    assert mailbox.connections == 1


def test_a_server_that_hangs_up_is_asked_no_more():
    with mail_server(Mailbox(mails_per_connection=1)) as mailbox:
        checks = examined(mailbox.port, "a@example.com", "b@example.com")
    assert [one.is_fine for one in checks[-3:]] == [True, None, None]
    assert checks[-1].seen == "not asked, for what is said above"


def test_a_refused_login_is_named_and_what_needs_it_is_not_asked(certificates, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "wrong")
    with mail_server(starttls=certificates.server, authenticator=check_password) as mailbox:
        checks = examined(
            mailbox.port,
            security="starttls",
            ca=certificates.ca,
            username=USER,
            password=Secret("env:SMTP_PASSWORD"),
        )
    login = of(checks, "log in")
    assert login.is_fine is False
    assert login.mend == "mend username or password in destinations.board.server"
    assert [one.is_fine for one in checks[-2:]] == [None, None]


def test_a_secret_that_is_not_there_is_a_refused_login(certificates):
    with mail_server(starttls=certificates.server, authenticator=check_password) as mailbox:
        checks = examined(
            mailbox.port,
            security="starttls",
            ca=certificates.ca,
            username=USER,
            token=Secret("env:NO_SUCH_TOKEN"),
        )
    login = of(checks, "log in")
    assert "environment variable not set" in login.seen
    assert login.mend == "mend username or token in destinations.board.server"


@pytest.mark.parametrize(("days", "is_fine"), [(20, True), (13, False), (14, True)])
def test_a_certificate_that_ends_soon_is_to_be_renewed(tmp_path, days, is_fine, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    ends = (datetime.now(UTC) + timedelta(days=400)).replace(microsecond=0)
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_after=ends).configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with mail_server(starttls=context) as mailbox:
        checks = examined(
            mailbox.port,
            security="starttls",
            ca=tmp_path / "ca.pem",
            clock=lambda: ends.timestamp() - days * 86400 - 3600,
        )
    check = of(checks, "certificate")
    assert check.is_fine is is_fine
    assert check.seen == f"ends in {days} days, on {ends:%Y-%m-%d}"
    assert check.mend == (
        ""
        if is_fine
        else f"renew the certificate of 127.0.0.1:{mailbox.port}; without it no mail is sent"
    )


@pytest.mark.parametrize(
    ("limit", "is_fine", "mend"),
    [
        (20_000_000, True, ""),
        (5_500_000, False, "set destinations.board.max_size to at most 5500kB"),
    ],
)
def test_a_server_that_takes_less_than_max_size_is_pointed_out(limit, is_fine, mend):
    with mail_server(size_limit=limit) as mailbox:
        check = of(examined(mailbox.port), "size")
    assert (check.is_fine, check.mend) == (is_fine, mend)
    assert check.seen == f"it takes {limit / 1e6:.1f} MB, max_size is 10.0 MB"
