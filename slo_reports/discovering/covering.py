"""Which services existing definitions measure already. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from slo_reports.collect.families import Need, covering_needs
from slo_reports.discovering.documents import slug
from slo_reports.discovering.nouns import Candidate, Found
from slo_reports.model import Slo
from slo_reports.promql import matches


def covered_by(found: Found, slos: Sequence[Slo]) -> Slo | None:
    """The first definition that is of this service, or that counts any of its series."""
    names = {slug(found.key.name), slug(found.key.title)}
    for slo in slos:
        if slug(slo.service) in names:
            return slo
        needs = covering_needs(slo)
        if any(_counts(need, one) for need in needs for one in found.candidates):
            return slo
    return None


def _counts(need: Need, candidate: Candidate) -> bool:
    """Whether an SLO names series of a candidate; one that narrows nothing names none."""
    if need.metric not in _metrics(candidate) or not need.matchers:
        return False
    fits = matches(need.matchers)
    return any(fits(labels) for labels in candidate.series)


def _metrics(candidate: Candidate) -> tuple[str, ...]:
    name = candidate.metric
    return name, f"{name}_bucket", f"{name}_count"
