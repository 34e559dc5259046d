"""The job's own metrics: as text, into a file for node_exporter, and to a Pushgateway."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, Info, generate_latest

from slo_reports.deliver.contract import Check
from slo_reports.deliver.web import Door
from slo_reports.errors import DeliveryError
from slo_reports.model import DeliveryState
from slo_reports.operate.standing import ReportStanding, Standing
from slo_reports.settings.operations import MetricsSettings

JOB = "slo_reports"
_PATIENCE = timedelta(seconds=5)
_OPEN = tuple(one for one in DeliveryState if not one.settled)


def exposition(standing: Standing) -> bytes:
    """The metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    _whole_job(standing, registry)
    _by_report(standing.reports, registry)
    return generate_latest(registry)


def _whole_job(standing: Standing, registry: CollectorRegistry) -> None:
    ended = "When the job last ended, whatever came of it."
    Gauge("slo_reports_last_run_timestamp_seconds", ended, registry=registry).set(
        standing.ended_at.timestamp()
    )
    Gauge(
        "slo_reports_last_run_duration_seconds", "How long the job last took.", registry=registry
    ).set(standing.duration.total_seconds())
    Gauge(
        "slo_reports_last_run_exit_code", "What the job last ended with; 0 is well.",
        registry=registry,
    ).set(standing.exit_code)  # fmt: skip
    Info("slo_reports_build", "The version that ran.", registry=registry).info(
        {"version": standing.version}
    )


def _by_report(reports: Iterable[ReportStanding], registry: CollectorRegistry) -> None:
    def gauge(name: str, words: str, *more: str) -> Gauge:
        return Gauge(f"slo_reports_{name}", words, ["report", *more], registry=registry)

    success = gauge(
        "last_success_timestamp_seconds", "When the newest whole report was last delivered."
    )
    period = gauge(
        "last_period_end_timestamp_seconds", "End of the newest period that was delivered whole."
    )
    due = gauge("due_runs", "Periods that are due and not made.")
    still_open = gauge("open_deliveries", "Deliveries that are still tried.", "state")
    held = gauge("held_deliveries", "Deliveries that wait for a person.")
    for one in reports:
        _set(success, one.report, one.last_success)
        _set(period, one.report, one.last_period_end)
        due.labels(one.report).set(one.due_runs)
        held.labels(one.report).set(one.held)
        for state in _OPEN:
            still_open.labels(one.report, state.value).set(one.count(state))


def _set(gauge: Gauge, report: str, instant: datetime | None) -> None:
    if instant is not None:
        gauge.labels(report).set(instant.timestamp())


def publish(settings: MetricsSettings, standing: Standing, warn: Callable[[str], None]) -> None:
    """Put the metrics where the settings say; what fails is a warning."""
    content = exposition(standing)
    if settings.textfile is not None:
        try:
            write_textfile(settings.textfile, content)
        except OSError as error:
            warn(f"the metrics could not be written to {settings.textfile}: {error.strerror}")
    if settings.pushgateway is not None:
        try:
            push(settings, content)
        except DeliveryError as error:
            warn(f"the metrics could not be pushed: {error}")


def write_textfile(path: Path, content: bytes) -> None:
    """Write the whole file or nothing; everybody may read it, whatever the umask.

    Raises:
        OSError: it could not be written; what was there is there still.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.chmod(0o644)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def push(settings: MetricsSettings, content: bytes) -> None:
    """Put the metrics in the place of those that this instance pushed before.

    Raises:
        DeliveryError: the Pushgateway did not take them.
    """
    door = _door(settings).below(_group(settings.instance or socket.gethostname()))
    answer = door.ask("PUT", content, {"Content-Type": "text/plain; version=0.0.4"})
    if not answer.taken:
        msg = f"{door.host} refused them: {door.without(answer.said)}"
        raise DeliveryError(msg, retryable=answer.retryable)


def _group(instance: str) -> str:
    """The path of a group; an instance with any letters in it goes as base64."""
    coded = base64.urlsafe_b64encode(instance.encode()).decode()
    return f"metrics/job/{JOB}/instance@base64/{coded}"


def examine(settings: MetricsSettings) -> Iterator[Check]:
    """Whether the file can be written and the Pushgateway is ready; nothing is published."""
    if settings.textfile is not None:
        yield _examine_folder(settings.textfile)
    if settings.pushgateway is not None:
        yield _examine_pushgateway(settings)


def _examine_folder(path: Path) -> Check:
    what = "write the metrics' file"
    trial = path.with_name(f".{path.name}.{os.getpid()}.trial")
    try:
        write_textfile(trial, b"")
        trial.unlink()
    except OSError as error:
        seen = f"{path}: {error.strerror}"
        mend = "make its folder, and let the user that runs slo-reports write there"
        return Check(what, is_fine=False, seen=seen, mend=mend)
    return Check(what, is_fine=True, seen=str(path))


def _examine_pushgateway(settings: MetricsSettings) -> Check:
    what, mend = "reach the Pushgateway", "mend operations.metrics.pushgateway, or start it"
    try:
        door = _door(settings).below("-/ready")
        answer = door.ask("GET")
    except DeliveryError as error:
        return Check(what, is_fine=False, seen=str(error), mend=mend)
    seen = f"{door.host}: {door.without(answer.said)}"
    return Check(what, is_fine=answer.taken, seen=seen, mend="" if answer.taken else mend)


def _door(settings: MetricsSettings) -> Door:
    assert settings.pushgateway is not None  # noqa: S101  # asked by the callers
    return Door(settings.pushgateway, timeout=_PATIENCE)
