"""Looking at a source: which services there are, what was seen of them, what to promise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from fnmatch import fnmatchcase

from slo_reports.collect.client import PrometheusClient
from slo_reports.discovering import asking
from slo_reports.discovering.asking import METHOD, Span
from slo_reports.discovering.covering import covered_by
from slo_reports.discovering.documents import service_slug, slug
from slo_reports.discovering.measuring import Measured, Measuring, Told
from slo_reports.discovering.nouns import Discovery, Found, LeftOut, Proposal
from slo_reports.discovering.proposing import Terms, propose
from slo_reports.discovering.recognising import recognise
from slo_reports.model import Slo, Tier
from slo_reports.periods import local_date


class _Nobody:
    def say(self, text: str) -> None:
        pass

    def expect(self, units: int) -> None:
        pass

    def advance(self, units: int) -> None:
        pass


def discover(  # noqa: PLR0913  # where to look, at what, and what is wanted
    client: PrometheusClient,
    at: datetime,
    *,
    weeks: int = 4,
    zone: str = "UTC",
    tier: Tier | None = None,
    progressive: bool = False,
    services: Sequence[str] = (),
    existing: Sequence[Slo] = (),
    told: Told | None = None,
) -> Discovery:
    """Find services by their metrics, and propose definitions for them.

    Args:
        client: the source.
        at: the instant up to which is looked.
        weeks: how many weeks before it are looked at, beside the last calendar month.
        zone: whose months and days are meant, an IANA name.
        tier: that of all services; default: guessed for each.
        progressive: whether a target that was missed is proposed in steps.
        services: only services whose name fits one of these globs; default: all.
        existing: definitions that are there; services that they measure are left out.
        told: told how the work goes on.

    Raises:
        SourceError: the source could not be asked.
    """
    span, listener = Span.before(at, weeks, zone), told or _Nobody()
    terms = Terms((client.url, at, weeks), local_date(at, zone), zone, progressive)
    with ThreadPoolExecutor(client.settings.concurrency) as pool:
        sets = asking.label_sets(client, span, pool, listener.say)
        wanted, left_out = _wanted(recognise(sets), services, existing)
        measured = Measuring(client, span, pool, listener).measure(wanted, tier)
    proposals: list[Proposal] = []
    for one in wanted:
        outcome = _outcome(one, measured, terms)
        if isinstance(outcome, Proposal):
            proposals.append(outcome)
        else:
            left_out.append(outcome)
    return Discovery(tuple(proposals), tuple(left_out), client.url, at, weeks, zone, METHOD)


def _outcome(found: Found, measured: Measured, terms: Terms) -> Proposal | LeftOut:
    """What is proposed for one service; nothing for one that is gone."""
    seen = measured.seen.get(found.key, [])
    instants = [one.observed.last for one in seen if one.observed.last is not None]
    if instants and not any(asking.still_there(one.observed, measured.newest) for one in seen):
        gone = f"no data since {max(instants):%Y-%m-%d %H:%M} UTC: it seems to be gone"
        return _left_out(found, gone)
    remarks = measured.remarks.get(found.key, [])
    return propose(found, measured.guesses[found.key], seen, remarks, terms)


def _wanted(
    found: Iterable[Found], globs: Sequence[str], existing: Sequence[Slo]
) -> tuple[list[Found], list[LeftOut]]:
    """The services to propose something for, and those that have definitions already."""
    wanted: dict[tuple[str, str], Found] = {}
    left_out: list[LeftOut] = []
    for one in found:
        if globs and not any(fnmatchcase(one.key.title, glob) for glob in globs):
            continue
        slo = covered_by(one, existing)
        name = slug(one.key.namespace), service_slug(one.key)
        if slo is not None:
            left_out.append(_left_out(one, f"{slo.id}{_place(slo)} measures it already"))
        elif name in wanted:
            other = wanted[name].key.title
            left_out.append(_left_out(one, f"as a definition it would be named like {other}"))
        else:
            wanted[name] = one
    return list(wanted.values()), left_out


def _left_out(found: Found, reason: str) -> LeftOut:
    return LeftOut(found.key.title, found.key.namespace, found.kind, reason)


def _place(slo: Slo) -> str:
    return f" ({slo.origin.path}:{slo.origin.line})" if slo.origin is not None else ""
