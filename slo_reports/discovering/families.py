"""The metrics that are known: one row for each family, best first.

Of several rows that tell the same of one service, the first that is there is taken. Names come
from the exporters' own documentation and, for OpenTelemetry, from its semantic conventions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from slo_reports.discovering.nouns import Kind, Measure


@dataclass(frozen=True)
class Statuses:
    """How a status label tells good from bad.

    Attributes:
        labels: the labels that may hold it, best first.
        known: what a value must look like for the label to be a status at all (a regex).
        bad: bad values, by what they look like (a regex for values, the matcher for bad ones).
        good: words of success, where good is told rather than bad.
        failed: words of failure that go with them.
    """

    labels: tuple[str, ...]
    known: str
    bad: tuple[tuple[str, str], ...] = ()
    good: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """One row of the table.

    Attributes:
        name: for people.
        metric: the name of the counter or gauge, or of the histogram without suffix (a regex).
        services: labels that name the service, best first.
        protocol: one availability and one latency are proposed for each protocol of a service.
        statuses: how events are told good from bad.
        spoilt: outcomes: what the counter of failures is called.
        namespaces: labels that name the group that the service is in, best first.
        routes: labels that tell what was asked for, best first.
        fixed: labels that must have one of some values, the first of them that occurs.
        callers: labels that name who asked.
        milliseconds: whether durations are in milliseconds.
    """

    name: str
    measure: Measure
    kind: Kind
    metric: str
    services: tuple[str, ...]
    protocol: str = "http"
    statuses: Statuses | None = None
    spoilt: str = ""
    namespaces: tuple[str, ...] = (
        "service_namespace",
        "k8s_namespace_name",
        "exported_namespace",
        "namespace",
        "kubernetes_namespace",
    )
    routes: tuple[str, ...] = ("http_route", "handler", "route", "uri", "path", "url")
    fixed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    callers: tuple[str, ...] = ()
    user_facing: bool = False
    milliseconds: bool = False

    def match(self, name: str) -> re.Match[str] | None:
        """Whether a metric's name is one of the family, without a histogram's suffix."""
        return re.fullmatch(self.metric, name)


_HTTP = Statuses(
    (
        "http_response_status_code",
        "http_status_code",
        "response_code",
        "status_code",
        "code",
        "status",
        "http_status",
    ),
    r"[1-5]([0-9][0-9]|xx)",
    ((r"[1-5]([0-9][0-9]|xx)", "!~5.."),),
)
_ANY_CODE = ((r"[0-9]{1,3}", "!~5.."),)
_CLASSES = Statuses(("envoy_response_code_class",), r"[1-5]", ((r"[1-5]", "!=5"),))
_GRPC = Statuses(
    ("grpc_code", "rpc_response_status_code", "rpc_grpc_status_code", "code", "grpc_status"),
    r"[A-Z][A-Za-z_]+|[0-9]|1[0-6]",
    (
        (r"[0-9]+", "!~2|4|12|13|14|15"),
        (
            r"[A-Z_]+",
            "!~UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS",
        ),
        (
            r"[A-Z][A-Za-z]+",
            "!~Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss",
        ),
    ),
)
_SPANS = Statuses(
    ("status_code", "otel_status_code"),
    r"STATUS_CODE_[A-Z]+|Ok|Error|Unset",
    ((r"STATUS_CODE_[A-Z]+", "!=STATUS_CODE_ERROR"), (r"[A-Za-z]+", "!=Error")),
)
_MESH = Statuses(("classification",), r"success|failure", ((r"success|failure", "!=failure"),))
_RUNS = Statuses(
    ("status", "result", "outcome", "state"),
    r"[A-Za-z][A-Za-z_-]*",
    good=("success", "succeeded", "successful", "ok", "completed", "complete", "passed", "done"),
    failed=("failure", "failed", "fail", "error", "errored", "aborted", "timeout", "timed_out"),
)

_APPS = (
    "service_name",
    "exported_service",
    "app_kubernetes_io_name",
    "app",
    "application",
    "exported_job",
    "service",
    "job",
)
_OTEL = ("service_name", "exported_job", "job")
_SERVER_SPANS = (("span_kind", ("SPAN_KIND_SERVER", "server", "Server", "SERVER")),)
_SPAN_SERVICES = ("service_name", "service", "job")
_INGRESS = ("ingress",)
_CADDY = ("subroute", "reverse_proxy", "file_server", "php", "static_response")
"""Caddy counts a request once for each handler that it passes: the outermost is taken."""
_QUEUE_LABELS = ("queue", "queue_name")

_EDGE = (
    Family(
        "ingress-nginx",
        Measure.EVENTS,
        "web",
        "nginx_ingress_controller_requests",
        _INGRESS,
        statuses=Statuses(("status",), _HTTP.known, _HTTP.bad),
        user_facing=True,
    ),
    Family(
        "ingress-nginx",
        Measure.LATENCY,
        "web",
        "nginx_ingress_controller_request_duration_seconds",
        _INGRESS,
        user_facing=True,
    ),
    Family(
        "Traefik",
        Measure.EVENTS,
        "web",
        "traefik_service_requests_total",
        ("exported_service", "service"),
        statuses=_HTTP,
        routes=(),
        user_facing=True,
    ),
    Family(
        "Traefik",
        Measure.LATENCY,
        "web",
        "traefik_service_request_duration_seconds",
        ("exported_service", "service"),
        routes=(),
        user_facing=True,
    ),
    Family(
        "HAProxy",
        Measure.EVENTS,
        "web",
        "haproxy_backend_http_responses_total",
        ("proxy", "backend"),
        statuses=Statuses(("code",), _HTTP.known, _HTTP.bad),
        routes=(),
        user_facing=True,
    ),
    Family(
        "Caddy",
        Measure.EVENTS,
        "web",
        "caddy_http_request_duration_seconds_count",
        ("host", "server", "job"),
        statuses=Statuses(("code",), _HTTP.known, _HTTP.bad),
        routes=(),
        fixed=(("handler", _CADDY),),
        user_facing=True,
    ),
    Family(
        "Caddy",
        Measure.LATENCY,
        "web",
        "caddy_http_request_duration_seconds",
        ("host", "server", "job"),
        routes=(),
        fixed=(("handler", _CADDY),),
        user_facing=True,
    ),
    Family(
        "Kong",
        Measure.EVENTS,
        "web",
        "kong_http_requests_total",
        ("exported_service", "service"),
        statuses=Statuses(("code",), _HTTP.known, _HTTP.bad),
        routes=(),
        user_facing=True,
    ),
)


def _istio(protocol: str, spoken: tuple[str, ...], statuses: Statuses | None) -> Family:
    """Istio counts HTTP and gRPC in one metric: gRPC fails with an HTTP code of 200."""
    latency = statuses is None
    return Family(
        "Istio",
        Measure.LATENCY if latency else Measure.EVENTS,
        "api",
        "istio_request_duration_milliseconds" if latency else "istio_requests_total",
        ("destination_canonical_service", "destination_service_name", "destination_app"),
        protocol=protocol,
        statuses=statuses,
        namespaces=("destination_service_namespace", "destination_workload_namespace"),
        routes=(),
        fixed=(
            ("reporter", ("destination", "source", "waypoint")),
            ("request_protocol", spoken),
        ),
        callers=("source_canonical_service", "source_workload", "source_app"),
        milliseconds=latency,
    )


_MESHES = (
    _istio("grpc", ("grpc",), Statuses(("grpc_response_status",), r"[0-9]+", _GRPC.bad)),
    _istio("http", ("http", ""), Statuses(("response_code",), r"[0-9]{1,3}", _ANY_CODE)),
    _istio("grpc", ("grpc",), None),
    _istio("http", ("http", ""), None),
    Family(
        "Linkerd",
        Measure.EVENTS,
        "api",
        "response_total",
        ("deployment", "statefulset", "daemonset"),
        statuses=_MESH,
        routes=(),
        fixed=(("direction", ("inbound",)),),
        callers=("client_id",),
    ),
    Family(
        "Linkerd",
        Measure.LATENCY,
        "api",
        "response_latency_ms",
        ("deployment", "statefulset", "daemonset"),
        routes=(),
        fixed=(("direction", ("inbound",)),),
        milliseconds=True,
    ),
    Family(
        "Envoy clusters",
        Measure.EVENTS,
        "api",
        "envoy_cluster_upstream_rq_xx",
        ("envoy_cluster_name",),
        statuses=_CLASSES,
        routes=(),
    ),
    Family(
        "Envoy clusters",
        Measure.LATENCY,
        "api",
        "envoy_cluster_upstream_rq_time",
        ("envoy_cluster_name",),
        routes=(),
        milliseconds=True,
    ),
)

_KUBERNETES = (
    Family(
        "the Kubernetes API server",
        Measure.EVENTS,
        "api",
        "apiserver_request_total",
        ("job",),
        statuses=Statuses(("code",), _HTTP.known, _HTTP.bad),
        routes=(),
    ),
    Family(
        "the Kubernetes API server",
        Measure.LATENCY,
        "api",
        "apiserver_request_(sli_)?duration_seconds",
        ("job",),
        routes=(),
    ),
)

_OPENTELEMETRY = (
    Family(
        "OpenTelemetry HTTP servers",
        Measure.EVENTS,
        "api",
        "http_server_(request_)?duration(_seconds|_milliseconds)_count",
        _OTEL,
        statuses=_HTTP,
    ),
    Family(
        "OpenTelemetry HTTP servers",
        Measure.LATENCY,
        "api",
        "http_server_request_duration_seconds|http_server_duration_seconds",
        _OTEL,
    ),
    Family(
        "OpenTelemetry HTTP servers (older names)",
        Measure.LATENCY,
        "api",
        "http_server_duration_milliseconds",
        _OTEL,
        milliseconds=True,
    ),
    Family(
        "OpenTelemetry RPC servers",
        Measure.EVENTS,
        "api",
        "rpc_server_(call_)?duration(_seconds|_milliseconds)?_count",
        _OTEL,
        protocol="grpc",
        statuses=_GRPC,
        routes=("rpc_service", "rpc_method"),
    ),
    Family(
        "OpenTelemetry RPC servers",
        Measure.LATENCY,
        "api",
        "rpc_server_(call_)?duration_seconds",
        _OTEL,
        protocol="grpc",
        routes=("rpc_service", "rpc_method"),
    ),
    Family(
        "OpenTelemetry RPC servers (older names)",
        Measure.LATENCY,
        "api",
        "rpc_server_duration(_milliseconds)?",
        _OTEL,
        protocol="grpc",
        routes=("rpc_service", "rpc_method"),
        milliseconds=True,
    ),
)

_APPLICATIONS = (
    Family(
        "HTTP requests",
        Measure.EVENTS,
        "api",
        "(?!prometheus_|promhttp_|alertmanager_|caddy_|.*client)([a-z0-9_]+_)?"
        "(http_requests?(_received)?_total|http_responses_total_by_status_total|requests_total)",
        _APPS,
        statuses=_HTTP,
    ),
    Family(
        "Spring and Micrometer",
        Measure.EVENTS,
        "api",
        "http_server_requests_seconds_count",
        _APPS,
        statuses=_HTTP,
    ),
    Family(
        "Spring and Micrometer",
        Measure.LATENCY,
        "api",
        "http_server_requests_seconds",
        _APPS,
    ),
    Family(
        "HTTP durations",
        Measure.EVENTS,
        "api",
        "(?!prometheus_|alertmanager_)([a-z0-9_]+_)?http_request_duration_seconds_count",
        _APPS,
        statuses=_HTTP,
    ),
    Family(
        "HTTP durations",
        Measure.LATENCY,
        "api",
        "(?!prometheus_|alertmanager_)([a-z0-9_]+_)?http_request_duration_seconds",
        _APPS,
    ),
    Family(
        "gRPC servers",
        Measure.EVENTS,
        "api",
        "grpc_server_handled_total",
        _APPS,
        protocol="grpc",
        statuses=_GRPC,
        routes=("grpc_service",),
    ),
    Family(
        "gRPC servers",
        Measure.LATENCY,
        "api",
        "grpc_server_handling_seconds",
        _APPS,
        protocol="grpc",
        routes=("grpc_service",),
        fixed=(("grpc_type", ("unary",)),),
    ),
)

_TRACES = (
    Family(
        "spans of servers",
        Measure.EVENTS,
        "api",
        "traces_span_?metrics_calls_total",
        _SPAN_SERVICES,
        statuses=_SPANS,
        routes=("http_route", "span_name"),
        fixed=_SERVER_SPANS,
    ),
    Family(
        "spans of servers",
        Measure.LATENCY,
        "api",
        "traces_span_?metrics_(latency|duration_seconds)",
        _SPAN_SERVICES,
        routes=("http_route", "span_name"),
        fixed=_SERVER_SPANS,
    ),
    Family(
        "spans of servers (milliseconds)",
        Measure.LATENCY,
        "api",
        "traces_span_?metrics_duration_milliseconds",
        _SPAN_SERVICES,
        routes=("http_route", "span_name"),
        fixed=_SERVER_SPANS,
        milliseconds=True,
    ),
)

_WORK = (
    Family(
        "Celery tasks",
        Measure.EVENTS,
        "batch",
        "celery_tasks_total",
        _QUEUE_LABELS,
        protocol="tasks",
        statuses=_RUNS,
        routes=(),
    ),
    Family(
        "Celery tasks",
        Measure.OUTCOMES,
        "batch",
        "celery_task_succeeded_total",
        _QUEUE_LABELS,
        protocol="tasks",
        spoilt="celery_task_failed_total",
        routes=(),
    ),
    Family(
        "Sidekiq jobs",
        Measure.OUTCOMES,
        "batch",
        "sidekiq_jobs_success_total",
        _QUEUE_LABELS,
        protocol="tasks",
        spoilt="sidekiq_jobs_failed_total",
        routes=(),
    ),
    Family(
        "runs of batch jobs",
        Measure.EVENTS,
        "batch",
        "([a-z0-9_]+_)?(runs|jobs|tasks|executions|imports|exports|backups)_total"
        "|([a-z0-9_]+_)?(batch|job|pipeline|etl|backup|import|export|sync)_total",
        ("batch", "job_name", "pipeline", *_APPS),
        protocol="runs",
        statuses=_RUNS,
        routes=(),
    ),
    Family(
        "Kubernetes CronJobs",
        Measure.FRESHNESS,
        "batch",
        "kube_cronjob_status_last_successful_time",
        ("cronjob",),
        protocol="freshness",
        routes=(),
    ),
    Family(
        "last successes",
        Measure.FRESHNESS,
        "batch",
        "([a-z0-9_]+_)?last_success(ful)?(_run|_completion)?_(timestamp_seconds|timestamp|time)",
        ("batch", "job_name", "pipeline", *_APPS),
        protocol="freshness",
        routes=(),
    ),
    Family(
        "Kafka consumer groups",
        Measure.BACKLOG,
        "streaming",
        "kafka_consumergroup_lag|kafka_consumer_group_lag"
        "|kminion_kafka_consumer_group_topic_lag|kafka_burrow_partition_lag",
        ("consumergroup", "group_id", "group", "consumer_group"),
        protocol="backlog",
        routes=(),
    ),
    Family(
        "RabbitMQ queues",
        Measure.BACKLOG,
        "streaming",
        "rabbitmq_(detailed_)?queue_messages_ready",
        ("queue",),
        protocol="backlog",
        routes=(),
    ),
    Family(
        "Celery queues",
        Measure.BACKLOG,
        "streaming",
        "celery_queue_length",
        _QUEUE_LABELS,
        protocol="backlog",
        routes=(),
    ),
    Family(
        "Sidekiq queues",
        Measure.BACKLOG,
        "streaming",
        "sidekiq_queue_latency(_seconds)?|consumer_lag_seconds",
        ("queue", *_APPS),
        protocol="delay",
        routes=(),
    ),
)

_PROBES = (
    Family(
        "blackbox probes",
        Measure.PROBE,
        "web",
        "probe_success",
        ("target", "instance"),
        protocol="probe",
        routes=(),
        user_facing=True,
    ),
)

FAMILIES = (
    *_EDGE,
    *_MESHES,
    *_KUBERNETES,
    *_OPENTELEMETRY,
    *_APPLICATIONS,
    *_TRACES,
    *_WORK,
    *_PROBES,
)
"""All families, best first."""


def of_metric(name: str) -> tuple[tuple[int, Family], ...]:
    """The families that a metric's name belongs to, each with its place in the table.

    Of several for the same measure and protocol only the first is meant: the others know less of
    such a metric.

    Args:
        name: of a counter or a gauge; of a histogram with ``_count``, or, where it is a native
            one, by its name alone.
    """
    bare = name.removesuffix("_count")
    found: dict[tuple[Measure, str], tuple[int, Family]] = {}
    taken: set[tuple[Measure, str]] = set()
    for rank, family in enumerate(FAMILIES):
        wanted = bare if family.measure is Measure.LATENCY else name
        alike = any(m is family.measure and n != family.name for m, n in taken)
        if not alike and family.match(wanted):
            taken.add((family.measure, family.name))
            found.setdefault((family.measure, family.protocol), (rank, family))
    return tuple(found.values())
