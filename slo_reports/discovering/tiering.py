"""Guessing a service's tier from its name and from what was seen of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from slo_reports.discovering.nouns import Found, ServiceKey
from slo_reports.discovering.recognising import is_production
from slo_reports.model import Characteristics, Tier
from slo_reports.tiers import recommended_tier

Traffic = Literal["low", "medium", "high"]
_HIGH = 1 / 3
_MEDIUM = 1 / 30


@dataclass(frozen=True)
class Guess:
    """A tier, and why."""

    tier: Tier
    reasons: tuple[str, ...]


_PAY = r"pay(ments?)?|checkout|billing|invoic(es?|ing)|psp|pos"
_SIGN_IN = r"auth\w*|login|sign(in|on)|sso|identity|iam|oauth2?|keycloak|accounts?|sessions?"
_CORE = r"orders?|cart|basket|booking|inventory|shipping|fulfil\w*"
_ENTRANCE = r"search|catalogu?e?|products?|frontend|gateway|apiserver"
_CAN_WAIT = r"export(er)?s?|report(s|ing)?|batch|backup|cleanup|archive"
_ORDINARY = r"recommend\w*|analytics|reviews?|newsletter|notifications?|mail(er)?"
_NAMES = (
    (Tier.CRITICAL, _PAY, "payment"),
    (Tier.CRITICAL, _SIGN_IN, "signing in, which the rest hangs on"),
    (Tier.ESSENTIAL, _CORE, "the core of the business"),
    (Tier.ESSENTIAL, _ENTRANCE, "what users begin with"),
    (Tier.BEST_EFFORT, _CAN_WAIT, "work that can wait"),
    (Tier.STANDARD, _ORDINARY, "an ordinary feature"),
)
"""What a word of a name says, weightiest first; a guess for a person to review."""


def traffic_classes(rates: Mapping[ServiceKey, float]) -> dict[ServiceKey, Traffic]:
    """How much traffic each service has beside the busiest one.

    Args:
        rates: events of each service in one and the same span.
    """
    busiest = max(rates.values(), default=0.0)
    return {key: _traffic(rate, busiest) for key, rate in rates.items()}


def _traffic(rate: float, busiest: float) -> Traffic:
    if rate <= 0 or busiest <= 0 or rate < busiest * _MEDIUM:
        return "low"
    return "high" if rate >= busiest * _HIGH else "medium"


def guessed_tier(found: Found, traffic: Traffic) -> Guess:
    """The tier that a service is proposed in; what its name says is weighed first."""
    if not is_production(found.key.environment):
        return Guess(Tier.BEST_EFFORT, (f"its environment is {found.key.environment}",))
    named = _by_name(found.key.name)
    seen, reasons = recommended_tier(_characteristics(found, traffic))
    if found.kind == "batch" and named is None:
        return Guess(Tier.BEST_EFFORT, ("it works in runs, which can be made up for",))
    if named is None:
        return Guess(seen, reasons)
    order = list(Tier)
    if order.index(seen) < order.index(named.tier):
        return Guess(seen, reasons)
    return named


def _by_name(name: str) -> Guess | None:
    words = re.split(r"[^a-z0-9]+", name.lower())
    for tier, pattern, what in _NAMES:
        if any(re.fullmatch(pattern, word) for word in words):
            return Guess(tier, (f"its name speaks of {what}",))
    return None


def _characteristics(found: Found, traffic: Traffic) -> Characteristics:
    return Characteristics(
        user_facing=any(one.user_facing for one in found.candidates),
        dependants=max((one.callers for one in found.candidates), default=0),
        traffic=traffic,
    )
