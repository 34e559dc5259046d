"""Whether pages can be made here: templates, and a PDF of one page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from jinja2 import TemplateError, TemplateSyntaxError

from slo_reports import __version__
from slo_reports.compute import build_report
from slo_reports.deliver.contract import Check
from slo_reports.errors import RenderError
from slo_reports.job import World
from slo_reports.model import Report, ReportRequest, Snapshot
from slo_reports.periods import PeriodKind, last_complete
from slo_reports.render import mail_body, render_html
from slo_reports.render.environment import environment
from slo_reports.render.pdf import Typesetter
from slo_reports.render.xlsx import render_xlsx
from slo_reports.resources import resources

_PATIENCE = timedelta(seconds=25)


def examine(world: World) -> Iterator[Check]:
    """Compile all templates, then render a report about nothing."""
    templates, report = world.settings.templates, a_report(world)
    yield _templates(report, templates)
    if any("pdf" in one.formats for one in world.settings.reports):
        yield _pdf(report, templates)
    if any("xlsx" in one.formats for one in world.settings.reports):
        yield _xlsx(report)


def a_report(world: World) -> Report:
    """A report of no objectives."""
    now = world.now()
    request = ReportRequest("doctor", "A trial page", "slo-reports")
    period = last_complete(PeriodKind.MONTH, now, world.settings.timezone)
    return build_report(Snapshot(request, period, (), (), (), now, program=__version__))


def _templates(report: Report, templates: Path | None) -> Check:
    what, mend = "templates", "mend the template; docs/templates.md says what is in them"
    try:
        made = environment(resources(templates))
        names = made.list_templates(extensions=["j2"])
        for name in names:
            made.get_template(name)
        render_html(report, templates=templates)
        mail_body(report, templates=templates)
    except TemplateSyntaxError as error:
        seen = f"{error.filename or error.name}:{error.lineno}: {error.message}"
        return Check(what, is_fine=False, seen=seen, mend=mend)
    except (RenderError, TemplateError) as error:
        return Check(what, is_fine=False, seen=str(error), mend=mend)
    whose = f"{len(names)} templates"
    return Check(
        what, is_fine=True, seen=f"{whose}, yours from {templates}" if templates else whose
    )


def _xlsx(report: Report) -> Check:
    try:
        size = len(render_xlsx(report)) / 1000
    except RenderError as error:
        mend = "pip install 'slo-reports[xlsx]', or take xlsx out of the formats"
        return Check("a workbook", is_fine=False, seen=str(error), mend=mend)
    return Check("a workbook", is_fine=True, seen=f"{size:.0f} kB")


def _pdf(report: Report, templates: Path | None) -> Check:
    begun = perf_counter()
    try:
        with Typesetter(time_limit=_PATIENCE) as typesetter:
            result = typesetter.typeset(report, templates=templates)
    except RenderError as error:
        mend = "install Pango, or take pdf out of the formats"
        return Check("a PDF", is_fine=False, seen=str(error), mend=mend)
    size = len(result.content) / 1000
    return Check("a PDF", is_fine=True, seen=f"{size:.0f} kB in {perf_counter() - begun:.1f} s")
