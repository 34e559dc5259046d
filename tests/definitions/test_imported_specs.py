"""The example files of other tools: each is imported, or refused with a reason and a line."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from slo_reports.definitions.loading import load_definitions, load_with_remarks
from slo_reports.definitions.writing import checked_yaml
from slo_reports.errors import ConfigurationError
from slo_reports.model import (
    CountersIndicator,
    GaugeIndicator,
    LatencyIndicator,
    Matcher,
    Method,
    QueryIndicator,
)

SPECS = Path(__file__).parent / "specs"
FILES = sorted(
    one
    for one in SPECS.rglob("*.y*ml")
    if one.parent.name != "expected"  # Prometheus rules, not definitions
)
REFUSED = {
    "openslo/invalid-unknown-field.yaml": ["6: unknown key 'markdown' in spec"],
    "openslo/occurences-slo.yaml": ["17: the source 'Any' is not Prometheus"],
    "openslo/timeslices-slo.yaml": [
        "23: the source 'Any' is not Prometheus",
        "27: 1m is 1 minute; a month is written 1M",
    ],
    "pyrra/prometheus-http.yaml": ["17: grouping makes one SLO per label set"],
    "pyrra/prometheus-probe-success.yaml": ["14: grouping makes one SLO per label set"],
    "pyrra/pyrra-connect-latency.yaml": ["18: grouping makes one SLO per label set"],
}
IMPORTED = {
    "openslo/v1-slos.yaml": ["default/web-availability"],
    "openslo/v1alpha-mixed.yaml": ["default/ratio", "default/my-amazing-slo"],
    "pyrra/caddy-response-latency.yaml": ["default/caddy-response-latency"],
    "pyrra/nginx.yaml": ["monitoring/nginx-api-errors", "monitoring/nginx-api-latency"],
    "pyrra/pyrra-filesystem-errors.yaml": ["monitoring/pyrra-filesystem-errors"],
    "slo-generator/config.yaml": [],
    "slo-generator/slo_prom_metrics_availability_ratio.yaml": ["default/prom-metrics-availability"],
    "slo-generator/slo_prom_metrics_latency_distribution_cut.yaml": [
        "default/prom-metrics-latency"
    ],
    "sloth/getting-started.yml": ["myservice/requests-availability"],
    "sloth/home-wifi.yml": [
        "home-wifi/good-wifi-client-satisfaction",
        "home-wifi/risk-wifi-client-satisfaction",
    ],
    "sloth/k8s-getting-started.yml": ["myservice/requests-availability"],
    "sloth/kubernetes-apiserver.yml": [
        "k8s-apiserver/requests-availability",
        "k8s-apiserver/requests-latency",
    ],
    "sloth/no-alerts.yml": ["myapp/http-availability"],
    "sloth/openslo-getting-started.yml": ["default/sloth-slo-my-service"],
}


def name_of(path: Path) -> str:
    return path.relative_to(SPECS).as_posix()


def only(name: str):
    (slo,) = load_definitions([SPECS / name])
    return slo


def eq(**labels: str) -> tuple[Matcher, ...]:
    return tuple(Matcher(label, "=", value) for label, value in labels.items())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_file_is_imported_or_refused_with_a_reason_and_a_line(path: Path) -> None:
    name = name_of(path)
    assert (name in IMPORTED) != (name in REFUSED)
    try:
        loaded = load_with_remarks([path])
    except ConfigurationError as error:
        said = [f"{one.line}: {one.message}" for one in error.problems]
        assert len(said) == len(REFUSED[name])
        for have, wanted in zip(said, REFUSED[name], strict=True):
            assert have.startswith(wanted)
        return
    assert [slo.id for slo in loaded.slos] == IMPORTED[name]
    lines = path.read_text().count("\n")
    assert all(one.path == path and 1 <= one.line <= lines for one in loaded.remarks)


RULES = sorted((SPECS / "sloth" / "expected").glob("*.yml"))


def series_of(path: Path):
    for document in yaml.safe_load_all(path.read_text()):
        for group in document.get("spec", document)["groups"]:
            for rule in group["rules"]:
                yield rule.get("record"), rule.get("labels", {}), str(rule["expr"])


@pytest.mark.parametrize("path", RULES, ids=lambda one: one.name)
def test_objectives_and_periods_are_those_of_the_rules_that_sloth_generates(path: Path) -> None:
    slos = load_definitions([SPECS / "sloth" / path.name])
    told = {}
    for record, labels, expression in series_of(path):
        if record in ("slo:objective:ratio", "slo:time_period:days"):
            number = re.fullmatch(r"vector\(([0-9.]+)\)", expression)
            assert number is not None
            told.setdefault(labels["sloth_id"], {})[record] = number[1]
    assert len(told) == len(slos)
    for slo, said in zip(slos, told.values(), strict=True):
        (objective,) = slo.objectives
        assert float(said["slo:objective:ratio"]) == pytest.approx(float(objective.target), 1e-14)
        assert objective.length == timedelta(days=int(said["slo:time_period:days"]))


def test_burn_rates_are_those_of_the_alerts_that_sloth_generates() -> None:
    slo = only("sloth/getting-started.yml")
    expected = {
        float(number)
        for _, _, expression in series_of(SPECS / "sloth" / "expected" / "getting-started.yml")
        for number in re.findall(r"\(([0-9.]+) \* 0\.000", expression)
    }
    assert {one.threshold for one in slo.burn_rates} == expected == {14.4, 6.0, 3.0, 1.0}
    assert only("sloth/no-alerts.yml").burn_rates == ()


def test_sums_of_rates_are_counted_as_counters() -> None:
    assert only("sloth/getting-started.yml").indicator == CountersIndicator(
        "http_request_duration_seconds_count",
        eq(job="myservice"),
        bad_metric="http_request_duration_seconds_count",
        bad=(*eq(job="myservice"), Matcher("code", "=~", "(5..|429)")),
    )
    assert only("sloth/openslo-getting-started.yml").indicator == CountersIndicator(
        "http_request_duration_seconds_count",
        eq(job="myservice"),
        good_metric="http_request_duration_seconds_count",
        good=(*eq(job="myservice"), Matcher("code", "!~", "(5..|429)")),
    )


def test_all_events_less_a_bucket_is_a_latency() -> None:
    _, slo = load_definitions([SPECS / "sloth" / "kubernetes-apiserver.yml"])
    assert slo.indicator == LatencyIndicator(
        "apiserver_request_duration_seconds", (Matcher("verb", "!=", "WATCH"),), Decimal("0.4")
    )
    assert only("pyrra/caddy-response-latency.yaml").indicator == LatencyIndicator(
        "caddy_http_response_duration_seconds",
        (*eq(job="caddy", handler="subroute"), Matcher("code", "!~", "5..")),
        Decimal("0.05"),
    )


def test_a_latency_whose_two_selectors_differ_is_kept_as_it_is_written() -> None:
    _, slo = load_definitions([SPECS / "pyrra" / "nginx.yaml"])
    assert isinstance(slo.indicator, CountersIndicator)
    assert Matcher("status", "=~", "5..") in slo.indicator.good
    assert Matcher("le", "=", "1") in slo.indicator.good


def test_other_queries_are_asked_as_they_are_written() -> None:
    slo, _ = load_definitions([SPECS / "sloth" / "home-wifi.yml"])
    assert isinstance(slo.indicator, QueryIndicator)
    every = "sum_over_time((count(unifipoller_client_satisfaction_ratio))[$window:])"
    assert slo.indicator.valid == every
    assert slo.indicator.good.startswith(f"({every}) - ((sum_over_time((count(unifi")
    assert slo.indicator.good.endswith(f" or 0 * ({every}))")


def test_openslo_methods_and_windows() -> None:
    slo = only("openslo/v1-slos.yaml")
    assert slo.method is Method.TIMESLICES
    assert slo.slice_target == Decimal("0.95")
    assert slo.slice_window == timedelta(minutes=1)
    assert [(one.target, one.window) for one in slo.objectives] == [(Decimal("0.995"), "week")]
    assert slo.owner == "team-a, team-b"
    _, gauge = load_definitions([SPECS / "openslo" / "v1alpha-mixed.yaml"])
    assert isinstance(gauge.indicator, GaugeIndicator)
    assert (gauge.indicator.op, gauge.indicator.limit) == (">", 2000)
    assert gauge.objectives[0].window == "month"


def test_the_shared_config_of_slo_generator_gives_windows_and_alerts() -> None:
    for slo in load_definitions([SPECS / "slo-generator"]):
        assert slo.objectives[0].window == "28d"
        assert [(one.severity, one.long, one.short, one.threshold) for one in slo.burn_rates] == [
            ("page", timedelta(hours=1), timedelta(minutes=5), 9.0),
            ("page", timedelta(hours=12), timedelta(hours=1), 3.0),
            ("ticket", timedelta(days=7), timedelta(hours=14), 1.5),
        ]


ALL_IMPORTED = [
    slo for path in FILES if name_of(path) in IMPORTED for slo in load_definitions([path])
]


@pytest.mark.parametrize("slo", ALL_IMPORTED, ids=lambda one: f"{one.origin.format} {one.id}")
def test_an_imported_slo_is_the_same_after_writing_and_reading(slo, tmp_path: Path) -> None:
    file = tmp_path / "written.yaml"
    file.write_text(checked_yaml(slo), encoding="utf-8")
    (again,) = load_definitions([file])
    assert replace(again, origin=slo.origin, remarks=slo.remarks) == slo
    assert f"# from {slo.origin.format} {slo.origin.path}:{slo.origin.line}\n" in file.read_text()


def test_all_formats_may_lie_in_one_folder(tmp_path: Path) -> None:
    for name in ("sloth/no-alerts.yml", "pyrra/nginx.yaml", "openslo/v1-slos.yaml"):
        (tmp_path / Path(name).name).write_bytes((SPECS / name).read_bytes())
    slos = load_definitions([tmp_path])
    assert [slo.id for slo in slos] == [
        "monitoring/nginx-api-errors",
        "monitoring/nginx-api-latency",
        "myapp/http-availability",
        "default/web-availability",
    ]


TEXTS = {name_of(path): path.read_text() for path in FILES}
WORDS = [
    "", "null", "[]", "{}", "- a", "0", "-1", "1e999", ".inf", "NaN", "true", "'x'", "1m", "1M",
    "99.9", "{a: [b]}", "sum(rate(x[{{.window}}]))", "x{", "x{le='a'}", "![a]", "&a *a", "\t",
    "${NOT_SET}", "١", "²", "2021-05-01 00:00:00",
]  # fmt: skip


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_no_change_of_a_file_raises_anything_but_a_configuration_error(data, tmp_path_factory):
    lines = TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))].split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[index].partition(":")
        change = data.draw(st.sampled_from(("value", "drop", "double", "indent", "key", "text")))
        if change == "value":
            lines[index] = f"{key}{colon} {data.draw(st.sampled_from(WORDS))}"
        elif change == "drop":
            lines[index] = ""
        elif change == "double":
            lines.insert(index, lines[index])
        elif change == "indent":
            lines[index] = " " * data.draw(st.integers(0, 4)) + lines[index].lstrip()
        elif change == "key":
            lines[index] = lines[index].replace(key.strip(), "other", 1)
        else:
            lines[index] = f"{key}{colon} {data.draw(st.text(max_size=12))!r}"
    file = tmp_path_factory.getbasetemp() / "changed.yaml"
    file.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    slos = ()
    with contextlib.suppress(ConfigurationError):
        slos = load_with_remarks([file], environment={}).slos
    for slo in slos:
        assert checked_yaml(slo)
