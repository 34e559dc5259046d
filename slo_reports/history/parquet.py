"""The form of a day's file: Parquet that any tool can open, a row per SLO.

Slices are list columns; counts are whole numbers wherever they can be, in 32 bits where they fit,
and coverage is null where no slice lacks anything: that makes a file small, and quick to open. Sums
stand beside the slices, so that a year of trend opens no slice. Rows are sorted by SLO in small row
groups, so that a report of a few SLOs reads little of a large file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from slo_reports.history.batches import Batch
from slo_reports.history.days import DAY, NONE, Stamp, day_start
from slo_reports.model import content_hash

SCHEMA = 2
"""In 1 coverage was never null, and whole numbers had 64 bits; it is still read."""
TOLD = b"slo_reports.history"
"""Of the file's metadata: the stamp, as JSON."""
TOLD_SUM = b"slo_reports.history.sha256"
_ROWS_TOGETHER = 256
_MOST_EXACT = 2**53


def encode(batch: Batch) -> bytes:
    """The bytes of a file; every row must have its slices."""
    slices = batch.slices
    if slices is None:
        msg = "a day without its slices cannot be kept"
        raise ValueError(msg)
    counts = {"good": _narrow(slices.good), "valid": _narrow(slices.valid)}
    columns: dict[str, Any] = {
        "slo": batch.slos,
        "fingerprint": batch.fingerprints,
        "good_sum": batch.good,
        "valid_sum": batch.valid,
        "covered": batch.covered,
        "first": pa.array(batch.first, mask=batch.first == NONE),
        "series": batch.series,
        "seen_before": batch.seen_before,
        "notes": batch.notes,
        "queries": batch.queries,
        **{name: _lists(matrix) for name, matrix in counts.items()},
        "coverage": _lists(slices.coverage, slices.whole),
    }
    encodings = {f"{name}.list.element": _encoding(matrix) for name, matrix in counts.items()}
    told = _metadata(batch.stamp)
    metadata = {TOLD: told, TOLD_SUM: content_hash(told).encode()}
    return _bytes_of(pa.table(columns).replace_schema_metadata(metadata), encodings)


def _narrow(matrix: NDArray[np.float64]) -> NDArray[Any]:
    """Whole numbers as such, if all are, in as few bits as hold them."""
    most = float(max(matrix.max(initial=0), -matrix.min(initial=0)))
    if not most <= _MOST_EXACT:
        return matrix
    whole = matrix.astype(np.int32 if most <= np.iinfo(np.int32).max else np.int64)
    return whole if (whole == matrix).all() else matrix


def _encoding(matrix: NDArray[Any]) -> str:
    return "BYTE_STREAM_SPLIT" if matrix.dtype == np.float64 else "DELTA_BINARY_PACKED"


def _bytes_of(table: pa.Table, encodings: Mapping[str, str]) -> bytes:
    file = BytesIO()
    pq.write_table(
        table,
        file,
        compression="zstd",
        row_group_size=_ROWS_TOGETHER,
        use_dictionary=["fingerprint", "notes", "queries", "coverage.list.element"],
        column_encoding=dict(encodings),
        write_page_checksum=True,
    )
    return file.getvalue()


def _lists(matrix: NDArray[Any], absent: NDArray[np.bool_] | None = None) -> pa.ListArray:
    """The rows of a matrix as lists; between them, null where one is absent."""
    there = np.ones(len(matrix), np.bool_) if absent is None else ~absent
    edges = np.concatenate(([0], np.cumsum(there * matrix.shape[1]))).astype(np.int32)
    mask = None if absent is None else pa.array(absent)
    return pa.ListArray.from_arrays(pa.array(edges), pa.array(matrix.ravel()), mask=mask)


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
