"""The container file, the Debian package and the locks agree with the rest of the repository."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from support.needed import need_program
from support.shown_commands import unknown_in

from slo_reports import __version__

ROOT = Path(__file__).parent.parent.parent
CONTAINERFILE = (ROOT / "Containerfile").read_text()
DEBIAN = ROOT / "deploy" / "debian"
LOCKS = ROOT / "deploy" / "locks"


def instruction(name):
    """The last of a kind in the container file, as one line."""
    whole = CONTAINERFILE.replace("\\\n", " ")
    return re.findall(rf"(?m)^{name} (.*)$", whole)[-1].strip()


def pins(lock):
    """The versions and hashes of a lock: name and marker to the rest."""
    text = lock.read_text().replace("\\\n", " ")
    found = re.findall(r"(?m)^([a-z0-9-]+)==(\S+)((?: ;[^-]*)?) +(--hash.*)$", text)
    return {(name, version): set(hashes.split()) for name, version, _, hashes in found}


@pytest.mark.parametrize("name", ["run.lock", "build.lock"])
def test_what_is_shipped_is_what_was_tested(name):
    tested, shipped = pins(ROOT / "requirements.lock"), pins(LOCKS / name)
    assert shipped
    assert {one: tested.get(one) for one in shipped} == shipped


def test_all_that_the_program_needs_is_shipped():
    names = {name for name, _ in pins(LOCKS / "run.lock")}
    assert {"aiosmtpd", "holidays", "paramiko", "psycopg", "s3fs", "smbprotocol", "weasyprint"} <= (
        names
    )
    assert not names & {"pytest", "playwright", "ruff", "mypy", "hatchling"}


def test_the_image_is_of_this_version_and_of_no_image_that_changes():
    assert instruction("ARG") == f"VERSION={__version__}"
    bases = re.findall(r"(?m)^FROM (\S+)", CONTAINERFILE)
    assert bases == ["docker.io/library/debian:12-slim", "scratch"]


def test_the_image_runs_commands_that_there_are_and_not_as_root():
    assert instruction("USER") == "65532:65532"
    assert json.loads(instruction("ENTRYPOINT")) == ["slo-reports"]
    (default,) = json.loads(instruction("CMD"))
    assert not unknown_in(f"slo-reports {default}")
    health = json.loads(instruction("HEALTHCHECK").partition(" CMD ")[2])
    assert not unknown_in(" ".join(health))


def test_the_image_gets_all_that_the_wheel_is_built_from():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert {"slo_reports", "templates", "config", "LICENSE", "README.md"} <= allowed
    assert all(f'"{one}" = "slo_reports/_data' in pyproject for one in ("templates", "config"))
    for copied in re.findall(r"(?m)^COPY (deploy/\S+)", CONTAINERFILE):
        assert (ROOT / copied).exists()


def test_what_belongs_to_nobody_else_is_told_in_no_build_file():
    texts = [path.read_text() for path in (ROOT / "deploy").rglob("*") if path.is_file()]
    texts += [CONTAINERFILE, (ROOT / "scripts" / "deb.sh").read_text()]
    assert not [text for text in texts if re.search(r"index-url|find-links|trusted-host", text)]


def test_the_settings_of_the_debian_package_can_be_made():
    assert (ROOT / "config" / "slo_reports.yaml").read_text().count("\nstate: state\n") == 1
    assert yaml.safe_load((ROOT / "config" / "slo_reports.yaml").read_text())["state"] == "state"


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_the_scripts_of_the_debian_package_are_shell(script):
    path = DEBIAN / script
    assert path.read_text().startswith("#!/bin/sh\n")
    assert "\nset -e\n" in path.read_text()
    subprocess.run(["/bin/sh", "-n", path], check=True)


def test_user_and_folders_are_made_where_the_services_expect_them(tmp_path):
    """In a root of its own, as the Debian package and docs/running.md make them."""
    users = need_program("systemd-sysusers", "systemd")
    folders = need_program("systemd-tmpfiles", "systemd")
    (tmp_path / "etc").mkdir()
    cron = ROOT / "cron"
    subprocess.run([users, f"--root={tmp_path}", cron / "slo-reports.sysusers"], check=True)
    made = (tmp_path / "etc" / "passwd").read_text()
    assert re.search(r"(?m)^slo-reports:.*:/var/lib/slo-reports:/usr/sbin/nologin$", made)
    rules = (cron / "slo-reports.tmpfiles").read_text()
    (tmp_path / "rules.conf").write_text(
        re.sub(r"(slo-reports|root) (slo-reports|root) -", "- - -", rules)
    )
    subprocess.run([folders, "--create", f"--root={tmp_path}", tmp_path / "rules.conf"], check=True)
    assert (tmp_path / "var" / "lib" / "slo-reports").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "etc" / "slo-reports" / "definitions").is_dir()
