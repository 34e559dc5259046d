"""What a style makes of a definition: groups of Prometheus rules, as plain frozen values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from slo_reports.model import KubernetesObject, Slo

Pairs = tuple[tuple[str, str], ...]
"""Names and values in the order in which they are written, each name once."""


@dataclass(frozen=True)
class RecordingRule:
    """A series that the server computes at each evaluation.

    Attributes:
        record: its name.
        expr: the PromQL that it holds the answer of.
        labels: what is added to the answer's own labels.
    """

    record: str
    expr: str
    labels: Pairs = ()


@dataclass(frozen=True)
class AlertRule:
    """An alert that is pending while its expression answers, and fires after ``hold``.

    Attributes:
        alert: its name.
        expr: the PromQL whose every answer is an alert.
        hold: for how long it must answer without a break (``for``).
        labels: what Alertmanager routes by.
        annotations: what people read; Prometheus reads them as templates.
    """

    alert: str
    expr: str
    hold: timedelta = timedelta()
    labels: Pairs = ()
    annotations: Pairs = ()


Rule = RecordingRule | AlertRule


@dataclass(frozen=True)
class Group:
    """Rules that the server evaluates together, one after the other.

    Attributes:
        name: unique in its file.
        rules: in order; later ones see what earlier ones recorded.
        interval: between two evaluations; None: as the server has it.
    """

    name: str
    rules: tuple[Rule, ...]
    interval: timedelta | None = None


@dataclass(frozen=True)
class LeftOut:
    """What was asked for and is not generated.

    Attributes:
        slo: whose it is.
        what: such as ``the alert page 1h/5m``.
        why: with the numbers, and what would help.
    """

    slo: str
    what: str
    why: str

    def __str__(self) -> str:
        """One sentence for a person or a comment."""
        return f"{self.slo}: {self.what} is left out: {self.why}"


@dataclass(frozen=True)
class Series:
    """A series that a unit test feeds: ``values`` in promtool's own notation."""

    series: str
    values: str


@dataclass(frozen=True)
class FiringAlert:
    """An alert that a unit test expects, with all its labels and annotations."""

    labels: Pairs
    annotations: Pairs


@dataclass(frozen=True)
class AlertCheck:
    """The alerts of a name that fire at a time, all of them; none: it must be silent."""

    at: timedelta
    alert: str
    firing: tuple[FiringAlert, ...] = ()


@dataclass(frozen=True)
class ValueCheck:
    """What an expression answers at a time; an empty answer where ``samples`` is empty."""

    at: timedelta
    expr: str
    samples: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class UnitTest:
    """One case of a file for ``promtool test rules``.

    Attributes:
        name: a sentence that says what holds.
        interval: between two samples of the series.
        every: between two evaluations; None: the same. Each length has a file of its own.
    """

    name: str
    interval: timedelta
    series: tuple[Series, ...]
    alerts: tuple[AlertCheck, ...] = ()
    values: tuple[ValueCheck, ...] = ()
    every: timedelta | None = None

    @property
    def evaluated(self) -> timedelta:
        """Between two evaluations."""
        return self.interval if self.every is None else self.every


@dataclass(frozen=True)
class Generated:
    """All that a style makes of one definition.

    Attributes:
        groups: what the server loads.
        left_out: what is not in them, and why.
        notes: what a reader of the file should know, a sentence each.
        tests: of the rules, where the style has some.
        tested: the groups that the tests load; None: all.
        kubernetes: what the operator's object is called where the definition's own says it.
    """

    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    tests: tuple[UnitTest, ...] = ()
    tested: tuple[Group, ...] | None = None
    kubernetes: KubernetesObject | None = None


@dataclass(frozen=True)
class Surroundings:
    """What a style may know beside the definition itself.

    Attributes:
        slos: every definition there is, by id: a journey's steps are among them.
        day: whose targets are meant where a target changes with time.
        interval: between two evaluations of the short windows' rules.
        piece: a measured slice, as the reports count them (``source.slice``).
        no_data: whether missing series are alerted on.
        labels: what everything that is recorded carries beside.
    """

    day: date
    slos: Mapping[str, Slo] = field(default_factory=dict)
    interval: timedelta = timedelta(seconds=30)
    piece: timedelta = timedelta(minutes=5)
    no_data: bool = True
    labels: Pairs = ()


Style = Callable[[Slo, Surroundings], Generated]
"""Makes the rules of one definition; pure."""
