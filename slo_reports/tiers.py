"""What each tier usually promises, and what that says about a definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from slo_reports.language import tr, trn
from slo_reports.model import (
    Characteristics,
    CountersIndicator,
    LatencyIndicator,
    Objective,
    QueryIndicator,
    RatioIndicator,
    RatioQueryIndicator,
    Slo,
    Tier,
)
from slo_reports.numbers import listed, percent_text, period_noun
from slo_reports.periods import PeriodKind


@dataclass(frozen=True)
class Usual:
    """What a tier usually promises.

    Attributes:
        availability: share of good events [ratio].
        p99: what 99 % of the answers stay within [s].
        error_rate: share of bad events, where those are what is counted [ratio].
    """

    availability: Decimal
    p99: Decimal
    error_rate: Decimal


USUAL = {
    Tier.CRITICAL: Usual(Decimal("0.9995"), Decimal("0.1"), Decimal("0.001")),
    Tier.ESSENTIAL: Usual(Decimal("0.999"), Decimal("0.5"), Decimal("0.01")),
    Tier.STANDARD: Usual(Decimal("0.995"), Decimal(1), Decimal("0.05")),
    Tier.BEST_EFFORT: Usual(Decimal("0.99"), Decimal(2), Decimal("0.10")),
}
_P99 = Decimal("0.99")
_MANY = 3
_VERY_MANY = 6


def tier_text(tier: Tier) -> str:
    """A tier in words, such as ``best effort``."""
    match tier:
        case Tier.CRITICAL:
            return tr("critical")
        case Tier.ESSENTIAL:
            return tr("essential")
        case Tier.STANDARD:
            return tr("standard")
        case Tier.BEST_EFFORT:
            return tr("best effort")


# --- softer or harder than the tier --------------------------------------------------------------


def remarks(slo: Slo) -> tuple[str, ...]:
    """Where an SLO's promises are softer or harder than its tier's, each as a sentence.

    Gauges and thresholds promise something else and are not compared. Of a progressive objective
    the last phase counts.
    """
    if slo.tier is None:
        return ()
    return tuple(dict.fromkeys(_remarks(slo, slo.tier)))


def _remarks(slo: Slo, tier: Tier) -> Iterator[str]:
    for objective in slo.objectives:
        target = objective.phases[-1].target if objective.phases else objective.target
        word, usual = _compared(slo, target, USUAL[tier])
        promise = _promise(slo, objective, target)
        if word == "softer":
            yield tr(
                "the target of {target} is softer than the tier's: {tier} services usually "
                "promise {usual}",
                target=promise,
                tier=tier_text(tier),
                usual=usual,
            )
        if word == "harder":
            yield tr(
                "the target of {target} is harder than the tier's: {tier} services usually "
                "promise {usual}",
                target=promise,
                tier=tier_text(tier),
                usual=usual,
            )


def _promise(slo: Slo, objective: Objective, target: Decimal) -> str:
    percent = percent_text(target, kind="target")
    if isinstance(slo.indicator, LatencyIndicator):
        return tr(
            "{target} per {window} under {threshold}",
            target=percent,
            window=_window(objective.window),
            threshold=_seconds(slo.indicator.threshold),
        )
    return tr("{target} per {window}", target=percent, window=_window(objective.window))


def _window(window: str) -> str:
    """Such as ``month``; a number of days is written the same in every language."""
    kinds = {one.value: one for one in PeriodKind}
    return period_noun(kinds[window]) if window in kinds else window


def _compared(slo: Slo, target: Decimal, usual: Usual) -> tuple[str, str]:
    match slo.indicator:
        case LatencyIndicator(threshold=threshold):
            said = tr(
                "{target} under {threshold}",
                target=percent_text(_P99, kind="target"),
                threshold=_seconds(usual.p99),
            )
            return _word((target, -threshold), (_P99, -usual.p99)), said
        case CountersIndicator(good_metric=str(name)) if name.endswith("_bucket"):
            return "", ""  # a latency in a unit of its own, which no tier speaks of
        case CountersIndicator(bad_metric=str()) | RatioQueryIndicator(of="bad"):
            most = percent_text(usual.error_rate, kind="target")
            said = tr("at most {share} errors", share=most)
            return _word((target,), (1 - usual.error_rate,)), said
        case RatioIndicator() | CountersIndicator() | QueryIndicator() | RatioQueryIndicator():
            said = percent_text(usual.availability, kind="target")
            return _word((target,), (usual.availability,)), said
        case _:
            return "", ""


def _word(promised: tuple[Decimal, ...], usual: tuple[Decimal, ...]) -> str:
    """Softer where nothing is harder, harder where nothing is softer; else not comparable."""
    if promised == usual:
        return ""
    pairs = list(zip(promised, usual, strict=True))
    if all(mine <= theirs for mine, theirs in pairs):
        return "softer"
    return "harder" if all(mine >= theirs for mine, theirs in pairs) else ""


def _seconds(seconds: Decimal) -> str:
    number, unit = (seconds * 1000, "ms") if seconds < 1 else (seconds, "s")
    return f"{number.normalize():f} {unit}"


# --- a tier for who has none ---------------------------------------------------------------------


def recommended_tier(service: Characteristics) -> tuple[Tier, tuple[str, ...]]:
    """The tier that a service's characteristics speak for, with the reasons."""
    reasons = [text for text in _grave(service) if text]
    if reasons:
        return Tier.CRITICAL, tuple(reasons)
    many, busy = service.dependants >= _MANY, service.traffic == "high"
    if service.dependants >= _VERY_MANY or (service.user_facing and (many or busy)):
        return Tier.ESSENTIAL, tuple(_weight(service))
    if service.user_facing or service.dependants or service.traffic != "low":
        return Tier.STANDARD, tuple(_weight(service))
    return Tier.BEST_EFFORT, (tr("no users, no dependants and little traffic"),)


def _grave(service: Characteristics) -> Iterator[str]:
    yield tr("people are in danger while it fails") if service.safety else ""
    yield tr("money is lost while it fails") if service.revenue else ""


def _weight(service: Characteristics) -> Iterator[str]:
    if service.user_facing:
        yield tr("users meet it themselves")
    if service.dependants:
        yield trn(
            "{count} other service needs it",
            "{count} other services need it",
            service.dependants,
            count=service.dependants,
        )
    if service.traffic == "medium":
        yield tr("its traffic is medium")
    if service.traffic == "high":
        yield tr("its traffic is high")


def recommendation(slo: Slo) -> str | None:
    """The recommended tier of an SLO's service as a sentence, where it states none."""
    if slo.tier is not None or slo.characteristics is None:
        return None
    tier, reasons = recommended_tier(slo.characteristics)
    return tr(
        "{service} has no tier; {tier} is recommended, because {reasons}",
        service=slo.service,
        tier=tier_text(tier),
        reasons=listed(list(reasons)),
    )


def all_remarks(slos: Iterable[Slo]) -> tuple[tuple[Slo, str], ...]:
    """Everything that the tiers say about definitions, each service's tier once."""
    told: set[str] = set()
    found: list[tuple[Slo, str]] = []
    for slo in slos:
        found += [(slo, text) for text in remarks(slo)]
        text = recommendation(slo)
        if text is not None and text not in told:
            told.add(text)
            found.append((slo, text))
    return tuple(found)
