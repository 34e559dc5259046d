"""Definitions out of a folder that holds other things as well."""

import json
from pathlib import Path

import pytest
from support.command import slo_reports

from slo_reports.definitions.loading import load_definitions
from slo_reports.definitions.sifting import aside_lines, sift
from slo_reports.errors import ConfigurationError

SPECS = Path(__file__).parent / "specs"
OTHERS = {
    "deploy/app.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\n",
    "deploy/config.yaml": "apiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: Secret\n",
    "chart/values.yaml": "replicaCount: 3\nversion: '3'\n",
    "chart/templates/app.yaml": "{{- if .Values.on }}\nkind: {{ .Values.kind }}\n{{- end }}\n",
    "list.yml": "- 1\n- 2\n",
    "README.md": "apiVersion: slo.dev/v1",
}
JOURNEY = """\
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata: {name: buy, namespace: shop}
spec:
  service: Shop
  owner: Team
  indicator: {type: journey, steps: [{slo: shop/gone}]}
  objectives: [{window: month, target: 99}]
"""


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    for name, text in OTHERS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "slos").mkdir()
    (folder / "slos" / "sloth.yml").write_bytes(
        (SPECS / "sloth" / "getting-started.yml").read_bytes()
    )
    (folder / ".git").mkdir()
    (folder / ".git" / "x.yaml").write_text("a: [")
    return folder


def test_what_is_no_definition_is_left_aside_and_told(repository):
    found = sift([repository])
    assert [slo.id for slo in found.slos] == ["myservice/requests-availability"]
    assert found.problems == ()
    assert {path.name for path, _ in found.aside} == {
        "app.yaml", "config.yaml", "values.yaml", "list.yml",
    }  # fmt: skip
    (line,) = aside_lines(found.aside)
    assert line.startswith("left aside, no SLO definitions: five files (")
    assert "1 Deployment" in line


def test_a_file_that_is_named_must_be_a_definition(repository):
    named = sift([repository / "deploy" / "app.yaml"])
    assert "apiVersion 'apps/v1' is not read" in str(named.problems[0])
    assert named.aside == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("apiVersion: openslo/v9\nkind: SLO\n", "apiVersion 'openslo/v9' is not read"),
        ("version: prometheus/v2\nservice: x\n", "version 'prometheus/v2' is not read"),
        ("apiVersion: slo.dev/v1\nkind: [\n", ""),
        ("apiVersion: slo.dev/v1\nkind: ServiceLevelObjective\n", "'metadata' is missing"),
        ("slo_name: x\nfeature_name: y\n", "slo-generator's v1 files are not read"),
    ],
)
def test_what_is_meant_to_be_a_definition_is_never_left_aside(text, told, repository):
    (repository / "slos" / "wrong.yaml").write_text(text)
    found = sift([repository])
    assert [slo.id for slo in found.slos] == ["myservice/requests-availability"]
    assert any("wrong.yaml" in str(one) and told in str(one) for one in found.problems)


def test_a_journey_whose_step_cannot_be_used_is_not_kept(repository):
    (repository / "slos" / "journey.yaml").write_text(JOURNEY)
    found = sift([repository])
    assert "shop/buy" not in {slo.id for slo in found.slos}
    assert found.problems


def test_what_kubectl_lists_is_read(tmp_path):
    import yaml  # noqa: PLC0415

    one = yaml.safe_load((SPECS / "sloth" / "k8s-getting-started.yml").read_text())
    listed = {"apiVersion": "v1", "kind": "List", "items": [one]}
    (tmp_path / "all.yaml").write_text(json.dumps(listed))
    assert [slo.id for slo in load_definitions([tmp_path / "all.yaml"])] == [
        "myservice/requests-availability"
    ]


def test_settings_that_name_a_folder_stay_strict(repository):
    with pytest.raises(ConfigurationError, match="apps/v1"):
        load_definitions([repository])


def test_import_goes_on_where_it_is_told_to(repository, tmp_path):
    refused = SPECS / "pyrra" / "prometheus-http.yaml"
    (repository / "slos" / "refused.yaml").write_bytes(refused.read_bytes())
    words = ["import", repository, "--output", "out"]
    assert slo_reports(*words, cwd=tmp_path).returncode == 3
    assert not (tmp_path / "out").exists()
    done = slo_reports(*words, "--keep-going", cwd=tmp_path)
    assert done.returncode == 3
    assert "refused.yaml:17: grouping makes one SLO per label set" in done.stderr
    assert "left aside, no SLO definitions: five files" in done.stderr
    assert len(load_definitions([tmp_path / "out"])) == 1
