"""Whose reports they are: colours that can be read, and logos that are only pictures."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.contrast import READABLE, contrast, legible
from slo_reports.errors import ConfigurationError
from slo_reports.settings.brand import BrandSettings
from slo_reports.settings.loading import load_settings, read_settings
from slo_reports.settings.logos import LARGEST, read_logo

SETTINGS = """\
version: 1
definitions: [slos]
source: {url: "http://localhost:9090"}
brand:
  organisation: Example Ltd
  logo: logo.svg
  accent: "#7A1FA2"
  band: "#3d0a54"
reports: [{name: monthly, title: M}]
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 40">{}</svg>'


def a_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    rows = zlib.compress((b"\0" + b"\x20\x60\xa0" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "logo.svg"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        pytest.param("#000000", "#ffffff", 21.0, id="black on white"),
        pytest.param("#777777", "#ffffff", 4.48, id="WCAG's grey that just fails"),
        pytest.param("#ff0000", "#ffffff", 4.0, id="red on white"),
        pytest.param("#0b5cad", "#0b5cad", 1.0, id="itself"),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@given(colour=COLOURS, ground=st.sampled_from(["#ffffff", "#f4f6f9", "#18233a", "#0f1726"]))
def test_any_colour_can_be_made_legible_on_our_grounds(colour: str, ground: str) -> None:
    assert contrast(legible(colour, ground, READABLE), ground) >= READABLE


def test_a_brand_is_read_with_its_logo(tmp_path: Path) -> None:
    written(tmp_path, SVG.format('<path d="M0 0h9v9z" fill="url(#a)"/>'))
    (tmp_path / "slo_reports.yaml").write_text(SETTINGS)
    brand = load_settings(tmp_path / "slo_reports.yaml").brand.frozen()
    assert brand is not None
    assert (brand.organisation, brand.accent, brand.band) == ("Example Ltd", "#7a1fa2", "#3d0a54")
    assert brand.logo is not None
    assert (brand.logo.media_type, brand.logo.width, brand.logo.height) == (
        "image/svg+xml",
        150,
        40,
    )
    assert brand.logo.content.startswith(b"<svg")


def test_where_nothing_is_set_there_is_no_brand() -> None:
    assert BrandSettings().frozen() is None
    assert BrandSettings(footer="internal").frozen() is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("#7A1FA2", "#f5c400", r":7: .*contrast 1\.5, needed 4\.5; #\w{6} can"),
        ("#7A1FA2", "purple", r":7: .*'purple' is no colour; write one such as '#0b5cad'"),
        ("#3d0a54", "#7f7f7f", r":8: .*neither white nor dark text can be read on #7f7f7f"),
        ("logo.svg", "lost.svg", r":6: .*the logo .*lost\.svg could not be read: No such file"),
        ("logo: logo.svg", "lgo: logo.svg", r":6: .*did you mean 'logo'"),
    ],
)
def test_what_is_wrong_with_a_brand_is_told_at_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    written(tmp_path, SVG.format("<g/>"))
    path = tmp_path / "slo_reports.yaml"
    path.write_text(SETTINGS.replace(old, new))
    (problem,) = read_settings(path).problems
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(str(problem))


DATA = "data:image/png;base64," + base64.b64encode(a_png(2, 2)).decode()
HARMLESS = [
    '<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs>',
    '<style>.a { fill: url(#a); stroke: #123 }</style><rect class="a" width="5" height="5"/>',
    f'<image href="{DATA}" width="5" height="5"/>',
    '<g xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:label="x"><i:view/></g>',
    '<g xmlns:xlink="http://www.w3.org/1999/xlink"><use xlink:href="#a"/></g>',
    "<text>Ärger &amp; Söhne</text>",
]


@pytest.mark.parametrize("inside", HARMLESS)
def test_what_only_draws_is_taken(tmp_path: Path, inside: str) -> None:
    assert read_logo(written(tmp_path, SVG.format(inside))).width == 150


