"""Rules in Pyrra's style: its published numbers and texts, and made of any definition."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.command import slo_reports
from support.rules import DAY, MONTH, RATIO, alerts, defined, expressions, made, promtool

from slo_reports.definitions.loading import load_with_remarks
from slo_reports.errors import ConfigurationError
from slo_reports.generate.rules import Surroundings
from slo_reports.generate.styles import rules_in
from slo_reports.generate.writing import plain_yaml
from slo_reports.generated import make_rules

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "tests" / "definitions" / "specs"
GOLDEN = ROOT / "tests" / "golden" / "pyrra.rules.yml"
RATIO_OF_ERRORS = """\
    ratio:
      errors: {metric: 'http_requests_total{job="shop",code=~"5.."}'}
      total: {metric: 'http_requests_total{job="shop"}'}
"""
LATENCY = """\
    latency:
      success: {metric: 'h_bucket{job="shop",le="1"}'}
      total: {metric: 'h_count{job="shop"}'}
"""
NATIVE = """\
    latencyNative:
      latency: 200ms
      total: {metric: 'h{job="shop"}'}
"""
GAUGE = "    bool_gauge: {metric: 'up{job=\"shop\"}'}\n"
MINUTE = timedelta(minutes=1)


def pyrra(folder: Path, indicator: str = RATIO_OF_ERRORS, more: str = "", window: str = "4w"):
    path = folder / "pyrra.yaml"
    path.write_text(
        "apiVersion: pyrra.dev/v1alpha1\n"
        "kind: ServiceLevelObjective\n"
        "metadata: {name: orders, labels: {pyrra.dev/team: shop, other: x}}\n"
        f"spec:\n  target: '99'\n  window: {window}\n{more}  indicator:\n{indicator}"
    )
    (slo,) = load_with_remarks([path], grouped=True).slos
    return slo


def rules(slo, around=None):
    return rules_in("pyrra", slo, around or Surroundings(DAY))


def named(generated, record):
    return [
        (one.expr, dict(one.labels))
        for group in generated.groups
        for one in group.rules
        if getattr(one, "record", None) == record
    ]


# --- published numbers ---


@pytest.mark.parametrize(
    ("window", "numbers"),
    [
        ("28d", [(2, 5, 60), (15, 30, 360), (60, 120, 1440), (180, 360, 5760)]),
        ("30d", [(2, 5, 64), (16, 32, 386), (64, 129, 1543), (193, 386, 6171)]),
        ("14d", [(1, 3, 30), (8, 15, 180), (30, 60, 720), (90, 180, 2880)]),
        ("7d", [(1, 1, 15), (4, 8, 90), (15, 30, 360), (45, 90, 1440)]),
    ],
)
def test_the_four_alerts_have_the_published_minutes(tmp_path, window, numbers):
    generated = rules(pyrra(tmp_path, window=window))
    found = [one for one in alerts(generated) if one.alert == "ErrorBudgetBurn"]
    spelled = {one: span(one) for row in numbers for one in row[1:]}
    assert [one.hold // MINUTE for one in found] == [hold for hold, _, _ in numbers]
    assert [(dict(one.labels)["short"], dict(one.labels)["long"]) for one in found] == [
        (spelled[short], spelled[long]) for _, short, long in numbers
    ]


def span(minutes: int) -> str:
    """Minutes as Prometheus prints them."""
    days, rest = divmod(minutes, 1440)
    hours, rest = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (rest, "m"))
    return "".join(f"{number}{unit}" for number, unit in parts if number)


def test_the_published_rules_of_a_ratio(tmp_path):
    generated = rules(pyrra(tmp_path))
    found = expressions(generated)
    assert found["http_requests:burnrate5m"] == (
        'sum(rate(http_requests_total{code=~"5..",job="shop"}[5m]))'
        ' / sum(rate(http_requests_total{job="shop"}[5m]))'
    )
    assert found["http_requests:increase4w"] == (
        'sum by (code) (increase(http_requests_total{job="shop"}[4w]))'
    )
    assert found["pyrra_availability"] == (
        '1 - sum(http_requests:increase4w{code=~"5..",job="shop",slo="orders"} or vector(0))'
        ' / sum(http_requests:increase4w{job="shop",slo="orders"})'
    )
    assert (found["pyrra_objective"], found["pyrra_window"]) == ("0.99", "2419200")
    absent, fast, *_ = alerts(generated)
    assert fast.expr == (
        'http_requests:burnrate5m{job="shop",slo="orders"} > (14 * (1-0.99))'
        ' and http_requests:burnrate1h{job="shop",slo="orders"} > (14 * (1-0.99))'
    )
    assert dict(fast.labels) == {
        "exhaustion": "2d",
        "job": "shop",
        "long": "1h",
        "severity": "critical",
        "short": "5m",
        "slo": "orders",
        "team": "shop",
    }
    assert absent.expr == 'absent(http_requests_total{job="shop"}) == 1'
    assert absent.hold == timedelta(minutes=10)  # 14 x 1 % of an hour, and 2 minutes
    assert dict(absent.labels)["severity"] == "critical"


@pytest.mark.parametrize(
    ("window", "exhausted"),
    [("28d", ["2d", "4d", "2w", "4w"]), ("30d", ["2d3h25m42s", "4d6h51m25s", "15d", "30d"])],
)
def test_alerts_say_when_the_budget_is_exhausted(tmp_path, window, exhausted):
    found = alerts(rules(pyrra(tmp_path, window=window)))
    assert [dict(one.labels)["exhaustion"] for one in found if one.hold and "burn" in one.expr] == (
        exhausted
    )


@pytest.mark.parametrize(
    ("window", "seconds"),
    [
        ("6d", 30), ("7d", 60), ("13d", 60), ("14d", 90), ("21d", 120), ("28d", 150), ("30d", 150),
        ("35d", 180), ("42d", 210), ("48d", 210), ("49d", 240), ("90d", 240),
    ],
)  # fmt: skip
def test_the_longer_the_window_the_rarer_it_is_added_up(tmp_path, window, seconds):
    first, *others = rules(pyrra(tmp_path, window=window)).groups
    assert (first.name, first.interval) == ("orders-increase", timedelta(seconds=seconds))
    assert [(one.name, one.interval) for one in others] == [
        ("orders", timedelta(seconds=30)),
        ("orders-generic", timedelta(seconds=30)),
    ]


# --- kinds ---


def test_a_latency_records_everything_and_what_was_within_the_limit_under_one_name(tmp_path):
    generated = rules(pyrra(tmp_path, LATENCY))
    labels = {"job": "shop", "slo": "orders", "team": "shop"}
    assert named(generated, "h:increase4w") == [
        ('sum(increase(h_count{job="shop"}[4w]))', labels),
        ('sum(increase(h_bucket{job="shop",le="1"}[4w]))', {**labels, "le": "1"}),
    ]
    found = expressions(generated)
    assert found["pyrra_availability"] == (
        'sum(h:increase4w{job="shop",le="1",slo="orders"} or vector(0))'
        ' / sum(h:increase4w{job="shop",le="",slo="orders"})'
    )
    whole = 'sum(rate(h_count{job="shop"}[1h]))'
    assert found["h:burnrate1h"] == (
        f'({whole} - sum(rate(h_bucket{{job="shop",le="1"}}[1h]))) / {whole}'
    )


def test_a_native_latency_is_a_fraction(tmp_path):
    found = named(rules(pyrra(tmp_path, NATIVE)), "h:increase4w")
    events = 'sum(increase(h{job="shop"}[4w]))'
    assert [one for one, _ in found] == [
        f"histogram_count({events})",
        f"histogram_fraction(0, 0.2, {events}) * histogram_count({events})",
    ]
    assert [labels.get("le") for _, labels in found] == [None, "0.2"]
    assert "SLOMetricAbsent" not in [one.alert for one in alerts(rules(pyrra(tmp_path, NATIVE)))]


def test_a_bool_gauge_counts_samples_and_those_at_one(tmp_path):
    found = expressions(rules(pyrra(tmp_path, GAUGE)))
    assert found["up:count4w"] == 'sum by (job) (count_over_time(up{job="shop"}[4w]))'
    assert found["up:sum4w"] == 'sum by (job) (sum_over_time(up{job="shop"}[4w]))'
    samples = 'sum(count_over_time(up{job="shop"}[5m]))'
    assert found["up:burnrate5m"] == (
        f'({samples} - sum(sum_over_time(up{{job="shop"}}[5m]))) / {samples}'
    )


def test_performance_over_accuracy_adds_up_increases_of_five_minutes(tmp_path):
    found = expressions(rules(pyrra(tmp_path, more="  performanceOverAccuracy: true\n")))
    assert found["http_requests:increase5m"] == (
        'sum by (code) (increase(http_requests_total{job="shop"}[5m]))'
    )
    assert found["http_requests:increase4w"] == (
        'sum by (code) (sum_over_time(http_requests:increase5m{job="shop",slo="orders"}[4w:5m]))'
    )


def test_alerts_are_named_and_switched_off_as_the_file_says(tmp_path):
    more = (
        "  alerting: {name: Burn, absentName: Gone, severities: {fastBurn: pager, absent: info}}\n"
    )
    gone, first, second, *_ = alerts(rules(pyrra(tmp_path, more=more)))
    assert (gone.alert, dict(gone.labels)["severity"]) == ("Gone", "info")
    assert [one.alert for one in (first, second)] == ["Burn", "Burn"]
    assert [dict(one.labels)["severity"] for one in (first, second)] == ["pager", "critical"]
    off = "  alerting: {burnrates: false, absent: false}\n"
    assert alerts(rules(pyrra(tmp_path, more=off))) == []


def test_a_window_too_short_for_an_alert_is_told(tmp_path):
    generated = rules(pyrra(tmp_path, window="1d"))
    assert [one.what for one in generated.left_out] == ["the alert fastBurn of orders"]
    assert "[0s]" not in plain_yaml(generated.groups)


# --- grouping ---

GROUPED = """\
    ratio:
      errors: {metric: 'http_requests_total{job=~"shop.*",code=~"5.."}'}
      total: {metric: 'http_requests_total{job=~"shop.*"}'}
      grouping: [job, handler]
