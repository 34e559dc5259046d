"""The dashboards: valid for Grafana, drawn of what the rules record, the same bytes each time."""

import importlib
import json
import re
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import yaml
from support.grafana import panels, read, variables
from support.shop import write_config

from slo_reports.dashboards import report_links
from slo_reports.definitions.loading import load_definitions, load_everything
from slo_reports.errors import ConfigurationError
from slo_reports.generate import dashboard as dashboards
from slo_reports.generate.dashboard import Board, boards, config_map
from slo_reports.generate.grafana_links import ReportLink, reports_markdown
from slo_reports.generate.grafana_queries import alert_lines, latency_lines
from slo_reports.generate.rules import RecordingRule, Surroundings
from slo_reports.generated import make_rules
from slo_reports.model import BurnRateAlert, Objective

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden"
SCHEMA = json.loads((Path(__file__).parent / "board.schema.json").read_text())
NAMES = ("slo-reports-overview", "slo-reports-objective")
REPORTS = (
    ReportLink(
        "Commerce platform",
        "each month, all objectives",
        "https://reports.example.com/slo/index.html",
        "https://reports.example.com/slo/commerce",
        "commerce_",
        "html",
    ),
)


@pytest.fixture(scope="module")
def slos():
    return load_definitions([ROOT / "config" / "demo" / "definitions"])


@pytest.fixture(scope="module")
def made(slos):
    return {one.uid: one for one in boards(slos, REPORTS)}


@pytest.fixture(params=NAMES)
def board(made, request):
    return read(made[request.param].text)


@pytest.mark.parametrize("name", NAMES)
def test_the_dashboards_are_the_golden_ones(made, name, pytestconfig):
    path = GOLDEN / f"{name}.json"
    if pytestconfig.getoption("--golden"):
        path.write_text(made[name].text, encoding="utf-8")
    same = made[name].text == path.read_text(encoding="utf-8")
    assert same, f"{path.name} is made otherwise now; run make golden if that is meant"


def test_the_order_of_definitions_changes_nothing(slos, made):
    assert {one.uid: one for one in boards(tuple(reversed(slos)), REPORTS)} == made


# --- valid for Grafana ---


def errors(board):
    return list(jsonschema.Draft7Validator(SCHEMA).iter_errors(board))


def test_grafanas_published_types_allow_them(board):
    assert errors(board) == []


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        pytest.param("stat", lambda one: one.update(type="singlestat"), id="an Angular panel"),
        pytest.param(
            "stat", lambda one: one["options"].update(colorMode="rainbow"), id="no such colour mode"
        ),
        pytest.param(
            "timeseries",
            lambda one: one["fieldConfig"]["defaults"]["custom"].update(lineWitdh=2),
            id="a misspelt option",
        ),
        pytest.param("table", lambda one: one["targets"][0].pop("expr"), id="no query"),
        pytest.param("state-timeline", lambda one: one.pop("id"), id="no number"),
    ],
)
def test_the_types_would_refuse_a_panel_that_grafana_does_not_know(made, kind, spoil):
    board = read(made[NAMES[0]].text)
    spoil(next(one for one in board["panels"] if one["type"] == kind))
    assert errors(board)


