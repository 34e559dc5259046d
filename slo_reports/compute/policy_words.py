"""The texts of our own policy in the report's language.

A policy that somebody wrote stays as it is written; what it took over from ours word for word is
still ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from slo_reports.language import spoken, tr
from slo_reports.model import DEFAULT_POLICY, CauseClass, Clause, Policy, Terms

_Say = Callable[[str], str]


def in_the_language(policy: Policy) -> Policy:
    """A policy whose texts are said in the language that is spoken, as far as they are ours."""
    return _with_texts(policy, _ours)


def cause_word(name: str) -> str:
    """A class of causes as people read it; one that the user named is left alone."""
    known = {
        "own-release": tr("own-release"),
        "dependency": tr("dependency"),
        "infrastructure": tr("infrastructure"),
        "planned": tr("planned"),
    }
    return known.get(name, name)


def _ours(text: str) -> str:
    return spoken().text(text) if text in _texts() else text


@cache
def _texts() -> frozenset[str]:
    return frozenset(_all(DEFAULT_POLICY))


def _all(policy: Policy) -> Iterator[str]:
    yield policy.name
    for clause in policy.clauses:
        yield from (clause.title, clause.text)
    for terms in (*policy.decisions.values(), *policy.statuses.values()):
        yield from (*terms.conditions, *terms.alternatives)
    yield from (one.meaning for one in policy.causes.values())


def _with_texts(policy: Policy, say: _Say) -> Policy:
    return replace(
        policy,
        name=say(policy.name),
        clauses=tuple(_clause(one, say) for one in policy.clauses),
        decisions={key: _terms(one, say) for key, one in policy.decisions.items()},
        statuses={key: _terms(one, say) for key, one in policy.statuses.items()},
        causes=_causes(policy.causes, say),
    )


def _clause(one: Clause, say: _Say) -> Clause:
    return replace(one, title=say(one.title), text=say(one.text))


def _terms(one: Terms, say: _Say) -> Terms:
    return replace(
        one,
        conditions=tuple(map(say, one.conditions)),
        alternatives=tuple(map(say, one.alternatives)),
    )


def _causes(causes: Mapping[str, CauseClass], say: _Say) -> dict[str, CauseClass]:
    return {name: replace(one, meaning=say(one.meaning)) for name, one in causes.items()}
