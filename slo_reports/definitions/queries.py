"""From other tools' PromQL to our indicators: counted exactly wherever the query's form allows it.

``sum(rate(selector[$window]))`` and ``sum(increase(selector[$window]))`` name a counter, which is
then counted sample by sample. Anything else is asked of the server as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from slo_reports.definitions.selectors import METRIC, NotASelector, Selector, parse_selector
from slo_reports.model import CountersIndicator, LatencyIndicator, Matcher, QueryIndicator

Part = Literal["good", "bad"]
WINDOW = "$window"
APPROXIMATE = (
    "the query asks for rates, so numbers of events are approximate (per second); "
    "their ratio is not"
)
_TEMPLATE = re.compile(r"\{\{-?\s*\.window\s*-?\}\}")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`', re.DOTALL)
_FIXED = re.compile(r"\[\s*[0-9]+(?:ms|[smhdwy])\s*\]")
_COUNTED = re.compile(
    r"sum\s*\(\s*(?:rate|increase)\s*\(\s*(?P<selector>.+?)\s*\[\s*\$window\s*\]\s*\)\s*\)",
    re.DOTALL,
)
_TERM = re.compile(
    rf"(?:rate|increase)\s*\(\s*{METRIC}\s*(?:\{{[^{{}}]*\}})?\s*\[\s*\$window\s*\]\s*\)"
)
_LINEAR = re.compile(r"(?:sum\b|or\b|on\b|vector\s*\(\s*0\s*\)|[\s()+-])*", re.IGNORECASE)
"""What may stand around rates so that increases give the same multiplied by the slice's length."""


@dataclass(frozen=True)
class Counted:
    """An indicator, and what is to be said about how it was made of the queries."""

    indicator: CountersIndicator | LatencyIndicator | QueryIndicator
    remark: str | None = None


def prepared(query: str) -> str:
    """A query without comment lines, with ``$window`` where Sloth has ``{{.window}}``."""
    lines = query.replace("\r\n", "\n").split("\n")
    if "`" not in query:
        lines = [one for one in lines if not one.lstrip().startswith("#")]
    return _TEMPLATE.sub(WINDOW, "\n".join(lines)).strip()


def has_window(query: str) -> bool:
    """Whether a prepared query says where the window goes."""
    return WINDOW in query


def over_slices(query: str) -> str | None:
    """A sum of rates over a fixed range, with the slice instead; None for anything else."""
    changed = _outside_strings(_FIXED, f"[{WINDOW}]", query)
    return changed if changed != query and _is_linear(changed) else None


def counter_of(query: str) -> Selector | None:
    """The counter that ``sum(rate(selector[$window]))`` counts; None for any other query.

    Raises:
        BadMatcher: it names one with a matcher that cannot be used.
    """
    found = _COUNTED.fullmatch(_unwrapped(query))
    try:
        return None if found is None else parse_selector(found["selector"])
    except NotASelector:
        return None


def bare_selector(query: str) -> Selector | None:
    """The selector that a query is, without any function around it; None for any other query.

    Raises:
        BadMatcher: it is one, with a matcher that cannot be used.
    """
    try:
        return None if re.match(r"\s*sum\s*\(", query) else parse_selector(query)
    except NotASelector:
        return None


def events(valid: str, part: str, kind: Part) -> Counted:
    """The indicator of two prepared queries that hold ``$window``.

    Args:
        valid: all events that count.
        part: the good or the bad ones of them.
        kind: which of the two.

    Raises:
        BadMatcher: a counter is named with a matcher that cannot be used.
    """
    all_events, some = counter_of(valid), counter_of(part)
    if all_events is not None and some is not None:
        return Counted(counters(all_events, some, kind))
    rest = sides(part, "-")
    if all_events is not None and rest is not None and counter_of(rest[0]) == all_events:
        other = counter_of(rest[1])
        if other is not None:
            return Counted(counters(all_events, other, "bad" if kind == "good" else "good"))
    if _is_linear(valid) and _is_linear(part):
        return written(_as_events(valid), _as_events(part), kind)
    return written(valid, part, kind)


