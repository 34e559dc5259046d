"""Release decisions and toil budgets as words, and the signs that go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from slo_reports.language import tr, trn
from slo_reports.model import (
    BudgetStatus,
    Decision,
    ReleaseDecision,
    Report,
    Risk,
    ServiceDecisions,
    SloResult,
    ToilBudget,
)
from slo_reports.numbers import (
    count_text,
    decimal_text,
    exact,
    instant_text,
    listed,
    percent_number,
    percent_text,
    sentence,
)
from slo_reports.render.clean import clean
from slo_reports.render.marks import STOP_SIGN, Mark, sized
from slo_reports.render.palette import AMBER, BLUE, RED
from slo_reports.render.rows import NOTHING
from slo_reports.render.svg import Drawing
from slo_reports.statuses import decision_word, risk_word, status_word

MOST_SERVICES = 200
_TEAMS = 3
_MARKS = {
    BudgetStatus.HEALTHY: Mark.MET,
    BudgetStatus.ATTENTION: Mark.AT_RISK,
    BudgetStatus.WARNING: Mark.AT_RISK,
    BudgetStatus.CRITICAL: Mark.AT_RISK,
    BudgetStatus.EXHAUSTED: Mark.MISSED,
    BudgetStatus.UNKNOWN: Mark.INSUFFICIENT,
}
_COLOURS = {
    Decision.APPROVE: BLUE,
    Decision.REVIEW: AMBER,
    Decision.DEFER: AMBER,
    Decision.BLOCK: RED,
}


@dataclass(frozen=True)
class DecisionRow:
    """One service: its status, a decision for each risk, and why."""

    service: str
    owner: str
    mark: Mark
    status: str
    said: str
    """The status inside a sentence."""
    decisions: tuple[Decision, ...]
    why: str
    clauses: str

    @property
    def is_calm(self) -> bool:
        """Whether nothing is wrong with its budgets."""
        return self.mark is Mark.MET


@dataclass(frozen=True)
class TermsRow:
    """On which terms a decision stands."""

    decision: Decision
    word: str
    when: str
    clause: str
    conditions: tuple[str, ...]
    alternatives: tuple[str, ...]


@dataclass(frozen=True)
class ToilRow:
    """One team; numbers in percent and hours, without the sign."""

    team: str
    performance: str
    of: str
    toil: str
    hours: str
    automation: str


@dataclass(frozen=True)
class DecisionTables:
    """Everything that the section says.

    Attributes:
        until: until when the decisions hold.
        sized: whether the policy knows the size of any team.
        lacking: a sentence about teams whose toil is capped for lack of data; may be empty.
    """

    policy: str
    until: str
    rows: tuple[DecisionRow, ...]
    left_out: int
    terms: tuple[TermsRow, ...]
    toil: tuple[ToilRow, ...]
    sized: bool
    lacking: str


def decision_tables(report: Report, most: int = MOST_SERVICES) -> DecisionTables:
    """The decisions of a report, in the order of its services, and the toil of its teams."""
    shown = report.decisions[:most]
    zone = report.period.zone
    results = {one.slo.id: one for one in report.results}
    until = report.decisions[0].valid_until if report.decisions else report.period.end
    return DecisionTables(
        policy=clean(report.policy),
        until=instant_text(until, zone, with_year=True),
        rows=tuple(_row(one, results) for one in shown),
        left_out=len(report.decisions) - len(shown),
        terms=_terms([release for one in report.decisions for release in one.decisions]),
        toil=tuple(map(_toil, report.toil[:most])),
        sized=any(one.size is not None for one in report.toil),
        lacking=_lacking(report.toil),
    )


def _row(one: ServiceDecisions, results: Mapping[str, SloResult]) -> DecisionRow:
    calm = results.get(one.objectives[0].slo) if one.status is BudgetStatus.HEALTHY else None
    clauses = dict.fromkeys(each.clause.id for each in one.decisions if each.clause is not None)
    return DecisionRow(
        service=clean(one.service),
        owner=clean(one.owner),
        mark=_MARKS[one.status],
        status=sentence(status_word(one.status)),
        said=status_word(one.status),
        decisions=tuple(each.decision for each in one.decisions),
        why=" ".join(one.rationale) if calm is None else _brief(calm),
        clauses=clean(", ".join(clauses)),
    )


def _brief(result: SloResult) -> str:
    """One line about a budget that is not in trouble."""
    target, left = result.objective.target, result.budget.remaining
    told = {
        "objective": clean(result.slo.title),
        "measured": NOTHING if result.sli is None else percent_text(result.sli, target),
        "target": percent_text(target, kind="target"),
    }
    if left is None:
        return tr("{objective} {measured} against {target}", **told)
    rest = percent_text(left, kind="remaining")
    return tr("{objective} {measured} against {target}, {left} left", **told, left=rest)


def troubled(rows: Sequence[DecisionRow]) -> list[DecisionRow]:
    """The services that a mail names one by one: those whose budgets are not healthy."""
    return [row for row in rows if not row.is_calm]


def calm_words(rows: Sequence[DecisionRow]) -> str:
    """All the others in a sentence; empty where there are none."""
    calm = [row for row in rows if row.is_calm]
    if not calm:
        return ""
    count = sentence(count_text(len(calm)))
    who = trn("{count} service is healthy", "{count} services are healthy", len(calm), count=count)
    kinds = {row.decisions for row in calm}
    return f"{who}: {risk_words(kinds.pop())}." if len(kinds) == 1 else f"{who}."


def risk_words(decisions: Sequence[Decision]) -> str:
    """Such as ``low risk block, medium risk block, high risk block``."""
    told = zip(Risk, decisions, strict=True)
    return ", ".join(f"{risk_word(risk)} {decision_word(one)}" for risk, one in told)


def toil_words(row: ToilRow) -> str:
    """A team's toil budget in a sentence."""
    if row.toil == NOTHING:
        return tr("{team}: nothing was judged.", team=row.team)
    told = {
        "team": row.team,
        "toil": row.toil,
        "objective": row.of,
        "performance": row.performance,
    }
    if row.hours == NOTHING:
        return tr(
            "{team}: {toil} % toil at most; {objective} at {performance} % of its target.", **told
        )
    return tr(
        "{team}: {toil} % toil at most ({hours} h/week, automation {rest} h); "
        "{objective} at {performance} % of its target.",
        **told,
        hours=row.hours,
        rest=row.automation,
    )


