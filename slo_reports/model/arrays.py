"""Arrays of floats inside the frozen nouns, and the hash of bytes."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, ConfigDict, PlainSerializer


def _as_floats(value: Any) -> NDArray[np.float64]:
    array = np.asarray(value, dtype=np.float64)
    array.setflags(write=False)
    return array


def _as_plain(array: NDArray[np.float64]) -> list[float | None]:
    # JSON has no NaN: a break in a line is null, and reads back as NaN.
    if np.isfinite(array).all():
        return cast("list[float | None]", array.tolist())
    return [value if np.isfinite(value) else None for value in array.tolist()]


Floats = Annotated[
    NDArray[np.float64],
    BeforeValidator(_as_floats),
    PlainSerializer(_as_plain, return_type=list[float | None]),
]
ARRAYS = ConfigDict(arbitrary_types_allowed=True)


def content_hash(data: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal: how snapshots and artifacts are named and compared."""
    return hashlib.sha256(data).hexdigest()
