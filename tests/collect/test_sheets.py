"""Many SLOs' days put together at once are what each SLO's days are one by one."""

from dataclasses import replace
from datetime import date, timedelta
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.days import stamp

from slo_reports.collect.filling import Asked, Kept, filled
from slo_reports.collect.grid import Grid
from slo_reports.collect.parts import composed, part_of_row, span_in
from slo_reports.collect.survey import Surveyed
from slo_reports.errors import HistoryError
from slo_reports.history import DaySlices, DaySums, History, SloDay
from slo_reports.history.days import DAY, day_start, days_touched

STEP = timedelta(minutes=15)
PER_DAY = DAY // STEP
FIRST = date(2026, 10, 1)
PRINT = "a" * 16
NAMES = [f"shop/{n}" for n in range(6)]


def a_day(random, slo, day, *, made=None, fingerprint=PRINT):
    """Whole, with a gap, begun late, or without any data; whole counts or not."""
    valid = random.integers(0, 1000, PER_DAY) * random.choice([1.0, 0.37])
    coverage = np.ones(PER_DAY)
    kind = random.integers(0, 5)
    if kind == 1:
        coverage[10:20] = random.random(10)
    if kind > 2:
        begin = PER_DAY if kind == 4 else random.integers(1, PER_DAY)
        valid[:begin] = coverage[:begin] = 0
    slices = DaySlices(np.floor(valid * random.random(PER_DAY)), valid, coverage)
    queries = (f"up{random.integers(0, 2)}",)
    notes = ("slow",) * int(random.integers(0, 2))
    before, series = bool(random.integers(0, 2)), int(random.integers(0, 3))
    given = made or stamp(day=day, step=STEP)
    sums = DaySums.of(slices)
    return SloDay(slo, fingerprint, sums, slices, series, before, notes, queries, given)


def same(one, other):
    arrays = ("good", "valid", "coverage")
    assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)
    plain = ("since", "reason", "notes", "queries", "series", "seen_before", "absent")
    assert [getattr(one, name) for name in plain] == [getattr(other, name) for name in plain]