def _terms(releases: Sequence[ReleaseDecision]) -> tuple[TermsRow, ...]:
    """The terms that occur, strictest first; where a decision has several, with its statuses."""
    found: dict[tuple[Decision, str, tuple[str, ...], tuple[str, ...]], set[BudgetStatus]] = {}
    for one in releases:
        clause = "" if one.clause is None else f"{one.clause.id}, {one.clause.title}"
        key = (one.decision, clause, one.conditions, one.alternatives)
        found.setdefault(key, set()).add(one.status)
    several = {decision for decision in Decision if sum(key[0] is decision for key in found) > 1}
    ordered = sorted(found.items(), key=lambda one: (-one[0][0].strictness, len(one[0][2])))
    return tuple(
        TermsRow(
            decision=decision,
            word=sentence(decision_word(decision)),
            when=_when(statuses) if decision in several else "",
            clause=clean(clause),
            conditions=conditions,
            alternatives=alternatives,
        )
        for (decision, clause, conditions, alternatives), statuses in ordered
    )


def _when(statuses: set[BudgetStatus]) -> str:
    told = [status_word(one) for one in BudgetStatus if one in statuses]
    return tr("when {statuses}", statuses=listed(told))


# --- toil ----------------------------------------------------------------------------------------


def _toil(one: ToilBudget) -> ToilRow:
    performance = one.performance
    return ToilRow(
        team=clean(one.team),
        performance=NOTHING
        if performance is None
        else percent_number(performance, kind="coverage"),
        of=clean(one.title),
        toil=NOTHING if one.share is None else _tenths(one.share * 100),
        hours=NOTHING if one.toil_hours is None else _tenths(one.toil_hours),
        automation=NOTHING if one.automation_hours is None else _tenths(one.automation_hours),
    )


def _tenths(value: float) -> str:
    """A number rounded down to a tenth, and without one where it is whole."""
    number = round(exact(value), 9)
    return decimal_text(number, 0 if number.denominator == 1 else 1, "down")


def _lacking(toil: Sequence[ToilBudget]) -> str:
    held = [one for one in toil if one.unjudged]
    if not held:
        return ""
    count = sum(one.unjudged for one in held)
    teams = [clean(one.team) for one in held[:_TEAMS]]
    if more := len(held) - len(teams):
        teams.append(trn("{count} more team", "{count} more teams", more, count=more))
    return trn(
        "{count} objective of {teams} could not be judged: no bonus for what is not known.",
        "{count} objectives of {teams} could not be judged: no bonus for what is not known.",
        count,
        count=sentence(count_text(count)),
        teams=listed(teams),
    )


# --- signs ---------------------------------------------------------------------------------------


def decision_mark(decision: Decision, size: float = 9) -> Markup:
    """A sign with a shape of its own for each decision; the word always stands beside it."""
    drawing = Drawing(12, 12, decision.value, decorative=True)
    colour = _COLOURS[decision]
    match decision:
        case Decision.APPROVE:
            drawing.circle((6, 6), 5.5, fill=colour)
            _stroke(drawing, "M3.3 6.2 5.3 8.2 8.8 4.2")
        case Decision.REVIEW:
            drawing.element("circle", cx=6, cy=6, r=4.9, fill="none", stroke=colour,
                            stroke_width=1.3)  # fmt: skip
            drawing.circle((6, 6), 1.9, fill=colour)
        case Decision.DEFER:
            drawing.circle((6, 6), 5.5, fill=colour)
            _stroke(drawing, "M4.6 3.9V8.1M7.4 3.9V8.1")
        case Decision.BLOCK:
            drawing.element("path", d=STOP_SIGN, fill=colour)
            _stroke(drawing, "M3.4 6H8.6")
    return Markup(sized(drawing, size))  # noqa: S704 drawn by us


def _stroke(drawing: Drawing, path: str) -> None:
    drawing.element(
        "path", d=path, fill="none", stroke="#fff", stroke_width=1.5, stroke_linecap="round"
    )
