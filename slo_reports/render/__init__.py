"""From a judged report to documents: HTML, PDF, JSON and the body of a mail."""

from slo_reports.render.archive import ArchiveEntry, FiledDocument, archive_page
from slo_reports.render.bundle import document_name, render_bundle
from slo_reports.render.digest import Earlier
from slo_reports.render.html import render_html
from slo_reports.render.mail import mail_body
from slo_reports.render.pdf import Typesetter, render_pdf

__all__ = [
    "ArchiveEntry",
    "Earlier",
    "FiledDocument",
    "Typesetter",
    "archive_page",
    "document_name",
    "mail_body",
    "render_bundle",
    "render_html",
    "render_pdf",
]
