"""Rules in Sloth's style: equal to Sloth's own for its files, and made of any definition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from support.command import slo_reports
from support.rules import DAY, MONTH, RATIO, alerts, defined, expressions, made, promtool, written

from slo_reports.definitions.loading import load_definitions, load_with_remarks
from slo_reports.generate.files import Form, Wrapping, rules_text
from slo_reports.generate.rules import Surroundings
from slo_reports.generate.styles import rules_in
from slo_reports.generate.writing import plain_yaml
from slo_reports.generated import make_rules

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "tests" / "definitions" / "specs" / "sloth"
EXPECTED = sorted((SPECS / "expected").glob("*.yml"))
AROUND = Surroundings(DAY, labels=(("cmd", "examplesgen.sh"),))
GOLDEN = ROOT / "tests" / "golden" / "checkout.sloth.rules.yml"
VERSION = "sloth_version"
PLAIN = """\
version: prometheus/v1
service: shop
labels: {owner: Team Shop, a: 1.5}
slos:
  - name: orders
    objective: 99.9
    labels: {a: "2"}
    sli:
      events:
        error_query: sum(rate(m{c="5"}[{{.window}}]))
        total_query: sum(rate(m[{{ .window }}]))
    alerting: {name: Orders, page_alert: {labels: {severity: p}}, ticket_alert: {disable: true}}
"""
WINDOWS = """\
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


def without_version(document: dict) -> dict:
    for group in document.get("spec", document)["groups"]:
        for rule in group["rules"]:
            rule.get("labels", {}).pop(VERSION, None)
    return document


def ours(path: Path, form: Form) -> dict:
    made_of = make_rules(load_definitions([path]), AROUND, "sloth")
    return without_version(yaml.safe_load(rules_text(made_of, Wrapping("sloth", form))))


def theirs(path: Path) -> dict:
    (document,) = (one for one in yaml.safe_load_all(path.read_text()) if one is not None)
    return without_version(document)


@pytest.mark.parametrize("path", EXPECTED, ids=lambda one: one.name)
def test_the_rules_of_sloths_own_examples_equal_those_that_sloth_makes(path):
    expected = theirs(path)
    form = Form.OPERATOR if "kind" in expected else Form.PROMETHEUS
    assert ours(SPECS / path.name, form) == expected


