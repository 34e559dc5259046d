"""Reports to render, and one warm typesetter for all PDFs of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from support.estate import a_portfolio, an_estate
from support.snapshots import (
    COMMERCE,
    INCIDENTS,
    OCTOBER,
    ODD,
    Service,
    a_second_revision,
    a_snapshot,
)

from slo_reports.compute import build_report
from slo_reports.model import (
    Exclusion,
    GaugeIndicator,
    JourneyIndicator,
    JourneyStep,
    Measurement,
    Method,
    Notice,
    Report,
    Subject,
)
from slo_reports.periods import to_date, week
from slo_reports.render.pdf import Typesetter
from slo_reports.typesetting.worker import PdfResult

HOSTILE = (
    "<script>alert(1)</script>",
    "\" onload='x' {{ 7*7 }} & </td>",
    "user\u202egnp.exe\u2066\u200b",
    "line\r\nBcc: all@example.com\x00\x1b[31m",
    "Emoji 🛒 and 日本語",
    "x" * 5000,
)


@pytest.fixture(scope="session")
def report() -> Report:
    return build_report(a_snapshot())


@pytest.fixture(scope="session")
def odd_report() -> Report:
    return build_report(a_snapshot(ODD))


@pytest.fixture(scope="session")
def methods_report() -> Report:
    """Objectives by other methods, and exclusions whose words want to be markup."""
    snapshot = a_snapshot()
    first, second, third, *rest = snapshot.subjects
    hour = timedelta(hours=1)
    start = OCTOBER.start + timedelta(days=2)
    return build_report(
        replace(
            snapshot,
            subjects=(
                replace(first, slo=replace(first.slo, method=Method.TIMESLICES, slice_window=hour)),
                replace(second, slo=replace(second.slo, method=Method.RATIO_TIMESLICES)),
                replace(
                    third,
                    slo=replace(third.slo, indicator=GaugeIndicator("queue", (), "<=", Decimal(5))),
                ),
                *rest,
            ),
            exclusions=tuple(
                Exclusion(start + n * hour, start + (n + 1) * hour, words, words, words)
                for n, words in enumerate(HOSTILE)
            ),
        )
    )


@pytest.fixture(scope="session")
def journeys_report() -> Report:
    """A journey that was missed, one that was not measured, and labels; words want to be markup."""
    snapshot = a_snapshot()
    checkout, _, payments, _, search, *_ = snapshot.subjects
    labelled = tuple(
        replace(one, slo=replace(one.slo, labels=(("area", HOSTILE[number % 6]),)))
        for number, one in enumerate(snapshot.subjects)
    )
    steps = (
        JourneyStep(search.slo.id, critical=True),
        JourneyStep(checkout.slo.id, critical=True),
        JourneyStep(payments.slo.id, critical=False),
    )
    buy = replace(
        checkout.slo,
        id="commerce/buy",
        name="buy",
        service="Shop",
        title="User journey: Buy something",
        impact=f"Nobody can buy. {HOSTILE[0]}",
        indicator=JourneyIndicator(steps),
    )
    blind = replace(
        buy,
        id="commerce/leave",
        title="User journey: Leave",
        indicator=JourneyIndicator((JourneyStep("commerce/door", critical=True), *steps)),
    )
    journeys = tuple(Subject(one, Measurement(None)) for one in (buy, blind))
    return build_report(replace(snapshot, subjects=(*labelled, *journeys)))


@pytest.fixture(scope="session")
def restated_report() -> Report:
    """A second revision whose words want to be markup, and what it tells of its delivery."""
    snapshot = a_second_revision()
    assert snapshot.restatement is not None
    words = "".join(HOSTILE[:4])
    return build_report(
        replace(
            snapshot,
            restatement=replace(snapshot.restatement, reason=words, author=HOSTILE[0]),
            notices=tuple(
                Notice("undelivered", words, datetime(2026, 10, 1, 4, tzinfo=UTC))
                for words in HOSTILE
            ),
        )
    )


@pytest.fixture(scope="session")
def portfolio_report() -> Report:
    """Sixty services, some of whose names and teams want to be markup or are very long."""
    estate = an_estate(60)
    services = [
        replace(one, name=f"{HOSTILE[n % 6][:190]} {n}", owner=HOSTILE[n // 2 % 6][:200])
        if n < 12
        else one
        for n, one in enumerate(estate.services)
    ]
    return build_report(a_portfolio(estate=replace(estate, services=tuple(services))))


@pytest.fixture(scope="session")
def running_report() -> Report:
    return build_report(a_snapshot(period=to_date(OCTOBER, datetime(2026, 10, 22, 9, tzinfo=UTC))))


@pytest.fixture(scope="session")
def weekly_report() -> Report:
    return build_report(
        a_snapshot(period=week(2026, 43, "Europe/Berlin"), incidents=INCIDENTS[2:3])
    )


@pytest.fixture(scope="session")
def hostile_report() -> Report:
    services = [
        replace(
            service,
            name=f"{name} {service.name}",
            owner=name,
            promises=tuple(replace(one, title=f"{name} {one.title}") for one in service.promises),
        )
        for service, name in zip(COMMERCE, HOSTILE, strict=True)
    ]
    incidents = [
        replace(one, title=name, id=f"{one.id}", service=services[0].name, severity=name)
        for one, name in zip(INCIDENTS, HOSTILE, strict=False)
    ]
    return build_report(a_snapshot(services, incidents=incidents, title="".join(HOSTILE)))


@pytest.fixture(scope="session")
def crowded_report() -> Report:
    """Eighteen services, thirty objectives, of every outcome."""
    twins = [replace(service, name=f"{service.name} 2") for service in COMMERCE]
    return build_report(a_snapshot([*COMMERCE, *twins, *ODD]))


@pytest.fixture(scope="session")
def large_report() -> Report:
    """Two hundred objectives."""
    services = [
        replace(service, name=f"{service.name} {number}")
        for number in range(17)
        for service in COMMERCE
    ]
    small = [_smaller(service) for service in services]
    return build_report(a_snapshot(small, incidents=()))


def _smaller(service: Service) -> Service:
    return replace(service, promises=tuple(replace(one, past=()) for one in service.promises))


@pytest.fixture(scope="session")
def typesetter() -> Iterator[Typesetter]:
    with Typesetter(time_limit=timedelta(minutes=2)) as warm:
        yield warm


@pytest.fixture(scope="session")
def pdf(report: Report, typesetter: Typesetter) -> PdfResult:
    return typesetter.typeset(report)
