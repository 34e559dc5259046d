"""The Prometheus API's answers as arrays, and what is wrong with those that are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.decoding import Points, decoded
from slo_reports.errors import BadAnswer, QueryRejected, SourceError, SourceRefused, TooMuchData

Labels = tuple[tuple[str, str], ...]
"""A series' labels without its name, sorted: its identity across queries."""

_TOO_MUCH = ("too many samples", "maximum resolution", "exceeds the limit", "too many points")


@dataclass(frozen=True, eq=False)
class Series:
    """One series of an answer: its labels, and its samples in order of time.

    Attributes:
        times: seconds since the epoch.
        values: samples; NaN as the source sent it.
    """

    labels: Labels
    times: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """The data of a successful answer and the warnings that came with it."""

    data: Any
    warnings: tuple[str, ...]


def read_answer(status: int, content_type: str, body: bytes, where: str) -> Answer:
    """The data of an API answer.

    Args:
        status: HTTP status.
        content_type: the answer's media type.
        body: the answer's bytes.
        where: URL without credentials, for messages.

    Raises:
        SourceRefused: 401 or 403.
        TooMuchData: the source's limit of samples, points or time was met.
        QueryRejected: the source refused the query.
        BadAnswer: this is not the Prometheus API.
    """
    if status in (401, 403):
        msg = f"{where} refused us ({status}): check the credentials of the source"
        raise SourceRefused(msg)
    payload = _payload(status, content_type, body, where)
    if payload.get("status") == "success" and status == 200:
        warnings = tuple(map(str, payload.get("warnings") or ()))
        if payload.get("isPartial"):
            warnings += ("the answer is partial: some of the source's stores did not take part",)
        return Answer(payload.get("data"), warnings)
    raise _refusal(status, payload, where)


def _payload(status: int, content_type: str, body: bytes, where: str) -> Mapping[str, Any]:
    try:
        payload = decoded(body)
    except ValueError:
        payload = None
    if isinstance(payload, dict) and "status" in payload:
        return payload
    seen = "HTML" if "html" in content_type or body.lstrip()[:1] == b"<" else "something else"
    msg = (
        f"{where} answered {status} with {seen}, not with the Prometheus API; "
        "is source.url the server's base URL, and not behind a login page?"
    )
    raise BadAnswer(msg)


def _refusal(status: int, payload: Mapping[str, Any], where: str) -> SourceError:
    said = str(payload.get("error", "no reason given"))[:500]
    kind = payload.get("errorType")
    if kind == "timeout" or any(words in said for words in _TOO_MUCH):
        return TooMuchData(f"{where}: {said}")
    return QueryRejected(f"the source refused a query ({status}): {said}")


def series_of(answer: Answer, where: str) -> list[Series]:
    """The series of a vector or matrix answer.

    Raises:
        BadAnswer: the data have another shape.
    """
    try:
        return [_series(one) for one in answer.data["result"]]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        msg = f"{where} sent data that are no vector or matrix: {error!r}"
        raise BadAnswer(msg) from error


def _series(one: Mapping[str, Any]) -> Series:
    labels = tuple(sorted((k, v) for k, v in one["metric"].items() if k != "__name__"))
    points = one["values"] if "values" in one else [one["value"]]
    if isinstance(points, Points):
        return Series(labels, points.times, points.values)
    return Series(
        labels,
        np.fromiter((point[0] for point in points), np.float64, len(points)),
        np.fromiter((float(point[1]) for point in points), np.float64, len(points)),
    )
