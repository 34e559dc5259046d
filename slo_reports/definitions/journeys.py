"""User journeys: how they are written, and whether their steps are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from slo_reports.errors import Problem
from slo_reports.model import Slo
from slo_reports.settings.problems import nearest, one_of
from slo_reports.settings.strict import Strict
from slo_reports.settings.yaml_files import YamlDocument

_MOST_NAMED = 12
_STEPS = ("spec", "indicator", "steps")


class StepSpec(Strict):
    """One step of a journey."""

    slo: str = Field(
        min_length=1,
        description="The step's objective by its id, such as shop/search-availability.",
    )
    critical: bool = Field(
        default=False,
        description="Whether the journey fails where the step does. Default: shown only.",
    )


def _with_critical_step(steps: list[StepSpec]) -> list[StepSpec]:
    if not any(one.critical for one in steps):
        msg = "steps: no step is critical, so nothing would count; mark one with critical: true"
        raise ValueError(msg)
    return steps


class JourneySpec(Strict):
    """What users do from end to end: good where all its critical steps are."""

    type: Literal["journey"] = Field(description="A user journey over several objectives.")
    combine: Literal["product", "worst"] = Field(
        "product",
        description="A slice's ratio is the product of its critical steps' ratios, or the worst.",
    )
    steps: Annotated[list[StepSpec], AfterValidator(_with_critical_step)] = Field(
        min_length=1,
        description="In the order in which users take them.",
        json_schema_extra={
            "contains": {"properties": {"critical": {"const": True}}, "required": ["critical"]}
        },
    )


def step_problems(
    slos: Mapping[str, Slo], documents: Mapping[str, YamlDocument]
) -> Iterator[Problem]:
    """What is wrong with the steps of journeys, given all definitions there are.

    Args:
        slos: by id.
        documents: by the same ids, where each was written.
    """
    for slo in slos.values():
        seen: set[str] = set()
        for index, step in enumerate(slo.steps):
            fault = _fault(step.slo, seen, slos)
            seen.add(step.slo)
            if fault is not None:
                yield documents[slo.id].problem((*_STEPS, index, "slo"), fault)


def _fault(step: str, seen: set[str], slos: Mapping[str, Slo]) -> str | None:
    if step in seen:
        return f"{step} is a step of this journey already; a step counts once"
    if step not in slos:
        known = sorted(one.id for one in slos.values() if not one.steps)
        hint = nearest(step, known)
        if not hint and known:
            hint = f"; there is {one_of(known[:_MOST_NAMED])}"
        return f"no SLO is named {step!r}{hint}"
    if slos[step].steps:
        return f"{step} is a journey itself; name the objectives that it is made of"
    return None
