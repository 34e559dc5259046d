"""What another tool's file says that only rules in that tool's own style are made with.

An SLO says what is measured and promised; that is all that reports need. Rules that are to equal
another tool's need more: queries to the letter, labels, names. It is kept beside, never compared
and never frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from slo_reports.model.alerting import BurnRateAlert, Pairs
from slo_reports.model.matching import Matcher


@dataclass(frozen=True)
class KubernetesObject:
    """What the object in whose place rules are written was called."""

    name: str
    namespace: str = ""
    labels: Pairs = ()
    annotations: Pairs = ()


@dataclass(frozen=True)
class SlothWritten:
    """What a file says that Sloth reads.

    Attributes:
        form: version of the file's format.
        service: as written.
        name: of the SLO, as Sloth has it.
        labels: of the service and of the SLO, whose own stand first.
        error: query of the bad events, with ``{{.window}}``; of their ratio where there is no
            total.
        total: query of all events; empty for a ratio.
        alert: name of its alerts; empty where it has none.
        windows: what is alerted on where alerts are not off; their windows are recorded anyway.
        kubernetes: the object that holds it, where one does.
    """

    form: str
    service: str
    name: str
    labels: Pairs
    error: str
    total: str
    alert: str
    windows: tuple[BurnRateAlert, ...]
    kubernetes: KubernetesObject | None = None


@dataclass(frozen=True)
class Series:
    """A bare selector: a metric's name and the matchers on its labels."""

    metric: str
    matchers: tuple[Matcher, ...] = ()


PyrraKind = Literal["ratio", "success", "latency", "latencyNative", "bool_gauge"]


@dataclass(frozen=True)
class PyrraWritten:
    """What a file of Pyrra's says.

    Attributes:
        name: of the object, as written.
        kind: of its indicator; ``success`` is a ratio that counts good events.
        total: series of all events, or the gauge itself.
        part: series of the bad events of a ratio, of the good ones otherwise; None where there is
            one series only.
        limit: what good events stay within [s], where no matcher of a bucket says it as text.
        labels: those of the object that go into rules, without their prefix.
        annotations: likewise.
        grouping: labels of which each set of values is an SLO of its own.
        burn_rates: whether their alerts are wanted.
        absent: whether alerts on missing series are wanted.
        alert: name of the burn-rate alerts; empty: Pyrra's usual one.
        absent_alert: likewise of the alerts on missing series.
        severities: as written, by Pyrra's keys, such as ``fastBurn``.
        cheap: ``performanceOverAccuracy``: sums of five-minute increases instead of long ones.
        described: the description, where it becomes a label of the generic rules; else empty.
        kubernetes: the object that holds it, where one does.
    """

    name: str
    kind: PyrraKind
    total: Series
    part: Series | None = None
    limit: Decimal | None = None
    labels: Pairs = ()
    annotations: Pairs = ()
    grouping: tuple[str, ...] = ()
    burn_rates: bool = True
    absent: bool = True
    alert: str = ""
    absent_alert: str = ""
    severities: Pairs = ()
    cheap: bool = False
    described: str = ""
    kubernetes: KubernetesObject | None = None


Written = SlothWritten | PyrraWritten
