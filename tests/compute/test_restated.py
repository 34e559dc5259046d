"""What a second revision says of the first."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.snapshots import COMMERCE, a_restatement, a_second_revision, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.restated import changed_figures, figures
from slo_reports.model import Notice, Outcome, Snapshot, content_hash


@pytest.fixture(scope="module")
def second():
    return build_report(a_second_revision())


def test_the_changed_objectives_are_told_with_both_figures_another_outcome_first(second):
    assert [one.either.slo for one in second.restatement.changed] == [
        "commerce/payments-availability",
        "commerce/orders-availability",
    ]
    payments, orders = second.restatement.changed
    assert (payments.before.outcome, payments.now.outcome) == (Outcome.MET, Outcome.MISSED)
    assert payments.outcome_changed
    assert (payments.now.valid - payments.before.valid) == 12_000
    assert (payments.now.bad - payments.before.bad) == 12 * 120
    assert not orders.outcome_changed
    assert second.restatement.unchanged == 10


def test_figures_of_the_first_are_those_that_its_report_gave():
    report = build_report(a_snapshot())
    told = figures(report.results)
    assert [(one.sli, one.remaining) for one in told] == [
        (one.sli, one.budget.remaining) for one in report.results
    ]


def test_an_objective_that_came_and_one_that_went_are_changes():
    first = a_snapshot()
    now = replace(first, subjects=first.subjects[1:], restatement=a_restatement(first), revision=2)
    (gone,) = build_report(now).restatement.changed
    assert (gone.now, gone.before.slo) == (None, first.subjects[0].slo.id)
    old = figures(build_report(now).results)
    (came,) = changed_figures(old, figures(build_report(first).results))
    assert came.before is None


def test_other_words_and_the_last_bit_of_a_sum_are_no_change():
    told = figures(build_report(a_snapshot()).results)
    renamed = [
        replace(one, title="New", coverage=one.coverage * (1 - 1e-12), sli=one.sli * (1 + 1e-13))
        for one in told
    ]
    assert changed_figures(told, renamed) == ()


def test_a_single_event_in_a_billion_is_a_change():
    (one, *_) = figures(build_report(a_snapshot(COMMERCE[:1])).results)
    many = replace(one, good=1e12, valid=1e12)
    assert changed_figures([many], [replace(many, good=1e12 - 1)])


def test_a_first_revision_has_neither_part_in_its_json():
    snapshot = a_snapshot(COMMERCE[:1])
    for data in (snapshot.to_json(), build_report(snapshot).to_json()):
        assert b"restatement" not in data
        assert b"notices" not in data


def test_restatement_and_notices_survive_json_to_the_byte(second):
    snapshot = replace(
        a_second_revision(),
        notices=(Notice("undelivered", "It did not arrive.", datetime(2026, 10, 1, tzinfo=UTC)),),
    )
    data = snapshot.to_json()
    back = Snapshot.from_json(data)
    assert back.to_json() == data
    assert (back.restatement, back.notices) == (snapshot.restatement, snapshot.notices)
    assert build_report(back).notices == snapshot.notices
    assert build_report(back).restatement == second.restatement


def test_the_earlier_snapshot_is_named_by_its_hash(second):
    told = second.restatement.restatement
    assert told.replaced_hash == content_hash(a_snapshot().to_json())
    assert (told.replaces, second.revision) == (1, 2)
