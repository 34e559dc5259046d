"""The documentation site: it builds without a warning, says all there is, and needs nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from support.built_site import ROOT, SitePage, build_site, is_outside, served, target_of
from support.chromium import DESKTOP, PHONE, chromium, violations
from typer.main import get_command

from scripts.manual.command_line import examples
from scripts.manual.markdown import for_the_site, text
from scripts.manual.navigation import only, pages_in, section
from slo_reports.cli import app
from slo_reports.definitions.json_schema import definition_schema
from slo_reports.definitions.templates import library
from slo_reports.errors import ExitCode
from slo_reports.render.json_schema import report_schema
from slo_reports.settings.json_schema import settings_schema
from slo_reports.settings.policy_files import policy_schema

pytestmark = pytest.mark.slow

SCHEMAS = {
    "settings": settings_schema,
    "definition": definition_schema,
    "policy": policy_schema,
    "report-json": report_schema,
}


OF_THE_THEME = ("landmark-unique", "scrollable-region-focusable")
"""What its script adds: unnamed groups of copy buttons, frames of wide tables."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manual") / "site"
    done = build_site(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site):
    found = [path for path in sorted(site.rglob("*.html")) if path.name != "404.html"]
    return {path.relative_to(site).as_posix(): SitePage(path) for path in found}


def commands(group: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, one in (group or get_command(app)).commands.items():
        if hasattr(one, "commands"):
            yield from commands(one, f"{before}{name} ")
        elif not one.hidden:
            yield before + name, one


def keys(part: Any) -> set[str]:
    """Every name under ``properties``, wherever in a schema."""
    if isinstance(part, list):
        return {key for one in part for key in keys(one)}
    if not isinstance(part, dict):
        return set()
    own = part.get("properties", {})
    return {*(own if isinstance(own, dict) else ()), *keys(list(part.values()))}


def test_every_page_of_docs_is_a_page_of_the_site(pages):
    written = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    assert {path.with_suffix(".html").as_posix() for path in written} <= set(pages)


def test_the_navigation_takes_what_there_is_and_orders_it():
    nav = [{"Start": "a.md"}, {"How to": ["b.md", {"Later": ["c.md"]}]}, {"Decisions": []}]
    left = only(nav, {"a.md", "b.md"})
    assert left == [{"Start": "a.md"}, {"How to": ["b.md"]}, {"Decisions": []}]
    section(left, "Decisions").append("d.md")
    assert list(pages_in(left)) == ["a.md", "b.md", "d.md"]
    assert section(left, "Nowhere") is None


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("```yaml settings\na: 1\n```", "```yaml\na: 1\n```"),
        ("[chat.md](chat.md#slack)", "[Reports in a chat](chat.md#slack)"),
        (
            "[rules](../config/alerts/x.rules.yml)",
            "[rules](reference/examples.md#configalertsxrulesyml)",
        ),
        ("[the changelog](../CHANGELOG.md)", "[the changelog](changelog.md)"),
    ],
)
def test_what_github_shows_otherwise_is_adapted(written, shown):
    assert for_the_site(written, "mail.md") == shown


@pytest.mark.parametrize(
    ("epilog", "shown"),
    [
        ("Example:  slo-reports plan", ["slo-reports plan"]),
        ("Exit codes: 0 fine.  Examples:  a --b  ·  c", ["a --b", "c"]),
        ("Examples:  a  ·  for cron:  */15 * * * *  a", ["a", "# for cron", "*/15 * * * *  a"]),
        ("Example, a health check:  a || exit 1", ["# a health check", "a || exit 1"]),
    ],
)
def test_examples_are_told_from_the_words_around_them(epilog, shown):
    assert examples("plan", epilog) == shown


def test_a_command_without_an_example_is_named():
    with pytest.raises(ValueError, match="slo-reports plan: the epilog shows no example"):
        examples("plan", None)


def test_words_from_the_code_become_no_markup():
    assert text("a|b *c* <d> `e|f_g`") == r"a\|b \*c\* \<d\> `e\|f_g`"


