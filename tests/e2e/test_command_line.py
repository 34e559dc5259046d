"""The command as a person runs it: a real Prometheus, a real SMTP server, a real folder."""

import email
import json
import os
import re
import signal
import subprocess
import sys
import time
from email.policy import default

import pytest
from support.command import slo_reports
from support.mail_server import Mailbox, mail_server
from support.shop import DEFINITION, shop_prometheus, write_config

pytestmark = pytest.mark.e2e

PERIOD = ["--period", "2026-10-19..2026-10-21"]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with shop_prometheus(tmp_path_factory.mktemp("shop")) as url:
        yield url


def files(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_a_report_is_made_filed_and_mailed_once(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        write_config(tmp_path, prometheus, mailbox.port)
        first = slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
        filed = files(tmp_path / "share")
        second = slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    assert filed == ["index.html"] + [
        f"shop/2026/shop_2026-10-19..2026-10-21.{form}"
        for form in ("html", "json", "pdf", "sha256")
    ]
    assert len(mailbox.messages()) == 3
    assert first.stdout.count("✓") == 7
    assert second.returncode == 0
    assert "nothing new to deliver" in second.stdout
    assert files(tmp_path / "share") == filed


def test_the_mail_carries_every_number_and_the_filed_pdf(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        write_config(tmp_path, prometheus, mailbox.port)
        slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
        (raw,) = (one.content for one in mailbox.envelopes if one.rcpt_tos == ["one@example.com"])
    message = email.message_from_bytes(raw, policy=default)
    report = json.loads(next((tmp_path / "share").rglob("*.json")).read_text())
    text = message.get_body(("plain",)).get_content()
    for service in report["services"]:
        assert service["name"] in text
    (attached,) = message.iter_attachments()
    assert attached.get_content() == next((tmp_path / "share").rglob("*.pdf")).read_bytes()
    assert "https://reports.example.com/shop/2026/" in text


def test_one_refused_recipient_leaves_the_rest_delivered_and_is_tried_again(prometheus, tmp_path):
    with mail_server(Mailbox(refusals={"two@example.com": "550 5.1.1 nobody here"})) as mailbox:
        write_config(tmp_path, prometheus, mailbox.port)
        first = slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
        mailbox.refusals.clear()
        second = slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
    assert first.returncode == 6
    assert re.search(
        r"✗ people: two@example\.com: rejected; .*550 5\.1\.1 nobody here", first.stdout
    )
    assert first.stdout.count("✓") == 6
    assert second.returncode == 0
    assert second.stdout.count("✓") == 1
    assert [one.rcpt_tos[0] for one in mailbox.envelopes] == [
        "one@example.com",
        "three@example.com",
        "two@example.com",
    ]


def test_a_share_that_is_gone_stops_no_mail_and_is_caught_up(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        write_config(tmp_path, prometheus, mailbox.port)
        (tmp_path / "share").rmdir()
        first = slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
        (tmp_path / "share").mkdir()
        second = slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
    assert first.returncode == 6
    assert "is the share mounted?" in first.stdout
    assert first.stdout.count("✓") == 3
    assert (second.returncode, second.stdout.count("✓")) == (0, 4)
    assert len(mailbox.messages()) == 3


def test_a_dry_run_delivers_and_records_nothing(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    done = slo_reports("run", "shop", *PERIOD, "--dry-run", "--output", "here", cwd=tmp_path)
    assert done.returncode == 0
    assert "nothing was delivered or recorded" in done.stdout
    assert re.search(r"shop/checkout-availability +99\.9\s%", done.stdout)
    assert len(files(tmp_path / "here")) == 3
    assert not (tmp_path / "state").exists()
    assert files(tmp_path / "share") == []


def test_json_output_is_json_and_nothing_else(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        write_config(tmp_path, prometheus, mailbox.port)
        done = slo_reports("run", "shop", *PERIOD, "--json", cwd=tmp_path)
    result = json.loads(done.stdout)
    assert (result["made"], result["new_deliveries"], result["exit_code"]) == (True, 7, 0)
    assert {one["state"] for one in result["deliveries"]} == {"delivered"}


def test_a_definition_that_matches_nothing_is_a_row_with_its_reason(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        write_config(tmp_path, prometheus, mailbox.port, services=("checkout", "nobody"))
        done = slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
    assert done.returncode == 9
    assert "! not measured: shop/nobody-availability: no series matched" in done.stdout
    assert len(mailbox.messages()) == 3


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("127.0.0.1", "127.0.0.2"), 4, "could not be reached"),
        (("url: http", "url: https"), 4, "could not be reached"),
        (("retries: 0", "retries: 0\n  max_response: 10"), 4, "max_response"),
        (("name: shop", "nmae: shop"), 3, "did you mean 'name'"),
        (("title: Shop", "title: Shop\n    period: mnoth"), 3, "did you mean 'month'"),
    ],
)
def test_wrong_settings_are_one_sentence_and_a_code(prometheus, tmp_path, change, code, words):
    settings = write_config(tmp_path, prometheus)
    settings.write_text(settings.read_text().replace(*change))
    done = slo_reports("run", "shop", *PERIOD, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.rglob("*.pdf"))


def test_all_problems_of_all_files_are_named_at_once(tmp_path):
    settings = write_config(tmp_path, "http://127.0.0.1:9")
    settings.write_text(settings.read_text().replace("timeout", "timeuot"))
    broken = DEFINITION.format(service="pay").replace("objectives", "objectivs")
    (tmp_path / "definitions" / "pay.yaml").write_text(broken)
    percent = DEFINITION.format(service="cart").replace("99.9", "0.999")
    (tmp_path / "definitions" / "cart.yaml").write_text(percent)
    done = slo_reports("validate", cwd=tmp_path)
    assert done.returncode == 3
    assert re.search(r"slo_reports\.yaml:8: .*did you mean 'timeout'", done.stderr)
    assert re.search(r"pay\.yaml:12: .*did you mean 'objectives'", done.stderr)
    assert re.search(r"cart\.yaml:12: .*0\.999.*99\.9", done.stderr)


def test_what_the_tiers_say_is_a_remark_and_no_problem(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    text = DEFINITION.format(service="pay").replace("  indicator", "  tier: critical\n  indicator")
    (tmp_path / "definitions" / "pay.yaml").write_text(text)
    done = slo_reports("validate", cwd=tmp_path)
    assert done.returncode == 0
    assert re.search(r"pay\.yaml:\d+: remark: .*is softer than the tier's", done.stdout)
    told = json.loads(slo_reports("validate", "--json", cwd=tmp_path).stdout)
    assert [set(one) for one in told] == [{"path", "line", "remark"}]


def test_an_unknown_report_names_the_nearest(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    done = slo_reports("run", "shpo", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        3,
        "slo-reports: no report is named 'shpo'; did you mean 'shop'?\n",
    )


@pytest.mark.parametrize("period", ["2026-13", "yesterday", "2026-10-21..2026-10-19", "2030-01"])
def test_a_period_that_is_none_is_wrong_usage(prometheus, tmp_path, period):
    write_config(tmp_path, prometheus)
    done = slo_reports("run", "shop", "--period", period, cwd=tmp_path)
    assert done.returncode == 2
    assert period[:4] in done.stderr


def test_no_settings_file_says_where_one_may_lie(tmp_path):
    done = slo_reports("plan", cwd=tmp_path)
    assert done.returncode == 3
    assert "config/slo_reports.yaml" in done.stderr


def test_run_due_is_silent_when_nothing_is_due_and_loud_when_the_source_is_down(tmp_path):
    settings = write_config(tmp_path, "http://127.0.0.1:9")
    due = slo_reports("run-due", cwd=tmp_path)
    assert due.returncode == 4
    assert "it stays due and is tried again" in due.stderr
    quiet = settings.read_text().replace("    schedule: {every: month}\n", "")
    settings.write_text(quiet)
    done = slo_reports("run-due", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_a_source_that_is_down_keeps_from_the_record_is_late_all_the_same(tmp_path):
    settings = write_config(tmp_path, "http://127.0.0.1:9")
    text = settings.read_text().replace("    trend: 1", "    trend: 1\n    start_from: 2026-08-01")
    settings.write_text(text)
    assert slo_reports("run-due", cwd=tmp_path).returncode == 4
    seen = slo_reports("status", "--check", cwd=tmp_path)
    assert seen.returncode == 12
    assert "✗ not made yet: 2026-08, due since 2026-09-01 04:00 UTC" in seen.stdout


def test_the_plan_says_what_is_due_and_what_comes_next(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    done = slo_reports("plan", "--json", cwd=tmp_path)
    (row,) = json.loads(done.stdout)
    assert (row["report"], len(row["due"])) == ("shop", 1)
    assert row["next"] > row["due"][0]
    assert not (tmp_path / "state").exists()


def test_a_second_process_waits_its_turn(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    from slo_reports.ledger import Ledger  # noqa: PLC0415  # as another process would hold it

    with Ledger.open(tmp_path / "state") as ledger, ledger.lock():
        done = slo_reports("run", "shop", cwd=tmp_path)
    assert done.returncode == 8
    assert str(os.getpid()) in done.stderr


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_scheduler_does_what_is_due_at_once_and_stops_when_asked(tmp_path, stop):
    write_config(tmp_path, "http://127.0.0.1:9")
    with subprocess.Popen(
        [sys.executable, "-m", "slo_reports", "schedule"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "keeping time for shop\n"
        assert "it stays due and is tried again" in process.stderr.readline()
        time.sleep(0.3)  # until it waits for the next tick
        process.send_signal(stop)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "stopped\n", "")


@pytest.mark.parametrize("what", ["settings", "definition", "policy"])
def test_the_schemas_for_editors_are_printed(tmp_path, what):
    done = slo_reports("schema", what, cwd=tmp_path)
    assert json.loads(done.stdout)["$schema"].startswith("https://json-schema.org/")


def test_help_names_the_commands_and_the_exit_codes(tmp_path):
    done = slo_reports("--help", cwd=tmp_path, COLUMNS="200")
    for word in ("run", "run-due", "schedule", "plan", "validate", "demo", "Exit codes"):
        assert word in done.stdout
