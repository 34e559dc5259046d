"""Services of several families, found on real servers."""

import pytest
from support.exporters import END, exporters
from support.needed import missing
from support.tsdb import prometheus_with, why_no_prometheus
from support.victoria import find_victoria_metrics, victoria_metrics_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.definitions.loading import load_definitions
from slo_reports.discovering import discover, write_proposals
from slo_reports.discovering.nouns import Basis
from slo_reports.settings.schema import SourceSettings

pytestmark = pytest.mark.e2e


def look(url, **more):
    settings = SourceSettings(url=url, retries=0)
    with PrometheusClient(settings) as client:
        return discover(client, END, **more)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    if why := why_no_prometheus():
        missing(why)
    with prometheus_with(exporters(), tmp_path_factory.mktemp("exporters")) as address:
        yield address


@pytest.fixture(scope="module")
def found(url):
    return look(url)


def told(found):
    """Each proposed objective in one line."""
    return {
        f"{one.namespace}/{one.service}: {objective.slo.title}": (
            one.kind,
            str(objective.target.target),
            objective.target.basis,
        )
        for one in found.proposals
        for objective in one.objectives
    }


EXPECTED = {
    "shop/cart: Availability": ("api", "0.999", Basis.HELD),
    "shop/cart: Latency under 500 ms": ("api", "0.99", Basis.HELD),
    "/ads: Availability (gRPC)": ("api", "0.995", Basis.HELD),
    "/ads: Latency under 1 s": ("api", "0.99", Basis.HELD),
    "/old: Availability (gRPC)": ("api", "0.99", Basis.HELD),
    "web/storefront: Availability": ("web", "0.999", Basis.HELD),
    "shop/prices: Availability": ("api", "0.95", Basis.LOWERED),
    "shop/prices: Latency under 1 s": ("api", "0.99", Basis.HELD),
    "/mailer: At most 50 messages waiting": ("streaming", "0.99", Basis.HELD),
    "ops/backup: Last success at most 36h ago": ("batch", "0.99", Basis.HELD),
    "/shop.example.com: Reached by probes": ("web", "0.995", Basis.HELD),
}


def test_every_service_is_found_with_its_type_and_a_sensible_target(found):
    assert told(found) == EXPECTED


def test_counts_are_what_the_series_hold(found):
    objectives = {
        objective.slo.name: objective for one in found.proposals for objective in one.objectives
    }
    cart = objectives["cart-availability"].observed
    assert (cart.month.good, cart.month.valid) == (1488 * 9990, 1488 * 10_000)
    prices = objectives["prices-latency"].observed
    assert (prices.month.good, prices.month.valid) == (1488 * 829, 1488 * 830)


def test_health_checks_do_not_count_and_it_is_said(found):
    (cart,) = (one for one in found.proposals if one.service == "cart")
    assert 'http_route: "!=/healthz"' in cart.text
    assert "left out, because no user asks for them: /healthz" in cart.text


def test_the_owner_comes_from_a_label(found):
    owners = {one.service: one.owner for one in found.proposals}
    assert (owners["storefront"], owners["cart"]) == ("Front", "unknown")


def test_what_cannot_be_measured_is_left_out_with_its_reason(found):
    reasons = {one.service: one.reason for one in found.left_out}
    assert set(reasons) == {"mute", "retired"}
    assert "no label that tells good from bad" in reasons["mute"]
    assert reasons["retired"] == "no data since 2026-10-16 12:00 UTC: it seems to be gone"


def test_a_histogram_without_buckets_is_said_to_have_none(found):
    (old,) = (one for one in found.proposals if one.service == "old")
    assert old.remarks == (
        "rpc_server_duration_milliseconds has no buckets (a summary?): no latency can be counted",
    )


def test_the_files_read_back_as_what_was_proposed(found, tmp_path):
    written, kept = write_proposals(found.proposals, tmp_path)
    assert (len(written), kept) == (len(found.proposals), ())
    proposed = {
        (slo.id, slo.title, slo.indicator, slo.objectives, slo.tier)
        for one in found.proposals
        for slo in (objective.slo for objective in one.objectives)
    }
    loaded = load_definitions([tmp_path])
    assert {(o.id, o.title, o.indicator, o.objectives, o.tier) for o in loaded} == proposed


def test_what_was_written_is_left_out_the_next_time(url, found, tmp_path):
    write_proposals(found.proposals[:2], tmp_path)
    again = look(url, existing=load_definitions([tmp_path]))
    covered = [one.service for one in again.left_out if "measures it already" in one.reason]
    assert covered == [one.service for one in found.proposals[:2]]


def test_victoria_metrics_tells_the_same(found, tmp_path):
    if find_victoria_metrics() is None:
        missing("no victoria-metrics here: scripts/get_victoria_metrics.sh fetches it")
    with victoria_metrics_with(exporters(), tmp_path) as address:
        same = look(address)
    assert told(same) == told(found)
