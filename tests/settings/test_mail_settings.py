"""The settings of mail: what goes together, and what is never sent in the clear."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from slo_reports.errors import ConfigurationError
from slo_reports.settings.destinations import MailDestination
from slo_reports.settings.loading import load_settings
from slo_reports.settings.mail import is_local

HEAD = """\
version: 1
definitions: [slos]
source: {url: "http://localhost:9090"}
reports: [{name: monthly, title: Monthly, destinations: [board]}]
destinations:
  board:
    kind: mail
    sender: a@example.com
    recipients: [b@example.com]
"""
SERVER = "    server: {host: smtp.example.com}\n"
ARCHIVE = """\
    archive:
      address: archive@example.com
      host: imap.example.com
      username: archive
      token: file:imap-token
"""


def load(folder: Path, text: str) -> MailDestination:
    path = folder / "settings.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    board = load_settings(path).destinations["board"]
    assert isinstance(board, MailDestination)
    return board


def said_of(folder: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text)
    (problem,) = caught.value.problems
    return f"{problem.line}: {problem.message}"


def test_the_defaults(tmp_path):
    board = load(tmp_path, SERVER)
    assert (board.server.port, board.server.security) == (587, "starttls")
    assert (board.when_uncertain, board.archive) == ("resend", None)
    assert board.max_size == 10_000_000


def test_an_archive_and_its_defaults(tmp_path):
    board = load(tmp_path, SERVER + ARCHIVE + "    when_uncertain: verify\n")
    archive = board.archive
    assert archive is not None
    assert (archive.port, archive.security, archive.folder) == (993, "tls", "INBOX")
    assert archive.wait == timedelta(minutes=10)
    assert archive.token is not None
    assert archive.token.reference == f"file:{tmp_path}/imap-token"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            SERVER + "    when_uncertain: verify\n",
            "11: when_uncertain: verify needs archive: the mailbox that gets a blind copy",
        ),
        (
            "    when_uncertain: verify\n" + SERVER,
            "10: when_uncertain: verify needs archive: the mailbox that gets a blind copy",
        ),
        (
            SERVER + ARCHIVE + "    when_uncertain: hold\n",
            "6: board: archive is looked into with when_uncertain: verify only; set that, too",
        ),
        (
            SERVER + "    when_uncertain: verfy\n",
            "11: destinations.board.when_uncertain must be resend, verify or hold, not 'verfy'",
        ),
        (
            SERVER + ARCHIVE.replace("      username: archive\n", ""),
            "11: archive: username and password belong together, or username and token",
        ),
        (
            SERVER + ARCHIVE.replace("      username: archive\n      token: file:imap-token\n", ""),
            "11: archive needs username, and password or token: it is read over IMAP",
        ),
        (
            SERVER.replace("}", ", username: a, password: env:P, token: env:T}"),
            "10: server: password and token exclude each other: give one",
        ),
        (
            SERVER.replace("}", ", token: eyJhbGciOi}"),
            "10: token: secrets are never written here; refer to one as env:NAME or file:",
        ),
        (
            SERVER.replace("}", ", security: none}"),
            "10: server: security: none sends reports in the clear, and smtp.example.com is not",
        ),
        (
            SERVER.replace("}", ", security: none, username: a, password: env:P}"),
            "10: server: a password or token is never sent over a network in the clear",
        ),
        (
            SERVER.replace("}", ", security: none, allow_clear: true, username: a, token: env:P}"),
            "10: server: a password or token is never sent over a network in the clear",
        ),
        (
            SERVER.replace("}", ", allow_clear: true}"),
            "10: server: allow_clear goes with security: none",
        ),
        (
            SERVER + "    unsubscribe: https://example.com/leave\n",
            "11: unsubscribe: mail programs post to an https address with one click, so it must",
        ),
        (
            SERVER + "    unsubscribe: mailto:a@example.com?subject={who}\n",
            "11: unsubscribe: {who} stands for nothing; there are {recipient} and {report}",
        ),
        (
            SERVER + "    unsubscribe: http://example.com/{recipient}\n",
            "11: unsubscribe: write mailto:… or https://…, at most 400 plain letters",
        ),
        (
            SERVER + '    unsubscribe: "mailto:a@example.com>\\r\\nBcc: b@example.com"\n',
            "11: unsubscribe: write mailto:… or https://…, at most 400 plain letters",
        ),
        (
            SERVER + "    max_size: 10kB\n",
            "11: destinations.board.max_size must be at least 200000, not 10kB",
        ),
        (SERVER + "    bounces_to: nobody\n", "11: bounces_to: 'nobody' is no mail address"),
    ],
)
def test_what_does_not_go_together_is_said_at_its_line(tmp_path, text, said):
    assert said_of(tmp_path, text).startswith(said)


def test_a_password_in_the_clear_may_go_to_this_machine(tmp_path):
    server = SERVER.replace("smtp.example.com", "localhost").replace(
        "}", ", security: none, username: a, password: env:P}"
    )
    assert load(tmp_path, server).server.username == "a"


def test_reports_in_the_clear_over_a_network_need_a_word(tmp_path):
    server = SERVER.replace("}", ", security: none, allow_clear: true}")
    assert load(tmp_path, server).server.allow_clear


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
        ("127.0.0.1.example.com", False),
        ("0.0.0.0", False),
    ],
)
def test_what_is_this_machine(host, local):
    assert is_local(host) is local