def in_sums(row):
    return replace(row, slices=None)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    cut=st.tuples(st.integers(0, PER_DAY // 4 - 1), st.integers(0, PER_DAY // 4 - 1)),
    each=st.sampled_from([1, 4]),
    closed=st.booleans(),
)
def test_a_sheet_is_what_its_days_are_one_by_one(seed, cut, each, closed):
    random = np.random.default_rng(seed)
    start = day_start(FIRST) + cut[0] * 4 * STEP
    end = day_start(FIRST) + 4 * DAY - cut[1] * 4 * STEP
    grid = Grid.over(start, end, each * STEP)
    days = days_touched(grid.start, grid.end)
    opened = [not closed or each == 1 or number in (0, 3) for number in range(4)]
    rows = {day: [a_day(random, slo, day) for slo in NAMES] for day in days}
    with TemporaryDirectory() as folder:
        history = History(folder)
        for day in days:
            some = random.integers(0, len(NAMES) + 1)
            for batch in (rows[day][:some], rows[day][some:]):
                history.keep(stamp(day=day, step=STEP), batch)
        order = random.permutation(NAMES).tolist()
        kept = Kept.of(history, STEP, dict.fromkeys(order, PRINT), days, opened)
        assert kept.runs() == {}
        result = filled(grid, kept, [])
    for n, slo in enumerate(NAMES):
        own = [
            rows[day][n] if opened[number] else in_sums(rows[day][n])
            for number, day in enumerate(days)
        ]
        same(result.found[slo], composed([part_of_row(row, grid) for row in own], grid))
        assert result.series[slo] == max(row.series for row in own)
    assert result.stamps == {stamp(day=day, step=STEP) for day in days}


@pytest.fixture
def history(tmp_path):
    return History(str(tmp_path))


DAYS = [FIRST + n * DAY for n in range(4)]
GRID = Grid(day_start(FIRST), STEP, 4 * PER_DAY)


def full_day(slo, day, value, *, fingerprint=PRINT, covered=1.0, **changed):
    made = stamp(day=day, step=STEP, **changed)
    arrays = (np.full(PER_DAY, float(value)) for _ in range(2))
    slices = DaySlices(*arrays, np.full(PER_DAY, covered))
    sums = DaySums.of(slices)
    return SloDay(slo, fingerprint, sums, slices, 2, True, (), ("up",), made)


def keep(history, row):
    return history.keep(row.stamp, [row])


def kept(history, *slos):
    return Kept.of(history, STEP, dict.fromkeys(slos, PRINT), DAYS, [True] * 4)


def asked(slo, days, value):
    span = GRID.part(*span_in(days[0], GRID))
    span = Grid(span.start, STEP, PER_DAY * len(days))
    good, valid = (np.full(span.count, float(value)) for _ in range(2))
    found = Surveyed(good, valid, np.ones(span.count), None, None, (), ("up",), 2, True)
    return Asked(span, tuple(days), {slo: found}, dict.fromkeys(days, 1.0))


def by_day(surveyed):
    return surveyed.valid.reshape(4, -1)[:, 0].tolist()


def test_only_what_is_not_final_is_asked_for_in_unbroken_runs(history):
    for number in (0, 2):
        keep(history, full_day("shop/a", DAYS[number], 1))
        keep(history, full_day("shop/b", DAYS[number], 1, settled=number == 0))
    assert kept(history, "shop/a", "shop/b", "shop/c").runs() == {
        (DAYS[1],): ["shop/a"],
        (DAYS[3],): ["shop/a"],
        tuple(DAYS[1:]): ["shop/b"],
        tuple(DAYS): ["shop/c"],
    }


def test_days_of_all_kinds_make_one_grid(history):
    keep(history, full_day("shop/a", DAYS[0], 1))
    keep(history, full_day("shop/a", DAYS[1], 2, settled=False))
    keep(history, full_day("shop/a", DAYS[2], 3))
    later = stamp().collected_at + DAY
    told = full_day("shop/a", DAYS[2], 4, collected_at=later, reason="Late data")
    history.restate(told.stamp, [told])
    found = kept(history, "shop/a")
    answers = [asked("shop/a", [DAYS[1]], 5), asked("shop/a", [DAYS[3]], 6)]
    result = filled(GRID, found, answers)
    assert by_day(result.found["shop/a"]) == [1, 5, 4, 6]
    assert {one.reason for one in result.stamps} == {"", "Late data"}


def test_an_earlier_definition_fills_what_the_present_one_lacks(history):
    keep(history, full_day("shop/a", DAYS[0], 9, fingerprint="b" * 16))
    keep(history, full_day("shop/a", DAYS[0], 0, covered=0.0))
    for day in DAYS[1:]:
        keep(history, full_day("shop/a", day, 1))
    result = filled(GRID, kept(history, "shop/a"), [])
    assert by_day(result.found["shop/a"]) == [9, 1, 1, 1]
    assert result.found["shop/a"].notes[0].startswith("until 1 October measured by an earlier")


def test_one_answer_for_the_whole_grid_is_the_answer_itself(history):
    answer = asked("shop/a", DAYS, 7)
    result = filled(GRID, kept(history, "shop/a"), [answer])
    assert result.found["shop/a"] is answer.found["shop/a"]
    assert (result.stamps, result.series) == (set(), {})


def test_a_fault_of_the_source_is_the_answer_and_nothing_kept_is_used(history):
    keep(history, full_day("shop/a", DAYS[0], 1))
    answer = asked("shop/a", DAYS[1:], 7)
    fault = replace(answer.found["shop/a"], reason="rejected")
    found = filled(GRID, kept(history, "shop/a"), [replace(answer, found={"shop/a": fault})])
    assert found.found["shop/a"] is fault
    assert found.stamps == set()


def test_days_that_vanish_meanwhile_are_told(history, tmp_path):
    for day in DAYS:
        keep(history, full_day("shop/a", day, 1))
    found = kept(history, "shop/a")
    next(tmp_path.rglob("*.parquet")).unlink()
    with pytest.raises(HistoryError, match="vanished"):
        filled(GRID, found, [])
