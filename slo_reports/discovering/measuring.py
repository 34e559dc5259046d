"""Measuring what was found: events first, then, once the tier is known, latencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from slo_reports.collect.client import PrometheusClient
from slo_reports.discovering import asking
from slo_reports.discovering.asking import Span
from slo_reports.discovering.documents import Frame, document, name_of, slo_of
from slo_reports.discovering.latencies import boundaries_near, choose
from slo_reports.discovering.limits import (
    AGES,
    AMOUNTS,
    DELAYS,
    age_text,
    limit_above,
    usual_value,
)
from slo_reports.discovering.nouns import Candidate, Found, Measure, Observation, ServiceKey
from slo_reports.discovering.proposing import Seen
from slo_reports.discovering.tiering import Guess, guessed_tier, traffic_classes
from slo_reports.model import Slo, Tier
from slo_reports.numbers import duration_text, events_text
from slo_reports.promql import selector
from slo_reports.tiers import USUAL, tier_text

_COUNTED = (Measure.EVENTS, Measure.OUTCOMES, Measure.PROBE)


class Told(Protocol):
    """Who is told how the work goes on."""

    def say(self, text: str) -> None:
        """What is being done now."""

    def expect(self, units: int) -> None:
        """How many units of measuring lie ahead."""

    def advance(self, units: int) -> None:
        """So many more units have been done."""


@dataclass
class Measured:
    """What was seen of all services.

    Attributes:
        seen: by service, in the order in which objectives are proposed.
        guesses: each service's tier.
        remarks: what could not be measured.
    """

    seen: dict[ServiceKey, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    guesses: dict[ServiceKey, Guess] = field(default_factory=dict)
    remarks: dict[ServiceKey, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def newest(self) -> datetime | None:
        """The newest data of all."""
        instants = [one.observed.last for some in self.seen.values() for one in some]
        return max((one for one in instants if one is not None), default=None)


@dataclass(frozen=True)
class _Asked:
    """One thing to measure.

    Attributes:
        limit: a threshold, an age or a backlog, in the unit of the metric.
        reason: why that one.
    """

    candidate: Candidate
    name: str
    limit: Decimal | None = None
    reason: str = ""

    def slo(self, number: int) -> Slo:
        """The SLO that measures it; its id holds for one question only."""
        frame = Frame(self.name, "nobody", None, Decimal("0.99"), limit=self.limit)
        return replace(slo_of(document(self.candidate, frame)), id=str(number))


class Measuring:
    """Measures services at one source."""

    def __init__(
        self, client: PrometheusClient, span: Span, pool: ThreadPoolExecutor, told: Told
    ) -> None:
        self._client = client
        self._span = span
        self._pool = pool
        self._told = told

    def measure(self, found: Sequence[Found], tier: Tier | None) -> Measured:
        """What was seen of all candidates, and each service's tier.

        Args:
            found: the services.
            tier: that of all of them; None: guessed for each.

        Raises:
            SourceError: the source could not be asked.
        """
        measured = Measured()
        asked = [_Asked(one, name) for one, name in _named(found) if one.measure in _COUNTED]
        asked += self._limited(found, measured)
        for one, observed in zip(asked, self._observe("events", asked), strict=True):
            measured.seen[one.candidate.service].append(_seen(one, observed))
        self._guess(found, measured, tier)
        self._latencies(found, measured)
        return measured

    def _observe(self, what: str, asked: Sequence[_Asked]) -> list[Observation]:
        slos = [one.slo(number) for number, one in enumerate(asked)]
        self._told.say(f"counting {what} of {len(asked)} proposed objectives")
        self._told.expect(asking.work(slos, self._span))
        seen = asking.observe(self._client, slos, self._span, self._pool, self._told.advance)
        return [seen[slo.id] for slo in slos]

    def _guess(self, found: Sequence[Found], measured: Measured, tier: Tier | None) -> None:
        """The tier of each service, from its traffic beside the others', where none is given."""
        rates = {
            one.key: sum(
                seen.observed.total.valid
                for seen in measured.seen[one.key]
                if seen.candidate.measure is Measure.EVENTS and one.kind != "batch"
            )
            for one in found
        }
        traffic = traffic_classes(rates)
        for one in found:
            measured.guesses[one.key] = (
                guessed_tier(one, traffic[one.key])
                if tier is None
                else Guess(tier, ("it was asked for",))
            )

    # --- latencies ---

    def _latencies(self, found: Sequence[Found], measured: Measured) -> None:
        named = [one for one in _named(found) if one[0].measure is Measure.LATENCY]
        self._told.say("reading the boundaries of histograms")
        classic = [one for one, _ in named if not one.native]
        edges = asking.boundaries(self._client, classic, self._span, self._pool)
        asked: list[_Asked] = []
        for one, name in named:
            usual = self._usual(one, measured)
            limits = _native(usual) if one.native else boundaries_near(edges[one], usual)
            asked += [_Asked(one, name, limit) for limit in limits]
            if not limits:
                text = f"{one.metric} has no buckets (a summary?): no latency can be counted"
                measured.remarks[one.service].append(text)
        observed = list(zip(asked, self._observe("latencies", asked), strict=True))
        for one, name in named:
            seen = {a.limit: o for a, o in observed if a.candidate is one and a.limit is not None}
            self._choose(one, name, seen, measured)

    def _usual(self, candidate: Candidate, measured: Measured) -> Decimal:
        """What 99 % of the answers usually stay within, in the histogram's unit."""
        seconds = USUAL[measured.guesses[candidate.service].tier].p99
        return seconds * _per_second(candidate)

    def _choose(
        self,
        candidate: Candidate,
        name: str,
        seen: dict[Decimal, Observation],
        measured: Measured,
    ) -> None:
        """Take the threshold that was held, or say why none could be measured."""
        if not seen:
            return
        scale = _per_second(candidate)
        guess = measured.guesses[candidate.service]
        chosen = choose(
            {one / scale: found for one, found in seen.items()},
            USUAL[guess.tier].p99,
            tier_text(guess.tier),
        )
        if chosen is None:
            reason = next(one.reason for one in seen.values())
            measured.remarks[candidate.service].append(f"{candidate.metric}: {reason}")
            return
        seconds, why = chosen
        limit = next(one for one in seen if one / scale == seconds)
        measured.seen[candidate.service].append(Seen(candidate, name, seen[limit], limit, why))

    # --- ages and backlogs ---

    def _limited(self, found: Sequence[Found], measured: Measured) -> Iterator[_Asked]:
        """Ages and backlogs with a limit a little above what is usual for them."""
        kinds = (Measure.FRESHNESS, Measure.BACKLOG)
        named = {one: name for one, name in _named(found) if one.measure in kinds}
        if not named:
            return
        self._told.say(f"reading {len(named)} ages and backlogs")
        expressions = {one: _value(one) for one in named}
        values = asking.values_of(self._client, expressions, self._span, self._pool)
        for one, name in named.items():
            usual = usual_value(values[one].tolist())
            if usual is None:
                text = f"{one.metric}: no value in the time that was looked at"
                measured.remarks[one.service].append(text)
            else:
                yield _Asked(one, name, *_limit(one, usual))


