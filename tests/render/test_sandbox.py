"""Templates of the user's own read what they are given, and reach nothing else."""

from __future__ import annotations

import resource
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from slo_reports.errors import RenderError
from slo_reports.model import Report
from slo_reports.render import mail_body, render_html
from slo_reports.render.archive import archive_page
from slo_reports.render.environment import render_template
from slo_reports.resources import resources, shipped_templates


def rendered(report: Report, folder: Path, template: str) -> str:
    (folder / "report.html.j2").write_text(template)
    return render_html(report, templates=folder).decode()


ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ report.__class__ }}",
    "{{ report['__class__'] }}",
    "{{ report.to_json() }}",
    "{{ reason.__globals__ }}",
    "{{ embed.__closure__ }}",
    "{{ embed.args }}",
    "{{ mark.__globals__['__builtins__'] }}",
    "{{ bar.__code__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ joiner.__init__ }}",
    "{{ namespace.__init__ }}",
    "{{ range.__self__ }}",
    "{{ dict.fromkeys }}",
    "{{ '{0.__class__}'.format(report) }}",
    "{{ '{0.__class__.__mro__}'.format('') }}",
    "{{ ('{x.__class__}').format_map({'x': report}) }}",
    "{{ report | attr('__class__') }}",
    "{{ tr('{x.__class__}', x=report) }}",
    "{{ tr('{x.join.__globals__}', x=tr('a')) }}",
    "{{ trn('{x.__class__}', '{x.__class__}', 1, x='') }}",
    "{{ [report] | map(attribute='__class__') | first }}",
    "{{ [report] | map('attr', '__class__') | list }}",
    "{{ ([report] | groupby('__class__') | first).grouper.__name__ }}",
    "{{ report.results[0].remaining_curve.values.tofile('PLACE') }}",
    "{{ report.results[0].remaining_curve.values.dump('PLACE') }}",
    "{{ report.results[0].remaining_curve.values[0].tofile('PLACE') }}",
    "{{ report.results[0].remaining_curve.times.base }}",
    "{{ report.frozen_at.tzinfo.__reduce__() }}",
    "{{ (report.results[0].slo.labels).__add__ }}",
    "{{ lipsum(n=5) }}",
    "{{ {}.update }}{{ report.services.clear() }}",
    "{% set x = [] %}{{ x.append(1) }}",
    "{% set x = {} %}{{ x.update(a=1) }}",
    "{% include '/etc/passwd' %}",
    "{% include '../secret' %}",
    "{% import '../secret' as x %}",
    "{{ embed('/etc/passwd') }}",
    "{{ embed('../secret') }}",
]


@pytest.mark.parametrize("template", ESCAPES)
def test_no_way_leads_out(report: Report, tmp_path: Path, template: str) -> None:
    place = tmp_path / "written"
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "own").mkdir()
    words = f"a\n{template.replace('PLACE', str(place))}"
    with pytest.raises(RenderError) as told:
        rendered(report, tmp_path / "own", words)
    assert not place.exists()
    assert "report.html.j2:2: " in str(told.value) or " is not in " in str(told.value)
    assert "root:" not in str(told.value)


BOMBS = [
    "{% for _ in range(999999999) %}{% endfor %}",
    "{{ 'x' * 999999999999 }}",
    "{{ [1] * 999999999 }}",
    "{{ 9 ** 999999999 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '%999999999d' | format(1) }}",
    "{{ 'x' | center(999999999) }}",
    "{{ 'x'.ljust(999999999) }}",
    "{{ 'x' | indent(999999999) }}",
    "{{ [1] | batch(999999999, 'x') | list }}",
    "{{ [1] | slice(999999999) | list }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
]


@pytest.mark.parametrize("template", BOMBS)
def test_what_would_take_too_much_is_refused_at_once(
    report: Report, tmp_path: Path, template: str
) -> None:
    with pytest.raises(RenderError, match=r"report\.html\.j2:2: "):
        rendered(report, tmp_path, f"a\n{template}")


def test_what_doubles_for_ever_ends_where_memory_ends(report: Report, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    template = "a\n{% set n = namespace(x='x' ~ report.snapshot_hash) %}\n"
    template += "{% for _ in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
    with pytest.raises(RenderError, match=r"report\.html\.j2:3: .*memory than a page may use"):
        rendered(report, tmp_path, template)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_what_never_ends_is_broken_off_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text(
        "a\n{% for _ in range(99999) %}{% for _ in range(99999) %}\n{{ 1 }}{% endfor %}{% endfor %}"
    )
    before = sys.gettrace()
    with pytest.raises(RenderError, match=r"a\.j2:[23]: the page is not ready after 0\.5 s"):
        render_template(resources(tmp_path), "a.j2", {}, time_limit=timedelta(seconds=0.5))
    assert sys.gettrace() is before


def test_a_copy_of_every_template_of_ours_gives_the_same_page(
    report: Report, restated_report: Report, tmp_path: Path
) -> None:
    for source in shipped_templates().rglob("*.j2"):
        copy = tmp_path / source.relative_to(shipped_templates())
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(source.read_text())
    for one in (report, restated_report):
        assert render_html(one, templates=tmp_path) == render_html(one)
        assert mail_body(one, templates=tmp_path) == mail_body(one)
    assert archive_page([], templates=tmp_path) == archive_page([])


def test_everyday_templates_work(report: Report, tmp_path: Path) -> None:
    template = (
        "{% set n = namespace(met=0) %}{% for one in report.results if one.outcome == 'met' %}"
        "{% set n.met = n.met + 1 %}{% endfor %}{{ n.met }} of {{ report.results | length }}, "
        "{{ (report.results | map(attribute='slo.title') | list)[0] | upper }}, "
        "{{ '%s' }}{{ report.period.start.isoformat() }}, {{ 2 * 3 % 4 }}, {{ title.split()[0] }}"
    )
    assert rendered(report, tmp_path, template) == (
        "10 of 12, AVAILABILITY, %s2026-09-30T22:00:00+00:00, 2, Commerce"
    )


def test_a_script_of_the_users_own_may_run_and_cannot_end_the_page(
    report: Report, tmp_path: Path
) -> None:
    (tmp_path / "screen.js").write_text("'use strict';\r\n")
    page = render_html(report, templates=tmp_path).decode()
    assert ">'use strict';\n</script>" in page
    (tmp_path / "screen.js").write_text("a = '</SCRIPT>'")
    with pytest.raises(RenderError, match=r"screen\.js holds '</script'"):
        render_html(report, templates=tmp_path)
