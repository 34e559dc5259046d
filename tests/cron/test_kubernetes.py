"""The Kubernetes files: whole, as Kubernetes' own schemas want them, and careful."""

from pathlib import Path

import pytest
import yaml
from support.needed import missing
from support.shop import write_config
from support.shown_commands import unknown_in

from slo_reports.definitions.loading import load_everything

CRON = Path(__file__).parent.parent.parent / "cron"
FILES = [CRON / "kubernetes.yaml", CRON / "kubernetes-scheduler.yaml"]
VERSIONS = ("1.28", "1.31", "1.34")


def objects(path):
    return {one["kind"]: one for one in yaml.safe_load_all(path.read_text())}


CRON_JOB = objects(FILES[0])["CronJob"]
DEPLOYMENT = objects(FILES[1])["Deployment"]
PODS = [
    pytest.param(CRON_JOB["spec"]["jobTemplate"]["spec"]["template"]["spec"], id="CronJob"),
    pytest.param(DEPLOYMENT["spec"]["template"]["spec"], id="Deployment"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_object_is_as_the_schemas_of_kubernetes_want_it(path, version):
    try:
        import kubernetes_validate  # noqa: PLC0415  # large, and needed only here
    except ImportError:
        missing("no schemas of Kubernetes here: pip install kubernetes-validate")
    for one in objects(path).values():
        kubernetes_validate.validate(one, version, strict=True)
        misspelt = one | {"metdata": {}}
        with pytest.raises(kubernetes_validate.ValidationError, match="metdata"):
            kubernetes_validate.validate(misspelt, version, strict=True)


def test_a_second_job_never_starts_beside_the_first():
    spec = CRON_JOB["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["schedule"] == "*/15 * * * *"
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0


def test_the_deployment_finds_its_pods():
    wanted = DEPLOYMENT["spec"]["selector"]["matchLabels"]
    assert DEPLOYMENT["spec"]["template"]["metadata"]["labels"].items() >= wanted.items()
    (spread,) = DEPLOYMENT["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"] == wanted


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_calls_a_command_that_there_is_and_mounts_what_it_has(pod):
    (container,) = pod["containers"]
    assert not unknown_in(" ".join(container["command"]))
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
