from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np

from slo_reports.definitions.loading import load_everything
from slo_reports.demo.places import demo_config
from slo_reports.demo.samples import REQUESTS, Series
from slo_reports.demo.scenery import Shop
from slo_reports.demo.shop import SERVICES, due_at, small_shop
from slo_reports.demo.truth import ObjectiveTruth
from slo_reports.demo.world import DemoWorld, bring_to_life
from slo_reports.periods import between


def of(world: DemoWorld, name: str, **labels: str) -> list[Series]:
    wanted = labels.items()
    return [one for one in world.series if one.name == name and wanted <= dict(one.labels).items()]


def truth(world: DemoWorld, slo: str) -> ObjectiveTruth:
    return next(one for one in world.truth if one.slo == f"shop/{slo}")


def test_the_same_shop_gives_the_same_samples_and_the_same_truth(small, small_world):
    again = bring_to_life(small)
    assert again.truth == small_world.truth
    assert [one.labels for one in again.series] == [one.labels for one in small_world.series]
    for one, other in zip(again.series, small_world.series, strict=True):
        np.testing.assert_array_equal(one.times, other.times)
        np.testing.assert_array_equal(one.values, other.values)


def test_a_service_does_not_depend_on_its_neighbours(small, small_world):
    alone = bring_to_life(small_shop({"payments"}, small.month))
    assert alone.truth == tuple(one for one in small_world.truth if one.service == "payments")


def test_another_seed_gives_other_events(small, small_world):
    other = bring_to_life(
        Shop(
            small.services,
            small.month,
            small.data_from,
            small.dense_from,
            small.data_until,
            seed=small.seed + 1,
        )
    )
    assert other.truth != small_world.truth


def test_the_month_is_that_of_berlin_and_has_745_hours(whole_world):
    month = whole_world.shop.month
    assert month.start == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert month.end == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert month.length == timedelta(hours=745)
    assert [one.id for one in whole_world.shop.history][::10] == ["2025-11", "2026-09"]


def test_the_report_falls_due_on_the_morning_after_the_month(whole_world):
    assert due_at(whole_world.shop).isoformat() == "2026-11-01T06:00:00+01:00"


def test_a_dozen_services_keep_the_number_of_series_small(whole_world):
    measured = [one for one in whole_world.series if one.name != "ALERTS"]
    assert len(SERVICES) == 12
    assert 70 <= len(measured) <= 95


def test_counters_never_fall_but_at_a_restart(whole_world):
    falls = {
        (one.label("job"), int((np.diff(one.values) < 0).sum()))
        for one in whole_world.series
        if one.name == REQUESTS and one.label("code") == "200"
    }
    assert {(job, count) for job, count in falls if count} == {
        ("checkout", 1),
        ("payments", 1),
        ("catalogue", 1),
        ("recommendations", 2),
        ("reviews", 2),
    }


def test_buckets_are_cumulative_and_the_last_one_counts_all_requests(whole_world):
    labels = {"job": "search"}
    buckets = of(whole_world, "http_request_duration_seconds_bucket", **labels)
    assert [one.label("le") for one in buckets] == ["0.25", "0.5", "1", "+Inf"]
    for lower, upper in pairwise(buckets):
        assert (lower.values <= upper.values).all()
    (count,) = of(whole_world, "http_request_duration_seconds_count", **labels)
    by_code = of(whole_world, REQUESTS, **labels)
    np.testing.assert_array_equal(count.values, buckets[-1].values)
    apart = np.sum([one.values for one in by_code], axis=0) - count.values
    assert np.unique(apart).size == 1  # the same growth from neighbouring heads


def test_the_stories_of_october_end_in_a_believable_mix_of_outcomes(whole_world):
    left = {
        one.slo.removeprefix("shop/"): one.reported.budget_remaining for one in whole_world.truth
    }
    judged = {slo: one for slo, one in left.items() if one is not None}
    assert {slo for slo, one in judged.items() if one < 0} == {
        "checkout-availability",
        "recommendations-latency-500ms",
    }
    assert {slo for slo, one in judged.items() if 0 <= one < 0.25} == {
        "payments-availability",
        "stock-sync-success",
    }
    assert left.keys() - judged.keys() == {"b2b-export-availability"}
    below = {one.service for one in whole_world.truth if one.reported.coverage < 0.95}
    assert below == {"newsletter"}


def test_several_services_missed_earlier_months(whole_world):
    missed = {
        (one.service, period.period)
        for one in whole_world.truth
        for period in one.history
        if period.budget_remaining is not None and period.budget_remaining < 0
    }
    assert len({service for service, _ in missed}) >= 6
    assert len({period for _, period in missed}) >= 5


def test_a_replaced_pod_brings_a_new_instance_and_its_error_series_a_birth(small_world):
    alive = {one.label("instance"): one.times[0] for one in of(small_world, "up", job="orders")}
    errors = of(small_world, REQUESTS, job="orders", code="500")
    waited = {one.label("instance"): one.times[0] - alive[one.label("instance")] for one in errors}
    assert sorted(name[:11] for name in alive) == ["orders-8140"] * 2 + ["orders-8142"] * 2
    assert all(one.values[0] > 0 for one in errors)
    assert max(waited.values()) > 0


def test_a_gap_leaves_no_sample_while_the_counters_go_on(whole_world):
    (up,) = of(whole_world, "up", job="catalogue")
    start, end = (datetime(2026, 10, 8, *at, tzinfo=UTC) for at in ((9, 20), (12, 30)))
    inside = (up.times >= start.timestamp()) & (up.times < end.timestamp())
    assert not inside.any()
    reported = truth(whole_world, "catalogue-availability").reported
    assert abs(reported.sampled.valid - reported.happened.valid) < 2000  # half a minute each end
    assert round(1 - reported.coverage, 4) == round(190 / (745 * 60), 4)


def test_a_service_that_began_inside_the_month_says_since_when(whole_world):
    reported = truth(whole_world, "recommendations-availability").reported
    assert reported.since is not None
    assert reported.since.date() == date(2026, 10, 16)
    assert reported.coverage == 1.0


def test_a_service_without_traffic_is_scraped_all_the_same(whole_world):
    (requests, errors) = of(whole_world, REQUESTS, job="b2b-export")
    assert not requests.values.any()
    assert not errors.values.any()
    reported = truth(whole_world, "b2b-export-availability").reported
    assert (reported.happened.valid, reported.budget_remaining) == (0, None)
    assert reported.coverage == 1.0


def test_a_quiet_service_is_silent_at_night():
    period = between(date(2026, 10, 5), date(2026, 10, 7), "Europe/Berlin")
    world = bring_to_life(small_shop({"gift-cards"}, period))
    (requests,) = of(world, REQUESTS, job="gift-cards", code="200")
    night = [datetime(2026, 10, 5, hour, tzinfo=UTC).timestamp() for hour in (0, 3)]
    first, last = np.searchsorted(requests.times, night)
    assert np.unique(requests.values[first:last]).size == 1
    assert requests.values[-1] - requests.values[0] > 50


def label(title):
    """A service's label as the shop's metrics carry it, from its name on a page."""
    return title.lower().replace(" ", "-")


def test_definitions_and_shop_promise_the_same():
    settings, slos = load_everything(demo_config() / "slo_reports.yaml")
    defined = {
        (one.name, label(one.service), one.objectives[0].target * 100)
        for one in slos
        if not one.steps
    }
    promised = {(p.slo, service.name, p.target) for service in SERVICES for p in service.promises}
    assert defined == promised
    assert {one.namespace for one in slos} == {"shop"}
    assert [report.name for report in settings.reports] == ["commerce"]