def _named(found: Sequence[Found]) -> Iterator[tuple[Candidate, str]]:
    """All candidates with the names of their definitions."""
    for one in found:
        for candidate in one.candidates:
            yield candidate, name_of(candidate, one.candidates)


def _seen(asked: _Asked, observed: Observation) -> Seen:
    return Seen(asked.candidate, asked.name, observed, asked.limit, asked.reason)


def _per_second(candidate: Candidate) -> int:
    return 1000 if candidate.milliseconds else 1


def _native(usual: Decimal) -> tuple[Decimal, ...]:
    """Thresholds of a native histogram, which has no boundaries to choose from."""
    return (usual, 2 * usual, 4 * usual)


def _value(candidate: Candidate) -> str:
    """The age or the backlog, as its definition will ask for it."""
    chosen = selector(candidate.metric, candidate.filters)
    if candidate.measure is Measure.FRESHNESS:
        return f"time() - max({chosen})"
    return f"max({chosen})" if candidate.protocol == "delay" else f"sum({chosen})"


def _limit(candidate: Candidate, usual: float) -> tuple[Decimal, str]:
    """A limit, and why that one."""
    if candidate.measure is Measure.BACKLOG and candidate.protocol != "delay":
        limit = limit_above(usual, AMOUNTS)
        return limit, (
            f"in 95 % of the hours at most {events_text(round(usual))} messages waited; "
            f"{events_text(limit)} leaves some room"
        )
    limit = limit_above(usual, AGES if candidate.measure is Measure.FRESHNESS else DELAYS)
    was = "the last success was" if candidate.measure is Measure.FRESHNESS else "it was behind"
    return limit, (
        f"in 95 % of the hours {was} at most {duration_text(timedelta(seconds=usual))}; "
        f"{age_text(limit)} leaves some room"
    )
