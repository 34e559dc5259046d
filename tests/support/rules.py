"""Rules of definitions that tests write, and promtool's word on them."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

from slo_reports.definitions.loading import load_definitions
from slo_reports.demo.places import find_tools
from slo_reports.generate.rules import Generated, Surroundings
from slo_reports.generate.styles import STYLES
from slo_reports.model import Slo

DAY = date(2026, 11, 28)
HEAD = """\
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata: {name: %s, namespace: shop}
spec:
  service: shop
  owner: Team Shop
"""
RATIO = "  indicator: {type: ratio, metric: requests_total, good: {code: '!~5..'}}\n"
MONTH = "  objectives: [{window: 30d, target: 99.9}]\n"


def written(folder: Path, more: str = RATIO + MONTH, name: str = "a") -> Path:
    """A file of one definition."""
    path = folder / f"{name}.yaml"
    path.write_text(HEAD % name + more)
    return path


def defined(folder: Path, more: str = RATIO + MONTH, name: str = "a") -> Slo:
    """The SLO of one definition."""
    (slo,) = load_definitions([written(folder, more, name)])
    return slo


def made(slo: Slo, *others: Slo, style: str = "ours", day: date = DAY) -> Generated:
    """The rules of an SLO."""
    return STYLES[style](slo, Surroundings(day, {one.id: one for one in (slo, *others)}))


def expressions(generated: Generated) -> dict[str, str]:
    """The recorded expressions by name; of several of one name the first."""
    found: dict[str, str] = {}
    for group in generated.groups:
        for rule in group.rules:
            if hasattr(rule, "record"):
                found.setdefault(rule.record, rule.expr)
    return found


def alerts(generated: Generated) -> list:
    """The alerting rules."""
    return [one for group in generated.groups for one in group.rules if hasattr(one, "alert")]


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run promtool to its end."""
    command = [find_tools().promtool, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
