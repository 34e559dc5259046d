"""The history keeps days: whole, for ever, and the same whoever wrote them."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.days import DAY, STEP, kept_day, stamp

from slo_reports.errors import ConfigurationError, ExitCode, HistoryError
from slo_reports.history import Batch, History, Stamp
from slo_reports.history.opening import decode
from slo_reports.history.parquet import encode
from slo_reports.history.storage import Storage

LATER = stamp().collected_at + timedelta(hours=1)


@pytest.fixture
def history(tmp_path):
    return History(str(tmp_path))


def read(history, *slos, fingerprint="a" * 16, slices=True):
    wanted = dict.fromkeys(slos or ["shop/a"], fingerprint)
    return history.read(DAY, STEP, wanted, slices=slices)


def files(folder):
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


def valid(known):
    return known["shop/a"].current.slices.valid[0]


@settings(max_examples=40, deadline=None)
@given(
    numbers=st.lists(
        st.integers(0, 2**53) | st.floats(0, 1e12, allow_subnormal=False), min_size=1, max_size=24
    ),
    covered=st.lists(st.floats(0, 1), min_size=1, max_size=24),
    notes=st.lists(st.text(max_size=20), max_size=3),
    seen=st.floats(0, 1),
)
def test_what_is_kept_comes_back_to_the_bit(numbers, covered, notes, seen):
    made = stamp(seen=seen, warnings=("slow", "ü"))
    row = kept_day(values=numbers, covered=covered, notes=notes, stamp=made)
    (back,) = decode_bytes(encode(Batch.of(made, [row])))
    for name in ("good", "valid", "coverage"):
        assert np.array_equal(getattr(back.slices, name), getattr(row.slices, name))
    assert (back.sums, back.notes, back.queries) == (row.sums, row.notes, row.queries)
    assert (back.stamp, back.key, back.seen_before) == (made, row.key, row.seen_before)


def decode_bytes(content):
    return decode(BytesIO(content), "somewhere").rows()


def test_any_parquet_tool_can_read_a_day(history, tmp_path):
    history.keep(stamp(), [kept_day()])
    table = pq.read_table(next(tmp_path.rglob("*.parquet")))
    assert table.column_names[:3] == ["slo", "fingerprint", "good_sum"]
    assert table.column("valid").to_pylist()[0][:3] == [0, 1, 2]


def test_a_day_lies_in_the_folder_of_its_date(history, tmp_path):
    history.keep(stamp(), [kept_day()])
    (path,) = tmp_path.rglob("*.parquet")
    assert path.parent.relative_to(tmp_path) == Path("5m/2026/10/05")


def test_nothing_is_known_of_a_day_that_nobody_collected(history):
    assert read(history) == {}


def test_a_settled_day_is_never_written_again(history, tmp_path):
    assert history.keep(stamp(), [kept_day()]) == 1
    before = {one: one.stat().st_mtime_ns for one in tmp_path.rglob("*.parquet")}
    again = stamp(collected_at=LATER)
    assert history.keep(again, [kept_day(values=[99], stamp=again)]) == 0
    assert {one: one.stat().st_mtime_ns for one in tmp_path.rglob("*.parquet")} == before
    assert valid(read(history)) == 0


def test_an_open_day_is_replaced_by_a_newer_one_and_by_the_settled(history, tmp_path):
    for hours, settled, value in ((0, False, 1), (1, False, 2), (2, True, 3)):
        made = stamp(settled=settled, collected_at=stamp().collected_at + timedelta(hours=hours))
        assert history.keep(made, [kept_day(values=[value], stamp=made)]) == 1
        assert valid(read(history)) == value
        assert len(files(tmp_path)) == 1
    assert read(history)["shop/a"].settled is not None


def test_a_poorer_answer_never_replaces_a_richer_one(history):
    history.keep(stamp(settled=False), [kept_day(stamp=stamp(settled=False))])
    poor = stamp(settled=True, collected_at=LATER)
    assert history.keep(poor, [kept_day(covered=[0.5], stamp=poor)]) == 0
    assert read(history)["shop/a"].settled is None


def test_an_objective_that_is_added_later_leaves_the_others_as_they_are(history, tmp_path):
    history.keep(stamp(), [kept_day("shop/a")])
    (before,) = files(tmp_path)
    assert history.keep(stamp(), [kept_day("shop/a"), kept_day("shop/b")]) == 1
    assert before in files(tmp_path)
    assert set(read(history, "shop/a", "shop/b", "shop/c")) == {"shop/a", "shop/b"}


def test_an_open_file_stays_while_one_of_its_objectives_is_not_replaced(history, tmp_path):
    made = stamp(settled=False)
    history.keep(made, [kept_day("shop/a", stamp=made), kept_day("shop/b", stamp=made)])
    history.keep(stamp(collected_at=LATER), [kept_day("shop/a")])
    assert len(files(tmp_path)) == 2
    known = read(history, "shop/a", "shop/b")
    assert known["shop/a"].settled is not None
    assert known["shop/b"].current is not None


def test_another_definition_is_another_version(history):
    history.keep(stamp(), [kept_day(fingerprint="b" * 16, values=[7])])
    known = read(history)["shop/a"]
    assert known.current is None
    assert known.earlier.slices.valid[0] == 7
    history.keep(stamp(), [kept_day(values=[8])])
    assert valid(read(history)) == 8


def test_sums_are_known_without_the_slices(history):
    history.keep(stamp(), [kept_day(values=[0, 2, 3], covered=[0, 1, 0.5])])
    row = read(history, slices=False)["shop/a"].current
    assert row.slices is None
    assert (row.sums.valid, row.sums.first) == (96 * 5, 1)


def test_a_report_of_few_reads_little_of_a_large_file(history, monkeypatch):
    rows = [kept_day(f"shop/{n:04}") for n in range(1000)]
    history.keep(stamp(), rows)
    opened = []
    original = pq.ParquetFile.read_row_groups
    monkeypatch.setattr(
        pq.ParquetFile,
        "read_row_groups",
        lambda self, groups, **more: opened.append(groups) or original(self, groups, **more),
    )
    assert set(read(history, "shop/0500")) == {"shop/0500"}
    assert [len(groups) for groups in opened] == [1]


def test_a_day_of_very_many_is_kept_in_several_files_and_replaced_in_all(
    history, tmp_path, monkeypatch
):
    monkeypatch.setattr("slo_reports.history.store._ROWS_A_FILE", 4)
    slos = [f"shop/{n}" for n in range(9)]
    for settled, value in ((False, 1), (True, 2)):
        made = stamp(settled=settled)
        rows = [kept_day(slo, values=[value], stamp=made) for slo in reversed(slos)]
        assert history.keep(made, rows) == 9
        known = read(history, *slos)
        assert {one.current.slices.valid[0] for one in known.values()} == {value}
        assert len(files(tmp_path)) == 3
    assert sorted(known) == slos


@pytest.mark.parametrize("damage", ["cut", "emptied", "text"])
def test_a_damaged_file_is_named_with_what_to_do(history, tmp_path, damage):
    history.keep(stamp(), [kept_day()])
    (path,) = tmp_path.rglob("*.parquet")
    damaged = {"cut": path.read_bytes()[:-9], "emptied": b"", "text": b"hello"}
    path.write_bytes(damaged[damage])
    with pytest.raises(HistoryError, match=r"is damaged.*slo-reports collect") as caught:
        read(history)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == ExitCode.HISTORY == 11


def test_no_flipped_bit_changes_a_number_in_silence():
    content = encode(Batch.of(stamp(), [kept_day(values=range(50))]))
    (whole,) = decode_bytes(content)
    caught = 0
    for at in range(0, len(content), 11):
        damaged = bytearray(content)
        damaged[at] ^= 16
        try:
            (row,) = decode_bytes(bytes(damaged))
        except HistoryError:
            caught += 1
        else:
            assert (row.key, row.sums, row.stamp) == (whole.key, whole.sums, whole.stamp)
            assert np.array_equal(row.slices.valid, whole.slices.valid)
            assert np.array_equal(row.slices.coverage, whole.slices.coverage)
    assert caught > len(content) / 11 / 3


def test_a_file_of_a_later_version_says_so(history, monkeypatch):
    monkeypatch.setattr("slo_reports.history.parquet.SCHEMA", 3)
    history.keep(stamp(), [kept_day()])
    monkeypatch.undo()
    with pytest.raises(HistoryError, match="later slo-reports"):
        read(history)


def test_a_file_of_the_first_version_is_read_to_the_bit():
    content = (Path(__file__).parent / "data" / "schema-1.parquet").read_bytes()
    found = decode_bytes(content)
    written = [
        kept_day("shop/a", values=range(50), notes=("ü",)),
        kept_day("shop/b", values=(0.5, 2**40), covered=[1, 0.5, 0]),
    ]
    for row, expected in zip(found, written, strict=True):
        assert (row.key, row.sums, row.notes) == (expected.key, expected.sums, expected.notes)
        assert all(map(np.array_equal, row.slices, expected.slices))
    assert found[0].stamp == stamp(warnings=("slow",))


@pytest.mark.parametrize(
    ("values", "kind"),
    [([2**31 - 1], "int32"), ([2**31], "int64"), ([0.5], "double"), ([2.0**60], "double")],
)
def test_counts_take_as_few_bits_as_hold_them_exactly(values, kind):
    content = encode(Batch.of(stamp(), [kept_day(values=[1]), kept_day("shop/b", values=values)]))
    assert str(pq.read_schema(BytesIO(content)).field("valid").type.value_type) == kind
    assert decode_bytes(content)[1].slices.valid[7] == values[0]


def test_coverage_is_null_where_no_slice_lacks_anything():
    rows = [kept_day("shop/a"), kept_day("shop/b", covered=[1, 0.5]), kept_day("shop/c")]
    content = encode(Batch.of(stamp(), rows))
    told = pq.read_table(BytesIO(content)).column("coverage").to_pylist()
    assert [told[0], told[1][:2], told[2]] == [None, [1, 0.5], None]
    assert [row.slices.coverage[1] for row in decode_bytes(content)] == [1, 0.5, 1]


def test_only_final_days_of_the_present_definition_are_settled(history):
    history.keep(stamp(), [kept_day("shop/a"), kept_day("shop/b", fingerprint="b" * 16)])
    made = stamp(settled=False)
    history.keep(made, [kept_day("shop/c", stamp=made)])
    wanted = dict.fromkeys(("shop/a", "shop/b", "shop/c", "shop/d"), "a" * 16)
    assert history.settled(DAY, STEP, wanted) == {"shop/a"}


def test_foreign_and_unfinished_files_are_left_alone(history, tmp_path):
    history.keep(stamp(), [kept_day()])
    folder = next(tmp_path.rglob("*.parquet")).parent
    for name in (".settled-1.parquet.9.part", "notes.txt", "mine.parquet"):
        (folder / name).write_text("half")
    assert valid(read(history)) == 0


def test_two_writers_at_once_leave_one_truth(tmp_path):
    def write(value):
        made = replace(stamp(), collected_at=stamp().collected_at + timedelta(minutes=value))
        History(str(tmp_path)).keep(made, [kept_day(values=[value], stamp=made)])

    writers = [threading.Thread(target=write, args=(value,)) for value in range(1, 7)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    seen = {valid(read(History(str(tmp_path)))) for _ in range(3)}
    assert len(seen) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from support.days import kept_day, stamp
from slo_reports.history import History
os.{call} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
History(sys.argv[1]).keep(stamp(), [kept_day(values=[5])])
"""


