"""From series to the blocks of a real Prometheus, by way of promtool."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from slo_reports.demo.samples import Series
from slo_reports.errors import SourceError

_BLOCK = 486 * 3600
"""Length of the blocks [s]: promtool's longest that is no longer than the ``960h`` asked for.

promtool reads its whole input once for each block, so each input holds exactly one.
"""


def backfill(series: tuple[Series, ...], promtool: Path, folder: Path) -> None:
    """Write series into a folder as blocks that a Prometheus can serve."""
    if series:
        first = min(int(one.times[0]) for one in series)
        last = max(int(one.times[-1]) for one in series)
        backfill_span(lambda: series, (first, last), promtool, folder)


def backfill_span(
    series: Callable[[], Iterable[Series]], span: tuple[int, int], promtool: Path, folder: Path
) -> None:
    """The same of series that are made anew for each block, where they are many.

    Args:
        series: makes all of them.
        span: instants of the first and the last sample [s].
        promtool: the program.
        folder: where the blocks appear.
    """
    with TemporaryDirectory(prefix="slo-reports-demo-") as place:
        text = Path(place) / "samples.om"
        for number in range(span[0] // _BLOCK, span[1] // _BLOCK + 1):
            start = number * _BLOCK
            with text.open("w", encoding="utf-8") as file:
                file.writelines(openmetrics(series(), start, start + _BLOCK))
            _create_block(promtool, text, folder)


def openmetrics(series: Iterable[Series], start: int, end: int) -> Iterator[str]:
    """OpenMetrics text of all samples in [start, end) [s], one series after the other."""
    stamps: dict[bytes, list[str]] = {}
    for one in series:
        first, last = np.searchsorted(one.times, [start, end])
        if first == last:
            continue
        times = one.times[first:last]
        key = times.tobytes()
        if key not in stamps:
            stamps[key] = [f" {time}\n" for time in times.tolist()]
        yield _lines(one, first, last, stamps[key])
    yield "# EOF\n"


def _lines(one: Series, first: int, last: int, stamps: list[str]) -> str:
    labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in one.labels)
    head = f"{one.name}{{{labels}}} "
    values = one.values[first:last]
    whole = values.astype(np.int64)
    numbers = whole.tolist() if np.array_equal(whole, values) else values.tolist()
    return "".join([f"{head}{value}{stamp}" for value, stamp in zip(numbers, stamps, strict=True)])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _create_block(promtool: Path, text: Path, folder: Path) -> None:
    """Run promtool once; blocks appear in the folder."""
    command = [
        str(promtool),
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "--max-block-duration=960h",
        str(text),
        str(folder),
    ]
    try:
        done = subprocess.run(  # noqa: S603  # our own words only
            command, capture_output=True, text=True, check=False
        )
    except OSError as error:
        msg = f"could not start {promtool}: {error.strerror}; scripts/get_prometheus.sh fetches it"
        raise SourceError(msg) from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-400:]
        msg = f"promtool could not backfill {folder}: {said}; is there disk space?"
        raise SourceError(msg)
