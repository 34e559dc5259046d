"""The metrics server: reached, its kind, its clock, its memory, and what it has of our metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from time import perf_counter

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.coverage import jobs_named
from slo_reports.collect.families import Need, covering_needs, families
from slo_reports.deliver.contract import Check
from slo_reports.doctoring.retention import examine_retention
from slo_reports.errors import QueryRejected, SourceError, SourceRefused
from slo_reports.job import World
from slo_reports.model import QueryIndicator, RatioQueryIndicator, Slo, ThresholdIndicator
from slo_reports.numbers import counted, listed
from slo_reports.promql import duration, selector

_PATIENCE = timedelta(seconds=10)
_UNSURE = timedelta(seconds=30)
_WRONG = timedelta(minutes=5)
_MOST_SELECTORS = 100
_SHOWN = 8
_VICTORIA = "VictoriaMetrics"


def examine(world: World) -> Iterator[Check]:
    """One question after the other; where the server cannot be asked at all, only the first."""
    settings = world.settings.source
    quick = settings.model_copy(update={"retries": 0, "timeout": min(settings.timeout, _PATIENCE)})
    with PrometheusClient(quick, transport=world.transport) as client:
        try:
            product = product_of(client, world.now())
        except SourceError as error:
            yield Check("answers", is_fine=False, seen=str(error), mend=_mend(error))
            return
        yield Check("answers", is_fine=True, seen=product)
        yield from _guarded("clock", _clock(client, world, product))
        yield from _guarded("a range of one day", _range(client, world))
        yield from _guarded("retention", examine_retention(client, world))
        yield from _guarded("targets", _jobs(client, world))
        yield from _guarded("series", _series(client, world))


def _guarded(what: str, checks: Iterator[Check]) -> Iterator[Check]:
    try:
        yield from checks
    except SourceError as error:
        yield Check(what, is_fine=False, seen=str(error), mend=_mend(error))


def _mend(error: SourceError) -> str:
    if isinstance(error, SourceRefused):
        return "mend source.basic_auth, source.bearer_token or source.headers"
    return "mend source.url, source.tls, or the server"


def product_of(client: PrometheusClient, now: datetime) -> str:
    """What the server is, as far as it can be told, with its version.

    Raises:
        SourceError: it does not answer, or not as a Prometheus does.
    """
    client.query("vector(1)", now)
    told = client.status("buildinfo")
    version = str(told.get("version") or "of unknown version")
    if told.get("application"):
        return f"{told['application']} {version}"
    try:
        client.query("now()", now)
    except QueryRejected:
        kind = "Thanos or its kin" if version.startswith("0.") else "Prometheus"
        return f"{kind} {version}"
    return f"{_VICTORIA} {version}" if told.get("goVersion") else _VICTORIA


def _clock(client: PrometheusClient, world: World, product: str) -> Iterator[Check]:
    before = world.now()
    theirs = client.server_time()
    ours = before + (world.now() - before) / 2
    header = _header_time(client)
    if product.startswith(_VICTORIA) and header is not None:
        theirs = header  # its time() may lag behind on purpose, until samples are visible
    ahead = theirs - ours
    if abs(ahead) <= _UNSURE:
        yield Check("clock", is_fine=True, seen="as ours")
        return
    seconds = round(abs(ahead).total_seconds())
    word = "ahead of" if ahead > timedelta(0) else "behind"
    seen = f"{seconds} s {word} ours"
    if header is not None and abs(header - theirs) > _UNSURE:
        seen += "; a proxy in front of it has yet another time"
    mend = "let both machines keep time (NTP): what is due is asked of both clocks"
    yield Check("clock", is_fine=False if abs(ahead) > _WRONG else None, seen=seen, mend=mend)


def _header_time(client: PrometheusClient) -> datetime | None:
    try:
        return parsedate_to_datetime(client.last_date)
    except ValueError:
        return None


def _range(client: PrometheusClient, world: World) -> Iterator[Check]:
    end, step = world.now(), client.settings.slice
    begun = perf_counter()
    client.query_range("count(up)", end - timedelta(days=1), end, step)
    took = perf_counter() - begun
    seen = f"{round(timedelta(days=1) / step) + 1} points in {took:.1f} s"
    yield Check("a range of one day", is_fine=True, seen=seen)


def _jobs(client: PrometheusClient, world: World) -> Iterator[Check]:
    named = jobs_named(_needs(world.slos))
    if not named:
        return
    scraped = {
        value
        for series in client.query("group by (job) (up)", world.now())
        for label, value in series.labels
        if label == "job"
    }
    absent = sorted(named - scraped)
    if not absent:
        yield Check("targets", is_fine=True, seen=f"{counted(len(named), 'job', 'jobs')} scraped")
        return
    seen = f"`up` knows no job {listed(absent[:_SHOWN])}{_more(absent)}"
    mend = "is the filter job=… written as in the server's targets? Pushed data have no `up`"
    yield Check("targets", is_fine=None, seen=seen, mend=mend)


def _series(client: PrometheusClient, world: World) -> Iterator[Check]:
    asked = _questions(world.slos, client.settings.slice)
    if not asked:
        return
    now = world.now()
    empty = {one: slos for one, slos in asked.items() if not client.query(f"count({one})", now)}
    if not empty:
        yield Check("series", is_fine=True, seen=f"all {len(asked)} that definitions ask for")
        return
    for one in list(empty)[:_SHOWN]:
        yield _absent(one, empty[one], client, now)
    if len(empty) > _SHOWN:
        seen = f"{len(empty) - _SHOWN} more are not there"
        yield Check("series", is_fine=False, seen=seen, mend="mend those above, then look again")


def _absent(question: str, slos: Sequence[str], client: PrometheusClient, now: datetime) -> Check:
    what = f"series of {listed(sorted(set(slos))[:3])}{_more(slos, 3)}"
    day = duration(timedelta(days=1))
    if "(" not in question and client.query(f"count(last_over_time({question}[{day}]))", now):
        return Check(what, is_fine=None, seen=f"{question}: none now, but some in the last day",
                     mend="is a target down?")  # fmt: skip
    seen = f"nothing matches {question}"
    return Check(what, is_fine=False, seen=seen, mend="mend metric or filters of the definition")


def _questions(slos: Sequence[Slo], step: timedelta) -> dict[str, list[str]]:
    """What to count, and for which SLOs; alike selectors go together where there are many."""
    found: dict[str, list[str]] = {}
    needs = _needs(slos)
    for need in needs:
        found.setdefault(selector(need.metric, need.matchers), []).append(need.slo)
    if len(found) > _MOST_SELECTORS:
        found = {one.selector: [two.slo for two in one.needs] for one in families(needs)}
    for slo in slos:
        for text in _expressions(slo):
            found.setdefault(f"({text.replace('$window', duration(step))})", []).append(slo.id)
    return found


def _needs(slos: Sequence[Slo]) -> list[Need]:
    return [need for slo in slos for need in covering_needs(slo)]


def _expressions(slo: Slo) -> tuple[str, ...]:
    match slo.indicator:
        case QueryIndicator(valid=valid):
            return (valid,)
        case ThresholdIndicator(query=query) | RatioQueryIndicator(query=query):
            return (query,)
        case _:
            return ()


def _more(found: Sequence[str], shown: int = _SHOWN) -> str:
    left = len(set(found)) - shown
    return f" and {left} more" if left > 0 else ""
