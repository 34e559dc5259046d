"""A series' chunks as samples: compiled, since there are millions.

A chunk holds about 120 samples of one series, each as what changed since the one before it ("XOR",
after Facebook's Gorilla; Prometheus: tsdb/chunkenc/xor.go). Chunks come as fields of a protobuf
message (prompb/types.proto), of which nothing else is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.raw.compiling import compiled, inlined

_PADDING = 32
"""Bytes of any kind that have to follow the chunks: some are read ahead."""
_SAMPLES_A_BYTE = 4
"""At most: one that is like the one before takes two bits."""
_DAMAGED = -1
_UNKNOWN = -2

Samples = tuple[NDArray[np.int64], NDArray[np.float64]]
Bytes = NDArray[np.uint8]
_U = np.uint64
_CHUNK, _ENCODING, _DATA = _U(18), _U(24), _U(34)
"""Field 2 of a series; fields 3 and 4 of a chunk, each with its wire type."""
_XOR = _U(1)
_SET, _SECOND = _U(1 << 63), _U(1 << 62)
"""The first bit of a word, and the second."""
_HEADER = _U(2)
"""Bytes in which a chunk says how many samples it holds."""


def samples_of(series: Iterable[bytes]) -> Iterator[Samples]:
    """The samples of some series, one series after the other.

    Args:
        series: of each the chunk fields of its messages, one after the other.

    Yields:
        Times [ms since the epoch] and values, in the order in which they came; the arrays are
        used again for the next series.

    Raises:
        ValueError: chunks are damaged, or hold something else than samples.
    """
    times, bits = np.empty(0, np.int64), np.empty(0, np.uint64)
    for chunks in series:
        data, end = np.frombuffer(chunks + bytes(_PADDING), np.uint8), _U(len(chunks))
        if (most := _SAMPLES_A_BYTE * len(chunks)) > len(times):
            times, bits = np.empty(most, np.int64), np.empty(most, np.uint64)
        filled = _expected(_decode(data, end, times, bits))
        yield times[:filled], bits.view(np.float64)[:filled]


def _expected(count: int) -> int:
    if count == _UNKNOWN:
        msg = "a chunk holds something else than floating numbers"
        raise ValueError(msg)
    if count < 0:
        msg = "a chunk is damaged"
        raise ValueError(msg)
    return count


@compiled
def _decode(data: Bytes, end: np.uint64, times: NDArray[np.int64], bits: NDArray[np.uint64]) -> int:
    """Take the chunks apart.

    Args:
        data: the chunks' fields, and padding.
        end: where the fields end.
        times: takes each sample's time [ms since the epoch].
        bits: takes each sample's value, as it is stored.

    Returns:
        How many samples there are; or what is wrong with the chunks.
    """
    at, filled = _U(0), 0
    while at < end:
        begin, stop, at = _next_chunk(data, at, end)
        if at == _U(0):
            return _UNKNOWN if begin else _DAMAGED
        if stop > begin:
            if filled + _number(data, begin) > len(times):
                return _DAMAGED
            filled = _take_apart(data, begin, stop, times, bits, filled)
            if filled < 0:
                return _DAMAGED
    return filled


@inlined
def _next_chunk(
    data: Bytes, at: np.uint64, end: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """The bytes of the next chunk, and where what follows it begins.

    Returns:
        The chunk's first byte, the one after its last, and where to go on: 0 where something is
        wrong, the first then telling whether that is the chunk's kind.
    """
    tag, at = _varint(data, at)
    size, at = _varint(data, at)
    stop = at + size
    if tag != _CHUNK or size > end or stop > end:
        return _U(0), _U(0), _U(0)
    first, last, kind = _U(0), _U(0), _U(0)
    while at < stop:
        tag, at = _varint(data, at)
        value, at = _varint(data, at)
        if tag == _ENCODING:
            kind = value
        elif tag == _DATA:
            first, last = at, at + value
            if value > end or last > stop:
                return _U(0), _U(0), _U(0)
            at = last
    if kind != _XOR:
        return _U(1), _U(0), _U(0)
    if last < first + _HEADER:
        return _U(0), _U(0), _U(0)
    return first, last, stop


@inlined
def _number(data: Bytes, begin: np.uint64) -> int:
    """How many samples a chunk says that it holds."""
    return (int(data[begin]) << 8) | int(data[begin + _U(1)])


@compiled
def _take_apart(
    data: Bytes,
    begin: np.uint64,
    stop: np.uint64,
    times: NDArray[np.int64],
    bits: NDArray[np.uint64],
    filled: int,
) -> int:
    """Put a chunk's samples behind those that are there; how many there are then."""
    number = _number(data, begin)
    if number == 0:
        return filled
    coded, at = _varint(data, begin + _HEADER)
    time = np.int64(coded >> _U(1)) ^ -np.int64(coded & _U(1))
    value = _eight(data, at)
    cursor = (at + _U(8)) << _U(3)
    delta, significant, trailing = np.int64(0), _U(0), _U(0)
    times[filled], bits[filled] = time, value
    for sample in range(1, number):
        if cursor > stop << _U(3):
            return _DAMAGED
        word = _word(data, cursor)
        if sample == 1:
            coded, at = _varint(data, cursor >> _U(3))
            delta, cursor = np.int64(coded), at << _U(3)
            word = _word(data, cursor)
        elif word < _SET:
            cursor, word = cursor + _U(1), word << _U(1)
        else:
            change, cursor = _change_of_delta(data, cursor, word)
            delta += change
            word = _word(data, cursor)
        time += delta
        if word < _SET:
            cursor += _U(1)
        else:
            if word & _SECOND:
                significant, trailing = _changed_ones(word)
                cursor += _U(11)
            cursor += _U(2)
            value ^= _number_of(data, cursor, significant) << trailing
            cursor += significant
        times[filled + sample], bits[filled + sample] = time, value
    return filled + number if cursor <= stop << _U(3) else _DAMAGED


