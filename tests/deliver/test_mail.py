from __future__ import annotations

import base64
import socket
import ssl
import threading
import traceback
import warnings
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.mail_server import (
    PASSWORD,
    TOKEN,
    USER,
    Mailbox,
    check_password,
    echo_password,
    mail_server,
)

from slo_reports.deliver.mail import Mail
from slo_reports.errors import DeliveryError, DeliveryUncertain
from slo_reports.model import Document
from slo_reports.settings.mail import Archive, MailDestination, MailServer
from slo_reports.settings.values import Secret

THREE = ["one@example.com", "two@example.com", "three@example.com"]


def mail(port: int, *recipients: str, **server) -> Mail:
    options = {
        "host": "127.0.0.1",
        "security": "none",
        "timeout": timedelta(seconds=5),
        **server,
    }
    return Mail(
        "board",
        MailDestination(
            kind="mail",
            sender="slo@example.com",
            recipients=list(recipients or THREE[:1]),
            server=MailServer(port=port, **options),
        ),
    )


def send_each(destination: Mail, bundle) -> list[str | DeliveryError]:
    answers: list[str | DeliveryError] = []
    for parcel in destination.plan(bundle):
        try:
            answers.append(destination.send(parcel))
        except DeliveryError as error:
            answers.append(error)
    destination.close()
    return answers


@pytest.fixture
def login(tmp_path: Path) -> dict[str, object]:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return {"username": USER, "password": Secret(f"file:{path}")}


def test_each_recipient_gets_a_message_of_their_own_over_one_connection(bundle):
    with mail_server() as mailbox:
        answers = send_each(mail(mailbox.port, *THREE), bundle)
    assert [one.rcpt_tos for one in mailbox.envelopes] == [[one] for one in THREE]
    assert [one["To"] for one in mailbox.messages()] == THREE
    assert len({one["Message-ID"] for one in mailbox.messages()}) == 3
    assert mailbox.connections == 1
    assert answers[0] == f"accepted by 127.0.0.1:{mailbox.port}: 250 2.0.0 Ok: queued as TEST"


def test_the_server_receives_the_planned_bytes(bundle):
    with mail_server() as mailbox:
        destination = mail(mailbox.port)
        (parcel,) = destination.plan(bundle)
        destination.send(parcel)
        destination.close()
    (envelope,) = mailbox.envelopes
    assert envelope.content == parcel.content
    assert envelope.mail_from == "slo@example.com"
    assert mailbox.messages()[0]["Message-ID"] == parcel.message_id


def test_the_settings_say_what_is_attached(bundle):
    destination = Mail(
        "board",
        MailDestination(
            kind="mail",
            sender="slo@example.com",
            recipients=THREE[:1],
            server=MailServer(host="127.0.0.1", port=1),
            attach=["json", "pdf"],
        ),
    )
    (parcel,) = destination.plan(bundle)
    names = [b"monthly-2026-10.json", b"monthly-2026-10.pdf", b"monthly-2026-10.html"]
    assert [name in parcel.content for name in names] == [True, True, False]


def test_a_bundle_without_mail_is_refused(bundle):
    with pytest.raises(DeliveryError, match="holds no mail"):
        mail(1).plan(replace(bundle, mail=None))


def test_one_refused_recipient_of_three_does_not_stop_the_others(bundle):
    box = Mailbox(refusals={THREE[1]: "550 5.1.1 no such user"})
    with mail_server(box) as mailbox:
        answers = send_each(mail(mailbox.port, *THREE), bundle)
    assert [one["To"] for one in mailbox.messages()] == [THREE[0], THREE[2]]
    assert isinstance(answers[1], DeliveryError)
    assert not answers[1].retryable
    assert str(answers[1]) == (
        f"127.0.0.1:{mailbox.port} refused two@example.com: 550 5.1.1 no such user"
    )
    assert mailbox.connections == 1


