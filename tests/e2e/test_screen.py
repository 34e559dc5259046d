"""Pages in a real browser: what its script adds, and that it needs nobody else."""

from __future__ import annotations

import base64
import re
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.chromium import DESKTOP, PHONE, chromium, opened, violations
from support.estate import a_portfolio
from support.kinds import a_brief, a_planning, a_retrospective, a_review
from support.snapshots import COMMERCE, ODD, a_second_revision, a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import Brand, Outcome
from slo_reports.render import mail_body, render_html
from slo_reports.render.archive import ArchiveEntry, FiledDocument, archive_page
from slo_reports.render.rows import service_rows

pytestmark = pytest.mark.e2e

ROWS = ".objectives tbody tr:visible"
KINDS = {
    "review": a_review,
    "brief": a_brief,
    "planning": a_planning,
    "retrospective": a_retrospective,
    "portfolio": lambda: a_portfolio(40),
}
REFUSED = """
Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("refused", "SecurityError"); }
});
"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def report():
    return build_report(a_snapshot([*COMMERCE, *ODD]))


@pytest.fixture(scope="module")
def pages(report, tmp_path_factory):
    """One file for each kind of page."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "report.html").write_bytes(render_html(report))
    brand = Brand("Example Ltd", "#0a6b3d", "#ffd400")
    branded = replace(report, request=replace(report.request, brand=brand))
    (folder / "branded.html").write_bytes(render_html(branded))
    (folder / "restated.html").write_bytes(render_html(build_report(a_second_revision())))
    for name, make in KINDS.items():
        of_kind = build_report(make())
        (folder / f"{name}.html").write_bytes(render_html(of_kind))
        (folder / f"{name}-mail.html").write_text(with_pictures(mail_body(of_kind)))
    (folder / "archive.html").write_bytes(archive_page([entry(n) for n in (8, 9, 10)]))
    (folder / "mail.html").write_text(with_pictures(mail_body(report, links={"html": "a.html"})))
    return folder


def entry(month):
    at = datetime(2026, month, 1, tzinfo=UTC)
    name = f"shop/2026/shop_2026-{month:02}"
    documents = tuple(FiledDocument(f"{name}.{one}", 5000, "a" * 64) for one in ("html", "pdf"))
    title = f"2026-{month:02}"
    return ArchiveEntry("shop", "Shop", title, "2026", at, 1, at, documents, "All is well.")


def with_pictures(body):
    """The HTML of a mail with its images inside, as a mail program would show it."""
    html = body.html
    for one in body.images:
        inside = f"data:{one.media_type};base64,{base64.b64encode(one.content).decode()}"
        html = html.replace(f"cid:{one.name}", inside)
    return html


def label(page, name):
    return page.locator(".objectives").locator("xpath=../..").get_by_label(name, exact=True)


def test_filtering_by_text_outcome_and_team_says_how_many_are_left(browser, report, pages):
    missed = [one for one in report.results if one.outcome is Outcome.MISSED]
    teams = {one.slo.owner for one in missed}
    with opened(browser, pages / "report.html") as seen:
        page = seen.page
        every = page.locator(ROWS).count()
        assert every == len(report.results)
        label(page, "Filter").fill("latency ms")
        shown = page.locator(ROWS).all_inner_texts()
        assert shown
        assert all("latency" in one.lower() for one in shown)
        assert f"{len(shown)} of {every}" in page.locator(".filter p").first.inner_text()
        label(page, "Outcome").select_option("Missed")
        assert page.locator(ROWS).count() == sum("ms" in one.slo.title for one in missed)
        page.get_by_role("button", name="Show all").first.click()
        assert page.locator(ROWS).count() == every
        label(page, "Outcome").select_option("Missed")
        assert page.locator(ROWS).count() == len(missed)
        for team in teams:
            label(page, "Team").select_option(team)
            assert page.locator(ROWS).count() == sum(one.slo.owner == team for one in missed)
        label(page, "Filter").fill("nothing is called that")
        assert page.locator(ROWS).count() == 0
        assert "None of" in page.locator(".filter p").first.inner_text()
        assert seen.said == []


