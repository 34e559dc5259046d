"""Opening a day's file: only the columns and the row groups that are asked for."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from slo_reports.errors import HistoryError
from slo_reports.history.batches import Batch, Matrices
from slo_reports.history.days import DAY, NONE, Stamp
from slo_reports.history.parquet import SCHEMA, TOLD, TOLD_SUM
from slo_reports.model import content_hash

_COUNTS = ("good", "valid")
_KEYS = ("slo", "fingerprint")
_TEXTS = (*_KEYS, "notes", "queries")
_TYPES = {
    **{name: (pa.string(),) for name in _TEXTS},
    **{name: (pa.float64(),) for name in ("good_sum", "valid_sum", "covered")},
    "first": (pa.int32(),),
    "series": (pa.int64(),),
    "seen_before": (pa.bool_(),),
}
_ELEMENTS = {
    **{name: (pa.int32(), pa.int64(), pa.float64()) for name in _COUNTS},
    "coverage": (pa.float64(),),
}
_OTHER_TYPES = "its columns are of other types"


def decode(
    file: Any, path: str, *, slos: Collection[str] | None = None, slices: bool = True
) -> Batch:
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
    with _opened(file, path) as (opened, stamp):
        columns = [*_TYPES, *(_ELEMENTS if slices else ())]
        table = opened.read_row_groups(_groups(opened, slos), columns=columns)
        return _wanted(_batch(table, stamp, slices=slices), slos)


def keys(file: Any, path: str, *, slos: Collection[str] | None = None) -> list[tuple[str, str]]:
    """SLO and fingerprint of the rows of a file, and maybe of some more than those that are wanted.

    Raises as ``decode`` does.
    """
    with _opened(file, path) as (opened, _):
        table = opened.read_row_groups(_groups(opened, slos), columns=[*_KEYS])
        slos, fingerprints = (table.column(name).to_pylist() for name in _KEYS)
        return list(zip(slos, fingerprints, strict=True))


@contextmanager
def _opened(file: Any, path: str) -> Iterator[tuple[pq.ParquetFile, Stamp]]:
    try:
        opened = pq.ParquetFile(file, page_checksum_verification=True)
        yield opened, _stamp(opened.schema_arrow.metadata or {}, path)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        msg = (
            f"{path} is damaged ({error}); move it away and run `slo-reports collect` for its day, "
            "or put it back from a backup"
        )
        raise HistoryError(msg) from error


def _stamp(metadata: Mapping[bytes, bytes], path: str) -> Stamp:
    if content_hash(metadata[TOLD]).encode() != metadata[TOLD_SUM]:
        msg = "its metadata do not match their checksum"
        raise ValueError(msg)
    plain = json.loads(metadata[TOLD])
    if plain["schema"] > SCHEMA:
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


def _wanted(batch: Batch, slos: Collection[str] | None) -> Batch:
    rows = [row for row, slo in enumerate(batch.slos) if slos is None or slo in slos]
    return batch if len(rows) == len(batch) else batch.only(rows)


def _batch(table: pa.Table, stamp: Stamp, *, slices: bool) -> Batch:
    if any(table.schema.field(name).type not in types for name, types in _TYPES.items()):
        raise ValueError(_OTHER_TYPES)
    told = {name: table.column(name).to_pylist() for name in _TEXTS}
    return Batch(
        stamp=stamp,
        slos=told["slo"],
        fingerprints=told["fingerprint"],
        good=table.column("good_sum").to_numpy(),
        valid=table.column("valid_sum").to_numpy(),
        covered=table.column("covered").to_numpy(),
        first=pc.fill_null(table.column("first"), NONE).to_numpy(),
        series=table.column("series").to_numpy(),
        seen_before=table.column("seen_before").to_numpy(),
        notes=told["notes"],
        queries=told["queries"],
        slices=_matrices(table, stamp) if slices else None,
    )


def _matrices(table: pa.Table, stamp: Stamp) -> Matrices:
    count = DAY // stamp.step
    for name, types in _ELEMENTS.items():
        kind = table.schema.field(name).type
        if not pa.types.is_list(kind) or kind.value_type not in types:
            raise ValueError(_OTHER_TYPES)
    whole = table.column("coverage").is_null().to_numpy()
    good, valid = (_matrix(table.column(name), count) for name in _COUNTS)
    coverage = _matrix(table.column("coverage").drop_null(), count).astype(np.float64, copy=False)
    return Matrices(good, valid, whole, coverage)


def _matrix(column: pa.ChunkedArray, count: int) -> NDArray[Any]:
    lists = column.combine_chunks()
    flat: NDArray[Any] = lists.flatten().to_numpy()
    if lists.null_count or (np.diff(lists.offsets.to_numpy()) != count).any():
        msg = f"some of its rows have not {count} slices"
        raise ValueError(msg)
    return flat.reshape(-1, count)