def test_panels_fill_the_grid_without_lying_over_each_other(board):
    taken = {}
    for one in board["panels"]:
        place = one["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), one["id"]) == one["id"], one["title"]
    lowest = max(y for _, y in taken)
    assert len(taken) == 24 * (lowest + 1), "there is a hole"
    assert len({one["id"] for one in board["panels"]}) == len(board["panels"])


def test_every_panel_says_what_it_shows_and_asks_the_chosen_source(board):
    assert len(panels(board)) > 8
    for one in panels(board):
        assert len(one["description"]) > 50, one["title"]
        assert one["fieldConfig"]["defaults"]["noValue"], one["title"]
        assert one["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        refs = [target["refId"] for target in one["targets"]]
        assert len(set(refs)) == len(refs)
        for target in one["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            assert target.get("instant", False) != target.get("range", False)


def test_queries_use_only_variables_that_there_are(board):
    known = {one["name"] for one in board["templating"]["list"]} | {"__interval"}
    asked = [target["expr"] for one in panels(board) for target in one["targets"]]
    asked += [one["query"]["query"] for one in variables(board).values()]
    asked += [one["target"]["expr"] for one in board["annotations"]["list"]]
    for query in asked:
        assert set(re.findall(r"\$(\w+)", query)) <= known, query


def test_each_variable_is_narrowed_by_those_before_it(board):
    before = {"datasource"}
    for name, one in variables(board).items():
        assert set(re.findall(r"\$(\w+)", one["query"]["query"])) <= before
        before.add(name)


# --- of what the rules record ---


def test_every_series_that_is_asked_for_is_recorded(slos, made):
    around = Surroundings(date(2026, 11, 1), {one.id: one for one in slos})
    recorded = {
        rule.record
        for _, one in make_rules(slos, around, "ours")
        for group in one.groups
        for rule in group.rules
        if isinstance(rule, RecordingRule)
    }
    asked = set().union(
        *(re.findall(r"slo:\w+[\w:]*(?=[{ ,)])", one.text) for one in made.values())
    )
    assert len(asked) > 15
    assert asked <= recorded


def test_a_line_is_drawn_for_each_alert_at_the_threshold_of_each_objective(slos):
    lines = {one.legend: one for one in alert_lines(slos)}
    assert list(lines) == [
        "page over 1h and 5m",
        "page over 6h and 30m",
        "ticket over 1d and 2h",
        "ticket over 3d and 6h",
    ]
    assert "+ 14.4)" in lines["page over 1h and 5m"].query
    assert 'slo=~"shop/buy-something"' in lines["ticket over 3d and 6h"].query


def test_thresholds_that_differ_are_one_line_of_which_one_part_answers(slos):
    two = slos[:2]
    fast = BurnRateAlert("page", timedelta(hours=1), timedelta(minutes=5), 10.0)
    changed = (with_rates(two[0], fast), with_rates(two[1], fast, threshold=12.5))
    (line,) = alert_lines(changed)
    first, second = line.query.split(" or ")
    assert f'slo=~"{two[0].id}"' in first
    assert "+ 10)" in first
    assert f'slo=~"{two[1].id}"' in second
    assert "+ 12.5)" in second


def with_rates(slo, alert, **changes):
    return replace(slo, burn_rates=(replace(alert, **changes),))


def test_an_alert_that_can_never_fire_has_no_line(slos):
    soft = Objective(Decimal("0.9"), "30d", timedelta(days=30))
    alert = BurnRateAlert("page", timedelta(hours=1), timedelta(minutes=5), 14.4)
    assert alert_lines([replace(slos[0], objectives=(soft,), burn_rates=(alert,))]) == ()
    assert alert_lines([replace(slos[0], burn_rates=(alert,))])


def test_ids_are_taken_literally_in_regular_expressions(slos):
    alert = BurnRateAlert("page", timedelta(hours=1), timedelta(minutes=5), 10.0)
    odd = with_rates(replace(slos[0], id='a.b/c"d+'), alert)
    rest = [replace(slos[1], id=name, burn_rates=()) for name in ("one", "two")]
    (line,) = alert_lines([odd, *rest])
    assert r'slo=~"a\\.b/c\"d\\+"' in line.query


def test_the_shorter_list_of_ids_is_written(slos):
    alert = BurnRateAlert("page", timedelta(hours=1), timedelta(minutes=5), 10.0)
    some = [with_rates(replace(slos[0], id=name), alert) for name in ("one", "two")]
    (line,) = alert_lines([*some, replace(slos[1], id="three", burn_rates=())])
    assert 'slo!~"three"' in line.query
    (line,) = alert_lines(some)
    assert "~" not in line.query.replace("window=~", "")


def test_only_latency_objectives_have_a_limit(slos):
    (line,) = latency_lines(slos)
    assert [float(one) for one in re.findall(r"\+ ([\d.]+)\)", line.query)] == [0.1, 0.25, 0.5, 1.0]
    assert latency_lines([one for one in slos if one.indicator.type != "latency"]) == ()


# --- links ---


def test_reports_are_linked_where_they_are_filed(board):
    (text,) = (one for one in board["panels"] if one["type"] == "text")
    shown = text["options"]["content"]
    assert "https://reports.example.com/slo/index.html" in shown
    assert "/commerce/${__from:date:YYYY}/commerce_${__from:date:YYYY-MM}.html" in shown
    archive = [one for one in board["links"] if one["title"] == "Report archive"]
    assert [one["url"] for one in archive] == ["https://reports.example.com/slo/index.html"]


def test_without_a_reachable_report_the_panel_says_what_to_do(slos):
    for one in boards(slos):
        assert "give a share of the settings a `link`" in one.text
        assert "Report archive" not in one.text


def test_titles_are_text_and_nothing_else():
    odd = ReportLink("a](http://x) <b> $slo **c**", "each month", "https://e.example/a b)$slo")
    shown = reports_markdown([odd])
    assert "$slo" not in shown
    assert "<b>" not in shown
    assert r"a\]\(http://x\)" in shown
    assert "(https://e.example/a%20b%29%24slo)" in shown


def test_the_settings_say_which_reports_are_linked(tmp_path):
    settings, _ = load_everything(write_config(tmp_path, "http://127.0.0.1:9"))
    base = "https://reports.example.com"
    covers = "each month, all objectives"
    wanted = ReportLink("Shop", covers, f"{base}/index.html", f"{base}/shop", "shop_", "html")
    assert report_links(settings) == (wanted,)


def test_a_share_without_a_link_and_a_mail_are_not_linked(tmp_path):
    file = write_config(tmp_path, "http://127.0.0.1:9")
    text = file.read_text().replace(', link: "https://reports.example.com"', "")
    file.write_text(text)
    assert report_links(load_everything(file)[0]) == ()


def test_only_the_documents_of_months_are_named_by_a_month(tmp_path):
    file = write_config(tmp_path, "http://127.0.0.1:9")
    text = file.read_text().replace("    schedule:", "    period: week\n    schedule:")
    file.write_text(text.replace("every: month", "every: week"))
    (one,) = report_links(load_everything(file)[0])
    assert (one.covers, one.folder) == ("each week, all objectives", "")


# --- for Kubernetes, and without the kit ---


def test_a_config_map_holds_the_same_bytes(made):
    text = config_map(list(made.values()), name="boards", namespace="monitoring", folder="SLOs")
    one = yaml.safe_load(text)
    assert one["metadata"] == {
        "name": "boards",
        "namespace": "monitoring",
        "labels": {"grafana_dashboard": "1"},
        "annotations": {"grafana_folder": "SLOs"},
    }
    assert one["data"] == {f"{uid}.json": board.text for uid, board in made.items()}
    assert len(text.encode()) < 1_000_000


def test_without_definitions_there_is_nothing_to_draw():
    with pytest.raises(ConfigurationError, match="no objective"):
        boards(())


def test_without_the_kit_the_error_names_the_extra(monkeypatch):
    for name in [one for one in sys.modules if one.startswith("grafana_foundation_sdk")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=r"pip install 'slo-reports\[grafana\]'"):
        importlib.reload(dashboards)


def test_a_thousand_objectives_still_make_dashboards_that_grafana_can_load(slos):
    many = [replace(slos[n % len(slos)], id=f"shop/objective-{n}") for n in range(1000)]
    sizes = {one.uid: len(one.text) for one in boards(many)}
    assert sizes["slo-reports-overview"] < 60_000
    assert sizes["slo-reports-objective"] < 300_000
    assert isinstance(boards(many)[0], Board)
