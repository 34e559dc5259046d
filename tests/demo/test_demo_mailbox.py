from __future__ import annotations

import smtplib
import socket
import threading
from email.message import EmailMessage

import pytest

from slo_reports.demo.mailbox import readable_page, receiving_smtp, safe_name

PNG = b"\x89PNG\r\n\x1a\n not really"


def mail(*recipients: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "slo-reports@example.com"
    message["To"] = ", ".join(recipients)
    message["Subject"] = "October: Verfügbarkeit"
    message.set_content("plain words")
    message.add_alternative('<p>Verfügbarkeit</p><img src="cid:chart@x">', subtype="html")
    html = message.get_payload()[1]
    html.add_related(PNG, "image", "png", cid="<chart@x>")
    message.add_attachment(b"%PDF-1.7", "application", "pdf", filename="report.pdf")
    return message


def send(host: str, port: int, message: EmailMessage, *recipients: str) -> None:
    with smtplib.SMTP(host, port, timeout=10) as client:
        client.send_message(message, to_addrs=recipients)


def test_each_recipient_gets_a_message_and_a_page_that_shows_offline(tmp_path):
    with receiving_smtp(tmp_path) as (host, port):
        send(host, port, mail("director@example.com"), "director@example.com")
        send(host, port, mail("team@example.com"), "team@example.com")
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "01-director@example.com.eml",
        "01-director@example.com.html",
        "02-team@example.com.eml",
        "02-team@example.com.html",
    ]
    page = (tmp_path / "02-team@example.com.html").read_text(encoding="utf-8")
    assert 'src="data:image/png;base64,iVBORw0KGgog' in page
    assert "cid:" not in page
    assert "Verfügbarkeit" in page
    assert b"report.pdf" in (tmp_path / "01-director@example.com.eml").read_bytes()


def test_the_numbers_go_on_in_a_folder_that_holds_mail_already(tmp_path):
    for _ in range(2):
        with receiving_smtp(tmp_path) as (host, port):
            send(host, port, mail("a@example.com"), "a@example.com")
    assert (tmp_path / "02-a@example.com.html").is_file()


@pytest.mark.parametrize(
    "recipient",
    ["../../etc/passwd@x", "a/b@example.com", "..", ".hidden@x", "x" * 300 + "@y", "Ünï\x00@x"],
)
def test_a_hostile_recipient_stays_in_the_folder(recipient, tmp_path):
    name = safe_name(recipient)
    assert (tmp_path / f"01-{name}.eml").resolve().parent == tmp_path
    assert not name.startswith(".")
    assert 0 < len(name) <= 80
    assert name.isascii()


def test_a_hostile_recipient_is_kept_under_a_harmless_name(tmp_path):
    inside = tmp_path / "mails"
    with receiving_smtp(inside) as (host, port), smtplib.SMTP(host, port, timeout=10) as client:
        client.sendmail("a@example.com", '"../../x"@example.com', b"Subject: hello\r\n\r\nwords")
    assert [one.parent for one in tmp_path.rglob("*.eml")] == [inside]


def test_a_mail_without_html_shows_its_plain_text_escaped():
    page = readable_page(b"Subject: x\r\n\r\n1 < 2 & <script>alert(1)</script>\r\n")
    assert "1 &lt; 2 &amp; &lt;script&gt;" in page


def test_an_unknown_content_id_stays_as_it_is():
    page = readable_page(b'Content-Type: text/html\r\n\r\n<img src="cid:none">\r\n')
    assert 'src="cid:none"' in page


def test_nothing_is_left_running_while_a_conversation_was_open(tmp_path):
    before = threading.active_count()
    with receiving_smtp(tmp_path) as address:
        visitor = socket.create_connection(address, timeout=5)
        visitor.recv(100)
    with visitor:
        assert threading.active_count() == before
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(address, timeout=5)
