"""The values that a definition is made of: how each is written, checked and read.

Percent is what people write here, and it cannot be taken for a ratio: a share of 1 or less is
refused, so ``0.999`` never becomes a target of 0.999 %.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag, WithJsonSchema

from slo_reports.definitions.selectors import (
    LABEL,
    METRIC,
    OPERATORS,
    NotASelector,
    Selector,
    check_matcher,
    parse_selector,
)
from slo_reports.model import Matcher
from slo_reports.settings.problems import nearest
from slo_reports.settings.values import parse_duration, parse_seconds

WINDOWS = {
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "quarter": timedelta(days=91),
    "year": timedelta(days=365),
}
"""Nominal lengths of the calendar's windows, to choose among several objectives."""

_NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


def _name(value: str) -> str:
    if not re.fullmatch(_NAME, value):
        msg = f"{value!r} must be small letters, digits and hyphens, such as checkout-availability"
        raise ValueError(msg)
    return value


Name = Annotated[
    str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})
]


def _one_line(value: str) -> str:
    if not value.strip() or re.search(r"[\x00-\x1f\x7f\u2028\u2029]", value):
        msg = "one line of text is expected"
        raise ValueError(msg)
    return value.strip()


Line = Annotated[
    str,
    AfterValidator(_one_line),
    WithJsonSchema({"type": "string", "pattern": r"^[^\r\n]*[^\s][^\r\n]*$"}),
]


def _metric(value: str) -> str:
    if not re.fullmatch(METRIC, value):
        msg = f"{value!r} is no metric name; write one such as http_requests_total, without braces"
        raise ValueError(msg)
    return value


MetricName = Annotated[
    str, AfterValidator(_metric), WithJsonSchema({"type": "string", "pattern": f"^{METRIC}$"})
]


def _histogram(value: str) -> str:
    if value.endswith("_bucket"):
        msg = f"name the histogram without its suffix: {value.removesuffix('_bucket')}"
        raise ValueError(msg)
    return value


HistogramName = Annotated[MetricName, AfterValidator(_histogram)]


def _label(value: str) -> str:
    if value == "__name__":
        msg = "__name__ cannot be filtered: the metric's name has a key of its own"
        raise ValueError(msg)
    if not re.fullmatch(LABEL, value):
        msg = "this is no label name; those are letters, digits and underscores"
        raise ValueError(msg)
    return value


_LABEL_KEY = r"[A-Za-z]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?"


def _label_key(value: str) -> str:
    if not re.fullmatch(_LABEL_KEY, value):
        msg = "this is no label; those are letters, digits and hyphens, such as business-area"
        raise ValueError(msg)
    return value


Labels = Annotated[
    dict[Annotated[str, AfterValidator(_label_key)], Line],
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"pattern": f"^{_LABEL_KEY}$"},
            "additionalProperties": {"type": "string", "pattern": r"^[^\r\n]*[^\s][^\r\n]*$"},
        }
    ),
]
"""What objectives are grouped by, such as ``area: buying``."""


_RULE_NAME = r"[A-Za-z_][A-Za-z0-9_]*"


def _rule_name(value: str) -> str:
    if not re.fullmatch(_RULE_NAME, value) or value.startswith("__"):
        msg = "this is no name for Prometheus; those are letters, digits and _, no digit first"
        raise ValueError(msg)
    return value


AlertName = Annotated[
    str,
    AfterValidator(_rule_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_RULE_NAME}$"}),
]
"""What an alert is called, such as ``CheckoutBurnsItsBudget``."""

RuleLabels = Annotated[
    dict[AlertName, str],
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"pattern": f"^{_RULE_NAME}$"},
            "additionalProperties": {"type": "string"},
        }
    ),
]
"""Labels or annotations of a rule."""


def matcher(label: str, text: str) -> Matcher:
    """The matcher that ``label: text`` means; an operator may stand in front of the value."""
    found = re.match(r"=~|!~|!=|=", text)
    operator = found[0] if found is not None else ""
    return Matcher(label, OPERATORS[operator or "="], text.removeprefix(operator))


def _filter(text: str) -> str:
    check_matcher(matcher("", text))
    return text


Filters = Annotated[
    dict[Annotated[str, AfterValidator(_label)], Annotated[str, AfterValidator(_filter)]],
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"pattern": f"^{LABEL}$", "not": {"const": "__name__"}},
            "additionalProperties": {"type": "string"},
        }
    ),
]


def _query(text: str) -> str:
    try:
        parse_selector(text)
    except NotASelector as error:
        if "$window" not in text:
            msg = (
                'this is neither a counter selector, such as requests_total{code!~"5.."}, nor '
                "PromQL with $window, such as sum(increase(requests_total[$window])); "
                f"as a selector: {error}"
            )
            raise ValueError(msg) from error
    return text.strip()


Query = Annotated[str, AfterValidator(_query), WithJsonSchema({"type": "string"})]


