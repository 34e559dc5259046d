"""Incidents of several sources made one where they are about the same trouble.

What a person wrote down wins: its id, words and span stay. An alert that overlaps it belongs to
it. Alerts that no person wrote about are incidents themselves. An episode found in the slices
belongs to the incident of its service that it overlaps, unless it is much longer. Where several
incidents cover half of it, they tell all of it. Else it is an incident of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from slo_reports.compute.attribution import ALERT_LEAD
from slo_reports.compute.episodes import SOURCE as EPISODE
from slo_reports.compute.episodes import episodes
from slo_reports.language import tr
from slo_reports.model import Incident, Snapshot
from slo_reports.numbers import inline, listed

_IN_OWN_WORDS = "alertmanager"  # its titles are the summaries that people wrote for their alerts
_FROM_ALERTS = ("alert", _IN_OWN_WORDS)
_RANKS = {
    **dict.fromkeys(("page", "critical", "fatal", "sev0", "sev1", "p0", "p1"), 0),
    **dict.fromkeys(("ticket", "warning", "minor", "sev3", "sev4", "p3", "p4"), 2),
    **dict.fromkeys(("info", "none", "sev5", "p5"), 3),
    "unknown": 4,
}
_QUIET = (2, 3)  # ranks that wake nobody
_SHORT = timedelta(hours=1)
_TIMES_AS_LONG = 4  # an episode longer than this is a trouble that the incident was only part of
_USUAL_RANK = 1  # error, major, high, sev2, p2, and words of the user's own


def gathered(snapshot: Snapshot) -> tuple[Incident, ...]:
    """The incidents of a snapshot: those that sources told of and those found in its slices."""
    found = [
        one
        for subject in snapshot.subjects
        for one in episodes(subject, snapshot.period, snapshot.exclusions)
    ]
    titles = {subject.slo.id: subject.slo.title for subject in snapshot.subjects}
    return merged(snapshot.incidents, found, titles)


@dataclass
class _Trouble:
    """An incident with what else was told of it."""

    leading: Incident
    alerts: list[Incident] = field(default_factory=list)
    episodes: list[Incident] = field(default_factory=list)

    @property
    def all(self) -> list[Incident]:
        return [self.leading, *self.alerts, *self.episodes]

    @property
    def start(self) -> datetime:
        """From when others may belong to it: an alert fires only after its cause."""
        lead = ALERT_LEAD if _is_alert(self.leading) else timedelta(0)
        return self.leading.start - lead


def merged(
    told: Iterable[Incident], found: Iterable[Incident], titles: dict[str, str]
) -> tuple[Incident, ...]:
    """One incident for each trouble, in order of time.

    Args:
        told: what sources told of: people, alerts.
        found: episodes of single SLOs.
        titles: the SLOs' titles by id, to name episodes that no source told of.
    """
    ordered = sorted(told, key=_by_time)
    troubles = [_Trouble(one) for one in ordered if not _is_alert(one)]
    for alert in (one for one in ordered if _is_alert(one)):
        _give(alert, troubles)
    alone: list[Incident] = []
    for episode in sorted(found, key=_by_time):
        touched = [one for one in troubles if _overlap(one, episode) > timedelta(0)]
        if len(touched) == 1 and _covers(touched[0], episode):
            touched[0].episodes.append(episode)
        elif not _is_told(episode, touched):
            alone.append(episode)
    settled = [_settled(one) for one in troubles]
    return tuple(sorted([*settled, *_together(alone, titles)], key=_by_time))


def _by_time(incident: Incident) -> tuple[datetime, datetime, str, str]:
    return incident.start, incident.end, incident.source, incident.id


def _is_alert(incident: Incident) -> bool:
    return incident.source in _FROM_ALERTS


def services_of(incident: Incident) -> tuple[str, ...]:
    """Every service that an incident touched."""
    return incident.services or (incident.service,)


def _give(alert: Incident, troubles: list[_Trouble]) -> None:
    """An alert to the trouble that it overlaps most; else it is one itself."""
    lead = replace(alert, start=alert.start - ALERT_LEAD)
    home = _home(lead, [one for one in troubles if _may_hold(one.leading, alert)])
    if home is None:
        troubles.append(_Trouble(alert))
    else:
        home.alerts.append(alert)


def _may_hold(leading: Incident, alert: Incident) -> bool:
    """Alerts of one source were put together where they belong together already."""
    return leading.source != alert.source


def _home(one: Incident, troubles: Sequence[_Trouble]) -> _Trouble | None:
    overlaps = [(_overlap(trouble, one), -index) for index, trouble in enumerate(troubles)]
    longest, index = max(overlaps, default=(timedelta(0), 0))
    return troubles[-index] if longest > timedelta(0) else None


def _overlap(trouble: _Trouble, one: Incident) -> timedelta:
    """How long both went on, of services that they have in common."""
    if not set(services_of(trouble.leading)) & set(services_of(one)):
        return timedelta(0)
    return min(trouble.leading.end, one.end) - max(trouble.start, one.start)


def _is_told(episode: Incident, touched: Sequence[_Trouble]) -> bool:
    """Whether several troubles together cover at least half of an episode."""
    told, until = timedelta(0), episode.start
    for one in sorted(touched, key=lambda one: one.start) if len(touched) > 1 else ():
        end = min(one.leading.end, episode.end)
        told += max(end - max(one.start, until), timedelta(0))
        until = max(until, end)
    return 2 * told >= episode.end - episode.start


def _covers(trouble: _Trouble, episode: Incident) -> bool:
    """Whether an episode is part of a trouble, not a longer one that the trouble lies in."""
    if _is_alert(trouble.leading) and trouble.leading.slo in (None, episode.slo):
        return True
    length = trouble.leading.end - trouble.leading.start
    return episode.end - episode.start <= max(_SHORT, _TIMES_AS_LONG * length)


def _settled(trouble: _Trouble) -> Incident:
    """One incident of everything that was told of a trouble."""
    leading, told = trouble.leading, trouble.all
    began = min((one.start for one in trouble.episodes), default=None)
    if began is None and not _is_alert(leading):
        began = leading.start
    whole = replace(
        leading,
        severity=min((one.severity for one in told), key=_rank),
        sources=tuple(dict.fromkeys(one.source for one in told)),
        alerts=tuple(sorted({name for one in told for name in one.alerts})),
        detected_at=_detected(told),
        began_at=began,
        ended_at=max((one.end for one in trouble.episodes), default=None),
        url=next((one.url for one in told if one.url), ""),
    )
    if not _is_alert(leading):
        return whole
    title = next((one.title for one in told if one.source == _IN_OWN_WORDS), leading.title)
    return replace(_spanning(whole, told), title=title)


def _rank(severity: str) -> int:
    return _RANKS.get(severity.casefold(), _USUAL_RANK)


def urgency(incident: Incident) -> Literal["page", "ticket"]:
    """Whether an incident's severity wakes somebody; one that is not known is taken to."""
    return "ticket" if _rank(incident.severity) in _QUIET else "page"


