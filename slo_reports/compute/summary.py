"""The first page: a headline and four large numbers, derived from the results alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from slo_reports import numbers
from slo_reports.compute import attribution
from slo_reports.compute.attribution import Lettered, full_title, inline
from slo_reports.compute.services import no_verdict_reason
from slo_reports.compute.trend import just_before
from slo_reports.model import (
    Figure,
    IncidentShare,
    Outcome,
    PastPeriod,
    ServiceResult,
    ServiceState,
    SloResult,
)
from slo_reports.periods import Period

_FRACTIONS = (
    (Fraction(1, 4), "a quarter"),
    (Fraction(1, 3), "a third"),
    (Fraction(1, 2), "half"),
    (Fraction(2, 3), "two thirds"),
    (Fraction(3, 4), "three quarters"),
    (Fraction(4, 5), "four fifths"),
    (Fraction(9, 10), "nine tenths"),
)
_NEAR = Fraction(3, 200)
_LARGE = 0.10
_MUCH = 0.25
_NAMED = 2


# --- the headline --------------------------------------------------------------------------------


def headline(services: Sequence[ServiceResult], period: Period) -> str:
    """The whole report in one or two sentences: what was met, and what to look at."""
    results = [one for service in services for one in service.results]
    if not results:
        return "This report covers no objectives."
    second = _worst(services)
    return f"{_tally(results, period)} {second}".strip()


def _tally(results: Sequence[SloResult], period: Period) -> str:
    count = Counter(one.outcome for one in results)
    met, missed, total = count[Outcome.MET], count[Outcome.MISSED], len(results)
    unknown = total - met - missed
    so_far = period.as_of is not None
    if unknown == total:
        return _none_judged(results)
    if total == 1:
        verdict = "met" if met else "missed"
        return (
            f"The one objective {'is' if so_far else 'was'} {verdict}{' so far' if so_far else ''}."
        )
    head = f"{_of(met, total)} {_verb(met, so_far=so_far)} met{' so far' if so_far else ''}"
    if not unknown:
        return f"{head}."
    missing = f"{numbers.count_text(unknown)} could not be judged"
    if not missed:
        return f"{head}; {missing}."
    return f"{head}, {numbers.count_text(missed)} missed; {missing}."


def _of(part: int, total: int) -> str:
    if part == total:
        return "Both objectives" if total == 2 else f"All {numbers.count_text(total)} objectives"
    if part == 0:
        return f"None of the {numbers.count_text(total)} objectives"
    return f"{numbers.sentence(numbers.count_text(part))} of {numbers.count_text(total)} objectives"


def _verb(count: int, *, so_far: bool) -> str:
    if so_far:
        return "is" if count <= 1 else "are"
    return "was" if count <= 1 else "were"


def _none_judged(results: Sequence[SloResult]) -> str:
    if len(results) == 1:
        return f"The one objective could not be judged: {_lower(no_verdict_reason(results[0]))}."
    return f"None of the {numbers.count_text(len(results))} objectives could be judged."


def _lower(text: str) -> str:
    return inline(text).rstrip(".")


def _worst(services: Sequence[ServiceResult]) -> str:
    missed = [one for one in services if one.state is ServiceState.MISSED]
    if missed:
        return _missed_sentence(missed)
    risky = [one for one in services if one.state is ServiceState.AT_RISK]
    if risky:
        return _risk_sentence(risky)
    return _closest_sentence(services)


def _missed_sentence(missed: Sequence[ServiceResult]) -> str:
    if len(missed) == 1:
        return f"{missed[0].name} missed {_what(missed[0])}{_because(missed[0].results[0])}."
    if len(missed) == _NAMED:
        first, second = missed
        return f"{first.name} missed {_what(first)}, {second.name} {_what(second)}."
    named = numbers.listed([one.name for one in missed[:_NAMED]])
    rest = len(missed) - _NAMED
    others = "one more service" if rest == 1 else f"{numbers.count_text(rest)} more services"
    return f"{named.replace(' and ', ', ')} and {others} missed objectives."


def _what(service: ServiceResult) -> str:
    missed = [one for one in service.results if one.outcome is Outcome.MISSED]
    if len(missed) == len(service.results):
        return {1: "its only one", 2: "both of its own"}.get(
            len(missed), f"all {numbers.count_text(len(missed))} of its own"
        )
    return numbers.listed([inline(one.slo.title) for one in missed])


def _because(result: SloResult) -> str:
    large = [share for share in result.incidents if share.consumed >= _LARGE]
    taken = sum(share.consumed for share in large)
    if taken < _MUCH:
        return ""
    return f": {_incidents(large)} alone took {fraction_words(taken)} of its error budget"


def _incidents(shares: Sequence[IncidentShare]) -> str:
    return numbers.counted(len(shares), "incident", "incidents")


def fraction_words(ratio: float) -> str:
    """A share as people say it, such as ``four fifths`` for 0.79; else in percent."""
    if ratio > 1:
        return "more than all"
    for fraction, words in _FRACTIONS:
        if abs(numbers.exact(ratio) - fraction) <= _NEAR:
            return words
    return numbers.percent_text(ratio, kind="consumption")


def _risk_sentence(risky: Sequence[ServiceResult]) -> str:
    head = f"{risky[0].name} is at risk: {_lower(risky[0].note)}"
    more = len(risky) - 1
    if more == 0:
        return f"{head}."
    rest = "one more service is" if more == 1 else f"{numbers.count_text(more)} more services are"
    return f"{head}; {rest} at risk too."


def _closest_sentence(services: Sequence[ServiceResult]) -> str:
    results = [one for service in services for one in service.results]
    lowest = lowest_left([one for one in results if one.outcome is Outcome.MET])
    if lowest is None or lowest.budget.remaining is None:
        return ""
    left = numbers.percent_text(lowest.budget.remaining, kind="remaining")
    return f"The least budget is left on {full_title(lowest.slo)}: {left}."


# --- the figures ---------------------------------------------------------------------------------


def figures(
    services: Sequence[ServiceResult], incidents: Sequence[Lettered], period: Period
) -> tuple[Figure, ...]:
    """Objectives met, lowest budget left, incidents, and the failed events of the worst one."""
    results = [one for service in services for one in service.results]
    return (
        _met_figure(results, period),
        _left_figure(results, period),
        _incident_figure(incidents, period),
        _failed_figure(results),
    )


def _met_figure(results: Sequence[SloResult], period: Period) -> Figure:
    met = sum(one.outcome is Outcome.MET for one in results)
    noun = "objective met" if len(results) == 1 else "objectives met"
    return Figure(str(met), f"of {len(results)}", noun, _met_before(results, period))


def _met_before(results: Sequence[SloResult], period: Period) -> str:
    before = [one for one in (just_before(r.history, period) for r in results) if one is not None]
    if not before:
        return ""
    met = sum(one.outcome is Outcome.MET for one in before)
    of = "" if len(before) == len(results) else f" of {len(before)}"
    return f"{met}{of} in {numbers.period_name(before[0].period)}"


def lowest_left(results: Sequence[SloResult]) -> SloResult | None:
    """The objective with the least budget left, where any has a budget."""
    known = [one for one in results if one.budget.remaining is not None]
    return min(known, key=lambda one: one.budget.remaining or 0.0, default=None)


def _left_figure(results: Sequence[SloResult], period: Period) -> Figure:
    lowest = lowest_left(results)
    if lowest is None or lowest.budget.remaining is None:
        return Figure("–", "", "budget left: nothing measured", "")
    left = numbers.percent_number(lowest.budget.remaining, kind="remaining")
    before = _left_before(just_before(lowest.history, period))
    return Figure(left, "%", f"budget left, {lowest.slo.service}", before)


def _left_before(before: PastPeriod | None) -> str:
    if before is None or before.consumed is None:
        return ""
    left = numbers.percent_text(1 - numbers.exact(before.consumed), kind="remaining")
    return f"{left} in {numbers.period_name(before.period)}"


def _incident_figure(incidents: Sequence[Lettered], period: Period) -> Figure:
    if not incidents:
        return Figure("0", "", "incidents", "")
    noun = "incident" if len(incidents) == 1 else "incidents"
    total = attribution.total_time(incidents, period)
    longest = max(
        (attribution.total_time([one], period) for one in incidents), default=timedelta(0)
    )
    before = "" if len(incidents) == 1 else f"longest {numbers.duration_text(longest)}"
    return Figure(
        numbers.events_text(len(incidents)), "", f"{noun}, {numbers.duration_text(total)}", before
    )


def _failed_figure(results: Sequence[SloResult]) -> Figure:
    worst = next((one for one in results if one.valid > 0), None)
    if worst is None:
        return Figure("–", "", "failed events: nothing served", "")
    return Figure(
        numbers.events_text(worst.budget.bad, "up"),
        "",
        f"{'' if worst.unit == 'events' else f'{worst.unit} '}failed, {full_title(worst.slo)}",
        f"of {numbers.large_text(worst.valid)}",
    )
