"""The inside of the process that makes PDFs: no network, limited memory, warm between reports."""

from __future__ import annotations

import gc
import logging
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from slo_reports.orphans import end_with_parent
from slo_reports.resources import Resources
from slo_reports.typesetting.finishing import Finish, finished
from slo_reports.typesetting.pictures import pictures, taken_out

_REFUSED = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.sendto",
    "subprocess.Popen",
    "os.system",
)


_LONG = 20
"""From more pages than this on, memory is worth more than the time to tidy it up."""


@dataclass(frozen=True)
class PdfJob:
    """One page to be set.

    Attributes:
        html: the whole page.
        folders: where its resources are looked for.
        finish: what is put into it afterwards.
        sheets: style sheets of its own, after those of all pages.
    """

    html: str
    folders: tuple[Path, ...]
    finish: Finish
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class PdfResult:
    """A finished PDF and everything that was wrong with its page."""

    content: bytes
    warnings: tuple[str, ...]


def prepare(memory: int) -> None:
    """Limit this process: memory [bytes], and no way to the network or to other programs.

    WeasyPrint and its libraries are loaded before, so that the limit is met by pages only: a
    library that finds no memory says that it is not there. One that is missing is told of by the
    first page.
    """
    end_with_parent()
    with suppress(ImportError, OSError):
        import_module("slo_reports.typesetting.shortcuts")
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        msg = f"a page that becomes a PDF may not do this: {event}"
        raise PermissionError(msg)


def typeset(job: PdfJob) -> PdfResult:
    """Set one page; the fonts and the parsed CSS stay for the next."""
    styles = _styles(job.folders, job.sheets)
    with _listening() as messages:
        gc.disable()  # nothing to be found while a page is built, and much to look through
        try:
            content = _written(job, styles)
        finally:
            gc.enable()
            gc.collect()
    warnings = dict.fromkeys([*styles.warnings, *messages])
    return PdfResult(finished(content, job.finish), tuple(warnings))


@dataclass(frozen=True)
class _Styles:
    """What stays between pages: CSS as text and parsed, and the fonts that it loaded."""

    text: str
    sheet: Any
    fonts: Any
    warnings: tuple[str, ...]


def _written(job: PdfJob, styles: _Styles) -> bytes:
    """The PDF as WeasyPrint writes it. Nothing of the page is kept once this has returned."""
    from slo_reports.typesetting.fetcher import BASE, ResourceFetcher  # noqa: PLC0415 heavy
    from slo_reports.typesetting.shortcuts import Page  # noqa: PLC0415 as above

    html, drawings = taken_out(job.html)
    fetcher = ResourceFetcher(Resources(job.folders))
    options = {
        "stylesheets": [styles.sheet],
        "cache": pictures(drawings, styles.fonts),
        "pdf_variant": "pdf/a-3a",
        "pdf_tags": True,
    }
    page = Page(html, styles.text, base_url=BASE, url_fetcher=fetcher, media_type="print")
    document = page.render(font_config=styles.fonts, **options)
    if len(document.pages) > _LONG:
        gc.collect()  # what laying out left behind makes room for what writing needs
    content: bytes = document.write_pdf(pdf_identifier=False, uncompressed_pdf=True, **options)
    return content


@cache
def _styles(folders: tuple[Path, ...], own: tuple[str, ...]) -> _Styles:
    """Parsed style sheets, the fonts that their faces were loaded into, and what was wrong."""
    from weasyprint import CSS  # noqa: PLC0415 imported here so that only this process pays
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 as above

    from slo_reports.typesetting.fetcher import BASE, ResourceFetcher  # noqa: PLC0415 as above
    from slo_reports.typesetting.shortcuts import take_shortcuts  # noqa: PLC0415 as above

    take_shortcuts()
    files = Resources(folders)
    fonts = FontConfiguration()
    text = "\n".join(map(files.text, ("fonts.css", "report.css", "print.css", "kinds.css", *own)))
    with _listening() as messages:
        sheet = CSS(
            string=text,
            base_url=BASE,
            url_fetcher=ResourceFetcher(files),
            font_config=fonts,
            media_type="print",
        )
    gc.collect()
    gc.freeze()  # what stays for all pages is not looked through after each
    return _Styles(text, sheet, fonts, tuple(messages))


class _listening(logging.Handler):  # noqa: N801 used like a function
    """Collects what WeasyPrint complains about, instead of printing it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())

    def __enter__(self) -> list[str]:
        logger = logging.getLogger("weasyprint")
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        logger.handlers = [self]
        return self.messages

    def __exit__(self, *_: object) -> None:
        logging.getLogger("weasyprint").removeHandler(self)