@pytest.mark.parametrize(
    ("box", "retryable", "seen"),
    [
        pytest.param(
            Mailbox(refusals={THREE[0]: "451 4.7.1 greylisted"}), True, "451", id="recipient 4xx"
        ),
        pytest.param(
            Mailbox(after_data={THREE[0]: "452 4.3.1 full"}), True, "452", id="message 4xx"
        ),
        pytest.param(
            Mailbox(after_data={THREE[0]: "554 5.7.1 spam"}), False, "554", id="message 5xx"
        ),
        pytest.param(
            Mailbox(refusals={THREE[0]: "530 5.7.0 login first"}), True, "530", id="login wanted"
        ),
    ],
)
def test_permanent_and_temporary_refusals_are_told_apart(bundle, box, retryable, seen):
    with mail_server(box) as mailbox:
        first, second = send_each(mail(mailbox.port, *THREE[:2]), bundle)
    assert isinstance(first, DeliveryError)
    assert first.retryable is retryable
    assert seen in str(first)
    assert f"127.0.0.1:{mailbox.port}" in str(first)
    assert isinstance(second, str)


def test_a_connection_lost_after_the_message_leaves_it_uncertain_and_the_next_goes_on(bundle):
    box = Mailbox(hang_up_in_data={THREE[0]})
    with mail_server(box) as mailbox:
        first, second = send_each(mail(mailbox.port, *THREE[:2]), bundle)
    assert isinstance(first, DeliveryUncertain)
    assert "may or may not have been accepted" in str(first)
    assert isinstance(second, str)
    assert mailbox.connections == 2


def test_a_server_that_closes_between_messages_is_called_again(bundle):
    with mail_server(Mailbox(mails_per_connection=1)) as mailbox:
        answers = send_each(mail(mailbox.port, *THREE), bundle)
    assert all(isinstance(one, str) for one in answers)
    assert [one["To"] for one in mailbox.messages()] == THREE
    assert mailbox.connections == 3


@pytest.mark.parametrize("excluded", [(), ("PLAIN",), ("LOGIN",)], ids=str)
def test_starttls_and_login(bundle, certificates, login, excluded):
    with mail_server(
        starttls=certificates.server, authenticator=check_password, excluded_auth=excluded
    ) as mailbox:
        answers = send_each(
            mail(mailbox.port, security="starttls", ca=certificates.ca, **login), bundle
        )
    assert isinstance(answers[0], str)
    assert mailbox.messages()[0]["Subject"] == bundle.mail.subject


def test_implicit_tls_and_login(bundle, certificates, login):
    with mail_server(tls=certificates.server, authenticator=check_password) as mailbox:
        answers = send_each(mail(mailbox.port, security="tls", ca=certificates.ca, **login), bundle)
    assert isinstance(answers[0], str)
    assert mailbox.authenticated == [True]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_refused(bundle, certificates, security):
    server = {security: certificates.server}
    with mail_server(**server) as mailbox:
        (answer,) = send_each(mail(mailbox.port, security=security), bundle)
    assert isinstance(answer, DeliveryError)
    assert "is not trusted" in str(answer)
    assert answer.retryable
    assert mailbox.envelopes == []


def test_a_server_without_starttls_is_sent_nothing(bundle):
    with mail_server() as mailbox:
        (answer,) = send_each(mail(mailbox.port, security="starttls"), bundle)
    assert "offers no STARTTLS" in str(answer)
    assert mailbox.envelopes == []


def test_tls_with_a_server_that_speaks_none_is_explained(bundle):
    with mail_server() as mailbox:
        (answer,) = send_each(mail(mailbox.port, security="tls"), bundle)
    assert "no TLS with 127.0.0.1" in str(answer)


def test_a_ca_file_that_is_none_is_named(bundle, tmp_path):
    (answer,) = send_each(mail(1, security="tls", ca=tmp_path / "gone.pem"), bundle)
    assert "gone.pem: No such file or directory" in str(answer)


