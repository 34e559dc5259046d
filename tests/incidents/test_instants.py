from __future__ import annotations

from datetime import UTC, datetime

import pytest

from slo_reports.incidents.instants import parse_instant


@pytest.mark.parametrize(
    ("text", "zone", "hour", "minute"),
    [
        ("2026-10-19 14:05", "Europe/Berlin", 12, 5),
        ("2026-10-19 14:05:00", "UTC", 14, 5),
        ("2026-10-19T14:05Z", "Europe/Berlin", 14, 5),
        ("2026-10-19T14:05:30+02:00", "America/New_York", 12, 5),
        ("2026-10-19 14:05 +0530", "UTC", 8, 35),
        ("2026-10-25T02:30+01:00", "Europe/Berlin", 1, 30),
    ],
)
def test_an_instant_is_by_its_offset_or_by_the_clock_of_the_zone(text, zone, hour, minute):
    found = parse_instant(text, zone).replace(second=0)
    assert found == datetime(2026, 10, found.day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-10-19", "no instant"),
        ("19.10.2026 14:05", "no instant"),
        ("2026-13-19 14:05", "not in the calendar"),
        ("2026-10-25 02:30", r"happens twice in Europe/Berlin.*\+02:00 or \+01:00"),
        ("2026-03-29 02:30", "does not exist in Europe/Berlin"),
    ],
)
def test_what_is_no_instant_or_two_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        parse_instant(text, "Europe/Berlin")
