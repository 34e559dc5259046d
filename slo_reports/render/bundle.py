"""All documents of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from slo_reports.model import MEDIA_TYPES, Bundle, Document, Format, Report, file_name
from slo_reports.render.chat import summary
from slo_reports.render.csv_tables import render_csv
from slo_reports.render.html import render_html
from slo_reports.render.mail import mail_body
from slo_reports.render.markdown import render_markdown
from slo_reports.render.pdf import Typesetter, render_pdf
from slo_reports.render.xlsx import render_xlsx

Links = Callable[[Bundle], Mapping[str, str]]
"""Where a bundle's documents will be found once they are filed, by format."""


def render_bundle(
    report: Report,
    formats: Iterable[Format],
    *,
    templates: Path | None = None,
    links: Links = lambda _bundle: {},
    typesetter: Typesetter | None = None,
    mail: bool = True,
) -> Bundle:
    """A report as documents, and as the messages that go with them.

    Args:
        report: what to say.
        formats: in the order of the documents; ``csv`` makes several.
        templates: the user's folder, whose files replace ours of the same name.
        links: tells where the documents will be found, for the messages.
        typesetter: a warm one, where many reports are made.
        mail: whether it is mailed to anybody.

    Raises:
        RenderError: a document could not be made.
    """
    documents = [
        Document(document_name(report, ending), MEDIA_TYPES[one], content)
        for one in formats
        for ending, content in _contents(report, one, templates, typesetter)
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
        mail=mail_body(report, links=found, templates=templates) if mail else None,
        summary=summary(report, links=found),
    )


def document_name(report: Report, extension: str) -> str:
    """A file's name, such as ``commerce_2026-10.pdf`` or ``commerce_2026-10_r2.pdf``."""
    return file_name(report.request.name, report.period.key, report.revision, extension)


def _contents(
    report: Report, form: Format, templates: Path | None, typesetter: Typesetter | None
) -> Iterator[tuple[str, bytes]]:
    """The documents of a format, each with what its name ends in."""
    match form:
        case "html":
            yield form, render_html(report, templates=templates)
        case "pdf":
            yield form, render_pdf(report, templates=templates, typesetter=typesetter)
        case "md":
            yield form, render_markdown(report)
        case "csv":
            for name, content in render_csv(report):
                yield f"{name}.{form}", content
        case "xlsx":
            yield form, render_xlsx(report)
        case "json":
            yield form, report.to_json()
