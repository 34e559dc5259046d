"""What the archive mailbox is asked, and answers that no real server can be made to give."""

from __future__ import annotations

import base64
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.deliver.archive import ArchiveMailbox, modified_utf7, quoted
from slo_reports.errors import DeliveryError
from slo_reports.settings.mail import Archive
from slo_reports.settings.values import Secret

SECRET = 'pass "word" \\'


@contextmanager
def imap_server(answers: dict[str, Callable[[str], str]]) -> Iterator[tuple[int, list[str]]]:
    """Answers each command by its first words; yields its port and what it hears."""
    heard: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection, connection.makefile("rb") as lines:
                    connection.sendall(b"* OK ready\r\n")
                    for line in lines:
                        tag, _, command = line.decode().strip().partition(" ")
                        heard.append(command)
                        answer = next(
                            (made(tag) for words, made in answers.items() if words in command),
                            f"{tag} OK done\r\n",
                        )
                        connection.sendall(answer.encode())
                        if not answer:
                            return

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield listener.getsockname()[1], heard
        finally:
            listener.close()
            thread.join(5)


CAPABLE = {"CAPABILITY": lambda tag: f"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}
OPENED = {"EXAMINE": lambda tag: f"* 3 EXISTS\r\n{tag} OK [READ-ONLY] done\r\n"}
FOUND = {"SEARCH": lambda tag: f"* SEARCH 7 9\r\n{tag} OK done\r\n"}


def mailbox(port: int, monkeypatch: pytest.MonkeyPatch) -> ArchiveMailbox:
    monkeypatch.setenv("IMAP_PASSWORD", SECRET)
    return ArchiveMailbox(
        Archive(
            address="archive@example.com",
            host="127.0.0.1",
            port=port,
            security="none",
            username='a "b"',
            password=Secret("env:IMAP_PASSWORD"),
            timeout=timedelta(seconds=5),
        )
    )


def test_a_server_without_plain_is_given_a_login_that_is_quoted(monkeypatch):
    dated = {
        "FETCH": lambda tag: (
            f'* 2 FETCH (UID 7 INTERNALDATE " 2-Nov-2026 06:00:01 +0100")\r\n{tag} OK done\r\n'
        )
    }
    with imap_server(CAPABLE | OPENED | FOUND | dated) as (port, heard):
        box = mailbox(port, monkeypatch)
        assert box.received("<a@example.com>") == datetime(2026, 11, 2, 5, 0, 1, tzinfo=UTC)
        box.close()
    assert heard[1:] == [
        r'LOGIN "a \"b\"" "pass \"word\" \\"',
        'EXAMINE "INBOX"',
        'UID SEARCH HEADER Message-ID "<a@example.com>"',
        "UID FETCH 7 (INTERNALDATE)",
        "LOGOUT",
    ]


def test_a_server_that_repeats_the_password_does_not_get_it_into_the_error(monkeypatch):
    echo = {"LOGIN": lambda tag: f"{tag} NO no such password: {SECRET}\r\n"}
    with imap_server(CAPABLE | echo) as (port, _), pytest.raises(DeliveryError) as caught:
        mailbox(port, monkeypatch).open()
    assert "refused the login of" in str(caught.value)
    assert "***" in str(caught.value)
    assert "word" not in str(caught.value).replace("password", "")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"SEARCH": lambda tag: f"{tag} NO not now\r\n"}, "refused to search: not now"),
        ({"SEARCH": lambda _: ""}, "broke off the search for a copy"),
        ({"SEARCH": lambda _: "* BYE shutting down\r\n"}, "broke off the search for a copy"),
        (FOUND | {"FETCH": lambda tag: f"* 2 FETCH (UID 7)\r\n{tag} OK done\r\n"}, "no date in"),
    ],
)
def test_an_archive_that_does_not_answer_leaves_it_unknown(answers, said, monkeypatch):
    with imap_server(CAPABLE | OPENED | answers) as (port, _):
        box = mailbox(port, monkeypatch)
        with pytest.raises(DeliveryError, match=re.escape(said)) as caught:
            box.received("<a@example.com>")
        box.close()
    assert caught.value.retryable
    assert f"the archive 127.0.0.1:{port}" in str(caught.value)


def test_what_is_no_imap_server_is_named(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def greet() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(b"220 mail.example.com ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(DeliveryError, match="does not speak IMAP as it should") as caught:
            mailbox(port, monkeypatch).open()
        thread.join(5)
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", "INBOX"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # RFC 3501, 5.1.3
        ("Mail & more", "Mail &- more"),
        ("Entwürfe", "Entw&APw-rfe"),
    ],
)
def test_folders_are_named_as_imap_names_them(name, written):
    assert modified_utf7(name) == written


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_folder_name_comes_back_and_cannot_break_the_line(name):
    written = modified_utf7(name)
    assert re.fullmatch(r"[\x20-\x7e]*", written)

    def unshifted(found: re.Match[str]) -> str:
        text = found[1].replace(",", "/")
        padded = text + "=" * (-len(text) % 4)
        return base64.b64decode(padded).decode("utf-16-be") if text else "&"

    assert re.sub("&([^-]*)-", unshifted, written) == name


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_a_quoted_string_ends_where_it_should(text):
    inside = re.fullmatch(r'"((?:[^"\\]|\\["\\])*)"', quoted(text))
    assert inside is not None
    assert re.sub(r'\\(["\\])', r"\1", inside[1]) == text
