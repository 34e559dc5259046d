"""The alerts of one SLO: each row of its burn rates, and its series being missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from slo_reports.generate import names
from slo_reports.generate.alert_text import (
    budget_used,
    literally,
    of_time,
    percent,
    rounded,
    span,
    time_until_exhaustion,
)
from slo_reports.generate.expressions import NOISE, number
from slo_reports.generate.measures import has_events
from slo_reports.generate.recording import slice_record, target_of
from slo_reports.generate.rules import AlertRule, LeftOut, Pairs, Surroundings
from slo_reports.model import BurnRateAlert, JourneyIndicator, Slo
from slo_reports.promql import duration

BURNING = "SloBudgetBurn"
MISSING = "SloNoData"
MISSING_SEVERITY = "ticket"
MISSING_HOLD = timedelta(minutes=30)
_OURS = ("slo", "long", "short")


@dataclass(frozen=True)
class Row:
    """One burn-rate alert of an SLO that can fire.

    Attributes:
        alert: the row of the definition.
        target: in force on the day that is meant [ratio].
    """

    slo: Slo
    alert: BurnRateAlert
    target: Decimal

    @property
    def name(self) -> str:
        """What the alert is called."""
        return self.slo.alerting.name or BURNING

    @property
    def hold(self) -> timedelta:
        """For how long it waits: 2m for 1h, 15m for 6h, 1h for a day, 3h for three."""
        return self.alert.long / 24 // _MINUTE * _MINUTE

    @property
    def threshold(self) -> Decimal:
        """The burn rate that must be exceeded, as it was written."""
        return Decimal(repr(self.alert.threshold))

    @property
    def has_budget(self) -> bool:
        """Whether anything may fail at all."""
        return self.target < 1

    def series(self, window: timedelta) -> str:
        """The recorded series that is compared."""
        if not self.has_budget:
            return names.recorded(names.sli_record(window), self.slo.id)
        return names.recorded(names.burn_record(window), self.slo.id, self._window)

    @property
    def _window(self) -> str:
        return self.slo.objectives[0].window


_MINUTE = timedelta(minutes=1)


def rows_of(slo: Slo, around: Surroundings) -> tuple[tuple[Row, ...], tuple[LeftOut, ...]]:
    """The burn-rate alerts that are wanted and can fire, and those that cannot."""
    target = target_of(slo.objectives[0], around)
    wanted = [
        Row(slo, one, target)
        for one in slo.burn_rates
        if not slo.alerting.of(one.severity).disabled
    ]
    faults = {row: _fault(row, wanted) for row in wanted}
    kept = tuple(row for row, fault in faults.items() if fault is None)
    left_out = tuple(
        LeftOut(slo.id, f"the alert {said(row.alert)}", fault)
        for row, fault in faults.items()
        if fault is not None
    )
    return kept, left_out


def said(alert: BurnRateAlert) -> str:
    """A row in few words: its severity, windows and burn rate."""
    windows = f"{duration(alert.long)}/{duration(alert.short)}"
    return f"{alert.severity} {windows} over {rounded(Fraction(repr(alert.threshold)))}"


def _fault(row: Row, rows: Sequence[Row]) -> str | None:
    """Why an alert is not written, if it is not."""
    if not row.has_budget:
        return _said_already(row, rows)
    most = 1 / (1 - Fraction(row.target))
    if row.threshold < most:
        return None
    return (
        f"an objective of {_target(row)} burns at most {rounded(most)} times too fast, where "
        f"everything fails, so it can never fire; write alerting.burn_rates with thresholds under "
        f"{rounded(most)}"
    )


def _said_already(row: Row, rows: Sequence[Row]) -> str | None:
    """Without a budget there is no rate: one alert of a severity says all, the fastest."""
    alike = [one for one in rows if one.alert.severity == row.alert.severity]
    fastest = min(alike, key=lambda one: (one.alert.long, one.alert.short))
    if row == fastest:
        return None
    return (
        "an objective of 100 % has no budget that could burn at a rate; the alert "
        f"{fastest.alert.severity} {duration(fastest.alert.long)}/{duration(fastest.alert.short)} "
        "tells every bad event already"
    )


def burn_alert(row: Row) -> AlertRule:
    """The rule of one row: both windows must burn."""
    long, short = row.series(row.alert.long), row.series(row.alert.short)
    limit = f"> {number(row.threshold)}" if row.has_budget else f"< 1 - {NOISE}"
    words = row.slo.alerting.of(row.alert.severity)
    return AlertRule(
        row.name,
        f"{long} {limit}\nand\n{short} {limit}",
        row.hold,
        _over(burn_labels(row), words.labels, kept=_OURS),
        _over(_annotations(row), words.annotations),
    )


def burn_labels(row: Row) -> Pairs:
    """What the alert is told apart by."""
    windows = (("long", duration(row.alert.long)), ("short", duration(row.alert.short)))
    return (*_owned(row.slo, row.alert.severity), *windows)


def _owned(slo: Slo, severity: str) -> Pairs:
    tier = () if slo.tier is None else (("tier", slo.tier.value),)
    pairs = (*names.labels_of(slo), ("owner", slo.owner), *tier, ("severity", severity))
    return tuple((key, literally(value)) for key, value in pairs)


def _over(usual: Pairs, own: Pairs, kept: Sequence[str] = ()) -> Pairs:
    """The usual pairs, and the definition's own over all but those that are kept."""
    replaced = {key: value for key, value in own if key not in kept}
    return tuple({**dict(usual), **replaced}.items())