def test_the_command_makes_them_too(tmp_path):
    name = "getting-started.yml"
    words = ("--style", "sloth", "--series-label", "cmd=examplesgen.sh")
    done = slo_reports("rules", SPECS / name, *words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert without_version(yaml.safe_load(done.stdout)) == theirs(SPECS / "expected" / name)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--series-label", "a=b"], "our own series have fixed labels"),
        (["--style", "sloth", "--series-label", "a-b=c"], "'a-b' is no name for Prometheus"),
        (["--style", "sloth", "--series-label", "a"], "'a' is no label"),
    ],
)
def test_a_label_that_would_be_wrong_or_lost_is_refused(tmp_path, words, said):
    done = slo_reports("rules", SPECS / "getting-started.yml", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def read(tmp_path, text):
    path = tmp_path / "sloth.yml"
    path.write_text(text)
    (slo,) = load_definitions([path])
    return slo


def test_an_slos_own_labels_stand_over_the_services_and_over_sloths(tmp_path):
    text = PLAIN.replace("{owner: Team Shop, a: 1.5}", "{sloth_slo: mine, a: 1.5}")
    generated = made(read(tmp_path, text), style="sloth")
    labels = [dict(one.labels) for one in generated.groups[0].rules]
    assert all((one["a"], one["sloth_slo"]) == ("2", "mine") for one in labels)


def test_a_severity_that_is_off_has_no_alert_and_its_windows_are_still_recorded(tmp_path):
    generated = made(read(tmp_path, PLAIN), style="sloth")
    (page,) = alerts(generated)
    assert page.alert == "Orders"
    assert dict(page.labels) == {"severity": "p", "sloth_severity": "page"}
    assert {f"slo:sli_error:ratio_rate{one}" for one in ("2h", "6h", "1d", "3d")} <= set(
        expressions(generated)
    )


def test_alert_windows_of_a_file_give_factors_and_windows(tmp_path):
    path = tmp_path / "sloth.yml"
    path.write_text(f"{PLAIN.replace('ticket_alert: {disable: true}', '')}---\n{WINDOWS}")
    (slo,) = load_with_remarks([path], timedelta(days=7)).slos
    generated = made(slo, style="sloth")
    assert "slo:sli_error:ratio_rate1w" in expressions(generated)
    page, ticket = (one.expr for one in alerts(generated))
    budget = "0.0009999999999999432"
    assert all(f"({one} * {budget})" in page for one in ("13.44", "3.5"))
    assert all(f"({one} * {budget})" in ticket for one in ("1.4000000000000001", "0.98"))


def test_a_ratio_of_errors_is_asked_as_it_is(tmp_path):
    start, end = PLAIN.index("      events"), PLAIN.index("    alerting")
    text = f"{PLAIN[:start]}      raw: {{error_ratio_query: 'x[{{{{.window}}}}]'}}\n{PLAIN[end:]}"
    found = expressions(made(read(tmp_path, text), style="sloth"))
    assert found["slo:sli_error:ratio_rate1h"] == "(x[1h])"


def test_all_objectives_of_one_kubernetes_object_stay_in_one(tmp_path):
    text = (SPECS / "k8s-getting-started.yml").read_text()
    start = text.index('    - name: "requests-availability"')
    second = text[start:].replace("requests-availability", "second")
    (tmp_path / "k8s.yml").write_text(f"{text.rstrip()}\n{second}")
    words = ("--style", "sloth", "--format", "operator", "--label", "prometheus=k8s")
    slo_reports("rules", "k8s.yml", *words, "--output", "out", cwd=tmp_path)
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "monitoring.sloth-slo-my-service.rules.yml"
    document = yaml.safe_load(file.read_text())
    assert document["metadata"] == {
        "name": "sloth-slo-my-service",
        "namespace": "monitoring",
        "labels": {
            "app.kubernetes.io/component": "SLO",
            "app.kubernetes.io/managed-by": "sloth",
            "prometheus": "k8s",
        },
    }
    assert len(document["spec"]["groups"]) == 6


# --- of any definition ---


def test_the_rules_of_our_own_definition_are_the_golden_ones(pytestconfig):
    """Refresh it after a change that is meant: ``pytest --golden``."""
    (slo, *_) = load_definitions([ROOT / "config" / "definitions" / "checkout.yaml"])
    generated = rules_in("sloth", slo, Surroundings(DAY))
    shown = plain_yaml(generated.groups, generated.notes)
    if pytestconfig.getoption("--golden"):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "share"),
    [
        pytest.param(
            RATIO + MONTH,
            '((sum(rate(requests_total{code=~"5.."}[1h])) or 0 * sum(rate(requests_total[1h]))))\n'
            "/\n(sum(rate(requests_total[1h])) > 0)\n",
            id="one matcher of good events: its opposite",
        ),
        pytest.param(
            "  indicator: {type: ratio, metric: m, good: {a: b, c: d}}\n" + MONTH,
            '(sum(rate(m[1h])) - (sum(rate(m{a="b",c="d"}[1h])) or 0 * sum(rate(m[1h]))))\n'
            "/\n(sum(rate(m[1h])) > 0)\n",
            id="several: what is left",
        ),
        pytest.param(
            "  indicator: {type: ratio, valid: all_total, bad: bad_total}\n" + MONTH,
            "((sum(rate(bad_total[1h])) or 0 * sum(rate(all_total[1h]))))\n"
            "/\n(sum(rate(all_total[1h])) > 0)\n",
            id="no series of bad events is none",
        ),
        pytest.param(
            "  indicator: {type: ratio, valid: 'v($window)', good: 'g($window)'}\n" + MONTH,
            "((v(1h)) - (g(1h)))\n/\n(v(1h) > 0)\n",
            id="expressions",
        ),
        pytest.param(
            "  indicator: {type: latency, histogram: h, threshold: 200ms, native: true}\n" + MONTH,
            "(1 - (histogram_fraction(0, 0.2, sum(rate(h[1h]))) >= -Inf))",
            id="a native histogram, without NaN where nothing was served",
        ),
        pytest.param(
            "  indicator: {type: threshold, query: age, good: '<= 30m'}\n" + MONTH,
            "(avg_over_time((1 - ((age) <= bool 1800))[1h:5m]))",
            id="a threshold: the share of slices",
        ),
        pytest.param(
            RATIO + "  method: timeslices\n  slice_target: 99\n" + MONTH,
            '(avg_over_time(((((sum(rate(requests_total{code=~"5.."}[5m])) or 0 * '
            "sum(rate(requests_total[5m])))) / (sum(rate(requests_total[5m])))) > bool 0.01)"
            "[1h:5m]))",
            id="timeslices: the share of those that miss their target",
        ),
        pytest.param(
            "  indicator: {type: ratio, ratio: q}\n" + MONTH, "(1 - (q))", id="a ratio of good"
        ),
        pytest.param(
            "  indicator: {type: gauge, metric: up, good: '== 1'}\n" + MONTH,
            "(sum(count_over_time((up)[1h:])) - sum(sum_over_time((up == bool 1)[1h:])))\n"
            "/\n(sum(count_over_time((up)[1h:])) > 0)\n",
            id="a gauge: samples",
        ),
    ],
)
def test_every_indicator_has_its_share_of_bad_events(tmp_path, more, share):
    found = expressions(made(defined(tmp_path, more), style="sloth"))
    assert found["slo:sli_error:ratio_rate1h"] == share


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (RATIO + "  method: timeslices\n  slice_window: 1h\n" + MONTH, "its slices are 1h long"),
        (
            "  indicator: {type: latency, histogram: h, threshold: 1s, interpolate: true}\n"
            + MONTH,
            "between two buckets",
        ),
        (
            "  indicator: {type: journey, steps: [{slo: shop/a, critical: true}]}\n" + MONTH,
            "a journey",
        ),
    ],
)
def test_what_cannot_be_said_is_left_out_with_the_reason(tmp_path, more, why):
    step = defined(tmp_path)
    path = written(tmp_path, more, name="b")
    slo = next(one for one in load_definitions([path, tmp_path / "a.yaml"]) if one.name == "b")
    generated = made(slo, step, style="sloth")
    assert generated.groups == ()
    (left,) = generated.left_out
    assert (left.slo, why in left.why) == ("shop/b", True)


