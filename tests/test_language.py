import runpy
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from slo_reports import numbers
from slo_reports.language import language_of, languages, speaking, spoken, tr
from slo_reports.periods import PeriodKind, containing, parse_period

MESSAGES = runpy.run_path(str(Path(__file__).parents[1] / "scripts" / "messages.py"))
OTHERS = [one for one in languages() if one != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_with_all_its_places(language):
    path = MESSAGES["CATALOGUES"] / f"{language}.po"
    assert list(MESSAGES["faults"](MESSAGES["renewed"](path))) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_holds_nothing_that_nobody_says(language):
    said = {message.id for message in MESSAGES["said"]()}
    assert {
        message.id for message in MESSAGES["known"](MESSAGES["CATALOGUES"] / f"{language}.po")
    } <= said


@pytest.mark.parametrize(
    ("language", "number", "day", "many"),
    [
        ("en", "1\u202f234.5", "19 October 2026", "A, B and C"),
        ("en-US", "1\u202f234.5", "October 19, 2026", "A, B, and C"),
        ("de", "1\u202f234,5", "19. Oktober 2026", "A, B und C"),
        ("de-CH", "1\u202f234.5", "19. Oktober 2026", "A, B und C"),
    ],
)
def test_numbers_dates_and_lists_are_written_as_the_language_does(language, number, day, many):
    with speaking(language):
        assert numbers.decimal_text(1234.5, 1) == number
        assert numbers.date_text(date(2026, 10, 19), with_year=True) == day
        assert numbers.listed(["A", "B", "C"]) == many


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "1 to 15 October 2026"),
        ("en-US", "October 1 to October 15, 2026"),
        ("de", "1. bis 15. Oktober 2026"),
    ],
)
def test_a_span_of_days_says_the_month_once_where_the_language_allows_it(language, title):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    period = parse_period("2026-10-01..2026-10-16", kind=PeriodKind.MONTH, zone="UTC", now=now)
    with speaking(language):
        assert numbers.period_title(period) == title


def test_a_number_asks_for_its_plural_form():
    with speaking("de"):
        assert [numbers.counted(n, "incident", "incidents") for n in (0, 1, 2, 13)] == [
            "keine Vorfälle",
            "1 Vorfall",
            "zwei Vorfälle",
            "13 Vorfälle",
        ]


def test_what_is_spoken_ends_with_its_block():
    with speaking("de"):
        assert spoken().tag == "de"
    assert spoken().tag == "en"


def test_braces_in_values_are_text():
    assert tr("{first} to {last}", first="{last}", last="{}") == "{last} to {}"


def test_a_period_is_named_in_the_language():
    month = containing(PeriodKind.MONTH, date(2026, 3, 1), "UTC")
    with speaking("de"):
        assert numbers.period_title(month) == "März 2026"
        assert numbers.short_month(month.first_day) == "Mär"


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("tlh", "no texts in 'tlh'; known are en"),
        ("", "no texts in ''"),
        ("de-XX", "no language and region"),
        ("../de", "no texts in"),
    ],
)
def test_an_unknown_language_is_refused_with_those_that_there_are(tag, said):
    with pytest.raises(ValueError, match=said):
        language_of(tag)
