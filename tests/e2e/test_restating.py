"""A filed month, late data, and a revision, as a person finds and files them."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from support.command import slo_reports
from support.mail_server import Mailbox, mail_server
from support.shop import write_config
from support.tsdb import prometheus_with

pytestmark = pytest.mark.e2e

PERIOD = ["--period", "2026-10"]
START = datetime(2026, 9, 29, tzinfo=UTC).timestamp()
END = datetime(2026, 11, 2, tzinfo=UTC).timestamp()
LATE = datetime(2026, 10, 8, 10, tzinfo=UTC).timestamp()
EDGE = datetime(2026, 10, 6, 0, 0, 1, tzinfo=UTC).timestamp()
"""Just after midnight: the first sample that a forgetful source has is a counter's whole life."""
SCRAPE = 150
EXCLUSION = """
exclusions:
  - {from: 2026-10-08 11:00, to: 2026-10-08 16:00, reason: Moved house, author: Ada,
     services: [checkout]}
"""
REASON = "Samples of a second instance arrived late"


def times(start, end):
    return range(int(start), int(end), SCRAPE)


def counter(job, code, rate, start=START, end=END, instance="a"):
    name = f'http_requests_total{{job="{job}",code="{code}",instance="{instance}"}}'
    return {name: [(at, rate * n) for n, at in enumerate(times(start, end))]}


def samples():
    found = {}
    for job in ("checkout", "search"):
        found |= counter(job, 200, 3000) | counter(job, 500, 2)
        found[f'up{{job="{job}",instance="a"}}'] = [(at, 1) for at in times(START, END)]
    return found


def late():
    """What a second instance of checkout had counted in two hours of 8 October: all of it bad."""
    return counter("checkout", 500, 500, LATE, LATE + 7200, "b")


