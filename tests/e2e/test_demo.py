"""The demo, from a real Prometheus and from the recording: correct, delivered, once."""

import email
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

import pytest

from slo_reports.compute import build_report
from slo_reports.demonstration import demonstrate
from slo_reports.job import Quiet
from slo_reports.model import Outcome, Snapshot

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
MEASURED_ALIKE = 0.01
"""How far a budget left may be from what the samples allow [percentage points]."""


def show(folder, *, recorded):
    return demonstrate(folder, recorded=recorded, fresh=False, now=lambda: NOW, listener=Quiet())


def snapshot_of(shown):
    return Snapshot.from_json((shown.receipt.run.folder / "snapshot.json").read_bytes())


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    return show(tmp_path_factory.mktemp("replayed"), recorded=True)


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    return show(tmp_path_factory.mktemp("live"), recorded=False)


@pytest.mark.e2e
def test_every_budget_agrees_with_what_the_samples_allow(live):
    assert live.worst < MEASURED_ALIKE
    assert live.receipt.exit_code == 0


@pytest.mark.slow
def test_the_recorded_month_tells_the_truth_too(replayed):
    assert replayed.worst < MEASURED_ALIKE


@pytest.mark.e2e
def test_recorded_and_live_measure_the_same(live, replayed):
    one, other = (
        [
            (subject.slo.id, list(subject.measurement.slices.good))
            for subject in snapshot_of(shown).subjects
            if not subject.slo.steps
        ]
        for shown in (live, replayed)
    )
    assert one == other
    assert snapshot_of(live).incidents == snapshot_of(replayed).incidents


@pytest.mark.slow
def test_every_month_of_the_trend_is_that_of_the_truth(replayed):
    truth = json.loads((replayed.folder / "truth.json").read_text())
    told = {
        (subject.slo.id, one.period.id): (one.good, one.valid)
        for subject in snapshot_of(replayed).subjects
        for one in subject.measurement.history
    }
    known = {
        (one["slo"], month["period"]): (month["sampled"]["good"], month["sampled"]["valid"])
        for one in truth["objectives"]
        for month in one["history"]
    }
    assert len(told) > 100
    assert {key: known[key] for key in told} == told
    left_out = {known[key] for key in known.keys() - told.keys()}
    assert left_out <= {(0, 0)}


@pytest.mark.slow
def test_the_stories_of_the_shop_are_told(replayed):
    report = build_report(snapshot_of(replayed))
    outcomes = {result.slo.id: result.outcome for result in report.results}
    assert outcomes["shop/checkout-availability"] is Outcome.MISSED
    assert outcomes["shop/b2b-export-availability"] is Outcome.NO_TRAFFIC
    assert outcomes["shop/newsletter-availability"] is Outcome.INSUFFICIENT_DATA
    assert outcomes["shop/buy-something"] is Outcome.MET
    since = {result.slo.id: result.since for result in report.results}
    assert since["shop/recommendations-availability"] == datetime(2026, 10, 16, 8, tzinfo=UTC)
    gaps = {result.slo.id: result.missing for result in report.results}
    ((start, end),) = gaps["shop/catalogue-availability"]
    assert (end - start).total_seconds() == pytest.approx(3 * 3600 + 600, abs=600)
    worst = max(report.incidents, key=lambda one: max((c[2] for c in one.costs), default=0))
    assert (worst.incident.service, worst.incident.severity) == ("Checkout", "page")


@pytest.mark.slow
def test_documents_are_filed_and_mailed_alike(replayed):
    filed = replayed.folder / "archive" / "commerce" / "2026"
    assert sorted(one.suffix for one in filed.iterdir()) == [".html", ".json", ".pdf", ".sha256"]
    mails = sorted((replayed.folder / "mail").glob("*.eml"))
    assert [one.name for one in mails] == [
        "01-director@example.com.eml",
        "02-team-basket@example.com.eml",
        "03-reliability@example.com.eml",
    ]
    message = email.message_from_bytes(mails[0].read_bytes(), policy=default)
    (attachment,) = message.iter_attachments()
    assert attachment.get_content() == (filed / "commerce_2026-10.pdf").read_bytes()


@pytest.mark.slow
def test_a_second_demo_delivers_nothing_new_and_says_so(replayed):
    before = {path: path.read_bytes() for path in replayed.folder.rglob("*.*") if path.is_file()}
    again = show(replayed.folder, recorded=True)
    assert not again.receipt.made
    assert again.receipt.attempts == ()
    assert any("nothing new" in line for line in again.lines())
    after = {path: path.read_bytes() for path in replayed.folder.rglob("*.*") if path.is_file()}
    assert {p for p in before if p.suffix in {".eml", ".pdf"}} == {
        p for p in after if p.suffix in {".eml", ".pdf"}
    }


@pytest.mark.slow
def test_the_wheel_holds_all_that_the_job_needs(tmp_path):
    root = Path(__file__).parent.parent.parent
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "slo_reports", "demo", "--recorded", "--output", out],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(out.rglob("*.pdf"))
    where = subprocess.run(
        [sys.executable, "-c", "import slo_reports; print(slo_reports.__file__)"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(tmp_path))
