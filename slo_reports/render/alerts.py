"""Alert quality as words: counts by service, and each alert that was not simply right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from slo_reports.language import tr, trn
from slo_reports.model import AlertFinding, AlertQuality, AlertWord, Report, SilentAlert
from slo_reports.numbers import (
    NARROW,
    burn_text,
    count_text,
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
    wrong = [one for one in found.findings if one.word is not AlertWord.RIGHT]
    shown = _dearest(wrong, MOST_FINDINGS if found.recorded else MOST_DUE)
    return AlertTables(
        lede=alerts_lede(found),
        counts=tuple(_count_rows(found, report)),
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
    return _fired_lede(found) if found.recorded else _due_lede(found.count(AlertWord.DUE))


def _due_lede(due: int) -> str:
    if not due:
        return tr("No alert is on record, and by the burn rates none was due.")
    head = tr("No alert is on record, so nothing tells whether anybody was called.")
    tail = trn(
        "By the burn rates {count} alert was due.",
        "By the burn rates {count} alerts were due.",
        due,
        count=count_text(due),
    )
    return f"{head} {tail}"


def _fired_lede(found: AlertQuality) -> str:
    fired = found.count(*_FIRED)
    words = [
        f"{count_text(count)} {_word(word)}" for word in _FIRED if (count := found.count(word))
    ]
    head = trn(
        "{count} alert fired: {words}.",
        "{count} alerts fired: {words}.",
        fired,
        count=sentence(count_text(fired)),
        words=listed(words) if len(words) > 1 else _all(words[0], fired),
    )
    missed = found.count(AlertWord.MISSED)
    if not missed:
        return f"{head} {tr('No budget burnt away unnoticed.')}"
    tail = trn(
        "{count} was missed: budget burnt, nobody was told.",
        "{count} were missed: budget burnt, nobody was told.",
        missed,
        count=sentence(count_text(missed)),
    )
    return f"{head} {tail}"


def _all(words: str, fired: int) -> str:
    return words if fired == 1 else tr("all {word}", word=words.split(" ", 1)[1])


def _word(word: AlertWord) -> str:
    match word:
        case AlertWord.MISSED:
            return tr("missed")
        case AlertWord.LATE:
            return tr("late")
        case AlertWord.USELESS:
            return tr("useless")
        case AlertWord.RIGHT:
            return tr("right")
        case AlertWord.DUE:
            return tr("due")


_FIRED = (AlertWord.RIGHT, AlertWord.LATE, AlertWord.USELESS)


def _count_rows(found: AlertQuality, report: Report) -> Iterator[CountRow]:
    """One for each service that has something to count, in the order of the page."""
    services = {one.slo.id: clean(one.slo.service) for one in report.results}
    silent = Counter(services.get(one.slo) for one in found.silent)
    own: dict[str, list[AlertFinding]] = {}
    for one in found.findings:
        own.setdefault(clean(one.service), []).append(one)
    for service in dict.fromkeys(services.values()):
        if service in own or silent[service]:
            yield _counts(service, own.get(service, []), silent[service])


def _counts(service: str, own: Sequence[AlertFinding], silent: int) -> CountRow:
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
        word=sentence(_word(one.word)),
        service=clean(one.service),
        when=_NOTHING if not one.severity else instant_text(one.start, report.period.zone),
        told=_told(one),
    )


def _told(one: AlertFinding) -> str:
    title, taken = clean(one.title), percent_text(one.consumed, kind="consumption")
    if not one.severity:
        return tr(
            "{title} used {share} of its budget below every threshold; no alert told of it.",
            title=title,
            share=taken,
        )
    lost = tr("{title} lost {share} of its budget", title=title, share=taken)
    if not one.title:
        lost = tr("no budget was spent")
    elif one.word is AlertWord.USELESS:
        lost = tr("{title} lost less than {share}", title=title, share=f"1{NARROW}%")
    letter = tr(" (incident {letter})", letter=one.letter) if one.letter else ""
    return f"{_what(one)}{letter}: {lost}."


def _what(one: AlertFinding) -> str:
    page, late = one.severity == "page", duration_text(one.late or timedelta())
    match one.word:
        case AlertWord.MISSED | AlertWord.DUE:
            return tr("A page was due") if page else tr("A ticket was due")
        case AlertWord.LATE if page:
            return tr("The page came {late} after it was due", late=late)
        case AlertWord.LATE:
            return tr("The ticket came {late} after it was due", late=late)
        case _:
            return tr("The page was not due") if page else tr("The ticket was not due")


def _silent(one: SilentAlert) -> str:
    return tr(
        "{title}: the {severity} at {rate} over {window} asks for {share} bad events.",
        title=clean(one.title),
        severity=one.severity,
        rate=burn_text(one.threshold),
        window=duration_text(one.long),
        share=percent_text(one.needed, kind="consumption"),
    )
