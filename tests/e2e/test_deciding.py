"""A pipeline asks: a real Prometheus, an exit code, JSON that a schema describes."""

import json
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support.command import slo_reports
from support.shop import shop_prometheus, write_config

pytestmark = pytest.mark.e2e

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "decision.schema.json").read_text(encoding="utf-8")
)
AS_OF = ["--as-of", "2026-10-21 00:00"]
POLICY = """\
name: Error budget policy
version: "1"
window: 2d  # as much as the source holds
"""
CAUSE = """\
incidents:
  - id: INC-2063
    title: Writer connection pool exhausted
    service: checkout
    severity: page
    start: 2026-10-19 14:00
    end: 2026-10-19 15:30
    cause: "dependency: the payment provider timed out"
"""


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with shop_prometheus(tmp_path_factory.mktemp("shop")) as url:
        yield url


@pytest.fixture
def shop(prometheus, tmp_path):
    """A folder with a service in trouble, a healthy one, and one that cannot be measured."""
    write_config(tmp_path, prometheus, services=("checkout", "search", "nobody"))
    (tmp_path / "policy.yaml").write_text(POLICY)
    with_setting(tmp_path, "policy: policy.yaml")
    return tmp_path


def with_setting(folder, line):
    settings = folder / "slo_reports.yaml"
    settings.write_text(settings.read_text().replace("source:\n", f"{line}\nsource:\n", 1))


def decided(service, risk, folder, *more):
    done = slo_reports("decide", service, "--risk", risk, *AS_OF, *more, "--json", cwd=folder)
    found = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(found)
    assert found["exit_code"] == done.returncode
    return found


@pytest.mark.parametrize(
    ("service", "status", "answers"),
    [
        ("checkout", "exhausted", [("block", 22), ("block", 22), ("block", 22)]),
        ("search", "healthy", [("approve", 0), ("approve", 0), ("review", 20)]),
        ("nobody", "unknown", [("review", 20), ("review", 20), ("defer", 21)]),
    ],
)
def test_the_exit_code_is_the_answer(shop, service, status, answers):
    for risk, (decision, code) in zip(("low", "medium", "high"), answers, strict=True):
        found = decided(service, risk, shop)
        assert (found["status"], found["decision"], found["exit_code"]) == (status, decision, code)


def test_a_person_reads_why_on_which_terms_by_which_clause_and_until_when(shop):
    done = slo_reports("decide", "checkout", "--risk", "low", *AS_OF, cwd=shop)
    text = done.stdout.replace("\u202f", " ")
    assert (done.returncode, done.stderr) == (22, "")
    assert text.startswith(
        "BLOCK: checkout, release of low risk (exhausted, as of 21 Oct 2026 00:00 Europe/Berlin)\n"
    )
    assert "against 99.9 %" in text
    assert "The budget was spent on 19 Oct 14:" in text
    assert "    - The hold ends once budget is left again\n" in text
    assert "    - Release the fix alone\n" in text
    assert "  EBP-4, Release hold (Error budget policy, version 1)\n" in text
    assert "holds until 22 Oct 2026 00:00" in text


def test_what_cannot_be_measured_says_why(shop):
    found = decided("nobody", "low", shop)
    assert found["clause"]["id"] == "EBP-5"
    assert "no series matched" in found["objectives"][0]["reason"]
    assert "no series matched" in " ".join(found["rationale"])


def test_the_same_instant_gets_the_same_answer_and_nothing_is_written(shop):
    assert decided("checkout", "low", shop) | {"snapshot_sha256": ""} == (
        decided("checkout", "low", shop) | {"snapshot_sha256": ""}
    )
    assert not (shop / "state").exists()


def test_the_day_after_the_outage_is_judged_without_it(shop):
    path = shop / "policy.yaml"
    path.write_text(POLICY.replace("2d", "1d"))
    found = decided("checkout", "low", shop)
    assert (found["decision"], found["period"]["start"]) == ("approve", "2026-10-19T22:00:00Z")


