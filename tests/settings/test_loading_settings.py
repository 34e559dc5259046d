"""The settings file: what is read, and what is said of mistakes."""

from __future__ import annotations

import os
import re
from datetime import date, time, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.errors import ConfigurationError
from slo_reports.settings.destinations import MailDestination, ShareDestination
from slo_reports.settings.loading import load_settings
from slo_reports.settings.schema import Settings

GOOD = """\
version: 1
timezone: Europe/Berlin
definitions: [slos, /etc/slos]
source:
  url: http://localhost:9090
destinations:
  books: {kind: share, path: out}
  directors:
    kind: mail
    sender: a@example.com
    recipients: [b@example.com]
    server: {host: localhost, username: a, password: "file:secrets/smtp"}
reports:
  - name: monthly
    title: Monthly
    destinations: [books]
"""
JARGON = re.compile(r"Input should|Extra inputs|Field required|Value error|https://errors|pydantic")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.yaml"
    path.write_text(GOOD)
    return path


def said_of(path: Path, text: str) -> list[str]:
    """The problems of a file with this text, as ``line: message``."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    assert not JARGON.search(str(caught.value))
    assert {one.path for one in caught.value.problems} <= {path}
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


def swapped(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_good_file_is_read(file: Path) -> None:
    settings = load_settings(file)
    assert settings.timezone == "Europe/Berlin"
    assert settings.source.timeout == timedelta(seconds=30)


def test_relative_paths_begin_at_the_files_folder(file: Path) -> None:
    settings = load_settings(file)
    books, directors = settings.destinations["books"], settings.destinations["directors"]
    assert isinstance(books, ShareDestination)
    assert isinstance(directors, MailDestination)
    assert settings.state == file.parent / "state"
    assert settings.definitions == [file.parent / "slos", Path("/etc/slos")]
    assert books.path == file.parent / "out"
    assert directors.server.password is not None
    assert directors.server.password.reference == f"file:{file.parent}/secrets/smtp"


def test_times_and_dates_are_read_as_written(file: Path) -> None:
    schedule = "    schedule: {every: week, at: 16:30}\n    start_from: 2026-10-01\n"
    file.write_text(GOOD + schedule)
    report = load_settings(file).reports[0]
    assert report.schedule is not None
    assert (report.schedule.at, report.start_from) == (time(16, 30), date(2026, 10, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("timezone: E", "timezon: E", "2: unknown key 'timezon' at the top level; did you mean"),
        ("version: 1", "version: 2", "1: version must be 1, not 2"),
        ("version: 1", "version: yes", "1: version must be a number, not yes (which YAML reads"),
        ("version: 1", "", "2: 'version' is missing"),
        ("Europe/Berlin", "Europe/Berln", "2: timezone: 'Europe/Berln' is no IANA time zone; did "),
        (
            "[slos, /etc/slos]",
            "slos",
            "3: definitions must be a list: one `- item` a line, not 'sl",
        ),
        ("[slos, /etc/slos]", "[]", "3: definitions must not be empty"),
        ("[slos, /etc/slos]", "", "3: definitions must be a list: one `- item` a line, not empty"),
        ("http://localhost:9090", "localhost", "5: url: a URL begins with http:// or https://"),
        ("http://l", "http://u:hunter2@l", "5: url: credentials never stand in a URL"),
        (
            "kind: share",
            "kind: shore",
            "7: destinations.books.kind must be mail, share, slack, teams or webhook, not 'sh",
        ),
        ("kind: share, ", "", "7: 'kind' is missing in destinations.books"),
        ("path: out", "path: out, lnk: x", "7: unknown key 'lnk' in destinations.books; did you"),
        ("path: out", "path: out, sender: x", "7: the key 'sender' does not go with share in des"),
        ("a@example.com", "a", "10: sender: 'a' is no mail address"),
        ("[b@example.com]", "[]", "11: destinations.directors.recipients must not be empty"),
        ("username: a, ", "", "12: server: username and password belong together"),
        ('"file:secrets/smtp"', "hunter2", "12: password: secrets are never written here; refer"),
        ("localhost, u", "no, u", "12: destinations.directors.server.host must be text, not no (w"),
        ("host: l", "port: 99999, host: l", "12: destinations.directors.server.port must be at mo"),
        ("host: l", "port: x, host: l", "12: destinations.directors.server.port must be a whole "),
        ("host: l", "security: tsl, host: l", "12: destinations.directors.server.security must b"),
        ("name: monthly", "name: Monthly", "14: name: 'Monthly' must be small letters"),
        ("title: Monthly", "title: 2026", "15: reports[0].title must be text, not 2026; write it "),
        ("title: M", "period: monht\n    title: M", "15: reports[0].period must be month, week, "),
        ("[books]", "[boks]", "16: no destination is named 'boks'; did you mean 'books'?"),
        (
            "[books]",
            "[directors]\n    formats: [html]",
            "16: 'directors' attaches pdf, which this ",
        ),
        ("[books]", "[x]", "16: no destination is named 'x'; there is books or directors"),
    ],
)
def test_one_mistake_is_one_sentence_at_its_line(file: Path, old: str, new: str, said: str) -> None:
    problems = said_of(file, swapped(old, new))
    assert len(problems) == 1
    assert problems[0].startswith(said)
    assert "hunter2" not in problems[0]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("timeout: 30", "timeout: '30' is no duration; write a number with a unit, such as 500ms"),
        ("timeout: 0s", "timeout: '0s' is no usable duration"),
        ("timeout: 99999999999999999999w", "is no usable duration"),
        ("slice: 7m", "slice must divide 15 minutes"),
        ("retries: yes", "source.retries must be a number, not yes (which YAML reads as true)"),
        ("max_response: huge", "max_response: this is no size; write a whole number with a unit"),
        ("headers: {X-Scope-OrgID: 12345}", "source.headers.X-Scope-OrgID must be text"),
        ("bearer_token: hunter2", "bearer_token: secrets are never written here"),
        ("tls: {key: a}", "tls: certificate and key belong together"),
        ("basic_auth: {username: a, password: env:P}\n  bearer_token: env:T", "exclude each other"),
    ],
)
def test_the_source_is_checked(file: Path, lines: str, said: str) -> None:
    (problem,) = said_of(file, swapped("source:\n", f"source:\n  {lines}\n"))
    assert said in problem
    assert not re.search("hunter2|12345", problem)


def test_every_problem_is_told_at_once(file: Path) -> None:
    text = swapped("version", "verson").replace("[books]", "[boks]").replace("Europe", "Erope")
    problems = said_of(file, text + "reports: 5\n")
    assert [one.split(":")[0] for one in problems] == ["1", "2", "16", "17"]


def test_a_misspelt_key_is_not_also_missing(file: Path) -> None:
    assert said_of(file, swapped("definitions", "definitons")) == [
        "3: unknown key 'definitons' at the top level; did you mean 'definitions'?"
    ]


def test_two_reports_of_one_name_are_told_apart(file: Path) -> None:
    second = "  - {name: monthly, title: Again}\n"
    assert said_of(file, GOOD + second) == [
        "17: two reports are named 'monthly': line 14 has the name already"
    ]


def test_a_second_document_is_refused(file: Path) -> None:
    assert said_of(file, GOOD + "---\nversion: 1\n")[0].startswith("18: settings are one document")


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_an_empty_file_is_named(file: Path, text: str) -> None:
    assert said_of(file, text) == ["1: the file is empty; settings begin with 'version: 1'"]


def test_a_file_of_something_else_is_named(file: Path) -> None:
    assert said_of(file, "- a\n") == [
        "1: the file must be a mapping: one `key: value` a line, not a list"
    ]


def test_a_missing_file_a_folder_and_a_locked_file_get_a_sentence_each(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no settings file"):
        load_settings(tmp_path / "none.yaml")
    with pytest.raises(ConfigurationError, match="is a folder; name the settings file in it"):
        load_settings(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="could not be read: Not a directory"):
        load_settings(tmp_path / "file" / "x.yaml")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_gets_a_sentence(file: Path) -> None:
    file.chmod(0)
    with pytest.raises(ConfigurationError, match="could not be read: Permission denied"):
        load_settings(file)


_SCALARS = st.sampled_from(
    [
        "1",
        "yes",
        "no",
        "~",
        "x",
        "99.9",
        "''",
        "16:30",
        "2026-02-30",
        "*a",
        "&a b",
        "!!int x",
        "30s",
    ]
) | st.text(max_size=8)
_KEYS = st.sampled_from([*Settings.model_fields, "<<", "name", "kind", "url", "x"])
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(_KEYS, inner, max_size=4).map(
            lambda pairs: "{" + ", ".join(f"{key}: {one}" for key, one in pairs.items()) + "}"
        )
    ),
    max_leaves=12,
)
_FILES = st.lists(st.tuples(_KEYS, _VALUES), max_size=6).map(
    lambda lines: "".join(f"{key}: {value}\n" for key, value in lines)
)


@given(text=_FILES | st.text() | _VALUES.map(lambda value: dedent(GOOD) + f"footer: {value}\n"))
def test_no_text_brings_anything_but_a_configuration_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigurationError, match=r"any\.yaml:\d+: ") as caught:
        load_settings(path)
    assert not JARGON.search(str(caught.value))


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("", "{folder}/state/history"),
        ("state: /var/lib/slo\n", "/var/lib/slo/history"),
        ("history: kept\n", "{folder}/kept"),
        ("history: /var/kept\n", "/var/kept"),
        ("history: s3://bucket/kept\n", "s3://bucket/kept"),
        ("history: memory://kept\n", "memory://kept"),
    ],
)
def test_the_history_lies_in_the_state_folder_or_where_it_is_told(
    file: Path, written: str, place: str
) -> None:
    file.write_text(written + GOOD)
    assert load_settings(file).history_url == place.format(folder=file.parent)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("history: s3://key:secret@bucket/kept", "credentials never stand in a URL"),
        ('history: ""', "this is no place"),
        ("settle: 3", "no duration"),
        ("collect_at: 25:00", "no time of day"),
    ],
)
def test_a_wrong_history_is_said_at_its_line(file: Path, written: str, words: str) -> None:
    (said,) = said_of(file, f"{written}\n{GOOD}")
    assert said.startswith("1: ")
    assert words in said
    assert "secret" not in said