@pytest.mark.parametrize("excluded", [(), ("PLAIN",), ("LOGIN",)], ids=str)
@pytest.mark.parametrize(
    ("authenticator", "said"),
    [(check_password, "535"), (echo_password, "no such password: b'***'")],
)
def test_no_secret_is_in_any_error(
    bundle, certificates, authenticator, said, excluded, monkeypatch
):
    secret = "wrong password"
    monkeypatch.setenv("SMTP_PASSWORD", secret)
    with mail_server(
        starttls=certificates.server, authenticator=authenticator, excluded_auth=excluded
    ) as mailbox:
        (answer,) = send_each(
            mail(
                mailbox.port,
                security="starttls",
                ca=certificates.ca,
                username=USER,
                password=Secret("env:SMTP_PASSWORD"),
            ),
            bundle,
        )
    assert isinstance(answer, DeliveryError)
    assert "refused the login of slo-reports: 535" in str(answer)
    assert said in str(answer)
    assert answer.retryable
    told = "".join(traceback.format_exception(answer))
    encoded = base64.b64encode(secret.encode()).decode()
    assert secret not in told
    assert encoded not in told


def test_a_password_outside_ascii_is_a_sentence_without_it(bundle, certificates, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "pässword")
    with mail_server(starttls=certificates.server, authenticator=check_password) as mailbox:
        options = {"username": USER, "password": Secret("env:SMTP_PASSWORD")}
        (answer,) = send_each(
            mail(mailbox.port, security="starttls", ca=certificates.ca, **options), bundle
        )
    assert isinstance(answer, DeliveryError)
    assert "not plain ASCII" in str(answer)
    assert "ssword" not in "".join(traceback.format_exception(answer)).replace("password", "")


def test_a_missing_secret_defers_the_mail(bundle, tmp_path):
    options = {"username": USER, "password": Secret(f"file:{tmp_path}/gone")}
    (answer,) = send_each(mail(1, security="starttls", **options), bundle)
    assert isinstance(answer, DeliveryError)
    assert answer.retryable
    assert "could not be read" in str(answer)


def with_token(port, certificates, reference="env:SMTP_TOKEN", **options) -> Mail:
    options = {"username": USER, "token": Secret(reference), **options}
    return mail(port, security="starttls", ca=certificates.ca, **options)


def test_a_token_logs_in_instead_of_a_password(bundle, certificates, monkeypatch):
    monkeypatch.setenv("SMTP_TOKEN", TOKEN)
    with mail_server(starttls=certificates.server, authenticator=check_password) as mailbox:
        (answer,) = send_each(with_token(mailbox.port, certificates), bundle)
    assert str(answer).startswith("accepted by")
    assert len(mailbox.envelopes) == 1


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            '{"status":"401","schemes":"bearer","scope":"https://mail.example.com/"}',
            "status 401, scope https://mail.example.com/; 535 5.7.8 ",
        ),
        ('{"error":"invalid_token","x":"SAID"}', "error invalid_token; 535 5.7.8 "),
        ('{"error_description":"SAID"}', "error_description "),
        ("no JSON: SAID", "slo-reports: 535 5.7.8 "),
        ("[1]", "slo-reports: 535 5.7.8 "),
    ],
)
def test_a_refused_token_is_one_sentence_without_it(
    bundle, certificates, monkeypatch, refusal, said
):
    wrong = "eyJ0.wrong-token"
    monkeypatch.setenv("SMTP_TOKEN", wrong)
    box = Mailbox(token_refusal=refusal)
    with mail_server(box, starttls=certificates.server, authenticator=check_password) as mailbox:
        (answer,) = send_each(with_token(mailbox.port, certificates), bundle)
    assert isinstance(answer, DeliveryError)
    assert answer.retryable
    assert f"refused the token of {USER}: " in str(answer)
    assert said in str(answer)
    assert "\n" not in str(answer)
    told = "".join(traceback.format_exception(answer))
    for form in (wrong, f"user={USER}\x01auth=Bearer {wrong}\x01\x01"):
        assert form not in told
        assert base64.b64encode(form.encode()).decode() not in told


