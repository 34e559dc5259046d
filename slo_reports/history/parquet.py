"""The form of a day's file: Parquet that any tool can open, a row per SLO.

Slices are list columns; counts are whole numbers wherever they can be, which halves the file and
the time to open it. Sums stand beside the slices, so that a year of trend opens no slice. Rows are
sorted by SLO in small row groups, so that a report of a few SLOs reads little of a large file.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from slo_reports.errors import HistoryError
from slo_reports.history.days import DAY, DaySlices, DaySums, SloDay, Stamp, day_start
from slo_reports.model import content_hash

SCHEMA = 1
_KEY = b"slo_reports.history"
_SUM = b"slo_reports.history.sha256"
_ROWS_TOGETHER = 256
_SLICES = ("good", "valid", "coverage")
_TEXTS = ("slo", "fingerprint", "notes", "queries")
_SUMS = (
    "slo",
    "fingerprint",
    "good_sum",
    "valid_sum",
    "covered",
    "first",
    "series",
    "seen_before",
    "notes",
    "queries",
)


def encode(stamp: Stamp, rows: Sequence[SloDay]) -> bytes:
    """The bytes of a file; every row must have its slices."""
    ordered = sorted(rows, key=lambda one: one.key)
    columns: dict[str, Any] = {
        "slo": [one.slo for one in ordered],
        "fingerprint": [one.fingerprint for one in ordered],
        "good_sum": [one.sums.good for one in ordered],
        "valid_sum": [one.sums.valid for one in ordered],
        "covered": [one.sums.covered for one in ordered],
        "first": pa.array([one.sums.first for one in ordered], pa.int32()),
        "series": pa.array([one.series for one in ordered], pa.int64()),
        "seen_before": [one.seen_before for one in ordered],
        "notes": [json.dumps(one.notes, ensure_ascii=False) for one in ordered],
        "queries": [json.dumps(one.queries, ensure_ascii=False) for one in ordered],
    }
    whole = []
    for name in _SLICES:
        matrix = np.stack([getattr(one.slices, name) for one in ordered])
        integral = name != "coverage" and bool((matrix == np.rint(matrix)).all())
        columns[name] = _lists(matrix.astype(np.int64) if integral else matrix)
        if integral:
            whole.append(name)
    told = _metadata(stamp)
    metadata = {_KEY: told, _SUM: content_hash(told).encode()}
    return _bytes_of(pa.table(columns).replace_schema_metadata(metadata), whole)


def _bytes_of(table: pa.Table, whole: Collection[str]) -> bytes:
    file = BytesIO()
    pq.write_table(
        table,
        file,
        compression="zstd",
        row_group_size=_ROWS_TOGETHER,
        use_dictionary=["fingerprint", "notes", "queries", "coverage.list.element"],
        column_encoding={f"{name}.list.element": "DELTA_BINARY_PACKED" for name in whole} or None,
        write_page_checksum=True,
    )
    return file.getvalue()


def _lists(matrix: NDArray[Any]) -> pa.ListArray:
    count = matrix.shape[1]
    edges = np.arange(0, matrix.size + 1, count, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(edges), pa.array(matrix.ravel()))


def _metadata(stamp: Stamp) -> bytes:
    plain = asdict(stamp) | {
        "schema": SCHEMA,
        "day": stamp.day.isoformat(),
        "step": stamp.step.total_seconds(),
        "collected_at": stamp.collected_at.isoformat(),
        "evaluated": [_iso(stamp, stamp.step), _iso(stamp, DAY)],
    }
    return json.dumps(plain, ensure_ascii=False).encode()


def _iso(stamp: Stamp, offset: timedelta) -> str:
    return (day_start(stamp.day) + offset).isoformat()


def decode(
    file: Any, path: str, *, slos: Collection[str] | None = None, slices: bool = True
) -> list[SloDay]:
    """The rows of a file.

    Args:
        file: open for reading.
        path: what a person finds it by, for messages.
        slos: only these; None: all.
        slices: whether to open the slices, or only their sums.

    Raises:
        HistoryError: it is damaged, or of a later version.
        FileNotFoundError: it was removed meanwhile.
    """
    try:
        opened = pq.ParquetFile(file, page_checksum_verification=True)
        stamp = _stamp(opened.schema_arrow.metadata or {}, path)
        groups = _groups(opened, slos)
        table = opened.read_row_groups(groups, columns=[*_SUMS, *(_SLICES if slices else ())])
        return _rows(table, stamp, slos, slices=slices)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        msg = (
            f"{path} is damaged ({error}); move it away and run `slo-reports collect` for its day, "
            "or put it back from a backup"
        )
        raise HistoryError(msg) from error


def _stamp(metadata: Mapping[bytes, bytes], path: str) -> Stamp:
    if content_hash(metadata[_KEY]).encode() != metadata[_SUM]:
        msg = "its metadata do not match their checksum"
        raise ValueError(msg)
    plain = json.loads(metadata[_KEY])
    if plain["schema"] != SCHEMA:
        written = plain["schema"]
        msg = f"{path} was written by a later slo-reports (schema {written}): update this one"
        raise HistoryError(msg)
    return Stamp(
        day=date.fromisoformat(plain["day"]),
        step=timedelta(seconds=plain["step"]),
        settled=plain["settled"],
        collected_at=datetime.fromisoformat(plain["collected_at"]),
        source=plain["source"],
        url=plain["url"],
        version=plain["version"],
        seen=plain["seen"],
        warnings=tuple(plain["warnings"]),
        reason=plain.get("reason", ""),
    )


def _groups(opened: pq.ParquetFile, slos: Collection[str] | None) -> list[int]:
    """The row groups that can hold any of the wanted SLOs."""
    everything = list(range(opened.metadata.num_row_groups))
    if slos is None:
        return everything
    wanted = sorted(slos)
    return [one for one in everything if _overlaps(opened.metadata.row_group(one), wanted)]


def _overlaps(group: pq.RowGroupMetaData, wanted: Sequence[str]) -> bool:
    statistics = group.column(0).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    next_one = bisect_left(wanted, statistics.min)
    return next_one < len(wanted) and wanted[next_one] <= statistics.max


def _rows(
    table: pa.Table, stamp: Stamp, slos: Collection[str] | None, *, slices: bool
) -> list[SloDay]:
    if {table.schema.field(name).type for name in _TEXTS} != {pa.string()}:
        msg = "its columns are of other types"
        raise ValueError(msg)
    plain = zip(*(table.column(name).to_pylist() for name in _SUMS), strict=True)
    laid = [_matrix(table, name) for name in _SLICES] if slices and len(table) else None
    return [
        SloDay(
            slo,
            fingerprint,
            DaySums(good, valid, covered, first),
            None if laid is None else DaySlices(laid[0][n], laid[1][n], laid[2][n]),
            series,
            seen_before,
            _texts(notes),
            _texts(queries),
            stamp,
        )
        for n, (
            slo,
            fingerprint,
            good,
            valid,
            covered,
            first,
            series,
            seen_before,
            notes,
            queries,
        ) in enumerate(plain)
        if slos is None or slo in slos
    ]


def _matrix(table: pa.Table, name: str) -> NDArray[np.float64]:
    flat: NDArray[Any] = table.column(name).combine_chunks().flatten().to_numpy()
    return flat.astype(np.float64, copy=False).reshape(len(table), -1)


@lru_cache(maxsize=100_000)
def _texts(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
