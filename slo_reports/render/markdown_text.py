"""Foreign text in Markdown: shown letter by letter, whatever it would mean there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from slo_reports.render.clean import prose

_ACTIVE = re.compile(r"[\\`*_{}\[\]<>#|~&$]|:(?=//)|(?i:(?<=mailto)|(?<=xmpp)):")
"""What begins or ends markup; a backslash before punctuation shows it as it is."""
_STARTS = re.compile(r"^(?:(\d+)([.)])(?=\s|$)|([-+])(?=\s|$|[-+ ]*$))")
"""What would begin a list, or be a rule, at the start of a line."""
_BREAK = "<!-- -->"
"""Stands inside what a host would otherwise turn into a link; nobody sees it."""
_CALLS = re.compile(r"(?:@|\\#)(?=\w)|:(?=[\w+-]+:)|\b(?i:www)(?=\.)")
"""Mentions, numbers of issues, emoji by name, and addresses, which hosts look for after escapes
are gone."""
_LETTERS = {"l": ":--", "r": "--:"}


def escaped(text: object) -> str:
    """One line of text that is no markup, no HTML, no link and no mention."""
    line = _ACTIVE.sub(r"\\\g<0>", prose(text))
    line = _STARTS.sub(_started, line)
    return _CALLS.sub(rf"\g<0>{_BREAK}", line)


def _started(found: re.Match[str]) -> str:
    return rf"\{found[3]}" if found[3] else rf"{found[1]}\{found[2]}"


def code(text: object) -> str:
    """Text in a code span, whatever backticks it holds."""
    line = prose(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"


def bullet(text: object) -> str:
    """One line of a list."""
    return f"- {escaped(text)}"


def table(heads: Sequence[str], sides: str, rows: Iterable[Sequence[str]]) -> str:
    """A table; ``sides`` has an ``l`` or ``r`` for each column, cells are escaped already."""
    lines = [heads, [_LETTERS[side] for side in sides], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
