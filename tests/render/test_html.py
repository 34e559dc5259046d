"""The HTML document: valid, whole in itself, accessible, and deaf to what names try to say."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from support.pages import golden
from support.snapshots import a_snapshot

from slo_reports.compute import build_report
from slo_reports.errors import RenderError
from slo_reports.model import Report
from slo_reports.render import render_html
from slo_reports.render.head import policy
from slo_reports.render.rows import objective_row

GOLDEN = Path(__file__).parent.parent / "golden" / "report.html"
REPORTS = [
    "report",
    "odd_report",
    "running_report",
    "weekly_report",
    "hostile_report",
    "methods_report",
    "journeys_report",
    "restated_report",
    "portfolio_report",
]


@pytest.fixture(scope="session", params=REPORTS)
def page(request: pytest.FixtureRequest) -> Element:
    return parsed(render_html(request.getfixturevalue(request.param)))


def parsed(content: bytes) -> Element:
    parser = html5lib.HTMLParser(
        tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False
    )
    root: Element = parser.parse(content.decode())
    return root


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_the_page_is_the_golden_one(report: Report, pytestconfig: pytest.Config) -> None:
    """Refresh it after a change that is meant: ``make golden``, which is ``pytest --golden``."""
    shown = golden(render_html(report).decode())
    if pytestconfig.getoption("--golden"):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8"), "run make golden if the change is meant"


def test_the_page_parses_without_a_single_error(page: Element) -> None:
    assert page.find("body/main") is not None


def test_nothing_is_loaded_from_outside_and_only_our_script_runs(page: Element) -> None:
    (script,) = page.iter("script")
    (meta,) = (one for one in page.iter("meta") if "http-equiv" in one.attrib)
    assert meta.attrib["content"] == policy(script.text or "")
    assert list(page.iter("meta")).index(meta) < list(page.iter()).index(script)
    assert len(script.text or "") < 16_000
    for element in page.iter():
        name = str(element.tag)
        assert not name.endswith(("link", "iframe", "image", "use", "foreignObject"))
        for key, value in element.attrib.items():
            assert not key.startswith("on")
            assert key not in {"src", "action", "formaction", "srcset"}
            if key == "href":
                assert value.startswith("#")
    styles = "".join(style.text or "" for style in page.iter("style"))
    assert set(re.findall(r"url\((\w+:)", styles)) == {"data:"}
    assert "@import" not in styles
    assert not re.search(r"https?:|//", re.sub("base64,[^)]*", "", styles))


def test_ids_are_unique_and_references_lead_somewhere(page: Element) -> None:
    ids = [one.attrib["id"] for one in page.iter() if "id" in one.attrib]
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    for one in page.iter():
        if "aria-labelledby" in one.attrib:
            assert one.attrib["aria-labelledby"] in ids
        if one.attrib.get("href", "").startswith("#"):
            assert one.attrib["href"][1:] in ids


def test_tables_have_captions_and_scoped_headers(page: Element) -> None:
    tables = list(page.iter("table"))
    assert tables
    for table in tables:
        caption = table.find("caption")
        assert caption is not None
        assert words(caption)
        headers = list(table.iter("th"))
        assert headers
        assert all(one.attrib.get("scope") in {"col", "row", "rowgroup"} for one in headers)


def test_headings_never_skip_a_level(page: Element) -> None:
    levels = [int(one.tag[1]) for one in page.iter() if re.fullmatch("h[1-6]", str(one.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_picture_says_its_numbers_in_words(page: Element) -> None:
    pictures = [one for one in page.iter() if str(one.tag).endswith("svg")]
    assert pictures
    for picture in pictures:
        titles = [one for one in picture if str(one.tag).endswith("title")]
        assert len(titles) == 1
        assert words(titles[0])
        assert picture.attrib.get("role") == "img" or picture.attrib["aria-hidden"] == "true"


def test_every_target_and_measured_value_is_on_the_page(report: Report) -> None:
    text = words(parsed(render_html(report)))
    for row in map(objective_row, report.results):
        assert row.target in text
        assert row.measured in text


def test_hostile_names_stay_text(hostile_report: Report) -> None:
    content = render_html(hostile_report).decode()
    assert content.count("<script") == 1
    assert "alert(1)" in content
    assert "49" not in re.findall(r"onload='x' (\S+)", content)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x1b]", content)
    without_queries = re.sub("<code>.*?</code>", "", content)
    assert "x" * 201 not in without_queries.replace("<wbr>", "")


def test_each_missing_verdict_is_explained(odd_report: Report) -> None:
    text = words(parsed(render_html(odd_report)))
    assert "not measured. Prometheus knows no series named review_requests_total." in text
    assert "insufficient data. The source had data for 77.62 % of the time; 95 % are needed." in (
        text.replace("\u202f", " ")
    )
    assert "no traffic. The source had data, and no valid event happened." in text


def test_a_second_revision_says_so(report: Report) -> None:
    text = words(parsed(render_html(replace(report, revision=2))))
    assert "SLO report, revision 2" in text


def test_a_report_of_nothing_is_still_a_page() -> None:
    assert parsed(render_html(build_report(a_snapshot((), incidents=())))) is not None


def test_a_template_of_the_users_own_comes_first(report: Report, tmp_path: Path) -> None:
    (tmp_path / "report.html.j2").write_text("<p>{{ title }} by us</p>")
    assert render_html(report, templates=tmp_path) == b"<p>Commerce platform by us</p>"


def test_parts_that_a_user_does_not_replace_stay_ours(report: Report, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "cover.html.j2").write_text("<h1>Our own cover</h1>")
    text = words(parsed(render_html(report, templates=tmp_path)))
    assert "Our own cover" in text
    assert "How this was measured" in text


@pytest.mark.parametrize(
    ("template", "told"),
    [
        pytest.param("a\n{{ report.nothing_here }}", "report.html.j2:2.*nothing_here", id="name"),
        pytest.param("a\n\n{% if %}", "report.html.j2:3", id="syntax"),
        pytest.param("{{ report | no_such }}", "report.html.j2:1.*no_such", id="filter"),
        pytest.param("{{ 1 / 0 }}", "report.html.j2:1.*zero", id="arithmetic"),
        pytest.param("{% include 'lost.j2' %}", "lost.j2 is not in", id="include"),
        pytest.param("{{ embed('../secret') }}", "which is not in", id="outside"),
    ],
)
def test_a_wrong_template_is_told_with_its_line(
    report: Report, tmp_path: Path, template: str, told: str
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "own" / "report.html.j2").write_text(template)
    with pytest.raises(RenderError, match=told):
        render_html(report, templates=tmp_path / "own")


def test_a_template_folder_that_is_not_there_is_told(report: Report, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"template folder .* is not there"):
        render_html(report, templates=tmp_path / "none")


def test_the_method_stands_beside_the_number_and_in_the_appendix(methods_report: Report) -> None:
    text = words(parsed(render_html(methods_report))).replace("\u202f", " ")
    for told in (
        "timeslices, slices of 1 hour",
        "ratio timeslices, slices of 5 minutes",
        "by samples",
        "Timeslices: ",
        "Ratio timeslices: ",
        "Occurrences: ",
        "slices of 1 hour good; 99.9 % asks for",
    ):
        assert told in text


def test_exclusions_stand_with_their_reason_and_both_numbers(methods_report: Report) -> None:
    text = words(parsed(render_html(methods_report)))
    assert "Emoji 🛒 and 日本語 (maintenance)" in text
    assert "approved by <script>alert(1)</script>" in text
    one = objective_row(methods_report.results[0])
    assert one.excluded.startswith("with exclusions; without them ")
    assert one.excluded.split(",")[0].split()[-1] in text
    assert f"{one.measured}, without exclusions" in text


def test_where_nothing_was_taken_out_nothing_is_said_of_it(report: Report) -> None:
    assert "xclusion" not in words(parsed(render_html(report)))


def test_a_journey_shows_its_steps_what_is_at_stake_and_which_count(
    journeys_report: Report,
) -> None:
    page = parsed(render_html(journeys_report))
    buy, leave = (table for table in page.iter("table") if table.get("class") == "journey")
    caption = buy.find("caption")
    assert caption is not None
    assert words(caption).startswith("Shop user journey: Buy somethingNobody can buy.")
    assert [cells(row)[:3] for row in buy.iter("tr")][1:] == [
        ["1", "Search availability", "critical"],
        ["2", "Checkout availability", "critical"],
        ["3", "Payments availability", "shown only"],
    ]
    first = list(leave.iter("tr"))[1]
    assert cells(first)[:6] == ["1", "commerce/door", "critical", "–", "–", "–"]
    assert "Impact. Nobody can buy." in words(page)


def test_teams_and_labels_are_added_up(journeys_report: Report) -> None:
    tables = parsed(render_html(journeys_report)).iter("table")
    teams, areas = (one for one in tables if one.get("class") == "rollup")
    basket = next(row for row in teams.iter("tr") if "Team Basket" in words(row))
    assert cells(basket)[:5] == ["Team Basket", "6", "2", "3", "1"]
    counts = [int(cells(row)[1]) for row in list(areas.iter("tr"))[1:]]
    assert len(counts) > 2
    assert sum(counts) == len(journeys_report.results)


def test_one_team_alone_has_no_table(report: Report) -> None:
    one_team = replace(report, rollups=report.rollups[:1])
    assert "By team" in render_html(report).decode()
    assert "By team" not in render_html(one_team).decode()


def cells(row: Element) -> list[str]:
    return [words(cell) for cell in row]
