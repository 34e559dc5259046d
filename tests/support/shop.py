"""A small shop in a real Prometheus, with settings that a person might have written."""

from contextlib import contextmanager
from datetime import date
from pathlib import Path

from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.shop import small_shop
from slo_reports.demo.storage import prepare
from slo_reports.periods import between

PERIOD = between(date(2026, 10, 19), date(2026, 10, 21), "Europe/Berlin")
"""Two days, an outage of checkout among them."""
SERVICES = {"checkout", "orders", "search"}

SETTINGS = """\
version: 1
timezone: Europe/Berlin
state: state
definitions: [definitions]
source:
  url: {url}
  retries: 0
  timeout: 5s
destinations:
  archive: {{kind: share, path: share, link: "https://reports.example.com"}}
  people:
    kind: mail
    sender: slo@example.com
    recipients: [one@example.com, two@example.com, three@example.com]
    server: {{host: 127.0.0.1, port: {port}, security: none}}
reports:
  - name: shop
    title: Shop
    schedule: {{every: month}}
    trend: 1
    destinations: [archive, people]
"""

DEFINITION = """\
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata: {{name: {service}-availability, namespace: shop}}
spec:
  service: {service}
  owner: Team {service}
  indicator:
    type: ratio
    metric: http_requests_total
    filters: {{job: {service}}}
    good: {{code: "!~5.."}}
  objectives: [{{window: 30d, target: 99.9}}]
"""


@contextmanager
def shop_prometheus(folder: Path):
    """A real Prometheus that holds the small shop; yields its URL."""
    tools = find_tools()
    data = prepare(small_shop(SERVICES, PERIOD), tools, folder)
    with running_prometheus(tools.prometheus, data.blocks) as url:
        yield url


def write_config(folder: Path, url: str, port: int = 9, services=("checkout", "search")) -> Path:
    """Settings and definitions in a folder; the settings file."""
    (folder / "share").mkdir(exist_ok=True)
    (folder / "definitions").mkdir(exist_ok=True)
    for service in services:
        text = DEFINITION.format(service=service)
        (folder / "definitions" / f"{service}.yaml").write_text(text, encoding="utf-8")
    settings = folder / "slo_reports.yaml"
    settings.write_text(SETTINGS.format(url=url, port=port), encoding="utf-8")
    return settings
