"""What meetings need of a report: actions, decisions to take, who is who, boxes to tick."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from slo_reports.model import Recommendation, Report, SloResult
from slo_reports.numbers import count_text, listed, sentence
from slo_reports.periods import PeriodKind
from slo_reports.render.clean import clean
from slo_reports.render.palette import BLUE, MUTED
from slo_reports.render.svg import Drawing

OPTIONS = {
    "hold-releases": ("Hold them", "Release all the same"),
    "review-releases": ("Review each", "Release as usual"),
    "loosen-target": ("Fund the work", "Lower the target"),
    "tighten-target": ("Raise the target", "Keep it"),
    "widen-what-counts": ("Count more", "Judge a longer period", "Leave it"),
}
"""Kinds of recommendation that somebody has to decide on, with the answers that there are."""
PRODUCT_OWNER = "product_owner"
ENGINEERING_TEAM = "engineering_team"
_NAMES = 12
_OFTEN = {
    PeriodKind.WEEK: "weekly",
    PeriodKind.MONTH: "monthly",
    PeriodKind.QUARTER: "quarterly",
    PeriodKind.YEAR: "yearly",
}


@dataclass(frozen=True)
class Asked:
    """An action, or a decision with its options.

    Attributes:
        owner: who does it, or who decides.
        score: what ranks it; see docs/arithmetic.md.
    """

    action: str
    evidence: str
    owner: str
    due: str
    score: float
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


def document(report: Report, what: str) -> str:
    """What a document is called, such as ``Weekly review``."""
    often = _OFTEN.get(report.period.kind, "")
    return sentence(f"{often} {what}".strip())


def actions(report: Report) -> list[Asked]:
    """What somebody has to do, most urgent first."""
    return [_asked(one) for one in report.recommendations if one.kind not in OPTIONS]


def decisions(report: Report) -> list[Asked]:
    """What somebody has to decide, most urgent first; product owners where they are named."""
    owners = _labelled(report.results, PRODUCT_OWNER)
    return [
        _asked(one, owners.get(one.slo or "", one.owner), OPTIONS[one.kind])
        for one in report.recommendations
        if one.kind in OPTIONS
    ]


def _asked(one: Recommendation, owner: str = "", options: tuple[str, ...] = ()) -> Asked:
    days = f"{one.effort_days:g}"
    return Asked(
        action=clean(one.action),
        evidence=one.evidence if one.evidence.endswith(".") else f"{one.evidence}.",
        owner=clean(owner or one.owner),
        due=clean(one.due),
        score=one.score,
        effort=f"{days} {'day' if days == '1' else 'days'}",
        options=options,
    )


def _labelled(results: Iterable[SloResult], label: str) -> dict[str, str]:
    found = ((one.slo.id, dict(one.slo.labels).get(label, "")) for one in results)
    return {slo: name for slo, name in found if name}


def named(names: Sequence[str], most: int = 3) -> str:
    """Such as ``A, B and two more``; each once."""
    unique = [clean(one, 80) for one in dict.fromkeys(names)]
    rest = len(unique) - most
    shown = [*unique[:most], f"{count_text(rest)} more"] if rest > 0 else unique
    return listed(shown) if shown else ""


def roles(report: Report) -> tuple[Role, ...]:
    """SLO owner, engineering team and product owner, with names from the definitions."""
    results = report.results
    owners = {one.slo.id: one.slo.owner for one in results}
    teams = owners | _labelled(results, ENGINEERING_TEAM)
    return (
        _role(
            "SLO owner",
            "Keeps the objective and its measurement right, runs the review, and tells when the "
            "budget is at risk.",
            results,
            owners,
        ),
        _role(
            "Engineering team",
            "Runs the service, answers its alerts, and spends the time that the budget calls for "
            "on reliability.",
            results,
            teams,
        ),
        _role(
            "Product owner",
            "Weighs releases against reliability, agrees to each target, and decides when the "
            "budget is spent.",
            results,
            _labelled(results, PRODUCT_OWNER),
            f"Nobody is named: give the definitions a label {PRODUCT_OWNER}.",
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
