"""The page of the pure functions; mkdocstrings fills it in from their docstrings."""

from __future__ import annotations

from scripts.manual.markdown import joined

INTRODUCTION = """\
# Python

The arithmetic as functions without a clock, files or randomness: the same arguments give the same
result. Your own programs can call them where `slo-reports` is installed; their names may change
between versions 0.x. The formulas with examples: [What every number means](../arithmetic.md).

```python
from decimal import Decimal
from fractions import Fraction
from slo_reports.compute.budget import consumed_fraction

consumed_fraction(9_000, 12_000_000, Decimal("0.999"), Fraction(1))  # Fraction(3, 4): 75 %
```"""
MODULES = (
    "slo_reports.periods",
    "slo_reports.compute.budget",
    "slo_reports.compute.burn",
    "slo_reports.methods",
    "slo_reports.compute.percentiles",
    "slo_reports.compute.gaps",
    "slo_reports.compute.phases",
    "slo_reports.compute.episodes",
    "slo_reports.compute.attribution",
    "slo_reports.compute.replay",
    "slo_reports.compute.shifts",
    "slo_reports.compute.forecasts",
    "slo_reports.compute.toil",
    "slo_reports.compute.decisions",
    "slo_reports.compute.build",
)


def page() -> str:
    """A directive for each module."""
    parts = [INTRODUCTION]
    for name in MODULES:
        parts += [f"## `{name}`", f"::: {name}"]
    return joined(parts)
