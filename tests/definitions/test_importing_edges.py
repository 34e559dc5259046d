"""Other tools' formats beyond their examples: what is taken, said and refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from slo_reports.definitions.loading import Loaded, load_with_remarks
from slo_reports.definitions.writing import checked_yaml
from slo_reports.errors import ConfigurationError
from slo_reports.model import (
    AlertWords,
    BurnRateAlert,
    CountersIndicator,
    GaugeIndicator,
    LatencyIndicator,
    Matcher,
    Method,
    QueryIndicator,
    RatioQueryIndicator,
    Slo,
    SlothWritten,
    ThresholdIndicator,
    Tier,
)

SLOTH = """\
version: prometheus/v1
service: shop
labels: {owner: Team Basket}
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(m{c="5"}[{{.window}}]))
        total_query: sum(rate(m[{{.window}}]))
"""
PYRRA = """\
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: availability
  namespace: shop
  labels: {pyrra.dev/team: Basket, service: checkout}
spec:
  target: "99.0"
  window: 4w
  indicator:
    ratio:
      errors: {metric: 'm{c="5"}'}
      total: {metric: m}
"""
OPENSLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: search, labels: {team: Web}}
spec:
  service: shop
  indicatorRef: found
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: found}
spec:
  ratioMetric:
    counter: true
    good: {metricSource: {type: Prometheus, spec: {query: 'm{c="2"}'}}}
    total: {metricSource: {type: Prometheus, spec: {query: m}}}
"""
GENERATOR = """\
apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata: {name: prom-a, labels: {service_name: prom, team: X}}
spec:
  backend: prometheus
  method: good_bad_ratio
  service_level_indicator:
    filter_good: m{c="2"}
    filter_valid: m
  goal: 0.999
"""
NAMED = {"sloth": SLOTH, "pyrra": PYRRA, "openslo": OPENSLO, "generator": GENERATOR}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "foreign.yaml"


def load(file: Path, text: str, **environment: str) -> Loaded:
    file.write_bytes(text.encode())
    return load_with_remarks([file], environment=environment)


def only(file: Path, text: str):
    (slo,) = load(file, text).slos
    return slo


