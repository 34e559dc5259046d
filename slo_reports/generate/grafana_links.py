"""Links of the dashboards: to each other, and to the filed reports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

OVERVIEW_UID = "slo-reports-overview"
DETAIL_UID = "slo-reports-objective"

_TO_DETAIL = (
    f"/d/{DETAIL_UID}?${{datasource:queryparam}}"
    "&var-service=${__data.fields.service:percentencode}"
    "&var-slo=${__data.fields.slo:percentencode}"
    "&var-window=${__data.fields.window:percentencode}"
)
_TO_SERVICE = f"/d/{DETAIL_UID}?${{datasource:queryparam}}&var-service="


@dataclass(frozen=True)
class ReportLink:
    """A report that is filed where readers find it.

    Attributes:
        title: of the report.
        covers: in words: of which objectives, how often.
        archive: URL of the page that lists all that is filed there.
        folder: URL of the report's own files, above their years; empty where its documents have no
            name that a month alone gives.
        file: the name of its documents before the month, such as ``commerce_``.
        extension: of the document to open.
    """

    title: str
    covers: str
    archive: str
    folder: str = ""
    file: str = ""
    extension: str = ""


def to_objective() -> str:
    """From a row that has the labels ``service``, ``slo`` and ``window`` to its objective."""
    return _TO_DETAIL


def to_service() -> str:
    """From a value that has the label ``service`` to the first of the service's objectives."""
    return _TO_SERVICE + "${__field.labels.service:percentencode}"


def reports_markdown(reports: Sequence[ReportLink]) -> str:
    """The list of reports, with what each covers."""
    if not reports:
        return (
            "No report is filed where a browser can reach it: give a share of the settings a "
            "`link`, and generate the dashboards again."
        )
    return "\n".join(_lines(reports))


def _lines(reports: Sequence[ReportLink]) -> list[str]:
    lines = []
    for one in reports:
        lines.append(f"- **{_escaped(one.title)}** ({_escaped(one.covers)}): ")
        lines.append(f"  [all that is filed]({_safe(one.archive)})")
        if one.folder:
            lines.append(f"  · [of the month in which this range begins]({_monthly(one)})")
    return lines


def _monthly(report: ReportLink) -> str:
    """The document of the month in which the dashboard's range begins."""
    year, month = "${__from:date:YYYY}", "${__from:date:YYYY-MM}"
    folder, name = _safe(report.folder), _safe(report.file)
    return f"{folder}/{year}/{name}{month}.{report.extension}"


def _escaped(text: str) -> str:
    """Text that neither Markdown nor Grafana's variables make anything of."""
    marked = re.sub(r"([\\`*_{}\[\]()#+!|~-])", r"\\\1", text)
    return (
        marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
    )


def _safe(url: str) -> str:
    """A URL that can stand in brackets of Markdown, with what is escaped in it as it is."""
    return quote(url, safe="/:?#@!&'*+,;=%~")
