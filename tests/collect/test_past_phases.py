"""Totals of earlier periods whose target changed inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from support.snapshots import COMMERCE, OCTOBER, a_snapshot

from slo_reports.collect.grid import Grid
from slo_reports.collect.past import history
from slo_reports.collect.survey import Surveyed
from slo_reports.model import Method, Objective, Phase, Slo, Totals
from slo_reports.periods import month

SEPTEMBER = month(2026, 9, OCTOBER.zone)
AUGUST = month(2026, 8, OCTOBER.zone)
HOUR = timedelta(hours=1)
GRID = Grid.over(AUGUST.start, OCTOBER.start, HOUR)
PHASES = (Phase(Decimal("0.9"), date(2026, 8, 1)), Phase(Decimal("0.99"), date(2026, 9, 11)))
OBJECTIVE = Objective(Decimal("0.9"), "month", timedelta(days=30), PHASES)
SLO = replace(a_snapshot(COMMERCE[:1]).subjects[0].slo, objectives=(OBJECTIVE,))


def totals(slo: Slo) -> tuple[Totals, ...]:
    good, valid = np.full(GRID.count, 95.0), np.full(GRID.count, 100.0)
    past = Surveyed(good, valid, np.ones(GRID.count), None, None, (), (), 1)
    return history(slo, past, GRID, (AUGUST, SEPTEMBER), reported=OCTOBER, exclusions=())


def test_a_month_whose_target_changed_holds_the_events_of_each_part() -> None:
    august, september = totals(SLO)
    assert august.valid_parts == ()
    assert september.valid_parts == (10 * 24 * 100, 20 * 24 * 100)
    assert september.valid == sum(september.valid_parts)


def test_past_slices_are_judged_by_the_target_of_their_part() -> None:
    august, september = totals(replace(SLO, method=Method.TIMESLICES))
    assert (august.good, august.valid) == (31 * 24, 31 * 24)
    assert (september.good, september.valid) == (10 * 24, 30 * 24)
    assert september.valid_parts == (10 * 24, 20 * 24)
