"""An organisation's name, logo and colours in every document."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from support.snapshots import a_snapshot

from slo_reports.compute import build_report
from slo_reports.contrast import READABLE, contrast
from slo_reports.model import Brand, Logo, Report, Snapshot
from slo_reports.render import mail_body, render_html
from slo_reports.render.archive import archive_page
from slo_reports.render.brand import dark_colours, on_band, quiet_on_band
from slo_reports.render.pdf import Typesetter

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><path d="M0 0h9v9z"/></svg>'
LOGO = Logo("image/svg+xml", base64.b64encode(DRAWING).decode(), 90, 30)
BRAND = Brand("Example <Ltd>", "#7a1fa2", "#3d0a54", LOGO)


def branded(brand: Brand | None) -> Report:
    snapshot = a_snapshot()
    return build_report(replace(snapshot, request=replace(snapshot.request, brand=brand)))


def test_the_page_wears_name_logo_and_colours() -> None:
    page = render_html(branded(BRAND)).decode()
    assert "Example &lt;Ltd&gt;, SLO report" in page
    assert f'<img src="{LOGO.url}" alt="Example &lt;Ltd&gt;" height="36" width="108">' in page
    assert ":root { --band: #3d0a54 }" in page
    assert ":root { --link: #7a1fa2 }" in page


def test_links_on_dark_ground_are_lightened_until_they_can_be_read() -> None:
    (colour,) = re.findall(r"--link: (#\w{6})", dark_colours(BRAND))
    assert contrast(colour, "#18233a") >= READABLE


@pytest.mark.parametrize("band", ["#3d0a54", "#ffd400", "#ffffff", "#000000", "#0b5cad"])
def test_words_on_any_band_can_be_read(band: str) -> None:
    worn = Brand(band=band)
    assert contrast(on_band(worn), band) >= READABLE
    assert contrast(quiet_on_band(worn), band) >= READABLE


def test_the_archive_wears_it_and_its_footer() -> None:
    page = archive_page([], brand=BRAND, footer="Example <Ltd>, internal").decode()
    assert "Example &lt;Ltd&gt;, archive" in page
    assert LOGO.url in page
    assert "<p>Example &lt;Ltd&gt;, internal</p></footer>" in page


def test_the_mail_shows_the_logo_by_its_content_id_as_a_png() -> None:
    body = mail_body(branded(BRAND), links={"html": "https://example.com/r.html"})
    logo = body.images[-1]
    assert (logo.name, logo.media_type) == ("logo.png", "image/png")
    assert int.from_bytes(logo.content[16:20], "big") == 2 * 108
    assert '<img src="cid:logo.png" width="108" height="36" alt="Example &lt;Ltd&gt;"' in body.html
    assert 'bgcolor="#3d0a54"' in body.html
    assert 'style="color:#7a1fa2">Open the whole report' in body.html


def test_a_jpeg_goes_into_the_mail_as_it_is_and_no_wider_than_there_is_room() -> None:
    wide = Logo("image/jpeg", base64.b64encode(b"\xff\xd8\xff").decode(), 1600, 100)
    body = mail_body(branded(replace(BRAND, logo=wide)))
    assert (body.images[-1].name, body.images[-1].content) == ("logo.jpg", b"\xff\xd8\xff")
    assert 'src="cid:logo.jpg" width="240" height="15"' in body.html


def test_the_pdf_wears_it_and_stays_the_same_byte_for_byte(typesetter: Typesetter) -> None:
    first, second = (typesetter.typeset(branded(BRAND)) for _ in range(2))
    assert first.warnings == ()
    assert first.content == second.content
    page = pypdf.PdfReader(io.BytesIO(first.content)).pages[0]
    assert "Example <Ltd>, SLO report" in page.extract_text()
    assert b"0.239216 0.039216 0.329412 rg" in page.get_contents().get_data()  # type: ignore[union-attr]


def test_a_brand_is_frozen_with_the_snapshot_and_changes_no_older_one() -> None:
    snapshot = a_snapshot()
    worn = replace(snapshot, request=replace(snapshot.request, brand=BRAND))
    assert Snapshot.from_json(worn.to_json()).to_json() == worn.to_json()
    assert b'"brand"' not in snapshot.to_json()
    assert b'"brand"' in worn.to_json()
    assert branded(BRAND).to_json().count(b'"brand"') == 0


def test_a_template_of_the_users_own_can_show_the_brand(tmp_path: Path) -> None:
    (tmp_path / "report.html.j2").write_text(
        '{% include "parts/brand.html.j2" %}{{ brand.organisation }}'
    )
    page = render_html(branded(BRAND), templates=tmp_path).decode()
    assert LOGO.url in page
    assert page.endswith("Example &lt;Ltd&gt;")
    assert render_html(branded(None), templates=tmp_path) == b""
