"""The Kubernetes files: whole, as Kubernetes' own schemas want them, and careful."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from support.needed import missing
from support.shop import write_config
from support.shown_commands import unknown_in

from slo_reports import __version__
from slo_reports.definitions.loading import load_everything

KUBERNETES = Path(__file__).parent.parent.parent / "cron" / "kubernetes"
FILES = sorted(
    path
    for path in KUBERNETES.rglob("*.yaml")
    if "apiVersion: " in path.read_text()
    and path.name not in ("kustomization.yaml", "two.yaml", "no-volume.yaml")
    and path.parent.name != "definitions"
)
VERSIONS = ("1.28", "1.31", "1.34")
OVERLAYS = ("cronjob", "scheduler", "scheduler-postgres")


def name_of(path):
    return str(path.relative_to(KUBERNETES))


CRON_JOB = yaml.safe_load((KUBERNETES / "cronjob" / "cronjob.yaml").read_text())
DEPLOYMENT = yaml.safe_load((KUBERNETES / "scheduler" / "deployment.yaml").read_text())
PODS = [
    pytest.param(CRON_JOB["spec"]["jobTemplate"]["spec"]["template"]["spec"], id="CronJob"),
    pytest.param(DEPLOYMENT["spec"]["template"]["spec"], id="Deployment"),
]


def kustomize(folder):
    """What kubectl makes of a folder: all objects of it."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip(
            "no kubectl here, and Debian 12 has none that is new enough: install 1.21 or later"
        )
    done = subprocess.run(
        [kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False
    )
    if "invalid Kustomization" in done.stderr:
        pytest.skip(f"this kubectl is too old: {done.stderr.strip()}")
    assert (done.returncode, done.stderr) == (0, "")
    return list(yaml.safe_load_all(done.stdout))


def validate(one, version):
    try:
        import kubernetes_validate  # noqa: PLC0415  # large, and needed only here
    except ImportError:
        missing("no schemas of Kubernetes here: pip install kubernetes-validate")
    kubernetes_validate.validate(one, version, strict=True)
    with pytest.raises(kubernetes_validate.ValidationError, match="metdata"):
        kubernetes_validate.validate(one | {"metdata": {}}, version, strict=True)


def pod_of(rendered):
    (found,) = (one for one in rendered if one["kind"] in ("CronJob", "Deployment"))
    spec = found["spec"]
    return (spec["jobTemplate"]["spec"] if found["kind"] == "CronJob" else spec)["template"]["spec"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_object_is_as_the_schemas_of_kubernetes_want_it(path, version):
    validate(yaml.safe_load(path.read_text()), version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_kustomize_makes_is_as_the_schemas_want_it(overlay, version):
    for one in kustomize(KUBERNETES / overlay):
        validate(one, version)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_a_pod_names_is_there(overlay):
    rendered = kustomize(KUBERNETES / overlay)
    names = {(one["kind"], one["metadata"]["name"]) for one in rendered}
    pod = pod_of(rendered)
    maps = {volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
    claims = {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in pod["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert {("ConfigMap", one) for one in maps} == {one for one in names if one[0] == "ConfigMap"}
    assert {("PersistentVolumeClaim", one) for one in claims} == {
        one for one in names if one[0] == "PersistentVolumeClaim"
    }
    (container,) = pod["containers"]
    assert container["image"] == f"registry.example.com/slo-reports:{__version__}"


def test_only_with_postgres_are_there_two_and_no_volume():
    def replicas_and_claims(overlay):
        rendered = kustomize(KUBERNETES / overlay)
        (deployment,) = (one for one in rendered if one["kind"] == "Deployment")
        claims = [one for one in rendered if one["kind"] == "PersistentVolumeClaim"]
        return deployment["spec"]["replicas"], len(claims), deployment["spec"]["strategy"]["type"]

    assert replicas_and_claims("scheduler") == (1, 1, "Recreate")
    assert replicas_and_claims("scheduler-postgres") == (2, 0, "RollingUpdate")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_its_settings_can_be_read_where_they_are_mounted(overlay, tmp_path):
    maps = {
        one["metadata"]["name"].rpartition("-")[0]: one["data"]
        for one in kustomize(KUBERNETES / overlay)
        if one["kind"] == "ConfigMap"
    }
    (tmp_path / "definitions").mkdir()
    for name, text in maps["slo-reports-definitions"].items():
        (tmp_path / "definitions" / name).write_text(text)
    mounted = maps["slo-reports"]["slo_reports.yaml"]
    here = mounted.replace("/etc/slo-reports/definitions", str(tmp_path / "definitions"))
    assert here != mounted
    (tmp_path / "slo_reports.yaml").write_text(here)
    settings, slos = load_everything(tmp_path / "slo_reports.yaml")
    assert str(settings.state) == "/var/lib/slo-reports"
    assert [slo.name for slo in slos] == ["checkout-availability"]


def test_a_kustomization_of_ones_own_replaces_image_settings_and_definitions(tmp_path):
    """The one that docs/installing.md shows."""
    shown = (KUBERNETES.parent.parent / "docs" / "installing.md").read_text()
    (mine,) = (
        block.partition("```")[0] for block in shown.split("```yaml\n") if "kustomize" in block[:60]
    )
    place = os.path.relpath(KUBERNETES, tmp_path)
    (tmp_path / "kustomization.yaml").write_text(mine.replace("slo-reports/cron/kubernetes", place))
    (tmp_path / "definitions").mkdir()
    (tmp_path / "slo_reports.yaml").write_text("version: 1\n")
    (tmp_path / "definitions" / "search.yaml").write_text("kind: ServiceLevelObjective\n")
    rendered = kustomize(tmp_path)
    contents = [one["data"] for one in rendered if one["kind"] == "ConfigMap"]
    assert {"slo_reports.yaml": "version: 1\n"} in contents
    assert {"search.yaml": "kind: ServiceLevelObjective\n"} in contents
    (container,) = pod_of(rendered)["containers"]
    assert container["image"].startswith("registry.example.org/platform/slo-reports:")
    assert {one["metadata"].get("namespace") for one in rendered} == {"monitoring"}


def test_a_second_job_never_starts_beside_the_first():
    spec = CRON_JOB["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["schedule"] == "*/15 * * * *"
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0


def test_the_deployment_finds_its_pods():
    wanted = DEPLOYMENT["spec"]["selector"]["matchLabels"]
    assert DEPLOYMENT["spec"]["template"]["metadata"]["labels"].items() >= wanted.items()
    two = yaml.safe_load((KUBERNETES / "scheduler-postgres" / "two.yaml").read_text())
    (spread,) = two["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"] == wanted


def test_a_scheduler_that_hangs_is_started_again():
    (container,) = DEPLOYMENT["spec"]["template"]["spec"]["containers"]
    probe = container["livenessProbe"]
    assert not unknown_in(" ".join(probe["exec"]["command"]))
    assert probe["timeoutSeconds"] >= 30  # a Python that starts on a busy node


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_has_limits_and_no_image_that_changes(pod):
    (container,) = pod["containers"]
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}
    assert container["image"] == "slo-reports"  # kustomize gives it a name and a tag
    for path in KUBERNETES.rglob("kustomization.yaml"):
        for image in yaml.safe_load(path.read_text()).get("images", []):
            assert image["newTag"] == __version__


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_calls_a_command_that_there_is_and_mounts_what_it_has(pod):
    (container,) = pod["containers"]
    assert "command" not in container  # the image's own entry point is slo-reports
    assert not unknown_in(" ".join(["slo-reports", *container["args"]]))
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert set(mounted) == {volume["name"] for volume in pod["volumes"]}
    (config,) = (one["value"] for one in container["env"] if one["name"] == "SLO_REPORTS_CONFIG")
    assert Path(config).parent == Path(mounted["settings"])


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_may_write_in_its_state_and_tmp_only(pod):
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == 65532
    assert pod["automountServiceAccountToken"] is False
    writable = [one["name"] for one in container["volumeMounts"] if not one.get("readOnly")]
    assert writable == ["state", "tmp"]


@pytest.mark.parametrize("pod", PODS)
def test_a_delivery_has_time_to_end(pod):
    assert pod["terminationGracePeriodSeconds"] > 600  # an answer to a mail is awaited for ten min


def test_files_of_a_config_map_are_read_once(tmp_path):
    """Kubernetes mounts a ConfigMap as links into a hidden folder that a hidden link names."""
    config = write_config(tmp_path, "http://127.0.0.1:9")
    folder = tmp_path / "definitions"
    hidden = folder / "..2026_11_02_05_00_00.1"
    hidden.mkdir()
    (folder / "..data").symlink_to(hidden.name)
    names = [one.name for one in folder.glob("*.yaml")]
    for name in names:
        (folder / name).rename(hidden / name)
        (folder / name).symlink_to(f"..data/{name}")
    _, slos = load_everything(config)
    assert len(slos) == len(names) == 2
