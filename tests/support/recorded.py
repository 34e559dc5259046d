"""What a Prometheus would have recorded, had it evaluated our rules: beside the samples of a past.

promtool makes such blocks, too, but asks for two hours at a time; here each rule is one query.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import numpy as np

from slo_reports.demo.backfill import backfill
from slo_reports.demo.places import Tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.samples import Series
from slo_reports.generate import names
from slo_reports.generate.rules import RecordingRule

BASE = {names.VALID, names.GOOD, names.SLICE, names.SLICE_GOOD}
STEP = timedelta(minutes=5)
REFERENCE = re.compile(r'(slo:[\w:]+)\{slo="([^"]+)"')


@dataclass(frozen=True)
class Past:
    """How far back rules were evaluated.

    Attributes:
        end: up to when.
        base: for how long what windows of days are made of.
        rest: for how long all others.
    """

    end: datetime
    base: timedelta
    rest: timedelta


def record(rules: Iterable[RecordingRule], blocks: Path, target: Path, tools: Tools, past: Past):
    """Put blocks and what rules make of them into a folder.

    Args:
        rules: in any order; each is evaluated after those that it asks for.
        blocks: the samples.
        target: a folder that is not there yet.
        tools: Prometheus and promtool.
        past: how far back.
    """
    shutil.copytree(blocks, target)
    for layer in layers(list(rules)):
        with running_prometheus(tools.prometheus, target) as url:
            found = tuple(
                series
                for rule in layer
                for series in evaluated(
                    rule, url, past.end, past.base if rule.record in BASE else past.rest
                )
            )
        backfill(found, tools.promtool, target)


def layers(rules):
    """The rules, so that each asks only for what layers before it record."""
    left, known = rules, set()
    there = {key(one) for one in rules}
    while left:
        ready = [one for one in left if set(REFERENCE.findall(one.expr)) & there <= known]
        assert ready, [one.expr for one in left]
        yield ready
        known |= {key(one) for one in ready} - {key(one) for one in left if one not in ready}
        left = [one for one in left if one not in ready]


def key(rule):
    """What another rule asks for it by."""
    return rule.record, dict(rule.labels)["slo"]


def evaluated(rule, url, end, length) -> Iterator[Series]:
    """The samples of a rule over the past."""
    params = {
        "query": rule.expr,
        "start": (end - length).timestamp(),
        "end": end.timestamp(),
        "step": STEP.total_seconds(),
    }
    answer = httpx.post(f"{url}/api/v1/query_range", data=params, trust_env=False, timeout=120)
    said = answer.json()
    assert said["status"] == "success", (rule, said)
    for one in said["data"]["result"]:
        labels = {name: text for name, text in one["metric"].items() if name != "__name__"}
        times, values = zip(*one["values"], strict=True)
        yield Series(
            rule.record,
            tuple(sorted({**labels, **dict(rule.labels)}.items())),
            np.array(times).astype(np.int64),
            np.array(values, dtype=float),
        )
