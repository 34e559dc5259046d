"""Native histograms written to a real Prometheus by remote write, encoded by hand."""

import struct
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import free_port, stop

_MOST_LITERAL = 65_536


def varint(number):
    """An unsigned number, seven bits a byte."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def zigzag(number):
    """A signed number as protobuf's sint."""
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def number_field(tag, encoded):
    return varint(tag << 3) + encoded


def double_field(tag, value):
    return varint(tag << 3 | 1) + struct.pack("<d", value)


def bytes_field(tag, body):
    return varint(tag << 3 | 2) + varint(len(body)) + body


def histogram(time_, buckets, *, schema=0, zero=0):
    """A native histogram; ``buckets``: {index: events}; of schema 0, index i ends at 2**i."""
    spans, deltas, before, last = b"", b"", 0, None
    for index in range(min(buckets), max(buckets) + 1) if buckets else ():
        value = buckets.get(index, 0)
        deltas += zigzag(value - before)
        before, last = value, index
    if last is not None:
        length = last - min(buckets) + 1
        span = number_field(1, zigzag(min(buckets))) + number_field(2, varint(length))
        spans = bytes_field(11, span) + bytes_field(12, deltas)
    return (
        number_field(1, varint(zero + sum(buckets.values())))
        + double_field(3, 1.0)
        + number_field(4, zigzag(schema))
        + double_field(5, 1e-9)
        + number_field(6, varint(zero))
        + spans
        + number_field(15, varint(round(time_ * 1000)))
    )


def series(labels, *, samples=(), histograms=()):
    """A time series of floats ``(seconds, value)`` and encoded histograms."""
    body = b""
    for name, value in sorted(labels.items()):
        label = bytes_field(1, name.encode()) + bytes_field(2, value.encode())
        body += bytes_field(1, label)
    for at, value in samples:
        stamp = number_field(2, varint(round(at * 1000)))
        body += bytes_field(2, double_field(1, value) + stamp)
    return body + b"".join(bytes_field(4, one) for one in histograms)


def snappy(body):
    """Snappy's block format, with literals only."""
    found = varint(len(body))
    for first in range(0, len(body), _MOST_LITERAL):
        part = body[first : first + _MOST_LITERAL]
        found += bytes([61 << 2]) + (len(part) - 1).to_bytes(2, "little") + part
    return found


def write(url, *all_series):
    """Send series to a Prometheus; raises where it refuses them."""
    body = snappy(b"".join(bytes_field(1, one) for one in all_series))
    headers = {
        "Content-Encoding": "snappy",
        "Content-Type": "application/x-protobuf",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    answer = httpx.post(
        f"{url}/api/v1/write", content=body, headers=headers, timeout=30, trust_env=False
    )
    answer.raise_for_status()


@contextmanager
def prometheus_that_receives(folder: Path):
    """An empty Prometheus that accepts native histograms by remote write; yields its URL."""
    url = f"http://127.0.0.1:{free_port()}"
    config = folder / "prometheus.yml"
    config.write_text("global: {}\n", encoding="utf-8")
    command = [
        find_tools().prometheus,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--web.enable-remote-write-receiver",
        "--enable-feature=native-histograms",
        "--log.level=error",
    ]
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            _wait(url, process)
            yield url
        finally:
            stop(process)


def _wait(url, process):
    for _ in range(300):
        assert process.poll() is None, "Prometheus has ended"
        try:
            if httpx.get(f"{url}/-/ready", timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.1)
    pytest.fail("Prometheus did not become ready")
