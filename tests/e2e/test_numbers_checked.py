"""Explaining and verifying as a person does it: a real Prometheus, a real share, real damage."""

import csv
import io
import json
import shutil

import pytest
from support.command import slo_reports
from support.mail_server import Mailbox, mail_server
from support.shop import shop_prometheus, write_config

pytestmark = pytest.mark.e2e

PERIOD = ["--period", "2026-10-19..2026-10-21"]
INCIDENT = """\
incidents:
  - id: INC-2063
    title: Writer connection pool exhausted
    service: checkout
    severity: page
    start: 2026-10-19 14:40
    end: 2026-10-19 15:30
    cause: A deploy doubled the connections
    url: https://incidents.example.com/2063
"""


@pytest.fixture(scope="module")
def filed(tmp_path_factory):
    """A folder in which a report was made, mailed and filed; the source is gone by now."""
    folder = tmp_path_factory.mktemp("filed")
    with (
        shop_prometheus(tmp_path_factory.mktemp("shop")) as url,
        mail_server(Mailbox()) as mailbox,
    ):
        write_config(folder, url, mailbox.port)
        with_incidents(folder)
        made = slo_reports("run", "shop", *PERIOD, cwd=folder)
        assert made.returncode == 0, made.stderr
    return folder


def with_incidents(folder):
    settings = folder / "slo_reports.yaml"
    text = settings.read_text().replace("source:\n", "incidents: [incidents.yaml]\nsource:\n")
    settings.write_text(text)
    (folder / "incidents.yaml").write_text(INCIDENT)


@pytest.fixture
def copy(filed, tmp_path):
    """The same folder, to be damaged."""
    return shutil.copytree(filed, tmp_path / "copy")


def report_of(folder):
    return json.loads(next((folder / "share").rglob("*.json")).read_text())


def result_of(folder, slo):
    services = report_of(folder)["services"]
    return next(
        one for service in services for one in service["results"] if one["slo"]["id"] == slo
    )


def test_a_written_incident_is_in_the_report_with_the_alerts_of_its_time(filed):
    (told,) = [one for one in report_of(filed)["incidents"] if one["incident"]["id"] == "INC-2063"]
    assert told["incident"]["cause"] == "A deploy doubled the connections"
    assert told["incident"]["sources"][0] == "file"
    assert "episode" in told["incident"]["sources"]
    assert told["time_to_recover"] is not None
    page = next((filed / "share").rglob("shop_*.html")).read_text()
    assert '<a href="https://incidents.example.com/2063">' in page
    assert "Cause: A deploy doubled the connections" in page


def test_an_explanation_of_a_filed_report_needs_no_source_and_says_the_filed_numbers(filed):
    done = slo_reports("explain", "checkout-availability", *PERIOD, cwd=filed)
    assert (done.returncode, done.stderr) == (0, "")
    result = result_of(filed, "shop/checkout-availability")
    assert "from the filed report shop 2026-10-19..2026-10-21 r1: snapshot" in done.stdout
    division = f"G / V: {result['good']:.0f} / {result['valid']:.0f} = {result['sli']!r}\n"
    assert division in done.stdout
    assert "last_over_time(http_requests_total" in done.stdout
    assert "INC-2063" in done.stdout
    assert "total" in done.stdout


