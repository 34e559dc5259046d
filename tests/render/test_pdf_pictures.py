"""Drawings in the PDF: compiled by us, and the same to the eye as WeasyPrint's own SVG."""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest
from markupsafe import Markup

from slo_reports.model import Report
from slo_reports.render.html import page
from slo_reports.render.marks import Mark, status_mark
from slo_reports.render.svg import Drawing
from slo_reports.resources import resources
from slo_reports.typesetting import worker
from slo_reports.typesetting.finishing import Finish
from slo_reports.typesetting.paths import Unsupported, path
from slo_reports.typesetting.pictures import Label, taken_out
from slo_reports.typesetting.worker import PdfJob, typeset


def pictures_of(content: bytes) -> list[np.ndarray]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.render(scale=1).to_numpy().astype(float) for page in document]
    finally:
        document.close()


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"  # WeasyPrint leaves its colour profile open
)
def test_every_page_looks_as_it_does_with_weasyprints_own_svg(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = resources()
    finish = Finish(report.frozen_at, bytes(16))
    job = PdfJob(page(report, files, Markup()), files.folders, finish)
    ours = pictures_of(typeset(job).content)
    monkeypatch.setattr(worker, "taken_out", lambda html: (html, {}))
    theirs = pictures_of(typeset(job).content)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert np.abs(one - other).mean() < 0.5  # of 255: kerning inside labels


def test_all_drawings_of_a_report_are_taken_out(report: Report) -> None:
    html = page(report, resources(), Markup())
    frames, found = taken_out(html)
    assert frames.count("<svg") == html.count("<svg") == frames.count("data-picture=")
    assert frames.count("<title>") == html.count("<title>")
    assert "<path" not in frames
    assert len(found) < html.count("<svg")  # the same drawing is compiled once


def drawing_with(name: str, **attributes: object) -> str:
    drawing = Drawing(10, 10, "words")
    drawing.element(name, **attributes)
    return drawing.markup()


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(drawing_with("ellipse", cx=1, cy=1), id="element"),
        pytest.param(drawing_with("rect", width=1, height=1, opacity=0.5), id="attribute"),
        pytest.param(drawing_with("path", d="M0 0A1 1 0 0 0 2 2"), id="arc"),
        pytest.param(drawing_with("path", d="M0 0L1"), id="half a point"),
        pytest.param(drawing_with("rect", width=1, height=1, fill="red"), id="named colour"),
        pytest.param('<svg viewBox="0 0 1 1"><path d="M0 0L1 1"/></svg>', id="not ours"),
    ],
)
def test_what_is_not_known_stays_in_the_page(markup: str) -> None:
    assert taken_out(markup) == (markup, {})


def test_a_label_is_one_piece_of_text_where_its_anchor_says() -> None:
    drawing = Drawing(100, 20, "words")
    drawing.text(50, 12, "<90 % & more>", anchor="end", weight=600, fill="#fff")
    (compiled,) = taken_out(drawing.markup())[1].values()
    assert compiled.parts == (
        Label("<90 % & more>", 50, 12, "Inter, sans-serif", 8.5, 600, "end", (1.0, 1.0, 1.0)),
    )


def test_a_mark_keeps_the_size_that_it_is_shown_in() -> None:
    (compiled,) = taken_out(status_mark(Mark.MET, 9))[1].values()
    assert (compiled.box, compiled.size) == ((12, 12), (9, 9))


@pytest.mark.parametrize(
    ("data", "operators"),
    [
        pytest.param("M1 2L3 4", b"1 2 m\n3 4 l", id="absolute"),
        pytest.param("M1 2 3 4 5 6", b"1 2 m\n3 4 l\n5 6 l", id="points after the first are lines"),
        pytest.param("M1 1l2 2-1-1Z", b"1 1 m\n3 3 l\n2 2 l\nh", id="relative"),
        pytest.param("M1 1h2v.5H0V0", b"1 1 m\n3 1 l\n3 1.5 l\n0 1.5 l\n0 0 l", id="along an axis"),
        pytest.param("m1 1l1 0zl0 2", b"1 1 m\n2 1 l\nh\n1 3 l", id="closing goes back"),
        pytest.param("M0 0c1 0 2 1 2 2", b"0 0 m\n1 0 2 1 2 2 c", id="curve"),
    ],
)
def test_paths_become_operators(data: str, operators: bytes) -> None:
    assert path(data) == operators


def test_a_path_that_is_no_path_is_refused() -> None:
    with pytest.raises(Unsupported):
        path("M0 0 url(#x)")
