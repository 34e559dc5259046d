"""The answer to a remote read: frames of one series' chunks each, as they come.

A frame is the length of a message, a checksum of it, and the message (storage/remote/chunked.go).
A series of many chunks goes on in the next frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from slo_reports.collect.answers import Labels
from slo_reports.collect.raw.checksum import checksum

_STRANGE = "the answer is not as a remote read gives it"
_CHECKSUM = 4
_LONGEST = 10
"""Bytes of a number at most."""
_LARGEST = 64 * 1024**2
"""Of a message; servers send some 1 MB at a time."""
_FIRST = 10
"""Field 1 of a message, holding a message or text."""


def series_in(parts: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The series of an answer, each whole.

    Args:
        parts: the answer, however it was cut on its way.

    Yields:
        Its labels and its chunks, as fields of its message.

    Raises:
        ValueError: this is no such answer, or it was broken off or changed on its way.
    """
    known: bytes | None = None
    chunks: list[bytes] = []
    for message in _messages(parts):
        for labels, more in _pieces(message):
            if labels != known:
                if known is not None:
                    yield known, b"".join(chunks)
                known, chunks = labels, []
            chunks.append(more)
    if known is not None:
        yield known, b"".join(chunks)


def labels_of(fields: bytes) -> Labels:
    """The labels of a series without its name, sorted.

    Raises:
        ValueError: they are damaged.
    """
    found = []
    for _, begin, end in _fields(fields):
        name, value = "", ""
        for tag, first, last in _fields(fields[begin:end]):
            text = fields[begin + first : begin + last].decode()
            name, value = (text, value) if tag == _FIRST else (name, text)
        if name != "__name__":
            found.append((name, value))
    return tuple(sorted(found))


def _messages(parts: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for part in parts:
        waiting += part
        at = 0
        while (frame := _frame(waiting, at)) is not None:
            begin, end = frame
            message = bytes(memoryview(waiting)[begin:end])
            told = int.from_bytes(waiting[begin - _CHECKSUM : begin], "big")
            if checksum(np.frombuffer(message, np.uint8)) != told:
                msg = "a part of the answer was changed on its way"
                raise ValueError(msg)
            yield message
            at = end
        del waiting[:at]
    if waiting:
        msg = "the answer was broken off"
        raise ValueError(msg)


def _frame(waiting: bytearray, at: int) -> tuple[int, int] | None:
    """Where the next message begins and ends; None while it is not whole."""
    if at + _LONGEST > len(waiting) and not any(one < 128 for one in waiting[at:]):
        return None
    size, begin = _varint(waiting, at)
    begin += _CHECKSUM
    if size > _LARGEST:
        raise ValueError(_STRANGE)
    return (begin, begin + size) if begin + size <= len(waiting) else None


def _pieces(message: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The series of a message: the fields of labels, and those of chunks, which follow them."""
    for tag, begin, end in _fields(message):
        if tag == _FIRST:
            at = begin
            while at < end and message[at] == _FIRST:
                size, at = _varint(message, at + 1)
                at += size
            yield message[begin:at], message[at:end]


def _fields(message: bytes) -> Iterator[tuple[int, int, int]]:
    """The fields of a message that are texts or messages: tag, first byte, byte after the last."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        size, begin = _varint(message, at)
        if tag & 7 == 0:  # a number
            at = begin
            continue
        at = begin + size
        if tag & 7 != 2 or at > len(message):
            raise ValueError(_STRANGE)
        yield tag, begin, at


def _varint(data: bytes | bytearray, at: int) -> tuple[int, int]:
    found, shift = 0, 0
    try:
        while (byte := data[at]) > 127:
            found |= (byte & 127) << shift
            shift += 7
            at += 1
    except IndexError:
        raise ValueError(_STRANGE) from None
    return found | byte << shift, at + 1