def written(valid: str, part: str, kind: Part) -> Counted:
    """The indicator of two expressions as they are; no bad events where only their answer lacks."""
    good = part if kind == "good" else f"({valid}) - (({part}) or 0 * ({valid}))"
    rates = any(re.search(r"rate\s*\(", _masked(one)) for one in (valid, part))
    return Counted(QueryIndicator(good=good, valid=valid), APPROXIMATE if rates else None)


def quotient(query: str) -> CountersIndicator | LatencyIndicator | None:
    """The indicator of a good ratio that divides two counters; None for any other query.

    Raises:
        BadMatcher: a counter is named with a matcher that cannot be used.
    """
    parts = sides(query, "/")
    good, valid = (None, None) if parts is None else map(counter_of, parts)
    return None if good is None or valid is None else counters(valid, good, "good")


def counters(valid: Selector, part: Selector, kind: Part) -> CountersIndicator | LatencyIndicator:
    """The indicator of two counters; a histogram's bucket among its own count is a latency."""
    if kind == "bad":
        return CountersIndicator(
            valid.metric, valid.matchers, bad_metric=part.metric, bad=part.matchers
        )
    latency = _latency(valid, part)
    if latency is not None:
        return latency
    return CountersIndicator(
        valid.metric, valid.matchers, good_metric=part.metric, good=part.matchers
    )


def boundary(matchers: tuple[Matcher, ...]) -> Decimal | None:
    """The histogram boundary that ``le="..."`` names; None without a number there."""
    found = [one for one in matchers if one.label == "le"]
    if len(found) != 1 or found[0].op != "=":
        return None
    try:
        value = Decimal(found[0].value)
    except InvalidOperation:
        return None
    return None if value.is_nan() else value


def _latency(valid: Selector, bucket: Selector) -> LatencyIndicator | None:
    threshold = boundary(bucket.matchers)
    if not bucket.metric.endswith("_bucket") or threshold is None:
        return None
    if not 0 < threshold < 10**6 or len(threshold.as_tuple().digits) > 15:
        return None
    name = bucket.metric.removesuffix("_bucket")
    filters = tuple(one for one in bucket.matchers if one.label != "le")
    others = tuple(one for one in valid.matchers if one.label != "le")
    whole = (valid.metric == f"{name}_count" and others == valid.matchers) or (
        valid.metric == bucket.metric and boundary(valid.matchers) == Decimal("Infinity")
    )
    if not whole or set(filters) != set(others):
        return None
    return LatencyIndicator(name, filters, threshold)


def _as_events(query: str) -> str:
    """A sum of rates as the sum of increases; of two queries both are, or none."""
    return _outside_strings(re.compile(r"\brate(?=\s*\()"), "increase", query)


def _is_linear(query: str) -> bool:
    rest = _TERM.sub(" ", _masked(query, short=True))
    return _LINEAR.fullmatch(rest) is not None


def sides(query: str, operator: str) -> tuple[str, str] | None:
    """The two sides of ``a - b`` (or another operator), where that is all that a query is."""
    text = _unwrapped(query)
    depth, found = 0, []
    for index, character in enumerate(_masked(text)):
        depth += (character in "([{") - (character in ")]}")
        if character in "-+*/^%" and depth == 0:
            found.append(index)
    if len(found) != 1 or text[found[0]] != operator:
        return None
    left, right = text[: found[0]].strip(), text[found[0] + 1 :].strip()
    return (left, right) if left and right else None


def _unwrapped(query: str) -> str:
    """A query without brackets around the whole of it."""
    text = query.strip()
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    depth = 0
    for index, character in enumerate(_masked(text)):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return index
    return -1


def _masked(query: str, *, short: bool = False) -> str:
    """A query with its strings blanked; of the same length, unless a short form will do."""
    return _STRING.sub(lambda one: '""' if short else "_" * len(one[0]), query)


def _outside_strings(form: re.Pattern[str], text: str, query: str) -> str:
    parts, end = [], 0
    for one in _STRING.finditer(query):
        parts += [form.sub(text.replace("\\", r"\\"), query[end : one.start()]), one[0]]
        end = one.end()
    return "".join([*parts, form.sub(text, query[end:])])
