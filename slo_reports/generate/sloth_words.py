"""What rules in Sloth's style are made of, taken from a file of Sloth's or from any definition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from slo_reports.definitions.burn_rates import default_burn_rates
from slo_reports.definitions.openslo import V1ALPHA
from slo_reports.definitions.sloth import KUBERNETES
from slo_reports.generate.bad_share import bad_share
from slo_reports.generate.expressions import WINDOW
from slo_reports.generate.rules import Surroundings
from slo_reports.generate.spelling import duration_name
from slo_reports.model import BurnRateAlert, Objective, Slo, SlothWritten
from slo_reports.model.alerting import Pairs

_PLACE = re.compile(r"\{\{-?\s*\.window\s*-?\}\}")
_MODES = {KUBERNETES: "cli-gen-k8s", V1ALPHA: "cli-gen-openslo"}
USUAL_ALERT = "SloBudgetBurn"
"""Of alerts that no definition names."""


@dataclass(frozen=True)
class SlothSlo:
    """One objective as Sloth would know it.

    Attributes:
        written: names, labels and queries.
        percent: what is promised [percent], in the double that Sloth computes with.
        period: what it is promised over.
        alerts: the burn rates that are alerted on; they are the first objective's.
    """

    written: SlothWritten
    percent: float
    period: timedelta
    alerts: tuple[BurnRateAlert, ...]

    @property
    def id(self) -> str:
        """By which Sloth tells objectives apart."""
        return f"{self.written.service}-{self.written.name}"

    @property
    def identity(self) -> Pairs:
        """The labels that all its series have."""
        service, name = self.written.service, self.written.name
        return (("sloth_id", self.id), ("sloth_service", service), ("sloth_slo", name))

    @property
    def windows(self) -> tuple[timedelta, ...]:
        """What is recorded beside the period, ascending."""
        spans = {span for one in self.written.windows for span in (one.short, one.long)}
        return tuple(sorted(one for one in spans if one != self.period))

    @property
    def mode(self) -> str:
        """How Sloth would say that it was generated."""
        return _MODES.get(self.written.form, "cli-gen-prom")

    def share(self, window: timedelta) -> str:
        """The share of bad events over a window, laid out as Sloth does."""
        error, total = (
            _PLACE.sub(duration_name(window), text)
            for text in (self.written.error, self.written.total)
        )
        return f"({error})\n/\n({total})\n" if total else f"({error})"


def sloth_slos(slo: Slo, around: Surroundings) -> Iterator[SlothSlo]:
    """What Sloth would make of a definition: one for each objective.

    Raises:
        Unsayable: it cannot be said in queries of Sloth's.
    """
    first = slo.objectives[0]
    for objective in slo.objectives:
        written = slo.written
        if not isinstance(written, SlothWritten):
            written = _derived(slo, objective, around)
        if objective is not first:
            written = replace(written, name=f"{written.name}-{objective.window}")
        alerts = slo.burn_rates if objective is first else ()
        yield SlothSlo(written, _percent(objective, written, around), objective.length, alerts)


def _percent(objective: Objective, written: SlothWritten, around: Surroundings) -> float:
    """The target as the double that Sloth reads, or makes of OpenSLO's ratio."""
    target = objective.target_on(around.day)
    return float(target) * 100 if written.form == V1ALPHA else float(target.scaleb(2))


def _derived(slo: Slo, objective: Objective, around: Surroundings) -> SlothWritten:
    share = bad_share(slo, objective.target_on(around.day), around.piece)
    usual = default_burn_rates(objective.length)
    return SlothWritten(
        form="" if slo.origin is None else slo.origin.format,
        service=slo.service,
        name=slo.name,
        labels=_labels(slo),
        error=share.bad.replace(WINDOW, "{{.window}}"),
        total=f"{share.total} > 0".replace(WINDOW, "{{.window}}") if share.total else "",
        alert=slo.alerting.name or USUAL_ALERT,
        windows=(*usual, *slo.burn_rates),
    )


def _labels(slo: Slo) -> Pairs:
    """Owner, tier and the definition's own labels, under names that Prometheus takes."""
    tier = {} if slo.tier is None else {"tier": slo.tier.value}
    own = {re.sub(r"[^A-Za-z0-9_]", "_", name): value for name, value in slo.labels}
    return tuple(sorted({"owner": slo.owner, **tier, **own}.items()))


def factor(alert: BurnRateAlert, period: timedelta) -> float:
    """A burn rate in the double that Sloth computes from the share of the budget.

    It differs from the exact one in the last digit only, and where it does not come near, the
    share is not what the definition began with.
    """
    hours, long = (Decimal(span // timedelta(seconds=1)) / 3600 for span in (period, alert.long))
    share = round(Decimal(str(alert.threshold)) * long / hours * 100, 10)
    computed = float(share) * float(hours) / 100 / float(long)
    near = abs(computed - alert.threshold) <= 1e-14 * alert.threshold
    return computed if near else alert.threshold
