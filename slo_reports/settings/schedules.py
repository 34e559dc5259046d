"""The shape of a report's schedule: by the calendar, on the first working day, or a cron line."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from slo_reports.settings.cron_lines import check_cron_line
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import Clock, no_truth_value

FIRST_WORKING_DAY = "first-working-day"


def _day(value: Any) -> Any:
    no_truth_value(value)
    if value == FIRST_WORKING_DAY or (isinstance(value, int) and 1 <= value <= 28):
        return value
    kind = "schedule_day"
    raise PydanticCustomError(kind, "day is a number from 1 to 28, or first-working-day")


DayOfSchedule = Annotated[
    int | str,
    BeforeValidator(_day),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 28},
                {"const": FIRST_WORKING_DAY},
            ]
        }
    ),
]


def _cron(value: str) -> str:
    check_cron_line(value)
    return value


CronLine = Annotated[str, AfterValidator(_cron)]


def _region(value: str) -> str:
    public_holidays(value)
    return value


Region = Annotated[str, AfterValidator(_region)]


class Schedule(Strict):
    """When a report falls due, in its own time zone, after its period is over."""

    every: Literal["month", "week", "quarter", "year"] | None = Field(
        None, description="How often, by the calendar."
    )
    at: Clock = Field(time(6), description="Local time, such as 06:00.")
    day: DayOfSchedule = Field(
        1,
        description="Day of the month (for quarter and year: of their first month), or of the "
        "week where Monday is 1; or first-working-day.",
    )
    holidays: Region | None = Field(
        None,
        description="Country, or country and region, whose public holidays are no working days, "
        "such as DE or DE-BY; needs the extra `holidays`.",
    )
    cron: CronLine | None = Field(
        None, description="A cron line such as `0 6 * * mon-fri`, in place of all others."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Schedule:
        if (self.every is None) == (self.cron is None):
            msg = "a schedule has either every: (month, week, quarter, year) or cron:"
            raise ValueError(msg)
        if self.cron is not None and self.model_fields_set & {"at", "day", "holidays"}:
            msg = "cron says everything itself: remove at, day and holidays"
            raise ValueError(msg)
        if self.every == "week" and isinstance(self.day, int) and self.day > 7:
            msg = "day of a weekly schedule is 1 (Monday) to 7 (Sunday)"
            raise ValueError(msg)
        if self.holidays is not None and self.day != FIRST_WORKING_DAY:
            msg = "holidays matter only to day: first-working-day"
            raise ValueError(msg)
        return self

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, and no public holiday of the region."""
        if day.isoweekday() > 5:
            return False
        return self.holidays is None or day not in public_holidays(self.holidays)


def public_holidays(region: str) -> Any:
    """The public holidays of a country, or of a region of it, as a container of dates.

    Raises:
        ValueError: the region is not known, or the library is not there.
    """
    try:
        import holidays  # noqa: PLC0415  # an extra, and slow to import
    except ImportError as error:
        msg = "public holidays need the extra: pip install 'slo-reports[holidays]'"
        raise ValueError(msg) from error
    country, _, subdivision = region.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError as error:
        msg = f"no public holidays are known of {region!r}; write one such as DE, DE-BY or US-NY"
        raise ValueError(msg) from error
