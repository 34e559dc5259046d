"""A month as exporters of several families would have left it, half an hour apart."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 10, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, tzinfo=UTC)
STEP = timedelta(minutes=30)
TIMES = [START.timestamp() + n * STEP.total_seconds() for n in range((END - START) // STEP + 1)]


def series(name, value, **labels):
    """One series' text and its samples; ``value`` maps the number of the scrape to a value."""
    inside = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return {f"{name}{{{inside}}}": [(at, value(n)) for n, at in enumerate(TIMES)]}


def counter(name, per_scrape, **labels):
    """A counter that grows evenly."""
    return series(name, lambda n: n * per_scrape, **labels)


def histogram(name, per_scrape, within, **labels):
    """A classic histogram: events at or below each boundary in each half hour."""
    found = counter(f"{name}_count", per_scrape, **labels)
    for boundary, count in [*within.items(), ("+Inf", per_scrape)]:
        found |= counter(f"{name}_bucket", count, **labels, le=boundary)
    return found | counter(f"{name}_sum", per_scrape * 0.1, **labels)


def ended(found):
    """The same series, which stopped in the middle of the month."""
    return {text: samples[: len(samples) // 2] for text, samples in found.items()}


def up(*jobs):
    """Targets that were always scraped."""
    found = {}
    for job in jobs:
        found |= series("up", lambda _: 1, job=job, instance="a:1")
    return found


def exporters():
    """Series of OpenTelemetry, gRPC, ingress-nginx, Istio, a queue, a CronJob and a probe."""
    otel = {"job": "shop/cart", "instance": "a:1", "http_route": "/cart"}
    health = otel | {"http_route": "/healthz"}
    grpc = {"job": "ads", "instance": "a:1", "grpc_service": "shop.Ads", "grpc_type": "unary"}
    ingress = {
        "job": "nginx",
        "ingress": "storefront",
        "exported_namespace": "web",
        "team": "Front",
    }
    mesh = {
        "job": "istio-proxy",
        "reporter": "destination",
        "request_protocol": "http",
        "destination_service_name": "prices",
        "destination_service_namespace": "shop",
    }
    duration = "http_server_request_duration_seconds"
    good, bad = ({"http_response_status_code": code} for code in ("200", "503"))
    hours = 3600 / STEP.total_seconds()
    return (
        up("shop/cart", "ads", "nginx", "istio-proxy", "kafka", "ksm", "blackbox")
        | histogram(duration, 9990, {"0.25": 9900, "0.5": 9985}, **otel | good)
        | histogram(duration, 10, {"0.25": 0, "0.5": 5}, **otel | bad)
        | histogram(duration, 500, {"0.25": 500, "0.5": 500}, **health | bad)
        | counter("grpc_server_handled_total", 1996, **grpc, grpc_code="OK")
        | counter("grpc_server_handled_total", 3, **grpc, grpc_code="NotFound")
        | counter("grpc_server_handled_total", 1, **grpc, grpc_code="Internal")
        | histogram("grpc_server_handling_seconds", 2000, {"0.1": 1400, "1": 1999}, **grpc)
        | counter("nginx_ingress_controller_requests", 9_999, **ingress, status="200")
        | counter("nginx_ingress_controller_requests", 1, **ingress, status="502")
        | counter("istio_requests_total", 800, **mesh, response_code="200", source_workload="cart")
        | counter("istio_requests_total", 30, **mesh, response_code="503", source_workload="cart")
        | counter("istio_requests_total", 800, **mesh | {"reporter": "source"}, response_code="200")
        | histogram("istio_request_duration_milliseconds", 830, {"500": 700, "1000": 829}, **mesh)
        | series("kafka_consumergroup_lag", lambda n: 900 if n % 400 == 0 else 40,
                 job="kafka", consumergroup="mailer", topic="mail", partition="0")
        | series("kube_cronjob_status_last_successful_time",
                 lambda n: START.timestamp() - 600 + (n // (24 * hours)) * 86_400,
                 job="ksm", cronjob="backup", namespace="ops")
        | series("probe_success", lambda n: 0 if n == 700 else 1,
                 job="blackbox", instance="https://shop.example.com/")
        | series("http_requests_total", lambda n: n, job="mute", instance="a:1")
        | ended(counter("http_requests_total", 100, job="retired", code="200"))
        | counter("rpc_server_duration_milliseconds_count", 10, job="old", rpc_grpc_status_code="0")
    )  # fmt: skip
