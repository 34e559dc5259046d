"""Completion as bash asks for it, through the script that --install-completion leaves."""

import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.shop import write_config

from slo_reports.cli.completing import KINDS
from slo_reports.model import ReportKind

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "tests" / "definitions" / "specs"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with the command on its PATH, and completion installed by the command itself."""
    folder = tmp_path_factory.mktemp("home")
    command = folder / "bin" / "slo-reports"
    command.parent.mkdir()
    command.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "sys.argv[0] = 'slo-reports'\nfrom slo_reports.cli import main\nmain()\n"
    )
    command.chmod(0o755)
    bash(
        folder, "slo-reports --install-completion\ntrue"
    )  # bash stays: it is the shell that is seen
    return folder


@pytest.fixture
def shop(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    path = tmp_path / "definitions" / "search.yaml"
    path.write_text(path.read_text().replace("service: search", "service: Search engine"))
    (tmp_path / "definitions" / "sloth.yml").write_bytes(
        (SPECS / "sloth" / "getting-started.yml").read_bytes()
    )
    return tmp_path


def bash(home, script, cwd=None):
    done = subprocess.run(
        ["bash", "--norc", "-c", f"source ~/.bashrc 2>/dev/null\n{script}"],
        cwd=cwd or home,
        env={"HOME": str(home), "PATH": f"{home / 'bin'}:/usr/bin:/bin", "SHELL": "/bin/bash"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


def completed(home, words, cwd):
    """What bash offers for the last of the words."""
    script = (
        "name=$(complete -p slo-reports | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n"
        f"COMP_WORDS=({' '.join(map(shlex.quote, words))})\n"
        f"COMP_CWORD={len(words) - 1}\n"
        "$name slo-reports\nprintf '%s\\n' \"${COMPREPLY[@]}\""
    )
    return [line for line in bash(home, script, cwd).splitlines() if line]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        pytest.param(["run", ""], ["shop"], id="reports"),
        pytest.param(["re"], ["resend", "restate"], id="commands"),
        pytest.param(
            ["explain", ""],
            ["myservice/requests-availability", "shop/checkout-availability",
             "shop/search-availability"],
            id="SLOs, also other tools'",
        ),
        pytest.param(["decide", "S"], [r"Search\ engine"], id="services, as bash wants them"),
        pytest.param(["make", "shop", "--kind", "re"], ["retrospective", "review"], id="kinds"),
        pytest.param(["make", "shop", "--format", "x"], ["xlsx"], id="formats"),
        pytest.param(["make", "shop", "--owner", "Team"],
                     [r"Team\ checkout", r"Team\ search"], id="owners"),
        pytest.param(["resend", "shop", "--destination", ""], ["archive", "people"],
                     id="destinations"),
        pytest.param(["resend", "shop", "--to", "tw"], ["two@example.com"], id="recipients"),
        pytest.param(["run", "shop", "--period", "cu"], ["current"], id="periods"),
        pytest.param(["decide", "checkout", "--risk", ""], ["high", "low", "medium"], id="words"),
        pytest.param(["schema", "s"], ["settings"], id="schemas"),
    ],
)  # fmt: skip
def test_bash_offers_what_there_is(home, shop, words, offered):
    assert sorted(completed(home, ["slo-reports", *words], shop)) == offered


def test_the_settings_that_were_named_are_looked_into(home, shop, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    words = ["slo-reports", "run", "--config", str(shop / "slo_reports.yaml"), ""]
    assert completed(home, words, elsewhere) == ["shop"]
    assert completed(home, ["slo-reports", "run", ""], elsewhere) == []


def test_files_that_are_wrong_are_passed_over_in_silence(home, shop):
    (shop / "slo_reports.yaml").write_text("reports: [")
    assert completed(home, ["slo-reports", "run", ""], shop) == []


def test_completing_imports_nothing_heavy():
    heavy = "numpy pandas pydantic httpx sqlalchemy slo_reports.model weasyprint"
    script = (
        "import sys, slo_reports.cli\nfrom slo_reports.settings.yaml_files import read_yaml\n"
        f"print([one for one in {heavy.split()!r} if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_an_answer_comes_before_a_person_waits(home, tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        assert completed(home, ["slo-reports", "run", ""], tmp_path) == ["shop"]
        took.append(time.perf_counter() - begun)
    assert min(took) < 2


def test_the_kinds_that_are_offered_are_those_that_there_are():
    assert list(KINDS) == [str(kind) for kind in ReportKind]