def _promql(text: str) -> str:
    if not text.strip():
        msg = "a PromQL expression is expected"
        raise ValueError(msg)
    return text.strip()


Promql = Annotated[
    str, AfterValidator(_promql), WithJsonSchema({"type": "string", "pattern": r"\S"})
]
"""An expression whose value is taken as it is."""


def selector(text: str) -> Selector | None:
    """The counter selector that a query is, or None for PromQL with ``$window``."""
    try:
        return parse_selector(text)
    except NotASelector:
        return None


def _good_form(value: Any) -> str:
    return "filters" if isinstance(value, dict) else "query"


Good = Annotated[
    Annotated[Query, Tag("query")] | Annotated[Filters, Tag("filters")],
    Discriminator(_good_form),
]


def _percent(value: Any, what: str) -> Decimal:
    if isinstance(value, str) and re.fullmatch(r"[0-9.]+ ?%?", value):
        bare = value.rstrip("% ")
        msg = f"{what} is in percent already, as a number: write {bare}, without quotes or sign"
        raise ValueError(msg)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        msg = f"{what} must be a number in percent, such as 99.9"
        raise ValueError(msg)  # noqa: TRY004 -- pydantic turns only ValueError into a problem
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if 0 < number <= 1:
        msg = f"{what} is in percent: {value} reads as a ratio; write {_shifted(number, 2):f}"
        raise ValueError(msg)
    if not 0 <= number <= 100 or len(number.as_tuple().digits) > 15:
        msg = f"{what} must be a percentage from over 1 to 100, not {value}"
        raise ValueError(msg)
    return number


def _shifted(number: Decimal, places: int) -> Decimal:
    """``number`` × 10^places, with all its digits whatever the context's precision."""
    sign, digits, exponent = number.as_tuple()
    return Decimal((sign, digits, int(exponent) + places))


def ratio(percent: Decimal) -> Decimal:
    """A percentage as a ratio, exactly."""
    return _shifted(percent, -2)


def _target(value: Any) -> Decimal:
    number = _percent(value, "target")
    if number == 0:
        msg = "target must be more than 0"
        raise ValueError(msg)
    return number


Target = Annotated[
    Decimal,
    BeforeValidator(_target),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 1, "maximum": 100, "examples": [99.9]}),
]


def _day(value: Any) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        msg = f"{value!r} is no day; write one such as 2026-02-01"
        raise ValueError(msg) from None


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-02-01"]}),
]
Coverage = Annotated[
    Decimal,
    BeforeValidator(lambda value: _percent(value, "minimum_coverage")),
    WithJsonSchema(
        {
            "type": "number",
            "minimum": 0,
            "maximum": 100,
            "not": {"exclusiveMinimum": 0, "maximum": 1},
        }
    ),
]


def _slice_target(value: Any) -> Decimal:
    number = _percent(value, "slice_target")
    if number == 0:
        msg = "slice_target must be more than 0, or every slice would be good"
        raise ValueError(msg)
    return number


SliceTarget = Annotated[
    Decimal,
    BeforeValidator(_slice_target),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 1, "maximum": 100, "examples": [99]}),
]


def _slice_window(value: Any) -> timedelta:
    length = parse_duration(value)
    if timedelta(days=1) % length:
        msg = f"slice_window must divide a day, such as 1m, 5m or 1h, not '{value}'"
        raise ValueError(msg)
    return length


SliceWindow = Annotated[
    timedelta,
    BeforeValidator(_slice_window),
    WithJsonSchema({"type": "string", "examples": ["1m", "5m", "1h"]}),
]


def _threshold(value: Any) -> Decimal:
    return Decimal(f"{parse_seconds(value).normalize():f}")


Seconds = Annotated[
    Decimal,
    BeforeValidator(_threshold),
    WithJsonSchema({"type": "string", "examples": ["500ms", "2s"]}),
]


def _window(value: Any) -> str:
    if not isinstance(value, str) or (value not in WINDOWS and not re.fullmatch(_DAYS, value)):
        seen = f"'{value}'" if isinstance(value, str | int | Decimal) else "this"
        hint = nearest(str(value), WINDOWS) or (
            "; write week, month, quarter, year, or days or weeks such as 30d"
        )
        msg = f"{seen} is no window{hint}"
        raise ValueError(msg)
    if value not in WINDOWS:
        parse_duration(value)
    return value


_DAYS = r"[1-9][0-9]{0,4}[dw]"
Window = Annotated[
    str,
    BeforeValidator(_window),
    WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(WINDOWS)}|{_DAYS})$"}),
]


def window_length(window: str) -> timedelta:
    """The nominal length of a window."""
    return WINDOWS[window] if window in WINDOWS else parse_duration(window)


def _positive(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value <= 0:
        msg = "threshold must be a burn rate, a number above 0 such as 14.4"
        raise ValueError(msg)
    return float(value)


BurnRate = Annotated[
    float,
    BeforeValidator(_positive),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "examples": [14.4]}),
]
