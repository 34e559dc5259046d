"""All documents of a run together."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

from slo_reports.model import Report
from slo_reports.render import document_name, render_bundle
from slo_reports.render.pdf import Typesetter, attached_data


def test_a_bundle_holds_the_formats_in_order_and_a_mail(
    report: Report, typesetter: Typesetter
) -> None:
    bundle = render_bundle(report, ["html", "pdf", "json"], typesetter=typesetter)
    assert [(one.name, one.media_type) for one in bundle.documents] == [
        ("commerce_2026-10.html", "text/html; charset=utf-8"),
        ("commerce_2026-10.pdf", "application/pdf"),
        ("commerce_2026-10.json", "application/json"),
    ]
    assert (bundle.report, bundle.period_id, bundle.revision) == ("commerce", "2026-10", 1)
    assert bundle.date == report.frozen_at
    assert bundle.mail is not None
    assert json.loads(bundle.documents[2].content)["headline"] == report.headline


def test_later_revisions_have_names_of_their_own(report: Report) -> None:
    assert document_name(replace(report, revision=2), "pdf") == "commerce_2026-10_r2.pdf"


def test_a_bundle_of_one_format_is_just_that(report: Report) -> None:
    assert [one.name for one in render_bundle(report, ["json"]).documents] == [
        "commerce_2026-10.json"
    ]


def test_a_report_that_nobody_is_mailed_has_no_mail(report: Report) -> None:
    bundle = render_bundle(report, ["json"], mail=False)
    assert bundle.mail is None
    assert bundle.summary is not None


def test_the_json_document_is_what_the_pdf_carries_and_stays_in_its_process(report: Report) -> None:
    attached, _ = attached_data(report)
    (document,) = render_bundle(report, ["json"]).documents
    assert attached.content is document.content
    again = pickle.loads(pickle.dumps(report))  # noqa: S301  # our own
    assert again.to_json() == document.content
    assert len(pickle.dumps(report)) == len(pickle.dumps(replace(report)))
