"""Drawings as a PDF holds them: compiled once, without a detour through an SVG interpreter.

WeasyPrint reads each SVG with its HTML parser, gives each of its elements a style, and lays out its
text letter by letter. Our drawings (svg.py) use few elements, so they are taken out of the page and
compiled here; their frame and their title stay, and with them style sheets and text alternatives.
A drawing that uses anything else stays in the page as it is.

The door that they come in by (``cache=``, and the handler of ``svg`` elements) is no public
interface of WeasyPrint: a test compares both ways of drawing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from slo_reports.typesetting.paths import Unsupported, circle_path, decimal, path, rectangle_path

_DRAWING = re.compile(
    r'<svg xmlns="http://www\.w3\.org/2000/svg" ([^<>]*)>(<title>[^<]*</title>)(.*?)</svg>',
    re.DOTALL,
)
_FOR_SCRIPTS = re.compile(r' data-plot="[^"]*"')
_SPACE = "{http://www.w3.org/2000/svg}"
_MARK = "data-picture"
_SHAPE = {"fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray"}
_KNOWN = {
    "rect": _SHAPE | {"x", "y", "width", "height", "rx", "data-tip"},
    "circle": _SHAPE | {"cx", "cy", "r", "data-tip"},
    "path": _SHAPE | {"d", "data-tip"},
    "text": {"x", "y", "font-family", "font-size", "fill", "text-anchor", "font-weight"},
}
_COLOUR = re.compile("#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


@dataclass(frozen=True)
class Label:
    """One line of text; ``x`` and ``y`` are of its anchor on its baseline [px]."""

    text: str
    x: float
    y: float
    family: str
    size: float
    weight: int
    anchor: str
    colour: tuple[float, float, float]


@dataclass(frozen=True)
class Compiled:
    """A drawing: drawing operators, and the labels between them, in the order of painting.

    Attributes:
        box: width and height of its own coordinates.
        size: width and height that it wants to be shown in [px].
    """

    box: tuple[float, float]
    size: tuple[float, float]
    parts: tuple[bytes | Label, ...]


def taken_out(html: str) -> tuple[str, dict[str, Compiled]]:
    """A page with empty frames in place of its drawings, and the drawings by their marks."""
    found: dict[str, Compiled] = {}
    marks: dict[str, str] = {}

    def frame(match: re.Match[str]) -> str:
        attributes, title, content = match.groups()
        attributes = _FOR_SCRIPTS.sub("", attributes)
        key = f"{attributes}{content}"
        if key not in marks:
            try:
                compiled = Compiled(*_sizes(attributes), tuple(_compiled(content)))
            except (Unsupported, ElementTree.ParseError):
                return match.group()
            marks[key] = f"picture:{len(found)}"
            found[marks[key]] = compiled
        known = marks[key]
        return f'<svg xmlns="{_SPACE[1:-1]}" {_MARK}="{known}" {attributes}>{title}</svg>'

    return _DRAWING.sub(frame, html), found


_SIZES = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)" width="([\d.]+)" height="([\d.]+)"')


def _sizes(attributes: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """The size of the coordinates, and the size to be shown in."""
    match = _SIZES.match(attributes)
    if match is None:
        raise Unsupported(attributes)
    across, down, width, height = map(float, match.groups())
    return (across, down), (width, height)


def _compiled(content: str) -> Iterator[bytes | Label]:
    shapes: list[bytes] = []
    for element in ElementTree.fromstring(f"<g>{content}</g>"):  # noqa: S314 drawn by us
        _check(element)
        if element.tag == "text":
            if shapes:
                yield b"\n".join(shapes)
                shapes = []
            yield _label(element)
        else:
            shapes += _shape(element)
    if shapes:
        yield b"\n".join(shapes)


def _check(element: ElementTree.Element) -> None:
    unknown = set(element.attrib) - _KNOWN.get(element.tag, set())
    if element.tag not in _KNOWN or unknown or len(element):
        raise Unsupported(element.tag)


def _label(element: ElementTree.Element) -> Label:
    get = element.attrib.get
    return Label(
        text=element.text or "",
        x=float(get("x", "0")),
        y=float(get("y", "0")),
        family=get("font-family", "sans-serif"),
        size=float(get("font-size", "16")),
        weight=int(get("font-weight", "400")),
        anchor=get("text-anchor", "start"),
        colour=_rgb(get("fill", "#000")),
    )


def _shape(element: ElementTree.Element) -> Iterator[bytes]:
    outline = _OUTLINES[element.tag](element.attrib)
    fill, stroke = element.get("fill", "#000"), element.get("stroke", "none")
    if not outline or fill == stroke == "none":
        return
    if fill != "none":
        yield _colour(fill, b"rg")
    if stroke != "none":
        yield _colour(stroke, b"RG")
        yield _pen(element.attrib)
    yield outline
    yield b"S" if fill == "none" else b"f" if stroke == "none" else b"B"


def _pen(attributes: Mapping[str, str]) -> bytes:
    width = decimal(float(attributes.get("stroke-width", "1")))
    cap = 1 if attributes.get("stroke-linecap") == "round" else 0
    join = 1 if attributes.get("stroke-linejoin") == "round" else 0
    dash = " ".join(decimal(float(one)) for one in attributes.get("stroke-dasharray", "").split())
    return f"{width} w {cap} J {join} j [{dash}] 0 d".encode()


def _colour(text: str, operator: bytes) -> bytes:
    return " ".join(map(decimal, _rgb(text))).encode() + b" " + operator


def _rgb(text: str) -> tuple[float, float, float]:
    match = _COLOUR.fullmatch(text)
    if match is None:
        raise Unsupported(text)
    digits = match[1] if len(match[1]) == 6 else "".join(2 * one for one in match[1])
    red, green, blue = (int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4))
    return red, green, blue


_OUTLINES: Mapping[str, Callable[[Mapping[str, str]], bytes]] = {
    "rect": rectangle_path,
    "circle": circle_path,
    "path": lambda attributes: path(attributes.get("d", "")),
}


class Picture:
    """A compiled drawing, as WeasyPrint wants its images."""

    def __init__(self, compiled: Compiled, fonts: Any) -> None:
        self._compiled = compiled
        self._fonts = fonts

    def get_intrinsic_size(self, _resolution: float, _size: float) -> tuple[float, float, float]:
        """Width, height [px] and their ratio."""
        width, height = self._compiled.size
        return width, height, width / height

    def draw(self, stream: Any, width: float, height: float, _style: Any) -> None:
        """Put it on a page, as large as it may be with its own proportions."""
        across, down = self._compiled.box
        scale = min(width / across, height / down)
        left, top = (width - across * scale) / 2, (height - down * scale) / 2
        stream.transform(a=scale, d=scale, e=left, f=top)
        for part in self._compiled.parts:
            if isinstance(part, bytes):
                stream.stream.append(part)
            else:
                _write(stream, part, self._fonts)


def _write(stream: Any, label: Label, fonts: Any) -> None:
    """Lay a label out in one piece and draw it."""
    from weasyprint.draw.text import draw_emojis, draw_first_line  # noqa: PLC0415 heavy
    from weasyprint.matrix import Matrix  # noqa: PLC0415 as above
    from weasyprint.svg.text import TextBox  # noqa: PLC0415 as above
    from weasyprint.text.line_break import split_first_line  # noqa: PLC0415 as above

    style = _text_style(label, fonts)
    layout, _, _, width, _, baseline = split_first_line(label.text, style, None, None, 0)
    x = label.x - {"middle": width / 2, "end": width}.get(label.anchor, 0.0)
    box = TextBox(layout, style)
    box.baseline = baseline
    stream.set_color_rgb(*label.colour)
    layout.reactivate(style)
    stream.begin_text()
    emojis = draw_first_line(stream, box, "none", "none", Matrix(d=-1, e=x, f=label.y))
    stream.end_text()
    draw_emojis(stream, style, x, label.y, emojis)
    layout.deactivate()


def _text_style(label: Label, fonts: Any) -> Any:
    from weasyprint.css.properties import INITIAL_VALUES  # noqa: PLC0415 heavy
    from weasyprint.svg.text import Style  # noqa: PLC0415 as above

    style = Style()
    style.update(INITIAL_VALUES)
    style.font_config = fonts
    style["font_family"] = [one.strip("\"' ") for one in label.family.split(",")]
    style["font_size"] = label.size
    style["font_weight"] = label.weight
    return style


def pictures(found: Mapping[str, Compiled], fonts: Any) -> dict[str, Picture]:
    """What ``cache=`` is given, so that frames find their drawings."""
    _hang_up()
    return {mark: Picture(compiled, fonts) for mark, compiled in found.items()}


def _hang_up() -> None:
    """Let WeasyPrint look for a drawing by the mark of its frame; all other SVG stays as it was."""
    from weasyprint import html  # noqa: PLC0415 heavy

    tag = f"{_SPACE}svg"
    usual = html.HTML_HANDLERS[tag]
    if getattr(usual, "hangs_pictures", False):
        return

    def handle(element: Any, box: Any, get_image: Any, base_url: Any) -> Any:
        picture = get_image.keywords["cache"].get(element.get(_MARK))
        if picture is None:
            return usual(element, box, get_image, base_url)
        return [html.make_replaced_box(element, box, picture)]

    handle.hangs_pictures = True  # type: ignore[attr-defined]
    html.HTML_HANDLERS[tag] = handle
