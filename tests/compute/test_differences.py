from __future__ import annotations

import json
from dataclasses import replace

from support.snapshots import COMMERCE, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.differences import ABSENT, differences


def parsed(report):
    return json.loads(report.to_json())


def test_the_same_report_twice_has_no_differences():
    first, second = (parsed(build_report(a_snapshot(COMMERCE[:2]))) for _ in range(2))
    assert list(differences(first, second)) == []


def test_a_changed_number_is_named_by_its_objective_and_field():
    filed = parsed(build_report(a_snapshot(COMMERCE[:1])))
    changed = json.loads(json.dumps(filed))
    changed["services"][0]["results"][0]["budget"]["bad"] += 1
    (one,) = differences(filed, changed)
    assert one.objective == filed["services"][0]["results"][0]["slo"]["id"]
    assert one.field == "budget.bad"
    assert one.recomputed - one.filed == 1


def test_a_field_that_only_one_side_has_is_a_difference_of_form():
    (one,) = differences({"a": 1}, {"a": 1, "b": None})
    assert (one.field, one.filed, one.is_of_form) == ("b", ABSENT, True)


def test_one_and_true_and_1_0_are_not_the_same():
    assert len(list(differences([1, 1, "1"], [True, 1.0, 1]))) == 3


def test_lists_of_other_lengths_differ_as_a_whole():
    (one,) = differences({"a": [1]}, {"a": [1, 2]})
    assert one.field == "a"


def test_a_report_of_other_data_differs_in_its_hash():
    snapshot = a_snapshot(COMMERCE[:1])
    other = replace(snapshot, program="0.0.1")
    fields = {
        one.field
        for one in differences(parsed(build_report(snapshot)), parsed(build_report(other)))
    }
    assert fields == {"snapshot_hash"}
