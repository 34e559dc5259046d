"""The report as Markdown (GitHub's), for wikis and pull requests; no name in it is markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from slo_reports.language import speaking, tr
from slo_reports.model import Report, utf8
from slo_reports.numbers import NARROW, period_title
from slo_reports.render.markdown_text import bullet, code, escaped, table
from slo_reports.render.marks import Mark
from slo_reports.render.method import (
    ExclusionRow,
    GapRow,
    exclusion_rows,
    gap_rows,
    method,
    reason,
)
from slo_reports.render.page import before, facts
from slo_reports.render.restatement import change_text, notice_rows, restatement_box
from slo_reports.render.rollups import rollup_tables
from slo_reports.render.rows import (
    NOTHING,
    IncidentRow,
    ObjectiveRow,
    ServiceRows,
    incident_row,
    service_rows,
)

MOST_ROWS = 400
"""Rows of one table; wikis choke on more. The CSV and JSON documents hold all."""


def render_markdown(report: Report) -> bytes:
    """The whole report in short: headline, actions, objectives, incidents, method."""
    with speaking(report.request.language):
        return utf8("\n\n".join(part for part in _parts(report) if part) + "\n")


def _parts(report: Report) -> Iterator[str]:
    services = service_rows(report)
    yield from _head(report)
    yield from _section(tr("Asked of you"), _actions(report))
    yield from _section(tr("Objectives"), _objectives(report, services))
    yield from _rollups(report)
    yield from _section(tr("Incidents"), _incidents(report))
    yield from _section(tr("How this was measured"), _method(report))
    snapshot, revision = code(report.snapshot_hash), report.revision
    yield tr("Snapshot {hash}, revision {revision}.", hash=snapshot, revision=revision)
    yield escaped(report.request.footer)


def _head(report: Report) -> Iterator[str]:
    title, period = escaped(report.request.title), escaped(period_title(report.period))
    yield f"# {tr('{title}: SLO report, {period}', title=title, period=period)}"
    box = restatement_box(report)
    if box is not None:
        why = f"{tr('Reason:')} {box.reason} {box.by}"
        yield f"**{escaped(box.title)}.** {escaped(why)}"
        yield "\n".join(
            bullet(f"{row.service}, {row.objective}: {change_text(row)}") for row in box.rows
        )
        yield escaped(box.unchanged)
    for one in notice_rows(report):
        yield f"> {escaped(f'{one.told} {one.since}')}"
    yield f"**{escaped(report.headline)}**"
    yield escaped(facts(report))
    yield "\n".join(
        f"- **{escaped(f'{one.value} {one.unit}'.strip())}** {escaped(one.label)}"
        + (f" ({escaped(one.before)})" if one.before else "")
        for one in report.figures
    )


def _section(title: str, parts: Iterable[str]) -> Iterator[str]:
    yield f"## {title}"
    yield from parts


def _actions(report: Report) -> Iterator[str]:
    if not report.recommendations:
        yield tr("Nothing needs to be done.")
        return
    shown = report.recommendations[:MOST_ROWS]
    yield "\n".join(
        f"{place}. **{escaped(one.action)}.** {escaped(one.evidence)} "
        f"*{escaped(one.owner)}, {escaped(one.due)}*"
        for place, one in enumerate(shown, 1)
    )
    yield _more(len(report.recommendations))


def _objectives(report: Report, services: Sequence[ServiceRows]) -> Iterator[str]:
    rows = [(service, row) for service in services for row in service.rows]
    since = before(report)
    yield tr("Worst service first.") + (
        f" {tr('Change: points of budget since {period}.', period=escaped(since))}" if since else ""
    )
    yield table(
        (
            tr("Service"),
            tr("Objective"),
            tr("Target, %"),
            tr("Measured, %"),
            tr("Budget left, %"),
            tr("Change"),
            tr("Data, %"),
            tr("Outcome"),
        ),
        "llrrrrrl",
        (_objective(service, row) for service, row in rows[:MOST_ROWS]),
    )
    yield _more(len(rows))
    yield "\n".join(
        bullet(f"{service.name}, {row.objective}: {told}")
        for service, row in rows[:MOST_ROWS]
        for told in _remarks(row)
    )


def _objective(service: ServiceRows, row: ObjectiveRow) -> tuple[str, ...]:
    numbers = (row.target, row.measured, row.left, row.change, row.coverage)
    word = f"**{escaped(row.word)}**" if row.mark is Mark.MISSED else escaped(row.word)
    return escaped(service.name), escaped(row.objective), *map(escaped, numbers), word


def _remarks(row: ObjectiveRow) -> Iterator[str]:
    told = (row.phases, row.method, row.excluded, row.bounds, reason(row.result))
    yield from (text for text in told if text)


def _rollups(report: Report) -> Iterator[str]:
    for one in rollup_tables(report):
        yield f"## {escaped(one.title)}"
        yield table(
            (
                "",
                tr("Objectives"),
                tr("Met"),
                tr("Missed"),
                tr("No verdict"),
                tr("Least left, %"),
                tr("Data, %"),
            ),
            "lrrrrrr",
            (
                tuple(
                    escaped(str(cell))
                    for cell in (
                        row.name,
                        row.objectives,
                        row.met,
                        row.missed,
                        row.no_verdict,
                        row.left,
                        row.coverage,
                    )
                )
                for row in one.rows[:MOST_ROWS]
            ),
        )


def _incidents(report: Report) -> Iterator[str]:
    if not report.incidents:
        yield tr("None was recorded.")
        return
    rows = [incident_row(one, report.period.zone) for one in report.incidents[:MOST_ROWS]]
    yield table(
        (
            "",
            tr("Incident"),
            tr("Service"),
            tr("Severity"),
            tr("Began"),
            tr("Lasted"),
            tr("Budget used"),
        ),
        "lllllll",
        map(_incident, rows),
    )
    yield _more(len(report.incidents))
    yield "\n".join(
        bullet(f"{row.letter}: {'. '.join(row.details)}.") for row in rows if row.details
    )


def _incident(row: IncidentRow) -> tuple[str, ...]:
    title = f"{row.title} ({row.identity})" if row.identity else row.title
    costs = "; ".join(
        tr("{share} of {objective}", share=f"{cost.share}{NARROW}%", objective=cost.of)
        for cost in row.costs
    )
    more = f" {tr('and {count} more', count=row.more)}" if row.more else ""
    cells = (title, row.service, row.severity, row.began, row.lasted, f"{costs or NOTHING}{more}")
    return f"**{escaped(row.letter)}**", *map(escaped, cells)


def _method(report: Report) -> Iterator[str]:
    yield "\n".join(f"- **{escaped(one.lead)}.** {escaped(one.text)}" for one in method(report))
    yield "\n".join(bullet(_gap(one)) for one in gap_rows(report)[:MOST_ROWS])
    yield "\n".join(bullet(_exclusion(one)) for one in exclusion_rows(report)[:MOST_ROWS])


def _gap(one: GapRow) -> str:
    return tr("No data: {of}: {spans}", of=f"{one.service}, {one.objective}", spans=one.spans)


def _exclusion(one: ExclusionRow) -> str:
    told = {"when": one.when, "reason": one.reason, "who": one.said_by}
    return tr("Excluded: {when}, {reason}, by {who}", **told)


def _more(count: int) -> str:
    left = count - MOST_ROWS
    return tr("And {count} more; the JSON document holds them all.", count=left) if left > 0 else ""