# --- what people read ---


def _annotations(row: Row) -> Pairs:
    slo = row.slo
    name = literally(f"{slo.service}: {slo.title}")
    if row.has_budget:
        rate = rounded(Fraction(row.threshold))
        summary = f"{name} burns its error budget over {rate} times too fast"
    else:
        summary = f"{name} has bad events, and its objective is 100 %"
    return (("summary", summary), ("description", " ".join(_sentences(row))), *_links(slo))


def _sentences(row: Row) -> Iterator[str]:
    alert, objective = row.alert, row.slo.objectives[0]
    long, short = of_time(alert.long), of_time(alert.short)
    if row.has_budget:
        used = percent(budget_used(row.threshold, alert.long, objective.length))
        lasts = span(time_until_exhaustion(row.threshold, objective.length))
        rate = rounded(Fraction(row.threshold))
        yield f'The burn rate is {{{{ $value | printf "%.2f" }}}}, over {rate} in the last {long}'
        yield f"and in the last {short}."
        yield f"At {rate}, {long} uses {used} of the budget of {span(objective.length)}, and a"
        yield f"whole budget lasts {lasts}."
    else:
        yield f"There were bad events in the last {long} and in the last {short}."
        yield "There is no error budget: any bad event misses the objective."
    yield f"The objective is {_target(row)} over {literally(_promised(objective.window))}."
    if row.slo.impact:
        yield literally(row.slo.impact)


def _promised(window: str) -> str:
    return f"a {window}" if window.isalpha() else window


def _target(row: Row) -> str:
    return f"{(row.target * 100).normalize():f} %"


def _links(slo: Slo) -> Pairs:
    links = (("runbook_url", slo.runbook), ("dashboard_url", slo.dashboard))
    return tuple((key, literally(link)) for key, link in links if link)


# --- series that are missing ---


def missing_alert(slo: Slo) -> AlertRule | None:
    """The alert that nothing is recorded any more; a journey's steps have their own."""
    words = slo.alerting.of(MISSING_SEVERITY)
    if words.disabled or isinstance(slo.indicator, JourneyIndicator):
        return None
    series = names.GOOD if has_events(slo) else slice_record(slo)
    name = literally(f"{slo.service}: {slo.title}")
    description = (
        f"Nothing was recorded for {span(MISSING_HOLD)}: the metrics are gone, renamed, or their "
        "target is not scraped. Until they are back, no burn rate of it can alert. No traffic is "
        "not meant: that is recorded as none."
    )
    annotations = (("summary", f"{name} is not measured"), ("description", description))
    return AlertRule(
        MISSING,
        f"absent({names.recorded(series, slo.id)})",
        MISSING_HOLD,
        _over(_owned(slo, MISSING_SEVERITY), words.labels, kept=_OURS),
        _over((*annotations, *_links(slo)), words.annotations),
    )
