"""The mail of last resort, to a real SMTP server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.mail_server import Mailbox, mail_server

from slo_reports.operate import Operations, Trouble
from slo_reports.settings.destinations import MailServer
from slo_reports.settings.operations import FailureMailSettings, OperationsSettings

NOW = datetime(2026, 11, 2, 5, tzinfo=UTC)
TROUBLES = [
    Trouble("held a", "the mail to director@example.com was refused", "mend the address"),
    Trouble("source", "could not reach\r\nBcc: all@example.com\x00 the source \u202e"),
]


def operations(port: int, warnings: list[str], *recipients: str) -> Operations:
    server = MailServer(host="127.0.0.1", port=port, security="none", timeout=timedelta(seconds=5))
    mail = FailureMailSettings(
        sender="slo@example.com",
        recipients=list(recipients or ("ops@example.com",)),
        server=server,
    )
    return Operations(OperationsSettings(failure_mail=mail), warnings.append)


def test_each_recipient_gets_one_short_plain_mail_with_all_that_is_new(standing):
    warnings: list[str] = []
    with mail_server() as mailbox:
        one = operations(mailbox.port, warnings, "ops@example.com", "boss@example.com")
        assert one.finished(standing, TROUBLES, {}, NOW) == tuple(TROUBLES)
    first, second = mailbox.messages()
    text = first.get_content().replace("\r\n", "\n")
    assert [first["To"], second["To"]] == ["ops@example.com", "boss@example.com"]
    assert first["Subject"].endswith(": two problems")
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"] != second["Message-ID"]
    assert "- the mail to director@example.com was refused\n  mend the address\n" in text
    assert "- could not reach Bcc: all@example.com the source\n" in text
    assert first["Bcc"] is None
    assert first.get_content_type() == "text/plain"
    assert warnings == []


def test_what_was_told_within_the_day_is_not_told_again(standing):
    with mail_server() as mailbox:
        one = operations(mailbox.port, [])
        told = {"held a": NOW - timedelta(hours=1), "source": NOW - timedelta(hours=1)}
        assert one.finished(standing, TROUBLES, told, NOW) == ()
        assert one.finished(standing, [], {}, NOW) == ()
        told["source"] = NOW - timedelta(days=2)
        assert one.finished(standing, TROUBLES, told, NOW) == (TROUBLES[1],)
    (message,) = mailbox.messages()
    assert message["Subject"].endswith(": one problem")


def test_a_server_that_is_down_is_a_warning_and_nothing_counts_as_told(standing):
    warnings: list[str] = []
    one = operations(1, warnings)
    assert one.finished(standing, TROUBLES, {}, NOW) == ()
    (warning,) = warnings
    assert warning.startswith("the failure mail was not sent: could not reach the mail server")
    assert warning.endswith("127.0.0.1:1: Connection refused")
    (check,) = one.examine()
    assert check.is_fine is False


def test_one_refused_recipient_does_not_silence_the_next(standing):
    warnings: list[str] = []
    refusals = {"gone@example.com": "550 5.1.1 nobody here"}
    with mail_server(Mailbox(refusals=refusals)) as mailbox:
        one = operations(mailbox.port, warnings, "gone@example.com", "ops@example.com")
        assert one.finished(standing, TROUBLES, {}, NOW) == tuple(TROUBLES)
    assert [message["To"] for message in mailbox.messages()] == ["ops@example.com"]
    assert "550 5.1.1 nobody here" in warnings[0]


def test_a_lost_answer_counts_as_told_because_it_would_be_told_again_and_again(standing):
    warnings: list[str] = []
    with mail_server(Mailbox(hang_up_in_data={"ops@example.com"})) as mailbox:
        told = operations(mailbox.port, warnings).finished(standing, TROUBLES, {}, NOW)
    assert told == tuple(TROUBLES)
    assert "may or may not have been accepted" in warnings[0]


def test_a_thousand_troubles_are_still_a_short_mail(standing):
    many = [Trouble(str(n), f"trouble {n} " + "x" * 10_000) for n in range(1000)]
    with mail_server() as mailbox:
        operations(mailbox.port, []).finished(standing, many, {}, NOW)
    (message,) = mailbox.messages()
    assert "- and 950 more\r\n" in message.get_content()
    assert len(bytes(message)) < 50_000


def test_examining_logs_in_and_sends_nothing():
    with mail_server() as mailbox:
        (check,) = operations(mailbox.port, []).examine()
        assert mailbox.connections == 1
    assert (check.is_fine, mailbox.envelopes) == (True, [])


@pytest.mark.parametrize("recipient", ["ops@bücher.example", "ops@example.com"])
def test_a_domain_with_other_letters_is_no_obstacle(recipient, standing):
    with mail_server() as mailbox:
        assert operations(mailbox.port, [], recipient).finished(standing, TROUBLES, {}, NOW)
    assert len(mailbox.envelopes) == 1
