"""Who may use whom: docs/design.md as a test."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "slo_reports"
FOUNDATION = {
    "errors",
    "periods",
    "model",
    "numbers",
    "language",
    "methods",
    "exclusions",
    "tiers",
    "contrast",
    "statuses",
    "units",
    "promql",
    "orphans",
    "garbage",
    "resources",
}
MAY_USE = {
    "errors": set(),
    "periods": {"errors"},
    "model": {"periods", "errors"},
    "language": set(),
    "numbers": {"periods", "model", "language"},
    "methods": {"periods", "model"},
    "exclusions": {"model"},
    "contrast": set(),
    "tiers": {"model", "numbers", "language", "periods"},
    "statuses": {"model", "language"},
    "units": {"language"},
    "promql": {"model"},
    "settings": FOUNDATION,
    "definitions": FOUNDATION | {"settings"},
    "incidents": FOUNDATION | {"settings"},
    "collect": FOUNDATION | {"settings", "definitions", "history"},
    "discovering": FOUNDATION | {"settings", "definitions", "collect"},
    "history": FOUNDATION,
    "compute": FOUNDATION,
    "typesetting": {"errors", "orphans", "resources"},  # each process that sets pages pays for it
    "render": FOUNDATION | {"typesetting"},
    "deliver": FOUNDATION | {"settings"},
    "operate": FOUNDATION | {"settings", "deliver"},  # mail and web addresses, as deliver does it
    "ledger": FOUNDATION,
    "demo": FOUNDATION,
    "generate": FOUNDATION | {"definitions"},
    "ticks": FOUNDATION | {"settings"},
    "planning": FOUNDATION | {"settings", "ticks", "ledger"},
    "stopping": set(),
    "orphans": set(),
    "garbage": set(),
    "resources": {"errors"},
    "executing": FOUNDATION | {"settings"},
}
WIRING = {
    "adhoc",
    "starting",
    "schemas",
    "batch",
    "making",
    "files_read",
    "job",
    "delivering",
    "recounting",
    "standing",
    "tending",
    "archiving",
    "asked",
    "trying",
    "notices",
    "due",
    "together",
    "explained",
    "deciding",
    "decided",
    "explaining",
    "restated",
    "restating",
    "verifying",
    "daily",
    "dashboards",
    "output",
    "scheduler",
    "console",
    "doctoring",
    "demonstration",
    "generated",
    "cli",
    "__main__",
    "__init__",
}


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def used_rooms(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            assert node.level == 0, f"{path}: relative import"
        for name in names:
            parts = name.split(".")
            if parts[0] == "slo_reports" and len(parts) > 1:
                yield parts[1]


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_uses_only_the_rooms_below_it(path):
    room = room_of(path)
    if room in WIRING:
        return
    assert room in MAY_USE, f"{room} is a new room: give it its place here and in docs/design.md"
    outside = set(used_rooms(path)) - {room}
    assert outside <= MAY_USE[room], f"{room} must not use {outside - MAY_USE[room]}"


def test_the_middle_is_pure():
    forbidden = {"httpx", "sqlalchemy", "smtplib", "socket", "random", "time", "apscheduler"}
    for path in (PACKAGE / "compute").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        assert not names & forbidden, path


def test_recognising_and_proposing_ask_no_source():
    asking = {"asking.py", "measuring.py", "finding.py"}
    for path in (PACKAGE / "discovering").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert path.name in asking or "PrometheusClient" not in text, path


def test_only_the_edges_look_at_the_clock():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if "datetime.now(" in text or "date.today(" in text:
            assert room_of(path) in {"cli", "collect"}, path
