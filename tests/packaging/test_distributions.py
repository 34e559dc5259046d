"""Wheel and source distribution: whole, nothing too much, the same bytes each time, and working."""

import email
import hashlib
import site
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest
from support.distributions import build

from slo_reports import __version__

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
DATA = {"config": "_data/config", "templates": "_data/templates"}


def names_in(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def wanted_files():
    """What of the repository an installation needs, under the names that it has there."""
    for path in (ROOT / "slo_reports").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(ROOT))
    for folder, place in DATA.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                yield f"slo_reports/{place}/{path.relative_to(ROOT / folder)}"


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel):
    known = f"slo_reports-{__version__}.dist-info/"
    assert {one for one in names_in(wheel) if not one.startswith(known)} == set(wanted_files())


@pytest.mark.parametrize(
    "needed",
    [
        "_data/config/demo/slo_reports.yaml",
        "_data/templates/fonts/Inter-Regular.ttf",
        "_data/templates/report.html.j2",
        "definitions/library/web.yaml",
        "demo/recording.jsonl.xz",
        "languages/de.po",
        "ledger/migrations/env.py",
        "py.typed",
    ],
)
def test_an_installation_has_what_it_reads(wheel, needed):
    assert f"slo_reports/{needed}" in names_in(wheel)


def test_licences_and_metadata_are_told(wheel):
    info = f"slo_reports-{__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = email.message_from_bytes(archive.read(f"{info}/METADATA"))
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert {f"{info}/licenses/{one}" for one in metadata.get_all("License-File")} == {
        f"{info}/licenses/LICENSE",
        f"{info}/licenses/templates/fonts/OFL.txt",
    }
    assert {f"{info}/licenses/{one}" for one in metadata.get_all("License-File")} <= names_in(wheel)


def test_nothing_in_them_tells_where_they_were_built(dist, checkout):
    places = [str(place).encode() for place in (ROOT, checkout, dist)]
    (source,) = dist.glob("*.tar.gz")
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(source) as archive:
        contents |= {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}
    assert not [name for name, content in contents.items() for one in places if one in content]


def test_the_source_distribution_can_be_built_and_tested_itself(dist):
    (source,) = dist.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {one.partition("/")[2] for one in archive.getnames()}
    assert {
        "Containerfile",
        "LICENSE",
        "Makefile",
        "cron/crontab",
        "pyproject.toml",
        "requirements.lock",
        "scripts/setup.sh",
        "tests/conftest.py",
    } <= names
    assert not [one for one in names if one.startswith((".venv", ".tools", "out/", "dist/"))]


def test_the_checksums_are_right(dist):
    lines = (dist / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == 2
    for line in lines:
        digest, name = line.split()
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest


def test_the_same_sources_give_the_same_bytes(dist, tmp_path):
    """Elsewhere, with other times of the files: from what the source distribution holds."""
    (source,) = dist.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path / "elsewhere", filter="data")
    (again,) = (tmp_path / "elsewhere").iterdir()
    for path in again.rglob("*.py"):
        path.touch()
    build(again, tmp_path / "dist")
    assert (tmp_path / "dist" / "SHA256SUMS").read_text() == (dist / "SHA256SUMS").read_text()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel in it; what it depends on is borrowed from ours."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    installing = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    installing += ["--disable-pip-version-check", "--no-index", "--no-deps", wheel]
    subprocess.run(installing, check=True)
    borrowed = [sysconfig.get_path("purelib"), *site.getsitepackages()]
    libraries = next(folder.glob("lib/python*/site-packages"))
    (libraries / "zz-borrowed.pth").write_text("\n".join(dict.fromkeys(borrowed)) + "\n")
    return folder


def run(installed, *words, **more):
    """A program of the environment, from / and with nothing of ours about it."""
    return subprocess.run(
        [*map(str, words)],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{installed / 'bin'}:/usr/bin:/bin", "LANG": "C.UTF-8"} | more,
    )


def test_an_installed_command_says_its_version(installed):
    done = run(installed, "slo-reports", "--version")
    assert (done.returncode, done.stdout) == (0, f"slo-reports {__version__}\n"), done.stderr
    where = run(installed, "python", "-c", "import slo_reports; print(slo_reports.__file__)")
    assert where.stdout.startswith(str(installed))


def test_an_installed_command_makes_a_report_with_its_pdf_from_anywhere(installed, tmp_path):
    demo = ["slo-reports", "demo", "--recorded", "--output", tmp_path / "out"]
    done = run(installed, *demo, HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert next((tmp_path / "out").rglob("*.pdf")).read_bytes().startswith(b"%PDF")
    assert str(ROOT) not in done.stdout


def test_an_installed_command_has_its_schemas_and_asks_for_settings(installed):
    done = run(installed, "slo-reports", "schema", "settings")
    assert done.returncode == 0, done.stderr
    assert '"$schema"' in done.stdout
    assert "no settings file" in run(installed, "slo-reports", "plan").stderr
