"""From a candidate to a file that a person reviews: tiers, documents, texts, files."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from support.discovered import seen

from slo_reports.collect.families import needs_of
from slo_reports.definitions.loading import load_definitions
from slo_reports.discovering import LeftOut, Proposal, write_proposals
from slo_reports.discovering.covering import covered_by
from slo_reports.discovering.documents import Frame, document, name_of, slo_of
from slo_reports.discovering.files import definitions_in
from slo_reports.discovering.nouns import ServiceKey
from slo_reports.discovering.proposing import Seen, Terms, propose
from slo_reports.discovering.recognising import recognise
from slo_reports.discovering.tiering import Guess, guessed_tier, traffic_classes
from slo_reports.errors import ConfigurationError
from slo_reports.model import (
    CountersIndicator,
    GaugeIndicator,
    LatencyIndicator,
    Matcher,
    QueryIndicator,
    RatioIndicator,
    ThresholdIndicator,
    Tier,
)
from slo_reports.tiers import remarks

AT = datetime(2026, 11, 1, tzinfo=UTC)
TERMS = Terms(("http://prometheus:9090", AT, 4), date(2026, 11, 1), "UTC", progressive=False)
FRAME = Frame("a", "Team", Tier.STANDARD, Decimal("0.995"))
HTTP = {"http_requests_total": [{"job": "cart", "code": "200"}]}
HOSTILE = 'evil"}\n# injected: {{x}} <b>\u2028\\'


def found(metrics):
    (one,) = recognise(metrics)
    return one


def proposal(metrics, observed=None, limit=None, guess=None):
    one = found(metrics)
    measured = [
        Seen(candidate, name_of(candidate, one.candidates), observed or seen((9990, 10_000)), limit)
        for candidate in one.candidates
    ]
    guess = guess or Guess(Tier.STANDARD, ("it is a test",))
    return propose(one, guess, measured, (), TERMS)


# --- tiers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("payments", Tier.CRITICAL),
        ("shop-checkout", Tier.CRITICAL),
        ("auth_service", Tier.CRITICAL),
        ("product-search", Tier.ESSENTIAL),
        ("recommendations", Tier.STANDARD),
        ("report-export", Tier.BEST_EFFORT),
        ("payload-parser", Tier.BEST_EFFORT),
    ],
)
def test_a_name_speaks_for_a_tier_word_by_word(name, tier):
    one = found({"http_requests_total": [{"job": name, "code": "200"}]})
    assert guessed_tier(one, "low").tier is tier


def test_what_was_seen_weighs_more_than_a_modest_name():
    callers = [
        {
            "destination_service_name": "mailer",
            "reporter": "destination",
            "response_code": "200",
            "source_workload": f"caller-{number}",
        }
        for number in range(7)
    ]
    guess = guessed_tier(found({"istio_requests_total": callers}), "low")
    assert guess.tier is Tier.ESSENTIAL
    assert guess.reasons == ("7 other services need it",)


def test_what_is_not_production_can_wait():
    both = [{"job": "payments", "env": one, "code": "200"} for one in ("production", "staging")]
    live, staging = recognise({"http_requests_total": both})
    assert guessed_tier(live, "low").tier is Tier.CRITICAL
    assert guessed_tier(staging, "low").tier is Tier.BEST_EFFORT


def test_traffic_is_told_beside_the_busiest():
    rates = {ServiceKey("a"): 900.0, ServiceKey("b"): 40.0, ServiceKey("c"): 5.0}
    assert list(traffic_classes(rates).values()) == ["high", "medium", "low"]
    assert traffic_classes({ServiceKey("a"): 0.0}) == {ServiceKey("a"): "low"}


# --- documents -----------------------------------------------------------------------------------

JOB = (Matcher("job", "=", "cart"),)


@pytest.mark.parametrize(
    ("metric", "labels", "limit", "indicator", "title"),
    [
        (
            "http_requests_total",
            {"job": "cart", "status": "200"},
            None,
            RatioIndicator("http_requests_total", JOB, (Matcher("status", "!~", "5.."),)),
            "Availability",
        ),
        (
            "http_request_duration_seconds_count",
            {"job": "cart"},
            "0.25",
            LatencyIndicator("http_request_duration_seconds", JOB, Decimal("0.25")),
            "Latency under 250 ms",
        ),
        (
            "http_request_duration_seconds_count",
            {"job": "cart"},
            "2.5",
            LatencyIndicator("http_request_duration_seconds", JOB, Decimal("2.5")),
            "Latency under 2.5 s",
        ),
        (
            "http_request_duration_seconds",
            {"job": "cart"},
            "1",
            LatencyIndicator("http_request_duration_seconds", JOB, Decimal(1), native=True),
            "Latency under 1 s",
        ),
        (
            "http_server_duration_milliseconds_count",
            {"job": "cart"},
            "500",
            CountersIndicator(
                "http_server_duration_milliseconds_count",
                JOB,
                "http_server_duration_milliseconds_bucket",
                (*JOB, Matcher("le", "=", "500")),
            ),
            "Latency under 500 ms",
        ),
        (
            "probe_success",
            {"instance": "cart"},
            None,
            GaugeIndicator("probe_success", (Matcher("instance", "=", "cart"),), "==", Decimal(1)),
            "Reached by probes",
        ),
        (
            "kube_cronjob_status_last_successful_time",
            {"cronjob": "cart"},
            "93600",
            ThresholdIndicator(
                'time() - max(kube_cronjob_status_last_successful_time{cronjob="cart"})',
                "<=",
                Decimal(93_600),
            ),
            "Last success at most 26h ago",
        ),
        (
            "rabbitmq_queue_messages_ready",
            {"queue": "cart"},
            "200",
            ThresholdIndicator(
                'sum(rabbitmq_queue_messages_ready{queue="cart"})', "<=", Decimal(200)
            ),
            "At most 200 messages waiting",
        ),
        (
            "sidekiq_queue_latency",
            {"queue": "cart"},
            "300",
            GaugeIndicator(
                "sidekiq_queue_latency", (Matcher("queue", "=", "cart"),), "<=", Decimal(300)
            ),
            "At most 5m behind",
        ),
    ],
)
def test_each_measure_as_a_definition(metric, labels, limit, indicator, title):
    candidate = found({metric: [labels]}).candidates[-1]
    frame = Frame("a", "Team", None, Decimal("0.99"), (), limit and Decimal(limit))
    slo = slo_of(document(candidate, frame))
    assert (slo.indicator, slo.title) == (indicator, title)


def test_outcomes_of_two_counters_are_added_up_and_one_that_is_not_there_is_zero():
    candidate = found({"sidekiq_jobs_success_total": [{"queue": "mail"}]}).candidates[0]
    indicator = slo_of(document(candidate, FRAME)).indicator
    assert isinstance(indicator, QueryIndicator)
    assert indicator.valid.count("or vector(0)") == 2
    assert 'sidekiq_jobs_failed_total{queue="mail"}[$window]' in indicator.valid


def test_a_latency_in_milliseconds_is_not_held_against_a_tiers_availability():
    labels = [{"job": "cart"}]
    candidate = found({"http_server_duration_milliseconds_count": labels}).candidates[-1]
    frame = Frame("a", "Team", Tier.CRITICAL, Decimal("0.99"), (), Decimal(500))
    assert remarks(slo_of(document(candidate, frame))) == ()


def test_names_are_told_apart_where_a_service_speaks_http_and_grpc():
    one = found(HTTP | {"grpc_server_handled_total": [{"job": "cart", "grpc_code": "OK"}]})
    assert [name_of(two, one.candidates) for two in one.candidates] == [
        "cart-http-availability",
        "cart-grpc-availability",
    ]


@pytest.mark.parametrize("name", [HOSTILE, "=x", "!~5..", "true", "x" * 300, "日本語", "- a: b"])
def test_labels_of_any_signs_make_a_file_that_reads_back(tmp_path, name):
    labels = {"job": name, "code": "200", "team": name}
    made = proposal({"http_requests_total": [labels]})
    assert isinstance(made, Proposal)
    ((path,), _) = write_proposals([made], tmp_path)
    (slo,) = load_definitions([tmp_path])
    assert path.parent == tmp_path
    assert isinstance(slo.indicator, RatioIndicator)
    assert slo.indicator.filters == (Matcher("job", "=", name),)
    comments = [line for line in path.read_text().split("\n") if line.startswith("#")]
    assert not any("\u2028" in line for line in comments)


# --- proposals -----------------------------------------------------------------------------------


def test_a_file_says_who_must_be_named_what_was_seen_and_why():
    made = proposal(HTTP)
    assert isinstance(made, Proposal)
    text = made.text.replace("\u00a0", " ")
    assert text.startswith("# cart (api), proposed by slo-reports discover\n")
    assert "owner: unknown # write the team" in text
    assert "# - No label names its owner: write the team that answers for it." in text
    assert "# - standard services usually promise 99.5 %" in text
    assert "# - October 2026: 99.90 %, the past four weeks: 99.90 %; met with 20 %" in text


def test_progressive_phases_are_written_as_days():
    one = found(HTTP)
    terms = Terms(TERMS.seen, TERMS.today, "UTC", progressive=True)
    measured = [Seen(one.candidates[0], "cart-availability", seen((9920, 10_000)))]
    made = propose(one, Guess(Tier.STANDARD, ("test",)), measured, (), terms)
    assert isinstance(made, Proposal)
    (objective,) = made.objectives[0].slo.objectives
    assert [(str(phase.target), phase.start) for phase in objective.phases] == [
        ("0.99", date(2026, 11, 1)),
        ("0.995", date(2026, 12, 1)),
    ]


def test_what_could_not_be_measured_is_the_reason_that_nothing_is_proposed():
    made = proposal(HTTP, seen((0, 0), reason="the source refused it"))
    assert isinstance(made, LeftOut)
    assert made.reason == "http_requests_total: the source refused it"


# --- what is there already -----------------------------------------------------------------------


def existing(tmp_path, indicator, service="Other"):
    (tmp_path / "there.yaml").write_text(
        "apiVersion: slo.dev/v1\nkind: ServiceLevelObjective\nmetadata: {name: there}\n"
        f"spec:\n  service: {service}\n  owner: o\n  indicator: {indicator}\n"
        "  objectives: [{window: 30d, target: 99}]\n",
        encoding="utf-8",
    )
    return load_definitions([tmp_path])


@pytest.mark.parametrize(
    ("indicator", "service", "covered"),
    [
        ("{type: ratio, metric: http_requests_total, filters: {job: cart}, good: {code: '200'}}",
         "Other", True),
        ("{type: ratio, metric: http_requests_total, filters: {job: '=~ca.*'}, good: {code: '1'}}",
         "Other", True),
        ("{type: ratio, metric: http_requests_total, filters: {job: pay}, good: {code: '200'}}",
         "Other", False),
        ("{type: ratio, metric: http_requests_total, good: {code: '200'}}", "Other", False),
        ("{type: threshold, query: up, good: '== 1'}", "Cart", True),
        ("{type: threshold, query: up, good: '== 1'}", "Other", False),
    ],
)  # fmt: skip
def test_a_service_is_covered_by_its_series_or_its_name(tmp_path, indicator, service, covered):
    slos = existing(tmp_path, indicator, service)
    assert (covered_by(found(HTTP), slos) is not None) == covered
    assert slos[0].objectives
    assert needs_of(slos[0]) is not None


def test_no_file_is_overwritten_unless_it_is_forced(tmp_path):
    made = proposal(HTTP)
    (tmp_path / "cart.yaml").write_text("mine", encoding="utf-8")
    assert write_proposals([made], tmp_path) == ((), (tmp_path / "cart.yaml",))
    assert (tmp_path / "cart.yaml").read_text() == "mine"
    assert write_proposals([made], tmp_path, force=True) == ((tmp_path / "cart.yaml",), ())
    assert (tmp_path / "cart.yaml").read_text() == made.text


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="could not write to"):
        write_proposals([proposal(HTTP)], tmp_path / "file")


def test_own_files_are_renewed_and_those_of_people_stay(tmp_path):
    existing(tmp_path, "{type: threshold, query: up, good: '== 1'}")
    write_proposals([proposal(HTTP)], tmp_path)
    assert [slo.name for slo in definitions_in([tmp_path], renewing=False)] == [
        "cart-availability",
        "there",
    ]
    assert [slo.name for slo in definitions_in([tmp_path], renewing=True)] == ["there"]
    assert definitions_in([tmp_path / "nowhere"], renewing=False) == ()