def test_every_page_can_be_reached_by_the_navigation(pages):
    start = pages["index.html"]
    linked = {target_of(start, link)[0] for link in start.links if not is_outside(link)}
    ahead = [SitePage(path) for path in linked if path.suffix == ".html"]
    linked |= {
        target_of(one, link)[0] for one in ahead for link in one.links if not is_outside(link)
    }
    assert {page.path for page in pages.values()} <= linked


def test_every_link_leads_to_a_page_and_a_heading(pages):
    by_path = {page.path: page for page in pages.values()}
    for name, page in pages.items():
        for link in page.links:
            if is_outside(link):
                continue
            place, anchor = target_of(page, link)
            assert place.exists(), f"{name} links to {link}"
            if anchor and place in by_path:
                assert anchor in by_path[place].anchors, f"{name} links to {link}"


def test_whatever_a_page_loads_is_in_the_folder(pages, site):
    for name, page in pages.items():
        for address in page.loads:
            assert not is_outside(address), f"{name} loads {address}"
            assert address.startswith("data:") or target_of(page, address)[0].exists(), address
    for style in site.rglob("*.css"):
        for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", style.read_text(encoding="utf-8")):
            assert not is_outside(address), f"{style.name} loads {address}"


def test_every_command_is_there_with_all_its_options(pages):
    page = pages["reference/command-line.html"]
    for name, command in commands():
        assert name.replace(" ", "-") in page.anchors
        for option in command.params:
            shown = (one for one in option.opts if one.startswith("-") and not option.hidden)
            assert set(shown) <= page.code, f"{name} {option.opts}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_there(pages, name):
    assert keys(SCHEMAS[name]()) <= pages[f"reference/{name}.html"].code


def test_every_template_is_there(pages):
    assert set(library()) <= pages["reference/library.html"].code


def test_every_exit_code_is_there():
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| ([\d, ]+) \|", page)
    shown = {int(one) for row in rows for one in row.split(",")}
    assert {int(code) for code in ExitCode} <= shown


def test_what_only_one_command_ends_with_stands_beside_it(site):
    page = (site / "reference" / "command-line.html").read_text(encoding="utf-8")
    ends = {name: part for name, _, part in (one.partition('"') for one in page.split('<h2 id="'))}
    for name, code in {
        "verify": "10",
        "doctor": "12",
        "status": "12",
        "decide": "20, 21, 22",
    }.items():
        assert f"Ends with <strong>{code}</strong>" in ends[name]
    assert "Ends with" not in ends["plan"]


def test_defaults_are_written_as_people_write_them(site):
    page = (site / "reference" / "settings.html").read_text(encoding="utf-8")
    for default in ("3h", "03:30", "256MiB", "5m", "30d", "refuse"):
        assert f"default <code>{default}</code>" in page


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def address(site):
    with served(site) as one:
        yield one


@pytest.mark.parametrize(
    ("place", "viewport", "scheme"),
    [
        pytest.param("index", DESKTOP, "light", id="start"),
        pytest.param("index", PHONE, "dark", id="start on a phone, dark"),
        pytest.param("arithmetic", PHONE, "light", id="formulas on a phone"),
        pytest.param("reference/settings", DESKTOP, "dark", id="settings, dark"),
    ],
)
def test_a_page_asks_nobody_else_and_fits_the_screen(browser, address, place, viewport, scheme):
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(f"{address}{place}.html", wait_until="networkidle")
    assert [one for one in asked if not one.startswith((address, "data:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert [one for one in violations(page) if not one.startswith(OF_THE_THEME)] == []
    context.close()


def test_the_search_finds_a_setting(browser, address):
    page = browser.new_context(viewport=DESKTOP).new_page()
    page.goto(f"{address}index.html")
    search = page.locator(".md-search__input")
    search.click()
    page.get_by_text("Type to start searching").wait_for()  # what is typed before may be lost
    search.press_sequentially("partial_answers")
    found = page.locator(".md-search-result__link").first
    found.wait_for()
    assert "reference/" in (found.get_attribute("href") or "")
