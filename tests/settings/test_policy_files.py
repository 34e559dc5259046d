"""Policy files: what they may leave out, and every mistake at its line."""

from datetime import timedelta

import pytest

from slo_reports.errors import ConfigurationError
from slo_reports.model import DEFAULT_POLICY, BudgetStatus, Decision, Expiry, Risk
from slo_reports.settings.policy_files import load_policy, team_remarks

HEAD = 'name: Ours\nversion: "7"\n'
MATRIX = """\
matrix:
  healthy: {low: approve, medium: approve, high: review}
  attention: {low: approve, medium: review, high: defer}
  warning: {low: review, medium: defer, high: block}
  critical: {low: defer, medium: block, high: block}
  exhausted: {low: block, medium: block, high: block}
  unknown: {low: review, medium: review, high: defer}
"""


@pytest.fixture
def policy_of(tmp_path):
    def load(text):
        path = tmp_path / "policy.yaml"
        path.write_text(text)
        return load_policy(path)

    return load


@pytest.fixture
def problems_of(policy_of):
    def told(text):
        with pytest.raises(ConfigurationError, match="policy") as caught:
            policy_of(text)
        return [(one.line, one.message) for one in caught.value.problems]

    return told


def test_without_a_file_ours_holds():
    assert load_policy(None) is DEFAULT_POLICY


def test_what_a_file_leaves_out_is_ours(policy_of):
    found = policy_of(HEAD)
    assert (found.name, found.version) == ("Ours", "7")
    assert found.matrix == DEFAULT_POLICY.matrix
    assert found.decisions == DEFAULT_POLICY.decisions
    assert found.statuses == DEFAULT_POLICY.statuses
    assert found.causes == DEFAULT_POLICY.causes
    assert found.ranking == DEFAULT_POLICY.ranking


