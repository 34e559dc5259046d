"""Unit tests of an SLO's rules: what must fire, after how long, and what must stay silent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

from slo_reports.generate import names
from slo_reports.generate.alert_text import rounded
from slo_reports.generate.alerts import (
    MISSING,
    MISSING_HOLD,
    Row,
    burn_alert,
    missing_alert,
    rows_of,
    said,
)
from slo_reports.generate.feeding import Fed, Feeding, feeding_of
from slo_reports.generate.rules import (
    AlertCheck,
    AlertRule,
    FiringAlert,
    Series,
    Surroundings,
    UnitTest,
    ValueCheck,
)
from slo_reports.generate.windows import BASE, DAY, windows_of
from slo_reports.model import QueryIndicator, RatioQueryIndicator, Slo, ThresholdIndicator
from slo_reports.promql import duration, quote

_LONG, _SELDOM = timedelta(hours=1), timedelta(minutes=5)
_OVER = Fraction(101, 100)
_A_BIT_MORE = Fraction(10107, 10000)
_UNDER = Fraction(99, 100)
_USUAL_INTERVAL = timedelta(minutes=1)
_SAMPLES_A_WINDOW = 5
_SECOND = timedelta(seconds=1)
_SO_FAR = 1000
"""What counters show that do not move [events]."""
_VALUE = '{{ $value | printf "%.2f" }}'


def tests_of(slo: Slo, around: Surroundings) -> tuple[UnitTest, ...]:
    """The unit tests of one SLO's rules."""
    rows, _ = rows_of(slo, around)
    case = _Cases(slo, rows, feeding_of(slo, around), _interval(slo), around)
    if answers_always(slo):
        return tuple(case.boundary(row) for row in rows)
    return (
        *(test for row in rows for test in case.of_row(row)),
        *case.healthy(),
        *case.without_traffic(),
        *case.missing(),
    )


