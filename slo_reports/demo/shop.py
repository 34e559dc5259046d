"""The demo's shop: a dozen services, and the stories of their year.

The reported month is October 2026 in Berlin. Its stories: an outage of checkout on the afternoon
of the 19th, a deploy of orders gone wrong on the 13th, a slow night of search on the 7th, a
payment provider that timed out on the 6th, recommendations that began on the 16th and are slower
than promised, a scrape gap of catalogue on the 8th, a lost scrape job of newsletter over the last
weekend but one, restarted processes, a shop window (b2b-export) that nobody came to.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from slo_reports.demo.scenery import Gap, Instance, Promise, Service, Shop, Trouble
from slo_reports.periods import Period, local_date, month, previous

ZONE = "Europe/Berlin"
REPORT = "commerce"
MONTHS_BEFORE = 11


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(ZoneInfo("UTC"))


def _trouble(
    start: str,
    minutes: int,
    errors: dict[str, float] | None = None,
    within: dict[str, float] | None = None,
) -> Trouble:
    begin = _at(start)
    end = begin + timedelta(minutes=minutes)
    return Trouble(begin, end, tuple((errors or {}).items()), tuple((within or {}).items()))


def _availability(service: str, target: str) -> Promise:
    return Promise(f"{service}-availability", Decimal(target))


def _latency(service: str, target: str, boundary: str, words: str) -> Promise:
    return Promise(f"{service}-latency-{words}", Decimal(target), boundary)


CHECKOUT = Service(
    "checkout",
    (
        _availability("checkout", "99.9"),
        _latency("checkout", "97", "0.5", "500ms"),
        _latency("checkout", "99.5", "1", "1s"),
    ),
    rate=9.8,
    errors=(("404", 0.004), ("500", 0.00012), ("503", 0.00008)),
    within=(("0.5", 0.985), ("1", 0.9975)),
    instances=(
        Instance("checkout-6c9f-b2x7k:8080", 0.5),
        Instance("checkout-6c9f-w8q4d:8080", 0.5, restarts=(_at("2026-10-19 15:03"),)),
    ),
    troubles=(
        _trouble("2025-11-28 18:00", 90, {"503": 0.35}, {"0.5": 0.3, "1": 0.45}),
        _trouble("2025-12-20 15:00", 60, {"503": 0.16}),
        _trouble("2026-03-17 10:00", 60, {"500": 0.22}, {"0.5": 0.6, "1": 0.8}),
        _trouble("2026-06-09 19:00", 120, {"503": 0.35}, {"0.5": 0.4, "1": 0.6}),
        _trouble("2026-09-03 20:00", 30, {"500": 0.28}),
        _trouble("2026-10-06 09:40", 18, {"503": 0.12}),
        _trouble("2026-10-19 14:05", 63, {"503": 0.47}, {"0.5": 0.35, "1": 0.55}),
    ),
    night=0.15,
)

PAYMENTS = Service(
    "payments",
    (_availability("payments", "99.95"), _latency("payments", "99", "1", "1s")),
    rate=3.1,
    errors=(("500", 0.00013), ("503", 0.00008)),
    within=(("0.5", 0.961), ("1", 0.9952)),
    instances=(Instance("payments-58d4-k7m2p:8080", restarts=(_at("2026-10-21 04:12"),)),),
    troubles=(
        _trouble("2025-11-28 18:00", 60, {"503": 0.20}),
        _trouble("2026-02-12 09:00", 30, {"503": 0.25}),
        _trouble("2026-07-08 11:00", 90, {"503": 0.45}, {"0.5": 0.3, "1": 0.4}),
        _trouble("2026-10-06 09:40", 18, {"503": 0.52}, {"0.5": 0.45, "1": 0.6}),
        _trouble("2026-10-19 14:05", 63, {"503": 0.02}),
    ),
    night=0.15,
)

ORDERS = Service(
    "orders",
    (_availability("orders", "99.9"),),
    rate=4.4,
    errors=(("500", 0.00021),),
    instances=(
        Instance("orders-8140-d5k2m:8080", 0.5, gone=_at("2026-10-13 21:09")),
        Instance("orders-8140-z9f6t:8080", 0.5, gone=_at("2026-10-13 21:10")),
        Instance("orders-8142-c4h8w:8080", 0.5, born=_at("2026-10-13 21:09")),
        Instance("orders-8142-n3v7r:8080", 0.5, born=_at("2026-10-13 21:10")),
    ),
    troubles=(
        _trouble("2026-01-14 13:00", 60, {"500": 0.30}),
        _trouble("2026-04-22 16:00", 90, {"500": 0.48}),
        _trouble("2026-08-19 12:00", 30, {"500": 0.20}),
        _trouble("2026-10-13 21:10", 47, {"500": 0.30}),
        _trouble("2026-10-19 14:05", 9, {"500": 0.08}),
    ),
    lazy=("500",),
)

SEARCH = Service(
    "search",
    (
        _availability("search", "99.9"),
        _latency("search", "99", "0.25", "250ms"),
        _latency("search", "99.8", "1", "1s"),
    ),
    rate=12.5,
    errors=(("500", 0.00034),),
    within=(("0.25", 0.9966), ("0.5", 0.9985), ("1", 0.9993)),
    instances=(Instance("search-77b1-q6t9s:8080"),),
    troubles=(
        _trouble("2026-01-19 08:00", 5760, {}, {"0.25": 0.93, "0.5": 0.975, "1": 0.992}),
        _trouble("2026-05-06 21:00", 240, {"500": 0.04}, {"0.25": 0.7, "0.5": 0.85, "1": 0.97}),
        _trouble("2026-10-07 22:00", 480, {}, {"0.25": 0.30, "0.5": 0.62, "1": 0.93}),
    ),
)

CATALOGUE = Service(
    "catalogue",
    (_availability("catalogue", "99.9"), _latency("catalogue", "99", "0.1", "100ms")),
    rate=16.0,
    errors=(("404", 0.012), ("500", 0.00021)),
    within=(("0.1", 0.9947), ("0.25", 0.9981)),
    instances=(Instance("catalogue-4f7d-h2j5l:8080", restarts=(_at("2026-03-04 03:10"),)),),
    troubles=(
        _trouble("2026-03-25 17:00", 120, {"500": 0.40}, {"0.1": 0.5, "0.25": 0.7}),
        _trouble("2026-08-05 10:00", 600, {}, {"0.1": 0.9, "0.25": 0.95}),
    ),
    gaps=(Gap(_at("2026-10-08 11:20"), _at("2026-10-08 14:30")),),
)

ACCOUNTS = Service(
    "accounts",
    (_availability("accounts", "99.95"),),
    rate=5.2,
    errors=(("401", 0.021), ("500", 0.00013), ("503", 0.0)),
    instances=(Instance("accounts-91ce-x3w8f:8080"),),
    troubles=(
        _trouble("2026-02-25 08:00", 30, {"500": 0.12}),
        _trouble("2026-05-20 09:00", 60, {"500": 0.50}),
        _trouble("2026-10-27 03:20", 11, {"503": 0.34}),
    ),
    lazy=("503",),
)

RECOMMENDATIONS = Service(
    "recommendations",
    (
        _availability("recommendations", "99.5"),
        _latency("recommendations", "95", "0.5", "500ms"),
    ),
    rate=6.0,
    errors=(("500", 0.0015),),
    within=(("0.25", 0.71), ("0.5", 0.9415)),
    instances=(
        Instance(
            "recommendations-1a0b-r5n9c:8080",
            born=_at("2026-10-16 10:00"),
            restarts=(_at("2026-10-16 10:37"), _at("2026-10-22 02:30")),
        ),
    ),
    troubles=(_trouble("2026-10-16 10:20", 17, {"500": 0.06}),),
    lazy=("500",),
)

REVIEWS = Service(
    "reviews",
    (_availability("reviews", "99.5"),),
    rate=2.2,
    errors=(("404", 0.03), ("500", 0.0021)),
    instances=(
        Instance(
            "reviews-3d2e-t1g4v:8080", restarts=(_at("2026-06-17 04:10"), _at("2026-10-09 14:23"))
        ),
    ),
    troubles=(_trouble("2025-12-02 12:00", 300, {"500": 0.30}),),
)

GIFT_CARDS = Service(
    "gift-cards",
    (_availability("gift-cards", "97"),),
    rate=3.0 / 3600,
    errors=(("500", 0.006),),
    instances=(Instance("gift-cards-0b6a-p8s1y:8080", born=_at("2026-03-02 09:00")),),
    night=0.0,
    paged=False,
    lazy=("500",),
)

STOCK_SYNC = Service(
    "stock-sync",
    (Promise("stock-sync-success", Decimal(99)),),
    rate=1.0 / 900,
    errors=(("failure", 0.0064),),
    instances=(Instance("stock-sync-0:9090"),),
    troubles=(
        _trouble("2025-12-16 22:00", 180, {"failure": 0.5}),
        _trouble("2026-05-29 20:00", 720, {"failure": 0.9}),
        _trouble("2026-08-24 01:00", 240, {"failure": 0.8}),
        _trouble("2026-10-11 02:00", 150, {"failure": 0.9}),
    ),
    kind="batch",
    paged=False,
)

B2B_EXPORT = Service(
    "b2b-export",
    (_availability("b2b-export", "99"),),
    rate=0.0,
    errors=(("500", 0.0),),
    instances=(Instance("b2b-export-5e8c-m6b3z:8080"),),
)

NEWSLETTER = Service(
    "newsletter",
    (_availability("newsletter", "99"),),
    rate=0.8,
    errors=(("500", 0.0038),),
    instances=(Instance("newsletter-2f9d-j4c7q:8080", born=_at("2026-02-03 08:00")),),
    troubles=(_trouble("2026-07-21 07:00", 360, {"500": 0.75}),),
    gaps=(Gap(_at("2026-10-23 17:40"), _at("2026-10-26 09:05")),),
)

SERVICES = (
    CHECKOUT,
    PAYMENTS,
    ORDERS,
    SEARCH,
    CATALOGUE,
    ACCOUNTS,
    RECOMMENDATIONS,
    REVIEWS,
    GIFT_CARDS,
    STOCK_SYNC,
    B2B_EXPORT,
    NEWSLETTER,
)


def demo_shop() -> Shop:
    """The shop whose October 2026 the demo reports, with the eleven months before it."""
    reported = month(2026, 10, ZONE)
    history = _months_before(reported, MONTHS_BEFORE)
    return Shop(
        services=SERVICES,
        month=reported,
        data_from=history[0].start - timedelta(days=1),
        dense_from=reported.start - timedelta(days=1),
        data_until=reported.end + timedelta(minutes=5),
        history=history,
    )


def small_shop(names: Collection[str], period: Period) -> Shop:
    """A few services of the shop over a short span, without history: for tests.

    Args:
        names: which services; instances that were not alive in the period have no samples.
        period: the reported span; samples begin two hours before it.
    """
    chosen = tuple(service for service in SERVICES if service.name in names)
    before = period.start - timedelta(hours=2)
    return Shop(
        services=chosen,
        month=period,
        data_from=before,
        dense_from=before,
        data_until=period.end + timedelta(minutes=5),
    )


def _months_before(period: Period, count: int) -> tuple[Period, ...]:
    months = [previous(period)]
    while len(months) < count:
        months.insert(0, previous(months[0]))
    return tuple(months)


def due_at(shop: Shop) -> datetime:
    """When the demo's report falls due: six in the morning after the month, in its zone."""
    day = local_date(shop.month.end, shop.month.zone)
    return datetime(day.year, day.month, day.day, 6, tzinfo=ZoneInfo(shop.month.zone))