def test_a_token_where_the_server_takes_none_is_explained(bundle, certificates, monkeypatch):
    monkeypatch.setenv("SMTP_TOKEN", TOKEN)
    with mail_server(
        starttls=certificates.server, authenticator=check_password, excluded_auth=("XOAUTH2",)
    ) as mailbox:
        (answer,) = send_each(with_token(mailbox.port, certificates), bundle)
    assert "offers no login with a token (XOAUTH2); use password instead" in str(answer)


def test_a_token_outside_ascii_is_a_sentence_without_it(bundle, certificates, monkeypatch):
    monkeypatch.setenv("SMTP_TOKEN", "tökén")
    with mail_server(starttls=certificates.server, authenticator=check_password) as mailbox:
        (answer,) = send_each(with_token(mailbox.port, certificates), bundle)
    assert isinstance(answer, DeliveryError)
    assert "user or token of slo-reports is not plain ASCII" in str(answer)
    assert "tökén" not in "".join(traceback.format_exception(answer))


def test_a_token_file_is_read_anew_for_each_connection(bundle, certificates, tmp_path):
    path = tmp_path / "token"
    path.write_text("old")
    with mail_server(starttls=certificates.server, authenticator=check_password) as mailbox:
        sender = with_token(mailbox.port, certificates, f"file:{path}")
        (first,) = send_each(sender, bundle)
        path.write_text(f"{TOKEN}\n")
        (second,) = send_each(sender, bundle)
    assert isinstance(first, DeliveryError)
    assert isinstance(second, str)


def test_what_goes_over_the_wire_is_encrypted_with_tls_1_2_or_later(bundle, certificates):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        certificates.issued.configure_cert(old)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with mail_server(starttls=old) as mailbox:
        (answer,) = send_each(mail(mailbox.port, security="starttls", ca=certificates.ca), bundle)
    assert "no TLS with 127.0.0.1" in str(answer)
    assert mailbox.envelopes == []


def test_a_certificate_for_another_name_is_refused(bundle, certificates):
    with mail_server(starttls=certificates.server) as mailbox:
        sender = mail(mailbox.port, security="starttls", ca=certificates.ca, host="localhost")
        (answer,) = send_each(sender, bundle)
    assert "is not trusted: Hostname mismatch" in str(answer)
    assert mailbox.envelopes == []


def test_bounces_go_where_the_settings_say(bundle):
    with mail_server() as mailbox:
        settings = mail(mailbox.port)._settings.model_copy(update={"bounces_to": "b@example.com"})
        (answer,) = send_each(Mail("board", settings), bundle)
    assert isinstance(answer, str)
    assert mailbox.envelopes[0].mail_from == "b@example.com"
    assert mailbox.messages()[0]["From"] == "SLO reports <slo@example.com>"


@pytest.mark.parametrize(
    ("recipient", "given"),
    [
        ("one@example.com", ["one@example.com", "copies@example.com"]),
        ("Copies@Example.com", ["Copies@Example.com"]),
    ],
)
def test_the_archive_is_a_second_recipient_of_the_same_message(bundle, recipient, given):
    archive = Archive(
        address="copies@example.com",
        host="127.0.0.1",
        username="copies",
        password=Secret("env:PATH"),
    )
    with mail_server() as mailbox:
        changes = {"archive": archive, "when_uncertain": "verify"}
        settings = mail(mailbox.port, recipient)._settings.model_copy(update=changes)
        (answer,) = send_each(Mail("board", settings), bundle)
    assert isinstance(answer, str)
    (envelope,) = mailbox.envelopes
    assert envelope.rcpt_tos == given
    assert b"copies@example.com" not in envelope.content


def test_login_where_the_server_has_none_is_explained(bundle, certificates, login):
    with mail_server(starttls=certificates.server) as mailbox:
        destination = mail(mailbox.port, security="starttls", ca=certificates.ca, **login)
        (answer,) = send_each(destination, bundle)
    assert "remove username" in str(answer) or "refused the login" in str(answer)


