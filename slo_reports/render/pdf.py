"""The PDF document, set by WeasyPrint in a process of its own."""

from __future__ import annotations

import logging
import multiprocessing
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from markupsafe import Markup
from pebble import ProcessExpired, ProcessPool

from slo_reports.errors import RenderError
from slo_reports.language import speaking, tr
from slo_reports.model import Report
from slo_reports.render.brand import PLAIN, light_colours
from slo_reports.render.csv_tables import table_csv
from slo_reports.render.html import page
from slo_reports.render.layouts import LAYOUTS
from slo_reports.render.pdf_finishing import Attached, Finish
from slo_reports.render.pdf_worker import PdfJob, PdfResult, prepare, typeset
from slo_reports.render.resources import resources
from slo_reports.render.tables import OBJECTIVES

logger = logging.getLogger(__name__)

_MEMORY = 3 * 1024**3
_PANGO = (
    "PDFs need Pango, which is not on this machine; on Debian: "
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)


class Typesetter:
    """A process that turns reports into PDFs, warm from the first to the last.

    A page that takes too long, or too much memory, ends its process and nothing else; the next
    report gets a new one.

    Args:
        time_limit: for one report.
        memory_limit: of the process [bytes].
    """

    def __init__(
        self,
        *,
        time_limit: timedelta = timedelta(minutes=5),
        memory_limit: int = _MEMORY,
    ) -> None:
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            max_tasks=200,
            initializer=prepare,
            initargs=(self._memory_limit,),
            context=multiprocessing.get_context("spawn"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates it in part
        self._pool.join()

    def typeset(self, report: Report, *, templates: Path | None = None) -> PdfResult:
        """One report as a PDF, with what was wrong with its page.

        Raises:
            RenderError: a template is wrong, the page broke a limit, or Pango is missing.
        """
        files = resources(templates)
        colours = light_colours(report.request.brand or PLAIN)
        styles = Markup(f"<style>{colours}</style>" if colours else "")  # noqa: S704 checked colours
        html = page(report, files, styles)
        sheets = LAYOUTS[report.request.kind].sheets
        finish = Finish(report.frozen_at, attached_data(report))
        job = PdfJob(html, files.folders, bytes.fromhex(report.snapshot_hash)[:16], finish, sheets)
        name = f"the PDF of {report.request.name} for {report.period.id}"
        seconds = self._time_limit.total_seconds()
        if not self._pool.active:  # its process was killed while it had nothing to do
            self._pool = self._new_pool()
        try:
            result: PdfResult = self._pool.schedule(typeset, [job], timeout=seconds).result()
        except _FAILURES as error:
            raise RenderError(explained(error, name, seconds)) from error
        return result


def attached_data(report: Report) -> tuple[Attached, ...]:
    """What a PDF carries for machines: the JSON document, and the table of objectives."""
    with speaking(report.request.language):
        return (
            Attached(
                "report.json",
                "application/json",
                tr("Everything in this report as JSON; docs/report.schema.json describes it"),
                report.to_json(),
            ),
            Attached(
                "objectives.csv",
                "text/csv",
                tr("The table of objectives in full precision"),
                table_csv(report, OBJECTIVES),
            ),
        )


_FAILURES = (
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    OSError,
    ProcessExpired,
    RuntimeError,
    SystemError,
    TypeError,
    ValueError,
)
"""What the process can end with: a limit, a missing library, or WeasyPrint's own failure."""


_NO_MEMORY = ("Cannot allocate memory", "failed to map segment")


def explained(error: BaseException, name: str, seconds: float) -> str:
    """One sentence about a failure, and what would help.

    Args:
        error: what came out of the process.
        name: what was to be made.
        seconds: how long it was allowed to take [s].
    """
    match error:
        case FutureTimeout():
            return f"{name} was not ready after {seconds:g} s; is the report too large for one?"
        case ProcessExpired():
            return f"{name} ended its process ({error}); the memory limit may be too small"
        case MemoryError() | SystemError():  # the latter: C code that found no memory
            return f"{name} needs more memory than it may use"
        case ImportError() | OSError() if any(words in str(error) for words in _NO_MEMORY):
            return f"{name} needs more memory than it may use"
        case OSError() if "cannot load library" in str(error):
            return _PANGO
        case _:
            return f"{name} failed: {type(error).__name__}: {error}"


def render_pdf(
    report: Report, *, templates: Path | None = None, typesetter: Typesetter | None = None
) -> bytes:
    """The report as a tagged PDF with its data attached; the same report gives the same bytes.

    Args:
        report: what to say.
        templates: the user's folder, whose files replace ours of the same name.
        typesetter: a warm one, where many reports are made; else one is started and ended.

    Raises:
        RenderError: as ``Typesetter.typeset``.
    """
    if typesetter is None:
        with Typesetter() as own:
            return render_pdf(report, templates=templates, typesetter=own)
    result = typesetter.typeset(report, templates=templates)
    for warning in result.warnings:
        logger.warning("the page of %s: %s", report.request.name, warning)
    return result.content
