"""SLOs as documents of our own format: what is written reads back the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.definitions.loading import load_definitions
from slo_reports.definitions.writing import checked_yaml, to_yaml
from slo_reports.model import (
    Alerting,
    AlertWords,
    BurnRateAlert,
    CountersIndicator,
    GaugeIndicator,
    LatencyIndicator,
    Matcher,
    Method,
    Objective,
    Origin,
    QueryIndicator,
    RatioIndicator,
    RatioQueryIndicator,
    Slo,
    ThresholdIndicator,
    Tier,
)

CONFIG = Path(__file__).parents[2] / "config"
BASE = Slo(
    id="shop/checkout",
    name="checkout",
    namespace="shop",
    service="checkout",
    title="Availability",
    owner="Basket",
    indicator=RatioIndicator("m", (), (Matcher("code", "!~", "5.."),)),
    objectives=(Objective(Decimal("0.999"), "30d", timedelta(days=30)),),
    origin=Origin("somewhere.yaml", 3, "prometheus/v1"),
)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
LINE = TEXT.map(lambda text: re.sub(r"[\x00-\x1f\x7f\u2028\u2029]", "", text).strip() or "x")
LABEL = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
MATCHERS = st.dictionaries(LABEL, st.tuples(st.sampled_from(["=", "!="]), TEXT), max_size=3).map(
    lambda found: tuple(Matcher(label, op, value) for label, (op, value) in found.items())
)
METRIC = st.from_regex(r"[a-z][a-z_:]{0,8}", fullmatch=True)
INDICATORS = st.one_of(
    st.builds(
        RatioIndicator, METRIC, MATCHERS, MATCHERS.map(lambda found: found or BASE.indicator.good)
    ),
    st.builds(CountersIndicator, METRIC, MATCHERS, good_metric=METRIC, good=MATCHERS),
    st.builds(CountersIndicator, METRIC, MATCHERS, bad_metric=METRIC, bad=MATCHERS),
    st.builds(
        QueryIndicator,
        TEXT.map(lambda text: f"({text})[$window]"),
        TEXT.map(lambda text: f"({text})[$window]"),
    ),
    st.builds(
        LatencyIndicator,
        METRIC,
        MATCHERS,
        st.decimals("0.001", "1000", places=3).filter(lambda number: number > 0),
    ),
)
ALERTS = st.builds(
    BurnRateAlert,
    LINE,
    st.integers(61, 9999).map(lambda minutes: timedelta(minutes=minutes)),
    st.integers(1, 3599).map(lambda seconds: timedelta(seconds=seconds)),
    st.floats(0.001, 1e6),
)
RULE_NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)
PAIRS = st.dictionaries(RULE_NAME, TEXT, max_size=2).map(lambda found: tuple(sorted(found.items())))
WORDS = st.builds(AlertWords, PAIRS, PAIRS, st.booleans())
ALERTING = st.builds(
    Alerting,
    st.one_of(st.just(""), RULE_NAME),
    st.builds(AlertWords, PAIRS, PAIRS),
    st.dictionaries(LINE, WORDS.filter(lambda one: one != AlertWords()), max_size=2).map(
        lambda found: tuple(sorted(found.items()))
    ),
)
SLOS = st.builds(
    replace,
    st.just(BASE),
    service=LINE,
    title=LINE,
    owner=LINE,
    indicator=INDICATORS,
    tier=st.sampled_from([None, *Tier]),
    description=TEXT.map(str.strip),
    burn_rates=st.lists(ALERTS, max_size=3).map(tuple),
    alerting=ALERTING,
    remarks=st.lists(TEXT, max_size=2).map(tuple),
    objectives=st.decimals("1.001", "100", places=3).map(
        lambda percent: (Objective(percent / 100, "28d", timedelta(days=28)),)
    ),
)


@given(SLOS)
def test_whatever_an_slo_says_it_reads_back_the_same(slo: Slo) -> None:
    assert checked_yaml(slo)


@pytest.mark.parametrize("folder", ["definitions", "demo/definitions"])
def test_the_example_definitions_read_back_the_same(folder: str) -> None:
    for slo in load_definitions([CONFIG / folder]):
        assert checked_yaml(slo)


def test_other_readers_of_yaml_see_the_same_text() -> None:
    slo = replace(BASE, title="yes", owner="1e3", service="a: b # c", description="- x\n  y\n\nz")
    spec = yaml.safe_load(to_yaml(slo))["spec"]
    assert (spec["title"], spec["owner"], spec["service"]) == ("yes", "1e3", "a: b # c")
    assert spec["description"] == "- x\n  y\n\nz"


def test_a_remark_cannot_leave_its_comment() -> None:
    text = to_yaml(replace(BASE, remarks=("a\nkind: Other", "b\u2028c")))
    assert "# remark: a kind: Other\n# remark: b c\n" in text


def indicator_of(slo: Slo) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(to_yaml(slo))["spec"]["indicator"]
    return found


def test_gauges_thresholds_and_ratios_have_keys_of_their_own() -> None:
    gauge = GaugeIndicator("up", (Matcher("job", "=", "x"),), "==", Decimal(1))
    assert indicator_of(replace(BASE, indicator=gauge)) == {
        "type": "gauge",
        "metric": "up",
        "filters": {"job": "x"},
        "good": "== 1",
    }
    floor = ThresholdIndicator("rate(m[$window])", ">=", Decimal(100))
    assert indicator_of(replace(BASE, indicator=floor)) == {
        "type": "threshold",
        "query": "rate(m[$window])",
        "good": ">= 100",
    }
    for of, key in (("good", "ratio"), ("bad", "bad_ratio")):
        ratio = RatioQueryIndicator("a / b", of)
        assert indicator_of(replace(BASE, indicator=ratio)) == {"type": "ratio", key: "a / b"}


def test_methods_have_keys_of_their_own() -> None:
    slo = replace(
        BASE,
        method=Method.TIMESLICES,
        slice_target=Decimal("0.99"),
        slice_window=timedelta(minutes=5),
    )
    spec = yaml.safe_load(to_yaml(slo))["spec"]
    assert (spec["method"], spec["slice_target"], spec["slice_window"]) == ("timeslices", 99, "5m")
