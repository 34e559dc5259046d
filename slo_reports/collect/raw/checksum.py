"""CRC-32C, the checksum of what Prometheus sends in a remote read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.raw.compiling import compiled

_POLYNOMIAL = 0x82F63B78
"""Castagnoli's, its bits turned round."""
_AT_ONCE = 8


def _tables() -> NDArray[np.uint32]:
    """What each value of a byte does to a checksum, from one to eight bytes on."""
    tables = np.empty((_AT_ONCE, 256), np.uint32)
    found = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        found = np.where(found & 1, (found >> 1) ^ np.uint32(_POLYNOMIAL), found >> 1)
    tables[0] = found
    for number in range(1, _AT_ONCE):
        earlier = tables[number - 1]
        tables[number] = (earlier >> 8) ^ found[earlier & 0xFF]
    return tables


_TABLES = _tables()


def checksum(data: NDArray[np.uint8]) -> int:
    """The checksum of some bytes."""
    return int(_checksum(data, _TABLES))


@compiled
def _checksum(data: NDArray[np.uint8], tables: NDArray[np.uint32]) -> np.uint32:
    found, mask = np.uint32(0xFFFFFFFF), np.uint32(0xFF)
    whole = len(data) - len(data) % 8
    for at in range(0, whole, 8):
        low = found ^ np.uint32(
            np.uint32(data[at])
            | np.uint32(data[at + 1]) << np.uint32(8)
            | np.uint32(data[at + 2]) << np.uint32(16)
            | np.uint32(data[at + 3]) << np.uint32(24)
        )
        found = (
            tables[7, low & mask]
            ^ tables[6, (low >> np.uint32(8)) & mask]
            ^ tables[5, (low >> np.uint32(16)) & mask]
            ^ tables[4, low >> np.uint32(24)]
            ^ tables[3, data[at + 4]]
            ^ tables[2, data[at + 5]]
            ^ tables[1, data[at + 6]]
            ^ tables[0, data[at + 7]]
        )
    for at in range(whole, len(data)):
        found = (found >> np.uint32(8)) ^ tables[0, (found ^ np.uint32(data[at])) & mask]
    return found ^ np.uint32(0xFFFFFFFF)
