"""Reading a logo, and refusing what is more than a picture."""

from __future__ import annotations

import base64
import re
import struct
from pathlib import Path
from xml.parsers import expat

from slo_reports.errors import ConfigurationError
from slo_reports.model import Logo

LARGEST = 256 * 1024
"""Of the file [bytes]: every report and every mail carries it."""

_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(?:px)?\s*")
_INSIDE = re.compile(r"#[\w.-]+|data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]+")
_NAMES = """
svg g defs symbol use title desc metadata style path rect circle ellipse line polyline polygon text
tspan textpath lineargradient radialgradient stop clippath mask pattern image switch marker filter
feblend fecolormatrix fecomponenttransfer fecomposite feconvolvematrix fediffuselighting
fedisplacementmap fedropshadow feflood fefunca fefuncb fefuncg fefuncr fegaussianblur femerge
femergenode femorphology feoffset fespecularlighting fetile feturbulence fedistantlight fepointlight
fespotlight
"""
_ELEMENTS = frozenset(_NAMES.split())
_XHTML = "http://www.w3.org/1999/xhtml"
_SVG = "http://www.w3.org/2000/svg"
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def read_logo(path: Path) -> Logo:
    """The picture of a file.

    Raises:
        ConfigurationError: it cannot be read, is too large, or is no harmless SVG, PNG or JPEG.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"the logo {path} could not be read: {error.strerror}"
        raise ConfigurationError(msg) from error
    if len(content) > LARGEST:
        msg = f"the logo {path} has {len(content) // 1024} KiB; at most {LARGEST // 1024} are read"
        raise ConfigurationError(msg)
    try:
        kind, width, height = _examined(content)
    except ValueError as error:
        msg = f"the logo {path} {error}"
        raise ConfigurationError(msg) from error
    return Logo(kind, base64.b64encode(content).decode(), width, height)


def _examined(content: bytes) -> tuple[str, float, float]:
    """Media type, width and height."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("image/png", *_sides(struct.unpack(">II", _part(content, 16, 8))))
    if content.startswith(b"\xff\xd8\xff"):
        return ("image/jpeg", *_sides(_jpeg_size(content)))
    return ("image/svg+xml", *_sides(_Drawing(content).size))


def _sides(size: tuple[float, float]) -> tuple[float, float]:
    width, height = size
    if not (0 < width <= 20_000 and 0 < height <= 20_000):
        msg = f"has sides of {width:g} and {height:g}; they must lie between 0 and 20000"
        raise ValueError(msg)
    if not 1 / 8 <= width / height <= 16:
        msg = f"is {width / height:.2g} times as wide as high; a logo has 0.125 to 16"
        raise ValueError(msg)
    return width, height


def _part(content: bytes, start: int, length: int) -> bytes:
    part = content[start : start + length]
    if len(part) < length:
        msg = "ends before its picture begins"
        raise ValueError(msg)
    return part


def _jpeg_size(content: bytes) -> tuple[int, int]:
    place = 2
    while True:
        marker, kind, length = struct.unpack(">BBH", _part(content, place, 4))
        if marker != 0xFF or length < 2:
            msg = "is no whole JPEG"
            raise ValueError(msg)
        if kind in _START_OF_FRAME:
            height, width = struct.unpack(">HH", _part(content, place + 5, 4))
            return width, height
        place += 2 + length


class _Drawing:
    """An SVG read through, element by element; whatever could act or fetch is refused.

    Refused rather than removed: the person who owns the logo mends it better than we do.
    """

    def __init__(self, content: bytes) -> None:
        self.size = (0.0, 0.0)
        self._depth = 0
        self._styles: list[str] = []
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._styles.append
        try:
            parser.Parse(content, True)  # noqa: FBT003 expat's own
        except expat.ExpatError as error:
            msg = f"is neither PNG nor JPEG, and no SVG: line {error.lineno}: {error}"
            raise ValueError(msg) from error
        _no_address("".join(self._styles), "its texts and styles")

    def _doctype(self, *_: object) -> None:
        msg = "has a DOCTYPE, which can hold entities: save it as plain SVG"
        raise ValueError(msg)

    def _instruction(self, target: str, _data: str) -> None:
        msg = f"has the instruction <?{target}?>, which can load things: save it as plain SVG"
        raise ValueError(msg)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if self._depth == 0:
            self._root(space, local, attributes)
        self._depth += 1
        if self._depth > 60:
            msg = "is nested more than 60 elements deep"
            raise ValueError(msg)
        if space in {"", _XHTML} or (space == _SVG and local.lower() not in _ELEMENTS):
            msg = f"has the element <{local}>, which a picture does not need: save it as plain SVG"
            raise ValueError(msg)
        for key, value in attributes.items():
            _check_attribute(key.rpartition(" ")[2], value)

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _root(self, space: str, local: str, attributes: dict[str, str]) -> None:
        if (space, local) != (_SVG, "svg"):
            msg = f"is no SVG: its first element is <{local}>"
            raise ValueError(msg)
        sides = [_LENGTH.fullmatch(attributes.get(one, "")) for one in ("width", "height")]
        box = attributes.get("viewBox", "").replace(",", " ").split()
        if sides[0] and sides[1]:
            self.size = float(sides[0][1]), float(sides[1][1])
        elif len(box) == 4:
            self.size = float(box[2]), float(box[3])
        else:
            msg = "says neither width and height nor a viewBox"
            raise ValueError(msg)


def _check_attribute(key: str, value: str) -> None:
    name = key.lower()
    if name.startswith("on"):
        msg = f"has the attribute {key}, which runs script: save it as plain SVG"
        raise ValueError(msg)
    if name in {"href", "src"}:
        if not _INSIDE.fullmatch(value.strip()):
            msg = f"refers to {value[:60]!r}: everything it shows must be inside it"
            raise ValueError(msg)
    else:
        _no_address(value, f"the attribute {key}")


def _no_address(text: str, where: str) -> None:
    plain = re.sub(r"/\*.*?\*/|\\", "", text, flags=re.DOTALL).lower()
    addresses = re.findall(r"""url\s*\(\s*["']?\s*([^"')\s]*)""", plain)
    foreign = [one for one in addresses if not one.startswith("#")]
    if foreign or "@import" in plain or "javascript:" in plain or "expression(" in plain:
        seen = foreign[0][:60] if foreign else "a rule that can load or run something"
        msg = f"refers in {where} to {seen!r}: everything it shows must be inside it"
        raise ValueError(msg)
