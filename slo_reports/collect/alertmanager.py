"""Incidents from an Alertmanager: the alerts that it knows of now, in their authors' words.

It forgets an alert soon after that is over, so it is no history. It adds what fires still, and the
summaries that people wrote for their alerts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from slo_reports.collect.alerts import Firing, merge_firings, owner_of
from slo_reports.collect.connection import basic_auth, headers_of, tls_context
from slo_reports.errors import BadAnswer, SourceError, SourceRefused, SourceUnavailable
from slo_reports.model import Incident, Provenance, Slo
from slo_reports.periods import Period
from slo_reports.settings.schema import AlertmanagerSettings

SOURCE = "alertmanager"


@dataclass(frozen=True)
class Told:
    """What an Alertmanager told, and what it said of itself."""

    incidents: tuple[Incident, ...]
    provenance: Provenance


def ask_alertmanager(
    settings: AlertmanagerSettings, slos: Sequence[Slo], period: Period, now: datetime
) -> Told:
    """The alerts of the SLOs' services that touch a period, as incidents.

    An Alertmanager that cannot be asked makes no report fail: the provenance then warns of it.

    Args:
        settings: how it is reached.
        slos: whose services are wanted.
        period: only alerts that fired inside it are told.
        now: the present instant, to tell alerts that fire still.
    """
    version, known = "unknown version", 0
    warnings: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    try:
        version, alerts = _ask(settings)
        known = len(alerts)
        incidents = _incidents(alerts, slos, period, now)
    except SourceError as error:
        warnings = (f"its alerts are not in this report: {error}",)
    provenance = Provenance(
        name="Alertmanager",
        used_for="the words and the state of alerts",
        url=settings.url.rstrip("/"),
        version=version,
        asked_at=now,
        series=known,
        queries=2,
        warnings=warnings,
    )
    return Told(incidents, provenance)


def _ask(settings: AlertmanagerSettings) -> tuple[str, list[Any]]:
    with httpx.Client(
        base_url=settings.url.rstrip("/") + "/api/v2/",
        auth=basic_auth(settings),
        headers=headers_of(settings),
        timeout=settings.timeout.total_seconds(),
        verify=tls_context(settings, "alertmanager.tls"),
        trust_env=False,
    ) as client:
        status = _get(client, "status", settings.url)
        alerts = _get(client, "alerts", settings.url)
    if not isinstance(status, dict) or not isinstance(alerts, list):
        raise _no_alertmanager(settings.url)
    return str((status.get("versionInfo") or {}).get("version") or "unknown version"), alerts


def _get(client: httpx.Client, path: str, url: str) -> Any:
    try:
        answer = client.get(path)
    except httpx.TransportError as error:
        msg = f"{url} could not be reached ({error}): is alertmanager.url right?"
        raise SourceUnavailable(msg) from error
    if answer.status_code in (401, 403):
        msg = f"{url} refused us ({answer.status_code}): check the credentials of alertmanager"
        raise SourceRefused(msg)
    try:
        return answer.raise_for_status().json()
    except (httpx.HTTPStatusError, ValueError) as error:
        raise _no_alertmanager(url) from error


def _no_alertmanager(url: str) -> BadAnswer:
    return BadAnswer(f"{url} does not speak the Alertmanager API; is it the server's base URL?")


def _incidents(
    alerts: Sequence[Any], slos: Sequence[Slo], period: Period, now: datetime
) -> tuple[Incident, ...]:
    firings: list[Firing] = []
    words: dict[tuple[str, str], str] = {}
    try:
        for alert in alerts:
            firing = _firing(alert, slos, period, now)
            if firing is not None:
                firings.append(firing)
                if summary := alert.get("annotations", {}).get("summary"):
                    words.setdefault((firing.service, firing.alert), str(summary))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"the Alertmanager sent an alert that cannot be read: {error!r}"
        raise BadAnswer(msg) from error
    merged = merge_firings(firings, {slo.id: slo.title for slo in slos}, period.data_end)
    return tuple(_in_own_words(one, words) for one in merged)


def _firing(
    alert: Mapping[str, Any], slos: Sequence[Slo], period: Period, now: datetime
) -> Firing | None:
    """An alert as the part of the period in which it fired; None where that is nothing."""
    labels: Mapping[str, str] = alert["labels"]
    owner = owner_of(dict(labels), slos)
    start, end = _instant(alert["startsAt"]), _instant(alert["endsAt"])
    end = period.data_end if end > now else min(end, period.data_end)
    if owner is None or start >= period.data_end or end <= max(start, period.start):
        return None
    severity = labels.get("severity") or labels.get("sloth_severity") or "unknown"
    return Firing(start, end, labels.get("alertname", "alert"), severity, *owner)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _in_own_words(incident: Incident, words: Mapping[tuple[str, str], str]) -> Incident:
    """The incident from this source, titled by the summary of its first alert that has one."""
    known = [words[key] for name in incident.alerts if (key := (incident.service, name)) in words]
    title = known[0] if known else incident.title
    return replace(
        incident, title=title, source=SOURCE, sources=(SOURCE,), detected_at=incident.start
    )