@inlined
def _change_of_delta(data: Bytes, cursor: np.uint64, word: np.uint64) -> tuple[np.int64, np.uint64]:
    """By how much longer this sample waited than the one before [ms], and the bit that follows."""
    if word >> _U(62) == _U(0b10):
        prefix, size = _U(2), _U(14)
    elif word >> _U(61) == _U(0b110):
        prefix, size = _U(3), _U(17)
    elif word >> _U(60) == _U(0b1110):
        prefix, size = _U(4), _U(20)
    else:
        prefix, size = _U(4), _U(64)
    change = np.int64(_number_of(data, cursor + prefix, size))
    if size < _U(64) and change > np.int64(1) << np.int64(size - _U(1)):
        change -= np.int64(1) << np.int64(size)
    return change, cursor + prefix + size


@inlined
def _changed_ones(word: np.uint64) -> tuple[np.uint64, np.uint64]:
    """How many bits of a value change, and how many follow these in it."""
    leading, significant = (word >> _U(57)) & _U(31), (word >> _U(51)) & _U(63)
    if significant == _U(0):
        significant = _U(64)
    return significant, (_U(64) - leading - significant) & _U(63)


@inlined
def _number_of(data: Bytes, cursor: np.uint64, size: np.uint64) -> np.uint64:
    """So many bits as a number, 1 to 64."""
    beyond = _U(data[(cursor >> _U(3)) + _U(8)]) >> (_U(8) - (cursor & _U(7)))
    return (_word(data, cursor) | beyond) >> (_U(64) - size)


@inlined
def _word(data: Bytes, cursor: np.uint64) -> np.uint64:
    """The bits from one on, 57 at least, in front."""
    return _eight(data, cursor >> _U(3)) << (cursor & _U(7))


@inlined
def _eight(data: Bytes, at: np.uint64) -> np.uint64:
    """Eight bytes as one number."""
    word = _U(0)
    for number in range(8):
        word = (word << _U(8)) | _U(data[at + _U(number)])
    return word


@inlined
def _varint(data: Bytes, at: np.uint64) -> tuple[np.uint64, np.uint64]:
    """A number of a protobuf message, and where what follows it begins."""
    found, shift = _U(0), _U(0)
    while data[at] >= 128 and shift < _U(63):
        found |= (_U(data[at]) & _U(127)) << shift
        shift += _U(7)
        at += _U(1)
    return found | (_U(data[at]) << shift), at + _U(1)