def problems(file: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(file, text)
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


def remarks(file: Path, text: str) -> list[str]:
    return [f"{one.line}: {one.message}" for one in load(file, text).remarks]


@pytest.mark.parametrize("name", NAMED)
def test_the_base_of_these_tests_has_nothing_to_remark_on(file: Path, name: str) -> None:
    said = remarks(file, NAMED[name])
    assert said == (
        ["4: no shared config is loaded: the period is 30d, without alerts"]
        if name == "generator"
        else []
    )


NATIVE = (
    PYRRA.partition("    ratio:")[0]
    + """\
    latencyNative:
      latency: 200ms
      total: {metric: 'wait_seconds{job="shop"}'}
"""
)


def test_pyrras_native_latency_is_one_of_ours(file: Path) -> None:
    slo = only(file, NATIVE)
    filters = (Matcher("job", "=", "shop"),)
    assert slo.indicator == LatencyIndicator("wait_seconds", filters, Decimal("0.2"), native=True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("200ms", "fast", "12: spec.indicator.latencyNative.latency 'fast' is no duration"),
        ("      latency: 200ms\n", "", "11: 'latency' is missing"),
        ("wait_seconds", "wait_seconds_bucket", "13: latencyNative needs the name of a native"),
    ],
)
def test_a_native_latency_that_cannot_be_read_is_refused(
    file: Path, old: str, new: str, said: str
) -> None:
    (problem,) = problems(file, NATIVE.replace(old, new))
    assert problem.startswith(said)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("sloth", "99.9", "0.999", "6: slos[0].objective promises 0.999 %, which reads as"),
        ("sloth", "99.9", "101", "6: slos[0].objective must be more than 0 and at most 100 %"),
        ("sloth", "99.9", "0", "6: slos[0].objective must be more than 0"),
        ("sloth", "99.9", "many", "6: slos[0].objective must be a number, not 'many'"),
        ("sloth", "name: availability", "name: '-'", "5: slos[0].name must be"),
        ("sloth", 'm{c="5"}[{{.window}}]', "m[5m]", "9: slos[0].sli.events.error_query has no"),
        ("sloth", 'm{c="5"}', "m", "9: the error query equals the total query"),
        ("sloth", 'c="5"', 'c=~"(?=5)"', "9: the regex '(?=5)' uses what Prometheus (RE2)"),
        ("sloth", "events:", "plugin: {id: sloth/x}\n      events:", "7: sli needs exactly one"),
        ("sloth", "slos:", "slso:", "1: 'slos' is missing"),
        ("pyrra", '"99.0"', '"0.99"', "8: spec.target promises 0.99 %, which reads as a ratio"),
        ("pyrra", "4w", "12h", "9: spec.window is shorter than a day"),
        ("pyrra", "4w", "1M", "9: spec.window '1M' is no duration"),
        ("pyrra", "metric: m}", "metric: 'rate(m[5m])'}", "13: metric must be a bare selector"),
        ("pyrra", "metric: m}", "metric: sum(m)}", "13: metric must be a bare selector"),
        ("pyrra", "ratio:", "latencyNative:", "11: 'latency' is missing in spec"),
        ("pyrra", "  window: 4w", "", "7: 'window' is missing in spec"),
        ("openslo", "found\n", "fuond\n", "6: no SLI named 'fuond' is in the files that are lo"),
        ("openslo", "0.99}", "99}", "9: spec.objectives[0].target is a ratio from 0 to 1, not 99"),
        ("openslo", "0.99}", "0.99, sli: x}", "9: composite SLOs"),
        ("openslo", "28d", "1m", "7: 1m is 1 minute; a month is written 1M"),
        ("openslo", "28d", "Week", "7: spec.timeWindow[0].duration 'Week' is no OpenSLO"),
        ("openslo", "28d", "12h", "7: spec.timeWindow[0] is shorter than a day"),
        ("openslo", "service", "serivce", "5: unknown key 'serivce' in spec; did you mean 'serv"),
        ("openslo", "Occurrences", "occurrences", "8: spec.budgetingMethod must be Occurrences"),
        ("openslo", "Prometheus", "Datadog", "17: the source 'Datadog' is not Prometheus"),
        ("openslo", "    counter: true\n", "", "15: the queries have no window: say with 'count"),
        ("openslo", "type: Prometheus", "metricSourceRef: a", "17: no DataSource named 'a' is in"),
        ("openslo", "kind: SLI", "kind: Sli", "12: kind must be DataSource, SLO"),
        ("generator", "0.999", "99.9", "10: spec.goal is a ratio from 0 to 1, not 99.9; 99.9 re"),
        ("generator", "prometheus", "datadog", "5: the backend 'datadog' is not Prometheus"),
        ("generator", "good_bad_ratio", "promql", "6: spec.method must be good_bad_ratio"),
        ("generator", "filter_valid", "filter_value", "7: good_bad_ratio needs filter_good"),
        ("generator", "filter_valid: m", "filter_valid: ${M}", "9: the environment variable M is"),
        ("generator", "  goal", "  error_budget_policy: x\n  goal", "10: the policy 'x' is unkn"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_as_meant_is_refused_at_its_line(
    file: Path, name: str, old: str, new: str, said: str
) -> None:
    assert old in NAMED[name]
    found = problems(file, NAMED[name].replace(old, new, 1))
    assert any(one.startswith(said) for one in found), found


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "sloth",
            "    sli:",
            "    alerting: {name: A, pageAlert: {labels: {a: b}}}\n    sli:",
            ["7: unknown key 'pageAlert' in slos[0].alerting; did you mean 'page_alert'?"],
        ),
        ("sloth", "    sli:", "    plugins: {chain: [{id: a/b}]}\n    sli:",
         ["7: Go plugins have no effect here: a/b"]),
        ("sloth", "{owner: Team Basket}", "{owner: T, a-b: true, b: 1.5}",
         ["3: a-b is no name for Prometheus and left out of rules"]),
        ("sloth", "    sli:", "    alerting: {name: Too much}\n    sli:",
         ["7: alerts of our own style are called 'Too_much' instead of 'Too much'"]),
        ("sloth", "shop", "Shop.EU", ["2: the name 'Shop.EU' becomes 'shop-eu'"]),
        ("sloth", "labels: {owner: Team Basket}\n", "",
         ["4: no label owner or team says whose this is: the owner is 'not named'"]),
        ("pyrra", "  win", "  ruleOutput: {shortRulesLabels: {a: b}}\n  win",
         ["9: spec.ruleOutput.shortRulesLabels: for two objects, no effect here"]),
        ("pyrra", "  window", "  partial_response_strategy: warn\n  targett: 1\n  window",
         ["9: spec.partial_response_strategy: for Thanos' rules, no effect here",
          "10: unknown key 'targett' in spec; did you mean 'target'?"]),
        ("openslo", "{target: 0.99}", "{target: 0.99, op: gt, timeSliceTarget: 0.9}",
         ["9: spec.objectives[0].op: no effect on a ratio",
          "9: spec.objectives[0].timeSliceTarget: only for Timeslices, no effect here"]),
        ("openslo", "type: Prometheus, ", "",
         ["17: nothing says that the source is Prometheus; it is taken for one"]),
        ("generator", "  goal", "  exporters: [a]\n  goal",
         ["4: no shared config is loaded: the period is 30d, without alerts",
          "10: spec.exporters: no effect here: the settings name destinations"]),
    ],
)  # fmt: skip
def test_what_has_no_effect_is_remarked_on_and_the_slo_is_kept(
    file: Path, name: str, old: str, new: str, said: list[str]
) -> None:
    text = NAMED[name].replace(old, new, 1)
    assert remarks(file, text) == said
    assert only(file, text).remarks == tuple(f"foreign.yaml:{one}" for one in said)


