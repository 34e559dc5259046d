"""SLOs out of the rules that Sloth generated, as a real Prometheus tells them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.command import slo_reports
from support.servers import running
from support.tsdb import why_no_prometheus

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.ruled import slos_of_source
from slo_reports.definitions.loading import load_definitions
from slo_reports.definitions.sloth_rules import Rule, slos_of_rules
from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import free_port
from slo_reports.model import CountersIndicator, LatencyIndicator, QueryIndicator
from slo_reports.settings.schema import SourceSettings

SLOTH = Path(__file__).parent / "specs" / "sloth"
FILES = ("getting-started.yml", "home-wifi.yml", "kubernetes-apiserver.yml", "no-alerts.yml")
OPENSLO = "openslo-getting-started.yml"


@pytest.fixture(scope="module")
def ruled(tmp_path_factory):
    """The URL of a Prometheus that evaluates what Sloth generated."""
    if reason := why_no_prometheus():
        pytest.skip(reason)
    folder, port = tmp_path_factory.mktemp("ruled"), free_port()
    rules = [SLOTH / "expected" / name for name in (*FILES, OPENSLO)]
    named = "\n".join(f"  - {one}" for one in rules)
    (folder / "prometheus.yml").write_text(f"global: {{}}\nrule_files:\n{named}\n")
    command = [
        find_tools().prometheus,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    url = f"http://127.0.0.1:{port}"
    with running(command, folder / "log", f"{url}/-/ready"):
        yield url


def same(indicator):
    """An indicator without what a server changes as it writes queries: order, case and spaces."""

    def matchers(found):
        return tuple(sorted(found, key=lambda one: (one.label, one.value)))

    match indicator:
        case CountersIndicator(valid=valid, good=good, bad=bad):
            parts = {"valid": matchers(valid), "good": matchers(good), "bad": matchers(bad)}
            return replace(indicator, **parts)
        case LatencyIndicator(filters=filters):
            return replace(indicator, filters=matchers(filters))
        case QueryIndicator(good=good, valid=valid):
            return tuple("".join(one.lower().split()) for one in (good, valid))


def promised(slo):
    burn_rates = [(one.severity, one.long, one.short, one.threshold) for one in slo.burn_rates]
    return (slo.service, slo.owner, slo.objectives, slo.runbook, burn_rates)


@pytest.mark.e2e
def test_what_sloth_was_given_comes_back_out_of_its_rules(ruled):
    with PrometheusClient(SourceSettings(url=ruled)) as client:
        found = slos_of_source(client)
    assert found.problems == ()
    back = {slo.id: slo for slo in found.slos}
    given = {slo.id: slo for slo in load_definitions([SLOTH / name for name in FILES])}
    assert set(back) == {*given, "my-service/sloth-slo-my-service-0"}
    for name, slo in given.items():
        assert promised(back[name]) == promised(slo), name
        if not isinstance(slo.indicator, QueryIndicator):
            assert same(back[name].indicator) == same(slo.indicator), name
    (openslo,) = load_definitions([SLOTH / OPENSLO])
    again = back["my-service/sloth-slo-my-service-0"]
    assert same(again.indicator) == same(openslo.indicator)


@pytest.mark.e2e
def test_import_writes_them_from_a_url(ruled, tmp_path):
    done = slo_reports("import", "--url", ruled, "--output", "out", cwd=tmp_path)
    assert done.returncode == 0
    assert len(load_definitions([tmp_path / "out"])) == 7
    (one,) = (tmp_path / "out").glob("myservice.*")
    assert one.read_text().startswith(f"# from Sloth's rules {ruled.removeprefix('http://')} ")


LABELS = {"sloth_id": "shop-all", "sloth_service": "shop", "sloth_slo": "all"}


def rules(*queries, objective="99.9", days="28"):
    yield Rule("up", "up", {}, {})
    for window, query in queries:
        name = f"slo:sli_error:ratio_rate{window}"
        yield Rule(name, query, {**LABELS, "sloth_window": window}, {})
    yield Rule("slo:objective:ratio", f"vector({objective})", LABELS, {})
    yield Rule("slo:time_period:days", f"vector({days})", LABELS, {})


def test_a_window_that_the_query_fixes_itself_stays():
    query = 'sum(rate(e{a="[5m]"}[{w}])) / sum(rate(max_over_time(t[5m:])[{w}:]))'
    both = [(window, query.replace("{w}", window)) for window in ("5m", "30m")]
    (slo,) = slos_of_rules(list(rules(*both, objective="0.9990000000000001")), "here").slos
    assert isinstance(slo.indicator, QueryIndicator)
    assert slo.indicator.valid == "sum(rate(max_over_time(t[5m:])[$window:]))"
    assert slo.objectives[0].length == timedelta(days=28)
    assert str(slo.objectives[0].target) == "0.999"


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([("5m", "a[5m] / b[5m]")], "rules slo:sli_error:ratio_rate… of two windows are needed"),
        ([("5m", "a[5m] / b[5m]"), ("30m", "a[30m]")], "differ in more than the window"),
    ],
)
def test_what_the_rules_do_not_tell_is_a_problem(found, told):
    result = slos_of_rules(list(rules(*found)), "http://server:9090")
    assert result.slos == ()
    assert told in str(result.problems[0])
    assert str(result.problems[0]).startswith("server:9090 shop/all:1: ")


def test_rules_that_are_not_sloths_are_passed_over():
    assert slos_of_rules([Rule("up", "up", {}, {})], "here").slos == ()