"""


def test_a_grouping_is_kept_in_every_sum_and_has_no_generic_rules(tmp_path):
    generated = rules(pyrra(tmp_path, GROUPED))
    found = expressions(generated)
    assert found["http_requests:burnrate5m"].startswith("sum by (handler, job) (rate(")
    assert found["http_requests:increase4w"].startswith("sum by (code, handler, job) (increase(")
    assert [one.name for one in generated.groups] == ["orders-increase", "orders"]
    _, fast, *_ = alerts(generated)
    assert 'http_requests:burnrate5m{job=~"shop.*",slo="orders"} >' in fast.expr
    assert "job" not in dict(fast.labels)


def test_reports_refuse_a_grouping_and_other_styles_name_it(tmp_path):
    slo = pyrra(tmp_path, GROUPED)
    with pytest.raises(ConfigurationError, match="grouping makes one SLO per label set"):
        load_with_remarks([tmp_path / "pyrra.yaml"])
    for style in ("ours", "sloth"):
        (left,) = rules_in(style, slo, Surroundings(DAY)).left_out
        assert left.why == (
            "it is one objective for each handler, job, which only the style pyrra has"
        )


# --- of any definition ---


@pytest.mark.parametrize(
    ("more", "record", "share"),
    [
        pytest.param(
            RATIO + MONTH,
            "requests:burnrate5m",
            'sum(rate(requests_total{code=~"5.."}[5m])) / sum(rate(requests_total[5m]))',
            id="one matcher of good events: its opposite",
        ),
        pytest.param(
            "  indicator: {type: ratio, metric: m, good: {a: b, c: d}}\n" + MONTH,
            "m:burnrate5m",
            '(sum(rate(m[5m])) - sum(rate(m{a="b",c="d"}[5m]))) / sum(rate(m[5m]))',
            id="several: what is left",
        ),
        pytest.param(
            "  indicator: {type: ratio, valid: all_total, bad: bad_total}\n" + MONTH,
            "all:burnrate5m",
            "sum(rate(bad_total[5m])) / sum(rate(all_total[5m]))",
            id="two counters",
        ),
        pytest.param(
            "  indicator: {type: gauge, metric: up, good: '== 1'}\n" + MONTH,
            "up:burnrate5m",
            "(sum(count_over_time(up[5m])) - sum(sum_over_time(up[5m])))"
            " / sum(count_over_time(up[5m]))",
            id="a gauge that is 1 where all is well",
        ),
    ],
)
def test_our_own_indicators_become_pyrras(tmp_path, more, record, share):
    assert expressions(made(defined(tmp_path, more), style="pyrra"))[record] == share


@pytest.mark.parametrize(
    ("indicator", "why"),
    [
        ("{type: gauge, metric: lag, good: '< 5'}", "only gauges that are 1"),
        ("{type: ratio, valid: 'v($window)', good: 'g($window)'}", "its query is an expression"),
        ("{type: threshold, query: age, good: '< 5'}", "its method is timeslices"),
        ("{type: ratio, valid: x_total, bad: x_count}", "x_total and x_count under one name"),
        ("{type: latency, histogram: h, threshold: 1s, interpolate: true}", "between two buckets"),
    ],
)
def test_what_pyrra_cannot_say_is_left_out_with_the_reason(tmp_path, indicator, why):
    generated = made(defined(tmp_path, f"  indicator: {indicator}\n{MONTH}"), style="pyrra")
    assert generated.groups == ()
    (left,) = generated.left_out
    assert why in left.why


def test_owner_tier_and_words_of_alerts_are_carried(tmp_path):
    more = (
        "  tier: critical\n"
        "  alerting: {name: Mine, labels: {route: a}, severities: {ticket: {disabled: true}}}\n"
    )
    generated = made(defined(tmp_path, RATIO + MONTH + more), style="pyrra")
    burning = [one for one in alerts(generated) if one.alert == "Mine"]
    assert [dict(one.labels)["severity"] for one in burning] == ["critical", "critical"]
    assert {"owner": "Team Shop", "route": "a", "tier": "critical"}.items() <= dict(
        burning[0].labels
    ).items()


def test_the_rules_of_pyrras_examples_are_the_golden_ones(pytestconfig):
    """Refresh it after a change that is meant: ``pytest --golden``."""
    slos = load_with_remarks([SPECS / "pyrra"], grouped=True).slos
    made_of = make_rules(slos, Surroundings(DAY), "pyrra")
    shown = plain_yaml([group for _, one in made_of for group in one.groups])
    if pytestconfig.getoption("--golden"):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


FED = """\
rule_files: [all.yml]
evaluation_interval: 30s
tests:
  - interval: 1m
    input_series:
      - {series: 'h_count{job="shop"}', values: 0+100x400}
      - {series: 'h_bucket{job="shop",le="0.5"}', values: 0+80x400}
      - {series: 'h_bucket{job="shop",le="1.0"}', values: 0+97x400}
      - {series: 'requests_total{code="200"}', values: 0+90x400}
      - {series: 'requests_total{code="500"}', values: 0+10x400}
    promql_expr_test:
      - expr: round(pyrra_availability, 0.001)
        eval_time: 6h
        exp_samples:
          - {labels: '{LATENCY}', value: 0.97}
          - {labels: '{RATIO}', value: 0.9}
      - expr: round(pyrra_errors:rate5m * 60, 0.01)
        eval_time: 6h
        exp_samples:
          - {labels: '{LATENCY}', value: 3}
          - {labels: '{RATIO}', value: 10}
      - expr: 'count by (slo) (ALERTS{alertname="ErrorBudgetBurn",alertstate="firing",short="5m"})'
        eval_time: 6h
        exp_samples:
          - {labels: '{slo="shop-a"}', value: 1}
          - {labels: '{slo="shop-b"}', value: 1}
