"""What a message says: subject, plain text, and HTML that mail clients can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slo_reports.language import speaking, tr
from slo_reports.model import Document, MailBody, Report, SloResult
from slo_reports.numbers import period_title
from slo_reports.render import chat
from slo_reports.render.brand import PLAIN
from slo_reports.render.burn_down import burn_down, burn_down_words
from slo_reports.render.changed import changes_text
from slo_reports.render.chapters import marked_incidents, urgent
from slo_reports.render.clean import clean
from slo_reports.render.decisions import calm_words, decision_tables, troubled
from slo_reports.render.digest import Earlier, digest, digest_title
from slo_reports.render.environment import render_template
from slo_reports.render.layouts import LAYOUTS
from slo_reports.render.letters import Letter
from slo_reports.render.mail_brand import MailLogo, mail_colours, mail_logo
from slo_reports.render.mail_text import letter_text, mail_text
from slo_reports.render.page import before, facts
from slo_reports.render.png import png
from slo_reports.render.portfolio_mail import (
    TEMPLATE,
    portfolio_mail_rows,
    portfolio_mail_values,
    portfolio_text,
)
from slo_reports.render.restatement import MOST_NOTICES, notice_rows, restatement_box
from slo_reports.render.rows import (
    ObjectiveRow,
    ServiceRows,
    budgets_left,
    chapter_title,
    incident_row,
    service_rows,
)
from slo_reports.resources import Resources, resources
from slo_reports.statuses import decision_word

LARGEST = 90_000
"""Of the HTML [bytes]; Gmail cuts off what is larger than about 102 kB."""
MOST_OBJECTIVES = 40
MOST_CHANGES = 10
MOST_INCIDENTS = 20
MOST_ACTIONS = 10
MOST_DECISIONS = 10
_WHOLE = 20
_PICTURES = 2
_WIDTH = 592
"""Of a chart where there is room [px]; telephones show it smaller."""
_DRAWN = 400.0
"""Width it is drawn for [px], so that its words are read on a telephone, too."""


@dataclass(frozen=True)
class _Picture:
    """One chart of the mail: shown as ``cid:NAME``."""

    document: Document
    title: str
    alt: str


def mail_body(
    report: Report,
    *,
    links: Mapping[str, str] | None = None,
    templates: Path | None = None,
    earlier: Sequence[Earlier] = (),
) -> MailBody:
    """The message of a report, before it is addressed.

    Args:
        report: what to say.
        links: where filed documents are found, by ``html`` and ``pdf``.
        templates: the user's folder, whose files replace ours of the same name.
        earlier: reports of earlier periods that could not be sent, told in this message as well.

    Raises:
        RenderError: the template is wrong, with its place.
    """
    with speaking(report.request.language):
        return _body(report, dict(links or {}), resources(templates), earlier)


def _body(
    report: Report, addresses: Mapping[str, str], files: Resources, earlier: Sequence[Earlier]
) -> MailBody:
    logo = mail_logo(report.request.brand, files)
    layout = LAYOUTS[report.request.kind]
    if layout.letter is not None:
        return _short(report, layout.letter(report), addresses, files, logo, earlier)
    pictures = [
        _picture(report, result, files, number)
        for number, result in enumerate(urgent(report)[: _PICTURES * _is_whole(report)], 1)
    ]
    text = mail_text if _is_whole(report) else portfolio_text
    return MailBody(
        subject=subject(report, earlier=len(earlier)),
        text=text(report, addresses, digest(earlier)),
        html=_html(report, addresses, files, pictures, logo, earlier),
        images=_images(pictures, logo),
        language=report.request.language,
    )


def _images(pictures: Sequence[_Picture], logo: MailLogo | None) -> tuple[Document, ...]:
    shown = tuple(one.document for one in pictures)
    return shown if logo is None else (*shown, logo.document)


def _is_whole(report: Report) -> bool:
    """Whether the mail tells of every objective; a portfolio's tells of teams."""
    return report.portfolio is None


def subject(report: Report, *, earlier: int = 0) -> str:
    """One line: what, for whom, when, and how it went; and how many earlier periods it tells."""
    told = chat.subject(report, 120, earlier=earlier)
    return told if LAYOUTS[report.request.kind].letter else f"{tr('SLO report')}, {told}"