def test_line_ends_of_windows_and_comments_in_queries_change_nothing(file: Path) -> None:
    plain = only(file, SLOTH)
    text = SLOTH.replace(
        'error_query: sum(rate(m{c="5"}[{{.window}}]))',
        "error_query: |\n          # bad ones\n          sum(\n            "
        'rate(m{c="5"}[ {{ .window }} ])\n          )',
    )
    assert only(file, text.replace("\n", "\r\n")).indicator == plain.indicator


def test_several_services_of_sloth_may_share_a_file_and_a_period_is_given(file: Path) -> None:
    file.write_text(SLOTH + "---\n" + SLOTH.replace("shop", "cart"))
    slos = load_with_remarks([file], timedelta(days=28)).slos
    assert [slo.id for slo in slos] == ["shop/availability", "cart/availability"]
    for slo in slos:
        (objective,) = slo.objectives
        assert (objective.window, objective.target) == ("28d", Decimal("0.999"))
        assert [one.threshold for one in slo.burn_rates] == [13.44, 5.6, 2.8, 14 / 15]


WINDOWS = """\
---
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
spec:
  sloPeriod: 7d
  page:
    quick: {errorBudgetPercent: 8, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 12.5, shortWindow: 30m, longWindow: 6h}
  ticket:
    quick: {errorBudgetPercent: 20, shortWindow: 2h, longWindow: 1d}
    slow: {errorBudgetPercent: 42, shortWindow: 6h, longWindow: 3d}
"""


def test_alert_windows_of_sloth_hold_for_their_period(file: Path) -> None:
    file.write_text(SLOTH + WINDOWS)
    week = load_with_remarks([file], timedelta(days=7))
    (slo,) = week.slos
    assert [(one.severity, one.threshold) for one in slo.burn_rates] == [
        ("page", 13.44),
        ("page", 3.5),
        ("ticket", 1.4),
        ("ticket", 0.98),
    ]
    assert week.remarks == ()
    assert remarks(file, SLOTH + WINDOWS) == [
        "15: these alert windows have no effect: the period is 30d"
    ]
    assert problems(file, SLOTH + WINDOWS.replace("1h", "5m")) == [
        "17: shortWindow of spec.page.quick must be shorter than longWindow"
    ]


def test_a_target_of_text_is_exact(file: Path) -> None:
    for text in ("99.0", "99", "99.00"):
        slo = only(file, PYRRA.replace("99.0", text))
        assert slo.objectives[0].target == Decimal("0.99")
    assert only(file, SLOTH.replace("99.9", "100")).objectives[0].target == 1


