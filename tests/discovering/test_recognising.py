"""Each family is recognised by made-up label sets as its exporter writes them."""

import re

import pytest
from support.discovered import rows

from slo_reports.discovering.families import FAMILIES, of_metric
from slo_reports.discovering.nouns import Measure, ServiceKey
from slo_reports.discovering.recognising import recognise

POD = {"job": "checkout", "instance": "10.0.0.1:8080"}


def told(candidate):
    """The filters and the good condition in a form that is easy to read."""
    good = ",".join(f"{one.label}{one.op}{one.value}" for one in candidate.good)
    return ",".join(f"{one.label}{one.op}{one.value}" for one in candidate.filters), good


GRPC_NAMES = "Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"
GRPC_CAPITALS = "UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS"


@pytest.mark.parametrize(
    ("metric", "series", "key", "filters", "good"),
    [
        pytest.param(
            "http_requests_total",
            rows(POD, code=["200", "404", "500"]),
            ServiceKey("checkout"),
            "job=checkout",
            "code!~5..",
            id="Prometheus clients",
        ),
        pytest.param(
            "http_requests_total",
            rows(POD | {"handler": "/buy"}, status=["2xx", "5xx"]),
            ServiceKey("checkout"),
            "job=checkout",
            "status!~5..",
            id="FastAPI, statuses by class",
        ),
        pytest.param(
            "flask_http_request_total",
            rows(POD, status=["200"]),
            ServiceKey("checkout"),
            "job=checkout",
            "status!~5..",
            id="Flask",
        ),
        pytest.param(
            "http_requests_received_total",
            rows(POD, code=["200"]),
            ServiceKey("checkout"),
            "job=checkout",
            "code!~5..",
            id=".NET",
        ),
        pytest.param(
            "http_server_requests_seconds_count",
            rows({"application": "orders", "job": "spring", "uri": "/a"}, status=["200", "503"]),
            ServiceKey("orders"),
            "application=orders",
            "status!~5..",
            id="Spring",
        ),
        pytest.param(
            "http_server_request_duration_seconds_count",
            rows({"job": "shop/cart", "http_route": "/c"}, http_response_status_code=["200"]),
            ServiceKey("cart", "shop"),
            "job=shop/cart",
            "http_response_status_code!~5..",
            id="OpenTelemetry, job of namespace and name",
        ),
        pytest.param(
            "http_server_duration_milliseconds_count",
            rows({"service_name": "cart", "job": "collector"}, http_status_code=["200", "500"]),
            ServiceKey("cart"),
            "service_name=cart",
            "http_status_code!~5..",
            id="OpenTelemetry, older names",
        ),
        pytest.param(
            "grpc_server_handled_total",
            rows(POD | {"grpc_service": "shop.Cart"}, grpc_code=["OK", "Internal"]),
            ServiceKey("checkout"),
            "job=checkout",
            f"grpc_code!~{GRPC_NAMES}",
            id="gRPC of Go",
        ),
        pytest.param(
            "grpc_server_handled_total",
            rows(POD | {"grpc_service": "shop.Cart"}, code=["OK", "UNAVAILABLE"]),
            ServiceKey("checkout"),
            "job=checkout",
            f"code!~{GRPC_CAPITALS}",
            id="gRPC of Java",
        ),
        pytest.param(
            "rpc_server_duration_milliseconds_count",
            rows({"job": "shop/ads", "rpc_service": "oteldemo.Ads"}, rpc_grpc_status_code=["0"]),
            ServiceKey("ads", "shop"),
            "job=shop/ads",
            "rpc_grpc_status_code!~2|4|12|13|14|15",
            id="OpenTelemetry RPC",
        ),
        pytest.param(
            "nginx_ingress_controller_requests",
            rows(
                {"ingress": "shop", "exported_namespace": "buy", "job": "nginx", "namespace": "in"},
                status=["200", "502"],
            ),
            ServiceKey("shop", "buy"),
            "ingress=shop,exported_namespace=buy",
            "status!~5..",
            id="ingress-nginx",
        ),
        pytest.param(
            "traefik_service_requests_total",
            rows({"exported_service": "shop@docker", "service": "traefik"}, code=["200"]),
            ServiceKey("shop"),
            "exported_service=shop@docker",
            "code!~5..",
            id="Traefik",
        ),
        pytest.param(
            "haproxy_backend_http_responses_total",
            rows({"proxy": "shop", "job": "haproxy"}, code=["2xx", "5xx", "other"]),
            ServiceKey("shop"),
            "proxy=shop",
            "code!~5..",
            id="HAProxy",
        ),
        pytest.param(
            "caddy_http_request_duration_seconds_count",
            [
                {"server": "srv0", "handler": handler, "code": "200"}
                for handler in ("encode", "subroute", "reverse_proxy")
            ],
            ServiceKey("srv0"),
            "server=srv0,handler=subroute",
            "code!~5..",
            id="Caddy, a request once and not for each handler",
        ),
        pytest.param(
            "istio_requests_total",
            [
                {
                    "reporter": reporter,
                    "request_protocol": "http",
                    "destination_service_name": "cart",
                    "destination_service_namespace": "buy",
                    "response_code": code,
                }
                for reporter in ("source", "destination")
                for code in ("200", "503", "0")
            ],
            ServiceKey("cart", "buy"),
            "destination_service_name=cart,destination_service_namespace=buy,"
            "reporter=destination,request_protocol=http",
            "response_code!~5..",
            id="Istio, each request by one reporter",
        ),
        pytest.param(
            "istio_requests_total",
            rows(
                {
                    "reporter": "source",
                    "request_protocol": "grpc",
                    "destination_service_name": "cart",
                    "response_code": "200",
                },
                grpc_response_status=["0", "14"],
            ),
            ServiceKey("cart"),
            "destination_service_name=cart,reporter=source,request_protocol=grpc",
            "grpc_response_status!~2|4|12|13|14|15",
            id="Istio, gRPC fails with an HTTP code of 200",
        ),
        pytest.param(
            "response_total",
            [
                {"deployment": "cart", "namespace": "buy", "direction": way, "classification": what}
                for way in ("inbound", "outbound")
                for what in ("success", "failure")
            ],
            ServiceKey("cart", "buy"),
            "deployment=cart,namespace=buy,direction=inbound",
            "classification!=failure",
            id="Linkerd",
        ),
        pytest.param(
            "envoy_cluster_upstream_rq_xx",
            rows({"envoy_cluster_name": "cart"}, envoy_response_code_class=["2", "5"]),
            ServiceKey("cart"),
            "envoy_cluster_name=cart",
            "envoy_response_code_class!=5",
            id="Envoy",
        ),
        pytest.param(
            "apiserver_request_total",
            rows({"job": "apiserver", "verb": "GET"}, code=["200", "429", "500"]),
            ServiceKey("apiserver"),
            "job=apiserver",
            "code!~5..",
            id="Kubernetes API server",
        ),
        pytest.param(
            "traces_spanmetrics_calls_total",
            [
                {"service": "cart", "span_kind": kind, "status_code": status}
                for kind in ("SPAN_KIND_SERVER", "SPAN_KIND_CLIENT")
                for status in ("STATUS_CODE_UNSET", "STATUS_CODE_ERROR")
            ],
            ServiceKey("cart"),
            "service=cart,span_kind=SPAN_KIND_SERVER",
            "status_code!=STATUS_CODE_ERROR",
            id="spans",
        ),
        pytest.param(
            "batch_runs_total",
            rows({"job": "stock-sync"}, status=["success", "failure"]),
            ServiceKey("stock-sync"),
            "job=stock-sync",
            "status=success",
            id="batch runs",
        ),
        pytest.param(
            "etl_jobs_total",
            rows({"pipeline": "prices"}, state=["started", "completed", "failed"]),
            ServiceKey("prices"),
            "pipeline=prices,state=~completed|failed",
            "state=completed",
            id="batch runs, those that have not ended do not count",
        ),
        pytest.param(
            "celery_tasks_total",
            rows({"queue": "mail"}, state=["succeeded", "failed", "retried"]),
            ServiceKey("mail"),
            "queue=mail,state=~failed|succeeded",
            "state=succeeded",
            id="Celery",
        ),
    ],
)
def test_events_of_each_family(metric, series, key, filters, good):
    (found,) = recognise({metric: series})
    assert found.key == key
    counted = [one for one in found.candidates if one.measure is Measure.EVENTS]
    assert [told(one) for one in counted] == [(filters, good)]


