"""The files that rules and their unit tests are written to: names and contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from slo_reports.generate.rules import Generated, Group, Pairs
from slo_reports.generate.writing import operator_yaml, plain_yaml, unit_tests_yaml
from slo_reports.model import KubernetesObject, Slo
from slo_reports.promql import duration

MARK = "Made by slo-reports rules; what is changed here is lost when it runs again."
RULES_SUFFIX = ".rules.yml"
TESTS = "tests"
TEST_SUFFIX = "_test.yml"


class Form(StrEnum):
    """What reads the files."""

    PROMETHEUS = "prometheus"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Wrapping:
    """What stands around the rules.

    Attributes:
        labels: of the operator's objects, by which a Prometheus selects them.
        namespace: that the objects live in; None: where they are applied.
        tests: whether unit tests are written, too.
    """

    style: str
    form: Form = Form.PROMETHEUS
    labels: Pairs = field(default=())
    namespace: str | None = None
    tests: bool = True


Made = Sequence[tuple[Slo, Generated]]
Files = Mapping[str, str]
"""Contents by path, seen from the folder that they are written to, with ``/``."""


def one_file_each(made: Made, wrapping: Wrapping) -> Files:
    """A file for each SLO (or object) that has rules; its unit tests in a folder below."""
    found: dict[str, str] = {}
    for stem, some in _by_object(made, wrapping.form).items():
        name = f"{stem}{RULES_SUFFIX}"
        found[name] = rules_text(some, wrapping)
        for slo, generated in some:
            plain = wrapping.form is Form.PROMETHEUS and generated.tested is None
            found |= _tests(slo, generated, wrapping, f"../{name}" if plain else None)
    return found


def one_file(made: Made, name: str, wrapping: Wrapping) -> Files:
    """All rules in one file of a name; the unit tests of each SLO load its own rules."""
    found = {name: rules_text(made, wrapping)}
    for slo, generated in made:
        found |= _tests(slo, generated, wrapping, None)
    return found


def _stem(slo: Slo) -> str:
    return f"{slo.namespace}.{slo.name}"


def _tests(
    slo: Slo, generated: Generated, wrapping: Wrapping, tested: str | None
) -> dict[str, str]:
    """The tests of one SLO, and the plain rules that they load where no other file has them.

    There is a file for each interval between evaluations; the shortest has the plain name.
    """
    if not wrapping.tests or not generated.tests:
        return {}
    found, stem = {}, _stem(slo)
    groups = generated.groups if generated.tested is None else generated.tested
    if tested is None:
        tested = f"{stem}{RULES_SUFFIX}"
        found[f"{TESTS}/{tested}"] = plain_yaml(groups, [MARK])
    every = sorted({one.evaluated for one in generated.tests})
    names = [stem, *(f"{stem}.{duration(one)}" for one in every[1:])]
    for name, interval in zip(names, every, strict=True):
        found[f"{TESTS}/{name}{TEST_SUFFIX}"] = unit_tests_yaml(
            [one for one in generated.tests if one.evaluated == interval],
            rule_files=[tested],
            groups=[one.name for one in groups],
            comments=[MARK],
        )
    return found


def rules_text(made: Made, wrapping: Wrapping) -> str:
    """All rules as one text."""
    if wrapping.form is Form.PROMETHEUS:
        return plain_yaml(_groups(made), _comments(made, wrapping.style))
    objects = _by_object(made, wrapping.form)
    return "---\n".join(_object(stem, some, wrapping) for stem, some in objects.items())


def _by_object(made: Made, form: Form) -> Mapping[str, Made]:
    """What is written together: SLOs of one object of Kubernetes, otherwise each alone."""
    found: dict[str, list[tuple[Slo, Generated]]] = {}
    for slo, generated in made:
        if generated.groups:
            stem = _object_stem(slo, generated.kubernetes, form)
            found.setdefault(stem, []).append((slo, generated))
    return found


def _object_stem(slo: Slo, holder: KubernetesObject | None, form: Form) -> str:
    if form is Form.PROMETHEUS or holder is None or not holder.name:
        return _stem(slo)
    return ".".join(one for one in (holder.namespace, holder.name) if one)


def _object(stem: str, made: Made, wrapping: Wrapping) -> str:
    holder = made[0][1].kubernetes or KubernetesObject("")
    return operator_yaml(
        _groups(made),
        name=holder.name or stem,
        namespace=wrapping.namespace or holder.namespace or None,
        labels=(*holder.labels, *wrapping.labels),
        annotations=holder.annotations,
        comments=_comments(made, wrapping.style),
    )


def _groups(made: Made) -> tuple[Group, ...]:
    return tuple(group for _, one in made for group in one.groups)


def _comments(made: Made, style: str) -> tuple[str, ...]:
    """What a reader should know: whose rules they are, what is special, what is left out."""
    notes = (f"{slo.id}: {note}" for slo, one in made for note in one.notes)
    left_out = (str(one) for _, generated in made for one in generated.left_out)
    ids = ", ".join(slo.id for slo, _ in made)
    return (MARK, f"Style {style}: {ids}", *notes, *left_out)
