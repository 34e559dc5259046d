from __future__ import annotations

import json
import pickle
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.kinds import a_retrospective
from support.snapshots import COMMERCE, ODD, a_snapshot

from slo_reports.model import Slices, Snapshot, content_hash

SMALL = COMMERCE[:1] + ODD


def test_a_snapshot_reads_back_as_it_was_written() -> None:
    snapshot = a_snapshot(SMALL)
    data = snapshot.to_json()
    again = Snapshot.from_json(data)
    assert again.to_json() == data
    assert again.request == snapshot.request
    assert again.period == snapshot.period
    assert again.incidents == snapshot.incidents
    assert [one.slo for one in again.subjects] == [one.slo for one in snapshot.subjects]
    first, second = (s.subjects[0].measurement.slices for s in (snapshot, again))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.good, second.good)
    assert again.subjects[0].measurement.history == snapshot.subjects[0].measurement.history


def test_the_same_snapshot_always_has_the_same_hash() -> None:
    assert content_hash(a_snapshot(SMALL).to_json()) == content_hash(a_snapshot(SMALL).to_json())


def test_the_json_is_that_of_the_whole_though_it_is_made_in_parts() -> None:
    data = a_snapshot(SMALL).to_json()
    whole = json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert whole.encode() == data


def test_a_sealed_snapshot_is_kept_as_the_whole_and_carries_no_measurements() -> None:
    whole = a_snapshot(SMALL)
    sealed = pickle.loads(pickle.dumps(whole.sealed()))  # noqa: S301  # our own
    assert sealed.to_json() == whole.to_json()
    assert sealed.subjects == ()
    assert (sealed.request, sealed.period) == (whole.request, whole.period)
    assert replace(sealed, revision=2).to_json() != whole.to_json()


def test_one_event_more_is_another_hash() -> None:
    snapshot = a_snapshot(SMALL)
    subject = snapshot.subjects[0]
    slices = subject.measurement.slices
    assert slices is not None
    good = slices.good.copy()
    good[0] -= 1
    changed = replace(slices, good=good)
    measurement = replace(subject.measurement, slices=changed)
    other = replace(snapshot, subjects=(replace(subject, measurement=measurement),))
    assert content_hash(other.to_json()) != content_hash(snapshot.to_json())


def test_canonical_json_is_sorted_and_holds_exact_targets() -> None:
    plain = json.loads(a_snapshot(SMALL).to_json())
    assert list(plain) == sorted(plain)
    assert plain["subjects"][0]["slo"]["objectives"][0]["target"] == "0.999"


@given(arrays(np.float64, st.integers(0, 20), elements=st.floats(0, 1e15)))
def test_counts_survive_json_to_the_last_bit(counts: np.ndarray) -> None:
    snapshot = a_snapshot(SMALL[:1])
    slices = snapshot.subjects[0].measurement.slices
    assert slices is not None
    changed = Slices(slices.start, slices.step, counts, counts, np.ones(len(counts)))
    measurement = replace(snapshot.subjects[0].measurement, slices=changed)
    one = replace(snapshot, subjects=(replace(snapshot.subjects[0], measurement=measurement),))
    read = Snapshot.from_json(one.to_json()).subjects[0].measurement.slices
    assert read is not None
    assert np.array_equal(read.good, counts)


def test_slices_end_where_their_last_one_does() -> None:
    slices = a_snapshot(SMALL).subjects[0].measurement.slices
    assert slices is not None
    assert slices.end == a_snapshot(SMALL).period.end
    assert len(slices) == 8940


def test_what_a_service_report_does_not_use_is_not_in_its_json() -> None:
    data = json.loads(a_snapshot(SMALL).to_json())
    assert "kind" not in data["request"]
    assert "incident" not in data["request"]
    assert not any("timeline" in one for one in data["incidents"])


def test_a_retrospective_reads_back_as_it_was_written() -> None:
    snapshot = a_retrospective()
    again = Snapshot.from_json(snapshot.to_json())
    assert again.request == snapshot.request
    assert again.request.incident == "INC-2063"
    assert again.incidents == snapshot.incidents
    assert again.incidents[2].timeline
