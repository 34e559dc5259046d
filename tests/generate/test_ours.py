"""The rules of our own style."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from support.rules import DAY, MONTH, RATIO, alerts, defined, expressions, made, written

from slo_reports.definitions.loading import load_definitions
from slo_reports.generate.ours import rules_of
from slo_reports.generate.rules import Surroundings
from slo_reports.generate.writing import plain_yaml

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "checkout.rules.yml"
JOURNEY = (
    "  indicator: {type: journey, steps: [{slo: shop/a, critical: true},"
    " {slo: shop/b, critical: true}, {slo: shop/c}]%s}\n" + MONTH
)
VALUE = "  indicator: {type: threshold, query: 'time() - last', good: '<= 30m'}\n" + MONTH


def test_the_rules_of_a_definition_are_the_golden_ones(pytestconfig):
    """Refresh it after a change that is meant: ``pytest --golden``."""
    slos = load_definitions([ROOT / "config" / "definitions" / "checkout.yaml"])
    generated = rules_of(slos[0], Surroundings(DAY))
    shown = plain_yaml(generated.groups, generated.notes)
    if pytestconfig.getoption("--golden"):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


def test_every_window_of_an_alert_is_recorded_too(tmp_path):
    more = "  alerting: {burn_rates: [{severity: page, long: 12h, short: 45m, threshold: 2}]}\n"
    found = expressions(made(defined(tmp_path, RATIO + MONTH + more)))
    windows = {name.rpartition("_rate")[2] for name in found if name.startswith("slo:sli:")}
    assert windows == {"5m", "30m", "45m", "1h", "2h", "6h", "12h", "1d", "3d", "30d"}
    assert {f"slo:burn_rate:ratio_rate{one}" for one in windows} <= set(found)


def test_long_windows_add_up_events_instead_of_averaging_ratios(tmp_path):
    found = expressions(made(defined(tmp_path)))
    assert found["slo:sli:ratio_rate30d"] == (
        'sum_over_time(slo:events_good:rate5m{slo="shop/a"}[30d:5m])\n/\n'
        '(sum_over_time(slo:events_valid:rate5m{slo="shop/a"}[30d:5m]) > 0)'
    )
    assert not any("avg" in expr for expr in found.values())


def test_a_missing_series_of_errors_hides_no_traffic(tmp_path):
    more = "  indicator: {type: ratio, valid: 'all_total{a=\"b\"}', bad: failed_total}\n" + MONTH
    found = expressions(made(defined(tmp_path, more)))
    valid = 'sum(rate(all_total{a="b"}[5m]))'
    assert found["slo:events_good:rate5m"] == (
        f"({valid} - (sum(rate(failed_total[5m])) or 0 * {valid}))"
    )


def test_labels_are_escaped_wherever_they_stand(tmp_path):
    hostile = (
        "  indicator: {type: ratio, metric: m, filters: {a: 'x\"} or up{\\y'}, good: {b: c}}\n"
    )
    found = expressions(made(defined(tmp_path, hostile + MONTH)))
    assert found["slo:events_valid:rate5m"] == r'sum(rate(m{a="x\"} or up{\\y"}[5m]))'


def test_braces_in_a_title_are_no_template(tmp_path):
    title = "  title: '{{ $labels.password }}'\n"
    for one in alerts(made(defined(tmp_path, RATIO + MONTH + title))):
        summary = dict(one.annotations)["summary"]
        assert summary.startswith('shop: {{ "{{" }} $labels.password }} ')


def test_an_alert_that_can_never_fire_is_left_out_and_named(tmp_path):
    generated = made(defined(tmp_path, RATIO + "  objectives: [{window: 30d, target: 90}]\n"))
    (left_out,) = generated.left_out
    assert str(left_out) == (
        "shop/a: the alert page 1h/5m over 14.4 is left out: an objective of 90 % burns at most 10 "
        "times too fast, where everything fails, so it can never fire; write alerting.burn_rates "
        "with thresholds under 10"
    )
    assert [dict(one.labels).get("long") for one in alerts(generated)] == ["6h", "1d", "3d", None]


@pytest.mark.parametrize(("threshold", "fires"), [("10", False), ("9.999", True), ("10.01", False)])
def test_a_rate_that_is_reached_and_not_exceeded_never_fires(tmp_path, threshold, fires):
    more = (
        "  objectives: [{window: 30d, target: 90}]\n  alerting: {burn_rates: [{severity: page, "
        f"long: 1h, short: 5m, threshold: {threshold}}}]}}\n"
    )
    generated = made(defined(tmp_path, RATIO + more))
    assert (len(alerts(generated)) == 2) is fires
    assert (generated.left_out == ()) is fires


def test_without_a_budget_every_bad_event_is_told_once_for_each_severity(tmp_path):
    generated = made(defined(tmp_path, RATIO + "  objectives: [{window: 30d, target: 100}]\n"))
    found = [one for one in alerts(generated) if one.alert == "SloBudgetBurn"]
    assert [dict(one.labels)["long"] for one in found] == ["1h", "1d"]
    assert found[0].expr == (
        'slo:sli:ratio_rate1h{slo="shop/a"} < 1 - 1e-09\nand\n'
        'slo:sli:ratio_rate5m{slo="shop/a"} < 1 - 1e-09'
    )
    assert [one.what for one in generated.left_out] == [
        "the alert page 6h/30m over 6",
        "the alert ticket 3d/6h over 1",
    ]
    assert not any("burn_rate" in name for name in expressions(generated))


def test_a_definition_names_labels_and_silences_its_alerts(tmp_path):
    more = (
        "  alerting: {name: Mine, labels: {team: x, slo: other}, annotations: {summary: Look},"
        " severities: {page: {labels: {severity: critical}}, ticket: {disabled: true}}}\n"
    )
    found = alerts(made(defined(tmp_path, RATIO + MONTH + more)))
    assert [one.alert for one in found] == ["Mine", "Mine"]
    labels = dict(found[0].labels)
    assert (labels["team"], labels["severity"], labels["slo"]) == ("x", "critical", "shop/a")
    assert dict(found[0].annotations)["summary"] == "Look"


@pytest.mark.parametrize(
    ("day", "target"), [(date(2026, 10, 31), "0.99"), (date(2026, 11, 1), "0.995")]
)
def test_the_target_of_the_day_holds_and_the_file_does_not_change_before_the_next(
    tmp_path, day, target
):
    phases = "[{target: 99, from: 2026-10-01}, {target: 99.5, from: 2026-11-01}]"
    slo = defined(tmp_path, RATIO + f"  objectives: [{{window: month, phases: {phases}}}]\n")
    generated = made(slo, day=day)
    assert expressions(generated)["slo:target:ratio"] == f"vector({target})"
    assert generated == made(slo, day=day + timedelta(days=(-1 if day.day > 1 else 1)))


@pytest.mark.parametrize("combine", ["", ", combine: worst"])
def test_a_journey_is_made_of_its_critical_steps_records(tmp_path, combine):
    for name in "abc":
        written(tmp_path, name=name)
    written(tmp_path, JOURNEY % combine, name="j")
    *steps, journey = load_definitions([tmp_path])
    generated = made(journey, *steps)
    found = expressions(generated)
    assert "shop/c" not in found["slo:events_good:rate5m"]
    assert ("min(" in found["slo:events_good:rate5m"]) is bool(combine)
    assert found["slo:events_valid:rate5m"] == (
        'sum(slo:events_valid:rate5m{slo="shop/a"}) and\nsum(slo:events_valid:rate5m{slo="shop/b"})'
    )
    assert "SloNoData" not in [one.alert for one in alerts(generated)]


def test_what_has_no_events_weighs_by_time_and_says_so(tmp_path):
    generated = made(defined(tmp_path, VALUE))
    found = expressions(generated)
    assert "slo:events_valid:rate5m" not in found
    assert found["slo:sli:ratio_rate30d"] == (
        'avg_over_time(slo:slice_good:ratio{slo="shop/a"}[30d:5m])'
    )
    assert "there are no events that could weigh" in generated.notes[0]


def test_alerts_wait_longer_the_longer_they_look_back(tmp_path):
    holds = [one.hold for one in alerts(made(defined(tmp_path)))]
    minutes = [timedelta(minutes=one) for one in (2, 15, 60, 180, 30)]
    assert holds == minutes
