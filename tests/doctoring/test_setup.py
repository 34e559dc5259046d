"""What people wrote, as the doctor sees it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.webhook_server import SECRET_PATH, Webhook, webhook_server

from slo_reports.errors import ConfigurationError

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CHAT = ("destinations:\n", "destinations:\n  room: {kind: slack, url: env:ROOM}\n")
TOKEN = ("retries: 0", "retries: 0\n  bearer_token: env:TOKEN\n  headers: {X-Org: file:gone}")


def test_secrets_that_are_missing_are_named_with_their_place_and_without_a_value(
    world, look, monkeypatch, tmp_path
):
    monkeypatch.setenv("TOKEN", "very secret")
    monkeypatch.setenv("ROOM", " ")
    found = look(world("http://127.0.0.1:9", CHAT, TOKEN), "Settings")
    assert {what: one.is_fine for what, one in found.items()} == {
        "read the secret of destinations.room.url": False,
        "read the secret of source.headers.X-Org": False,
    }
    empty, gone = (found[what] for what in sorted(found))
    assert empty.seen == "env:ROOM is empty"
    assert f"file:{tmp_path}/gone" in gone.seen
    assert "also in its timer" in gone.mend


def test_secrets_that_are_there_are_counted(world, look, monkeypatch):
    monkeypatch.setenv("ROOM", "https://hooks.example.com/x")
    found = look(world("http://127.0.0.1:9", CHAT), "Settings")
    assert [(one.is_fine, one.seen) for one in found.values()] == [(True, "one secret")]


def test_each_report_says_what_it_covers_and_when_it_is_due(world, look):
    found = look(world(now=NOW), "Definitions")
    assert found["read the definitions"].seen == "two objectives of two services"
    assert found["report shop"].seen == (
        "two objectives, next 2026-11 on Tue 2026-12-01 06:00 (Europe/Berlin), to archive, people"
    )
    assert all(one.is_fine for one in found.values())


def test_a_report_that_goes_nowhere_asks_for_an_eye(world, look):
    here = world("http://127.0.0.1:9", ("    destinations: [archive, people]\n", ""), now=NOW)
    check = look(here, "Definitions")["report shop"]
    assert check.is_fine is None
    assert "it goes nowhere" in check.seen


def test_definitions_that_are_wrong_are_told_and_the_rest_is_looked_at(world, look):
    fault = ConfigurationError("\n".join(f"slo.yaml:{n}: wrong" for n in range(1, 6)))
    here = world()
    check = look(here, "Definitions", fault=fault)["read the definitions"]
    assert check.is_fine is False
    assert check.seen.endswith("slo.yaml:3: wrong; and 2 more")
    assert check.mend == "slo-reports validate names them all"
    assert look(here, "State folder", fault=fault)


def test_incident_files_that_are_wrong_are_told(world, look, tmp_path):
    (tmp_path / "incidents.yaml").write_text("incidents: [{strat: 2026-10-01 10:00}]\n")
    here = world(
        "http://127.0.0.1:9", ("definitions: [d", "incidents: [incidents.yaml]\ndefinitions: [d")
    )
    check = look(here, "Definitions")["read the incident files"]
    assert check.is_fine is False
    assert "incidents.yaml:1:" in check.seen


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{% if %}", "report.html.j2:1:"),
        ("{{ nobody.knows }}", "'nobody' is undefined"),
    ],
)
def test_a_template_that_is_wrong_is_named_with_its_line(world, look, tmp_path, template, words):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "report.html.j2").write_text(template)
    here = world(
        "http://127.0.0.1:9",
        ("definitions: [d", "templates: mine\ndefinitions: [d"),
    )
    found = look(here, "Documents")
    assert list(found) == ["templates"]
    assert found["templates"].is_fine is False
    assert words in found["templates"].seen


@pytest.mark.slow
def test_a_pdf_is_made(world, look):
    found = look(world(pdf=True), "Documents")
    assert found["a PDF"].is_fine is True
    assert " kB in " in found["a PDF"].seen
    assert found["templates"].is_fine is True


def test_destinations_and_operations_are_examined_and_get_nothing(
    world, look, monkeypatch, tmp_path
):
    with webhook_server(Webhook()) as webhook:
        monkeypatch.setenv("ROOM", webhook.url)
        textfile = tmp_path / "slo.prom"
        operations = f"operations: {{ping: {{url: env:ROOM}}, metrics: {{textfile: {textfile}}}}}\n"
        here = world("http://127.0.0.1:9", CHAT, ("version: 1\n", f"version: 1\n{operations}"))
        share, mail = look(here, "Destination archive"), look(here, "Destination people")
        room, told = look(here, "Destination room (slack)"), look(here, "Operations")
    assert [one.is_fine for one in (*share.values(), *mail.values())] == [True, True, False]
    assert [one.is_fine for one in room.values()] == [None]
    assert [one.is_fine for one in told.values()] == [True, True]
    assert {(one.method, one.path) for one in webhook.requests} == {("HEAD", "/")}
    assert not textfile.exists()
    assert SECRET_PATH not in repr((room, told))
