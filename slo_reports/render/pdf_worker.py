"""The inside of the process that makes PDFs: no network, limited memory, warm between reports."""

from __future__ import annotations

import gc
import logging
import resource
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from slo_reports.orphans import end_with_parent
from slo_reports.render.pdf_finishing import Finish, finished
from slo_reports.render.pdf_pictures import pictures, taken_out

_REFUSED = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.sendto",
    "subprocess.Popen",
    "os.system",
)


@dataclass(frozen=True)
class PdfJob:
    """One page to be set.

    Attributes:
        html: the whole page.
        folders: where its resources are looked for.
        identifier: what the file is known by, instead of a random number.
        finish: what is put into it afterwards.
        sheets: style sheets of its own, after those of all pages.
    """

    html: str
    folders: tuple[Path, ...]
    identifier: bytes
    finish: Finish
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class PdfResult:
    """A finished PDF and everything that was wrong with its page."""

    content: bytes
    warnings: tuple[str, ...]


def prepare(memory: int) -> None:
    """Limit this process: memory [bytes], and no way to the network or to other programs."""
    end_with_parent()
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
    from weasyprint import HTML  # noqa: PLC0415 imported here so that only this process pays

    from slo_reports.render.fetcher import BASE, ResourceFetcher  # noqa: PLC0415 as above
    from slo_reports.render.resources import Resources  # noqa: PLC0415 as above

    sheets, fonts, wrong = _styles(job.folders, job.sheets)
    html, drawings = taken_out(job.html)
    fetcher = ResourceFetcher(Resources(job.folders))
    with _listening() as messages:
        gc.disable()
        try:
            page = HTML(string=html, base_url=BASE, url_fetcher=fetcher, media_type="print")
            content = page.write_pdf(
                stylesheets=sheets,
                font_config=fonts,
                cache=pictures(drawings, fonts),
                pdf_identifier=job.identifier,
                pdf_variant="pdf/a-3a",
                pdf_tags=True,
            )
        finally:
            gc.enable()
            gc.collect()
    return PdfResult(finished(content, job.finish), tuple(dict.fromkeys([*wrong, *messages])))


@cache
def _styles(
    folders: tuple[Path, ...], own: tuple[str, ...]
) -> tuple[list[Any], Any, tuple[str, ...]]:
    """Parsed style sheets, the fonts that their faces were loaded into, and what was wrong."""
    from weasyprint import CSS  # noqa: PLC0415 as in typeset
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 as above

    from slo_reports.render.fetcher import BASE, ResourceFetcher  # noqa: PLC0415 as above
    from slo_reports.render.resources import Resources  # noqa: PLC0415 as above

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
    return [sheet], fonts, tuple(messages)


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
