"""The ``import`` and ``validate`` commands as a person runs them, with other tools' files."""

import json
from pathlib import Path

import pytest
from support.command import slo_reports
from support.shop import write_config

from slo_reports.definitions.loading import load_definitions, load_everything

SPECS = Path(__file__).parent / "definitions" / "specs"
SLOTH = SPECS / "sloth" / "getting-started.yml"


def test_definitions_are_printed_with_their_origin_and_remarks(tmp_path):
    nginx = SPECS / "pyrra" / "nginx.yaml"
    done = slo_reports("import", SLOTH, nginx, cwd=tmp_path)
    assert done.returncode == 0
    assert f"# from prometheus/v1 {SLOTH}:9\n" in done.stdout
    assert "# only for rules in the style of its own format: labels repo, tier\n" in done.stdout
    said = "labels prometheus, role have no effect here"
    assert f"# remark: nginx.yaml:6: {said}" in done.stdout
    assert f"{nginx}:6: remark: {said}\n" in done.stderr
    file = tmp_path / "printed.yaml"
    file.write_text(done.stdout)
    assert [slo.id for slo in load_definitions([file])] == [
        "myservice/requests-availability",
        "monitoring/nginx-api-errors",
        "monitoring/nginx-api-latency",
    ]


def test_files_are_written_one_for_each_slo_and_never_replaced_unasked(tmp_path):
    words = ["import", SLOTH, "--output", "slos", "--period", "28d"]
    first = slo_reports(*words, cwd=tmp_path)
    written = tmp_path / "slos" / "myservice.requests-availability.yaml"
    assert (first.returncode, first.stdout) == (0, f"{written.relative_to(tmp_path)}\n")
    (slo,) = load_definitions([written])
    assert slo.objectives[0].window == "28d"
    written.write_text("mine")
    again = slo_reports(*words, cwd=tmp_path)
    assert again.returncode == 3
    assert "is there already; nothing was written" in again.stderr
    assert written.read_text() == "mine"
    assert slo_reports(*words, "--force", cwd=tmp_path).returncode == 0
    assert load_definitions([written]) == (slo,)


def test_a_refused_definition_is_named_at_its_line_and_nothing_is_written(tmp_path):
    refused = SPECS / "pyrra" / "prometheus-http.yaml"
    done = slo_reports("import", SLOTH, refused, "--output", "slos", cwd=tmp_path)
    assert done.returncode == 3
    assert f"{refused}:17: grouping makes one SLO per label set" in done.stderr
    assert not (tmp_path / "slos").exists()


@pytest.mark.parametrize("period", ["12h", "36h", "month", "0d"])
def test_a_period_that_is_not_of_whole_days_is_wrong_usage(tmp_path, period):
    assert slo_reports("import", SLOTH, "--period", period, cwd=tmp_path).returncode == 2


def test_reports_read_other_formats_directly_and_validate_shows_the_remarks(tmp_path):
    settings = write_config(tmp_path, "http://127.0.0.1:9")
    plugins = b"slo_plugins: {chain: [{id: a/b}]}\n"
    (tmp_path / "definitions" / "sloth.yml").write_bytes(SLOTH.read_bytes() + plugins)
    settings.write_text(settings.read_text() + "default_period: 4w\n")
    last = SLOTH.read_text().count("\n") + 1
    _, slos = load_everything(settings)
    (slo,) = (one for one in slos if one.origin.format == "prometheus/v1")
    assert slo.origin.path == "definitions/sloth.yml"
    assert slo.objectives[0].window == "28d"
    done = slo_reports("validate", cwd=tmp_path)
    assert done.returncode == 0
    assert f"sloth.yml:{last}: remark: Go plugins have no effect here: a/b" in done.stdout
    assert done.stdout.endswith("valid: 1 report, 3 objectives of 3 services\n")
    said = json.loads(slo_reports("validate", "--json", cwd=tmp_path).stdout)
    told = {"line": last, "remark": "Go plugins have no effect here: a/b"}
    assert told.items() <= said[0].items()


def test_a_default_period_of_hours_is_refused(tmp_path):
    settings = write_config(tmp_path, "http://127.0.0.1:9")
    settings.write_text(settings.read_text() + "default_period: 12h\n")
    done = slo_reports("validate", cwd=tmp_path)
    assert done.returncode == 3
    assert "default_period must be whole days, such as 30d or 4w" in done.stderr


def test_the_example_of_the_documentation_is_what_the_command_says(tmp_path):
    (tmp_path / "sloth").mkdir()
    (tmp_path / "sloth" / SLOTH.name).write_bytes(SLOTH.read_bytes())
    done = slo_reports("import", "sloth/getting-started.yml", cwd=tmp_path)
    shown = (SPECS.parents[2] / "docs" / "importing.md").read_text().split("```")[1]
    said = done.stderr + done.stdout
    for line in shown.splitlines():
        if line not in ("console", "...") and not line.startswith("$ "):
            assert line in said