HARMFUL = [
    ("<script>alert(1)</script>", "element <script>"),
    ("<SCRIPT>alert(1)</SCRIPT>", "element <SCRIPT>"),
    ('<x:script xmlns:x="http://www.w3.org/2000/svg">1</x:script>', "element <script>"),
    ('<script xmlns="http://www.w3.org/1999/xhtml">1</script>', "element <script>"),
    ('<iframe xmlns="" src="x"/>', "element <iframe>"),
    ("<foreignObject><p/></foreignObject>", "element <foreignObject>"),
    ('<a href="https://example.com">x</a>', "element <a>"),
    ('<animate attributeName="href" to="x"/>', "element <animate>"),
    ('<set attributeName="onload" to="x"/>', "element <set>"),
    ('<g onload="alert(1)"/>', "attribute onload, which runs script"),
    ('<g OnClick="alert(1)"/>', "attribute OnClick, which runs script"),
    ('<image href="https://example.com/x.png"/>', "refers to 'https://example.com/x.png'"),
    ('<image href="file:///etc/passwd"/>', "refers to 'file:///etc/passwd'"),
    ('<image href="/etc/passwd"/>', "refers to '/etc/passwd'"),
    ('<image href="data:image/svg+xml;base64,PHN2Zz4="/>', "refers to 'data:image/svg"),
    ('<use href="other.svg#a"/>', "refers to 'other.svg#a'"),
    ('<g xmlns:l="http://www.w3.org/1999/xlink"><use l:href="x#a"/></g>', "refers to 'x#a'"),
    ('<rect fill="url(https://example.com/a#b)"/>', "the attribute fill to 'https://example.com"),
    ("<rect style=\"fill: u\\rl( '//example.com/a')\"/>", "the attribute style to '//example"),
    ("<style>@import 'https://example.com/a.css';</style>", "texts and styles to 'a rule"),
    ("<style>@im/**/port 'a'; a{b:url(x)}</style>", "texts and styles to 'x'"),
    ("<style><![CDATA[a{b:url(https://example.com)}]]></style>", "texts and styles to 'https"),
    ("<?xml-stylesheet href='a.css'?>", "instruction <\\?xml-stylesheet"),
    ("<g>" * 70 + "</g>" * 70, "nested more than 60"),
]


@pytest.mark.parametrize(("inside", "told"), HARMFUL)
def test_what_could_act_or_fetch_is_refused(tmp_path: Path, inside: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read_logo(written(tmp_path, SVG.format(inside)))


BOMB = (
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&b;</text></svg>'
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (BOMB, "has a DOCTYPE"),
        ("GIF89a", "is neither PNG nor JPEG, and no SVG"),
        ("", "is neither PNG nor JPEG, and no SVG"),
        ("<html/>", "is no SVG: its first element is <html>"),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', "neither width and height nor a viewBox"),
        (SVG.replace("150", "0"), "has sides of 0 and 40"),
        (SVG.replace("150", "9000"), "225 times as wide|2.2e[+]02 times as wide"),
        (SVG.replace("150", "x"), "could not convert"),
        (a_png(2, 2)[:18], "ends before its picture begins"),
        (b"\xff\xd8\xff\xe0\x00\x10", "ends before its picture begins"),
        (b"\xff\xd8\xff\xe0\x00\x00" + b"x" * 20, "is no whole JPEG"),
        ("<svg" + " " * LARGEST, "has 256 KiB; at most 256"),
    ],
)
def test_what_is_no_picture_is_told(tmp_path: Path, content: str | bytes, told: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"the logo .*logo\.svg .*({told})"):
        read_logo(written(tmp_path, content))


def test_sizes_of_pngs_and_jpegs_are_read(tmp_path: Path) -> None:
    png = read_logo(written(tmp_path, a_png(30, 20)))
    assert (png.media_type, png.width, png.height) == ("image/png", 30, 20)
    frame = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x0b\x08" + struct.pack(">HH", 20, 70)
    jpeg = read_logo(written(tmp_path, frame))
    assert (jpeg.media_type, jpeg.width, jpeg.height) == ("image/jpeg", 70, 20)