def test_a_window_that_the_source_does_not_hold_is_never_approved(shop):
    (shop / "policy.yaml").write_text(POLICY.replace("2d", "30d"))
    found = decided("search", "low", shop)
    assert (found["status"], found["decision"]) == ("unknown", "review")
    assert found["objectives"][0]["coverage"] < 0.1
    assert "a verdict needs 95" in " ".join(found["rationale"])


def test_bad_news_stands_where_the_source_holds_a_part_only_and_is_counted_right(shop):
    whole = decided("checkout", "low", shop)["objectives"][0]
    (shop / "policy.yaml").write_text(POLICY.replace("2d", "30d"))
    found = decided("checkout", "low", shop)
    part = found["objectives"][0]
    assert (part["status"], part["outcome"]) == ("exhausted", "insufficient data")
    assert part["sli"] == pytest.approx(whole["sli"], abs=0.001)  # not all that ever happened
    assert "The budget was spent on 19 Oct 14:" in " ".join(found["rationale"])


def test_a_calendar_month_to_date_can_be_asked_for(shop):
    found = decided("checkout", "low", shop, "--period", "current")
    assert found["period"]["start"] == "2026-09-30T22:00:00Z"
    assert found["period"]["end"] == "2026-10-31T23:00:00Z"
    assert found["as_of"] == "2026-10-20T22:00:00Z"
    trailing = decided("checkout", "low", shop)["period"]
    assert trailing["start"] == "2026-10-18T22:00:00Z"


def test_a_policy_that_says_so_lets_people_review_what_a_dependency_spent(shop):
    (shop / "incidents.yaml").write_text(CAUSE)
    with_setting(shop, "incidents: [incidents.yaml]")
    before = decided("checkout", "low", shop)
    assert (before["decision"], before["cause"]["class"]) == ("block", "dependency")
    assert any("the decision stands" in one for one in before["rationale"])
    (shop / "policy.yaml").write_text(
        'name: Ours\nversion: "7"\nwindow: 2d\n'
        "causes: {dependency: {meaning: People look at it., instead: {block: review}}}\n"
    )
    after = decided("checkout", "low", shop)
    assert (after["decision"], after["by_matrix"]) == ("review", "block")
    assert after["policy"] == {"name": "Ours", "version": "7"}
    assert "People look at it." in after["rationale"]


def test_an_unknown_service_is_answered_with_the_nearest(shop):
    done = slo_reports("decide", "Chekout", "--risk", "low", cwd=shop)
    assert done.returncode == 3
    assert done.stderr == (
        "slo-reports: no definition is of the service 'Chekout'; did you mean 'checkout'?\n"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--risk", "huge"], "huge"),
        (["--risk", "low", "--as-of", "yesterday"], "is no instant"),
        (["--risk", "low", "--as-of", "2999-01-01 00:00"], "has not come yet"),
        (["--risk", "low", "--period", "2999-01"], "has not begun"),
        ([], "risk"),
    ],
)
def test_wrong_usage_is_no_decision(shop, words, told):
    done = slo_reports("decide", "checkout", *words, cwd=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_source_that_is_down_is_no_decision(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    done = slo_reports("decide", "checkout", "--risk", "low", "--json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (4, "")


def test_it_is_quick_enough_for_a_pipeline(shop):
    began = time.monotonic()
    decided("search", "low", shop)
    assert time.monotonic() - began < 30


def test_a_policy_with_mistakes_is_told_with_all_others(shop):
    (shop / "policy.yaml").write_text("name: Ours\nversion: 7\nwindow: 36h\n")
    done = slo_reports("validate", cwd=shop)
    assert done.returncode == 3
    assert "policy.yaml:2: version must be text, not 7; write it in quotes: '7'" in done.stderr
    assert "policy.yaml:3: window: must be whole days, such as 30d or 4w" in done.stderr
    (shop / "policy.yaml").unlink()
    assert "there is no policy file" in slo_reports("validate", cwd=shop).stderr


def test_a_team_of_the_policy_that_owns_nothing_is_a_remark(shop):
    (shop / "policy.yaml").write_text(POLICY + "teams: {Team chekout: {size: 3}}\n")
    done = slo_reports("validate", cwd=shop)
    assert done.returncode == 0
    assert "policy.yaml:4: remark: no objective is owned by 'Team chekout'; did you mean" in (
        done.stdout
    )
