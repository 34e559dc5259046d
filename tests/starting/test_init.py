"""The folder that init writes: valid, whole or not at all, and never over anything."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest
import yaml
from jsonschema import Draft202012Validator
from support.command import command, slo_reports

from slo_reports.definitions.loading import load_everything
from slo_reports.errors import ConfigurationError
from slo_reports.starting.placing import place

OFFLINE = ["init", "shop", "--offline", "--yes"]


def files(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_what_is_written_without_a_prometheus_is_valid_at_once(tmp_path):
    done = slo_reports(*OFFLINE, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    shop = tmp_path / "shop"
    assert files(shop) == [
        ".gitignore",
        "definitions/example.yaml",
        "schemas/definition.schema.json",
        "schemas/settings.schema.json",
        "slo_reports.yaml",
    ]
    settings, slos = load_everything(shop / "slo_reports.yaml")
    assert settings.timezone == "America/New_York"
    assert settings.destinations["files"].path.is_dir()
    assert [slo.id for slo in slos] == ["example/example-availability"]
    assert "$EDITOR definitions/example.yaml" in done.stdout
    assert "valid: 1 report, 1 objective of 1 service\n" in slo_reports("validate", cwd=shop).stdout


@pytest.mark.parametrize(
    ("words", "mail"),
    [
        ((), None),
        (("--smtp", "mail.example.com"), ("mail.example.com", 587, "starttls")),
        (("--smtp", "mail.example.com:465"), ("mail.example.com", 465, "tls")),
        (("--smtp", "127.0.0.1:2525"), ("127.0.0.1", 2525, "none")),
    ],
)
def test_options_are_written_and_read_back(words, mail, tmp_path):
    to = ["--mail-to", "a@example.com", "--mail-to", "b@example.com"] if mail else []
    title = 'Shop: "the" best # one'
    words = [*OFFLINE, "--title", title, "--timezone", "Asia/Kathmandu", *to, *words]
    assert slo_reports(*words, cwd=tmp_path).returncode == 0
    settings, _ = load_everything(tmp_path / "shop" / "slo_reports.yaml")
    (report,) = settings.reports
    assert (report.title, settings.timezone) == (title, "Asia/Kathmandu")
    assert report.destinations == (["files", "mail"] if mail else ["files"])
    if mail:
        told = settings.destinations["mail"]
        assert told.recipients == ["a@example.com", "b@example.com"]
        assert told.sender == "slo-reports@example.com"
        assert (told.server.host, told.server.port, told.server.security) == mail


def test_secrets_are_named_and_never_asked_for(tmp_path):
    words = [
        "--user",
        "prom",
        "--mail-to",
        "a@b.example",
        "--smtp",
        "m.example",
        "--smtp-user",
        "u",
    ]
    slo_reports(*OFFLINE, *words, cwd=tmp_path)
    settings, _ = load_everything(tmp_path / "shop" / "slo_reports.yaml")
    assert settings.source.basic_auth.password.reference == "env:PROMETHEUS_PASSWORD"
    assert settings.destinations["mail"].server.password.reference == "env:SMTP_PASSWORD"


def test_editors_find_schemas_that_take_the_files_and_no_others(tmp_path):
    slo_reports(*OFFLINE, cwd=tmp_path)
    shop = tmp_path / "shop"
    for name in ("slo_reports.yaml", "definitions/example.yaml"):
        text = (shop / name).read_text()
        (where,) = re.findall(r"(?m)^# yaml-language-server: \$schema=(\S+)$", text)
        schema = json.loads(((shop / name).parent / where).read_text())
        data = yaml.safe_load(text)
        assert list(Draft202012Validator(schema).iter_errors(data)) == []
        assert list(Draft202012Validator(schema).iter_errors(data | {"objectvies": 1}))


def test_nothing_that_is_there_is_replaced_unless_it_is_said(tmp_path):
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "slo_reports.yaml").write_text("mine")
    done = slo_reports(*OFFLINE, cwd=tmp_path)
    assert done.returncode == 3
    assert "is there already; nothing was written" in done.stderr
    assert files(shop) == ["slo_reports.yaml"]
    (shop / "slo_reports.yaml").rename(shop / "notes.txt")
    assert slo_reports(*OFFLINE, cwd=tmp_path).returncode == 0
    assert (shop / "notes.txt").read_text() == "mine"
    (shop / "slo_reports.yaml").write_text("mine")
    assert slo_reports(*OFFLINE, "--force", cwd=tmp_path).returncode == 0
    assert (shop / "slo_reports.yaml").read_text() != "mine"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--url", "localhost:9090"), "url: a URL begins with http:// or https://"),
        (("--timezone", "Mars/Olympus"), "'Mars/Olympus' is no IANA time zone"),
        (("--bearer-token", "abc"), "secrets are never written here"),
        (("--share", "nowhere"), "--share nowhere is no folder that is there"),
        (("--definitions", "nowhere"), "nowhere does not exist"),
    ],
)
def test_a_wrong_answer_is_one_sentence_and_nothing_is_written(words, told, tmp_path):
    done = slo_reports(*OFFLINE, *words, cwd=tmp_path)
    assert done.returncode == 3
    assert told in done.stderr
    assert not (tmp_path / "shop").exists()


class Broken(dict):
    """Files that break off after the second, as Ctrl-C would."""

    def items(self):
        for number, item in enumerate(super().items()):
            if number == 2:
                raise KeyboardInterrupt
            yield item


def test_what_is_broken_off_leaves_nothing_behind(tmp_path):
    names = dict.fromkeys(map(tmp_path.__class__, ("a/b.yaml", "c.yaml", "d.yaml")), "text")
    with pytest.raises(KeyboardInterrupt):
        place(tmp_path / "new" / "shop", Broken(names), force=False, inner=None)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "shop").write_text("a file")
    with pytest.raises(ConfigurationError, match="could not write"):
        place(tmp_path / "shop", {tmp_path.__class__("a.yaml"): ""}, force=True, inner=None)
    assert (tmp_path / "shop").read_text() == "a file"


def answered(words, answers, cwd):
    """A person at a terminal, who answers each question as it comes."""
    screen, theirs = pty.openpty()
    with subprocess.Popen(
        command(*words), cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        said, left, deadline = "", list(answers), time.monotonic() + 60
        while time.monotonic() < deadline:
            if not select.select([screen], [], [], 1)[0]:
                continue
            try:
                said += os.read(screen, 4096).decode()
            except OSError:  # it has ended
                break
            if left and re.search(r"[\]?]:\s*$", said):
                answer = left.pop(0)
                if answer is None:
                    process.send_signal(signal.SIGINT)
                else:
                    os.write(screen, answer.encode() + b"\n")
                    said += "\n"
    os.close(screen)
    return process.returncode, said


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_on_a_terminal_it_asks_and_takes_the_answers(tmp_path):
    answers = ["http://127.0.0.1:9", "Europe/Vienna", "y", "Our shop", "me@example.com", ""]
    code, said = answered(["init", "shop"], answers, tmp_path)
    assert code == 0, said
    assert "could not be reached" in said
    settings, _ = load_everything(tmp_path / "shop" / "slo_reports.yaml")
    assert settings.timezone == "Europe/Vienna"
    assert settings.reports[0].title == "Our shop"
    assert settings.destinations["mail"].recipients == ["me@example.com"]


@pytest.mark.parametrize("answers", [["http://127.0.0.1:9", None], ["http://127.0.0.1:9", "", "n"]])
def test_whoever_breaks_off_finds_nothing_written(answers, tmp_path):
    code, _ = answered(["init", "shop"], answers, tmp_path)
    assert code == (130 if None in answers else 4)
    assert not (tmp_path / "shop").exists()