@pytest.mark.parametrize(
    ("metric", "labels", "measure", "kind", "name"),
    [
        ("kube_cronjob_status_last_successful_time", {"cronjob": "backup", "namespace": "ops"},
         Measure.FRESHNESS, "batch", "backup"),
        ("batch_last_success_timestamp_seconds", {"job": "sync"},
         Measure.FRESHNESS, "batch", "sync"),
        ("kafka_consumergroup_lag", {"consumergroup": "billing", "topic": "t", "partition": "0"},
         Measure.BACKLOG, "streaming", "billing"),
        ("rabbitmq_detailed_queue_messages_ready", {"queue": "mail", "vhost": "/"},
         Measure.BACKLOG, "streaming", "mail"),
        ("celery_queue_length", {"queue_name": "mail"}, Measure.BACKLOG, "streaming", "mail"),
        ("sidekiq_queue_latency", {"queue": "default"}, Measure.BACKLOG, "streaming", "default"),
        ("sidekiq_jobs_success_total", {"queue": "default"}, Measure.OUTCOMES, "batch", "default"),
        ("celery_task_succeeded_total", {"queue_name": "a"}, Measure.OUTCOMES, "batch", "a"),
        ("probe_success", {"instance": "https://shop.example.com/", "job": "blackbox"},
         Measure.PROBE, "web", "shop.example.com"),
        ("grpc_server_handling_seconds_count", {"job": "cart", "grpc_type": "unary"},
         Measure.LATENCY, "api", "cart"),
        ("istio_request_duration_milliseconds_count",
         {"destination_service_name": "cart", "reporter": "destination"}, Measure.LATENCY, "api",
         "cart"),
        ("http_request_duration_seconds", {"job": "cart"}, Measure.LATENCY, "api", "cart"),
    ],
)  # fmt: skip
def test_other_measures(metric, labels, measure, kind, name):
    (found,) = recognise({metric: [labels]})
    (candidate,) = found.candidates
    assert (candidate.measure, found.kind, found.key.name) == (measure, kind, name)


