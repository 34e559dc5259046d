"""What became of the recommendations of the report before, as words."""

from __future__ import annotations

from dataclasses import dataclass

from slo_reports.language import tr, trn
from slo_reports.model import Followed, FollowUp, FollowWord
from slo_reports.numbers import count_text, listed, period_name, sentence
from slo_reports.render.clean import clean
from slo_reports.render.marks import Mark

MOST_FOLLOWED = 12


@dataclass(frozen=True)
class FollowedRow:
    """One recommendation of the report before."""

    mark: Mark
    word: str
    action: str
    evidence: str
    owner: str


@dataclass(frozen=True)
class FollowTable:
    """The section about the report before."""

    lede: str
    rows: tuple[FollowedRow, ...]
    rows_left_out: int
    problem: str


_FOLLOW_MARKS = {
    FollowWord.OPEN: Mark.AT_RISK,
    FollowWord.DONE: Mark.MET,
    FollowWord.MOOT: Mark.NO_TRAFFIC,
    FollowWord.UNKNOWN: Mark.INSUFFICIENT,
}


def follow_table(told: FollowUp | None) -> FollowTable | None:
    """What the report before asked for, and what became of it."""
    if told is None:
        return None
    return FollowTable(
        lede=_lede(told) if told.followed else "",
        rows=tuple(_followed(one) for one in told.followed[:MOST_FOLLOWED]),
        rows_left_out=max(0, len(told.followed) - MOST_FOLLOWED),
        problem=clean(told.problem, 400),
    )


def _lede(told: FollowUp) -> str:
    words = [
        f"{count_text(count)} {_word(word)}"
        for word in FollowWord
        if (count := sum(one.word is word for one in told.followed))
    ]
    return trn(
        "The report of {period} asked for {count} thing: {words}.",
        "The report of {period} asked for {count} things: {words}.",
        len(told.followed),
        period=period_name(told.period),
        count=count_text(len(told.followed)),
        words=listed(words),
    )


def _word(word: FollowWord) -> str:
    match word:
        case FollowWord.OPEN:
            return tr("still open")
        case FollowWord.DONE:
            return tr("done")
        case FollowWord.MOOT:
            return tr("no longer needed")
        case FollowWord.UNKNOWN:
            return tr("cannot be told")


def _followed(one: Followed) -> FollowedRow:
    return FollowedRow(
        mark=_FOLLOW_MARKS[one.word],
        word=sentence(_word(one.word)),
        action=clean(one.asked.action),
        evidence=clean(one.evidence, 300),
        owner=clean(one.asked.owner),
    )
