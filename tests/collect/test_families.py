from datetime import timedelta
from decimal import Decimal

import pytest

from slo_reports.collect.families import boundary_of, families, needs_of, spellings
from slo_reports.model import (
    CountersIndicator,
    JourneyIndicator,
    JourneyStep,
    LatencyIndicator,
    Matcher,
    Objective,
    QueryIndicator,
    RatioIndicator,
    Slo,
)
from slo_reports.promql import duration, just_under, matches, one_of, quote, selector


def slo(name, indicator):
    objective = Objective(Decimal("0.999"), "30d", timedelta(days=30))
    return Slo(f"shop/{name}", name, "shop", name, name, "Team", indicator, (objective,))


def job(name):
    return Matcher("job", "=", name)


GOOD = (Matcher("code", "!~", "5.."),)


def ratio(name, metric="http_requests_total", *more):
    return slo(name, RatioIndicator(metric, (job(name), *more), GOOD))


def test_many_services_share_one_query():
    needs = [need for name in ("cart", "pay.v2") for need in needs_of(ratio(name))]
    (family,) = families(needs)
    assert family.selector == r'http_requests_total{job=~"cart|pay\\.v2"}'


def test_a_journey_needs_nothing_of_its_own():
    steps = (JourneyStep("shop/cart", critical=True),)
    assert needs_of(slo("buy", JourneyIndicator(steps))) == ()


def test_a_filter_that_all_share_is_asked_of_the_server():
    probes = Matcher("handler", "!=", "/health")
    needs = [
        need
        for name in ("cart", "pay")
        for need in needs_of(ratio(name, "http_requests_total", probes))
    ]
    (family,) = families(needs)
    assert family.selector == 'http_requests_total{handler!="/health",job=~"cart|pay"}'


def test_slos_that_narrow_other_labels_are_asked_apart():
    other = slo("edge", RatioIndicator("http_requests_total", (Matcher("app", "=", "x"),), GOOD))
    needs = [*needs_of(ratio("cart")), *needs_of(other)]
    assert {family.selector for family in families(needs)} == {
        'http_requests_total{job="cart"}',
        'http_requests_total{app="x"}',
    }


def test_a_regular_expression_joins_plain_values():
    pattern = slo("x", RatioIndicator("m", (Matcher("job", "=~", "a.*|b"),), GOOD))
    plain = slo("y", RatioIndicator("m", (Matcher("job", "=", "c+"),), GOOD))
    (family,) = families([*needs_of(pattern), *needs_of(plain)])
    assert family.selector == r'm{job=~"(?:a.*|b)|c\\+"}'


@pytest.mark.parametrize(
    ("labels", "weights"),
    [
        ({"job": "cart", "code": "200"}, (1, 1)),
        ({"job": "cart", "code": "503"}, (0, 1)),
        ({"job": "cart"}, (1, 1)),
        ({"job": "pay", "code": "200"}, None),
    ],
)
def test_what_one_event_of_a_ratio_adds_to_good_and_valid(labels, weights):
    (need,) = needs_of(ratio("cart"))
    assert need.weights(labels) == weights


def test_a_latency_objective_counts_its_bucket_as_good_and_infinity_as_valid():
    (need,) = needs_of(slo("x", LatencyIndicator("h", (job("x"),), Decimal("0.5"))))
    assert need.metric == "h_bucket"
    assert [need.weights({"job": "x", "le": le}) for le in ("0.50", "+Inf", "1")] == [
        (1, 0),
        (0, 1),
        (0, 0),
    ]


def test_what_serves_some_needs_of_a_family_is_asked_for_with_its_buckets():
    needs = [
        need
        for name in ("cart", "pay", "web")
        for need in needs_of(slo(name, LatencyIndicator("took", (job(name),), Decimal("0.5"))))
    ]
    (family,) = families(needs)
    some = family.with_buckets(("0.50", "+Inf")).serving(needs[1:])
    assert some.selector == r'took_bucket{job=~"pay|web",le=~"\\+Inf|0\\.50"}'
    assert some.needs == tuple(needs[1:])


def test_bad_events_are_taken_from_the_valid_ones():
    valid, bad = needs_of(
        slo("x", CountersIndicator("all", (job("x"),), bad_metric="errors", bad=(job("x"),)))
    )
    assert (valid.weights({"job": "x"}), bad.weights({"job": "x"})) == ((1, 1), (-1, 0))


def test_a_written_query_needs_no_counters():
    assert needs_of(slo("x", QueryIndicator("g[$window]", "v[$window]"))) == ()


def test_bucket_boundaries_are_compared_by_value():
    texts = ("0.25", "0.50", "5e-01", "1", "1.0", "+Inf", "wrong", "NaN")
    assert spellings(texts, [Decimal("0.5")]) == ("0.50", "5e-01", "+Inf")
    assert spellings(texts, [Decimal("1.000")]) == ("1", "1.0", "+Inf")
    assert boundary_of("wrong") is None


def test_values_are_escaped_in_promql():
    hostile = 'a"} or vector(1) #\\\n'
    assert quote(hostile) == '"a\\"} or vector(1) #\\\\\\n"'
    assert selector("m", [Matcher("l", "=", hostile)]) == f"m{{l={quote(hostile)}}}"
    assert one_of("l", ["a.b", "c|d"]).value == r"a\.b|c\|d"


def test_matching_is_that_of_the_server():
    assert matches([Matcher("l", "=~", "a|")])({})
    assert not matches([Matcher("l", "=~", "a")])({"l": "ab"})
    assert matches([Matcher("l", "!~", "a")])({"l": "ab"})
    assert not matches([Matcher("l", "!=", "")])({})


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(hours=36), "36h"),
        (timedelta(days=2), "2d"),
        (timedelta(seconds=390), "390s"),
        (timedelta(milliseconds=1500), "1500ms"),
    ],
)
def test_durations_are_written_in_the_largest_whole_unit(length, text):
    assert duration(length) == text


def test_a_range_just_under_the_step_holds_the_same_samples_on_every_server():
    assert just_under(timedelta(minutes=5)) == "299999ms"