def test_the_slices_as_csv_add_up_to_the_filed_numbers(filed):
    done = slo_reports(
        "explain", "shop/checkout-availability", *PERIOD, "--slices", "csv", cwd=filed
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    result = result_of(filed, "shop/checkout-availability")
    assert len(rows) == 2 * 288
    assert rows[0]["start"] == "2026-10-18T22:00:00Z"
    for name in ("good", "valid"):
        assert sum(float(row[name]) for row in rows) == result[name]


def test_the_explanation_as_json_holds_slices_and_steps(filed):
    done = slo_reports("explain", "shop/checkout-availability", *PERIOD, "--json", cwd=filed)
    found = json.loads(done.stdout)
    assert found["filed"] == "shop 2026-10-19..2026-10-21 r1"
    assert found["result"]["sli"] == result_of(filed, "shop/checkout-availability")["sli"]
    assert len(found["slices"]) == 576
    assert found["result"]["attribution"]["total"]["basis_points"] == 10_000


def test_what_is_not_filed_is_measured_now_and_says_so(tmp_path):
    with shop_prometheus(tmp_path) as url:
        write_config(tmp_path, url)
        done = slo_reports(
            "explain", "shop/search-availability", *PERIOD, "--slices", "table", cwd=tmp_path
        )
    assert done.returncode == 0, done.stderr
    assert "measured now, as shop would; nothing is filed for this period" in done.stdout
    assert "2026-10-18T22:05:00Z" in done.stdout
    assert not (tmp_path / "state").exists()


def test_an_objective_that_is_not_there_is_answered_with_the_nearest(filed):
    done = slo_reports("explain", "shop/chekout-availability", cwd=filed)
    assert done.returncode == 3
    assert "did you mean 'shop/checkout-availability'?" in done.stderr


def test_a_filed_report_is_sound(filed):
    done = slo_reports("verify", cwd=filed)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("shop 2026-10-19..2026-10-21 r1: sound\n")
    assert "report.json recomputed byte for byte" in done.stdout
    assert "report.html rendered again byte for byte" in done.stdout
    assert "4 files on shares are as they were filed" in done.stdout


def test_one_report_and_one_period_can_be_named(filed):
    assert slo_reports("verify", "shop", *PERIOD, cwd=filed).returncode == 0
    other = slo_reports("verify", "shop", "--period", "2026-09", cwd=filed)
    assert other.returncode == 3
    assert "no run of shop for 2026-09 is on record" in other.stderr
    assert slo_reports("verify", *PERIOD, cwd=filed).returncode == 2


def test_a_file_that_was_changed_on_the_share_is_named(copy):
    page = next((copy / "share").rglob("shop_*.html"))
    page.write_text(page.read_text().replace("99", "98"))
    next((copy / "share").rglob("*.pdf")).unlink()
    done = slo_reports("verify", "--json", cwd=copy)
    (checked,) = json.loads(done.stdout)
    assert done.returncode == 10
    assert not checked["sound"]
    assert any(one.startswith("missing: ") and ".pdf" in one for one in checked["faults"])
    assert any(one.startswith("changed: ") and ".html" in one for one in checked["faults"])


def test_frozen_data_that_were_changed_are_not_judged_again(copy):
    snapshot = next((copy / "state").rglob("snapshot.json"))
    snapshot.write_bytes(snapshot.read_bytes().replace(b'"target":"0.999"', b'"target":"0.9"'))
    done = slo_reports("verify", cwd=copy)
    assert done.returncode == 10
    assert "NOT SOUND" in done.stdout
    assert "the frozen data are missing or changed" in done.stdout
    assert slo_reports("explain", "checkout-availability", *PERIOD, cwd=copy).returncode == 7


def test_what_the_next_report_follows_up_is_checked_like_the_rest(copy):
    asked = next((copy / "state" / "runs").rglob("asked.json"))
    sound = slo_reports("verify", "--folder", asked.parent, cwd=copy)
    assert f"asked.json made again byte for byte ({len(asked.read_bytes())} bytes)" in sound.stdout
    asked.write_bytes(asked.read_bytes().replace(b'"asked":[{', b'"asked":[{"kind":"","x":{},', 1))
    done = slo_reports("verify", cwd=copy)
    assert done.returncode == 10
    assert "asked.json is not what was frozen" in done.stdout
    done = slo_reports("verify", "--folder", asked.parent, cwd=copy)
    assert done.returncode == 10
    assert "✗ asked.json, which the next report follows up, comes out differently" in done.stdout


def test_a_copy_whose_numbers_do_not_follow_from_its_data_names_each(copy):
    folder = next((copy / "state" / "runs").rglob("r1"))
    assert slo_reports("verify", "--folder", folder, cwd=copy).returncode == 0
    document = next((folder / "documents").glob("*.json"))
    report = json.loads(document.read_text())
    result = report["services"][0]["results"][0]
    result["budget"]["bad"] -= 100
    document.write_text(json.dumps(report, sort_keys=True, ensure_ascii=False))
    done = slo_reports("verify", "--folder", folder, cwd=copy)
    assert done.returncode == 10
    assert f"✗ {result['slo']['id']}: budget.bad: filed {result['budget']['bad']}, " in done.stdout


def test_a_report_of_another_version_is_judged_and_its_page_is_not_compared(copy):
    folder = next((copy / "state" / "runs").rglob("r1"))
    frozen = folder / "snapshot.json"
    data = json.loads(frozen.read_text())
    data["program"] = "0.0.1"
    frozen.write_text(json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    done = slo_reports("verify", "--folder", folder, cwd=copy)
    assert "filed by slo-reports 0.0.1" in done.stdout
    assert "the page was not compared: another version wrote it" in done.stdout
    assert "snapshot_hash: filed" in done.stdout


def test_without_a_ledger_or_a_folder_it_says_so(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    assert slo_reports("verify", cwd=tmp_path).returncode == 7
    done = slo_reports("verify", "--folder", "nowhere", cwd=tmp_path)
    assert done.returncode == 7
    assert "nowhere is not the folder of a frozen run" in done.stderr


def test_validate_names_the_mistakes_of_incident_files(copy):
    path = copy / "incidents.yaml"
    path.write_text(INCIDENT.replace("service: checkout", "service: chekcout"))
    done = slo_reports("validate", cwd=copy)
    assert done.returncode == 3
    assert "incidents.yaml:4: no definition is of the service 'chekcout'" in done.stderr
    path.write_text(INCIDENT)
    done = slo_reports("validate", cwd=copy)
    assert (done.returncode, "1 written incident" in done.stdout) == (0, True)
