"""All documents of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from slo_reports.model import Bundle, Document, Report, file_name
from slo_reports.render.chat import summary
from slo_reports.render.html import render_html
from slo_reports.render.mail import mail_body
from slo_reports.render.pdf import Typesetter, render_pdf

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
}
"""Formats that can be asked for, and what they are sent as."""


Links = Callable[[Bundle], Mapping[str, str]]
"""Where a bundle's documents will be found once they are filed, by format."""


def render_bundle(
    report: Report,
    formats: Iterable[str],
    *,
    templates: Path | None = None,
    links: Links = lambda _bundle: {},
    typesetter: Typesetter | None = None,
) -> Bundle:
    """A report as documents, and as the messages that go with them.

    Args:
        report: what to say.
        formats: ``html``, ``pdf`` and ``json``, in the order of the documents.
        templates: the user's folder, whose files replace ours of the same name.
        links: tells where the documents will be found, for the messages.
        typesetter: a warm one, where many reports are made.

    Raises:
        RenderError: a document could not be made.
    """
    documents = [
        Document(
            document_name(report, one),
            MEDIA_TYPES[one],
            _content(report, one, templates, typesetter),
        )
        for one in formats
    ]
    bundle = Bundle(
        report=report.request.name,
        period_id=report.period.key,
        revision=report.revision,
        date=report.frozen_at,
        documents=tuple(documents),
    )
    found = links(bundle)
    return replace(
        bundle,
        mail=mail_body(report, links=found, templates=templates),
        summary=summary(report, links=found),
    )


def document_name(report: Report, extension: str) -> str:
    """A file's name, such as ``commerce_2026-10.pdf`` or ``commerce_2026-10_r2.pdf``."""
    return file_name(report.request.name, report.period.key, report.revision, extension)


def _content(
    report: Report, form: str, templates: Path | None, typesetter: Typesetter | None
) -> bytes:
    match form:
        case "html":
            return render_html(report, templates=templates)
        case "pdf":
            return render_pdf(report, templates=templates, typesetter=typesetter)
        case _:
            return report.to_json()
