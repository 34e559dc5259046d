"""The doctor as a person calls it: real servers, some of them sick."""

from __future__ import annotations

import json
import ssl
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from support import remote_write
from support.command import slo_reports
from support.mail_server import PASSWORD, USER, Mailbox, check_password, mail_server
from support.shop import write_config

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Certificate:
    """A server's for 127.0.0.1, and the authority that clients must be given."""

    server: ssl.SSLContext
    ca: Path


@pytest.fixture
def certificate(tmp_path_factory):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return Certificate(context, path)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """An hour of two jobs, up to this minute."""
    with remote_write.prometheus_that_receives(tmp_path_factory.mktemp("live")) as url:
        times = [time.time() - 60 * minute for minute in range(59, -1, -1)]
        remote_write.write(
            url,
            *(
                remote_write.series(
                    {"__name__": name, "job": job}, samples=[(at, 1) for at in times]
                )
                for name in ("up", "http_requests_total")
                for job in ("checkout", "search")
            ),
        )
        yield url


def doctor(folder, *words, **environment):
    return slo_reports("doctor", *words, cwd=folder, **environment)


def test_a_healthy_world_ends_with_0_and_is_left_as_it_was(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        write_config(tmp_path, prometheus, mailbox.port)
        before = sorted(tmp_path.rglob("*"))
        done = doctor(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "✗" not in done.stdout
    assert "  ✓ clock: as ours\n" in done.stdout
    assert "  ✓ series: all 2 that definitions ask for\n" in done.stdout
    assert "  ✓ a PDF: " in done.stdout
    assert "\nDestination people (mail)\n  ✓ reach" in done.stdout
    assert done.stdout.splitlines()[-1].endswith(", 0 to mend")
    assert "\x1b" not in done.stdout
    assert sorted(tmp_path.rglob("*")) == before
    assert mailbox.envelopes == []


def test_a_sick_world_ends_with_12_and_every_sickness_is_named(prometheus, tmp_path, certificate):
    with mail_server(Mailbox(), tls=certificate.server, authenticator=check_password) as mailbox:
        path = write_config(tmp_path, prometheus, mailbox.port, services=("checkout", "nobody"))
        login = f"security: tls, ca: {certificate.ca}, username: {USER}, password: env:SMTP"
        text = path.read_text().replace("security: none", login)
        path.write_text(text.replace("state: state", "state: /proc/state"))
        (tmp_path / "share").rmdir()
        done = doctor(tmp_path, SMTP=PASSWORD + "x")
    assert (done.returncode, done.stderr) == (12, "")
    for words in (
        '✗ series of shop/nobody-availability: nothing matches http_requests_total{job="nobody"}',
        "✗ write and sync a file: /proc: ",
        "✗ reach and log in to archive: ",
        "✗ log in at the mail server of people: ",
    ):
        assert f"  {words}" in done.stdout
    assert f"refused the login of {USER}" in done.stdout
    assert PASSWORD not in done.stdout
    assert done.stdout.count("\n    → ") >= 4


def test_json_is_json_and_nothing_else(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    done = doctor(tmp_path, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 12
    assert {"place", "what", "fine", "seen", "mend"} == set(found[0])
    sick = [(one["place"], one["what"]) for one in found if one["fine"] is False]
    assert sick == [
        ("Prometheus http://127.0.0.1:9", "answers"),
        ("Destination people (mail)", "reach the mail server of people"),
    ]


def test_definitions_that_are_wrong_do_not_keep_the_servers_from_being_reached(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "definitions" / "checkout.yaml").write_text("apiVersion: slo.dev/v1\nknid: x\n")
    done = doctor(tmp_path)
    assert done.returncode == 12
    assert "  ✗ read the definitions: " in done.stdout
    assert "slo-reports validate names them all" in done.stdout
    assert "\nState folder " in done.stdout


def test_settings_that_are_wrong_are_told_as_everywhere(tmp_path):
    path = write_config(tmp_path, "http://127.0.0.1:9")
    path.write_text(path.read_text().replace("timeout", "timeuot"))
    done = doctor(tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "did you mean 'timeout'" in done.stderr