def test_a_message_over_the_announced_size_is_not_even_begun(bundle):
    big = Document("big.pdf", "application/pdf", b"x" * 300_000)
    with mail_server(size_limit=200_000) as mailbox:
        (answer,) = send_each(mail(mailbox.port), replace(bundle, documents=(big,)))
    assert isinstance(answer, DeliveryError)
    assert not answer.retryable
    assert "takes messages of up to 0.2 MB, this one has 0.4 MB" in str(answer)
    assert mailbox.envelopes == []


def test_a_local_part_outside_ascii_needs_a_server_with_smtputf8(bundle):
    with mail_server() as mailbox:
        (refused, fine) = send_each(mail(mailbox.port, "jörg@example.com", THREE[0]), bundle)
    assert isinstance(refused, DeliveryError)
    assert not refused.retryable
    assert "no SMTPUTF8" in str(refused)
    assert isinstance(fine, str)
    with mail_server(utf8=True) as mailbox:
        (answer,) = send_each(mail(mailbox.port, "jörg@example.com"), bundle)
    assert isinstance(answer, str)
    assert mailbox.envelopes[0].rcpt_tos == ["jörg@example.com"]


def test_a_server_that_is_not_there_is_tried_once_for_all_recipients(bundle):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        answers = send_each(mail(port, *THREE), bundle)
    assert {str(one) for one in answers} == {
        f"could not reach the mail server 127.0.0.1:{port}: Connection refused"
    }
    assert all(isinstance(one, DeliveryError) and one.retryable for one in answers)


@contextmanager
def talker(*lines: bytes):
    """Says its lines, one for each that it hears, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection, connection.makefile("rb") as heard:
                    for line in lines:
                        connection.sendall(line)
                        heard.readline()

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.close()
            thread.join(5)


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        pytest.param((b"554 5.7.1 go away\r\n",), "554 5.7.1 go away", id="refuses to talk"),
        pytest.param((b"HTTP/1.1 400 Bad Request\r\n",), "no SMTP answer", id="is no mail server"),
        pytest.param((), "Connection unexpectedly closed", id="hangs up"),
        pytest.param(
            (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n"),
            "broke off the mail to one@example.com",
            id="dies at DATA",
        ),
        pytest.param(
            (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"),
            "the mail to one@example.com",
            id="dies in DATA",
        ),
    ],
)
def test_servers_that_break_off_are_named_with_what_they_said(bundle, lines, seen):
    with talker(*lines) as port:
        (answer,) = send_each(mail(port), bundle)
    assert isinstance(answer, DeliveryError)
    assert answer.retryable
    assert f"127.0.0.1:{port}" in str(answer)
    assert seen in str(answer)


def test_a_silent_server_is_given_up_after_the_time_limit(bundle):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        (answer,) = send_each(mail(port, timeout=timedelta(seconds=0.2)), bundle)
    assert "no answer within the time limit" in str(answer)


def test_the_answer_to_a_whole_message_is_awaited_longer_than_any_other(bundle):
    with mail_server(Mailbox(thinks=0.8)) as mailbox:
        sender = mail(mailbox.port, timeout=timedelta(seconds=0.3))
        answers = [sender.send(parcel) for parcel in sender.plan(bundle)]
        assert sender._conversation is not None
        assert sender._conversation.smtp.sock.gettimeout() == pytest.approx(0.3)
        sender.close()
    assert answers[0].startswith("accepted by")


def test_an_answer_to_the_whole_message_that_is_none_leaves_it_uncertain(bundle):
    small = replace(bundle, documents=(), mail=replace(bundle.mail, images=()))
    (parcel,) = mail(1).plan(small)
    lines = parcel.content.count(b"\n")
    talk = [b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"]
    with talker(*talk, *[b""] * lines, b"what?\r\n") as port:
        (answer,) = send_each(mail(port), small)
    assert isinstance(answer, DeliveryUncertain)
    assert "no SMTP answer" in str(answer)