@pytest.mark.parametrize("settled_before", [False, True])
def test_a_writer_killed_half_way_leaves_the_old_day_or_none(tmp_path, settled_before):
    made = stamp(settled=False, collected_at=datetime(2026, 10, 6, tzinfo=UTC))
    if settled_before:
        History(str(tmp_path)).keep(made, [kept_day(values=[4], stamp=made)])
    tests = str(Path(__file__).parents[1])
    paths = os.pathsep.join([str(Path(tests).parent), tests])
    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(call="fsync"), tmp_path],
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL
    assert any(name.endswith(".part") for name in files(tmp_path))
    history = History(str(tmp_path))
    known = read(history)
    assert (valid(known) if known else None) == (4 if settled_before else None)
    assert history.keep(stamp(), [kept_day(values=[5])]) == 1
    assert valid(read(history)) == 5


def test_a_full_or_missing_disk_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="could not be used"):
        History(str(tmp_path / "file")).keep(stamp(), [kept_day()])


def test_a_place_that_no_file_system_knows_is_a_wrong_setting():
    with pytest.raises(ConfigurationError, match="no folder and no URL"):
        History("nowhere://bucket/history")


@pytest.mark.parametrize(
    ("after", "seen", "settled"),
    [(2.9, 1.0, False), (3, 1.0, True), (71.9, 0.5, False), (72, 0.5, True)],
)
def test_a_day_settles_when_nothing_can_come_any_more(history, after, seen, settled):
    now = datetime(2026, 10, 6, tzinfo=UTC) + timedelta(hours=after)
    assert history.is_settled(date(2026, 10, 5), seen, now) is settled


