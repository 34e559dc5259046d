"""Exclusions as they are written, and the spans that they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slo_reports.definitions.loading import load_everything
from slo_reports.errors import ConfigurationError
from slo_reports.model import Exclusion
from slo_reports.settings.exclusions import exclusions_between
from slo_reports.settings.loading import load_settings

HEAD = (
    "version: 1\ndefinitions: [slos.yaml]\ntimezone: Europe/Berlin\n"
    "source: {url: 'http://localhost:9090'}\nreports: [{name: monthly, title: M}]\n"
)
SLO = (
    "apiVersion: slo.dev/v1\nkind: ServiceLevelObjective\nmetadata: {name: a}\nspec:\n"
    "  service: checkout\n  owner: o\n  objectives: [{window: 30d, target: 99.9}]\n"
    "  indicator: {type: ratio, metric: m, good: {code: '!~5..'}}\n"
)
WHO = "reason: Moved, author: Ada"
OCTOBER = (datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC))


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "slos.yaml").write_text(SLO)
    path = tmp_path / "slo_reports.yaml"
    path.write_text(HEAD + text)
    return path


def spans(tmp_path: Path, text: str) -> tuple[Exclusion, ...]:
    settings = load_settings(written(tmp_path, text))
    return exclusions_between(
        settings.exclusions, settings.exclusion_calendars, settings.timezone, *OCTOBER
    )


def one(tmp_path: Path, inside: str) -> Exclusion:
    (found,) = spans(tmp_path, f"exclusions: [{{{inside}}}]\n")
    return found


def test_local_times_are_of_the_files_zone_or_of_their_own(tmp_path: Path) -> None:
    times = "from: 2026-10-03 02:00, to: 2026-10-03 04:30"
    assert one(tmp_path, f"{times}, {WHO}").start == datetime(2026, 10, 3, 0, tzinfo=UTC)
    found = one(tmp_path, f"{times}, {WHO}, timezone: America/New_York")
    assert found == Exclusion(
        datetime(2026, 10, 3, 6, tzinfo=UTC),
        datetime(2026, 10, 3, 8, 30, tzinfo=UTC),
        "Moved",
        "Ada",
    )


def test_an_instant_says_its_zone_itself(tmp_path: Path) -> None:
    found = one(tmp_path, f"from: '2026-10-03T02:00Z', to: '2026-10-03T04:00+01:00', {WHO}")
    assert (found.start.hour, found.end.hour) == (2, 3)


def test_a_span_over_the_change_of_clocks_is_as_long_as_it_is(tmp_path: Path) -> None:
    found = one(tmp_path, f"from: 2026-10-25 01:00, to: 2026-10-25 04:00, {WHO}")
    assert found.end - found.start == timedelta(hours=4)


def test_a_rule_repeats_by_the_local_clock(tmp_path: Path) -> None:
    found = spans(
        tmp_path,
        "exclusions:\n  - {from: 2026-08-02 02:00, to: 2026-08-02 04:00, "
        f"{WHO}, repeat: FREQ=WEEKLY;BYDAY=SU}}\n",
    )
    assert [(span.start.day, span.start.hour) for span in found] == [
        (4, 0),
        (11, 0),
        (18, 0),
        (25, 0),
    ]
    later = load_settings(tmp_path / "slo_reports.yaml").exclusions
    november = exclusions_between(
        later, [], "Europe/Berlin", OCTOBER[1], OCTOBER[1] + timedelta(days=8)
    )
    assert [(span.start.day, span.start.hour) for span in november] == [(1, 1), (8, 1)]


def test_what_touches_the_span_only_in_part_is_kept_whole(tmp_path: Path) -> None:
    found = one(tmp_path, f"from: 2026-09-01 00:00, to: 2026-10-02 00:00, {WHO}")
    assert found.start.month == 8
    assert (
        spans(tmp_path, f"exclusions: [{{from: 2026-11-01 00:00, to: 2026-11-02 00:00, {WHO}}}]\n")
        == ()
    )


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Berlin:20261004T020000
DTEND;TZID=Europe/Berlin:20261004T040000
RRULE:FREQ=WEEKLY;COUNT=3
EXDATE;TZID=Europe/Berlin:20261011T020000
SUMMARY:Database maintenance
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20261020
DTEND;VALUE=DATE:20261021
SUMMARY:Stocktaking
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20261022T000000Z
DTEND:20261022T010000Z
STATUS:CANCELLED
SUMMARY:Not after all
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_file_holds_maintenance_windows(tmp_path: Path) -> None:
    (tmp_path / "m.ics").write_text(CALENDAR.replace("\n", "\r\n"))
    found = spans(tmp_path, "exclusion_calendars: [{path: m.ics, author: Ops, services: [a]}]\n")
    assert [(span.start.isoformat(), span.reason) for span in found] == [
        ("2026-10-04T00:00:00+00:00", "Database maintenance"),
        ("2026-10-18T00:00:00+00:00", "Database maintenance"),
        ("2026-10-19T22:00:00+00:00", "Stocktaking"),
    ]
    assert {span.services for span in found} == {("a",)}


def test_a_calendar_that_is_none_is_an_error_with_its_name(tmp_path: Path) -> None:
    text = "exclusion_calendars: [{path: m.ics, author: Ops}]\n"
    with pytest.raises(ConfigurationError, match=r"m\.ics could not be read: No such file"):
        spans(tmp_path, text)
    (tmp_path / "m.ics").write_text("hello")
    with pytest.raises(ConfigurationError, match=r"m\.ics is no iCalendar file"):
        spans(tmp_path, text)


TIMES = "from: 2026-10-03 02:00, to: 2026-10-03 04:00"


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (
            f"from: 3 October, to: 2026-10-03 04:00, {WHO}",
            "from: this is no date and time; write",
        ),
        (f"from: 2026-10-32 02:00, to: 2026-10-03 04:00, {WHO}", "from: '2026-10-32 02:00' is no"),
        (f"from: 2026-10-03 02:00, to: 2026-10-03 02:00, {WHO}", "to: must be later than from"),
        (f"from: '2026-10-03T02:00Z', to: 2026-10-03 04:00, {WHO}", "to: from and to must both be"),
        (f"{TIMES}, author: Ada", "'reason' is missing in exclusions[0]"),
        (f"{TIMES}, author: Ada, reason: ' '", "reason: must not be empty: a reader will ask"),
        (f"{TIMES}, {WHO}, kind: adjustment", "exclusions: an adjustment needs approved_by"),
        (f"{TIMES}, {WHO}, kind: adjustmnt", "exclusions[0].kind must be maintenance or adjustme"),
        (f"{TIMES}, {WHO}, repeat: weekly", "repeat: FREQ of a recurrence rule must be one"),
        (f"{TIMES}, {WHO}, repeat: FREQ=HOURLY", "repeat: FREQ of a recurrence rule must be one"),
        (
            f"{TIMES}, {WHO}, servces: [a]",
            "unknown key 'servces' in exclusions[0]; did you mean",
        ),
        (f"{TIMES}, {WHO}, services: [chekout]", "no service is named 'chekout'; did you mean "),
        (f"{TIMES}, {WHO}, slos: [a]", "no SLO is named 'a'; there is default/a"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(tmp_path: Path, inside: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_everything(written(tmp_path, f"exclusions:\n  - {{{inside}}}\n"))
    (problem,) = caught.value.problems
    assert problem.line == 7
    assert problem.message.startswith(said)


def test_a_calendar_that_is_missing_is_told_before_any_report_is_made(tmp_path: Path) -> None:
    path = written(tmp_path, "exclusion_calendars:\n  - path: m.ics\n    author: Ops\n")
    with pytest.raises(ConfigurationError) as caught:
        load_everything(path)
    (problem,) = caught.value.problems
    assert problem.line == 7
    assert "m.ics could not be read" in problem.message
