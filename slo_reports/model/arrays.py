"""Arrays of floats inside the frozen nouns, as JSON and back; and the hash of bytes.

A portfolio of 1,000 services holds 80 million numbers, so what one of them costs matters here.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, ConfigDict, PlainSerializer, ValidationInfo
from pydantic_core import from_json, to_json

from slo_reports.model.formats import canonical_json


def _as_floats(value: Any, info: ValidationInfo) -> NDArray[np.float64]:
    if isinstance(value, str) and info.context is not None:
        aside: SetAside = info.context
        return aside.taken(value)
    if not isinstance(value, list | np.ndarray):
        msg = "a list of numbers is expected"
        raise ValueError(msg)  # noqa: TRY004  # what pydantic tells of
    return _floats(value)


def _floats(value: Any) -> NDArray[np.float64]:
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


def numbers_json(array: NDArray[np.float64]) -> bytes:
    """An array as ``json.dumps`` writes its numbers, byte for byte, several times as fast."""
    if not len(array):
        return b"[]"
    if (array.view(np.uint64) == array.view(np.uint64)[0]).all():
        return b"[%s]" % b",".join([canonical_json(_as_plain(array[:1]))[1:-1]] * len(array))
    size = np.abs(array)
    if not np.signbit(array).any() and (size < _EXACT).all() and (np.trunc(array) == array).all():
        return to_json(array.astype(np.int64).tolist())[:-1].replace(b",", b".0,") + b".0]"
    if ((size == 0) | (size >= _SHORT) & (size < _LONG)).all():
        return to_json(array.tolist())
    return canonical_json(_as_plain(array))


_EXACT = 2.0**53
"""Smaller whole numbers are the same as integers."""
_SHORT, _LONG = 1e-4, 1e15
"""Between these, pydantic writes a number as Python does; beyond, exponents look different."""


class SetAside:
    """The long arrays of a JSON document, read before the rest of it.

    Read with the rest, each number would be an object of Python for a while, all at once. Arrays
    that are the same as the last of their name are kept once.

    Args:
        data: the document.
        names: of the keys that hold such arrays.
    """

    def __init__(self, data: bytes, names: tuple[str, ...]) -> None:
        self._found: dict[str, NDArray[np.float64]] = {}
        self._last: dict[bytes, tuple[bytes, NDArray[np.float64]]] = {}
        keys = "|".join(map(re.escape, names)).encode()
        # A quote that no backslash precedes and a key's name follows begins a key, wherever it is.
        array = rb'(?<!\\)("(%s)"\s*:\s*)(\[[-+0-9.eE,nul\s]*\])' % keys
        self.rest = re.sub(array, self._named, data)

    def _named(self, found: re.Match[bytes]) -> bytes:
        head, name, text = found.groups()
        last = self._last.get(name)
        try:
            array = last[1] if last is not None and last[0] == text else _floats(from_json(text))
        except ValueError:
            return found[0]  # whoever reads the rest says what is wrong
        self._last[name] = text, array
        token = f"#{len(self._found)}"
        self._found[token] = array
        return b'%s"%s"' % (head, token.encode())

    def taken(self, token: str) -> NDArray[np.float64]:
        """The array that a word stands for, each once.

        Raises:
            ValueError: there is none.
        """
        try:
            return self._found.pop(token)
        except KeyError as error:
            msg = "numbers are expected, not text"
            raise ValueError(msg) from error


def content_hash(data: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal: how snapshots and artifacts are named and compared."""
    return hashlib.sha256(data).hexdigest()
