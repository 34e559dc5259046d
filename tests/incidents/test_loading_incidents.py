"""Incident files as people write them, right and wrong."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from slo_reports.definitions.loading import load_everything
from slo_reports.errors import ConfigurationError
from slo_reports.incidents.loading import concerning, load_incidents
from slo_reports.incidents.written import WrittenIncident
from slo_reports.model import Objective, RatioIndicator, Slo
from slo_reports.periods import month

CONFIG = Path(__file__).parents[2] / "config"
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
OCTOBER = month(2026, 10, "UTC")


def slo(service, name="availability"):
    objective = Objective(Decimal("0.999"), "month", timedelta(days=30))
    indicator = RatioIndicator("requests_total", (), ())
    identity = f"shop/{service.lower()}-{name}"
    return Slo(identity, name, "shop", service, "Availability", "Team", indicator, (objective,))


SLOS = (slo("Checkout"), slo("Check-in"), slo("Search"))

YAML = """\
incidents:
  - id: INC-1
    title: A full disk
    service: checkout
    severity: page
    start: 2026-10-19 14:05
    end: 2026-10-19 15:00
    cause: Logs
"""


def load(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return load_incidents([tmp_path], "Europe/Berlin", SLOS, UNTIL)


def problems(tmp_path, **files):
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path, **files)
    return [
        f"{one.path.name}:{one.line}: {one.message}" for one in raised.value.problems
    ]  # fmt: skip


def test_an_incident_is_read_and_named_as_the_definitions_name_its_service(tmp_path):
    (one,) = load(tmp_path, a_yaml=YAML)
    assert (one.id, one.service, one.cause, one.source) == ("INC-1", "Checkout", "Logs", "file")
    assert one.start == datetime(2026, 10, 19, 12, 5, tzinfo=UTC)
    assert one.end - one.start == timedelta(minutes=55)


def test_the_same_in_json_and_csv_is_the_same(tmp_path):
    json = (
        '[{"id": "INC-1", "title": "A full disk", "service": "checkout", "severity": "page",'
        ' "start": "2026-10-19 14:05", "end": "2026-10-19 15:00", "cause": "Logs"}]'
    )
    csv = (
        "id,title,service,severity,start,end,cause,url\n"
        "INC-1,A full disk,checkout,page,2026-10-19 14:05,2026-10-19 15:00,Logs,\n"
    )
    found = []
    for name, text in (("a.yaml", YAML), ("a.json", json), ("a.csv", csv)):
        (tmp_path / name).write_text(text)
        found.append(load_incidents([tmp_path / name], "Europe/Berlin", SLOS, UNTIL))
    assert found[0] == found[1] == found[2]


def test_a_table_calculations_csv_with_semicolons_and_a_mark_is_read(tmp_path):
    text = (
        "\ufeffid;title;services;start;end\r\n"
        'INC-1;"Two; at\r\nonce";"Checkout, search";2026-10-19 14:05;2026-10-19 15:00\r\n'
        "\r\n"
    )
    (one,) = load(tmp_path, a_csv=text)
    assert one.services == ("Checkout", "Search")
    assert one.title.startswith("Two; at")


def test_an_incident_without_an_end_goes_on(tmp_path):
    (one,) = load(tmp_path, a_yaml=YAML.replace("    end: 2026-10-19 15:00\n", ""))
    assert one.ongoing
    assert one.end == UNTIL


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: INC-1", "idd: INC-1", "a.yaml:2: unknown key 'idd' at the top level; did you mean"),
        ("    title: A full disk\n", "", "a.yaml:2: 'title' is missing"),
        ("title: A full disk", "title: 7", "a.yaml:3: title must be text"),
        ("service: checkout", "service: chekout", "a.yaml:4: no definition is of the service"),
        ("service: checkout", "owner: x", "a.yaml:4: unknown key 'owner'"),
        ("2026-10-19 14:05", "2026-10-19 15:05", "a.yaml:7: end 2026-10-19 15:00 is not after"),
        ("2026-10-19 14:05", "19 October", "a.yaml:6: start: '19 October' is no instant"),
        ("2026-10-19 14:05", "2026-03-29 02:10", "a.yaml:6: start: '2026-03-29 02:10' does not"),
        ("cause: Logs", "detected: 2026-10-19 14:00", "a.yaml:8: detected 2026-10-19 14:00 is"),
        ("cause: Logs", "url: javascript:alert(1)", "a.yaml:8: url: a URL begins with http"),
        ("cause: Logs", "slo: shop/checkout-availabilty", "a.yaml:8: no definition has the id"),
        ("incidents:", "incident:", "a.yaml:1: an incident file is a list of incidents"),
        ("incidents:", "by: me\nincidents:", "a.yaml:1: unknown key 'by' beside 'incidents'"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_line(tmp_path, old, new, said):
    found = problems(tmp_path, a_yaml=YAML.replace(old, new))
    assert any(one.startswith(said) for one in found), found


@pytest.mark.parametrize(
    ("key", "wrong", "meant"),
    [
        ("service", "chekout", "Checkout"),
        ("slo", "shop/checkout-availabilty", "shop/checkout-availability"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_nearest(tmp_path, key, wrong, meant):
    text = YAML.replace("service: checkout", f"{key}: {wrong}")
    text += "" if key == "service" else "    service: checkout\n"
    (found,) = problems(tmp_path, a_yaml=text)
    assert found.endswith(f"{wrong!r}; did you mean {meant!r}?")


def test_every_problem_of_every_file_is_named_at_once(tmp_path):
    csv = "id,title,service,start\nINC-1,Again,search,2026-10-20 08:00\nINC-2,,search,tomorrow\n"
    broken = "id,titel,service,start\nx,y,z,w\n"
    found = problems(tmp_path, a_yaml=YAML, b_csv=csv, c_csv=broken, d_json="[")
    assert len(found) == 5
    assert found[0].startswith("b.csv:2: a second incident 'INC-1': ")
    assert "a.yaml:2 has it already" in found[0]
    assert found[1] == "b.csv:3: 'title' is missing"
    assert found[2].startswith("b.csv:3: start: 'tomorrow' is no instant; write a date")
    assert found[3] == "c.csv:1: unknown column 'titel'; did you mean 'title'?"
    assert found[4].startswith("d.json:2: not valid YAML")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line of a CSV file names its columns"),
        ("when,what\n1,2\n", "the first line of a CSV file names its columns"),
        ("id,id\n1,2\n", "the column 'id' is there twice"),
        ("id,title,service,start\n1,2,Search,2026-10-20 08:00,more\n", "more cells than"),
    ],
)
def test_a_csv_file_that_is_no_table_of_incidents_says_why(tmp_path, text, said):
    assert any(said in one for one in problems(tmp_path, a_csv=text))


def test_a_path_that_is_not_there_is_a_problem(tmp_path):
    with pytest.raises(ConfigurationError, match=r"gone\.csv does not exist"):
        load_incidents([tmp_path / "gone.csv"], "UTC", SLOS, UNTIL)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ConfigurationError, match="an incident file ends with"):
        load_incidents([tmp_path / "notes.txt"], "UTC", SLOS, UNTIL)


def test_a_service_without_an_objective_is_kept_and_concerns_no_report(tmp_path):
    incidents = load(tmp_path, a_yaml=YAML.replace("checkout", "VPN"))
    assert [one.service for one in incidents] == ["VPN"]
    assert concerning(incidents, SLOS, OCTOBER) == ()


def test_only_incidents_of_the_period_and_its_services_concern_a_report(tmp_path):
    incidents = load(tmp_path, a_yaml=YAML)
    assert concerning(incidents, SLOS, OCTOBER) == incidents
    assert concerning(incidents, SLOS[1:], OCTOBER) == ()
    assert concerning(incidents, SLOS, month(2026, 9, "UTC")) == ()


def test_the_examples_load_and_show_every_key():
    settings, slos = load_everything(CONFIG / "slo_reports.yaml")
    found = load_incidents(settings.incidents, settings.timezone, slos, UNTIL)
    services = {slo.service for slo in slos}
    assert [one.id for one in found] == ["INC-1998", "INC-2003", "INC-2063", "INC-2070"]
    assert all(one.service in services for one in found)
    text = "".join(path.read_text() for path in (CONFIG / "incidents").iterdir())
    for key in WrittenIncident.model_fields:
        assert f"{key}:" in text


TIMELINE = (
    YAML
    + """\
    timeline:
      - {at: 2026-10-19 14:41, what: Rolled back}
      - {at: 2026-10-19T12:02Z, what: Released}
"""
)


def test_a_timeline_is_read_in_order_of_time(tmp_path):
    (one,) = load(tmp_path, a_yaml=TIMELINE)
    assert one.timeline == (
        (datetime(2026, 10, 19, 12, 2, tzinfo=UTC), "Released"),
        (datetime(2026, 10, 19, 12, 41, tzinfo=UTC), "Rolled back"),
    )


def test_what_is_wrong_in_a_timeline_is_named_with_its_line(tmp_path):
    told = problems(tmp_path, a_yaml=TIMELINE.replace("2026-10-19 14:41", "noon"))
    assert len(told) == 1
    assert told[0].startswith("a.yaml:10: at: ")


def test_a_timeline_has_no_column_in_csv(tmp_path):
    (told,) = problems(tmp_path, a_csv="id,title,service,start,timeline\n1,A,checkout,2026,x\n")
    assert "unknown column 'timeline'" in told
