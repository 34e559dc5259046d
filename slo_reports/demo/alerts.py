"""The alerts that the shop's people got: multi-window burn-rate rules over what really happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.demo.samples import Series
from slo_reports.demo.scenery import SCRAPE, Promise, Service, Shop
from slo_reports.demo.traffic import Counts, Events, Seconds, seconds
from slo_reports.demo.truth import bad_and_valid

_STEP = int(SCRAPE.total_seconds())


@dataclass(frozen=True)
class Rule:
    """One burn-rate alert: both windows must burn faster than the threshold, for a while."""

    name: str
    severity: str
    long: timedelta
    short: timedelta
    threshold: float
    wait: timedelta


RULES = (
    Rule(
        "ErrorBudgetBurnFast",
        "page",
        timedelta(hours=1),
        timedelta(minutes=5),
        14.4,
        timedelta(minutes=2),
    ),
    Rule(
        "ErrorBudgetBurnSteady",
        "page",
        timedelta(hours=6),
        timedelta(minutes=30),
        6.0,
        timedelta(minutes=15),
    ),
    Rule(
        "ErrorBudgetBurnSlow",
        "ticket",
        timedelta(days=1),
        timedelta(hours=2),
        3.0,
        timedelta(hours=1),
    ),
)


def alert_series(shop: Shop, service: Service, processes: tuple[Events, ...]) -> tuple[Series, ...]:
    """``ALERTS`` of a service, one sample for each minute of the month that an alert fired."""
    minutes = np.arange(
        seconds(shop.dense_from), seconds(shop.month.end) + 1, _STEP, dtype=np.int64
    )
    found = []
    rules = [rule for rule in RULES if service.paged or rule.severity != "page"]
    for promise in service.promises:
        bad, valid = _running(promise, processes, minutes)
        for rule in rules:
            times = minutes[_firing(rule, promise, bad, valid)]
            times = times[times >= seconds(shop.month.start)]
            if len(times):
                labels = _labels(rule, service, shop.slo_id(promise))
                found.append(Series("ALERTS", labels, times, np.ones(len(times))))
    return tuple(found)


def _labels(rule: Rule, service: Service, slo: str) -> tuple[tuple[str, str], ...]:
    return (
        ("alertname", rule.name),
        ("alertstate", "firing"),
        ("severity", rule.severity),
        ("service", service.name),
        ("slo", slo),
    )


def _running(
    promise: Promise, processes: tuple[Events, ...], minutes: Seconds
) -> tuple[Counts, Counts]:
    """Bad and valid events of all processes from the first minute up to each."""
    bad, valid = np.zeros_like(minutes), np.zeros_like(minutes)
    for events in processes:
        at = np.searchsorted(events.edges, minutes)
        some_bad, some_valid = bad_and_valid(promise, events)
        bad += np.concatenate([[0], np.cumsum(some_bad)])[at]
        valid += np.concatenate([[0], np.cumsum(some_valid)])[at]
    return bad, valid


def _firing(rule: Rule, promise: Promise, bad: Counts, valid: Counts) -> NDArray[np.bool_]:
    limit = rule.threshold * (1 - float(promise.target) / 100)
    burning = _over(limit, bad, valid, rule.long) & _over(limit, bad, valid, rule.short)
    held = np.concatenate([[0], np.cumsum(burning)])
    wait = 1 + int(rule.wait / SCRAPE)
    firing = np.zeros_like(burning)
    firing[wait - 1 :] = held[wait:] - held[:-wait] == wait
    return firing


def _over(limit: float, bad: Counts, valid: Counts, window: timedelta) -> NDArray[np.bool_]:
    """Whether the share of bad events over a trailing window exceeds the limit, minute by minute.

    Near the beginning of the data the window holds what there is.
    """
    begin = np.maximum(np.arange(len(bad)) - int(window / SCRAPE), 0)
    return np.asarray(bad - bad[begin] > limit * (valid - valid[begin]))
