"""Which zone and which period are proposed."""

from datetime import UTC, datetime, timedelta

import pytest

from slo_reports.starting.probing import Probe, first_period, lines, youth
from slo_reports.starting.zones import system_zone

NOW = datetime(2026, 11, 28, 17, tzinfo=UTC)
DAY = timedelta(days=1)


def seen(first, last=NOW):
    return Probe("http://x", "Prometheus 3", "15d", first, last)


@pytest.mark.parametrize(
    ("probe", "period"),
    [
        pytest.param(None, "current", id="not asked"),
        pytest.param(seen(None, None), "current", id="nothing scraped"),
        pytest.param(seen(NOW - 90 * DAY), "last", id="a quarter of data"),
        pytest.param(seen(NOW - 28 * DAY), "current", id="this month only"),
        pytest.param(seen(NOW - 15 * DAY), "14d", id="fifteen days of retention"),
        pytest.param(seen(NOW - 2 * DAY), "1d", id="two days"),
        pytest.param(seen(NOW - DAY / 24), "current", id="an hour"),
        pytest.param(
            seen(datetime(2026, 9, 29, tzinfo=UTC), datetime(2026, 10, 31, 23, 5, tzinfo=UTC)),
            "2026-10",
            id="a month that is long over, seen from a zone where the next has begun",
        ),
    ],
)
def test_the_first_period_is_one_that_can_be_judged(probe, period):
    assert first_period(probe, NOW, "Europe/Berlin") == period


def test_young_data_are_said_to_be_young():
    assert youth(seen(NOW - 3 * DAY), NOW) is None
    assert "a verdict needs 95 %" in youth(seen(NOW - DAY), NOW)


def test_what_was_seen_is_said_in_words():
    probe = Probe("http://x", "Prometheus 3", "15d", NOW - 3 * DAY, NOW, DAY / 2880, ("a", "b"))
    assert list(lines(probe, NOW, "UTC")) == [
        "Prometheus 3 answers at http://x",
        "its data go back to 2026-11-25 17:00, 3 days",
        "it keeps data for 15d; slo-reports keeps each day for ever",
        "it scrapes every 30 s",
        "it scrapes two jobs: a and b",
    ]


@pytest.mark.parametrize(
    ("variable", "written", "linked", "zone"),
    [
        ("Europe/Vienna", "Europe/Berlin\n", "", "Europe/Vienna"),
        (":Asia/Tokyo", "", "", "Asia/Tokyo"),
        ("CET-1CEST", "Europe/Berlin\n", "", "Europe/Berlin"),
        ("", "", "/usr/share/zoneinfo/America/Lima", "America/Lima"),
        ("", "Etc/UTC\n", "", "UTC"),
        ("", "", "", "UTC"),
    ],
)
def test_the_zone_is_what_the_machine_is_set_to(variable, written, linked, zone, tmp_path):
    if written:
        (tmp_path / "timezone").write_text(written)
    if linked:
        (tmp_path / "localtime").symlink_to(linked)
    assert system_zone({"TZ": variable} if variable else {}, tmp_path) == zone
