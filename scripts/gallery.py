"""Every kind of report in every format, from the demo's shop (``make gallery``).

Documents and mails go to ``out/gallery/``, pictures of the pages to ``docs/gallery/``, beside
``docs/gallery.md``, which shows them.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2

from slo_reports.adhoc import Wish, make, wished
from slo_reports.console import listening
from slo_reports.demonstration import demo_world
from slo_reports.errors import SloReportsError
from slo_reports.job import World
from slo_reports.model import MEDIA_TYPES, ReportKind
from slo_reports.output import write_named

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "out" / "gallery"
DOCS = ROOT / "docs"
_WIDTH = 620
_COLOURS = 96


@dataclass(frozen=True)
class Shown:
    """One report of the gallery.

    Attributes:
        period: as on the command line.
        words: what it is, for the page.
        pages: numbers of those that are drawn, where there are so many.
    """

    kind: ReportKind
    period: str
    words: str
    pages: tuple[int, ...] = (1, 2, 3, 4)


GALLERY = (
    Shown(ReportKind.SERVICE, "2026-10", "October of the shop, for everyone", (1, 2, 3, 6, 12, 14)),
    Shown(ReportKind.PORTFOLIO, "2026-10", "October of all services, by team"),
    Shown(ReportKind.REVIEW, "2026-W43", "the week of the outage of Checkout, for its review"),
    Shown(ReportKind.BRIEF, "2026-10", "October on one page, for people who depend on the shop"),
    Shown(ReportKind.PLANNING, "2026-10", "October, as if a quarter were planned after it"),
    Shown(ReportKind.RETROSPECTIVE, "2026-10", "the dearest incident of October"),
)


def main() -> int:
    """Make all of it."""
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.rmtree(DOCS / "gallery", ignore_errors=True)
    (DOCS / "gallery").mkdir()
    (OUT / "mail").mkdir(parents=True)
    lines = [
        "# Gallery",
        "",
        "Reports of the demo's shop, made by `make gallery`, which leaves them in every format in",
        "`out/gallery/`. [reports.md](reports.md) says what each kind holds.",
    ]
    with (
        listening(quiet=False) as listener,
        demo_world(OUT, recorded=False, now=lambda: datetime.now(UTC), listener=listener) as found,
    ):
        for shown in GALLERY:
            lines += _section(shown, list(_made(shown, found[0])))
    (DOCS / "gallery.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"documents: {OUT}", f"pictures:  {DOCS / 'gallery.md'}", sep="\n")
    return 0


def _made(shown: Shown, world: World) -> Iterator[Path]:
    """Make one report in every format; the pictures of its first pages."""
    settings = world.settings.reports[0]
    wish = Wish(kind=shown.kind, formats=tuple(MEDIA_TYPES))
    period = world.period(wished(settings, wish), shown.period)
    bundle = make(settings, period, world, wish).prepared.bundle
    folder = OUT / shown.kind
    written = write_named(bundle.documents, folder)
    if bundle.mail is not None:
        (folder / "mail.html").write_text(bundle.mail.html, encoding="utf-8")
        (folder / "mail.txt").write_text(bundle.mail.text, encoding="utf-8")
        write_named(bundle.mail.images, folder)
    (pdf,) = [path for path in written if path.suffix == ".pdf"]
    yield from _pictures(shown, pdf)


def _pictures(shown: Shown, pdf: Path) -> Iterator[Path]:
    document = pypdfium2.PdfDocument(pdf)
    for number in (one for one in shown.pages if one <= len(document)):
        page = document[number - 1]
        image = page.render(scale=2 * _WIDTH / page.get_width()).to_pil().convert("RGB")
        small = image.resize((_WIDTH, round(image.height * _WIDTH / image.width)))
        path = DOCS / "gallery" / f"{shown.kind}-{number}.png"
        small.quantize(_COLOURS).save(path, optimize=True)
        yield path


def _section(shown: Shown, pictures: list[Path]) -> list[str]:
    name = str(shown.kind)
    return [
        "",
        f"## {name.capitalize()}",
        "",
        f"{shown.words[0].upper()}{shown.words[1:]}.",
        "",
        *(f"![{_words(path)}](gallery/{path.name})" for path in pictures),
    ]


def _words(picture: Path) -> str:
    """What stands for a picture where it is not seen: ``Service report, page 1``."""
    kind, _, page = picture.stem.rpartition("-")
    return f"{kind.capitalize()} report, page {page}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SloReportsError as error:
        sys.exit(f"gallery.py: {error}")
