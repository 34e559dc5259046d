"""Notes that delivery adds to a mail's body: what is not attached, and that it is a trial."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from slo_reports.model import NOTES_MARK, MailBody

_WIDTH = 78
_BOX = (
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
    'style="margin:16px 0 0"><tr><td bgcolor="#fbf3e6" style="padding:10px 14px;'
    "border-left:4px solid #8a5200;background:#fbf3e6;font-family:Inter,'Segoe UI',Helvetica,"
    'Arial,sans-serif;font-size:14px;line-height:20px;color:#2b3648;word-break:break-word">'
)
_END = "</td></tr></table>"


@dataclass(frozen=True)
class Note:
    """One line of a note, and where it leads, if anywhere."""

    text: str
    link: str = ""


def with_notes(body: MailBody, title: str, notes: Sequence[Note]) -> MailBody:
    """The body with a box of notes: in the HTML at its mark, in the text before its sections."""
    lines = "".join(f"<br>{_as_html(one)}" for one in notes)
    box = f"{_BOX}<strong>{escape(title)}</strong>{lines}{_END}"
    written = [*_wrapped(title), *(line for one in notes for line in _as_text(one))]
    return replace(
        body,
        text=_before_sections(body.text, "\n".join(written)),
        html=_at_mark(body.html, box),
    )


def with_banner(body: MailBody, words: str) -> MailBody:
    """The body with a line above all else."""
    box = f"{_BOX}<strong>{escape(words)}</strong>{_END}"
    text = "\n".join(["*" * _WIDTH, *_wrapped(words), "*" * _WIDTH, "", body.text])
    return replace(body, text=text, html=_on_top(body.html, box))


def _as_html(note: Note) -> str:
    if not note.link:
        return escape(note.text)
    href = escape(note.link)
    return f'<a href="{href}" style="color:#0b5cad">{escape(note.text)}</a>'


def _as_text(note: Note) -> list[str]:
    lines = textwrap.wrap(
        note.text + ":" * bool(note.link),
        _WIDTH,
        initial_indent="- ",
        subsequent_indent="  ",
        break_on_hyphens=False,
    )
    return [*lines, f"  {note.link}"] if note.link else lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False)


def _before_sections(text: str, note: str) -> str:
    head, gap, rest = text.partition("\n\n\n")
    return f"{head}\n\n{note}{gap}{rest}" if gap else f"{note}\n\n{text}"


def _at_mark(html: str, box: str) -> str:
    before, mark, after = html.partition(NOTES_MARK)
    return f"{before}{box}{mark}{after}" if mark else _on_top(html, box)


def _on_top(html: str, box: str) -> str:
    found = re.search(r"<body\b[^>]*>", html, re.IGNORECASE)
    place = 0 if found is None else found.end()
    return html[:place] + box + html[place:]