def test_the_stamp_says_where_the_day_came_from(history):
    history.keep(stamp(), [kept_day()])
    found = read(history)["shop/a"].current.stamp
    assert isinstance(found, Stamp)
    assert (found.source, found.version) == ("Prometheus", "2.42.0")


def test_the_days_of_which_anything_is_kept_are_told_without_opening_them(history):
    for day in (DAY, date(2025, 12, 31)):
        made = stamp(day=day)
        history.keep(made, [kept_day(stamp=made)])
    assert history.days(STEP) == {DAY, date(2025, 12, 31)}
    assert history.days(timedelta(minutes=1)) == frozenset()


@pytest.mark.parametrize(
    ("first", "days", "listings"),
    [
        pytest.param(date(2026, 10, 5), 1, 0, id="a single day is not looked for"),
        pytest.param(date(2026, 10, 1), 31, 1, id="a month is one folder"),
        pytest.param(date(2026, 8, 1), 92, 3, id="a year, and the two months that are there"),
        pytest.param(date(2024, 11, 1), 700, 4, id="years of which little is kept"),
        pytest.param(date(2023, 1, 1), 700, 1, id="years of which nothing is kept"),
    ],
)
def test_days_that_are_not_there_are_not_looked_at_one_by_one(
    history, monkeypatch, first, days, listings
):
    kept = {DAY, date(2026, 9, 30), date(2027, 1, 1)}
    for day in kept:
        made = stamp(day=day)
        history.keep(made, [kept_day(stamp=made)])
    seen, original = [], Storage.names
    monkeypatch.setattr(
        Storage, "names", lambda self, folder: seen.append(folder) or original(self, folder)
    )
    asked = [first + n * timedelta(days=1) for n in range(days)]
    assert history.days_among(asked, STEP) == kept & set(asked)
    assert len(seen) == listings


def test_trying_out_leaves_nothing_behind(history, tmp_path):
    history.try_out()
    assert list(tmp_path.iterdir()) == []
    assert history.folder == tmp_path


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HistoryError, match="could not be used"):
        History(str(tmp_path / "file" / "history")).try_out()