def test_a_row_that_is_left_alone_keeps_the_name_of_its_service(browser, pages):
    with opened(browser, pages / "report.html") as seen:
        label(seen.page, "Filter").fill("checkout latency")
        (row,) = seen.page.locator(ROWS).all()
        heading = row.locator("th:visible")
        assert heading.inner_text().startswith("Checkout")
        assert heading.get_attribute("rowspan") == "1"


def test_numbers_are_sorted_as_numbers_and_what_has_none_stands_last(browser, report, pages):
    known = sorted(one.sli for one in report.results if one.sli is not None)
    unknown = len(report.results) - len(known)
    with opened(browser, pages / "report.html") as seen:
        page = seen.page
        before = page.locator(ROWS).all_inner_texts()
        head = page.locator(".objectives thead th", has_text="Measured")
        button = head.get_by_role("button")
        values = page.locator(f"{ROWS} td:nth-of-type(3)")
        assert head.get_attribute("aria-sort") is None
        for way, expected in (("ascending", known), ("descending", known[::-1])):
            button.click()
            assert head.get_attribute("aria-sort") == way
            told = [one.get_attribute("data-value") for one in values.all()]
            assert [float(one) for one in told[: len(known)]] == expected
            assert told[len(known) :] == ["None"] * unknown
            assert page.locator(f"{ROWS} > th:visible").count() == len(report.results)
        button.press("Enter")
        assert head.get_attribute("aria-sort") is None
        assert page.locator(ROWS).all_inner_texts() == before


def test_words_are_sorted_as_words_and_a_second_column_takes_over(browser, pages):
    with opened(browser, pages / "report.html") as seen:
        page = seen.page
        page.get_by_role("button", name="Outcome").click()
        outcomes = page.locator(f"{ROWS} td:last-child").all_inner_texts()
        assert outcomes[0].strip() == "Missed"
        assert outcomes[-1].strip() == "Met"
        page.get_by_role("button", name="Service").first.click()
        names = page.locator(f"{ROWS} > th").all_inner_texts()
        plain = [one.split("\n")[0] for one in names]
        assert plain == sorted(plain)
        assert page.locator("[aria-sort]").count() == 1


def test_a_table_of_incidents_is_sorted_by_what_they_took(browser, report, pages):
    with opened(browser, pages / "report.html") as seen:
        table = seen.page.get_by_role("region", name="Table of incidents")
        table.get_by_role("button", name="Budget used").click()
        table.get_by_role("button", name="Budget used").click()
        first = table.locator("tbody tr").first.inner_text()
        dearest = max(report.incidents, key=lambda one: max(cost[2] for cost in one.costs))
        assert dearest.incident.title in " ".join(first.split())


def test_in_german_numbers_with_commas_are_sorted_and_the_controls_speak_it(browser, tmp_path):
    snapshot = a_snapshot([*COMMERCE, *ODD])
    german = build_report(replace(snapshot, request=replace(snapshot.request, language="de")))
    path = tmp_path / "german.html"
    path.write_bytes(render_html(german))
    with opened(browser, path) as seen:
        page = seen.page
        assert label(page, "Filtern").is_visible()
        page.locator(".objectives thead th.num").first.get_by_role("button").click()
        targets = page.locator(f"{ROWS} td.num:nth-of-type(2)").all_inner_texts()
        assert any("," in one for one in targets)
        values = [float(one.replace(",", ".")) for one in targets]
        assert values == sorted(values)
        page.locator("#c1 .canvas").first.press("Home")
        assert re.match(r"1\. Okt\.? \d\d:\d\d\nBudget übrig", page.locator(".tip").inner_text())
        assert seen.said == []


def ground(page):
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


WHITE, NIGHT = "rgb(255, 255, 255)", "rgb(15, 23, 38)"


def test_colours_follow_the_system_until_the_reader_chooses_and_are_remembered(browser, pages):
    with opened(browser, pages / "report.html", color_scheme="dark") as seen:
        page = seen.page
        assert ground(page) == NIGHT
        page.get_by_label("Colours").select_option("light")
        assert ground(page) == WHITE
        page.reload()
        assert ground(page) == WHITE
        assert page.get_by_label("Colours").input_value() == "light"
        page.get_by_label("Colours").select_option("dark")
        page.emulate_media(color_scheme="light")
        assert ground(page) == NIGHT
        page.get_by_label("Colours").select_option("auto")
        assert ground(page) == WHITE
        assert seen.said == []


