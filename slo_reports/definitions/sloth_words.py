"""What Sloth's files say about alerts and rules, beside what is measured and promised."""

from __future__ import annotations

from dataclasses import dataclass

from slo_reports.definitions.foreign import Place
from slo_reports.definitions.rule_words import our_name, pairs
from slo_reports.model import (
    Alerting,
    AlertWords,
    BurnRateAlert,
    KubernetesObject,
    SlothWritten,
)

Alerts = tuple[BurnRateAlert, ...]

_OPENSLO_RATIO = "\n  1 - (\n    (\n      {good}\n    )\n    /\n    (\n      {total}\n    )\n  )\n"
"""The ratio of bad events that Sloth makes of OpenSLO's good and total."""


@dataclass(frozen=True)
class Dialect:
    """How one of Sloth's two formats spells its keys, and the object that holds them."""

    name: str
    camel: bool
    holder: KubernetesObject | None = None

    def key(self, snake: str) -> str:
        """A key as this format spells it."""
        if not self.camel:
            return snake
        first, *rest = snake.split("_")
        return first + "".join(word.capitalize() for word in rest)

    def keys(self, *snakes: str) -> list[str]:
        """Keys as this format spells them."""
        return [self.key(one) for one in snakes]


def read_alerting(alerting: Place | None, dialect: Dialect) -> Alerting:
    """How the alerts of one SLO are called and what they carry."""
    if alerting is None:
        return Alerting()
    by_severity = {
        severity: words
        for severity in ("page", "ticket")
        if (words := _words(alerting.get(dialect.key(f"{severity}_alert")))) != AlertWords()
    }
    return Alerting(our_name(alerting.get("name")), _words(alerting), tuple(by_severity.items()))


def written_of(item: Place, spec: Place, dialect: Dialect, usual: Alerts) -> SlothWritten:
    """What rules in Sloth's own style are made with."""
    sli = item.need("sli")
    by_events = sli.get("events")
    keys = ("error_query", "total_query") if by_events is not None else ("error_ratio_query",)
    queries = by_events if by_events is not None else sli.need("raw")
    error, *total = [queries.need(key).text() for key in dialect.keys(*keys)]
    return SlothWritten(
        form=dialect.name,
        service=spec.need("service").text(),
        name=item.need("name").text(),
        labels=pairs(spec.get("labels"), item.get("labels")),
        error=error,
        total="".join(total),
        alert=_written_name(item.get("alerting")),
        windows=usual,
        kubernetes=dialect.holder,
    )


def openslo_written(root: Place, objective: Place, index: int, usual: Alerts) -> SlothWritten:
    """Likewise of the only version of OpenSLO that Sloth reads, without any alerts.

    Args:
        root: the SLO.
        objective: one of its objectives, with ``ratioMetrics``.
        index: of the objective, which Sloth names it by.
        usual: the burn rates whose windows are recorded.
    """
    ratios, spec = objective.need("ratioMetrics"), root.need("spec")
    good, total = (ratios.need(key).need("query").text() for key in ("good", "total"))
    return SlothWritten(
        form=root.need("apiVersion").text(),
        service=spec.need("service").text(),
        name=f"{root.need('metadata').need('name').text()}-{index}",
        labels=(),
        error=_OPENSLO_RATIO.format(good=good, total=total),
        total="",
        alert="",
        windows=usual,
    )


def _written_name(alerting: Place | None) -> str:
    name = None if alerting is None else alerting.get("name")
    return "" if name is None else name.text()


def _words(place: Place | None) -> AlertWords:
    if place is None:
        return AlertWords()
    return AlertWords(pairs(place.get("labels")), pairs(place.get("annotations")))
