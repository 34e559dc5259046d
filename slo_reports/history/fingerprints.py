"""What determines the numbers of an SLO, as a short text that changes when they might."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from slo_reports.model import Indicator, Slo, content_hash

_INDICATOR: TypeAdapter[Any] = TypeAdapter(Indicator)
_LENGTH = 16


def fingerprint(slo: Slo, step: timedelta) -> str:
    """Names what is counted and at which grain: 16 hexadecimal digits.

    A target, a title, an owner or the order of filters may change without changing it.
    """
    plain = _INDICATOR.dump_python(slo.indicator, mode="json", exclude_defaults=True)
    plain["type"] = slo.indicator.type
    plain["step"] = step.total_seconds()
    for key, value in plain.items():
        if isinstance(value, list):
            plain[key] = sorted(value, key=lambda one: json.dumps(one, sort_keys=True))
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return content_hash(text.encode())[:_LENGTH]
