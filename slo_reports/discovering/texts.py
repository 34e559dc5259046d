"""The file of a proposal: definitions, and in comments what was seen and why."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from slo_reports.definitions.writing import one_line, plain_yaml
from slo_reports.discovering.nouns import Found, Objective
from slo_reports.discovering.tiering import Guess
from slo_reports.numbers import percent_text
from slo_reports.tiers import tier_text

UNKNOWN = "unknown"
"""What stands for the owner where no label names one."""
MARK = "proposed by slo-reports discover"
"""By this in its first line a file is known to be ours."""
_WIDTH = 96


def file_text(
    found: Found,
    guess: Guess,
    objectives: Sequence[Objective],
    remarks: Sequence[str],
    seen: tuple[str, datetime, int],
) -> str:
    """One definition file.

    Args:
        found: the service.
        guess: its tier.
        objectives: at least one.
        remarks: what cannot be measured or was not taken.
        seen: the source, the instant up to which it was looked at, and the weeks before it.
    """
    head = "\n".join(_head(found, guess, remarks, seen))
    parts = [f"{_comment(_about(one))}\n{_document(one)}" for one in objectives]
    return f"{head}\n\n" + "---\n".join(parts)


def _document(objective: Objective) -> str:
    text = plain_yaml(objective.document)
    return text.replace(f"  owner: {UNKNOWN}\n", f"  owner: {UNKNOWN} # write the team\n", 1)


def _head(
    found: Found, guess: Guess, remarks: Sequence[str], seen: tuple[str, datetime, int]
) -> Iterator[str]:
    url, at, weeks = seen
    yield _comment([f"{found.key.title} ({found.kind}), {MARK}"])
    yield "#"
    lines = [
        f"Looked at {url}, the {weeks} weeks up to {at:%Y-%m-%d %H:%M} UTC and the month before.",
        _tier(guess),
        _owner(found),
        *remarks,
        "Review each target below; delete what nobody would act on.",
    ]
    yield _comment(lines, bullet="- ")


def _tier(guess: Guess) -> str:
    why = " and ".join(guess.reasons)
    return f"Tier {tier_text(guess.tier)}: {why}. Change it, and the targets, if that is wrong."


def _owner(found: Found) -> str:
    if found.owner:
        return f"Owner {found.owner}, as a label of its metrics says."
    return "No label names its owner: write the team that answers for it."


def _about(objective: Objective) -> Iterator[str]:
    target = objective.target
    yield f"{objective.slo.title}: {percent_text(target.target, kind='target')}"
    yield from (f"- {reason}" for reason in objective.reasons)


def _comment(lines: Iterable[str], bullet: str = "") -> str:
    """Lines as comments, wrapped; what a line goes on with is indented."""
    out = []
    for line in lines:
        text = one_line(f"{bullet}{line}").replace("\u202f", "\u00a0")
        hang = "  " if text.startswith("- ") else ""
        wrapped = textwrap.wrap(
            text, _WIDTH, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
        )
        out += [f"# {one}" for one in wrapped]
    return "\n".join(out)
