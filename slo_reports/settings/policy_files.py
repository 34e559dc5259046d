"""Reading a policy file, with every problem of it named at its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from slo_reports.errors import ConfigurationError, Problem
from slo_reports.model import (
    DEFAULT_POLICY,
    BudgetStatus,
    CauseClass,
    Clause,
    Decision,
    Expiry,
    Policy,
    Ranking,
    Risk,
    Terms,
)
from slo_reports.settings.json_schema import schema_of
from slo_reports.settings.policy import (
    CauseFile,
    MatrixFile,
    PolicyFile,
    RankingFile,
    TermsFile,
)
from slo_reports.settings.problems import explain, nearest, one_of
from slo_reports.settings.yaml_files import Loc, YamlDocument, YamlFile, read_yaml

_BY_BUDGET = ("healthy", "attention", "warning", "critical", "exhausted")
"""The statuses from good to bad; unknown stands beside them."""


def policy_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a policy file."""
    return schema_of(PolicyFile, "slo-reports error budget policy")


def load_policy(path: Path | None) -> Policy:
    """The policy of a file; ours where there is none.

    Raises:
        ConfigurationError: the file cannot be used; it holds every problem of it.
    """
    if path is None:
        return DEFAULT_POLICY
    policy, problems = read_policy(path)
    if policy is None:
        raise ConfigurationError(problems)
    return policy


def read_policy(path: Path) -> tuple[Policy | None, tuple[Problem, ...]]:
    """The policy of a file, or None and its problems."""
    file = _read(path)
    if not file.documents or file.problems:
        empty = Problem(path, 1, "the file is empty; a policy begins with 'name:' and 'version:'")
        return None, file.problems or (empty,)
    document = file.documents[0]
    problems = [
        Problem(path, one.line, "a policy is one document: remove the `---` above")
        for one in file.documents[1:]
    ]
    problems += _cross_checks(document)
    try:
        written = PolicyFile.model_validate(document.data)
    except ValidationError as error:
        return None, tuple(sorted({*problems, *explain(error, document, PolicyFile)}))
    if problems:
        return None, tuple(sorted(set(problems)))
    return _policy(written), ()


def team_remarks(path: Path, owners: Collection[str]) -> tuple[Problem, ...]:
    """The teams of a policy file that own no objective, so that their sizes have no effect."""
    (document, *_) = _read(path).documents
    return tuple(
        Problem(
            path,
            document.key_line_of(("teams", team)),
            f"no objective is owned by {team!r}{nearest(team, owners)}",
        )
        for team in _mapping(document.data, "teams")
        if team not in owners
    )


def _read(path: Path) -> YamlFile:
    try:
        return read_yaml(path)
    except OSError as error:
        why = "is not there" if isinstance(error, FileNotFoundError) else f"{error.strerror}"
        return YamlFile((), (Problem(path, 1, f"the policy file cannot be read: {why}"),))


# --- what holds between places of the file, told also where other things are wrong ---------------


def _cross_checks(document: YamlDocument) -> Iterator[Problem]:
    data = document.data if isinstance(document.data, dict) else {}
    yield from _matrix_problems(_mapping(data, "matrix"), document)
    yield from _clause_problems(data, document)
    yield from _cause_problems(_mapping(data, "causes"), document)


