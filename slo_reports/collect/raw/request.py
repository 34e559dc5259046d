"""The question of a remote read, as Prometheus wants it (prompb/remote.proto)."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from slo_reports.model import Matcher

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Read-Version": "0.1.0",
}
STREAMED = "application/x-streamed-protobuf"
"""The media type of an answer in chunks; an old server gives another one."""
_CHUNKS = 1
_OPERATORS = ("=", "!=", "=~", "!~")


def question(matchers: Iterable[Matcher], first: int, last: int) -> bytes:
    """The body that asks for the chunks of some series.

    Args:
        matchers: of labels, ``__name__`` among them.
        first: time of the earliest sample [ms since the epoch].
        last: of the latest.
    """
    asked = _number(1, first) + _number(2, last)
    for one in matchers:
        asked += _text(
            3,
            _number(1, _OPERATORS.index(one.op))
            + _text(2, one.label.encode())
            + _text(3, one.value.encode()),
        )
    body: bytes = pa.compress(_text(1, asked) + _number(2, _CHUNKS), codec="snappy", asbytes=True)
    return body


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
