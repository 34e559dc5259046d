"""`collect` and the daily collection, as a person and a clock run them."""

import json
import shutil
import signal
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from support.command import command, slo_reports
from support.shop import shop_prometheus, write_config
from support.tsdb import prometheus_with

from slo_reports.daily import collect_once_a_day
from slo_reports.definitions.loading import load_everything
from slo_reports.due import Failure
from slo_reports.errors import SourceUnavailable
from slo_reports.history import History
from slo_reports.job import Quiet, World

pytestmark = pytest.mark.e2e

SPAN = ["--from", "2026-10-18", "--to", "2026-10-21"]
PERIOD = ["--period", "2026-10-19..2026-10-21"]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with shop_prometheus(tmp_path_factory.mktemp("shop")) as url:
        yield url


def days(folder):
    return sorted({"-".join(one.parts[-4:-1]) for one in folder.rglob("*.parquet")})


def test_collect_keeps_what_is_missing_and_asks_once(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    first = slo_reports("collect", *SPAN, cwd=tmp_path)
    second = slo_reports("collect", *SPAN, cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == "".join(f"2026-10-{day}: kept 2 objectives\n" for day in (18, 19, 20))
    assert second.stdout == "nothing is missing from 2026-10-18 to 2026-10-20\n"
    assert days(tmp_path / "state" / "history") == ["2026-10-18", "2026-10-19", "2026-10-20"]


def test_collect_tells_machines_and_cron(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    quiet = slo_reports("collect", *SPAN, "--quiet", cwd=tmp_path)
    told = json.loads(slo_reports("collect", *SPAN, "--json", cwd=tmp_path).stdout)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert [(one["day"], one["kept"], one["known"]) for one in told] == [
        ("2026-10-18", 0, 2),
        ("2026-10-19", 0, 2),
        ("2026-10-20", 0, 2),
    ]


def test_days_that_the_source_has_nothing_of_are_told(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    done = slo_reports("collect", "--from", "2026-09-01", "--to", "2026-09-04", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "the source has nothing of 3 days, the last 2026-09-03\n"


def test_collect_for_one_report_takes_its_objectives_only(prometheus, tmp_path):
    settings = write_config(tmp_path, prometheus)
    text = settings.read_text().replace("trend: 1", "trend: 1\n    select: {services: [search]}")
    settings.write_text(text)
    done = slo_reports("collect", *SPAN, "--report", "shop", cwd=tmp_path)
    assert done.stdout.startswith("2026-10-18: kept 1 objective\n")


def test_what_cannot_be_measured_is_said_and_the_rest_is_kept(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    broken = (tmp_path / "definitions" / "search.yaml").read_text()
    indicator = "type: ratio\n    good: sum(rate($window\n    valid: sum(up[$window])\n"
    head, tail = broken.split("type: ratio")
    objectives = tail[tail.index("  objectives") :]
    (tmp_path / "definitions" / "search.yaml").write_text(head + indicator + objectives)
    done = slo_reports("collect", *SPAN, cwd=tmp_path)
    assert done.returncode == 9
    assert "2026-10-19: kept 1 objective\n" in done.stdout
    assert "not measured: shop/search-availability: the source refused a query" in done.stderr


def test_a_source_that_is_down_is_one_sentence(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    done = slo_reports("collect", *SPAN, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (4, "")
    assert "could not be reached" in done.stderr


def test_dates_the_wrong_way_round_are_wrong_usage(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    done = slo_reports("collect", "--from", "2026-10-21", "--to", "2026-10-19", cwd=tmp_path)
    assert done.returncode == 2
    assert "--to must be later than --from" in done.stderr


def test_collect_killed_after_a_day_goes_on_with_the_next(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    with subprocess.Popen(
        command("collect", "--from", "2026-10-18", "--to", "2026-11-20"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "2026-10-18: kept 2 objectives\n"
        process.kill()
        process.wait(30)
    assert process.returncode == -signal.SIGKILL
    there = days(tmp_path / "state" / "history")
    done = json.loads(slo_reports("collect", *SPAN, "--json", cwd=tmp_path).stdout)
    assert there[0] == "2026-10-18"
    assert [one["day"] for one in done if not one["kept"]] == there
    assert days(tmp_path / "state" / "history") == ["2026-10-18", "2026-10-19", "2026-10-20"]


def measured(result):
    return [
        (one["slo"]["id"], one["outcome"], one["budget"], one["coverage"])
        for service in result["services"]
        for one in service["results"]
    ]


def test_a_report_past_the_retention_is_made_from_the_history(prometheus, tmp_path):
    settings = write_config(tmp_path, prometheus)
    now = slo_reports("run", "shop", *PERIOD, "--dry-run", "--json", cwd=tmp_path)
    slo_reports("collect", *SPAN, cwd=tmp_path)
    recent = {'up{job="other"}': [(1793500000 + 60 * n, 1) for n in range(600)]}
    with prometheus_with(recent, tmp_path) as other:
        settings.write_text(settings.read_text().replace(prometheus, other))
        later = slo_reports("run", "shop", *PERIOD, "--dry-run", "--json", cwd=tmp_path)
    now, later = (json.loads(one.stdout)["result"] for one in (now, later))
    assert measured(now) == measured(later)
    assert [one["name"] for one in now["provenance"]] == ["Prometheus"]
    history = later["provenance"][1]
    assert history["name"] == "History"
    assert history["used_for"].startswith("3 days, collected ")


def test_a_dry_run_leaves_no_history(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    slo_reports("run", "shop", *PERIOD, "--dry-run", cwd=tmp_path)
    assert not (tmp_path / "state").exists()


def test_a_damaged_day_stops_the_report_and_names_the_file(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    slo_reports("collect", *SPAN, cwd=tmp_path)
    damaged = next((tmp_path / "state" / "history").rglob("19/*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:100])
    done = slo_reports("run", "shop", *PERIOD, "--dry-run", cwd=tmp_path)
    assert done.returncode == 11
    assert str(damaged.relative_to(tmp_path)) in done.stderr


@pytest.fixture
def daily(prometheus, tmp_path):
    """The daily collection at an instant; the days that the history then has."""
    settings, slos = load_everything(write_config(tmp_path, prometheus))
    settings.state.mkdir()

    def at(now, results=()):
        history = History(settings.history_url, settle=settings.settle)
        world = World(settings, slos, lambda: now, Quiet(), history=history)
        assert collect_once_a_day(world, results) == ()
        return days(settings.state / "history")

    return at


MORNING = datetime(2026, 10, 20, 3, 30, tzinfo=UTC)


def test_the_daily_collection_waits_for_its_time_and_runs_once(daily, tmp_path):
    assert daily(MORNING - timedelta(minutes=1)) == []
    assert daily(MORNING) == ["2026-10-18", "2026-10-19"]
    shutil.rmtree(tmp_path / "state" / "history")
    assert daily(MORNING + timedelta(hours=20)) == []
    assert daily(MORNING + timedelta(days=1)) == ["2026-10-18", "2026-10-19", "2026-10-20"]


def test_a_source_that_just_failed_a_report_is_left_alone(daily):
    failed = Failure("shop", "2026-09", SourceUnavailable("down"))
    assert daily(MORNING, [failed]) == []
    assert daily(MORNING) == ["2026-10-18", "2026-10-19"]


def test_run_due_collects_and_says_nothing_of_it(prometheus, tmp_path):
    settings = write_config(tmp_path, prometheus)
    text = settings.read_text().replace("state: state", 'state: state\ncollect_at: "00:00"')
    settings.write_text(text.replace("[archive, people]", "[archive]"))
    slo_reports("run-due", cwd=tmp_path)
    assert (tmp_path / "state" / "collected").read_text().count("-") == 2
    done = slo_reports("run-due", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
