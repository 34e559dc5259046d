"""``make`` and ``preview``: any report of any service, recorded and sent nowhere."""

import json
import signal
import subprocess
import time

import pytest
from support.command import command, slo_reports
from support.shop import shop_prometheus, write_config

pytestmark = pytest.mark.e2e
DAYS = "2026-10-19..2026-10-21"


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with shop_prometheus(tmp_path_factory.mktemp("prometheus")) as url:
        yield url


def folder_of(path):
    return sorted(one.name for one in path.iterdir())


def test_a_brief_of_one_service_is_made_and_nothing_is_recorded(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    before = folder_of(tmp_path)
    done = slo_reports(
        *("make", "shop", "--kind", "brief", "--service", "checkout", "--period", DAYS),
        *("--format", "html", "--format", "pdf", "--output", "made"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    names = folder_of(tmp_path / "made")
    assert names == [f"shop-brief-checkout_{DAYS}.{end}" for end in ("html", "pdf")]
    page = (tmp_path / "made" / names[0]).read_text(encoding="utf-8")
    assert "In brief" in page
    assert "checkout" in page
    assert ">search<" not in page
    assert "nothing was delivered or recorded" in done.stdout
    assert folder_of(tmp_path) == sorted([*before, "made"])
    assert folder_of(tmp_path / "share") == []


def test_what_is_made_on_request_neither_blocks_nor_doubles_the_real_one(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    wish = ("make", "shop", "--period", DAYS, "--format", "json", "--output", "made")
    assert slo_reports(*wish, cwd=tmp_path).returncode == 0
    real = slo_reports("run", "shop", "--period", DAYS, "--json", cwd=tmp_path)
    assert json.loads(real.stdout)["made"]
    shared = sorted((tmp_path / "share").rglob("*.pdf"))
    assert len(shared) == 1
    assert slo_reports(*wish, cwd=tmp_path).returncode == 0
    assert sorted((tmp_path / "share").rglob("*.pdf")) == shared


def test_a_retrospective_names_its_incident_or_says_which_there_are(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    made = ("make", "shop", "--kind", "retrospective", "--period", DAYS, "--format", "html")
    done = slo_reports(*made, "--incident", "A", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["kind"] == "retrospective"
    assert told["result"]["request"]["incident"] == "A"
    page = (tmp_path / told["written"][0]).read_text(encoding="utf-8")
    assert "What went well, what went badly" in page
    wrong = slo_reports(*made, "--incident", "INC-404", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "no incident 'INC-404' is in 2026-10-19..2026-10-21; there are: A (" in wrong.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--kind", "letter"), 2, "--kind letter: there are service, "),
        (("--format", "docx"), 2, "--format docx: "),
        (("--incident", "A"), 2, "an incident is for a retrospective"),
        (("--service", "chekout"), 3, "no service is named 'chekout'; did you mean 'checkout'?"),
    ],
    ids=["kind", "format", "incident", "service"],
)
def test_what_makes_no_sense_is_one_sentence(prometheus, tmp_path, words, code, told):
    write_config(tmp_path, prometheus)
    done = slo_reports("make", "shop", "--period", DAYS, *words, cwd=tmp_path)
    assert done.returncode == code
    assert told in done.stderr


def test_a_preview_says_where_it_is_and_opens_nothing_without_a_display(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    done = slo_reports(
        *("preview", "shop", "--kind", "review", "--period", DAYS),
        cwd=tmp_path, DISPLAY="", WAYLAND_DISPLAY="", TMPDIR=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (page,) = tmp_path.glob("slo-reports-*/shop-review_*.html")
    assert f"written {page}" in done.stdout
    assert not (tmp_path / "state").exists()


def test_a_preview_opens_the_page_where_there_is_a_display(prometheus, tmp_path):
    write_config(tmp_path, prometheus)
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    wish = ("preview", "shop", "--period", DAYS, "--output", "seen")
    shown = {"DISPLAY": ":9", "BROWSER": f"{browser} %s"}
    assert slo_reports(*wish, "--no-open", cwd=tmp_path, **shown).returncode == 0
    assert not (tmp_path / "opened").exists()
    assert slo_reports(*wish, cwd=tmp_path, **shown).returncode == 0
    page = (tmp_path / "seen" / f"shop_{DAYS}.html").resolve().as_uri()
    assert (tmp_path / "opened").read_text(encoding="utf-8").strip() == page


def test_a_preview_shows_what_is_filed_when_the_source_is_down(prometheus, tmp_path):
    settings = write_config(tmp_path, prometheus)
    slo_reports("run", "shop", "--period", DAYS, cwd=tmp_path)
    text = settings.read_text(encoding="utf-8").replace(prometheus, "http://127.0.0.1:9")
    settings.write_text(f"{text}\nhistory: elsewhere\n", encoding="utf-8")
    wish = ("preview", "shop", "--period", DAYS, "--no-open", "--output", "seen")
    done = slo_reports(*wish, "--kind", "brief", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the source could not be asked: data of shop 2026-10-19..2026-10-21" in done.stdout
    page = (tmp_path / "seen" / f"shop-brief_{DAYS}.html").read_text(encoding="utf-8")
    assert "What a promise is" in page
    never = slo_reports("preview", "shop", "--period", "2026-09", "--no-open", cwd=tmp_path)
    assert never.returncode == 4


def test_a_watched_preview_follows_the_template(prometheus, tmp_path):
    settings = write_config(tmp_path, prometheus)
    mine = tmp_path / "mine"
    mine.mkdir()
    template = mine / "report.html.j2"
    template.write_text("<p>one</p>", encoding="utf-8")
    with settings.open("a", encoding="utf-8") as file:
        file.write("templates: mine\n")
    words = command("preview", "shop", "--period", DAYS, "--watch", "--no-open", "--output", "seen")
    page = tmp_path / "seen" / f"shop_{DAYS}.html"
    with subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        try:
            assert watching.stdout is not None
            while "watching" not in watching.stdout.readline():
                assert watching.poll() is None
            template.write_text("<p>{% if %}</p>", encoding="utf-8")
            assert "report.html.j2:1:" in watching.stderr.readline()
            template.write_text("<p>another</p>", encoding="utf-8")
            until = time.monotonic() + 60
            while page.read_text(encoding="utf-8") != "<p>another</p>":
                assert time.monotonic() < until
                time.sleep(0.1)
        finally:
            watching.send_signal(signal.SIGINT)
    assert watching.returncode == 130
