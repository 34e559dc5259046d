"""The formats that a report's documents can have, and text and plain values as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

Format = Literal["html", "pdf", "md", "csv", "xlsx", "json"]
"""What settings call a format."""

MEDIA_TYPES: dict[Format, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8; variant=GFM",
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
"""What each format is sent as."""

_FORMATS = {media_type.partition(";")[0]: form for form, media_type in MEDIA_TYPES.items()}


def format_of_media_type(media_type: str) -> Format | None:
    """The format that is sent as a media type, whatever its parameters; None for others."""
    return _FORMATS.get(media_type.partition(";")[0].strip())


def utf8(text: str) -> bytes:
    """Text as UTF-8; lone surrogates, which no encoding has, become the replacement character."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole.encode()


def canonical_json(plain: Any) -> bytes:
    """Plain values as JSON that is the same for the same values: sorted keys, no spaces, UTF-8."""
    return utf8(json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def object_json(parts: Mapping[str, bytes]) -> bytes:
    """The canonical JSON of an object whose values are JSON already."""
    inside = (b'"%s":%s' % (key.encode(), parts[key]) for key in sorted(parts))
    return b"{%s}" % b",".join(inside)
