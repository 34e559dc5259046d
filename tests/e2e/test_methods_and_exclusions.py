"""Methods, gauges, templates and exclusions as a person uses them, on a real Prometheus."""

import json

import pytest
from support.command import slo_reports
from support.shop import shop_prometheus, write_config

pytestmark = pytest.mark.e2e

PERIOD = ["--period", "2026-10-19..2026-10-21"]
HEAD = (
    "apiVersion: slo.dev/v1\nkind: ServiceLevelObjective\nmetadata: {name: %s, namespace: more}\n"
)
MORE = {
    "hours": "{service: checkout, owner: Team checkout, template: api-availability, filters: "
    "{job: checkout}, method: timeslices, slice_target: 99, slice_window: 1h}",
    "mean": "{service: checkout, owner: Team checkout, template: api-availability, filters: "
    "{job: checkout}, method: ratio timeslices}",
    "up": "{service: checkout, owner: Team checkout, indicator: {type: gauge, metric: up, filters: "
    "{job: checkout}, good: '== 1'}, objectives: [{window: 30d, target: 99}]}",
}
EXCLUSIONS = """
exclusions:
  - {from: 2026-10-19 00:00, to: 2026-10-20 00:00, reason: Moved house, author: Ada,
     kind: adjustment, approved_by: Grace, services: [checkout]}
"""


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with shop_prometheus(tmp_path_factory.mktemp("shop")) as url:
        yield url


@pytest.fixture(scope="module")
def results(prometheus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    settings = write_config(folder, prometheus)
    settings.write_text(settings.read_text() + EXCLUSIONS)
    for name, spec in MORE.items():
        (folder / "definitions" / f"{name}.yaml").write_text(f"{HEAD % name}spec: {spec}\n")
    done = slo_reports("run", "shop", *PERIOD, "--dry-run", "--output", "here", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(next((folder / "here").glob("*.json")).read_text())
    return {one["slo"]["id"]: one for each in report["services"] for one in each["results"]}


def test_an_excluded_day_leaves_half_of_two_days(results):
    (exclusion,) = results["shop/checkout-availability"]["exclusions"]
    assert (exclusion["reason"], exclusion["approved_by"]) == ("Moved house", "Grace")
    assert results["shop/checkout-availability"]["before_exclusions"]["sli"] is not None
    assert results["shop/search-availability"]["exclusions"] == []
    assert results["shop/search-availability"]["before_exclusions"] is None
    assert results["more/hours"]["valid"] == 24
    assert results["more/mean"]["valid"] == 288
    assert results["more/up"]["valid"] == 2 * 24 * 60  # two targets, scraped once a minute


def test_each_number_has_its_method_and_unit(results):
    named = {name: (one["method"], one["unit"]) for name, one in results.items()}
    assert named["shop/checkout-availability"] == ("occurrences", "events")
    assert named["more/hours"] == ("timeslices", "slices of 1 hour")
    assert named["more/mean"] == ("ratio timeslices", "slices of 5 minutes")
    assert named["more/up"] == ("occurrences", "samples")


def test_the_templates_are_listed(tmp_path):
    listed = slo_reports("templates", cwd=tmp_path).stdout
    assert "batch-freshness" in listed
    plain = json.loads(slo_reports("templates", "--json", cwd=tmp_path).stdout)
    assert {one["type"] for one in plain} == {"api", "web", "batch", "streaming"}
