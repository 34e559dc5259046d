"""The demo: the real job over a shop whose truth is known, with servers of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from slo_reports.archiving import refresh_archives
from slo_reports.compute import build_report
from slo_reports.definitions.loading import load_everything
from slo_reports.delivering import Receipt, run_report
from slo_reports.demo.mailbox import receiving_smtp
from slo_reports.demo.places import demo_config, find_tools, recording_file
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.recorded import ReplayTransport
from slo_reports.demo.shop import demo_shop
from slo_reports.demo.storage import prepare
from slo_reports.demo.truth import truth_document
from slo_reports.demo.world import bring_to_life
from slo_reports.errors import ExitCode, SloReportsError
from slo_reports.job import Listener, World
from slo_reports.model import Report, Snapshot
from slo_reports.settings.destinations import MailDestination, ShareDestination
from slo_reports.settings.schema import Settings


@dataclass(frozen=True)
class Shown:
    """What a demo did and where it lies.

    Attributes:
        worst: largest difference between a budget left in the report and the truth [points].
    """

    receipt: Receipt
    folder: Path
    source: str
    worst: float

    @property
    def exit_code(self) -> ExitCode:
        """0 where everything was delivered."""
        return self.receipt.exit_code

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        receipt = self.receipt
        made = "was made from" if receipt.made else "was made before, from"
        yield f"The report {receipt.run.report} {receipt.run.period} {made} {self.source}."
        new = len(receipt.attempts)
        yield (
            f"Delivered now: {new} of {len(receipt.deliveries)} deliveries"
            + ("." if new else "; nothing new: all arrived before (--fresh starts again).")
        )
        for problem in receipt.undelivered:
            yield f"  not delivered: {problem.recipient}: {problem.receipt}"
        yield f"Largest difference from the known truth: {self.worst:.6f} points of budget."
        yield ""
        yield "Open these:"
        for name, pattern in (
            ("HTML", "archive/*/**/*.html"),
            ("PDF", "archive/**/*.pdf"),
            ("archive", "archive/index.html"),
            ("mail", "mail/*.html"),
            ("mail as sent", "mail/*.eml"),
            ("truth", "truth.json"),
        ):
            found = sorted(self.folder.glob(pattern))
            if found:
                more = f"  (and {len(found) - 1} more)" if len(found) > 1 else ""
                yield f"  {name + ':':13} {found[0]}{more}"


def demonstrate(
    output: Path,
    *,
    recorded: bool,
    fresh: bool,
    now: Callable[[], datetime],
    listener: Listener,
) -> Shown:
    """Run the monthly job for the demo shop.

    Args:
        output: folder for everything that it makes.
        recorded: replay a real server's recorded answers in place of a server.
        fresh: forget what an earlier demo left there.
        now: asks the clock.
        listener: told how it goes on.

    Raises:
        SloReportsError: Prometheus cannot be had, or a step of the job failed.
    """
    output = output.resolve()
    if fresh:
        _forget(output)
    for name in ("archive", "mail"):
        (output / name).mkdir(parents=True, exist_ok=True)
    with demo_world(output, recorded=recorded, now=now, listener=listener) as (world, source):
        report = world.settings.reports[0]
        period = world.period(report, demo_shop().month.id)
        with world.open_ledger() as ledger, ledger.lock():
            receipt = run_report(report, period, world, ledger)
            for sentence in refresh_archives(world, ledger, [receipt]):
                listener.say(sentence)
            frozen = ledger.frozen_snapshot(receipt.run)
    worst = _difference_from_truth(frozen, output / "truth.json")
    return Shown(receipt, output, source, worst)


@contextmanager
def demo_world(
    output: Path, *, recorded: bool, now: Callable[[], datetime], listener: Listener
) -> Iterator[tuple[World, str]]:
    """The shop with servers of its own, which end with the block; and the source in words.

    Args:
        output: folder for everything that is made.
        recorded: replay a real server's recorded answers in place of a server.
        now: asks the clock.
        listener: told how it goes on.

    Raises:
        SloReportsError: Prometheus cannot be had.
    """
    with ExitStack() as servers:
        listener.say("preparing a month of the shop")
        source = _source(servers, output, recorded=recorded)
        mail = servers.enter_context(receiving_smtp(output / "mail"))
        settings, slos = load_everything(demo_config() / "slo_reports.yaml")
        settings = _here(settings, output, source.url, mail)
        yield World(settings, slos, now, listener, source.transport), source.name


@dataclass(frozen=True)
class _Source:
    name: str
    url: str | None
    transport: httpx.BaseTransport | None


def _source(servers: ExitStack, output: Path, *, recorded: bool) -> _Source:
    if recorded:
        shop = demo_shop()
        text = truth_document(shop, bring_to_life(shop).truth)
        (output / "truth.json").write_text(text, encoding="utf-8")
        replay = ReplayTransport(recording_file())
        return _Source("the recorded answers of a Prometheus", None, replay)
    tools = find_tools()
    data = prepare(demo_shop(), tools)
    shutil.copyfile(data.truth, output / "truth.json")
    log = output / "prometheus.log"
    url = servers.enter_context(running_prometheus(tools.prometheus, data.blocks, log=log))
    return _Source("a Prometheus on this machine", url, None)


def _forget(output: Path) -> None:
    """Remove what earlier demos made, and nothing else that may lie there."""
    for name in ("archive", "mail", "state"):
        shutil.rmtree(output / name, ignore_errors=True)


def _here(settings: Settings, output: Path, url: str | None, mail: tuple[str, int]) -> Settings:
    """The demo's settings with the addresses and folders of this run."""
    only_questions = {"raw_samples": False}  # a recording holds no samples
    source = settings.source.model_copy(update={"url": url} if url else only_questions)
    destinations: dict[str, Any] = {}
    for name, one in settings.destinations.items():
        if isinstance(one, MailDestination):
            server = one.server.model_copy(update={"host": mail[0], "port": mail[1]})
            destinations[name] = one.model_copy(update={"server": server})
        elif isinstance(one, ShareDestination):
            destinations[name] = _share(one, output)
    changed = {"source": source, "state": output / "state", "destinations": destinations}
    return settings.model_copy(update=changed)


def _share(share: ShareDestination, output: Path) -> ShareDestination:
    folder = output / "archive"
    return share.model_copy(update={"path": folder, "url": None, "link": folder.as_uri()})


def _difference_from_truth(frozen: bytes, truth: Path) -> float:
    """The largest difference in budget left between the frozen report and the truth [points].

    Raises:
        TruthMissed: an objective of the truth is not in the report.
    """
    snapshot = Snapshot.from_json(frozen)
    return worst_difference(build_report(snapshot), json.loads(truth.read_text(encoding="utf-8")))


def worst_difference(report: Report, truth: Any) -> float:
    """The largest difference in budget left between a report and the known truth [points].

    Args:
        report: the judged period.
        truth: what ``truth.json`` holds.

    Raises:
        TruthMissed: an objective of the truth is not in the report, or has a budget in only one.
    """
    left = {result.slo.id: result.budget.remaining for result in report.results}
    worst = 0.0
    for one in truth["objectives"]:
        told, known = left.get(one["slo"]), one["reported"]["budget_remaining"]
        if (told is None) != (known is None):
            msg = f"{one['slo']}: the report says {told}, the truth {known}"
            raise TruthMissed(msg)
        if told is not None:
            worst = max(worst, abs(told - known) * 100)
    return worst


class TruthMissed(SloReportsError):
    """The demo's report does not tell the known truth; a bug."""
