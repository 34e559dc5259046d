"""The page in a share's folder that lists what is filed there; works from a disk, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from slo_reports.language import speaking, tr
from slo_reports.model import Brand
from slo_reports.numbers import counted, instant_text, sentence
from slo_reports.render.brand import PLAIN
from slo_reports.render.environment import render_template
from slo_reports.render.head import head
from slo_reports.render.tables import TABLES
from slo_reports.resources import resources

_KINDS = {
    "html": "HTML",
    "pdf": "PDF",
    "md": "Markdown",
    "csv": "CSV",
    "xlsx": "XLSX",
    "json": "JSON",
}
_MANIFEST = "sha256"
_CSV_TABLES = frozenset(table.name for table in TABLES)


@dataclass(frozen=True)
class FiledDocument:
    """One file on the share.

    Attributes:
        path: below the share's folder, with ``/`` between names, such as
            ``commerce/2026/commerce_2026-10.pdf``.
        size: of the file [bytes].
    """

    path: str
    size: int
    sha256: str

    @property
    def url(self) -> str:
        """Relative to the page."""
        return quote(self.path)

    @property
    def kind(self) -> str:
        """What a reader calls it, such as ``PDF`` or ``CSV: days``."""
        name, _, ending = self.path.lower().rpartition(".")
        if ending == _MANIFEST:
            return tr("Checksums")
        table = name.rpartition(".")[2] if ending == "csv" else ""
        kind = _KINDS.get(ending, ending.upper())
        return f"{kind}: {table}" if table in _CSV_TABLES else kind


@dataclass(frozen=True)
class ArchiveEntry:
    """One revision of one report on the share.

    Attributes:
        report: its name in the settings.
        title: what its first page says.
        period: as people read it, such as ``October 2026``.
        year: that it is filed under.
        start: first instant of the period, which orders the page.
        filed_at: when its last document arrived.
        headline: the sentence of its first page; empty where that is not known.
    """

    report: str
    title: str
    period: str
    year: str
    start: datetime
    revision: int
    filed_at: datetime
    documents: tuple[FiledDocument, ...]
    headline: str = ""


@dataclass(frozen=True)
class _Row:
    entry: ArchiveEntry
    superseded_by: int | None

    @property
    def documents(self) -> list[FiledDocument]:
        """What people read first stands first."""
        return sorted(self.entry.documents, key=_reading_order)


@dataclass(frozen=True)
class _Section:
    name: str
    title: str
    years: tuple[tuple[str, tuple[_Row, ...]], ...]


def archive_page(
    entries: Iterable[ArchiveEntry],
    *,
    title: str = "",
    zone: str = "UTC",
    language: str = "en",
    templates: Path | None = None,
    brand: Brand = PLAIN,
    footer: str = "",
) -> bytes:
    """What is filed on a share as one self-contained HTML file, by report and year, newest first.

    Args:
        entries: in any order; same entries, same bytes.
        title: heading of the page; empty: ``SLO reports``, in its language.
        zone: IANA time zone in which instants are told.
        language: that it is written in.
        templates: the user's folder, whose files replace ours of the same name.
        brand: whose reports these are.
        footer: a line at its foot.

    Raises:
        RenderError: a template or a file that it needs is wrong, with its place.
    """
    files = resources(templates)
    ordered = _in_order(entries)
    with speaking(language):
        values = {
            "title": title or tr("SLO reports"),
            "language": language,
            "zone": zone,
            "facts": _facts(ordered, zone),
            "sections": tuple(_sections(ordered)),
            "brand": brand,
            "footer": footer,
            "styles": head(files, "report.css", "screen.css", "archive.css", brand=brand),
        }
        return render_template(files, "archive.html.j2", values).encode()


def _in_order(entries: Iterable[ArchiveEntry]) -> list[ArchiveEntry]:
    newest = sorted(entries, key=lambda one: (one.start, one.period, one.revision), reverse=True)
    by_year = sorted(newest, key=lambda one: one.year, reverse=True)
    return sorted(by_year, key=lambda one: one.report)


def _sections(entries: Sequence[ArchiveEntry]) -> Iterator[_Section]:
    for name, group in groupby(entries, key=lambda one: one.report):
        runs = list(group)
        yield _Section(name, runs[0].title, tuple(_years(runs)))


def _years(runs: Sequence[ArchiveEntry]) -> Iterator[tuple[str, tuple[_Row, ...]]]:
    latest: dict[tuple[datetime, str], int] = {}
    for one in runs:
        latest.setdefault((one.start, one.period), one.revision)
    for year, group in groupby(runs, key=lambda one: one.year):
        yield year, tuple(_row(one, latest[one.start, one.period]) for one in group)


def _row(entry: ArchiveEntry, latest: int) -> _Row:
    return _Row(entry, latest if latest > entry.revision else None)


def _reading_order(document: FiledDocument) -> int:
    ending = document.path.lower().rpartition(".")[2]
    return {"html": 0, "pdf": 1, _MANIFEST: 3}.get(ending, 2)


def _facts(entries: Sequence[ArchiveEntry], zone: str) -> str:
    if not entries:
        return tr("Nothing has been filed yet.")
    kinds = len({one.report for one in entries})
    last = instant_text(max(one.filed_at for one in entries), zone, with_year=True)
    many = counted(len(entries), "report", "reports")
    if kinds > 1 and len(entries) > 1:
        many = tr("{reports} of {kinds}", reports=many, kinds=counted(kinds, "kind", "kinds"))
    told = tr(
        "{reports}, the last filed on {instant} ({zone}).", reports=many, instant=last, zone=zone
    )
    return sentence(told)