def test_what_a_file_says_holds(policy_of):
    found = policy_of(
        HEAD
        + MATRIX.replace("exhausted: {low: block", "exhausted: {low: defer")
        + """\
clauses: [{id: A, title: First}]
decisions:
  approve: {clause: A}
  review: {clause: A, conditions: [Two people agree.]}
  defer: {clause: A}
  block: {clause: A, alternatives: [Fix it]}
causes:
  network: {words: [switch], meaning: Cables, at_least: 40, instead: {approve: review}}
expiry: {report: 2d, decide: 30m}
window: 14d
teams: {Team Basket: {size: 4.5}}
hours_per_week: 36
recommendations:
  effort_days: {fix-incident: 8}
  tier_weight: {critical: 4}
  costly_incident: 12.5
  long_gap: 2h
  missed_often: 2
  calm_periods: 3
  barely_used: 5
  few_failures: 50
"""
    )
    assert found.matrix[BudgetStatus.EXHAUSTED][Risk.LOW] is Decision.DEFER
    assert found.clause("A").title == "First"
    assert found.decisions[Decision.REVIEW].conditions == ("Two people agree",)
    assert found.statuses[BudgetStatus.EXHAUSTED].clause == ""  # ours is not among the clauses
    assert found.causes["network"].at_least == 0.4
    assert found.causes["network"].instead == {Decision.APPROVE: Decision.REVIEW}
    assert found.expiry == Expiry(timedelta(days=2), timedelta(minutes=30))
    assert found.window == timedelta(days=14)
    assert (found.teams, found.hours_per_week) == ({"Team Basket": 4.5}, 36.0)
    assert found.ranking.effort("fix-incident") == 8
    assert found.ranking.effort("speed-up") == 5
    assert (found.ranking.weight("critical"), found.ranking.weight(None)) == (4, 1)
    assert (found.ranking.costly_incident, found.ranking.barely_used) == (0.125, 0.05)
    assert found.ranking.long_gap == timedelta(hours=2)
    assert (found.ranking.missed_often, found.ranking.calm_periods) == (2, 3)
    assert found.ranking.few_failures == 50


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("version: '1'\n", 1, "'name' is missing"),
        ("name: Ours\nversion: 1.0\n", 2, "version must be text, not 1.0; write it in quotes"),
        (HEAD + "matrx: {}\n", 3, "unknown key 'matrx' at the top level; did you mean 'matrix'?"),
        (
            HEAD + MATRIX.replace("defer, high: block", "deffer, high: block"),
            6,
            "must be approve, review, defer or block, not 'deffer'; did you mean 'defer'?",
        ),
        (HEAD + MATRIX.replace("  unknown", "  unknwon"), 9, "did you mean 'unknown'?"),
        (
            HEAD + MATRIX.replace("unknown: {low: review", "unknown: {low: approve"),
            9,
            "unknown is never approved: what is not measured is not known to be safe",
        ),
        (
            HEAD + MATRIX.replace("approve, medium: review,", "approve, medium: block,"),
            5,
            "attention, high risk, must not be milder than medium risk",
        ),
        (
            HEAD + MATRIX.replace("critical: {low: defer", "critical: {low: approve"),
            7,
            "critical, low risk, must not be milder than warning",
        ),
        (
            HEAD + "decisions:\n  block:\n    clause: EPB-4\n",
            5,
            "no clause is named 'EPB-4'; did you mean 'EBP-4'?",
        ),
        (
            HEAD + "clauses:\n  - {id: A, title: x}\n  - {id: A, title: y}\n",
            5,
            "a second clause 'A'",
        ),
        (
            HEAD + "clauses:\n  - {id: A, title: x}\n",
            3,
            "decisions must name one: approve, review, defer or block has none",
        ),
        (
            HEAD + "causes:\n  vendor:\n    meaning: x\n    instead: {block: approve}\n",
            6,
            "a cause never turns block into approve",
        ),
        (HEAD + "causes:\n  Own Release: {meaning: x}\n", 4, "small letters with hyphens"),
        (HEAD + "causes:\n  vendor: {meaning: x, at_least: 150}\n", 4, "must be at most 100"),
        (HEAD + "expiry: {report: next}\n", 3, "report"),
        (HEAD + "window: 36h\n", 3, "whole days, such as 30d or 4w"),
        (HEAD + "teams: {Team Basket: {size: 0}}\n", 3, "must be more than 0"),
        (HEAD + "teams: {Team Basket: {size: yes}}\n", 3, "must be a number"),
        (
            HEAD + "recommendations:\n  effort_days: {fix-incidents: 3}\n",
            4,
            "did you mean 'fix-incident'?",
        ),
        (HEAD + "---\nname: more\n", 4, "a policy is one document"),
        ("", 1, "the file is empty"),
    ],
)
def test_a_mistake_is_told_at_its_line(problems_of, text, line, told):
    found = problems_of(text)
    assert any(at == line and told in message for at, message in found), found


def test_all_mistakes_are_told_at_once(problems_of):
    text = (
        HEAD
        + MATRIX.replace("unknown: {low: review", "unknown: {low: approve")
        + "window: 1h\nteams: {A: {sise: 4}}\ndecisions: {block: {clause: X}}\n"
    )
    assert [line for line, _ in problems_of(text)] == [9, 10, 11, 12]


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(
        ConfigurationError, match=r"nowhere\.yaml:1: .* cannot be read: is not there"
    ):
        load_policy(tmp_path / "nowhere.yaml")


def test_a_team_that_owns_nothing_is_remarked_with_the_nearest(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(HEAD + "teams:\n  Team Basket: {size: 4}\n  Team Serch: {size: 3}\n")
    (remark,) = team_remarks(path, {"Team Basket", "Team Search"})
    assert (remark.line, remark.message) == (
        5,
        "no objective is owned by 'Team Serch'; did you mean 'Team Search'?",
    )
    path.write_text(HEAD)
    assert team_remarks(path, {"Team Basket"}) == ()