def test_a_browser_that_refuses_to_remember_still_switches(browser, pages):
    context = browser.new_context(color_scheme="light")
    context.add_init_script(REFUSED)
    page, said = context.new_page(), []
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda one: said.append(str(one)))
    page.goto((pages / "report.html").as_uri())
    page.get_by_label("Colours").select_option("dark")
    assert ground(page) == NIGHT
    assert said == []
    context.close()


def test_a_chart_tells_value_and_instant_at_the_pointer_and_by_keys(browser, report, pages):
    result = min(
        (one for one in report.results if one.budget.remaining is not None),
        key=lambda one: one.budget.remaining,
    )
    left = f"{round(result.budget.remaining * 100)}".replace("-", "−")
    with opened(browser, pages / "report.html", reduced_motion="reduce") as seen:
        page = seen.page
        canvas, tip = page.locator("#c1 .canvas").first, page.locator(".tip")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + box["height"] * 0.7)
        assert re.fullmatch(rf"(31 Oct|1 Nov) \d\d:\d\d\nbudget left {left}\s%", tip.inner_text())
        assert page.locator(".cursor").count() == 1
        page.keyboard.press("Escape")
        assert tip.inner_text() == ""
        assert page.locator(".cursor").count() == 0
        canvas.press("Home")
        assert re.match(r"1 Oct \d\d:\d\d\nbudget left (100|99)\s%", tip.inner_text())
        canvas.press("ArrowRight")
        later = tip.inner_text()
        canvas.press("End")
        assert tip.inner_text() not in {"", later}
        assert "arrow keys" in canvas.get_attribute("aria-label")
        assert seen.said == []


def test_days_bars_and_months_tell_their_numbers(browser, pages):
    with opened(browser, pages / "report.html", reduced_motion="reduce") as seen:
        tip = seen.page.locator(".tip")
        for number, words in (
            (2, r"1 October: [\d.]+\s%, [\d\s]+ of [\d\s]+ bad"),
            (3, r"The whole budget: [\d.]+\smin"),
            (4, r"November( 2025)?: [\d.]+\s%, met, \d+\s% of the budget used"),
        ):
            seen.page.locator("#c1 .canvas").nth(number).press("ArrowRight")
            assert re.fullmatch(words, tip.inner_text())


def test_the_contents_lead_to_every_part(browser, pages):
    with opened(browser, pages / "report.html", reduced_motion="reduce") as seen:
        page = seen.page
        button = page.get_by_role("button", name="Contents")
        button.click()
        links = page.get_by_role("navigation", name="Contents").get_by_role("link")
        heads = page.locator("main h2:not(.hidden):not(.small)")
        assert links.all_inner_texts() == heads.all_inner_texts()
        links.last.click()
        assert not links.last.is_visible()
        assert heads.last.evaluate("one => one.getBoundingClientRect().top < innerHeight")
        button.click()
        page.keyboard.press("Escape")
        assert button.get_attribute("aria-expanded") == "false"


@pytest.mark.parametrize("name", ["report", "restated", "archive", "mail", *KINDS])
def test_no_page_asks_anybody_for_anything_or_complains(browser, pages, name):
    path = pages / f"{name}.html"
    with opened(browser, path) as seen:
        for one in seen.page.locator("select:visible").all():
            one.select_option(index=1)
        for one in seen.page.locator("button.sorter:visible").all():
            one.click()
        for one in seen.page.locator(".canvas").all():
            one.press("ArrowRight")
        seen.page.mouse.wheel(0, 5000)
        seen.page.wait_for_load_state("networkidle")
        assert seen.beyond(path) == []
        assert seen.said == []


def heard(server):
    """What a server is sent; a browser may open a connection before it asks the policy."""
    said = b""
    with suppress(TimeoutError):
        while True:
            with server.accept()[0] as connection, suppress(TimeoutError):
                connection.settimeout(0.5)
                said += connection.recv(1000)
    return said


