"""The files that rules and their unit tests are written to: names and contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

from slo_reports.generate.rules import Generated, Group, Pairs, UnitTest
from slo_reports.generate.writing import operator_yaml, plain_yaml, unit_tests_yaml
from slo_reports.model import KubernetesObject, Slo

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
        found |= _files(f"{stem}{RULES_SUFFIX}", stem, some, wrapping)
    return found


def one_file(made: Made, name: str, wrapping: Wrapping) -> Files:
    """All rules in one file of a name, and all unit tests in another."""
    return _files(name, PurePosixPath(name).stem, made, wrapping)


def _files(name: str, stem: str, made: Made, wrapping: Wrapping) -> Files:
    """A file of rules and one of tests; the operator's objects are tested as plain rules."""
    found = {name: rules_text(made, wrapping)}
    tests = [test for _, one in made for test in one.tests] if wrapping.tests else []
    if not tests:
        return found
    tested = f"../{name}"
    if wrapping.form is Form.OPERATOR:
        tested = f"{stem}{RULES_SUFFIX}"
        found[f"{TESTS}/{tested}"] = plain_yaml(_groups(made), _comments(made, wrapping.style))
    found[f"{TESTS}/{stem}{TEST_SUFFIX}"] = _tests_text(tests, tested, made)
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
            found.setdefault(_stem(slo, generated, form), []).append((slo, generated))
    return found


def _stem(slo: Slo, generated: Generated, form: Form) -> str:
    holder = generated.kubernetes
    if form is Form.PROMETHEUS or holder is None or not holder.name:
        return f"{slo.namespace}.{slo.name}"
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


def _tests_text(tests: Sequence[UnitTest], tested: str, made: Made) -> str:
    groups = [one.name for one in _groups(made)]
    return unit_tests_yaml(tests, rule_files=[tested], groups=groups, comments=[MARK])


def _groups(made: Made) -> tuple[Group, ...]:
    return tuple(group for _, one in made for group in one.groups)


def _comments(made: Made, style: str) -> tuple[str, ...]:
    """What a reader should know: whose rules they are, what is special, what is left out."""
    notes = (f"{slo.id}: {note}" for slo, one in made for note in one.notes)
    left_out = (str(one) for _, generated in made for one in generated.left_out)
    ids = ", ".join(slo.id for slo, _ in made)
    return (MARK, f"Style {style}: {ids}", *notes, *left_out)
