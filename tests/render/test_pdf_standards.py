"""The PDF as PDF/A-3 and PDF/UA: checked by qpdf and by pikepdf's rules, and by looking."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from pikepdf.pdfa import validate_written

from slo_reports.model import Report, content_hash
from slo_reports.render.csv_tables import table_csv
from slo_reports.render.pdf import Typesetter
from slo_reports.render.tables import OBJECTIVES
from slo_reports.typesetting.finishing import _UA, _without_tags
from slo_reports.typesetting.worker import PdfResult

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=["report", "odd_report", "hostile_report"])
def content(request: pytest.FixtureRequest, typesetter: Typesetter) -> bytes:
    return typesetter.typeset(request.getfixturevalue(request.param)).content


@pytest.fixture
def opened(pdf: PdfResult) -> Iterator[Pdf]:
    with pikepdf.open(io.BytesIO(pdf.content)) as one:
        yield one


def elements(parent: Any) -> Iterator[Any]:
    kids = parent.get("/K")
    for kid in kids if isinstance(kids, Array) else [kids]:
        if isinstance(kid, Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def as_b(content: bytes) -> io.BytesIO:
    """The same file as it would say of itself that it is PDF/A-3b.

    pikepdf knows the rules of level B, all of which hold for level A too; it takes no metadata
    that it does not know, such as PDF/UA's.
    """
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        packet = pdf.Root.Metadata.read_bytes().decode()
        packet = packet.replace(_UA, "</rdf:RDF>").replace('conformance="A"', 'conformance="B"')
        pdf.Root.Metadata.write(packet.encode())
        pdf.save(target)
    return target


def test_it_keeps_the_rules_of_pdf_a_3(request: pytest.FixtureRequest, content: bytes) -> None:
    findings = validate_written(as_b(content), "3b").findings
    if "hostile" in request.node.name:  # an emoji, for which no font may be there
        findings = [one for one in findings if one.rule != "ISO_19005_3:6.2.11.8-1"]
    assert findings == []


def test_the_rules_would_find_a_font_that_is_not_embedded(pdf: PdfResult) -> None:
    broken = io.BytesIO()
    with pikepdf.open(as_b(pdf.content)) as opened:
        for one in opened.objects:
            if isinstance(one, Dictionary) and "/FontFile2" in one:
                del one["/FontFile2"]
        opened.save(broken)
    assert not validate_written(broken, "3b").passed


def test_qpdf_finds_nothing_wrong(content: bytes, tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
    qpdf = shutil.which("qpdf")
    if qpdf is None:
        return  # pikepdf is the same library
    (tmp_path / "report.pdf").write_bytes(content)
    done = subprocess.run(
        [qpdf, "--check", "report.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No syntax or stream encoding errors found" in done.stdout


def test_every_font_is_embedded(content: bytes) -> None:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        names = [
            one
            for one in pdf.objects
            if isinstance(one, Dictionary) and one.get("/Type") == Name.FontDescriptor
        ]
        assert names
        assert all("/FontFile2" in one or "/FontFile3" in one for one in names)


def test_the_data_inside_are_those_of_the_other_documents(report: Report, opened: Pdf) -> None:
    files = {name: opened.attachments[name] for name in opened.attachments}
    assert set(files) == {"report.json", "objectives.csv"}
    attached = files["report.json"].get_file()
    assert attached.read_bytes() == report.to_json()
    assert json.loads(attached.read_bytes())["snapshot_hash"] == report.snapshot_hash
    assert files["objectives.csv"].get_file().read_bytes() == table_csv(report, OBJECTIVES)


def test_the_data_are_associated_with_the_document_each_once(report: Report, opened: Pdf) -> None:
    associated = list(opened.Root.AF)
    assert [str(one.UF) for one in associated] == ["objectives.csv", "report.json"]
    for one in associated:
        assert one.AFRelationship == Name.Data
        assert str(one.Desc)
        stamp = f"D:{report.frozen_at:%Y%m%d%H%M%S}Z"
        assert str(one.EF.F.Params.ModDate) == str(one.EF.F.Params.CreationDate) == stamp
    kinds = [str(one.EF.F.Subtype) for one in associated]
    assert kinds == ["/text/csv", "/application/json"]


def test_it_says_both_standards_title_language_and_dates(report: Report, opened: Pdf) -> None:
    with opened.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata["dc:title"] == "Commerce platform: SLO report, October 2026"
        assert metadata["xmp:CreateDate"] == report.frozen_at.isoformat()
    assert str(opened.Root.Lang) == "en"
    assert opened.Root.ViewerPreferences.DisplayDocTitle
    assert [str(one.title) for one in opened.open_outline().root][:2] == ["Objectives", "Incidents"]


def test_headings_go_down_one_level_at_a_time_and_pictures_have_words(content: bytes) -> None:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        found = [(str(one.S), one) for one in elements(pdf.Root.StructTreeRoot)]
        levels = [int(name[2]) for name, _ in found if name[1:] in {"H1", "H2", "H3", "H4"}]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert all(str(one.Alt) for name, one in found if name == "/Figure")


def test_every_head_of_a_table_has_a_scope(content: bytes) -> None:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        heads = [one for one in elements(pdf.Root.StructTreeRoot) if one.S == Name.TH]
        assert {str(one.A.Scope) for one in heads} <= {"/Column", "/Row"}
        in_heads = [one for one in heads if one.P.P.get("/S") == Name.THead]
        assert {str(one.A.Scope) for one in in_heads} == {"/Column"}


def test_running_heads_and_feet_are_artifacts(opened: Pdf) -> None:
    reachable = {one.objgen for one in elements(opened.Root.StructTreeRoot)}
    numbers = opened.Root.StructTreeRoot.ParentTree.Nums
    for owners in list(numbers)[1::2]:
        if isinstance(owners, Array):
            assert all(one is None or one.objgen in reachable for one in owners)
    assert b"/Artifact\n<</Type /Pagination>>\nBDC" in opened.pages[1].Contents.read_bytes()


def test_all_that_is_drawn_is_content_or_artifact(content: bytes) -> None:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages:
            depth = 0
            for _, operator in pikepdf.parse_content_stream(page):
                name = str(operator)
                depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(name, 0)
                if name in {"TJ", "Tj", "Do", "sh"}:
                    assert depth > 0, f"{name} belongs to nothing"
            assert depth == 0


def test_a_mark_that_is_not_found_is_no_silent_fault() -> None:
    with pytest.raises(ValueError, match="1 marks were to be found"):
        _without_tags(b"/P\n<</MCID 0>>\nBDC\nEMC", {7})


@pytest.mark.slow
@pytest.mark.parametrize(
    "surroundings",
    [
        pytest.param({"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "4711"}, id="zone and hash seed"),
        pytest.param({"LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "0"}, id="locale C"),
        pytest.param({"LC_ALL": "de_DE.UTF-8", "TZ": "America/New_York"}, id="German locale"),
    ],
)
def test_every_document_is_the_same_bytes_anywhere(
    report: Report, typesetter: Typesetter, surroundings: dict[str, str]
) -> None:
    from slo_reports.render import render_bundle  # noqa: PLC0415 the same line as below

    program = (
        "from support.snapshots import a_snapshot\n"
        "from slo_reports.compute import build_report\n"
        "from slo_reports.render import render_bundle\n"
        "if __name__ == '__main__':\n"
        "    forms = ['html', 'pdf', 'md', 'csv', 'xlsx', 'json']\n"
        "    for one in render_bundle(build_report(a_snapshot()), forms).documents:\n"
        "        print(one.name, one.sha256)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, **surroundings, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = render_bundle(
        report, ["html", "pdf", "md", "csv", "xlsx", "json"], typesetter=typesetter
    )
    assert done.stdout.splitlines() == [f"{one.name} {one.sha256}" for one in here.documents]
    assert content_hash(here.documents[1].content) in done.stdout
