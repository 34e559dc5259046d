"""Reading large answers: the samples of all series by one parser of columns, the rest as JSON.

Nearly all of a range query's answer is ``[time, "value"]``. As JSON each number would become a
Python object first, which costs five times as much.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

_KEY = b'"values":[['
"""How a compact answer begins the samples of a series; no label can hold it, whose quotes would be
escaped."""
_READ = csv.ReadOptions(column_names=["time", "value"], use_threads=False, block_size=1 << 24)
_CONVERT = csv.ConvertOptions(
    column_types={"time": pa.float64(), "value": pa.float64()}, null_values=[]
)


@dataclass(frozen=True, eq=False)
class Points:
    """Samples of one series.

    Attributes:
        times: seconds since the epoch.
        values: what was sampled.
    """

    times: NDArray[np.float64]
    values: NDArray[np.float64]


def decoded(body: bytes) -> Any:
    """An answer's JSON, in which ``values`` of a series are ``Points`` where they could be read so.

    Raises:
        ValueError: it is no JSON.
    """
    first, *others = body.split(_KEY)
    if not others:
        return json.loads(body)
    samples, rest = [], [first]
    for number, other in enumerate(others):
        inside, _, after = other.partition(b"]]")
        samples.append(inside)
        rest += (b'"values":%d' % number, after)
    found = json.loads(b"".join(rest))
    try:
        points = _points(samples)
        for one in found["data"]["result"]:
            if isinstance(one.get("values"), int):
                one["values"] = points[one["values"]]
    except (pa.ArrowInvalid, AttributeError, LookupError, TypeError, ValueError):
        return json.loads(body)  # it is something else: read as it is, and judged by the caller
    return found


def _points(samples: list[bytes]) -> list[Points]:
    """Each text is ``time,"value"],[time,"value"``."""
    lines = b"],[".join(samples).replace(b"],[", b"\n").replace(b'"', b"").replace(b"+Inf", b"inf")
    table = csv.read_csv(pa.BufferReader(lines), read_options=_READ, convert_options=_CONVERT)
    times, values = (table[name].to_numpy() for name in ("time", "value"))
    ends = np.cumsum([one.count(b"],[") + 1 for one in samples])
    if ends[-1] != len(times):
        msg = f"{len(times)} samples were read of {ends[-1]}"
        raise ValueError(msg)
    starts = (0, *ends[:-1].tolist())
    return [
        Points(times[start:end], values[start:end])
        for start, end in zip(starts, ends.tolist(), strict=True)
    ]