"""


@pytest.mark.e2e
def test_a_real_prometheus_computes_availability_and_alerts(tmp_path):
    """Also where a bucket is spelled as Prometheus 3 does."""
    defined(tmp_path)
    latency = "  indicator: {type: latency, histogram: h, filters: {job: shop}, threshold: 1s}\n"
    defined(tmp_path, latency + MONTH, name="b")
    done = slo_reports(
        "rules", "a.yaml", "b.yaml", "--style", "pyrra", "--output", "all.yml", cwd=tmp_path
    )
    assert done.returncode == 0
    labels = 'owner="Team Shop", service="shop", slo="shop-%s"}'
    text = FED.replace("{LATENCY}", "{" + labels % "b").replace("{RATIO}", "{" + labels % "a")
    (tmp_path / "test.yml").write_text(text)
    tested = promtool("test", "rules", tmp_path / "test.yml")
    assert (tested.returncode, tested.stderr) == (0, "")


SOURCES = [
    SPECS / "pyrra" / "caddy-response-latency.yaml",
    SPECS / "pyrra" / "nginx.yaml",
    SPECS / "pyrra" / "prometheus-http.yaml",
    SPECS / "pyrra" / "prometheus-probe-success.yaml",
    SPECS / "pyrra" / "pyrra-connect-latency.yaml",
    SPECS / "sloth" / "kubernetes-apiserver.yml",
    SPECS / "slo-generator",
    ROOT / "config" / "definitions",
    ROOT / "config" / "demo" / "definitions",
]


@pytest.mark.e2e
@pytest.mark.parametrize("path", SOURCES, ids=lambda one: f"{one.parent.name}/{one.name}")
def test_promtool_finds_nothing_wrong(tmp_path, path):
    done = slo_reports("rules", path, "--style", "pyrra", "--output", "all.yml", cwd=tmp_path)
    assert done.returncode == 0
    checked = promtool("check", "rules", "--lint-fatal", tmp_path / "all.yml")
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.e2e
def test_two_absent_alerts_with_the_same_labels_are_pyrras_own_and_load(tmp_path):
    """Of a ratio of two metrics; promtool's lint names them, and the rules are valid."""
    path = SPECS / "pyrra" / "pyrra-filesystem-errors.yaml"
    slo_reports("rules", path, "--style", "pyrra", "--output", "all.yml", cwd=tmp_path)
    checked = promtool("check", "rules", tmp_path / "all.yml")
    assert checked.returncode == 0
    assert "1 duplicate rule(s) found" in checked.stderr


def test_the_target_is_the_double_that_pyrra_makes_of_percent(tmp_path):
    found = expressions(made(defined(tmp_path), style="pyrra"))
    assert found["pyrra_objective"] == "0.9990000000000001"
