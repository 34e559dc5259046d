"""Years of a small service in a real Prometheus, and a job over it whose clock stands still."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from support.shop import DEFINITION
from support.tsdb import prometheus_with

from slo_reports.definitions.loading import load_everything
from slo_reports.job import Quiet, World

MONDAY = date(2019, 1, 7)
"""The first week with data begins here."""
SOURCE = "{{url: {url}, retries: 0, timeout: 30s, slice: 15m, scrape_interval: 15m}}"
SETTINGS = (
    """\
version: 1
state: state
definitions: [definitions]
source: """
    + SOURCE
    + """
retry: {{first: 5m, longest: 4h, give_up: 5d}}
destinations:
  archive: {{kind: share, path: share, link: "https://reports.example.com"}}
  people:
    kind: mail
    sender: slo@example.com
    recipients: [one@example.com, two@example.com]
    attach: [html]
    server: {{host: 127.0.0.1, port: {port}, security: none}}
reports:
  - name: shop
    title: Shop
    period: week
    schedule: {{every: week}}
    trend: 1
    formats: [html, json]
    destinations: [archive, people]
{more}"""
)
FILED = (
    """\
version: 1
state: state
definitions: [definitions]
{more}executor: {executor}
source: """
    + SOURCE
    + """
destinations:
  archive: {{kind: share, path: share}}
reports:
"""
)
REPORT = (
    "  - {{name: shop-{n}, title: {title} {n}, period: week, schedule: {{every: week}}, trend: 1, "
    "formats: [{formats}], destinations: [archive]}}\n"
)


def monday(weeks: int, *, since: date = MONDAY, **more: float) -> datetime:
    """The Monday 06:00 UTC on which the so many-th week has just fallen due, and then some."""
    at = datetime(since.year, since.month, since.day, 6, tzinfo=UTC)
    return at + timedelta(weeks=weeks, **more)


@contextmanager
def years_of_traffic(weeks: int, since: date = MONDAY) -> Iterator[str]:
    """A Prometheus with so many weeks of a small service from a Monday on; its URL."""
    start = datetime(since.year, since.month, since.day, tzinfo=UTC).timestamp()
    times = [start + 900 * number for number in range(weeks * 7 * 96)]
    labels = 'job="checkout",instance="one"'
    samples = {
        f"up{{{labels}}}": [(time, 1) for time in times],
        f'http_requests_total{{{labels},code="200"}}': list(zip(times, count(100, 100))),
        f'http_requests_total{{{labels},code="500"}}': [
            (time, number // 40) for number, time in enumerate(times)
        ],
    }
    with (
        tempfile.TemporaryDirectory(prefix="slo-reports-weeks-") as name,
        prometheus_with(samples, Path(name)) as url,
    ):
        yield url


def write_definition(folder: Path) -> None:
    """The objective of the small service, and a folder for its share."""
    for name in ("share", "definitions"):
        (folder / name).mkdir(exist_ok=True)
    text = DEFINITION.format(service="checkout")
    (folder / "definitions" / "checkout.yaml").write_text(text, encoding="utf-8")


def write_weekly(folder: Path, url: str, port: int, **more: object) -> Path:
    """Settings of a weekly report; ``more`` are further keys of it."""
    write_definition(folder)
    lines = "".join(f"    {key}: {value}\n" for key, value in more.items())
    path = folder / "slo_reports.yaml"
    path.write_text(SETTINGS.format(url=url, port=port, more=lines), encoding="utf-8")
    return path


def write_filed(
    folder: Path,
    url: str,
    reports: int,
    *,
    executor: str,
    title: str = "Shop",
    formats: str = "html",
    more: str = "",
) -> Path:
    """Settings of so many weekly reports on a share; ``more`` are further lines of them."""
    write_definition(folder)
    text = FILED.format(url=url, executor=executor, more=more)
    text += "".join(REPORT.format(n=n, title=title, formats=formats) for n in range(reports))
    path = folder / "slo_reports.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def world_at(settings_file: Path, now: datetime) -> World:
    """The world of some settings at an instant at which the clock stands still."""
    settings, slos = load_everything(settings_file)
    return World(settings, slos, lambda: now, Quiet())
