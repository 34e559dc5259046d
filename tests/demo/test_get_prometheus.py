from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "get_prometheus.sh"


def run(target: Path, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": str(path)}
    return subprocess.run(
        [str(path / "bash"), SCRIPT, target],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def path(tmp_path) -> Path:
    """A PATH with the few programs of any machine."""
    folder = tmp_path / "bin"
    folder.mkdir()
    names = ("bash", "dirname", "mkdir", "ln", "mktemp", "rm", "chmod", "id", "tail", "head", "mv")
    for name in (*names, "install", "cp"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def test_installed_programs_are_linked_and_the_second_run_is_quiet(path, tmp_path):
    for name in ("prometheus", "promtool"):
        program(path / name, "echo version")
    first = run(tmp_path / "tools", path)
    assert first.returncode == 0
    assert "installed already" in first.stdout
    assert (tmp_path / "tools" / "promtool").resolve() == path / "promtool"
    second = run(tmp_path / "tools", path)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_the_distributions_package_is_unpacked_without_installing_it(path, tmp_path):
    program(path / "apt-get", "cp /dev/null prometheus_2.42.0_amd64.deb")
    program(
        path / "dpkg-deb",
        'mkdir -p "$3/usr/bin"\n'
        'for name in prometheus promtool; do printf "#!/bin/bash\\necho $name, version 2.42.0\\n" '
        '> "$3/usr/bin/$name"; chmod 755 "$3/usr/bin/$name"; done',
    )
    done = run(tmp_path / "tools", path)
    assert done.returncode == 0, done.stderr
    assert "prometheus, version 2.42.0 is in" in done.stdout
    assert sorted(one.name for one in (tmp_path / "tools").iterdir()) == ["prometheus", "promtool"]


@pytest.mark.parametrize(
    ("apt", "said"),
    [
        pytest.param(None, "has no apt-get", id="another distribution"),
        pytest.param("echo 'E: no network' >&2; exit 100", "E: no network", id="no network"),
    ],
)
def test_where_nothing_can_be_fetched_the_message_says_what_to_do(apt, said, path, tmp_path):
    program(path / "dpkg-deb", "exit 1")
    if apt is not None:
        program(path / "apt-get", apt)
    done = run(tmp_path / "tools", path)
    assert done.returncode == 1
    assert said in done.stderr
    assert "apt-get install prometheus" in done.stderr
    assert "slo-reports demo --recorded" in done.stderr