def _short(
    report: Report,
    letter: Letter,
    links: Mapping[str, str],
    files: Resources,
    logo: MailLogo | None,
    earlier: Sequence[Earlier],
) -> MailBody:
    """The short mail of a kind that has one."""
    shown = [one for one in report.results if one.slo.id == letter.chart]
    pictures = [_picture(report, one, files, number) for number, one in enumerate(shown, 1)]
    values = _values(report, links, pictures, earlier) | {
        "logo": logo,
        "document": letter.document,
        "letter": letter,
        "sections": [one for one in letter.sections if one.is_shown],
    }
    return MailBody(
        subject=subject(report, earlier=len(earlier)),
        text=letter_text(report, letter, links, digest(earlier)),
        html=render_template(files, "letter.html.j2", values),
        images=_images(pictures, logo),
        language=report.request.language,
    )


def _picture(report: Report, result: SloResult, files: Resources, number: int) -> _Picture:
    incidents = marked_incidents(report, result)
    drawn = burn_down(result, incidents, report.period, width=_DRAWN, height=170)
    return _Picture(
        document=Document(
            f"burn-down-{number}.png", "image/png", png(drawn, files, zoom=2 * _WIDTH / _DRAWN)
        ),
        title=chapter_title(result),
        alt=burn_down_words(result, incidents, report.period),
    )


def _html(
    report: Report,
    links: Mapping[str, str],
    files: Resources,
    pictures: list[_Picture],
    logo: MailLogo | None,
    earlier: Sequence[Earlier],
) -> str:
    """The HTML with as many rows as it has room for; a template of the user's own may be larger."""
    values = _values(report, links, pictures, earlier) | {"logo": logo}
    rows = [(service, row) for service in service_rows(report) for row in service.rows]
    template, part = "mail.html.j2", _WHOLE
    if not _is_whole(report):
        template, values = TEMPLATE, values | portfolio_mail_values(report)
    while True:
        fitting = _rows(report, rows, part) | portfolio_mail_rows(values, part, _WHOLE)
        page = render_template(files, template, values | fitting)
        size = len(page.encode(errors="replace"))
        if size <= LARGEST or part == 0:
            return page
        part = min(part - 1, part * LARGEST // size)


def _values(
    report: Report,
    links: Mapping[str, str],
    pictures: list[_Picture],
    earlier: Sequence[Earlier],
) -> dict[str, object]:
    notices = notice_rows(report)
    return {
        "report": report,
        "subject": subject(report, earlier=len(earlier)),
        "title": clean(report.request.title),
        "period": period_title(report.period),
        "facts": facts(report),
        "before": before(report),
        "changed": changes_text(report.insight.changes) if report.insight else "",
        "restatement": restatement_box(report),
        "notices": notices[:MOST_NOTICES],
        "notices_left_out": max(0, len(notices) - MOST_NOTICES),
        "earlier": digest(earlier),
        "earlier_title": digest_title(),
        "links": {"html": "", "pdf": "", **links},
        "pictures": pictures,
        "width": _WIDTH,
        "brand": report.request.brand or PLAIN,
        **mail_colours(report.request.brand),
    }


def _rows(
    report: Report, rows: Sequence[tuple[ServiceRows, ObjectiveRow]], part: int
) -> dict[str, object]:
    """The rows of all tables, as many twentieths of the most there may be as ``part`` says."""
    objectives, incidents, actions, changes, services = (
        -(-most * part // _WHOLE)
        for most in (
            MOST_OBJECTIVES,
            MOST_INCIDENTS,
            MOST_ACTIONS,
            MOST_CHANGES,
            MOST_DECISIONS,
        )
    )
    shown, left = report.incidents[:incidents], budgets_left(report)
    decided = decision_tables(report, len(report.decisions))
    held = troubled(decided.rows)
    return {
        "decided": decided,
        "held": held[:services],
        "held_left_out": max(0, len(held) - services),
        "calm": calm_words(decided.rows),
        "decision_word": decision_word,
        "rows": rows[:objectives],
        "rows_left_out": max(0, len(rows) - objectives),
        "most_changes": changes,
        "incidents": [incident_row(one, report.period.zone, left=left) for one in shown],
        "incidents_left_out": len(report.incidents) - len(shown),
        "actions": report.recommendations[:actions],
        "actions_left_out": max(0, len(report.recommendations) - actions),
    }
