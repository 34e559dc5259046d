"""Generated rules under promtool, and on a real Prometheus that tells a real Alertmanager."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from support.alertmanager import WHY_NOT, find_alertmanager, running_alertmanager
from support.command import slo_reports
from support.needed import missing
from support.rules import DAY, HEAD, MONTH, RATIO, promtool, written
from support.servers import running

from slo_reports.definitions.loading import load_definitions
from slo_reports.definitions.templates import library
from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import free_port
from slo_reports.errors import ConfigurationError
from slo_reports.generate.files import Wrapping
from slo_reports.generate.rules import Surroundings
from slo_reports.generated import make_rules, wanted_files, write_files

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "tests" / "definitions" / "specs"
HOSTILE = '  filters: {job: shop, zone: "=~eu.*", odd: \'a"b\\\\\'}\n'


def checked(folder: Path, slos, every=()) -> int:
    """Let promtool check and test the rules of SLOs; returns how many files of rules there were."""
    around = Surroundings(DAY, {one.id: one for one in every or slos})
    wanted = wanted_files(make_rules(slos, around, "ours"), folder, Wrapping("ours"))
    write_files(wanted, list(wanted))
    rules, tests = sorted(folder.glob("*.rules.yml")), sorted(folder.glob("tests/*_test.yml"))
    for words in (("check", *rules), ("test", *tests)):
        found = promtool(words[0], "rules", *words[1:])
        assert found.returncode == 0, found.stdout + found.stderr
    return len(rules)


def importable(path: Path):
    try:
        return load_definitions([path])
    except ConfigurationError:
        return ()  # tests/definitions/test_imported_specs.py says which, and why


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config" / "definitions").glob("*.yaml")), ids=lambda one: one.stem
)
def test_the_rules_of_the_examples_do_what_their_tests_say(tmp_path, path):
    every = load_definitions([path.parent])
    slos = [one for one in every if Path(one.origin.path).name == path.name]
    assert checked(tmp_path, slos, every) == len(slos)


@pytest.mark.parametrize(
    "path",
    [one for one in sorted(SPECS.glob("*/*.y*ml")) if importable(one)],
    ids=lambda one: f"{one.parent.name}-{one.stem}",
)
def test_the_rules_of_other_tools_definitions_do_what_their_tests_say(tmp_path, path):
    slos = importable(path)
    assert checked(tmp_path, slos) == len(slos)


@pytest.mark.parametrize("name", library())
def test_the_rules_of_each_template_do_what_their_tests_say(tmp_path, name):
    slos = load_definitions([written(tmp_path, f"  template: {name}\n{HOSTILE}")])
    assert checked(tmp_path / "out", slos) == 1


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(
            "  indicator: {type: latency, histogram: h, threshold: 300ms, interpolate: true}\n",
            id="a latency between two buckets",
        ),
        pytest.param(
            "  indicator: {type: latency, histogram: h, threshold: 300ms, native: true}\n",
            id="a native histogram",
        ),
        pytest.param(RATIO + "  method: timeslices\n  slice_window: 15m\n", id="timeslices"),
        pytest.param(
            "  indicator: {type: ratio, bad_ratio: 'errors:ratio # of all'}\n", id="a ratio"
        ),
        pytest.param(
            "  indicator: {type: ratio, valid: 'increase(a[$window]) or vector(0)',"
            " good: 'increase(b[$window])'}\n",
            id="a query that always answers",
        ),
        pytest.param(RATIO + "  title: '{{ x }} \"\\ é 木'\n", id="a title of odd signs"),
    ],
)
def test_rare_kinds_do_what_their_tests_say(tmp_path, more):
    slos = load_definitions([written(tmp_path, more + MONTH)])
    assert checked(tmp_path / "out", slos) == 1


@pytest.mark.parametrize("target", [100, 90, 50, 99.999])
def test_soft_and_hard_targets_do_what_their_tests_say(tmp_path, target):
    objective = f"  objectives: [{{window: 28d, target: {target}}}]\n"
    slos = load_definitions([written(tmp_path, RATIO + objective)])
    assert checked(tmp_path / "out", slos) == 1


def test_a_test_fails_where_a_rule_is_changed(tmp_path):
    slos = load_definitions([written(tmp_path)])
    checked(tmp_path / "out", slos)
    rules = tmp_path / "out" / "shop.a.rules.yml"
    whole = rules.read_text()
    for old, new in (
        ("> 14.4", "> 15"),
        ("for: 2m", "for: 3m"),
        ("absent(", "count("),
        ("5 %", "6 %"),
    ):
        assert old in whole
        rules.write_text(whole.replace(old, new))
        assert promtool("test", "rules", tmp_path / "out/tests/shop.a_test.yml").returncode != 0


# --- a real Prometheus and a real Alertmanager ---

BURNS = "  alerting: {burn_rates: [{severity: page, long: 1m, short: 10s, threshold: 14.4}]}\n"
CONFIG = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}/*.rules.yml"]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{alertmanager}"]}}]}}]}}
scrape_configs: [{{job_name: shop, static_configs: [{{targets: ["{exporter}"]}}]}}]
"""