def test_json_is_read(tmp_path: Path) -> None:
    file = tmp_path / "slo.json"
    data = {
        "apiVersion": "pyrra.dev/v1alpha1",
        "kind": "ServiceLevelObjective",
        "metadata": {"name": "a", "labels": {"team": "x", "service": "s"}},
        "spec": {
            "target": "99.5",
            "window": "7d",
            "indicator": {"bool_gauge": {"metric": 'up{job="x"}'}},
        },
    }
    slo = only(file, json.dumps(data, indent=1))
    assert slo.indicator == GaugeIndicator("up", (Matcher("job", "=", "x"),), "==", Decimal(1))


def test_a_raw_ratio_of_sloth_is_weighed_by_time(file: Path) -> None:
    start = SLOTH.index("      events:")
    text = SLOTH[:start] + "      raw: {error_ratio_query: 'x[{{.window}}]'}\n"
    slo = only(file, text)
    assert slo.indicator == RatioQueryIndicator("x[$window]", of="bad")
    assert slo.method is Method.RATIO_TIMESLICES


def test_labels_name_owner_and_tier_those_of_the_slo_first(file: Path) -> None:
    text = SLOTH.replace("    sli:", "    labels: {team: Own, tier: critical}\n    sli:")
    slo = only(file, text)
    assert (slo.owner, slo.tier) == ("Own", Tier.CRITICAL)


@pytest.mark.parametrize(
    ("window", "minutes"),
    [
        ("28d", [(60, 5), (360, 30), (1440, 120), (5760, 360)]),
        ("2w", [(30, 3), (180, 15), (720, 60), (2880, 180)]),
        ("7d", [(15, 1), (90, 8), (360, 30), (1440, 90)]),
        ("30d", [(64, 5), (386, 32), (1543, 129), (6171, 386)]),
    ],
)
def test_windows_of_pyrras_alerts_scale_and_round_halves_up(
    file: Path, window: str, minutes: list[tuple[int, int]]
) -> None:
    slo = only(file, PYRRA.replace("4w", window))
    got = [(one.long // timedelta(minutes=1), one.short // timedelta(minutes=1))
           for one in slo.burn_rates]  # fmt: skip
    assert got == minutes
    assert [(one.severity, one.threshold) for one in slo.burn_rates] == [
        ("page", 14),
        ("page", 7),
        ("ticket", 2),
        ("ticket", 1),
    ]


def test_pyrras_alerts_can_be_off_and_renamed(file: Path) -> None:
    off = PYRRA.replace("  window", "  alerting: {burnrates: false}\n  window")
    assert only(file, off).burn_rates == ()
    more = "  alerting: {severities: {fastBurn: pager, slowBurn: warning}}\n  window"
    slo = only(file, PYRRA.replace("  window", more))
    assert [one.severity for one in slo.burn_rates] == ["pager", "page", "ticket", "ticket"]


def with_sli(ratio: str, rest: str = OPENSLO) -> str:
    return rest[: rest.index("  ratioMetric")] + ratio


def query(text: str) -> str:
    return json.dumps({"metricSource": {"type": "prometheus", "spec": {"query": text}}})


def ratio_metric(good: str, total: str, counter: str = "") -> str:
    return f"  ratioMetric: {{{counter} good: {query(good)}, total: {query(total)}}}\n"


def test_references_are_resolved_over_all_files(tmp_path: Path) -> None:
    slo, sli = OPENSLO.split("---\n")
    (tmp_path / "a.yaml").write_text(slo)
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "b.yaml").write_text(sli)
    (found,) = load_with_remarks([tmp_path]).slos
    assert isinstance(found.indicator, CountersIndicator)
    with pytest.raises(ConfigurationError, match=r"a\.yaml:6: no SLI named 'found'"):
        load_with_remarks([tmp_path / "a.yaml"])


def test_the_window_of_a_query_gives_way_to_the_slice(file: Path) -> None:
    text = with_sli(ratio_metric('sum(rate(m{c="[5m]"}[5m]))', "sum(rate(m[5m]))"))
    assert only(file, text).indicator == CountersIndicator(
        "m", (), good_metric="m", good=(Matcher("c", "=", "[5m]"),)
    )


@pytest.mark.parametrize(
    ("counter", "function"), [("counter: true,", "increase"), ("counter: false,", "sum_over_time")]
)
def test_expressions_without_a_window_are_asked_over_the_slice(
    file: Path, counter: str, function: str
) -> None:
    text = with_sli(ratio_metric("a + b", "c + d", counter))
    slo = only(file, text)
    valid, good = f"{function}((c + d)[$window:])", f"{function}((a + b)[$window:])"
    assert slo.indicator == QueryIndicator(good=good, valid=valid)
    assert len(slo.remarks) == 1


