"""A settled day gives way to another only with a reason, and nothing is thrown away."""

from dataclasses import replace
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from support.days import DAY, STEP, kept_day, stamp

from slo_reports.history import History, RenewedHistory

LATER = stamp(collected_at=stamp().collected_at + timedelta(days=20))
TOLD = replace(LATER, reason="Late data arrived")


@pytest.fixture
def history(tmp_path):
    kept = History(str(tmp_path))
    kept.keep(stamp(), [kept_day("shop/a", values=[4]), kept_day("shop/b", values=[5])])
    return kept


def valid(history, slo="shop/a", slices=True):
    known = history.read(DAY, STEP, {slo: "a" * 16}, slices=slices)[slo]
    return known.settled.sums.valid / 288


def names(folder):
    return sorted(one.name.partition("-")[0] for one in folder.rglob("*.parquet"))


def test_a_restated_day_is_believed_and_the_settled_one_stays(history, tmp_path):
    before = {one: one.read_bytes() for one in tmp_path.rglob("*.parquet")}
    assert history.restate(TOLD, [kept_day(values=[7], stamp=TOLD)]) == 1
    assert (valid(history), valid(history, slices=False)) == (7, 7)
    assert valid(history, "shop/b") == 5
    assert names(tmp_path) == ["restated", "settled"]
    assert all(path.read_bytes() == content for path, content in before.items())


def test_the_reason_is_in_the_file_for_any_tool(history, tmp_path):
    history.restate(TOLD, [kept_day(values=[7], stamp=TOLD)])
    (path,) = tmp_path.rglob("restated-*.parquet")
    assert b"Late data arrived" in pq.read_schema(path).metadata[b"slo_reports.history"]
    found = history.read(DAY, STEP, {"shop/a": "a" * 16})["shop/a"].current.stamp
    assert found.reason == "Late data arrived"


def test_the_newest_restatement_wins_and_a_later_collection_does_not(history):
    history.restate(TOLD, [kept_day(values=[7], stamp=TOLD)])
    again = replace(TOLD, collected_at=TOLD.collected_at + timedelta(days=1))
    assert history.restate(again, [kept_day(values=[8], stamp=again)]) == 1
    much_later = replace(LATER, collected_at=LATER.collected_at + timedelta(days=9))
    assert history.keep(much_later, [kept_day(values=[9], stamp=much_later)]) == 0
    assert valid(history) == 8


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"values": [4]}, id="the same"),
        pytest.param({"values": [7], "covered": [0.9]}, id="knows less"),
        pytest.param({"slo": "shop/c", "values": [7]}, id="not there"),
    ],
)
def test_what_says_the_same_knows_less_or_is_not_there_restates_nothing(history, tmp_path, other):
    assert history.restate(TOLD, [kept_day(**other, stamp=TOLD)]) == 0
    assert names(tmp_path) == ["settled"]


def test_a_renewed_history_reads_new_days_first_and_keeps_nothing(history, tmp_path):
    rows = [kept_day(values=[7], stamp=LATER), kept_day("shop/c", values=[8], stamp=LATER)]
    renewed = RenewedHistory(history, rows)
    assert [valid(renewed, slo) for slo in ("shop/a", "shop/b", "shop/c")] == [7, 5, 8]
    assert renewed.keep(LATER, rows) == 0
    assert valid(history) == 4
    assert names(tmp_path) == ["settled"]


def test_a_renewed_day_of_another_definition_is_not_taken(history):
    renewed = RenewedHistory(history, [kept_day(values=[7], fingerprint="b" * 16, stamp=LATER)])
    assert valid(renewed) == 4


def test_a_renewed_history_tells_whole_days_as_it_tells_single_ones(history):
    open_one = stamp(settled=False)
    history.keep(stamp(), [kept_day("shop/a", fingerprint="b" * 16, values=[3])])
    rows = [kept_day(values=[7], stamp=open_one), kept_day("shop/c", values=[8], stamp=open_one)]
    renewed = RenewedHistory(history, rows)
    wanted = dict.fromkeys(("shop/a", "shop/b", "shop/c"), "a" * 16)
    assert history.settled(DAY, STEP, wanted) == {"shop/a", "shop/b"}
    assert renewed.settled(DAY, STEP, wanted) == {"shop/b"}
    found = [row for one in renewed.batches(DAY, STEP, wanted) for row in one.rows()]
    told = sorted((row.slo, row.fingerprint[0], row.slices.valid[0]) for row in found)
    expected = [("shop/a", "a", 7), ("shop/a", "b", 3), ("shop/b", "a", 5), ("shop/c", "a", 8)]
    assert told == expected


def test_a_renewed_history_has_days_that_are_not_kept_yet(history):
    days = [DAY + n * timedelta(days=1) for n in range(3)]
    renewed = RenewedHistory(history, [kept_day(stamp=stamp(day=days[1]))])
    assert history.days_among(days, STEP) == {DAY}
    assert renewed.days_among(days, STEP) == {DAY, days[1]}


def test_committing_restates_what_changed_keeps_what_is_new_and_may_be_done_twice(
    history, tmp_path
):
    rows = [
        kept_day(values=[7], stamp=LATER),
        kept_day("shop/b", values=[5], stamp=LATER),
        kept_day("shop/c", values=[8], stamp=LATER),
    ]
    renewed = RenewedHistory(history, rows)
    assert renewed.commit(history, "Late data arrived") == 2
    assert names(tmp_path) == ["restated", "settled", "settled"]
    assert [valid(history, slo) for slo in ("shop/a", "shop/b", "shop/c")] == [7, 5, 8]
    assert renewed.commit(history, "Late data arrived") == 0


def test_an_open_day_is_kept_as_ever(tmp_path):
    history = History(str(tmp_path))
    made = replace(LATER, settled=False)
    RenewedHistory(history, [kept_day(values=[7], stamp=made)]).commit(history, "Because")
    assert names(tmp_path) == ["open"]


def test_a_read_only_history_is_not_restated(history, tmp_path):
    history.read_only().restate(TOLD, [kept_day(values=[7], stamp=TOLD)])
    assert names(tmp_path) == ["settled"]