def test_whatever_gets_into_a_page_neither_runs_nor_fetches(browser, pages, tmp_path):
    path = tmp_path / "bad.html"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        bad = (
            f"<body><script>window.bad = 1; fetch('{url}/f')</script><img src={url}/x>"
            f"<iframe src={url}/i></iframe><link rel=stylesheet href={url}/s>"
            f"<p style='background: url({url}/b)'>bad</p>"
        )
        path.write_text((pages / "report.html").read_text().replace("<body>", bad))
        with opened(browser, path) as seen:
            assert seen.page.evaluate("window.bad") is None
            refused = [one for one in seen.said if "Content Security Policy" in one]
            assert len(refused) >= 5
            assert seen.page.get_by_label("Colours").is_visible()
            assert heard(server) == b""


def test_without_script_all_is_there_and_nothing_is_dead(browser, report, pages):
    options = {"java_script_enabled": False, "color_scheme": "dark"}
    with opened(browser, pages / "report.html", **options) as seen:
        page = seen.page
        for control in ("button", "select", "input", ".tools", ".tip"):
            assert page.locator(control).count() == 0
        assert page.locator(ROWS).count() == len(report.results)
        for service in service_rows(report):
            assert page.get_by_text(service.name, exact=True).first.is_visible()
        assert page.locator("svg > title").count() > 20
        picture = page.screenshot(clip={"x": 4, "y": 700, "width": 1, "height": 1})
        page.emulate_media(color_scheme="light")
        assert page.screenshot(clip={"x": 4, "y": 700, "width": 1, "height": 1}) != picture


def test_on_paper_there_are_no_controls_and_no_night(browser, pages):
    with opened(browser, pages / "report.html", color_scheme="dark") as seen:
        page = seen.page
        page.get_by_label("Colours").select_option("dark")
        label(page, "Outcome").select_option("Missed")
        page.emulate_media(media="print")
        assert ground(page) == WHITE
        for control in (".tools", ".filter", ".tip"):
            assert not page.locator(control).first.is_visible()
        outcomes = page.locator(f"{ROWS} td:last-child").all_inner_texts()
        assert {one.strip() for one in outcomes} == {"Missed"}
        assert page.pdf().startswith(b"%PDF-")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", ["report", "restated", "branded", "archive", "mail", *KINDS])
def test_axe_finds_nothing(browser, pages, name, viewport, scheme):
    options = {"viewport": viewport, "color_scheme": scheme}
    with opened(browser, pages / f"{name}.html", **options) as seen:
        assert violations(seen.page) == []
        if name != "report":
            return
        page = seen.page
        label(page, "Filter").fill("latency")
        page.get_by_role("button", name="Service").first.click()
        page.get_by_role("button", name="Contents").click()
        page.locator("#c1 .canvas").first.press("ArrowRight")
        assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_in_short_mails(browser, pages, name, scheme):
    with opened(browser, pages / f"{name}-mail.html", color_scheme=scheme) as seen:
        assert violations(seen.page) == []


def test_the_tables_of_other_kinds_are_sorted_and_filtered_too(browser, pages):
    with opened(browser, pages / "planning.html") as seen:
        table = seen.page.locator("table.by-month")
        rows = table.locator("tbody tr:visible")
        count = rows.count()
        table.get_by_role("button", name="All", exact=True).click()
        used = [float(one) for one in rows.locator("td.cell:has(b)").all_inner_texts()]
        assert len(used) == count
        assert used == sorted(used)
        seen.page.get_by_label("Filter", exact=True).first.fill("checkout")
        assert 0 < rows.count() < count
        assert seen.said == []


def test_a_hostile_name_is_text_in_every_control(browser, tmp_path):
    names = ("<img src=x onerror=alert(1)>", '" onfocus="alert(2)', "';alert(3)//=a;b", "日本語 🛒")
    services = [
        replace(one, name=f"{name} {n}", owner=name)
        for n, one in enumerate(COMMERCE)
        for name in (names[n % len(names)],)
    ]
    path = tmp_path / "hostile.html"
    path.write_bytes(render_html(build_report(a_snapshot(services, incidents=(), title=names[0]))))
    with opened(browser, path) as seen:
        page = seen.page
        team = label(page, "Team")
        assert set(team.locator("option").all_inner_texts()) == {"any", *names}
        for name in names:
            team.select_option(name)
            assert page.locator(ROWS).count() > 0
        assert names[0] in page.locator(".tools .where").inner_text()
        assert page.locator("img").count() == 0
        assert seen.said == []
