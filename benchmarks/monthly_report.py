"""Where the time of a monthly report goes, as ratios within one run.

The demo's October from a real Prometheus. "One pass" is the server reading each sample of the month
once, the least that any exact method can cost it; collecting is compared with that, rendering with
the sum of all steps.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.compute import build_report
from slo_reports.definitions.loading import load_everything
from slo_reports.demo.places import demo_config, find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.shop import demo_shop, due_at
from slo_reports.demo.storage import prepare
from slo_reports.model import ReportRequest, Snapshot, Subject
from slo_reports.promql import duration
from slo_reports.render import Typesetter, mail_body, render_html, render_pdf

ROUNDS = 3
T = TypeVar("T")


@dataclass(frozen=True)
class Timed:
    what: str
    seconds: float


def best(what: str, work: Callable[[], T]) -> tuple[Timed, T]:
    """The fastest of a few rounds, and what the last one gave."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return Timed(what, min(times)), result


def main() -> None:
    settings, slos = load_everything(demo_config() / "slo_reports.yaml")
    tools, shop = find_tools(), demo_shop()
    data = prepare(shop, tools)
    month, now = shop.month, due_at(shop)
    span = duration(month.end - month.start)
    metrics = "http_requests_total|http_request_duration_seconds_bucket|batch_runs_total"
    pass_over = f'sum(count_over_time({{__name__=~"{metrics}"}}[{span}]))'
    with running_prometheus(tools.prometheus, data.blocks) as url:
        source = settings.source.model_copy(update={"url": url, "timeout": timedelta(minutes=2)})
        with PrometheusClient(source) as client:
            one_pass, answer = best("one pass", lambda: client.query(pass_over, month.end))
            collected, _ = best(
                "collect the month", lambda: collect(slos, month, client, trend=1, now=now)
            )
            whole, found = best(
                "collect with 12 months", lambda: collect(slos, month, client, trend=12, now=now)
            )
    samples = answer[0].values[0]
    snapshot = Snapshot(
        ReportRequest("commerce", "Commerce platform", "Reliability office"),
        month,
        tuple(Subject(slo, found.measurements[slo.id]) for slo in slos),
        found.incidents,
        found.provenance,
        now,
    )
    computed, report = best("compute", lambda: build_report(snapshot))
    html, _ = best("HTML", lambda: render_html(report))
    mail, _ = best("mail with charts", lambda: mail_body(report, links={}))
    with Typesetter() as typesetter:
        render_pdf(report, typesetter=typesetter)  # starts and warms the process
        pdf, _ = best("PDF, warm process", lambda: render_pdf(report, typesetter=typesetter))
    print(f"{len(slos)} objectives, {samples:,.0f} samples in the month; best of {ROUNDS} rounds\n")
    print(f"{'step':26}{'seconds':>9}{'of one pass':>14}")
    for step in (one_pass, collected, whole):
        print(f"{step.what:26}{step.seconds:9.2f}{step.seconds / one_pass.seconds:13.1f}×")
    total = sum(step.seconds for step in (whole, computed, html, mail, pdf))
    print(f"\n{'step':26}{'seconds':>9}{'of the whole':>14}")
    for step in (whole, computed, html, mail, pdf):
        print(f"{step.what:26}{step.seconds:9.2f}{step.seconds / total:13.0%}")


if __name__ == "__main__":
    main()
