"""The ``rules`` command as a person runs it."""

import re

import pytest
import yaml
from support.command import slo_reports
from support.rules import MONTH, RATIO, written

TESTS = ["tests/shop.a.5m_test.yml", "tests/shop.a_test.yml"]


def files(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_without_output_the_rules_go_to_standard_output(tmp_path):
    written(tmp_path)
    done = slo_reports("rules", "a.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    groups = yaml.safe_load(done.stdout)["groups"]
    assert [one["name"] for one in groups] == [
        f"shop/a {one}" for one in ("records", "long", "alerts")
    ]


def test_files_are_written_once_and_found_alike_after(tmp_path):
    written(tmp_path)
    first = slo_reports("rules", "a.yaml", "--output", "out", cwd=tmp_path)
    assert files(tmp_path / "out") == ["shop.a.rules.yml", *TESTS]
    assert first.stdout.count("written: ") == 3
    second = slo_reports("rules", "a.yaml", "--output", "out", cwd=tmp_path)
    assert second.stdout == "unchanged: 3 files\n"
    check = slo_reports("rules", "a.yaml", "--output", "out", "--check", cwd=tmp_path)
    assert (check.returncode, check.stdout) == (0, "3 files are as they should be\n")


def test_check_names_what_differs_and_writes_nothing(tmp_path):
    written(tmp_path)
    slo_reports("rules", "a.yaml", "--output", "out", cwd=tmp_path)
    rules = tmp_path / "out" / "shop.a.rules.yml"
    rules.write_text(rules.read_text().replace("14.4", "20"))
    (tmp_path / "out" / "tests" / "shop.a_test.yml").unlink()
    before = rules.read_text()
    done = slo_reports("rules", "a.yaml", "--output", "out", "--check", cwd=tmp_path)
    assert done.returncode == 10
    assert done.stdout.splitlines() == [
        "out/shop.a.rules.yml differs",
        "out/tests/shop.a_test.yml is missing",
    ]
    assert rules.read_text() == before


def test_files_of_gone_definitions_are_named_and_pruned_and_others_are_left_alone(tmp_path):
    written(tmp_path)
    written(tmp_path, name="b")
    slo_reports("rules", "a.yaml", "b.yaml", "--output", "out", cwd=tmp_path)
    own = tmp_path / "out" / "own.rules.yml"
    own.write_text("groups: []\n")
    check = slo_reports("rules", "a.yaml", "--output", "out", "--check", cwd=tmp_path)
    assert check.returncode == 10
    assert "out/shop.b.rules.yml is left over" in check.stdout
    some = slo_reports(
        "rules", "a.yaml", "b.yaml", "--slo", "shop/a", "--output", "out", "--check", cwd=tmp_path
    )
    assert some.returncode == 0
    done = slo_reports("rules", "a.yaml", "--output", "out", "--prune", cwd=tmp_path)
    assert "removed: out/shop.b.rules.yml" in done.stdout
    assert files(tmp_path / "out") == ["own.rules.yml", "shop.a.rules.yml", *TESTS]


def test_objects_for_the_operator_have_labels_and_their_tests_plain_rules(tmp_path):
    written(tmp_path)
    words = [
        "--format",
        "operator",
        "--label",
        "prometheus=k8s",
        "--object-namespace",
        "monitoring",
    ]
    slo_reports("rules", "a.yaml", *words, "--output", "out", cwd=tmp_path)
    data = yaml.safe_load((tmp_path / "out" / "shop.a.rules.yml").read_text())
    assert (data["apiVersion"], data["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    labels = {"prometheus": "k8s"}
    assert data["metadata"] == {"name": "shop.a", "namespace": "monitoring", "labels": labels}
    plain = yaml.safe_load((tmp_path / "out" / "tests" / "shop.a.rules.yml").read_text())
    assert plain == data["spec"]
    tests = yaml.safe_load((tmp_path / "out" / "tests" / "shop.a_test.yml").read_text())
    assert tests["rule_files"] == ["shop.a.rules.yml"]


def test_the_tests_of_one_file_load_the_rules_of_their_own_objective(tmp_path):
    written(tmp_path)
    slo_reports("rules", "a.yaml", "--output", "out/all.yml", cwd=tmp_path)
    assert files(tmp_path / "out") == ["all.yml", *sorted(["tests/shop.a.rules.yml", *TESTS])]


def test_one_file_holds_all_where_one_is_named(tmp_path):
    written(tmp_path)
    written(tmp_path, name="b")
    slo_reports("rules", "a.yaml", "b.yaml", "--no-tests", "--output", "all.yml", cwd=tmp_path)
    assert files(tmp_path) == ["a.yaml", "all.yml", "b.yaml"]
    assert len(yaml.safe_load((tmp_path / "all.yml").read_text())["groups"]) == 6


def test_what_is_left_out_is_said_on_standard_error_and_in_the_file(tmp_path):
    written(tmp_path, RATIO + "  objectives: [{window: 30d, target: 90}]\n")
    done = slo_reports("rules", "a.yaml", cwd=tmp_path)
    assert done.stderr.startswith("shop/a: the alert page 1h/5m over 14.4 is left out: ")
    assert f"# {done.stderr}" in done.stdout


def test_missing_series_need_not_be_alerted_on(tmp_path):
    written(tmp_path)
    with_it = slo_reports("rules", "a.yaml", cwd=tmp_path)
    without = slo_reports("rules", "a.yaml", "--no-absent", cwd=tmp_path)
    assert "SloNoData" in with_it.stdout
    assert "SloNoData" not in without.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--style", "slothful"], 2, "'slothful' is not one of 'ours', 'sloth', 'pyrra'"),
        (["--check"], 2, "name them with --output"),
        (["--interval", "10m"], 2, "from 1s to 2m"),
        (["--interval", "often"], 2, "duration"),
        (["--label", "k8s"], 2, "such as prometheus=k8s"),
        (["--on", "tomorrow"], 2, "no day"),
        (["--slo", "shop/b"], 3, "no SLO is named 'shop/b'"),
        (["--output", "a.yaml/rules"], 6, "could not"),
    ],
)
def test_what_is_wrong_is_said_with_its_code(tmp_path, words, code, said):
    written(tmp_path)
    done = slo_reports("rules", "a.yaml", *words, cwd=tmp_path)
    assert done.returncode == code
    assert said in re.sub(r"[\s│]+", " ", done.stderr)


def test_the_days_target_is_that_of_on(tmp_path):
    phases = "[{target: 99, from: 2026-10-01}, {target: 99.5, from: 2026-11-01}]"
    written(tmp_path, RATIO + f"  objectives: [{{window: month, phases: {phases}}}]\n")
    done = slo_reports("rules", "a.yaml", "--on", "2026-10-31", cwd=tmp_path)
    assert "expr: vector(0.99)\n" in done.stdout
    assert "write the rules again on 2026-11-01" in done.stdout
    assert MONTH not in done.stdout
