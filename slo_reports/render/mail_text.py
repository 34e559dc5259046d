"""The plain text of a mail: every number of the report, wrapped and aligned."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence

from slo_reports.language import tr, trn
from slo_reports.model import Outcome, Recommendation, Report
from slo_reports.numbers import NARROW, percent_text, period_facts, period_name, period_title
from slo_reports.render.changed import changes_text
from slo_reports.render.clean import clean, prose
from slo_reports.render.decisions import (
    calm_words,
    decision_tables,
    risk_words,
    toil_words,
    troubled,
)
from slo_reports.render.digest import Digest, EarlierRow, digest_title
from slo_reports.render.insight_text import insight_sections
from slo_reports.render.letters import Letter, Section
from slo_reports.render.method import reason
from slo_reports.render.restatement import change_text, notice_rows, restatement_box
from slo_reports.render.rollups import RollupRow, rollup_tables
from slo_reports.render.rows import (
    NOTHING,
    CostCell,
    IncidentRow,
    ObjectiveRow,
    ServiceRows,
    budgets_left,
    incident_row,
    service_rows,
)
from slo_reports.tiers import tier_text

WIDTH = 78
_ALL = 1_000_000
NO_EARLIER = Digest()


def mail_text(report: Report, links: Mapping[str, str], earlier: Digest = NO_EARLIER) -> str:
    """The whole report as text of at most 78 columns (links stay whole).

    Args:
        report: what to say.
        links: where filed documents are found, by ``html`` and ``pdf``.
        earlier: periods that are told here because they could not be sent.
    """
    services = service_rows(report)
    left = budgets_left(report)
    incidents = [
        incident_row(one, report.period.zone, costs=_ALL, left=left) for one in report.incidents
    ]
    parts = [
        *head(report),
        *links_lines(links),
        *earlier_lines(earlier),
        *section(tr("Objectives").upper()),
        *_objectives(report, services),
        *_rollups(report),
        *section(tr("Incidents").upper()),
        *([line for row in incidents for line in _incident(row)] or [tr("None was recorded.")]),
        *_insights(report),
        *section(tr("Recommended actions").upper()),
        *(recommended(report.recommendations) or [tr("None: nothing needs to be done.")]),
        *_decisions(report),
        *foot(report),
    ]
    return plain(parts)


def plain(lines: Iterable[str]) -> str:
    """Lines as one text, with spaces that every mail program knows."""
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    return text.replace(NARROW, " ").replace("\u00a0", " ")


def letter_text(
    report: Report,
    letter: Letter,
    links: Mapping[str, str],
    earlier: Digest = NO_EARLIER,
) -> str:
    """A short mail as text; see ``mail_text``."""
    parts = [
        *_title(report, letter.document),
        *_about_itself(report),
        "",
        *wrapped(letter.headline),
        *links_lines(links),
        *earlier_lines(earlier),
        *(line for one in letter.sections if one.is_shown for line in _told_section(one)),
        *foot(report),
    ]
    return plain(parts)


def _told_section(one: Section) -> list[str]:
    lines = section(one.title.upper())
    for point in one.points:
        told = " ".join(text for text in (point.lead, point.text) if text)
        lines += _hanging("- ", told)
        lines += wrapped(point.aside, "  ") if point.aside else []
    more = tr("And {count} more in the document.", count=one.left_out) if one.left_out else ""
    return [*lines, *(wrapped(one.nothing) if not one.points else []), *([more] if more else [])]


def wrapped(text: str, indent: str = "") -> list[str]:
    """Sentences on lines of at most ``WIDTH`` columns."""
    return textwrap.wrap(
        prose(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def head(report: Report) -> list[str]:
    """Title, restatement, notices, headline and figures."""
    facts = f"{period_facts(report.period)}."
    if report.coverage is not None:
        share = percent_text(report.coverage, kind="coverage")
        facts += f" {tr('Data for {share} of the time.', share=share)}"
    return [
        *_title(report, tr("SLO report")),
        *_about_itself(report),
        "",
        *wrapped(report.headline),
        "",
        *_since(report),
        *wrapped(facts),
        *(line for figure in report.figures for line in _figure(*_parts(figure))),
    ]


def _title(report: Report, document: str) -> list[str]:
    title = wrapped(f"{clean(report.request.title)}: {document}, {period_title(report.period)}")
    return [*title, "=" * max(map(len, title))]


def _about_itself(report: Report) -> list[str]:
    revision = ""
    if report.revision > 1:
        revision = tr("Revision {revision}.", revision=report.revision)
    return [
        *(_restatement(report) or wrapped(revision)),
        *(
            line
            for one in notice_rows(report)
            for line in ("", *wrapped(f"{one.told} {one.since}"))
        ),
    ]


def _since(report: Report) -> list[str]:
    told = changes_text(report.insight.changes) if report.insight else ""
    return [*wrapped(told), ""] if told else []


def _restatement(report: Report) -> list[str]:
    box = restatement_box(report)
    if box is None:
        return []
    lines = wrapped(f"{box.title}.") + wrapped(
        tr("Reason: {reason} {by}", reason=box.reason, by=box.by)
    )
    for row in box.rows:
        lines += _hanging("- ", f"{row.service}, {row.objective}: {change_text(row)}")
    return [*lines, *wrapped(box.unchanged)]


def _insights(report: Report) -> list[str]:
    lines: list[str] = []
    for one in insight_sections(report):
        lines += [*section(one.title.upper()), *wrapped(one.lede)]
        lines += [line for point in one.points for line in _hanging("- ", point)]
        lines += [tr("And {count} more.", count=one.left_out)] * (one.left_out > 0)
    return lines


def _parts(figure: object) -> tuple[str, ...]:
    return tuple(str(getattr(figure, name)) for name in ("value", "unit", "label", "before"))


def _figure(value: str, unit: str, label: str, before: str) -> list[str]:
    number = f"{value} {unit}".strip()
    return wrapped(f"- {number} {label}{f' ({before})' if before else ''}")


def links_lines(links: Mapping[str, str]) -> list[str]:
    """Where the documents are found."""
    told = [f"{words}: {links[key]}" for key, words in _link_names() if key in links]
    return ["", *told] if told else []


def _link_names() -> tuple[tuple[str, str], ...]:
    return ("html", tr("The whole report")), ("pdf", tr("As PDF"))


def earlier_lines(found: Digest) -> list[str]:
    """Periods that are told here because they could not be sent."""
    if not found.rows:
        return []
    lines = section(digest_title().upper())
    for row in found.rows:
        lines += _period(row)
    more = tr("And {count} more before these.", count=found.left_out) if found.left_out else ""
    return [*lines, *(["", more] if more else [])]


def _period(row: EarlierRow) -> list[str]:
    told = " ".join(text for text in (row.headline, row.missed, row.worst) if text)
    places = [f"    {words}: {row.links[key]}" for key, words in _link_names() if row.links[key]]
    return [*_hanging("- ", f"{row.title}: {told}"), *places]


def section(name: str) -> list[str]:
    """A heading."""
    return ["", "", name, "-" * len(name)]


def _objectives(report: Report, services: Sequence[ServiceRows]) -> list[str]:
    rows = [row for service in services for row in service.rows]
    heads = _heads()
    widths = [
        max(len(head), *(len(_cells(row)[n]) for row in rows)) if rows else len(head)
        for n, head in enumerate(heads)
    ]
    name = WIDTH - sum(widths) - 2 * len(widths)
    lines = [*wrapped(_units_told(report)), "", _line("", heads, widths, name)]
    for service in services:
        tier = service.service.tier
        level = "" if tier is None else f" ({tier_text(tier)})"
        lines += wrapped(f"{service.name}{level}: {service.said}")
        for row in service.rows:
            lines += _row(row, widths, name)
    return lines


def _heads() -> tuple[str, ...]:
    return (
        tr("Target"),
        tr("Measured"),
        tr("Left"),
        tr("Change"),
        tr("Data"),
        tr("Outcome"),
    )


def _units_told(report: Report) -> str:
    before = next((one.previous for one in report.results if one.previous is not None), None)
    if before is None:
        return tr(
            "Target, measured and data (share of the time with data) in percent; budget left in "
            "percent of the budget, its change in points."
        )
    return tr(
        "Target, measured and data (share of the time with data) in percent; budget left in "
        "percent of the budget, its change since {period} in points.",
        period=period_name(before.period),
    )


def _cells(row: ObjectiveRow) -> tuple[str, ...]:
    return row.target, row.measured, row.left, row.change, row.coverage, row.word


def _row(row: ObjectiveRow, widths: Sequence[int], room: int) -> list[str]:
    names = wrapped(row.objective, "  ")
    if len(names) > 1 or len(names[0]) > room:
        lines = [*names, _line("", _cells(row), widths, room)]
    else:
        lines = [_line(names[0], _cells(row), widths, room)]
    told = [
        sentence
        for sentence in (row.phases, row.method, row.excluded, _gap(row), reason(row.result))
        if sentence
    ]
    return lines + [line for one in told for line in wrapped(one, "    ")]


def _rollups(report: Report) -> list[str]:
    return [
        line
        for table in rollup_tables(report)
        for line in (
            *section(table.title.upper()),
            *(_wrap for row in table.rows for _wrap in _rollup(row)),
        )
    ]


def _rollup(row: RollupRow) -> list[str]:
    count = row.objectives
    told = [trn("{count} objective", "{count} objectives", count, count=count)]
    told += [tr("{count} met", count=row.met)] * bool(row.met)
    told += [tr("{count} missed", count=row.missed)] * bool(row.missed)
    told += [tr("{count} without a verdict", count=row.no_verdict)] * bool(row.no_verdict)
    parts = [", ".join(told)]
    if row.left != NOTHING:
        share = f"{row.left} %"
        parts.append(
            tr("least budget left {share} ({objective})", share=share, objective=row.worst)
        )
    if row.coverage != NOTHING:
        parts.append(tr("data {share}", share=f"{row.coverage} %"))
    return wrapped(f"{row.name}: {'; '.join(parts)}")


def _gap(row: ObjectiveRow) -> str:
    """The range, where the reason does not tell it."""
    return "" if row.result.outcome is Outcome.INSUFFICIENT_DATA else row.bounds


def _line(name: str, cells: Sequence[str], widths: Sequence[int], room: int) -> str:
    numbers = [cell.rjust(width) for cell, width in zip(cells[:-1], widths, strict=False)]
    return "  ".join([name.ljust(max(room, 0)), *numbers, cells[-1]])


def _incident(row: IncidentRow) -> list[str]:
    facts = f"{row.began}, {row.lasted}; {row.severity}; {row.service}; {row.source}"
    costs = "; ".join(
        ", ".join(text for text in (_cost(cost), cost.without) if text) for cost in row.costs
    )
    return [
        *_hanging(row.letter.ljust(3), f"{row.title} ({row.identity})".removesuffix(" ()")),
        *wrapped(facts, "   "),
        *wrapped(
            tr("Budget used: {costs}", costs=costs) if costs else tr("Budget used: none"), "   "
        ),
        *(line for detail in row.details for line in wrapped(detail, "   ")),
    ]


def _cost(cost: CostCell) -> str:
    share = f"{cost.share}{NARROW}%"
    return tr("{share} of {objective}", share=share, objective=cost.of)


def _decisions(report: Report) -> list[str]:
    tables = decision_tables(report, _ALL)
    if not tables.rows:
        return []
    lines = section(tr("Release decisions").upper())
    for row in troubled(tables.rows):
        clauses = f" ({row.clauses})" if row.clauses else ""
        told = f"{row.service} ({row.said}): {risk_words(row.decisions)}{clauses}"
        lines += [*wrapped(told), *wrapped(row.why, "   ")]
    lines += wrapped(calm_words(tables.rows))
    lines += wrapped(
        tr(
            "All decisions hold until {instant}; {policy}.",
            instant=tables.until,
            policy=tables.policy,
        )
    )
    toil = [line for row in tables.toil for line in wrapped(toil_words(row))]
    return [*lines, *section(tr("Toil budget").upper()), *toil]


def recommended(found: Iterable[Recommendation]) -> list[str]:
    """Numbered actions, each with its evidence, owner and due date."""
    lines: list[str] = []
    for number, one in enumerate(found, 1):
        lines += _hanging(f"{number}.".ljust(4), f"{clean(one.action)}.")
        lines += wrapped(one.evidence, "    ")
        lines += wrapped(f"{clean(one.owner)}, {clean(one.due)}", "    ")
    return lines


def _hanging(mark: str, text: str) -> list[str]:
    lines = wrapped(text, " " * len(mark))
    return [mark + lines[0][len(mark) :], *lines[1:]]


def foot(report: Report) -> list[str]:
    """Which snapshot this is, and the footer."""
    snapshot = tr(
        "Snapshot {hash}, revision {revision}",
        hash=report.snapshot_hash,
        revision=report.revision,
    )
    lines = ["", "-- ", *wrapped(snapshot)]
    footer = wrapped(report.request.footer) if report.request.footer else []
    return lines + footer