@contextmanager
def exporter():
    """Two services at 100 requests a second: one fails one in ten, one fails none."""
    begin = time.monotonic()

    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self):
            count = 100 * (time.monotonic() - begin)
            lines = (
                f'requests_total{{app="ill",code="200"}} {count * 0.9}',
                f'requests_total{{app="ill",code="500"}} {count * 0.1}',
                f'requests_total{{app="well",code="200"}} {count}',
            )
            self.send_response(200)
            self.end_headers()
            self.wfile.write(("\n".join(lines) + "\n").encode())

        def log_message(self, *words):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Metrics)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def prometheus(folder: Path, config: str):
    file = folder / "prometheus.yml"
    file.write_text(config)
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [
        find_tools().prometheus,
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with running(command, folder / "prometheus.log", f"{url}/-/ready"):
        yield url


def test_a_burning_service_is_alerted_on_and_its_healthy_neighbour_is_not(tmp_path):
    if find_alertmanager() is None:
        missing(WHY_NOT)
    for name in ("ill", "well"):
        filters = RATIO.replace("good:", f"filters: {{app: {name}}}, good:")
        (tmp_path / f"{name}.yaml").write_text(HEAD % name + filters + MONTH + BURNS)
    words = ("rules", "ill.yaml", "well.yaml", "--interval", "1s", "--output", "rules")
    assert slo_reports(*words, cwd=tmp_path).returncode == 0
    with ExitStack() as stack:
        alertmanager = stack.enter_context(running_alertmanager(tmp_path))
        target = stack.enter_context(exporter())
        bare = alertmanager.removeprefix("http://")
        config = CONFIG.format(rules=tmp_path / "rules", alertmanager=bare, exporter=target)
        url = stack.enter_context(prometheus(tmp_path, config))
        received = wait_for(lambda: told(alertmanager))
        healthy = value(url, 'slo:sli:ratio_rate1m{slo="shop/well"}')
        burning = value(url, 'slo:burn_rate:ratio_rate1m{slo="shop/ill"}')
        time.sleep(5)
        later = told(alertmanager)
    (alert,) = received
    assert [one["labels"]["slo"] for one in later] == ["shop/ill"]
    labels = {"alertname": "SloBudgetBurn", "slo": "shop/ill", "service": "shop"}
    assert labels.items() <= alert["labels"].items()
    assert {"severity": "page", "long": "1m", "short": "10s"}.items() <= alert["labels"].items()
    assert "uses 0.0333 % of the budget of 30 days" in alert["annotations"]["description"]
    assert healthy == 1
    assert burning == pytest.approx(100, rel=0.05)


def told(alertmanager: str):
    return httpx.get(f"{alertmanager}/api/v2/alerts", trust_env=False).raise_for_status().json()


def value(url: str, query: str) -> float:
    answer = httpx.get(f"{url}/api/v1/query", params={"query": query}, trust_env=False).json()
    (series,) = answer["data"]["result"]
    return float(series["value"][1])


def wait_for(look, patience=60):
    deadline = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing was told in time"
        time.sleep(0.5)
    return found
