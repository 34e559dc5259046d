"""The first page: a headline and four large numbers, derived from the results alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from slo_reports import numbers
from slo_reports.compute import attribution
from slo_reports.compute.attribution import Lettered, full_title
from slo_reports.compute.services import no_verdict_reason
from slo_reports.compute.trend import just_before
from slo_reports.language import tr, trn
from slo_reports.model import (
    Figure,
    Outcome,
    PastPeriod,
    ServiceResult,
    ServiceState,
    SloResult,
)
from slo_reports.numbers import inline
from slo_reports.periods import Period
from slo_reports.units import EVENTS, unit_words

_NEAR = Fraction(3, 200)
_LARGE = 0.10
_MUCH = 0.25
_NAMED = 2


# --- the headline --------------------------------------------------------------------------------


def headline(services: Sequence[ServiceResult], period: Period) -> str:
    """The whole report in one or two sentences: what was met, and what to look at."""
    results = [one for service in services for one in service.results]
    if not results:
        return tr("This report covers no objectives.")
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
        return _one_verdict(met=bool(met), so_far=so_far)
    head = _met_so_far(met, total) if so_far else _were_met(met, total)
    if not unknown:
        return f"{head}."
    many = numbers.count_text(unknown)
    if not missed:
        return trn(
            "{met}; {unknown} could not be judged.",
            "{met}; {unknown} could not be judged.",
            unknown,
            met=head,
            unknown=many,
        )
    return trn(
        "{met}, {missed} missed; {unknown} could not be judged.",
        "{met}, {missed} missed; {unknown} could not be judged.",
        unknown,
        met=head,
        missed=numbers.count_text(missed),
        unknown=many,
    )


def _one_verdict(*, met: bool, so_far: bool) -> str:
    if so_far:
        if met:
            return tr("The one objective is met so far.")
        return tr("The one objective is missed so far.")
    return tr("The one objective was met.") if met else tr("The one objective was missed.")


def _were_met(part: int, total: int) -> str:
    some, whole = numbers.sentence(numbers.count_text(part)), numbers.count_text(total)
    if part == total:
        if total == 2:
            return tr("Both objectives were met")
        return tr("All {total} objectives were met", total=whole)
    if part == 0:
        return tr("None of the {total} objectives was met", total=whole)
    return trn(
        "{part} of {total} objectives was met",
        "{part} of {total} objectives were met",
        part,
        part=some,
        total=whole,
    )


def _met_so_far(part: int, total: int) -> str:
    some, whole = numbers.sentence(numbers.count_text(part)), numbers.count_text(total)
    if part == total:
        if total == 2:
            return tr("Both objectives are met so far")
        return tr("All {total} objectives are met so far", total=whole)
    if part == 0:
        return tr("None of the {total} objectives is met so far", total=whole)
    return trn(
        "{part} of {total} objectives is met so far",
        "{part} of {total} objectives are met so far",
        part,
        part=some,
        total=whole,
    )


def _none_judged(results: Sequence[SloResult]) -> str:
    if len(results) == 1:
        reason = _lower(no_verdict_reason(results[0]))
        return tr("The one objective could not be judged: {reason}.", reason=reason)
    whole = numbers.count_text(len(results))
    return tr("None of the {total} objectives could be judged.", total=whole)


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
    first = missed[0]
    if len(missed) == 1:
        return _missed_alone(first)
    if len(missed) == _NAMED:
        return tr(
            "{first} missed {what}, {second} {other}.",
            first=first.name,
            what=_what(first),
            second=missed[1].name,
            other=_what(missed[1]),
        )
    rest = len(missed) - _NAMED
    return trn(
        "{first}, {second} and {rest} more service missed objectives.",
        "{first}, {second} and {rest} more services missed objectives.",
        rest,
        first=first.name,
        second=missed[1].name,
        rest=numbers.count_text(rest),
    )


def _what(service: ServiceResult) -> str:
    missed = [one for one in service.results if one.outcome is Outcome.MISSED]
    if len(missed) < len(service.results):
        return numbers.listed([inline(one.slo.title) for one in missed])
    if len(missed) == 1:
        return tr("its only one")
    if len(missed) == 2:
        return tr("both of its own")
    return tr("all {count} of its own", count=numbers.count_text(len(missed)))


def _missed_alone(service: ServiceResult) -> str:
    large = [share for share in service.results[0].incidents if share.consumed >= _LARGE]
    taken = sum(share.consumed for share in large)
    if taken < _MUCH:
        return tr("{service} missed {what}.", service=service.name, what=_what(service))
    return tr(
        "{service} missed {what}: {incidents} alone took {share} of its error budget.",
        service=service.name,
        what=_what(service),
        incidents=numbers.counted(len(large), "incident", "incidents"),
        share=fraction_words(taken),
    )


def fraction_words(ratio: float) -> str:
    """A share as people say it, such as ``four fifths`` for 0.79; else in percent."""
    if ratio > 1:
        return tr("more than all")
    words = (
        (Fraction(1, 4), tr("a quarter")),
        (Fraction(1, 3), tr("a third")),
        (Fraction(1, 2), tr("half")),
        (Fraction(2, 3), tr("two thirds")),
        (Fraction(3, 4), tr("three quarters")),
        (Fraction(4, 5), tr("four fifths")),
        (Fraction(9, 10), tr("nine tenths")),
    )
    near = [text for share, text in words if abs(numbers.exact(ratio) - share) <= _NEAR]
    return near[0] if near else numbers.percent_text(ratio, kind="consumption")


def _risk_sentence(risky: Sequence[ServiceResult]) -> str:
    name, note, more = risky[0].name, _lower(risky[0].note), len(risky) - 1
    if more == 0:
        return tr("{service} is at risk: {note}.", service=name, note=note)
    return trn(
        "{service} is at risk: {note}; {more} more service is at risk too.",
        "{service} is at risk: {note}; {more} more services are at risk too.",
        more,
        service=name,
        note=note,
        more=numbers.count_text(more),
    )


def _closest_sentence(services: Sequence[ServiceResult]) -> str:
    results = [one for service in services for one in service.results]
    lowest = lowest_left([one for one in results if one.outcome is Outcome.MET])
    if lowest is None or lowest.budget.remaining is None:
        return ""
    left = numbers.percent_text(lowest.budget.remaining, kind="remaining")
    return tr(
        "The least budget is left on {objective}: {share}.",
        objective=full_title(lowest.slo),
        share=left,
    )


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
    of = tr("of {total}", total=len(results))
    noun = trn("objective met", "objectives met", len(results))
    return Figure(str(met), of, noun, _met_before(results, period))


def _met_before(results: Sequence[SloResult], period: Period) -> str:
    before = [one for one in (just_before(r.history, period) for r in results) if one is not None]
    if not before:
        return ""
    met = sum(one.outcome is Outcome.MET for one in before)
    then = numbers.period_name(before[0].period)
    if len(before) == len(results):
        return tr("{value} in {period}", value=met, period=then)
    return tr("{part} of {total} in {period}", part=met, total=len(before), period=then)


def lowest_left(results: Sequence[SloResult]) -> SloResult | None:
    """The objective with the least budget left, where any has a budget."""
    known = [one for one in results if one.budget.remaining is not None]
    return min(known, key=lambda one: one.budget.remaining or 0.0, default=None)


def _left_figure(results: Sequence[SloResult], period: Period) -> Figure:
    lowest = lowest_left(results)
    if lowest is None or lowest.budget.remaining is None:
        return Figure("–", "", tr("budget left: nothing measured"), "")
    left = numbers.percent_number(lowest.budget.remaining, kind="remaining")
    before = _left_before(just_before(lowest.history, period))
    label = tr("budget left, {service}", service=lowest.slo.service)
    return Figure(left, "%", label, before)


def _left_before(before: PastPeriod | None) -> str:
    if before is None or before.consumed is None:
        return ""
    left = numbers.percent_text(1 - numbers.exact(before.consumed), kind="remaining")
    return tr("{value} in {period}", value=left, period=numbers.period_name(before.period))


def _incident_figure(incidents: Sequence[Lettered], period: Period) -> Figure:
    if not incidents:
        return Figure("0", "", tr("incidents"), "")
    total = attribution.total_time(incidents, period)
    longest = max(
        (attribution.total_time([one], period) for one in incidents), default=timedelta(0)
    )
    label = trn(
        "incident, {duration}",
        "incidents, {duration}",
        len(incidents),
        duration=numbers.duration_text(total),
    )
    most = tr("longest {duration}", duration=numbers.duration_text(longest))
    before = "" if len(incidents) == 1 else most
    return Figure(numbers.events_text(len(incidents)), "", label, before)


def _failed_figure(results: Sequence[SloResult]) -> Figure:
    worst = next((one for one in results if one.valid > 0), None)
    if worst is None:
        return Figure("–", "", tr("failed events: nothing served"), "")
    title = full_title(worst.slo)
    label = tr("{unit} failed, {objective}", unit=unit_words(worst.unit), objective=title)
    if worst.unit == EVENTS:
        label = tr("failed, {objective}", objective=title)
    total = tr("of {total}", total=numbers.large_text(worst.valid))
    return Figure(numbers.events_text(worst.budget.bad, "up"), "", label, total)
