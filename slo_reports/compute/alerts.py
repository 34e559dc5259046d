"""Alert quality: what fired held against what was due, and against the budget really spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo_reports.compute.attribution import ALERT_LEAD, full_title
from slo_reports.compute.merging import services_of, urgency
from slo_reports.compute.replay import Burn, can_never_fire, replay
from slo_reports.model import (
    AlertFinding,
    AlertQuality,
    AlertWord,
    Exclusion,
    Incident,
    JudgedIncident,
    Outcome,
    SilentAlert,
    SloResult,
    Subject,
)
from slo_reports.periods import Period

LEAST_SPENT = 0.01
"""An alert that was not due is useless where no objective lost this much of its budget [ratio]."""
IN_TIME = timedelta(minutes=10)
"""So long after it was due an alert is still in time: slices and rules have their grain."""
APART = timedelta(hours=1)
"""Spans of one service that lie no further apart are one trouble, which needs one alert."""
AFTERMATH = timedelta(hours=6)
"""A ticket's windows go on burning for so long after the trouble that a page was due for."""
_SOURCES = frozenset({"alert", "alertmanager"})
_PAGE, _TICKET = "page", "ticket"


@dataclass(frozen=True)
class _Trouble:
    """Burns of one service that one alert should have told of."""

    service: str
    severity: str
    burns: tuple[Burn, ...]

    @property
    def start(self) -> datetime:
        return min(one.start for one in self.burns)

    @property
    def due(self) -> datetime:
        return min(one.due for one in self.burns if one.severity == self.severity)

    @property
    def end(self) -> datetime:
        return max(one.end for one in self.burns)

    @property
    def dearest(self) -> Burn:
        return max(self.burns, key=lambda one: (one.consumed, one.slo))


def alert_quality(
    subjects: Sequence[Subject],
    results: Sequence[SloResult],
    incidents: Sequence[JudgedIncident],
    period: Period,
    exclusions: Sequence[Exclusion] = (),
) -> AlertQuality | None:
    """Every alert that fired or was due, with a word about it; None where there is nothing to say.

    Args:
        subjects: the objectives with their slices; those of user journeys have no alerts.
        results: the same, judged.
        incidents: merged, with their costs.
        period: what is judged.
        exclusions: all there are.
    """
    judged = {one.slo.id: one for one in results}
    own = [one for one in subjects if one.slo.burn_rates and not one.slo.steps]
    burns = [burn for one in own for burn in replay(one, judged[one.slo.id], period, exclusions)]
    services = {one.slo.id: one.slo.service for one in own}
    titles = {one.slo.id: full_title(one.slo) for one in own}
    fired = [one for one in incidents if _SOURCES & set(_sources(one.incident))]
    troubles = _troubles(burns, services)
    findings = (
        *_findings(troubles, fired, incidents, titles),
        *(
            _unseen(one, period)
            for one in results
            if one.slo.id in titles and _is_unseen(one, burns, fired)
        ),
    )
    silent = tuple(_silent(judged[one.slo.id] for one in own))
    if not findings and not silent and not fired:
        return None
    return AlertQuality(bool(fired), len(own), findings, silent)


def _sources(incident: Incident) -> tuple[str, ...]:
    return incident.sources or (incident.source,)


def _silent(results: Iterable[SloResult]) -> list[SilentAlert]:
    return [
        SilentAlert(
            one.slo.id,
            full_title(one.slo),
            alert.severity,
            alert.long,
            alert.threshold,
            float(needed),
        )
        for one in results
        for alert in one.slo.burn_rates
        if (needed := can_never_fire(alert, one)) is not None
    ]


# --- what was due --------------------------------------------------------------------------------


def _troubles(burns: Sequence[Burn], services: Mapping[str, str]) -> list[_Trouble]:
    """Burns that belong together: pages of one service close together, with their tickets."""
    found: list[_Trouble] = []
    for service in dict.fromkeys(services.values()):
        own = [one for one in burns if services[one.slo] == service]
        pages = _chains([one for one in own if one.severity == _PAGE])
        tickets = [one for one in own if one.severity != _PAGE]
        alone = [one for one in tickets if not any(_follows(one, group) for group in pages)]
        found += [_Trouble(service, _PAGE, tuple(group)) for group in pages]
        found += [_Trouble(service, _TICKET, tuple(group)) for group in _chains(alone)]
    return sorted(found, key=lambda one: (one.due, one.service))


def _chains(burns: Sequence[Burn]) -> list[list[Burn]]:
    chains: list[list[Burn]] = []
    for one in sorted(burns, key=lambda burn: (burn.start, burn.end, burn.slo)):
        if chains and one.start - max(burn.end for burn in chains[-1]) <= APART:
            chains[-1].append(one)
        else:
            chains.append([one])
    return chains


