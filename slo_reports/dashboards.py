"""Wiring for the dashboards: from the settings to the links that the dashboards show."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from slo_reports.generate.grafana_links import ReportLink
from slo_reports.settings.destinations import ShareDestination
from slo_reports.settings.schema import ReportSettings, Selection, Settings

_OPENED = ("html", "pdf")
"""The formats that a browser shows, the better one first."""


def report_links(settings: Settings) -> tuple[ReportLink, ...]:
    """Where readers find the reports: on shares that have a ``link``."""
    return tuple(
        _link(report, base) for report in settings.reports for base in _bases(report, settings)
    )


def _bases(report: ReportSettings, settings: Settings) -> Iterator[str]:
    for name in report.destinations:
        share = settings.destinations[name]
        if isinstance(share, ShareDestination) and share.link is not None:
            yield share.link.rstrip("/")


def _link(report: ReportSettings, base: str) -> ReportLink:
    """The link to one report on one share; its documents are named as they are filed."""
    archive = f"{base}/index.html"
    covers = f"each {report.period}, {_words(report.select)}"
    opened = next((one for one in _OPENED if one in report.formats), None)
    if report.period != "month" or opened is None:
        return ReportLink(report.title, covers, archive)
    name = quote(report.name)
    return ReportLink(report.title, covers, archive, f"{base}/{name}", f"{name}_", opened)


def _words(selection: Selection) -> str:
    """Which objectives a selection covers."""
    lists = (
        ("services", selection.services),
        ("owners", selection.owners),
        ("namespaces", selection.namespaces),
        ("objectives", selection.slos),
    )
    said = [f"{noun}: {', '.join(words)}" for noun, words in lists if words is not None]
    return "; ".join(said) or "all objectives"
