"""What a person sees and decides, by the command line, of deliveries that did not arrive."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from support.command import slo_reports
from support.mail_server import Mailbox, mail_server
from support.shop import shop_prometheus, write_config

pytestmark = pytest.mark.e2e

PERIOD = ["--period", "2026-10-19..2026-10-21"]
KEY = "2026-10-19..2026-10-21"
REFUSED = {"two@example.com": "550 5.1.1 nobody here"}


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with shop_prometheus(tmp_path_factory.mktemp("shop")) as url:
        yield url


@pytest.fixture
def refused(prometheus, tmp_path):
    """A report on request that arrived everywhere but at one address, and its mail server."""
    with mail_server(Mailbox(refusals=dict(REFUSED))) as mailbox:
        settings = write_config(tmp_path, prometheus, mailbox.port)
        settings.write_text(settings.read_text().replace("    schedule: {every: month}\n", ""))
        assert slo_reports("run", "shop", *PERIOD, cwd=tmp_path).returncode == 6
        mailbox.refusals.clear()
        yield mailbox


@pytest.mark.usefixtures("refused")
def test_status_says_what_waits_and_what_to_do(tmp_path):
    shown = slo_reports("status", cwd=tmp_path)
    assert shown.returncode == 0
    assert re.search(r"✗ shop 2026-10-19\S+ r1 to two@example.com .*rejected; .*550", shown.stdout)
    assert f"slo-reports resend shop --period {KEY}" in shown.stdout
    assert slo_reports("status", "--check", cwd=tmp_path).returncode == 12
    (told,) = json.loads(slo_reports("status", "--json", cwd=tmp_path).stdout)
    assert (told["well"], told["held"][0]["recipient"]) == (False, "two@example.com")


def test_resend_sends_what_waits_and_nothing_else(refused, tmp_path):
    sent = slo_reports("resend", "shop", *PERIOD, "--by", "Ada", cwd=tmp_path)
    assert (sent.returncode, sent.stdout.count("✓")) == (0, 1)
    assert len(refused.messages("two@example.com")) == 1
    assert len(refused.messages("one@example.com")) == 1
    assert slo_reports("status", "--check", cwd=tmp_path).stdout == "all is well\n"
    told = slo_reports("history", "shop", *PERIOD, cwd=tmp_path).stdout
    assert re.search(r"rejected: .*\n.*pending: sent again by Ada\n.*sending\n.*delivered", told)
    again = slo_reports("resend", "shop", *PERIOD, cwd=tmp_path)
    assert again.returncode == 3
    assert "no delivery of shop" in again.stderr
    assert "one@example.com (delivered)" in again.stderr


def test_resend_to_somebody_sends_the_identical_bytes_again(refused, tmp_path):
    sent = slo_reports("resend", "shop", *PERIOD, "--to", "one@example.com", cwd=tmp_path)
    assert sent.stdout.count("✓") == 1
    first, second = [one.content for one in refused.envelopes if "one" in one.rcpt_tos[0]]
    assert first == second


@pytest.mark.usefixtures("refused")
def test_what_is_marked_as_delivered_is_not_tried_or_told_any_more(tmp_path):
    words = ["--by", "Ada", "--reason", "asked on the phone"]
    marked = slo_reports("mark-delivered", "shop", *PERIOD, *words, cwd=tmp_path)
    assert marked.stdout == (f"shop {KEY} r1 to two@example.com (people): on record as delivered\n")
    assert slo_reports("status", "--check", cwd=tmp_path).returncode == 0
    assert "nothing new to deliver" in slo_reports("run", "shop", *PERIOD, cwd=tmp_path).stdout
    told = json.loads(slo_reports("history", "--json", cwd=tmp_path).stdout)
    (word,) = [one for one in told[0]["deliveries"] if one["recipient"] == "two@example.com"]
    assert word["detail"] == "arrived on the word of Ada: asked on the phone"


def test_a_test_mail_is_marked_and_blocks_nothing(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        write_config(tmp_path, prometheus, mailbox.port)
        for _ in range(2):
            words = ["test-send", "shop", "--to", "me@example.com", *PERIOD]
            assert slo_reports(*words, cwd=tmp_path).returncode == 0
        assert not (tmp_path / "state").exists()
        real = slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
    tests = mailbox.messages("me@example.com")
    assert [str(one["Subject"])[:6] for one in tests] == 2 * ["[TEST]"]
    assert len({one["Message-ID"] for one in tests}) == 2
    assert real.stdout.count("✓") == 7
    assert not any("[TEST]" in one["Subject"] for one in mailbox.messages("one@example.com"))


def test_what_fell_due_and_cannot_be_made_can_be_skipped(prometheus, tmp_path):
    settings = write_config(tmp_path, prometheus)
    text = settings.read_text().replace("    trend: 1", "    trend: 1\n    start_from: 2026-08-01")
    settings.write_text(text)
    assert slo_reports("run-due", cwd=tmp_path).returncode != 0
    seen = slo_reports("status", "--check", cwd=tmp_path)
    assert "✗ not made yet: 2026-08" in seen.stdout
    assert "retention" in seen.stdout
    words = ["--period", "2026-08", "--reason", "not open yet", "--by", "Ada"]
    assert slo_reports("skip", "shop", *words, cwd=tmp_path).returncode == 0
    assert slo_reports("skip", "shop", *words, cwd=tmp_path).returncode == 3
    assert "2026-08" not in slo_reports("status", cwd=tmp_path).stdout
    told = slo_reports("history", "shop", cwd=tmp_path).stdout
    assert "shop 2026-08 r1: left out: skipped by Ada: not open yet" in told


@pytest.mark.usefixtures("refused")
def test_the_archive_page_lists_what_is_filed_and_can_be_made_anew(tmp_path):
    page = tmp_path / "share" / "index.html"
    written = page.read_text()
    assert f"shop/2026/shop_{KEY}.html" in written
    page.unlink()
    assert slo_reports("archive", cwd=tmp_path).returncode == 0
    assert page.read_text() == written


@pytest.mark.parametrize("words", [["run", "shop", *PERIOD], ["resend", "shop", *PERIOD]])
def test_a_signal_finishes_the_mail_under_way_and_leaves_the_rest(prometheus, tmp_path, words):
    with mail_server(Mailbox(refusals=dict.fromkeys(REFUSED, "451 later"))) as mailbox:
        write_config(tmp_path, prometheus, mailbox.port)
        if words[0] == "resend":
            mailbox.refusals = dict.fromkeys(
                (f"{one}@example.com" for one in ("one", "two", "three")), "550 no"
            )
            slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
        mailbox.refusals.clear()
        mailbox.thinks = 3
        process = subprocess.Popen(
            [sys.executable, "-m", "slo_reports", *words], cwd=tmp_path, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + 60
        while not mailbox.thinking and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 128 + signal.SIGTERM
        assert len(mailbox.messages()) == 1
        mailbox.thinks = 0
        (told,) = json.loads(slo_reports("history", "--json", cwd=tmp_path).stdout)
        states = sorted(one["state"] for one in told["deliveries"] if "@" in one["recipient"])
        assert states == ["delivered", "pending", "pending"]
        assert slo_reports("run", "shop", *PERIOD, cwd=tmp_path).returncode == 0
    assert len(mailbox.messages()) == 3