def _detected(told: Iterable[Incident]) -> datetime | None:
    """When the first alert fired, or a person noticed."""
    known = [one.detected_at or (one.start if _is_alert(one) else None) for one in told]
    return min((one for one in known if one is not None), default=None)


def _spanning(whole: Incident, parts: Sequence[Incident]) -> Incident:
    """The incident over the span of all parts, with the SLO where they agree on one."""
    slos = {one.slo for one in parts}
    return replace(
        whole,
        start=min(one.start for one in parts),
        end=max(one.end for one in parts),
        ended_at=max((one.ended_at for one in parts if one.ended_at), default=None),
        slo=slos.pop() if len(slos) == 1 else None,
        ongoing=any(one.ongoing for one in parts),
    )


def _together(alone: Sequence[Incident], titles: dict[str, str]) -> list[Incident]:
    """Episodes of one service that overlap are one incident."""
    groups: list[list[Incident]] = []
    for one in alone:
        home = [
            group
            for group in groups
            if group[0].service == one.service and one.start < max(part.end for part in group)
        ]
        if home:
            home[0].append(one)
        else:
            groups.append([one])
    return [_one_episode(group, titles) for group in groups]


def _one_episode(group: Sequence[Incident], titles: dict[str, str]) -> Incident:
    if len(group) == 1:
        return group[0]
    names = list(dict.fromkeys(titles.get(one.slo or "", one.title) for one in group))
    words = listed([names[0], *map(inline, names[1:])])
    title = tr("{objective}: budget burnt without an alert", objective=words)
    return _spanning(replace(group[0], title=title, sources=(EPISODE,)), group)
