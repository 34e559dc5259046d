"""The dashboards on the demo's Prometheus: every query of every panel and variable has data.

The server holds what it would have recorded in October, had it evaluated the rules; variables are
resolved and queries filled as Grafana does it.
"""

import math
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from support.grafana import Prometheus, answers, read, resolved
from support.recorded import Past, record

from slo_reports.definitions.loading import load_definitions
from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.shop import demo_shop
from slo_reports.demo.storage import prepare
from slo_reports.generate.dashboard import boards
from slo_reports.generate.rules import RecordingRule, Surroundings
from slo_reports.generated import make_rules
from slo_reports.promql import duration

pytestmark = pytest.mark.e2e

DEFINITIONS = Path(__file__).parent.parent.parent / "config" / "demo" / "definitions"
SLOS = load_definitions([DEFINITIONS])
END = demo_shop().month.end
NO_TRAFFIC = "shop/b2b-export-availability"
QUIET_NOW = "shop/stock-sync-success"
"""A job that runs every quarter of an hour: nothing in the last five minutes of the month."""
STILL_KNOWN = {"Target", "target", "Alerts firing", "valid", "bad"}
"""What is known of an objective that nobody used."""
BURNING = "Burn rate, and where alerts fire"


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    tools = find_tools()
    samples = prepare(demo_shop(), tools).blocks
    around = Surroundings(END.date(), {one.id: one for one in SLOS})
    rules = [
        rule
        for _, one in make_rules(SLOS, around, "ours")
        for group in one.groups
        for rule in group.rules
        if isinstance(rule, RecordingRule)
    ]
    blocks = tmp_path_factory.mktemp("recorded") / "blocks"
    past = Past(END, base=timedelta(days=30), rest=timedelta(hours=12))
    record(rules, samples, blocks, tools, past)
    client = httpx.Client(trust_env=False, timeout=120)
    with running_prometheus(tools.prometheus, blocks) as url, client:
        yield Prometheus(url, END, client)


@pytest.fixture(scope="module")
def dashboards():
    return [read(one.text) for one in boards(SLOS)]


def test_every_query_of_the_overview_has_data(prometheus, dashboards):
    overview, _ = dashboards
    values, options = resolved(overview, prometheus)
    assert options == {
        "owner": sorted({one.owner for one in SLOS}),
        "tier": sorted({str(one.tier) for one in SLOS}),
        "service": sorted({one.service for one in SLOS}),
        "slo": sorted(one.id for one in SLOS),
    }
    assert [str(one) for one in answers(overview, prometheus, values) if not one.series] == []


def test_the_overview_counts_what_it_lists(prometheus, dashboards):
    overview, _ = dashboards
    values, _ = resolved(overview, prometheus)
    answered = answers(overview, prometheus, values)
    counts = {one.panel: number(one.series[0]) for one in answered[:6]}
    table = [one for one in answered if one.panel == "Objectives"][1:]
    targets, slis, left = ({key(one): number(one) for one in asked.series} for asked in table[:3])
    assert counts["Objectives"] == len(SLOS) == len(targets)
    assert counts["Not measured"] == 1
    assert targets.keys() - left.keys() == {(NO_TRAFFIC, "month")}
    assert counts["Budget used up"] == sum(one <= 0 for one in left.values()) > 0
    for one, budget in left.items():
        assert math.isclose(budget, 1 - (1 - slis[one]) / (1 - targets[one]), abs_tol=1e-6), one


def key(series):
    return series["metric"]["slo"], series["metric"]["window"]


def number(series):
    return float(series["value"][1])


def test_what_is_chosen_is_all_that_is_shown(prometheus, dashboards):
    overview, _ = dashboards
    values, options = resolved(overview, prometheus, service=["Checkout", "Payments"])
    assert {one.split("-")[0] for one in options["slo"]} == {"shop/checkout", "shop/payments"}
    for one in answers(overview, prometheus, values):
        found = {series["metric"].get("slo", "") for series in one.series}
        assert found <= {"", *options["slo"]}, one
    values, options = resolved(overview, prometheus, owner=["Team Find"])
    assert options["service"] == sorted({x.service for x in SLOS if x.owner == "Team Find"})


@pytest.mark.parametrize("slo", SLOS, ids=lambda one: one.name)
def test_every_query_of_the_detail_has_data(prometheus, dashboards, slo):
    """Without an answer are only those that the objective has no such thing for."""
    _, detail = dashboards
    values, options = resolved(detail, prometheus, service=slo.service, slo=slo.id)
    assert slo.id in options["slo"]
    assert values["window"] == "month"
    answered = answers(detail, prometheus, values)
    empty = {str(one) for one in answered if not one.series}
    assert empty == without_answer(slo, answered, prometheus)


def without_answer(slo, answered, prometheus):
    """The queries that ask for what an objective does not have."""
    own = {
        f"{one.severity} over {duration(one.long)} and {duration(one.short)}"
        for one in slo.burn_rates
    }
    fired = prometheus.ask(f'count_over_time(ALERTS{{slo="{slo.id}"}}[30d])', instant=True)
    found = set()
    for one in answered:
        is_line = one.panel == BURNING and " and " in one.legend
        if (
            (one.panel == "Latency" and slo.indicator.type != "latency")
            or (is_line and one.legend not in own)
            or (one.panel == "Alerts" and not fired)
            or (slo.id == QUIET_NOW and one.legend == "last 5m")
        ):
            found.add(str(one))
        elif slo.id == NO_TRAFFIC and not is_line and one.panel != "What is promised":
            found |= set() if one.legend in STILL_KNOWN else {str(one)}
    return found