def test_each_objective_has_a_name_of_its_own_and_the_first_one_the_alerts(tmp_path):
    both = "  objectives: [{window: month, target: 99.9}, {window: week, target: 99}]\n"
    generated = made(defined(tmp_path, RATIO + both), style="sloth")
    assert [one.name for one in generated.groups] == [
        "sloth-slo-sli-recordings-shop-a",
        "sloth-slo-meta-recordings-shop-a",
        "sloth-slo-alerts-shop-a",
        "sloth-slo-sli-recordings-shop-a-week",
        "sloth-slo-meta-recordings-shop-a-week",
    ]


def test_two_definitions_of_one_name_in_this_style_are_told(tmp_path):
    one = defined(tmp_path)
    twin = replace(one, id="other/a", namespace="other")
    (_, first), (_, second) = make_rules([one, twin], Surroundings(DAY), "sloth")
    assert first.groups
    assert not second.groups
    assert str(second.left_out[0]) == (
        "other/a: the objective is left out: its group 'sloth-slo-sli-recordings-shop-a' would be "
        "called like that of shop/a"
    )


def test_an_alert_that_cannot_fire_is_told(tmp_path):
    text = RATIO + "  objectives: [{window: 30d, target: 90}]\n"
    (note,) = made(defined(tmp_path, text), style="sloth").notes
    assert note == (
        "the page at 14.4 times the budget (1h/5m) can never fire: that is more than all events"
    )


SOURCES = [
    SPECS / "getting-started.yml",
    SPECS / "kubernetes-apiserver.yml",
    SPECS.parent / "pyrra",
    SPECS.parent / "openslo" / "v1-slos.yaml",
    SPECS.parent / "slo-generator",
    ROOT / "config" / "definitions",
    ROOT / "config" / "demo" / "definitions",
]


@pytest.mark.e2e
@pytest.mark.parametrize("path", SOURCES, ids=lambda one: f"{one.parent.name}/{one.name}")
def test_promtool_finds_nothing_wrong(tmp_path, path):
    done = slo_reports("rules", path, "--style", "sloth", "--output", "all.yml", cwd=tmp_path)
    assert done.returncode == 0
    checked = promtool("check", "rules", "--lint-fatal", tmp_path / "all.yml")
    assert (checked.returncode, checked.stderr) == (0, "")