def test_a_histogram_tells_availability_and_latency_at_once():
    labels = {"job": "cart", "http_response_status_code": "200"}
    (found,) = recognise({"http_server_request_duration_seconds_count": [labels]})
    assert [one.measure for one in found.candidates] == [Measure.EVENTS, Measure.LATENCY]
    assert found.candidates[1].metric == "http_server_request_duration_seconds"
    assert not found.candidates[1].native


def test_a_native_histogram_is_told_by_its_bare_name():
    (found,) = recognise({"http_request_duration_seconds": [{"job": "cart"}]})
    assert found.candidates[0].native


def test_of_two_metrics_that_tell_the_same_the_nearer_to_users_is_taken_and_the_other_named():
    mesh = {"destination_service_name": "cart", "reporter": "destination", "response_code": "200"}
    metrics = {
        "istio_requests_total": [mesh],
        "http_requests_total": [{"job": "cart", "code": "200"}],
    }
    (found,) = recognise(metrics)
    assert [one.metric for one in found.candidates] == ["istio_requests_total"]
    assert found.also == ("http_requests_total",)


def test_http_and_grpc_of_one_service_are_two_availabilities():
    metrics = {
        "http_requests_total": [{"job": "cart", "code": "200"}],
        "grpc_server_handled_total": [{"job": "cart", "grpc_code": "OK"}],
    }
    (found,) = recognise(metrics)
    assert [one.protocol for one in found.candidates] == ["http", "grpc"]


