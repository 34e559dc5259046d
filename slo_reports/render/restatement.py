"""What a report says about itself: which revision it replaces and why, and its own delivery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo_reports.language import tr, trn
from slo_reports.model import ChangedFigures, Notice, ObjectiveFigures, Report, Restated
from slo_reports.numbers import (
    NARROW,
    count_text,
    counted,
    date_text,
    duration_text,
    events_text,
    instant_text,
    percent_number,
    percent_text,
    sentence,
)
from slo_reports.periods import local_date
from slo_reports.render.clean import clean, prose
from slo_reports.render.marks import OUTCOME_MARKS, Mark
from slo_reports.render.rows import NOTHING, mark_word
from slo_reports.units import unit_words

MOST_NOTICES = 5
_MANY_DAYS = timedelta(days=2)


@dataclass(frozen=True)
class Pair:
    """A cell of both revisions; an empty ``before``: both say the same."""

    before: str
    now: str

    @staticmethod
    def of(before: str, now: str) -> Pair:
        """Two cells, told once where they read the same."""
        return Pair("" if before == now else before, now)


@dataclass(frozen=True)
class ChangeRow:
    """One objective whose figures changed; numbers in percent, without the sign.

    Attributes:
        mark: of the present outcome; None where the objective is no longer in the report.
        old_mark: of the outcome before, where it was another one.
        told: what lies behind it, such as ``12 000 more valid events, 1 440 more bad ones``.
    """

    service: str
    objective: str
    measured: Pair
    left: Pair
    outcome: Pair
    mark: Mark | None
    old_mark: Mark | None
    told: str


@dataclass(frozen=True)
class RestatementBox:
    """What stands under the title of a revision.

    Attributes:
        title: such as ``Revision 2 replaces revision 1 of 2 November 2026``.
        reason: one sentence.
        by: who restated it, and when.
        rows: changed objectives, the changed outcomes first.
        unchanged: how many others have the same figures, in words.
    """

    title: str
    reason: str
    by: str
    rows: tuple[ChangeRow, ...]
    unchanged: str


@dataclass(frozen=True)
class NoticeRow:
    """What happened to an earlier delivery, and since when."""

    told: str
    since: str


def restatement_box(report: Report) -> RestatementBox | None:
    """The words of a restatement; None for a first revision."""
    found = report.restatement
    if found is None:
        return None
    told = found.restatement
    zone = report.period.zone
    day = _day(told.at, zone)
    return RestatementBox(
        title=tr(
            "Revision {revision} replaces revision {replaced} of {day}",
            revision=report.revision,
            replaced=told.replaces,
            day=_day(told.replaced_at, zone),
        ),
        reason=_sentence(told.reason),
        by=_by(told.author, day),
        rows=tuple(_row(one) for one in found.changed),
        unchanged=_unchanged(found),
    )


def _by(author: str, day: str) -> str:
    if not author:
        return tr("Made on {day}.", day=day)
    return tr("By {author}, {day}.", author=clean(author), day=day)


def _day(instant: datetime, zone: str) -> str:
    return date_text(local_date(instant, zone), with_year=True)


def _sentence(text: str) -> str:
    """A person's words as a sentence."""
    words = sentence(prose(text))
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def _unchanged(found: Restated) -> str:
    if not found.changed:
        return tr("No figure changed.")
    if not found.unchanged:
        return tr("No other objective is in the report.")
    told = trn(
        "{count} other objective is unchanged.",
        "{count} other objectives are unchanged.",
        found.unchanged,
        count=count_text(found.unchanged),
    )
    return sentence(told)


def _row(changed: ChangedFigures) -> ChangeRow:
    before, now, either = changed.before, changed.now, changed.either
    old_mark, mark = (None if one is None else OUTCOME_MARKS[one.outcome] for one in (before, now))
    return ChangeRow(
        service=clean(either.service),
        objective=clean(either.title),
        measured=Pair.of(_measured(before), _measured(now)),
        left=Pair.of(_left(before), _left(now)),
        outcome=Pair.of(_word(before), _word(now)),
        mark=mark,
        old_mark=None if old_mark == mark else old_mark,
        told="; ".join(_told(before, now)),
    )


def _measured(one: ObjectiveFigures | None) -> str:
    return NOTHING if one is None or one.sli is None else percent_number(one.sli, one.target)


def _left(one: ObjectiveFigures | None) -> str:
    if one is None or one.remaining is None:
        return NOTHING
    return percent_number(one.remaining, kind="remaining")


def _word(one: ObjectiveFigures | None) -> str:
    return tr("Not in the report") if one is None else mark_word(OUTCOME_MARKS[one.outcome])


def _told(before: ObjectiveFigures | None, now: ObjectiveFigures | None) -> Iterator[str]:
    """Where the change comes from, as far as the figures themselves tell it."""
    if before is None or now is None:
        return
    if before.target != now.target:
        old, new = (percent_text(one.target, kind="target") for one in (before, now))
        yield tr("target {new} instead of {old}", new=new, old=old)
    if before.unit != now.unit:
        yield tr("by {new} instead of {old}", new=unit_words(now.unit), old=unit_words(before.unit))
    elif events := _events(before, now):
        yield events
    old, new = (percent_text(one.coverage, kind="coverage") for one in (before, now))
    if old != new:
        yield tr("data for {new} of the time instead of {old}", new=new, old=old)


def _events(before: ObjectiveFigures, now: ObjectiveFigures) -> str:
    valid, bad = now.valid - before.valid, now.bad - before.bad
    parts = []
    if abs(valid) >= 1:
        count = events_text(abs(valid))
        parts.append(
            tr("{count} more valid", count=count)
            if valid > 0
            else tr("{count} fewer valid", count=count)
        )
    if abs(bad) >= 1:
        count = events_text(abs(bad))
        parts.append(
            tr("{count} more bad", count=count) if bad > 0 else tr("{count} fewer bad", count=count)
        )
    return (
        tr("{changes} {unit}", changes=", ".join(parts), unit=unit_words(now.unit)) if parts else ""
    )


def change_text(row: ChangeRow) -> str:
    """One row as a sentence's part, for plain text: ``measured 99.959 -> 99.944 %, …``."""
    told = [
        tr("measured {value}", value=f"{_both(row.measured)}{NARROW}%"),
        tr("budget left {value}", value=f"{_both(row.left)}{NARROW}%"),
    ]
    return "; ".join([*told, _both(row.outcome, str.lower), *([row.told] if row.told else [])])


def _both(pair: Pair, form: Callable[[str], str] = str) -> str:
    return f"{form(pair.before)} -> {form(pair.now)}" if pair.before else form(pair.now)


def notice_rows(report: Report) -> tuple[NoticeRow, ...]:
    """What the report tells of its own delivery, in order."""
    return tuple(_notice(one, report) for one in report.notices)


def _notice(notice: Notice, report: Report) -> NoticeRow:
    if notice.since is None or notice.since > report.frozen_at:
        return NoticeRow(_sentence(notice.sentence), "")
    lasted = report.frozen_at - notice.since
    when = instant_text(notice.since, report.period.zone, with_year=True)
    long = counted(lasted.days, "day", "days") if lasted >= _MANY_DAYS else duration_text(lasted)
    since = tr("Since {instant}, {span} before this report.", instant=when, span=long)
    return NoticeRow(_sentence(notice.sentence), since)
