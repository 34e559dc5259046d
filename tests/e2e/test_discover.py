"""The command as a person runs it: on the demo's Prometheus, it finds the whole shop."""

import json
import re

import pytest
from support.command import slo_reports
from support.shop import shop_prometheus, write_config

from slo_reports.definitions.loading import load_definitions
from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.shop import SERVICES, ZONE, demo_shop
from slo_reports.demo.storage import prepare

pytestmark = pytest.mark.e2e

AT = ["--at", "2026-11-01T00:00+01:00"]


@pytest.fixture(scope="module")
def demo():
    tools = find_tools()
    data = prepare(demo_shop(), tools)
    truth = json.loads(data.truth.read_text(encoding="utf-8"))
    with running_prometheus(tools.prometheus, data.blocks) as url:
        yield url, truth


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    with shop_prometheus(tmp_path_factory.mktemp("shop")) as url:
        yield url


def settings(folder, url):
    """Settings that name a folder of definitions."""
    (folder / "slo_reports.yaml").write_text(
        f"version: 1\ntimezone: {ZONE}\nstate: state\ndefinitions: [definitions]\n"
        f"source: {{url: '{url}'}}\ndestinations: {{}}\n"
        "reports: [{name: all, title: All, destinations: []}]\n",
        encoding="utf-8",
    )


def test_every_service_of_the_demo_gets_a_sensible_type_and_target_and_a_file_that_validates(
    demo, tmp_path
):
    url, truth = demo
    settings(tmp_path, url)
    done = slo_reports("discover", *AT, "--output", "definitions", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    found = {one["service"]: one for one in told["services"]}
    assert set(found) == {one.name for one in SERVICES}
    kinds = {name for name, one in found.items() if one["type"] == "batch"}
    assert kinds == {"stock-sync"}
    checked = slo_reports("validate", cwd=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "17 objectives of 12 services" in checked.stdout
    assert_true(found, truth)


def assert_true(found, truth):
    """Last month's counts are the truth's, and no target that it missed is told without that."""
    sampled = {one["slo"]: one["reported"]["sampled"] for one in truth["objectives"]}
    for service in found.values():
        for one in service["objectives"]:
            month = one["observed"]["month"]
            if one["template"] in ("api-availability", "batch-success"):
                known = sampled[f"shop/{one['slo'].partition('/')[2]}"]
                assert (month["good"], month["valid"]) == (known["good"], known["valid"])
            missed = month["sli"] is not None and month["sli"] * 100 < one["target_percent"]
            said = any("October 2026 had" in reason for reason in one["reasons"])
            assert said or not missed, one["slo"]


def test_the_odd_ones_are_said_to_be_odd(demo, tmp_path):
    url, _ = demo
    done = slo_reports("discover", "--url", url, "--at", "2026-11-01", cwd=tmp_path)
    lines = done.stdout.split("\n")
    reasons = {
        line.split()[0]: lines[number + 1].strip()
        for number, line in enumerate(lines)
        if re.match(r"[a-z0-9-]+  ", line)
    }
    assert reasons["b2b-export"] == "usual for its tier; no requests were seen"
    assert reasons["newsletter"].endswith("data for only 91.21 % of October 2026")
    assert reasons["recommendations"].endswith("data only since 16 Oct 2026")
    assert reasons["checkout"].startswith("usual for its tier, but October 2026 missed it")
    assert "--output DIR writes the files" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_was_missed_can_be_proposed_in_steps(demo, tmp_path):
    url, _ = demo
    words = ["--url", url, "--service", "check*", "--progressive", "--output", "out"]
    done = slo_reports("discover", *words, "--at", "2026-11-01", cwd=tmp_path)
    assert "99.5 % → 99.9 % → 99.95 %" in done.stdout
    availability, latency = load_definitions([tmp_path / "out"])
    assert [str(one.target) for one in availability.objectives[0].phases] == [
        "0.995",
        "0.999",
        "0.9995",
    ]
    assert latency.objectives[0].phases == ()


def test_what_is_defined_already_is_left_out_and_files_of_people_stay(small, tmp_path):
    write_config(tmp_path, small, services=("checkout",))
    words = ["discover", "--at", "2026-10-21", "--weeks", "1", "--output", "definitions"]
    first = slo_reports(*words, cwd=tmp_path)
    assert first.returncode == 0
    assert re.search(
        r"left out: checkout \(api\): shop/checkout-availability \(.*checkout\.yaml:1\) measures",
        first.stdout,
    )
    assert sorted(one.name for one in (tmp_path / "definitions").iterdir()) == [
        "checkout.yaml",
        "orders.yaml",
        "search.yaml",
    ]
    written = (tmp_path / "definitions" / "orders.yaml").read_text()
    again = slo_reports(*words, cwd=tmp_path)
    assert "nothing new to propose" in again.stdout
    renewed = slo_reports(*words, "--force", "--tier", "critical", cwd=tmp_path)
    assert "written: definitions/orders.yaml" in renewed.stdout
    assert "Tier critical: it was asked for" in (tmp_path / "definitions/orders.yaml").read_text()
    assert (tmp_path / "definitions" / "orders.yaml").read_text() != written
    assert "metadata: {name: checkout" in (tmp_path / "definitions/checkout.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--url", "http://127.0.0.1:9"], 4, "could not be reached"),
        (["--url", "nonsense"], 2, "is no web address"),
        (["--url", "http://a", "--config", "b"], 2, "exclude each other"),
        (["--url", "http://a", "--at", "2999-01-01"], 2, "lies in the future"),
        (["--url", "http://a", "--at", "soon"], 2, "is no instant"),
        (["--url", "http://a", "--weeks", "0"], 2, "--weeks"),
        ([], 3, "no settings file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_a_code(tmp_path, words, code, said):
    done = slo_reports("discover", *words, cwd=tmp_path, COLUMNS="300")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_a_glob_that_nothing_fits_is_an_error_of_the_source(small, tmp_path):
    words = ["--url", small, "--at", "2026-10-21", "--service", "nix*"]
    done = slo_reports("discover", *words, cwd=tmp_path)
    assert done.returncode == 4
    assert "no service whose name fits nix* was found" in done.stderr