def _follows(ticket: Burn, pages: Sequence[Burn]) -> bool:
    """Whether a ticket is only what a trouble that a page was due for leaves behind."""
    start = min(one.start for one in pages) - APART
    return start <= ticket.start <= max(one.end for one in pages) + AFTERMATH


# --- what fired ----------------------------------------------------------------------------------


def _findings(
    troubles: Sequence[_Trouble],
    fired: Sequence[JudgedIncident],
    incidents: Sequence[JudgedIncident],
    titles: Mapping[str, str],
) -> tuple[AlertFinding, ...]:
    answered: dict[str, _Trouble] = {}
    found: list[AlertFinding] = []
    for trouble in troubles:
        answers = [one for one in fired if _answers(one.incident, trouble)]
        if answers:
            for one in answers:
                answered.setdefault(one.letter, trouble)
        else:
            word = AlertWord.MISSED if fired else AlertWord.DUE
            found.append(_unanswered(trouble, word, incidents, titles))
    found += [_of_fired(one, answered.get(one.letter), fired, titles) for one in fired]
    return tuple(sorted(found, key=lambda one: (one.start, one.service, one.letter)))


def _fired_at(incident: Incident) -> datetime:
    return incident.detected_at or incident.start


def _is_page(incident: Incident) -> bool:
    return urgency(incident) != _TICKET


def _answers(incident: Incident, trouble: _Trouble) -> bool:
    """Whether an alert is about a trouble, and as urgent as it should be."""
    if trouble.service not in services_of(incident):
        return False
    if trouble.severity == _PAGE and not _is_page(incident):
        return False
    begun = min(_fired_at(incident), incident.start)
    return begun <= trouble.end + APART and incident.end >= trouble.start - ALERT_LEAD


def _unanswered(
    trouble: _Trouble,
    word: AlertWord,
    incidents: Sequence[JudgedIncident],
    titles: Mapping[str, str],
) -> AlertFinding:
    dearest = trouble.dearest
    return AlertFinding(
        word=word,
        service=trouble.service,
        severity=trouble.severity,
        start=trouble.due,
        end=trouble.end,
        letter=_letter(trouble, incidents),
        slo=dearest.slo,
        title=titles[dearest.slo],
        consumed=dearest.consumed,
    )


def _letter(trouble: _Trouble, incidents: Sequence[JudgedIncident]) -> str:
    """The incident that a trouble overlaps most; empty where there is none."""
    since = trouble.start - ALERT_LEAD
    overlaps = [
        (min(one.incident.end, trouble.end) - max(one.incident.start, since), one.letter)
        for one in incidents
        if trouble.service in services_of(one.incident)
    ]
    longest, letter = max(overlaps, default=(timedelta(0), ""))
    return letter if longest > timedelta(0) else ""


def _of_fired(
    one: JudgedIncident,
    trouble: _Trouble | None,
    fired: Sequence[JudgedIncident],
    titles: Mapping[str, str],
) -> AlertFinding:
    costs = [cost for cost in one.costs if cost[0] in titles]
    slo, title, consumed, _ = costs[0] if costs else (None, "", 0.0, 0.0)
    late = _lateness(one, trouble, fired)
    word = AlertWord.RIGHT if late is None else AlertWord.LATE
    if trouble is None and consumed < LEAST_SPENT:
        word = AlertWord.USELESS
    return AlertFinding(
        word=word,
        service=one.incident.service,
        severity=_PAGE if _is_page(one.incident) else _TICKET,
        start=_fired_at(one.incident),
        end=one.incident.end,
        letter=one.letter,
        slo=slo,
        title=title,
        consumed=consumed,
        late=late,
    )


def _lateness(
    one: JudgedIncident, trouble: _Trouble | None, fired: Sequence[JudgedIncident]
) -> timedelta | None:
    """How long after it was due an alert fired, where that was the first and not in time."""
    if trouble is None:
        return None
    first = min(_fired_at(other.incident) for other in fired if _answers(other.incident, trouble))
    late = _fired_at(one.incident) - trouble.due
    return late if late > IN_TIME and _fired_at(one.incident) == first else None


# --- what no threshold saw -----------------------------------------------------------------------


def _is_unseen(result: SloResult, burns: Sequence[Burn], fired: Sequence[JudgedIncident]) -> bool:
    """Whether an objective was missed although no alert was due, and none fired."""
    if result.outcome is not Outcome.MISSED or any(one.slo == result.slo.id for one in burns):
        return False
    return not any(
        result.slo.service in services_of(one.incident)
        and one.incident.slo in (None, result.slo.id)
        for one in fired
    )


def _unseen(result: SloResult, period: Period) -> AlertFinding:
    return AlertFinding(
        word=AlertWord.MISSED,
        service=result.slo.service,
        severity="",
        start=result.since or period.start,
        end=period.data_end,
        letter="",
        slo=result.slo.id,
        title=full_title(result.slo),
        consumed=result.budget.consumed or 0.0,
    )