def test_a_raw_ratio_and_thresholds_of_openslo(file: Path) -> None:
    raw = with_sli(f"  ratioMetric: {{raw: {query('x / y')}, rawType: failure}}\n")
    slo = only(file, raw)
    assert slo.indicator == RatioQueryIndicator("x / y", of="bad")
    assert slo.method is Method.RATIO_TIMESLICES
    limits = OPENSLO.replace("{target: 0.99}", "{targetPercent: 99, op: lte, value: 0.5}")
    lag = query('lag{a="b"}')
    gauge = with_sli(f"  thresholdMetric: {lag}\n", limits)
    matchers = (Matcher("a", "=", "b"),)
    assert only(file, gauge).indicator == GaugeIndicator("lag", matchers, "<=", Decimal("0.5"))
    timeslices = gauge.replace("Occurrences", "Timeslices").replace(
        "value: 0.5", "value: 0.5, timeSliceTarget: 0.9, timeSliceWindow: 5"
    )
    slo = only(file, timeslices.replace('lag{a=\\"b\\"}', "max(lag)"))
    assert slo.indicator == ThresholdIndicator("max(lag)", "<=", Decimal("0.5"))
    assert (slo.method, slo.slice_target) == (Method.TIMESLICES, Decimal("0.9"))
    assert slo.slice_window == timedelta(minutes=5)


def test_several_objectives_are_several_slos(file: Path) -> None:
    named = "[{target: 0.99, displayName: For us}, {target: 0.9, displayName: SLA}]"
    slos = load(file, OPENSLO.replace("[{target: 0.99}]", named)).slos
    assert [(one.id, one.title) for one in slos] == [
        ("default/search-for-us", "Search: For us"),
        ("default/search-sla", "Search: SLA"),
    ]
    slos = load(file, OPENSLO.replace("[{target: 0.99}]", "[{target: 0.99}, {target: 0.9}]")).slos
    assert [one.name for one in slos] == ["search-1", "search-2"]


@pytest.mark.parametrize(
    ("written", "window", "days"),
    [
        ("{duration: 1M, isRolling: true}", "30d", 30),
        (
            "{duration: 1M, isRolling: false, calendar: {startTime: 2026-01-01 12:00:00}}",
            "month",
            30,
        ),
        ("{duration: 1Q, calendar: {startTime: 2026-01-01}}", "quarter", 91),
        ("{duration: 2w, isRolling: true}", "14d", 14),
    ],
)  # fmt: skip
def test_windows_of_openslo(file: Path, written: str, window: str, days: int) -> None:
    slo = only(file, OPENSLO.replace("{duration: 28d, isRolling: true}", written))
    assert slo.objectives[0].window == window
    assert slo.objectives[0].length == timedelta(days=days)


POLICY = """\
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: fast}
spec:
  conditions:
    - conditionRef: burning
  notificationTargets: [{targetRef: pager}]
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: burning}
spec:
  severity: page
  condition: {kind: burnrate, op: gte, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}
"""


def test_burn_rate_conditions_become_alerts_and_targets_a_remark(file: Path) -> None:
    text = OPENSLO.replace(
        "  objectives", "  alertPolicies: [{alertPolicyRef: fast}]\n  objectives"
    )
    loaded = load(file, text + POLICY)
    (slo,) = loaded.slos
    hour = timedelta(hours=1)
    assert slo.burn_rates == (BurnRateAlert("page", hour, hour / 12, 14.4),)
    assert any("notificationTargets: no effect here" in one for one in slo.remarks)
    said = problems(file, text)
    assert said == ["9: no AlertPolicy named 'fast' is in the files that are loaded"]