def _interval(slo: Slo) -> timedelta:
    """Between two samples: a minute, less where a window is so short that it needs more."""
    shortest = min(windows_of(slo)) / _SAMPLES_A_WINDOW
    return min(_USUAL_INTERVAL, max(timedelta(seconds=1), shortest // _SECOND * _SECOND))


@dataclass(frozen=True)
class _Cases:
    slo: Slo
    rows: Sequence[Row]
    feeding: Feeding
    interval: timedelta
    around: Surroundings

    def _every(self, row: Row) -> timedelta:
        """How often a test of a row evaluates: seldom where the alert waits long."""
        return max(self.interval, _SELDOM) if row.hold >= _LONG else self.interval

    def _begin(self, row: Row) -> timedelta:
        """When a burn rate is first known: a counter needs two samples."""
        return self._every(row) if self.feeding.from_metrics else timedelta()

    def of_row(self, row: Row) -> Iterator[UnitTest]:
        """A burn rate just over, just under and exactly at the threshold."""
        yield self._steady(row, _over(row), "fires after")
        if row.has_budget:
            yield self._steady(row, Fraction(row.threshold) * _UNDER, "does not fire in")
        yield self.boundary(row)

    def _steady(self, row: Row, burn: Fraction, what: str) -> UnitTest:
        """The same burn rate all the time, so that every window has it."""
        share = burn * (1 - Fraction(row.target)) if row.has_budget else burn
        every, begin = self._every(row), self._begin(row)
        waited = -(-row.hold // every) * every
        end = begin + waited
        times = [one for one in (end - every, end) if one >= begin]
        rate = f"burning {rounded(burn)} times too fast" if row.has_budget else "bad events"
        return UnitTest(
            f"{self.slo.id}, {said(row.alert)}: {rate} {what} {_words(row.hold)}",
            self.interval,
            self._series(share, end),
            tuple(check for at in times for check in self._checks(at, at - begin, burn)),
            (*self._sums(end, waited, burn), *self._values(row, share, end)),
            every,
        )

    def _series(self, share: Fraction, end: timedelta) -> tuple[Series, ...]:
        count = math.ceil(end / self.interval) + 1
        return tuple(Series(one.series, _notation(one, count)) for one in self.feeding.feed(share))

    def _firing(self, burnt: timedelta, burn: Fraction) -> list[Row]:
        """The rows that fire where every window has burnt so for a time."""
        return [
            one
            for one in self.rows
            if burnt >= one.hold and (not one.has_budget or burn > one.threshold)
        ]

    def _checks(self, at: timedelta, burnt: timedelta, burn: Fraction) -> Iterator[AlertCheck]:
        if not self._templated:
            firing = tuple(_fired(one, burn) for one in self._firing(burnt, burn))
            yield AlertCheck(at, self._name, firing)

    def _sums(self, at: timedelta, burnt: timedelta, burn: Fraction) -> Iterator[ValueCheck]:
        """Where the definition's own words are templates, the alerts are only counted."""
        if self._templated:
            yield self._counted(at, len(self._firing(burnt, burn)))

    @property
    def _templated(self) -> bool:
        return any(_templated(burn_alert(one)) for one in self.rows)

    def _counted(self, at: timedelta, count: int) -> ValueCheck:
        chosen = f"alertname={quote(self._name)},alertstate={quote('firing')}"
        expr = f"count(ALERTS{{{chosen},slo={quote(self.slo.id)}}})"
        return ValueCheck(at, expr, (("{}", float(count)),) if count else ())

    @property
    def _name(self) -> str:
        return self.rows[0].name

    def _values(self, row: Row, share: Fraction, at: timedelta) -> Iterator[ValueCheck]:
        """The SLI of the window and of the period, but for the noise of floats.

        From a day on a window needs the records of two steps.
        """
        labels = dict(names.labels_of(self.slo))
        series = f"{{service={quote(labels['service'])}, slo={quote(labels['slo'])}}}"
        for window in dict.fromkeys((row.alert.long, self.slo.objectives[0].length)):
            if window >= DAY and at < 2 * BASE:
                continue
            record = names.recorded(names.sli_record(window), self.slo.id)
            expr = f"abs({record} - {float(1 - share)!r}) < bool 1e-6"
            yield ValueCheck(at, expr, ((series, 1.0),))

    def boundary(self, row: Row) -> UnitTest:
        """What is compared, fed directly: only more than the threshold in both windows fires."""
        exact = Fraction(row.threshold) if row.has_budget else Fraction(1)
        more = _over(row) if row.has_budget else 1 - _over(row)
        every = self._every(row)
        waited = -(-row.hold // every) * every
        count = (waited + 2 * every) // self.interval
        phases = ((more, exact), (exact, more), (more, more))
        windows = (row.alert.long, row.alert.short)
        series = tuple(
            Series(row.series(window), " ".join(f"{_number(one[n])}x{count - 1}" for one in phases))
            for n, window in enumerate(windows)
        )
        length = count * self.interval
        fires = 2 * length + waited
        silent = [n * length - every for n in (1, 2)]
        silent += [fires - every] if row.hold else []
        what = "more than that in only one of its windows is silent"
        name = f"{self.slo.id}, {said(row.alert)}: {what}"
        test = UnitTest(name, self.interval, series, every=every)
        if self._templated:
            values = (*(self._counted(at, 0) for at in silent), self._counted(fires, 1))
            return replace(test, values=values)
        fired = AlertCheck(fires, row.name, (_fired(row, _over(row)),))
        return replace(test, alerts=(*(AlertCheck(at, row.name) for at in silent), fired))

    def healthy(self) -> Iterator[UnitTest]:
        """Traffic without an error, whose series is not there then."""
        end = MISSING_HOLD + 2 * self.interval
        yield UnitTest(
            f"{self.slo.id}: good events alone are silent",
            self.interval,
            self._series(Fraction(0), end),
            tuple(self._silent(end)),
        )

    def without_traffic(self) -> Iterator[UnitTest]:
        """Counters that are there and do not move."""
        if not self.feeding.from_metrics:
            return
        end = MISSING_HOLD + 2 * self.interval
        count = math.ceil(end / self.interval) + 1
        fed = self.feeding.feed(Fraction(1, 10))
        yield UnitTest(
            f"{self.slo.id}: no traffic is silent and has no SLI",
            self.interval,
            tuple(Series(one.series, f"{_SO_FAR}x{count}") for one in fed),
            tuple(self._silent(end)),
            tuple(
                ValueCheck(end, names.recorded(names.sli_record(one), self.slo.id))
                for one in windows_of(self.slo)
            ),
        )

    def _silent(self, at: timedelta) -> Iterator[AlertCheck]:
        if self.rows:
            yield AlertCheck(at, self._name)
        if self.around.no_data:
            yield AlertCheck(at, MISSING)

    def missing(self) -> Iterator[UnitTest]:
        """No series at all."""
        rule = missing_alert(self.slo) if self.around.no_data else None
        if rule is None or _templated(rule):
            return
        fired = _expected(rule, Fraction(1), dict(rule.labels))
        yield UnitTest(
            f"{self.slo.id}: missing series fire after {_words(MISSING_HOLD)}",
            self.interval,
            (),
            (
                AlertCheck(MISSING_HOLD - self.interval, MISSING),
                AlertCheck(MISSING_HOLD, MISSING, (fired,)),
            ),
        )


def _over(row: Row) -> Fraction:
    """A burn rate over the threshold that its objective can reach; bad events without a budget."""
    if not row.has_budget:
        return Fraction(1, 100)
    threshold, most = Fraction(row.threshold), 1 / (1 - Fraction(row.target))
    tries = (threshold * _OVER, threshold * _A_BIT_MORE, (threshold + most) / 2)
    return next(one for one in tries if one == tries[-1] or (one < most and not _is_edge(one)))


def _is_edge(burn: Fraction) -> bool:
    """Whether the noise of floats could turn the last digit that is shown."""
    return abs(burn * 1000 % 10 - 5) < Fraction(1, 10)


def answers_always(slo: Slo) -> bool:
    """Whether an expression answers without any series, so that only the alerts can be tested."""
    match slo.indicator:
        case QueryIndicator(good=good, valid=valid):
            text = good + valid
        case ThresholdIndicator(query=query) | RatioQueryIndicator(query=query):
            text = query
        case _:
            return False
    return "vector" in text or "absent" in text


def _templated(rule: AlertRule) -> bool:
    """Whether more than the burn rate is filled in when the alert fires."""
    values = (value for _, value in (*rule.labels, *rule.annotations))
    return any("{{" in value.replace(_VALUE, "") for value in values)


def _fired(row: Row, burn: Fraction) -> FiringAlert:
    """The alert of a row, with the label of the series that it looks at."""
    rule = burn_alert(row)
    window = {"window": row.slo.objectives[0].window} if row.has_budget else {}
    return _expected(rule, burn, {**window, **dict(rule.labels)})


def _expected(rule: AlertRule, burn: Fraction, labels: Mapping[str, str]) -> FiringAlert:
    shown = f"{float(burn):.2f}"
    annotations = ((key, value.replace(_VALUE, shown)) for key, value in rule.annotations)
    return FiringAlert(tuple(labels.items()), tuple(annotations))


def _notation(fed: Fed, count: int) -> str:
    """Promtool's words for a series of ``count`` samples and one more."""
    return f"0+{_number(fed.amount)}x{count}" if fed.counts else f"{_number(fed.amount)}x{count}"


def _number(value: Fraction) -> str:
    return f"{float(value):.12g}"


def _words(hold: timedelta) -> str:
    return duration(hold) if hold else "at once"
