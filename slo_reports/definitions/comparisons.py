"""Indicators whose samples or values are good by comparison, as they are written."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, WithJsonSchema

from slo_reports.definitions.values import Filters, MetricName, Promql
from slo_reports.model import Comparison
from slo_reports.settings.problems import nearest
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import parse_seconds

COMPARISONS = ("<=", ">=", "==", "!=", "<", ">")
_FORM = r"\s*(<=|>=|==|!=|<|>)\s*([^\s<>=!].*?)\s*"
_NUMBER = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?"
_WORDS = {"at most": "<=", "below": "<", "at least": ">=", "above": ">", "equals": "=="}


def _compared(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(_FORM, value):
        comparison(value)
        return value.strip()
    seen = f"'{value}'" if isinstance(value, str | int | Decimal) else "this"
    word = re.match(r"\s*([a-z ]*[a-z])", value) if isinstance(value, str) else None
    hint = nearest(word[1], _WORDS) if word is not None else ""
    if hint:
        meant = hint.split("'")[1]
        msg = f"{seen} is no comparison; {meant!r} is written {_WORDS[meant]!r}"
        raise ValueError(msg)
    msg = f'{seen} is no comparison; write one in quotes, such as "<= 5", "== 1" or "<= 30m"'
    raise ValueError(msg)


def comparison(text: str) -> tuple[Comparison, Decimal]:
    """The operator and the limit of a comparison; a limit with a unit of time is in seconds."""
    found = re.fullmatch(_FORM, text)
    if found is None:
        msg = f"'{text}' is no comparison"
        raise ValueError(msg)
    op, limit = cast("Comparison", found[1]), found[2]
    if re.fullmatch(_NUMBER, limit):
        return op, Decimal(limit)
    try:
        return op, parse_seconds(limit)
    except ValueError as error:
        msg = f"'{limit}' is neither a number nor a span of time such as 30m"
        raise ValueError(msg) from error


Compared = Annotated[
    str,
    BeforeValidator(_compared),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*(<=|>=|==|!=|<|>)\s*[^\s<>=!]",
            "examples": ["<= 5", "== 1", "<= 30m"],
        }
    ),
]


class GaugeSpec(Strict):
    """Samples of a gauge or boolean that compare as promised."""

    type: Literal["gauge"] = Field(description="Samples of a gauge, each good or bad.")
    metric: MetricName = Field(description="The gauge, by its name alone.")
    filters: Filters = Field(default_factory=dict, description="Which of its series count.")
    good: Compared = Field(description='How a good sample compares, such as "<= 5" or "== 1".')


class ThresholdSpec(Strict):
    """The value of an expression at the end of each slice."""

    type: Literal["threshold"] = Field(description="A value per slice, good or bad.")
    query: Promql = Field(
        description="PromQL with one answer, such as `time() - max(last_run_seconds)`; `$window` "
        "becomes the slice's length."
    )
    good: Compared = Field(description='How a good value compares, such as "<= 30m".')


def words(text: str) -> str:
    """A comparison as words, such as ``at most 5``."""
    op, _ = comparison(text)
    limit = text.strip().removeprefix(op).strip()
    said = {**{sign: word for word, sign in _WORDS.items()}, "==": "equal to", "!=": "other than"}
    return f"{said[op]} {limit}"
