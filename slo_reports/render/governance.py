"""What meetings need of a report: actions, decisions to take, who is who, boxes to tick."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from slo_reports.language import tr, trn
from slo_reports.model import Recommendation, Report, SloResult
from slo_reports.numbers import count_text, decimal_text, exact_text, listed
from slo_reports.periods import PeriodKind
from slo_reports.render.clean import clean
from slo_reports.render.palette import BLUE, MUTED
from slo_reports.render.svg import Drawing

PRODUCT_OWNER = "product_owner"
ENGINEERING_TEAM = "engineering_team"
_NAMES = 12


@dataclass(frozen=True)
class Asked:
    """An action, or a decision with its options.

    Attributes:
        owner: who does it, or who decides.
        score: what ranks it, as text; see docs/arithmetic.md.
    """

    action: str
    evidence: str
    owner: str
    due: str
    score: str
    effort: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Role:
    """One of the three roles of an objective: its duties, and who has it.

    Attributes:
        people: names, each with what they answer for.
        left_out: how many more have it.
        missing: what to do where nobody is named.
    """

    name: str
    duties: str
    people: tuple[tuple[str, str], ...]
    left_out: int = 0
    missing: str = ""


def review_name(report: Report) -> str:
    """What a review is called, such as ``Weekly review``."""
    match report.period.kind:
        case PeriodKind.WEEK:
            return tr("Weekly review")
        case PeriodKind.MONTH:
            return tr("Monthly review")
        case PeriodKind.QUARTER:
            return tr("Quarterly review")
        case PeriodKind.YEAR:
            return tr("Yearly review")
        case _:
            return tr("Review")


def planning_name(report: Report) -> str:
    """What a planning is called, such as ``Quarterly planning``."""
    match report.period.kind:
        case PeriodKind.WEEK:
            return tr("Weekly planning")
        case PeriodKind.MONTH:
            return tr("Monthly planning")
        case PeriodKind.QUARTER:
            return tr("Quarterly planning")
        case PeriodKind.YEAR:
            return tr("Yearly planning")
        case _:
            return tr("Planning")


def options(kind: str) -> tuple[str, ...]:
    """The answers that there are to a kind of recommendation; none: nobody has to decide."""
    return {
        "hold-releases": (tr("Hold them"), tr("Release all the same")),
        "review-releases": (tr("Review each"), tr("Release as usual")),
        "loosen-target": (tr("Fund the work"), tr("Lower the target")),
        "tighten-target": (tr("Raise the target"), tr("Keep it")),
        "widen-what-counts": (tr("Count more"), tr("Judge a longer period"), tr("Leave it")),
    }.get(kind, ())


def actions(report: Report) -> list[Asked]:
    """What somebody has to do, most urgent first."""
    return [_asked(one) for one in report.recommendations if not options(one.kind)]


def decisions(report: Report) -> list[Asked]:
    """What somebody has to decide, most urgent first; product owners where they are named."""
    owners = _labelled(report.results, PRODUCT_OWNER)
    return [
        _asked(one, owners.get(one.slo or "", one.owner), options(one.kind))
        for one in report.recommendations
        if options(one.kind)
    ]


def _asked(one: Recommendation, owner: str = "", answers: tuple[str, ...] = ()) -> Asked:
    days = one.effort_days
    return Asked(
        action=clean(one.action),
        evidence=one.evidence if one.evidence.endswith(".") else f"{one.evidence}.",
        owner=clean(owner or one.owner),
        due=clean(one.due),
        score=decimal_text(one.score, 2),
        effort=trn("{days} day", "{days} days", days, days=exact_text(days)),
        options=answers,
    )


def _labelled(results: Iterable[SloResult], label: str) -> dict[str, str]:
    found = ((one.slo.id, dict(one.slo.labels).get(label, "")) for one in results)
    return {slo: name for slo, name in found if name}


def named(names: Sequence[str], most: int = 3) -> str:
    """Such as ``A, B and two more``; each once."""
    unique = [clean(one, 80) for one in dict.fromkeys(names)]
    rest = len(unique) - most
    if rest > 0:
        unique[most:] = [tr("{count} more", count=count_text(rest))]
    return listed(unique) if unique else ""


def roles(report: Report) -> tuple[Role, ...]:
    """SLO owner, engineering team and product owner, with names from the definitions."""
    results = report.results
    owners = {one.slo.id: one.slo.owner for one in results}
    teams = owners | _labelled(results, ENGINEERING_TEAM)
    return (
        _role(
            tr("SLO owner"),
            tr(
                "Keeps the objective and its measurement right, runs the review, and tells when "
                "the budget is at risk."
            ),
            results,
            owners,
        ),
        _role(
            tr("Engineering team"),
            tr(
                "Runs the service, answers its alerts, and spends the time that the budget calls "
                "for on reliability."
            ),
            results,
            teams,
        ),
        _role(
            tr("Product owner"),
            tr(
                "Weighs releases against reliability, agrees to each target, and decides when the "
                "budget is spent."
            ),
            results,
            _labelled(results, PRODUCT_OWNER),
            tr("Nobody is named: give the definitions a label {label}.", label=PRODUCT_OWNER),
        ),
    )


def _role(
    name: str,
    duties: str,
    results: Sequence[SloResult],
    people: dict[str, str],
    missing: str = "",
) -> Role:
    found: dict[str, list[str]] = {}
    for one in results:
        if one.slo.id in people:
            found.setdefault(people[one.slo.id], []).append(one.slo.service)
    shown = [(clean(who), named(services)) for who, services in found.items()]
    return Role(
        name, duties, tuple(shown[:_NAMES]), max(0, len(shown) - _NAMES), "" if shown else missing
    )


def checkbox(*, ticked: bool) -> Markup:
    """A box, ticked by us or left to a pen; the word beside it says the same."""
    drawing = Drawing(12, 12, "ticked" if ticked else "open", decorative=True)
    if ticked:
        drawing.element("rect", x=0.5, y=0.5, width=11, height=11, rx=2, fill=BLUE)
        drawing.element(
            "path", d="M3.1 6.2 5.2 8.3 8.9 4.1", fill="none", stroke="#fff", stroke_width=1.6,
            stroke_linecap="round", stroke_linejoin="round",
        )  # fmt: skip
    else:
        drawing.element("rect", x=1, y=1, width=10, height=10, rx=2, fill="none", stroke=MUTED,
                        stroke_width=1.1)  # fmt: skip
    return Markup(drawing.markup())  # noqa: S704 drawn by us
