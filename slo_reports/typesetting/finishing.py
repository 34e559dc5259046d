"""What WeasyPrint leaves undone in a PDF: PDF/UA beside PDF/A-3, and the data attached to it.

Running heads and feet are tagged by WeasyPrint as if they were content: they become artifacts.
Heads of tables get their scope, links their words, the metadata say both standards, and the
report's data are associated files. Nothing of what a reader sees is changed.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, Pdf, Stream, String


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF."""

    name: str
    media_type: str
    description: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Finish:
    """What a PDF is finished with.

    Attributes:
        date: of the attached files, the same however often they are made.
        identifier: what the file is known by, instead of a random number.
    """

    date: datetime
    identifier: bytes
    attached: tuple[Attached, ...] = ()


def finished(content: bytes, finish: Finish) -> bytes:
    """A PDF/A-3a of WeasyPrint as one that is PDF/UA-1, too; the same bytes for the same bytes.

    Args:
        content: the PDF, whose page streams WeasyPrint wrote; it need not be compressed, which is
            done faster here, and need not have an identifier.
        finish: what to put into it.
    """
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        elements = _elements(pdf.Root.StructTreeRoot)
        _make_artifacts(pdf, elements)
        _level_headings(elements)
        _scope_heads(elements)
        _name_links(pdf)
        _declare(pdf)
        _identify(pdf, finish.identifier)
        for one in finish.attached:
            _attach(pdf, one, finish.date)
        _associate(pdf)
        _drop_empty(pdf)
        pdf.save(
            target,
            deterministic_id=True,
            fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()


# --- the structure tree ---


@dataclass(frozen=True)
class _Element:
    """An element of the structure tree, its kind (such as ``/TR``) and those right below it."""

    kind: str
    itself: Any
    below: list[Any]


def _elements(root: Any) -> list[_Element]:
    """Every element of the structure tree, in the order of reading: gone through once for all."""
    found: list[_Element] = []
    waiting = _below(root)[::-1]
    while waiting:
        one = waiting.pop()
        below = _below(one)
        found.append(_Element(str(one.S), one, below))
        waiting += below[::-1]
    return found


def _below(parent: Any) -> list[Any]:
    kids = parent.get("/K")
    found = kids if isinstance(kids, Array) else [kids]
    return [one for one in found if isinstance(one, Dictionary) and "/S" in one]


# --- running heads and feet ---


def _make_artifacts(pdf: Pdf, elements: list[_Element]) -> None:
    """Content that belongs to no element of the structure tree becomes an artifact."""
    reachable = {one.itself.objgen for one in elements}
    numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
    pages = {int(page.obj.StructParents): page for page in pdf.pages if "/StructParents" in page}
    for place in range(0, len(numbers), 2):
        page = pages.get(int(numbers[place]))
        if page is None:
            continue
        owners = numbers[place + 1]
        orphans = {n for n, owner in enumerate(owners) if owner.objgen not in reachable}
        if orphans:
            page.obj.Contents.write(_without_tags(page.obj.Contents.read_bytes(), orphans))
            for number in orphans:
                owners[number] = None


_BEGUN = re.compile(rb"/\w+\s+<<\s*/MCID (\d+)\s*>>\s+BDC")


def _without_tags(content: bytes, numbers: set[int]) -> bytes:
    """A page's stream in which some marked content is an artifact of its pagination."""
    seen = 0

    def artifact(found: re.Match[bytes]) -> bytes:
        nonlocal seen
        if int(found[1]) not in numbers:
            return found[0]
        seen += 1
        return b"/Artifact\n<</Type /Pagination>>\nBDC"

    changed = _BEGUN.sub(artifact, content)
    if seen != len(numbers):
        msg = f"{len(numbers)} marks were to be found in a page of the PDF, {seen} were"
        raise ValueError(msg)
    return changed


# --- headings, tables and links ---

_HEADINGS = ("/H1", "/H2", "/H3", "/H4", "/H5", "/H6")


def _level_headings(elements: list[_Element]) -> None:
    """A heading that skips a level, because one above it is not printed, moves up."""
    last = 0
    for one in elements:
        if one.kind in _HEADINGS:
            last = min(_HEADINGS.index(one.kind) + 1, last + 1)
            one.itself.S = Name(_HEADINGS[last - 1])


def _scope_heads(elements: list[_Element]) -> None:
    """Whether a head of a table is of its column or of its row."""
    for row in elements:
        if row.kind != "/TR":
            continue
        parent = row.itself.P
        heads = [one for one in row.below if one.S == Name.TH]
        is_head = "/S" in parent and Name.THead == parent.S
        is_head = is_head or len(heads) == len(row.below)
        for one in heads:
            attributes = one.get("/A", Dictionary(O=Name.Table))
            attributes.Scope = Name.Column if is_head else Name.Row
            one.A = attributes


def _name_links(pdf: Pdf) -> None:
    """What a link leads to, in words, for who cannot see it."""
    for page in pdf.pages:
        for note in page.obj.get("/Annots", Array()):
            if note.get("/Subtype") == Name.Link and "/Contents" not in note:
                note.Contents = String(_destination(note))


def _destination(note: Any) -> str:
    action = note.get("/A")
    if action is not None and "/URI" in action:
        return str(action.URI)
    return f"To {note.get('/Dest', 'another place of this document')}"


# --- metadata ---

_UA = """<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" \
pdfuaid:part="1"/><rdf:Description rdf:about="" \
xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>\
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>\
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\
</rdf:Description></rdf:RDF>"""
"""PDF/UA's identification, and the description that PDF/A wants of it."""


def _declare(pdf: Pdf) -> None:
    metadata = pdf.Root.Metadata
    packet = metadata.read_bytes().decode()
    metadata.write(packet.replace("</rdf:RDF>", _UA, 1).encode())


def _identify(pdf: Pdf, identifier: bytes) -> None:
    """The first of a file's two identifiers; the second is made of its content when it is saved."""
    pdf.trailer.ID = Array([String(identifier), String(identifier)])


# --- attached files ---


def _attach(pdf: Pdf, one: Attached, date: datetime) -> None:
    stamp = f"D:{date.astimezone(UTC):%Y%m%d%H%M%S}Z"
    pdf.attachments[one.name] = AttachedFileSpec(
        pdf,
        one.content,
        description=one.description,
        filename=one.name,
        mime_type=one.media_type,
        creation_date=stamp,
        mod_date=stamp,
        relationship=Name.Data,
    )


def _associate(pdf: Pdf) -> None:
    """Every attached file is associated with the document, each once."""
    found = {spec.obj.objgen: spec.obj for spec in pdf.attachments.values()}
    if found:
        pdf.Root.AF = Array(list(found.values()))


def _drop_empty(pdf: Pdf) -> None:
    """Lists of resources with nothing in them, over which validators stumble."""
    for one in pdf.objects:
        if isinstance(one, Dictionary | Stream):
            resources: Any = one.get("/Resources", {})
            for name in ("/Pattern", "/Shading"):
                if name in resources and not len(resources[name]):
                    del resources[name]