def forgotten(found):
    return {name: [one for one in points if one[0] >= EDGE] for name, points in found.items()}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The same source before and after the late samples came, and after it forgot five days."""

    def folder(name):
        return tmp_path_factory.mktemp(name)

    with (
        prometheus_with(samples(), folder("before")) as before,
        prometheus_with(samples() | late(), folder("after")) as after,
        prometheus_with(forgotten(samples() | late()), folder("short")) as short,
    ):
        yield {"before": before, "after": after, "short": short}


@pytest.fixture(scope="module")
def filed(sources, tmp_path_factory):
    """A folder in which October was made and filed, before the late samples came."""
    folder = tmp_path_factory.mktemp("filed")
    settings = write_config(folder, sources["before"])
    settings.write_text(settings.read_text().replace("[archive, people]", "[archive]"))
    done = slo_reports("run", "shop", *PERIOD, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture
def copy(filed, tmp_path):
    return shutil.copytree(filed, tmp_path / "copy")


def use(folder, url, *, port=None, more=""):
    settings = folder / "slo_reports.yaml"
    text = re.sub(r"url: http\S+", f"url: {url}", settings.read_text())
    if port is not None:
        text = text.replace("[archive]", "[archive, people]").replace("port: 9,", f"port: {port},")
    settings.write_text(text + more)


def frozen(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for place in ("state/runs", "share", "state/history")
        for path in (folder / place).rglob("*")
        if path.is_file()
    }


def drift(folder, *words):
    done = slo_reports("check-drift", "shop", "--json", *words, cwd=folder)
    return done.returncode, json.loads(done.stdout)


def test_nothing_drifts_while_the_source_is_as_it_was(copy):
    before = frozen(copy)
    done = slo_reports("check-drift", cwd=copy)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "shop 2026-10 r1: as it was\n"
    assert frozen(copy) == before


def test_late_data_are_found_by_asking_again_and_not_in_the_kept_days(copy, sources):
    use(copy, sources["after"])
    before = frozen(copy)
    code, (result,) = drift(copy)
    assert code == 10
    (one,) = result["objectives"]
    assert (one["objective"], one["kinds"]) == ("shop/checkout-availability", ["late data"])
    assert one["now"]["valid"] - one["before"]["valid"] == 500 * (7200 // SCRAPE - 1)
    assert one["span"] == ["2026-10-08T10:00:00Z", "2026-10-08T12:00:00Z"]
    told = slo_reports("check-drift", cwd=copy).stdout
    assert "shop 2026-10 r1: DRIFTED" in told
    assert "✗ shop/checkout-availability: late data" in told
    assert "outcome      met → missed" in told
    assert "8 Oct 2026 12:00 to 8 Oct 2026 14:00 (Europe/Berlin)" in told
    assert drift(copy, "--kept")[0] == 0
    assert frozen(copy) == before


def test_a_restatement_files_and_mails_old_and_new_and_leaves_the_first_as_it_was(copy, sources):
    before = frozen(copy)
    del before["share/index.html"]
    with mail_server(Mailbox()) as mailbox:
        use(copy, sources["after"], port=mailbox.port)
        words = ("restate", "shop", *PERIOD, "--fresh", "--reason", REASON, "--by", "Ada Byron")
        done = slo_reports(*words, cwd=copy)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("shop 2026-10 r2: made\n")
        (mail,) = mailbox.messages("one@example.com")
        again = slo_reports("run", "shop", *PERIOD, cwd=copy)
        assert again.stdout.startswith("shop 2026-10 r2: made before")
        assert len(mailbox.messages("one@example.com")) == 1
    after = frozen(copy)
    index = after.pop("share/index.html").decode()
    assert {name: after[name] for name in before} == before
    assert {Path(name).name for name in after if name.startswith("share")} == {
        f"shop_2026-10{revision}.{kind}"
        for revision in ("", "_r2")
        for kind in ("html", "pdf", "json", "sha256")
    }
    assert "Superseded by revision 2" in index
    restated = mail.get_body(("plain",)).get_content()
    assert "October 2026, revision 2:" in mail["Subject"]
    page = next((copy / "share").rglob("*_r2.html")).read_text()
    pdf = pypdfium2.PdfDocument(next((copy / "share").rglob("*_r2.pdf")))
    first = pdf[0].get_textpage().get_text_range()
    pdf.close()
    for text in (restated, page, first):
        words = " ".join(re.sub("<[^>]*>", " ", text).split())
        assert "Revision 2 replaces revision 1 of" in words
        assert REASON in words
        assert "By Ada Byron" in words
        assert "99.933" in words
        assert "99.889" in words
    told = json.loads(next((copy / "share").rglob("*_r2.json")).read_text())["restatement"]
    (changed,) = told["changed"]
    assert (changed["before"]["outcome"], changed["now"]["outcome"]) == ("met", "missed")
    assert told["unchanged"] == 1
    checked = slo_reports("verify", "--json", cwd=copy)
    assert checked.returncode == 0, checked.stdout
    assert [(one["run"], one["sound"]) for one in json.loads(checked.stdout)] == [
        ("shop 2026-10 r1", True),
        ("shop 2026-10 r2", True),
    ]
    assert drift(copy)[0] == 0
    assert drift(copy, "--kept")[0] == 0
    restated_days = list((copy / "state" / "history").rglob("restated-*.parquet"))
    assert ["/".join(one.parts[-4:-1]) for one in restated_days] == ["2026/10/08"]


def test_an_exclusion_drifts_and_is_restated_from_the_kept_days(copy, sources):
    use(copy, sources["after"], more=EXCLUSION)
    code, (result,) = drift(copy, "--kept")
    (one,) = result["objectives"]
    assert (code, one["kinds"]) == (10, ["changed exclusion"])
    assert one["span"] == ["2026-10-08T09:00:00Z", "2026-10-08T14:00:00Z"]
    (both,) = drift(copy)[1][0]["objectives"]
    assert both["kinds"] == ["late data", "changed exclusion"]
    done = slo_reports("restate", "shop", *PERIOD, "--reason", "Maintenance", cwd=copy)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(next((copy / "share").rglob("*_r2.json")).read_text())
    (changed,) = told["restatement"]["changed"]
    assert changed["now"]["outcome"] == "met"
    assert changed["now"]["valid"] < changed["before"]["valid"]
    assert not list((copy / "state" / "history").rglob("restated-*.parquet"))


def test_what_the_source_forgot_is_no_drift_and_the_rest_is_compared(copy, sources):
    use(copy, sources["short"])
    code, (result,) = drift(copy)
    assert code == 10
    (one,) = (one for one in result["objectives"] if one["drifted"])
    assert one["span"] == ["2026-10-08T10:00:00Z", "2026-10-08T12:00:00Z"]
    gone = result["out_of_retention"]
    assert (gone[0], gone[-1]) == ("2026-09-30", "2026-10-06")
    told = slo_reports("check-drift", cwd=copy).stdout
    assert "out of the source's retention: seven days (UTC), 2026-09-30 to 2026-10-06" in told
    shutil.rmtree(copy / "state" / "history")
    _, (blind,) = drift(copy)
    (same,) = (one for one in blind["objectives"] if one["drifted"])
    assert same["now"] == one["now"]
    assert same["no_longer_in_the_source"][0] == "2026-09-30T22:00:00Z"


def test_a_restatement_without_history_keeps_what_only_the_first_revision_knows(copy, sources):
    use(copy, sources["short"])
    shutil.rmtree(copy / "state" / "history")
    words = ("restate", "shop", *PERIOD, "--fresh", "--reason", REASON)
    done = slo_reports(*words, cwd=copy)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(next((copy / "share").rglob("*_r2.json")).read_text())
    (changed,) = told["restatement"]["changed"]
    assert changed["now"]["valid"] - changed["before"]["valid"] == 500 * (7200 // SCRAPE - 1)
    assert changed["now"]["coverage"] == changed["before"]["coverage"] == 1
    assert any("are as revision 1 had it" in note for note in told["notes"])


def test_a_source_that_forgot_everything_cannot_be_compared_and_says_so(copy, tmp_path):
    recent = {'up{job="other"}': [(int(END) + 864_000 + 60 * n, 1) for n in range(600)]}
    with prometheus_with(recent, tmp_path) as url:
        use(copy, url)
        code, (result,) = drift(copy)
        assert (code, result["drifted"]) == (0, False)
        assert {kind for one in result["objectives"] for kind in one["kinds"]} == {
            "no longer in the source"
        }
        assert len(result["out_of_retention"]) == 32
        shutil.rmtree(copy / "state" / "history")
        done = slo_reports("check-drift", cwd=copy)
    assert done.returncode == 0
    assert "shop 2026-10 r1: cannot be compared" in done.stdout
    assert "is it past the source's retention" in done.stdout


def test_a_dry_run_shows_the_change_and_records_nothing(copy, sources):
    use(copy, sources["after"])
    before = frozen(copy)
    words = ("restate", "shop", *PERIOD, "--fresh", "--reason", REASON, "--dry-run")
    done = slo_reports(*words, "--output", "here", cwd=copy)
    assert (done.returncode, done.stderr) == (0, "")
    assert "shop 2026-10 r1 would be replaced by r2" in done.stdout
    assert "dry run: nothing was delivered or recorded; it would go to: archive" in done.stdout
    assert sorted(one.name for one in (copy / "here").iterdir()) == [
        f"shop_2026-10_r2.{kind}" for kind in ("html", "json", "pdf")
    ]
    assert frozen(copy) == before
    plain = json.loads(slo_reports(*words, "--json", cwd=copy).stdout)
    assert (plain["replaces"], plain["revision"], plain["dry_run"]) == ("shop 2026-10 r1", 2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param([*PERIOD], "a restatement needs a reason", id="no reason"),
        pytest.param([*PERIOD, "--reason", " "], "needs a reason", id="blank reason"),
        pytest.param(
            ["--period", "2026-09", "--reason", "x"],
            "run it first: slo-reports run shop --period 2026-09",
            id="nothing on record",
        ),
        pytest.param(
            [*PERIOD, "--reason", "x"], "nothing changed since shop 2026-10 r1", id="same"
        ),
    ],
)
def test_what_cannot_be_restated_is_told_and_leaves_no_trace(copy, words, told):
    before = frozen(copy)
    done = slo_reports("restate", "shop", *words, cwd=copy)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert frozen(copy) == before


def test_an_unchanged_revision_is_made_where_a_person_insists(copy):
    words = ("restate", "shop", *PERIOD, "--reason", "Lost files", "--even-if-unchanged")
    done = slo_reports(*words, cwd=copy)
    assert (done.returncode, done.stderr) == (0, "")
    assert "No figure changed." in next((copy / "share").rglob("*_r2.html")).read_text()
    third = slo_reports(*words, cwd=copy)
    assert third.stdout.startswith("shop 2026-10 r3: made\n")
    page = next((copy / "share").rglob("*_r3.html")).read_text()
    assert "Revision 3 replaces revision 2 of" in page


def test_a_period_goes_with_a_report_and_must_be_on_record(copy):
    assert slo_reports("check-drift", *PERIOD, cwd=copy).returncode == 2
    done = slo_reports("check-drift", "shop", "--period", "2026-09", cwd=copy)
    assert done.returncode == 3
    assert "no report of shop for 2026-09 that was over when it was made" in done.stderr
