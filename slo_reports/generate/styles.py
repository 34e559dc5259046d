"""The styles in which rules are written, by the name that ``--style`` knows them by."""

from __future__ import annotations

from collections.abc import Mapping

from slo_reports.generate import ours
from slo_reports.generate.rules import Style

STYLES: Mapping[str, Style] = {"ours": ours.rules_of}
