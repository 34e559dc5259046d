"""Record the answers that `slo-reports demo --recorded` replays, from the demo's own Prometheus.

To be run again when the demo's data, its definitions or the collector's queries have changed.
"""

import httpx

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.definitions.loading import load_everything
from slo_reports.demo.places import demo_config, find_tools, recording_file
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.recorded import RecordingTransport
from slo_reports.demo.shop import demo_shop, due_at
from slo_reports.demo.storage import prepare


def main() -> None:
    settings, slos = load_everything(demo_config() / "slo_reports.yaml")
    tools, shop = find_tools(), demo_shop()
    data = prepare(shop, tools)
    transport = RecordingTransport(httpx.HTTPTransport())
    with running_prometheus(tools.prometheus, data.blocks) as url:
        source = settings.source.model_copy(update={"url": url, "raw_samples": False})
        with PrometheusClient(source, transport=transport) as client:
            trend = settings.reports[0].trend
            collect(slos, shop.month, client, trend=trend, now=due_at(shop))
    answers = transport.save(recording_file())
    size = recording_file().stat().st_size / 1e6
    print(f"recorded {answers} answers, {size:.1f} MB, in {recording_file().name}")


if __name__ == "__main__":
    main()
