"""What became of the recommendations of the report before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from support.snapshots import COMMERCE, INCIDENTS, OCTOBER, Promise, Service, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.following import asked_in
from slo_reports.model import Asked, Earlier, FollowUp, FollowWord, Incident, Snapshot, Tier
from slo_reports.periods import previous

CHECKOUT, PAYMENTS = "commerce/checkout-availability", "commerce/payments-availability"
SEARCH = "commerce/search-availability"


def asked(kind: str, slo: str = CHECKOUT, **more: Any) -> Asked:
    service = slo.split("/")[1].split("-", maxsplit=1)[0].capitalize()
    return Asked(kind, f"Do {kind}", "Team", "now", service, slo, **more)


def after(*wanted: Asked, snapshot: Snapshot | None = None) -> FollowUp:
    earlier = Earlier(previous(OCTOBER), 1, wanted)
    insight = build_report(replace(snapshot or a_snapshot(), earlier=earlier)).insight
    assert insight is not None
    assert insight.follow_up is not None
    return insight.follow_up


def told(one: Asked, snapshot: Snapshot | None = None) -> tuple[FollowWord, str]:
    (found,) = after(one, snapshot=snapshot).followed
    return found.word, found.evidence


def alert(alerts: tuple[str, ...], title: str = "Budget burn fast") -> Incident:
    first = INCIDENTS[0]
    return replace(first, source="alert", alerts=alerts, slo=PAYMENTS, title=title)


@pytest.mark.parametrize(
    ("one", "word", "evidence"),
    [
        pytest.param(asked("hold-releases"), "still open", "exhausted: −18", id="still spent"),
        pytest.param(asked("hold-releases", SEARCH), "no longer needed", "have 42", id="recovered"),
        pytest.param(asked("review-releases", PAYMENTS), "no longer needed", "18", id="review"),
        pytest.param(asked("restore-monitoring", SEARCH), "done", "Data for 99.9", id="data back"),
        pytest.param(asked("write-runbook"), "done", "A runbook is named", id="runbook"),
        pytest.param(
            asked("loosen-target", target=Decimal("0.9995")), "done", "it was 99.95", id="target"
        ),
        pytest.param(
            asked("loosen-target", target=Decimal("0.999")), "no longer needed", "", id="not again"
        ),
        pytest.param(
            asked("speed-up", "commerce/checkout-latency-500ms"), "still open", "missed", id="slow"
        ),
        pytest.param(asked("speed-up", SEARCH), "done", "met", id="fast again"),
        pytest.param(asked("widen-what-counts"), "no longer needed", "no longer asks", id="other"),
        pytest.param(asked("hold-releases", "gone/x"), "no longer needed", "no longer in", id="x"),
    ],
)
def test_the_data_say_what_became_of_it(one: Asked, word: str, evidence: str) -> None:
    found, text = told(one)
    assert found == word
    assert evidence in text


def test_the_same_alert_again_leaves_a_fix_open() -> None:
    one = asked("fix-incident", PAYMENTS, incident=alert(("BurnFast", "BurnSlow"), "September"))
    again = replace(a_snapshot(), incidents=(alert(("BurnFast",)),))
    word, evidence = told(one, again)
    assert word is FollowWord.OPEN
    assert evidence.startswith("Incident A on 6 Oct 09:25 was like it and took 38")
    assert told(one)[0] is FollowWord.DONE
    assert told(asked("fix-incident", SEARCH, incident=alert(("Other",))))[0] is FollowWord.DONE


def test_without_data_for_it_nothing_is_claimed() -> None:
    blind = Promise("availability", "Availability", "0.99", 0, 0.0, reason="no series")
    shop = a_snapshot([Service("Checkout", "T", Tier.STANDARD, (blind,))], incidents=())
    assert told(asked("hold-releases"), shop)[0] is FollowWord.UNKNOWN
    assert told(asked("restore-monitoring"), shop) == (FollowWord.OPEN, "It is still not measured.")
    assert told(asked("speed-up"), shop)[0] is FollowWord.UNKNOWN


def test_what_is_still_open_comes_first() -> None:
    found = after(asked("write-runbook"), asked("widen-what-counts"), asked("hold-releases"))
    assert [one.word for one in found.followed] == ["still open", "done", "no longer needed"]


def test_everything_that_a_report_asks_for_can_be_asked_about() -> None:
    report = build_report(a_snapshot(COMMERCE))
    found = asked_in(report)
    assert [one.action for one in found.asked] == [one.action for one in report.recommendations]
    (fix, *_) = [one for one in found.asked if one.kind == "fix-incident"]
    assert fix.incident is not None
    assert fix.action.endswith(fix.incident.title)
    assert fix.target == Decimal("0.999")


def test_the_next_report_of_the_same_data_finds_all_of_it_still_open() -> None:
    snapshot = a_snapshot()
    earlier = asked_in(build_report(snapshot))
    found = after(*earlier.asked, snapshot=snapshot)
    assert {one.word for one in found.followed} <= {FollowWord.OPEN, FollowWord.MOOT}
    kept = replace(snapshot, earlier=earlier)
    assert Snapshot.from_json(kept.to_json()).earlier == earlier


def test_a_first_report_has_no_follow_up() -> None:
    insight = build_report(a_snapshot()).insight
    assert insight is not None
    assert insight.follow_up is None
