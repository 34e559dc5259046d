"""The first hour of a stranger: from nothing to a PDF by the commands that init itself prints."""

import re
import shlex
from pathlib import Path

import pytest
from pypdf import PdfReader
from support.command import slo_reports

from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.shop import demo_shop
from slo_reports.demo.storage import prepare

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def demo():
    """The demo's Prometheus, for whose month no definition has been written yet."""
    tools = find_tools()
    data = prepare(demo_shop(), tools)
    with running_prometheus(tools.prometheus, data.blocks) as url:
        yield url


def printed_commands(text):
    """What init says to do next: the commands, without what is said beside them."""
    found = re.findall(r"(?m)^  ((?:cd|slo-reports) .*)$", text)
    return [shlex.split(one, comments=True) for one in found]


def test_a_first_pdf_takes_four_commands_at_most(demo, tmp_path):
    done = slo_reports("init", "shop", "--url", demo, "--yes", cwd=tmp_path, TZ="Europe/Berlin")
    assert (done.returncode, done.stderr) == (0, "")
    (change, doctor, preview, run) = printed_commands(done.stdout)
    assert change == ["cd", "shop"]
    assert preview[1:3] == ["preview", "monthly"]
    assert 1 + len([change, doctor, preview]) <= 4

    shop = tmp_path / "shop"
    told = slo_reports(*doctor[1:], cwd=shop)
    assert told.returncode == 12  # the demo's newest data are of October
    assert "✓ answers: Prometheus" in told.stdout
    assert "✓ read the definitions: 17 objectives of twelve services" in told.stdout
    shown = slo_reports(*preview[1:], "--no-open", cwd=shop)
    assert (shown.returncode, shown.stderr) == (0, "")
    (pdf,) = re.findall(r"written (\S+\.pdf)", shown.stdout)
    words = PdfReader(pdf).pages[0].extract_text()
    assert "October 2026" in words
    for service in ("checkout", "payments", "search"):
        assert service in words

    filed = slo_reports(*run[1:], cwd=shop)
    assert filed.returncode == 0
    assert sorted(one.suffix for one in (shop / "reports").rglob("monthly_*")) == [
        ".html", ".json", ".pdf", ".sha256",
    ]  # fmt: skip


def test_what_init_saw_of_the_prometheus_is_said_in_words(demo, tmp_path):
    said = slo_reports("init", "x", "--url", demo, "-y", cwd=tmp_path, TZ="Europe/Berlin").stdout
    assert f"answers at {demo}" in said
    reach = r"its data go from \S+ \S+ to (\S+ \S+), and nothing is newer"
    assert "2026-10-31 23:50" < re.search(reach, said)[1] < "2026-11-01 00:10"
    assert "it scrapes every 60 s" in said
    assert "it scrapes twelve jobs" in said
    assert "services found by their metrics" in said


def test_a_server_that_is_none_or_away_is_said_and_nothing_is_written(demo, tmp_path):
    away = slo_reports("init", "x", "--url", "http://127.0.0.1:9", "-y", cwd=tmp_path)
    assert away.returncode == 4
    assert "could not be reached" in away.stderr
    assert "--offline" in away.stderr
    other = slo_reports("init", "x", "--url", f"{demo}/graph", "-y", cwd=tmp_path)
    assert other.returncode == 4
    assert not (tmp_path / "x").exists()


def test_definitions_that_are_there_are_taken_over(demo, tmp_path):
    specs = Path(__file__).parents[1] / "definitions" / "specs" / "sloth"
    words = ["init", "x", "--url", demo, "--definitions", specs / "getting-started.yml", "-y"]
    done = slo_reports(*words, cwd=tmp_path)
    assert done.returncode == 0
    (file,) = (tmp_path / "x" / "definitions").iterdir()
    assert file.read_text().startswith("# yaml-language-server: $schema=../schemas/")
    assert slo_reports("validate", cwd=tmp_path / "x").returncode == 0