def test_health_checks_are_taken_out_by_the_routes_that_are_there():
    series = [
        {"job": "cart", "handler": route, "code": "200"}
        for route in ("/buy", "/healthz", "/metrics", "/api/{id}")
    ]
    (found,) = recognise({"http_requests_total": series})
    (candidate,) = found.candidates
    assert candidate.excluded == ("/healthz", "/metrics")
    out = candidate.filters[-1]
    assert (out.label, out.op) == ("handler", "!~")
    assert [bool(re.fullmatch(out.value, one["handler"])) for one in series] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_service_that_only_answers_health_checks_keeps_them():
    (found,) = recognise({"http_requests_total": [{"job": "a", "path": "/health", "code": "200"}]})
    assert found.candidates[0].excluded == ()


def test_environments_are_services_of_their_own_where_there_are_several():
    both = [{"job": "cart", "env": one, "code": "200"} for one in ("prod", "staging")]
    found = recognise({"http_requests_total": both})
    assert [one.key.title for one in found] == ["cart (prod)", "cart (staging)"]
    assert [told(one.candidates[0])[0] for one in found] == [
        "job=cart,env=prod",
        "job=cart,env=staging",
    ]
    (alone,) = recognise({"http_requests_total": both[:1]})
    assert alone.key.title == "cart"


def test_one_name_in_two_namespaces_is_two_services():
    both = [{"job": "cart", "namespace": one, "code": "200"} for one in ("blue", "green")]
    keys = [one.key for one in recognise({"http_requests_total": both})]
    assert keys == [ServiceKey("cart", "blue"), ServiceKey("cart", "green")]


def test_the_owner_is_what_a_label_says():
    (found,) = recognise(
        {"http_requests_total": [{"job": "cart", "team": "Basket", "code": "200"}]}
    )
    assert found.owner == "Basket"


def test_other_services_that_call_are_counted():
    series = [
        {
            "destination_service_name": "cart",
            "reporter": "destination",
            "response_code": "200",
            "source_workload": one,
        }
        for one in ("web", "app", "unknown")
    ]
    (found,) = recognise({"istio_requests_total": series})
    assert found.candidates[0].callers == 2


def test_a_counter_without_a_status_is_a_remark_where_something_else_can_be_measured():
    metrics = {
        "http_requests_total": [{"job": "cart"}],
        "http_request_duration_seconds_count": [{"job": "cart"}],
    }
    (found,) = recognise(metrics)
    assert [one.measure for one in found.candidates] == [Measure.LATENCY]
    assert any(one.startswith("http_requests_total has no label") for one in found.remarks)


def test_a_service_that_tells_nothing_of_its_answers_is_found_without_candidates():
    (found,) = recognise({"nginx_http_requests_total": [{"job": "proxy"}]})
    assert (found.key.name, found.candidates) == ("proxy", ())
    assert "no label that tells good from bad" in found.remarks[0]


@pytest.mark.parametrize(
    "metric",
    [
        "prometheus_http_requests_total",
        "promhttp_metric_handler_requests_total",
        "rest_client_requests_total",
        "go_gc_duration_seconds_count",
        "up",
    ],
)
def test_what_is_no_service_of_users_is_passed_over(metric):
    assert of_metric(metric) == ()


@pytest.mark.parametrize("hostile", ['a"b', "a\\b", "a\nb", "a|b", "=~x", "ä", "x" * 300])
def test_names_of_any_signs_are_filtered_as_they_are(hostile):
    (found,) = recognise({"http_requests_total": [{"job": hostile, "code": "200"}]})
    (only,) = found.candidates[0].filters
    assert (only.label, only.op, only.value) == ("job", "=", hostile)


def test_every_row_of_the_table_names_services_and_can_be_matched():
    for family in FAMILIES:
        re.compile(family.metric)
        assert family.services
        assert (family.measure is Measure.EVENTS) == (family.statuses is not None)
