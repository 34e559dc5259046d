"""Alert quality as words: counts by service, and each alert that was not simply right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from slo_reports.model import AlertFinding, AlertQuality, AlertWord, Report, SilentAlert
from slo_reports.numbers import (
    NARROW,
    burn_text,
    count_text,
    counted,
    duration_text,
    instant_text,
    listed,
    percent_text,
    sentence,
)
from slo_reports.render.clean import clean
from slo_reports.render.marks import Mark

MOST_FINDINGS = 12
MOST_DUE = 5
"""Alerts that were due, where nothing tells whether any fired."""
_NOTHING = "–"


@dataclass(frozen=True)
class CountRow:
    """How the alerts of one service fared; cells are counts, empty for none."""

    service: str
    fired: str
    right: str
    late: str
    useless: str
    missed: str
    silent: str


@dataclass(frozen=True)
class FindingRow:
    """One alert that was not simply right."""

    mark: Mark
    word: str
    service: str
    when: str
    told: str


@dataclass(frozen=True)
class AlertTables:
    """The section about alerts."""

    lede: str
    counts: tuple[CountRow, ...]
    findings: tuple[FindingRow, ...]
    findings_left_out: int
    silent: tuple[str, ...]


def alert_tables(found: AlertQuality | None, report: Report) -> AlertTables | None:
    """Counts by service, and each alert that was not simply right."""
    if found is None:
        return None
    services = {clean(one.slo.service): None for one in report.results}
    wrong = [one for one in found.findings if one.word is not AlertWord.RIGHT]
    shown = _dearest(wrong, MOST_FINDINGS if found.recorded else MOST_DUE)
    return AlertTables(
        lede=alerts_lede(found),
        counts=tuple(row for name in services if (row := _counts(name, found, report))),
        findings=tuple(_finding(one, report) for one in shown),
        findings_left_out=len(wrong) - len(shown),
        silent=tuple(_silent(one) for one in found.silent[:MOST_FINDINGS]),
    )


def _dearest(findings: list[AlertFinding], most: int) -> list[AlertFinding]:
    """Those that are worth a row, in order of time: useless ones last, then what cost most."""
    ranked = sorted(
        findings, key=lambda one: (one.word is AlertWord.USELESS, -one.consumed, one.start)
    )
    kept = ranked[:most]
    return [one for one in findings if one in kept]


def alerts_lede(found: AlertQuality) -> str:
    """How many alerts fired, and what they were worth, in a sentence or two."""
    if not found.recorded:
        due = found.count(AlertWord.DUE)
        if not due:
            return "No alert is on record, and by the burn rates none was due."
        verb = "was" if due == 1 else "were"
        return (
            "No alert of these services is on record, so nothing tells whether anybody was called. "
            f"By the burn rates {counted(due, 'alert')} {verb} due."
        )
    fired = found.count(AlertWord.RIGHT, AlertWord.LATE, AlertWord.USELESS)
    words = [
        f"{count_text(count)} {word}"
        for word, count in ((word, found.count(word)) for word in _FIRED)
        if count
    ]
    verdict = f"all {words[0].split()[1]}" if len(words) == 1 and fired > 1 else listed(words)
    head = f"{sentence(counted(fired, 'alert'))} fired: {verdict}."
    missed = found.count(AlertWord.MISSED)
    if not missed:
        return f"{head} No budget burnt away unnoticed."
    verb = "was" if missed == 1 else "were"
    return f"{head} {sentence(count_text(missed))} {verb} missed: budget burnt, nobody was told."


_FIRED = (AlertWord.RIGHT, AlertWord.LATE, AlertWord.USELESS)


def _counts(service: str, found: AlertQuality, report: Report) -> CountRow | None:
    own = [one for one in found.findings if clean(one.service) == service]
    ids = {one.slo.id for one in report.results if clean(one.slo.service) == service}
    silent = sum(one.slo in ids for one in found.silent)
    if not own and not silent:
        return None
    return CountRow(
        service=service,
        fired=_cell(sum(one.word in _FIRED for one in own)),
        right=_cell(sum(one.word is AlertWord.RIGHT for one in own)),
        late=_cell(sum(one.word is AlertWord.LATE for one in own)),
        useless=_cell(sum(one.word is AlertWord.USELESS for one in own)),
        missed=_cell(sum(one.word in (AlertWord.MISSED, AlertWord.DUE) for one in own)),
        silent=_cell(silent),
    )


def _cell(count: int) -> str:
    return str(count) if count else _NOTHING


_ALERT_MARKS = {
    AlertWord.MISSED: Mark.MISSED,
    AlertWord.LATE: Mark.AT_RISK,
    AlertWord.USELESS: Mark.INSUFFICIENT,
    AlertWord.DUE: Mark.AT_RISK,
    AlertWord.RIGHT: Mark.MET,
}


def _finding(one: AlertFinding, report: Report) -> FindingRow:
    return FindingRow(
        mark=_ALERT_MARKS[one.word],
        word=sentence(one.word),
        service=clean(one.service),
        when=_NOTHING if not one.severity else instant_text(one.start, report.period.zone),
        told=_told(one),
    )


def _told(one: AlertFinding) -> str:
    title, taken = clean(one.title), percent_text(one.consumed, kind="consumption")
    letter = f" (incident {one.letter})" if one.letter else ""
    if not one.severity:
        return f"{title} used {taken} of its budget below every threshold; no alert told of it."
    match one.word:
        case AlertWord.MISSED | AlertWord.DUE:
            return f"A {one.severity} was due{letter}: {title} lost {taken} of its budget."
        case AlertWord.LATE:
            late = duration_text(one.late or timedelta())
            paid = f": {title} lost {taken} of its budget" if one.title else ""
            return f"The {one.severity} came {late} after it was due{letter}{paid}."
        case _:
            paid = f"{title} lost less than 1{NARROW}%" if one.title else "no budget was spent"
            return f"The {one.severity} was not due{letter}: {paid}."


def _silent(one: SilentAlert) -> str:
    needed = percent_text(one.needed, kind="consumption")
    return (
        f"{clean(one.title)}: the {one.severity} at {burn_text(one.threshold)} over "
        f"{duration_text(one.long)} asks for {needed} bad events."
    )