def test_the_second_alpha_of_openslo(file: Path) -> None:
    slo = only(file, """\
- apiVersion: openslo.com/v2alpha
  kind: DataSource
  metadata: {name: prom}
  spec: {prometheus: {url: http://prometheus}}
- apiVersion: openslo.com/v2alpha
  kind: SLO
  metadata: {name: search, labels: {team: web}}
  spec:
    serviceRef: shop
    sli:
      metadata: {name: x}
      spec:
        ratioMetric:
          counter: true
          good: {dataSourceRef: prom, spec: {query: 'm{c="2"}'}}
          total: {dataSourceSpec: {type: Prometheus}, spec: {query: m}}
    timeWindow: [{duration: 4w, isRolling: true}]
    budgetingMethod: RatioTimeslices
    objectives: [{target: 0.99}]
""")  # fmt: skip
    assert isinstance(slo.indicator, CountersIndicator)
    assert (slo.service, slo.method) == ("shop", Method.RATIO_TIMESLICES)
    assert slo.origin is not None
    assert (slo.origin.line, slo.origin.format) == (5, "openslo.com/v2alpha")


def generator(sli: str, method: str) -> str:
    start, end = GENERATOR.index("    filter_good"), GENERATOR.index("  goal")
    text = GENERATOR[:start] + f"    {sli}\n" + GENERATOR[end:]
    return text.replace("good_bad_ratio", method)


def test_the_methods_of_slo_generator(file: Path) -> None:
    good, valid = 'sum(rate(m{c="2"}[window]))', "sum(rate(m[window]))"
    exact = only(file, generator(f"expression: {json.dumps(f'{good} / {valid}')}", "query_sli"))
    assert exact.indicator == CountersIndicator(
        "m", (), good_metric="m", good=(Matcher("c", "=", "2"),)
    )
    slo = only(file, generator("expression: avg_over_time(x[window])", "query_sli"))
    assert slo.indicator == RatioQueryIndicator("avg_over_time(x[$window])", of="good")
    cut = "{expression: 'h_bucket{a=\"b\"}', threshold_bucket: 0.25}"
    text = generator("", "distribution_cut").replace(
        "service_level_indicator:\n    \n", f"service_level_indicator: {cut}\n"
    )
    latency = LatencyIndicator("h", (Matcher("a", "=", "b"),), Decimal("0.25"))
    assert only(file, text).indicator == latency
    both = only(file, GENERATOR.replace("filter_valid: m", 'filter_bad: m{c="5"}'))
    assert isinstance(both.indicator, QueryIndicator)
    assert 'sum(increase(m{c="5"}[$window]))' in both.indicator.valid


def test_names_from_the_environment_are_filled_in(file: Path) -> None:
    text = GENERATOR.replace("filter_valid: m", "filter_valid: '${METRIC}'")
    (slo,) = load(file, text, METRIC="requests_total").slos
    assert isinstance(slo.indicator, CountersIndicator)
    assert slo.indicator.valid_metric == "requests_total"


def test_the_first_version_of_slo_generator_is_named(file: Path) -> None:
    said = problems(file, "slo_name: a\nfeature_name: b\nservice_name: c\n")
    assert said[0].startswith("1: slo-generator's v1 files are not read")


def test_one_id_in_two_formats_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SLOTH)
    (tmp_path / "b.yaml").write_text(PYRRA)
    with pytest.raises(ConfigurationError) as caught:
        load_with_remarks([tmp_path])
    (problem,) = caught.value.problems
    assert problem.path.name == "b.yaml"
    assert "a second shop/availability" in problem.message


def test_alerts_words_of_sloth_and_pyrra_are_kept(file: Path) -> None:
    more = (
        "    alerting: {name: A, labels: {a: 1}, annotations: {summary: s},"
        " page_alert: {labels: {severity: p}}}\n    sli:"
    )
    alerting = only(file, SLOTH.replace("    sli:", more, 1)).alerting
    assert alerting.name == "A"
    assert alerting.of("page").labels == (("a", "1"), ("severity", "p"))
    assert alerting.of("ticket") == AlertWords((("a", "1"),), (("summary", "s"),))
    named = PYRRA.replace("  window", "  alerting: {name: Burn}\n  window")
    assert only(file, named).alerting.name == "Burn"


def test_what_a_file_wrote_is_never_compared_or_frozen(file: Path) -> None:
    slo = only(file, SLOTH)
    assert isinstance(slo.written, SlothWritten)
    assert replace(slo, written=None) == slo
    assert slo.written.error not in TypeAdapter(Slo).dump_json(slo).decode()
    assert "total_query" not in checked_yaml(slo)
