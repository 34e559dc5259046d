"""``slo-reports dashboard``, as a person runs it."""

import json

import pytest
import yaml
from support.command import slo_reports
from support.shop import write_config

FILES = ["slo-reports-objective.json", "slo-reports-overview.json"]


@pytest.fixture
def home(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    return tmp_path


def test_files_are_written_once_and_then_left_alone(home):
    first = slo_reports("dashboard", "--output", "boards", cwd=home)
    assert (first.returncode, first.stderr) == (0, "")
    assert sorted(one.name for one in (home / "boards").iterdir()) == FILES
    assert first.stdout.count("written: boards/") == 2
    again = slo_reports("dashboard", "--output", "boards", cwd=home)
    assert again.stdout == "unchanged: 2 files\n"


def test_reports_of_the_settings_are_linked(home):
    slo_reports("dashboard", "--output", "boards", cwd=home)
    for name in FILES:
        assert "https://reports.example.com/index.html" in (home / "boards" / name).read_text()


def test_a_check_writes_nothing_and_answers_by_exit_code(home):
    missing = slo_reports("dashboard", "--output", "boards", "--check", cwd=home)
    assert (missing.returncode, missing.stdout.count("is missing")) == (10, 2)
    assert not (home / "boards").exists()
    slo_reports("dashboard", "--output", "boards", cwd=home)
    same = slo_reports("dashboard", "--output", "boards", "--check", cwd=home)
    assert (same.returncode, same.stdout) == (0, "2 files are as they should be\n")
    (home / "boards" / FILES[0]).write_text("{}")
    other = slo_reports("dashboard", "--output", "boards", "--check", cwd=home)
    assert (other.returncode, other.stdout) == (10, f"boards/{FILES[0]} differs\n")


def test_definitions_alone_need_no_settings(home):
    (home / "slo_reports.yaml").unlink()
    done = slo_reports("dashboard", "definitions", cwd=home)
    assert done.returncode == 0
    decoder, text, found = json.JSONDecoder(), done.stdout, []
    while text.strip():
        one, end = decoder.raw_decode(text.lstrip())
        found.append(one["uid"])
        text = text.lstrip()[end:]
    assert found == ["slo-reports-overview", "slo-reports-objective"]


def test_kubernetes_gets_a_config_map(home):
    words = ("--format", "configmap", "--folder", "SLOs", "--object-namespace", "monitoring")
    done = slo_reports("dashboard", *words, cwd=home)
    one = yaml.safe_load(done.stdout)
    assert one["kind"] == "ConfigMap"
    assert one["metadata"]["namespace"] == "monitoring"
    assert one["metadata"]["annotations"] == {"grafana_folder": "SLOs"}
    assert sorted(one["data"]) == FILES


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--check",), "name their folder with --output"),
        (("--folder", "SLOs"), "go with --format configmap"),
        (("--object-namespace", "x"), "go with --format configmap"),
    ],
)
def test_options_that_would_do_nothing_are_refused(home, words, told):
    done = slo_reports("dashboard", *words, cwd=home)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.replace("│", " ").split())


def test_a_folder_that_cannot_be_written_is_one_sentence(home):
    (home / "taken").write_text("")
    done = slo_reports("dashboard", "--output", "taken", cwd=home)
    assert done.returncode == 6
    assert done.stderr.startswith("slo-reports: could not")
