from __future__ import annotations

from support.snapshots import COMMERCE, OCTOBER, a_slo, history_of

from slo_reports.compute import trend
from slo_reports.model import Outcome, PastPeriod, Totals
from slo_reports.periods import month

CHECKOUT = COMMERCE[0]
PROMISE = CHECKOUT.promises[0]
SLO = a_slo(CHECKOUT, PROMISE)
OBJECTIVE = SLO.objectives[0]
PRESENT = PastPeriod(OCTOBER, 0.99882, 1.18, Outcome.MISSED)


def test_earlier_periods_are_judged_by_the_objective_of_today() -> None:
    found = trend.trend(history_of(PROMISE), SLO, OBJECTIVE, PRESENT)
    assert [one.consumed for one in found][-4:] == [0.83, 1.07, 0.56, 1.18]
    assert [one.outcome for one in found][-4:] == ["met", "missed", "met", "missed"]
    assert found[0].period.id == "2025-11"
    assert found[-1] is PRESENT


def test_the_order_of_the_history_does_not_matter() -> None:
    history = history_of(PROMISE)
    assert trend.trend(history[::-1], SLO, OBJECTIVE, PRESENT) == trend.trend(
        history, SLO, OBJECTIVE, PRESENT
    )


def test_a_month_without_data_or_traffic_has_no_verdict() -> None:
    september = month(2026, 9, "Europe/Berlin")
    quiet = trend.past_period(Totals(september, 0, 0, 1.0), SLO, OBJECTIVE)
    assert (quiet.sli, quiet.consumed, quiet.outcome) == (None, None, Outcome.NO_TRAFFIC)
    blind = trend.past_period(Totals(september, 10, 10, 0.5), SLO, OBJECTIVE)
    assert blind.outcome is Outcome.INSUFFICIENT_DATA


def test_the_period_before_is_the_one_that_touches() -> None:
    found = trend.trend(history_of(PROMISE), SLO, OBJECTIVE, PRESENT)
    before = trend.just_before(found, OCTOBER)
    assert before is not None
    assert before.period.id == "2026-09"
    assert trend.just_before((found[0], PRESENT), OCTOBER) is None