def _mapping(data: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _strictness(matrix: Mapping[str, Any], status: str, risk: str) -> int | None:
    word = _mapping(matrix, status).get(risk)
    return Decision(word).strictness if word in tuple(Decision) else None


def _matrix_problems(matrix: Mapping[str, Any], document: YamlDocument) -> Iterator[Problem]:
    """A higher risk or a worse status is never judged milder, and unknown is never approved."""
    risks = tuple(Risk)
    for status in tuple(BudgetStatus):
        for risk in risks:
            here = _strictness(matrix, status, risk)
            if here is None:
                continue
            loc: Loc = ("matrix", status, risk)
            if status is BudgetStatus.UNKNOWN and here == 0:
                text = "unknown is never approved: what is not measured is not known to be safe"
                yield document.problem(loc, text)
            for milder, than in _milder(matrix, status, risk, here):
                yield document.problem(loc, f"{milder} must not be milder than {than}")


def _milder(
    matrix: Mapping[str, Any], status: BudgetStatus, risk: Risk, here: int
) -> Iterator[tuple[str, str]]:
    risks = tuple(Risk)
    before = risks[risks.index(risk) - 1] if risk is not Risk.LOW else None
    if before is not None and (_strictness(matrix, status, before) or 0) > here:
        yield f"{status}, {risk} risk,", f"{before} risk"
    if status in _BY_BUDGET[1:]:
        better = _BY_BUDGET[_BY_BUDGET.index(status) - 1]
        if (_strictness(matrix, better, risk) or 0) > here:
            yield f"{status}, {risk} risk,", better


def _clause_problems(data: dict[str, Any], document: YamlDocument) -> Iterator[Problem]:
    listed = data.get("clauses")
    entries = listed if isinstance(listed, list) else []
    ids = [one.get("id") if isinstance(one, dict) else None for one in entries]
    for index, identity in enumerate(ids):
        if isinstance(identity, str) and identity in ids[:index]:
            yield document.problem(("clauses", index, "id"), f"a second clause {identity!r}")
    known = [one for one in ids if isinstance(one, str)]
    if not isinstance(listed, list):
        known = [one.id for one in DEFAULT_POLICY.clauses]
    for part in ("decisions", "statuses"):
        for name, terms in _mapping(data, part).items():
            clause = terms.get("clause") if isinstance(terms, dict) else None
            if isinstance(clause, str) and clause and clause not in known:
                loc = (part, name, "clause")
                there = f"; there is {one_of(known)}" if known else ""
                text = f"no clause is named {clause!r}{nearest(clause, known) or there}"
                yield document.problem(loc, text)
    if isinstance(listed, list):
        unnamed = [name for name in Decision if not _mapping(data, "decisions", name).get("clause")]
        if unnamed:
            text = f"with clauses of your own, decisions must name one: {one_of(unnamed)} has none"
            yield document.problem(("clauses",), text)


def _cause_problems(causes: Mapping[str, Any], document: YamlDocument) -> Iterator[Problem]:
    for name, cause in causes.items():
        loc: Loc = ("causes", name)
        if name != name.casefold() or " " in name:
            text = f"a class is named in small letters with hyphens, not {name!r}"
            yield Problem(document.path, document.key_line_of(loc), text)
        for before, after in _mapping(cause, "instead").items():
            if after == Decision.APPROVE and before != Decision.APPROVE:
                text = f"a cause never turns {before} into approve: people must have looked at it"
                yield document.problem((*loc, "instead", before), text)


# --- from the file's form to ours ----------------------------------------------------------------


def _policy(file: PolicyFile) -> Policy:
    clauses = _clauses(file)
    known = {one.id for one in clauses}
    report = file.expiry.report
    ours = DEFAULT_POLICY
    return Policy(
        name=file.name,
        version=file.version,
        matrix=ours.matrix if file.matrix is None else _matrix(file.matrix),
        clauses=clauses,
        decisions=ours.decisions
        if file.decisions is None
        else {one: _terms(getattr(file.decisions, one.value)) for one in Decision},
        statuses=_statuses(file, known),
        causes=ours.causes
        if file.causes is None
        else {name: _cause(one) for name, one in file.causes.items()},
        expiry=Expiry(None if isinstance(report, str) else report, file.expiry.decide),
        window=file.window,
        teams={name: float(one.size) for name, one in file.teams.items()},
        hours_per_week=float(file.hours_per_week),
        ranking=_ranking(file.recommendations),
    )


def _clauses(file: PolicyFile) -> tuple[Clause, ...]:
    if file.clauses is None:
        return DEFAULT_POLICY.clauses
    return tuple(Clause(one.id, one.title, one.text) for one in file.clauses)


def _matrix(file: MatrixFile) -> Mapping[BudgetStatus, Mapping[Risk, Decision]]:
    return {
        status: {risk: getattr(getattr(file, status.value), risk.value) for risk in Risk}
        for status in BudgetStatus
    }


def _statuses(file: PolicyFile, known: set[str]) -> Mapping[BudgetStatus, Terms]:
    """Those that add something; a clause of ours that the file's own do not have is none."""
    found = {one: _terms(getattr(file.statuses, one.value)) for one in BudgetStatus}
    return {
        status: terms if terms.clause in known else replace(terms, clause="")
        for status, terms in found.items()
        if terms != Terms()
    }


def _terms(file: TermsFile) -> Terms:
    return Terms(file.clause, _plain(file.conditions), _plain(file.alternatives))


def _plain(sentences: Sequence[str]) -> tuple[str, ...]:
    return tuple(one.rstrip(".") for one in sentences)


def _cause(file: CauseFile) -> CauseClass:
    return CauseClass(tuple(file.words), file.meaning, _ratio(file.at_least), file.instead)


def _ratio(percent: Decimal) -> float:
    return float(percent / 100)


def _ranking(file: RankingFile) -> Ranking:
    return Ranking(
        effort_days=_numbers(file.effort_days),
        tier_weight=_numbers(file.tier_weight),
        costly_incident=_ratio(file.costly_incident),
        long_gap=file.long_gap,
        missed_often=file.missed_often,
        calm_periods=file.calm_periods,
        barely_used=_ratio(file.barely_used),
        few_failures=file.few_failures,
    )


def _numbers(model: Any) -> dict[str, float]:
    return {key: float(value) for key, value in model.model_dump(by_alias=True).items()}
