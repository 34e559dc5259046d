"""A thin client of the Prometheus HTTP API: every query names its evaluation time."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx

from slo_reports.collect.answers import Answer, Labels, Series, read_answer, series_of
from slo_reports.collect.connection import basic_auth, headers_of, tls_context
from slo_reports.collect.shared import SharedAnswers, Told
from slo_reports.errors import (
    BadAnswer,
    PartialAnswer,
    QueryRejected,
    SourceError,
    SourceUnavailable,
    TooMuchData,
)
from slo_reports.settings.schema import SourceSettings

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it writes whole URLs

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_PAUSE = 60.0
_FRESH = {"nocache": "1"}
"""VictoriaMetrics would answer from a cache that does not know of samples that came in late, and
shift a range to multiples of its step; other servers pass over the word."""
Form = Mapping[str, str | list[str]]


class PrometheusClient:
    """Asks one source, retries what may pass, and counts what it asked.

    Safe to share between threads.
    """

    def __init__(
        self,
        settings: SourceSettings,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        gate: Callable[[], AbstractContextManager[None]] = nullcontext,
        shared: SharedAnswers | None = None,
    ) -> None:
        self.settings = settings
        self.url = settings.url.rstrip("/")
        self.queries = 0
        self.warnings: set[str] = set()
        self.reads_samples = settings.raw_samples
        """Whether samples may be read as they are stored; no more once the source has refused."""
        self.added_labels: frozenset[str] | None = None
        """The labels that the source adds to series whose samples it hands out, once known."""
        self.last_date = ""
        """The header Date of the last answer: the clock of what is nearest to us."""
        self._shared = shared or SharedAnswers()
        self._sleep = sleep
        self._gate = gate
        self._http = httpx.Client(
            base_url=self.url + "/api/v1/",
            auth=basic_auth(settings),
            headers={"Accept-Encoding": _encodings(settings), **headers_of(settings)},
            timeout=settings.timeout.total_seconds(),
            verify=tls_context(settings, "source.tls"),
            transport=transport,
            trust_env=False,
            limits=httpx.Limits(max_connections=settings.concurrency),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def query(self, expression: str, at: datetime, *, shared: bool = False) -> list[Series]:
        """The value of an expression at one instant; a range selector gives raw samples.

        Args:
            expression: PromQL.
            at: the instant.
            shared: whether it is about the source as a whole, so that one answer does for all
                reports of a pass; it counts as asked each time.

        Raises:
            SourceError: one of its kinds, see ``slo_reports.errors``.
        """
        form = {"query": expression, "time": _seconds(at), **_FRESH}
        return self._series("query", form, shared=shared)

    def query_range(
        self,
        expression: str,
        start: datetime,
        end: datetime,
        step: timedelta,
        *,
        shared: bool = False,
    ) -> list[Series]:
        """The values of an expression at ``start``, ``start + step`` … up to and with ``end``.

        Args:
            expression: PromQL.
            start: the first instant.
            end: the last.
            step: from one to the next.
            shared: as for ``query``.

        Raises:
            SourceError: one of its kinds, see ``slo_reports.errors``.
        """
        form = {
            "query": expression,
            "start": _seconds(start),
            "end": _seconds(end),
            "step": f"{step.total_seconds():g}",
            **_FRESH,
        }
        return self._series("query_range", form, shared=shared)

    def _series(self, path: str, form: Mapping[str, str], *, shared: bool) -> list[Series]:
        if not shared:
            return series_of(self._ask(path, form), self.url)
        question = (self.url, path, *sorted(form.items()))
        told = self._shared.find(question)
        if told is None:
            told = self._shared.keep(question, self._told(path, form))
        else:
            self.queries += 1
        self.warnings.update(told.warnings)
        if told.too_much:
            raise TooMuchData(told.too_much)
        return told.series

    def _told(self, path: str, form: Mapping[str, str]) -> Told:
        try:
            answer = self._ask(path, form)
        except TooMuchData as error:
            return Told([], too_much=str(error))
        return Told(series_of(answer, self.url), answer.warnings)

    def server_time(self) -> datetime:
        """The present instant by the source's own clock [UTC].

        Raises:
            SourceError: one of its kinds, see ``slo_reports.errors``.
        """
        data = self._ask("query", {"query": "time()", **_FRESH}).data
        try:
            found = data["result"]  # a scalar of Prometheus, a vector of one of VictoriaMetrics
            value = found[1] if data["resultType"] == "scalar" else found[0]["value"][1]
            return datetime.fromtimestamp(float(value), UTC)
        except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
            msg = f"{self.url} does not tell the time: time() gave {str(data)[:100]}"
            raise BadAnswer(msg) from error

    def label_values(
        self, label: str, selector: str, start: datetime, end: datetime
    ) -> tuple[str, ...]:
        """The values that a label has on the series of a selector in a span of time.

        An empty selector means every series; that is the cheapest question for all names.
        """
        form = {"start": _seconds(start), "end": _seconds(end)}
        if selector:
            form["match[]"] = selector
        return tuple(self._ask(f"label/{label}/values", form, method="GET").data or ())

    def series(self, selectors: Sequence[str], start: datetime, end: datetime) -> list[Labels]:
        """The labels of the series that may have samples in a span of time; reads no samples."""
        form: Form = {
            "match[]": list(selectors),
            "start": _seconds(start),
            "end": _seconds(end),
        }
        found = self._ask("series", form).data or ()
        return [
            tuple(sorted((name, value) for name, value in one.items() if name != "__name__"))
            for one in found
        ]

    def status(self, what: str) -> Mapping[str, Any]:
        """What the source tells of itself, such as its ``buildinfo``; nothing where it does not.

        Raises:
            SourceError: it cannot be reached, or refuses us.
        """
        try:
            data = self._ask(f"status/{what}", {}, method="GET").data
        except (BadAnswer, QueryRejected):
            return {}
        return data if isinstance(data, dict) else {}

    def rules(self) -> list[Mapping[str, Any]]:
        """The rules that the source evaluates, as it tells them, without their groups.

        Raises:
            SourceError: it cannot be reached, refuses us, or evaluates no rules itself.
        """
        data = self._ask("rules", {}, method="GET").data
        groups = data.get("groups") if isinstance(data, dict) else None
        return [rule for group in groups or () for rule in group.get("rules") or ()]

    def version(self) -> str:
        """What the source calls itself, or ``unknown version`` where it does not say."""
        try:
            data = self._ask("status/buildinfo", {}, method="GET").data
        except BadAnswer:
            return "unknown version"
        return str(data.get("version") or "unknown version") if data else "unknown version"

    @contextmanager
    def stream(
        self, path: str, body: bytes, headers: Mapping[str, str]
    ) -> Iterator[httpx.Response]:
        """Post something, once, and give out the answer while it comes.

        Raises:
            httpx.TransportError: the source could not be reached, or broke off.
        """
        self.queries += 1
        with (
            self._gate(),
            self._http.stream("POST", path, content=body, headers=dict(headers)) as answer,
        ):
            yield answer

    def wait(self, attempt: int) -> None:
        """Pause before something is tried again that failed so often before, from 0 on."""
        self._sleep(_backoff(attempt))

    def _ask(self, path: str, form: Form, *, method: str = "POST") -> Answer:
        self.queries += 1
        for attempt in range(self.settings.retries + 1):
            last = attempt == self.settings.retries
            try:
                status, kind, body, pause = self._once(method, path, form)
            except (httpx.TransportError, httpx.StreamError) as error:
                if last:
                    raise self.unreached(error, attempt + 1) from error
                self.wait(attempt)
                continue
            if status in _RETRIED and not last and not _is_query_timeout(body):
                self._sleep(_backoff(attempt) if pause is None else pause)
                continue
            return self._read(status, kind, body, attempt + 1)
        msg = "unreachable: the loop above returns or raises at its last attempt"
        raise AssertionError(msg)

    def _read(self, status: int, kind: str, body: bytes, attempts: int) -> Answer:
        if status in _RETRIED and not _is_query_timeout(body):
            msg = f"{self.url} answered {status} {attempts} times; giving up for now"
            raise SourceUnavailable(msg)
        answer = read_answer(status, kind, body, self.url)
        self.warnings.update(answer.warnings)
        if lacking := [text for text in answer.warnings if not text.startswith("PromQL ")]:
            self._refuse_partial(lacking[0])
        return answer

    def _refuse_partial(self, warning: str) -> None:
        """Data that are missing on the source's own word must not improve a number.

        Remarks about the query itself (``PromQL info``, ``PromQL warning``) are no such word.
        """
        if self.settings.partial_answers == "refuse":
            msg = (
                f"{self.url} gave an incomplete answer and says: {warning[:300]}; wait until all "
                "its stores are there, or set source.partial_answers to allow"
            )
            raise PartialAnswer(msg)

    def _once(self, method: str, path: str, form: Form) -> tuple[int, str, bytes, float | None]:
        send = {"params": form} if method == "GET" else {"data": form}
        with self._gate(), self._http.stream(method, path, **send) as answer:  # type: ignore[arg-type]  # httpx's kwargs are not typed apart
            self.last_date = answer.headers.get("date", "")
            body = self._capped(answer)
            kind = answer.headers.get("content-type", "")
            return answer.status_code, kind, body, _retry_after(answer)

    def _capped(self, answer: httpx.Response) -> bytes:
        parts, size = [], 0
        for part in answer.iter_bytes():
            size += len(part)
            if size > self.settings.max_response:
                msg = f"an answer of {self.url} is larger than source.max_response"
                raise TooMuchData(msg)
            parts.append(part)
        return b"".join(parts)

    def unreached(self, error: Exception, attempts: int) -> SourceError:
        """What is to be said of a source that could not be reached so often."""
        if isinstance(error, httpx.TimeoutException):
            why = f"no answer within {self.settings.timeout.total_seconds():g} s"
        else:
            why = str(error) or type(error).__name__
        msg = (
            f"{self.url} could not be reached ({why}; tried {attempts} times): "
            "is it running, and is source.url right?"
        )
        return SourceUnavailable(msg)


def _encodings(settings: SourceSettings) -> str:
    """Compressing costs a Prometheus five times as much as answering: only where it is wanted."""
    return "gzip, deflate" if settings.compress else "identity"


def _seconds(instant: datetime) -> str:
    return f"{instant.timestamp():.3f}"


def _backoff(attempt: int) -> float:
    longest: float = min(_LONGEST_PAUSE, 0.5 * 2.0**attempt)
    return longest * random.uniform(0.5, 1)  # noqa: S311  # spreads retries, no secret


def _retry_after(answer: httpx.Response) -> float | None:
    text: str | None = answer.headers.get("retry-after")
    if text is None:
        return None
    if text.isdigit():
        return min(float(text), _LONGEST_PAUSE)
    try:
        wait = parsedate_to_datetime(text) - datetime.now(UTC)
    except ValueError:
        return None
    return min(max(wait / timedelta(seconds=1), 0.0), _LONGEST_PAUSE)


def _is_query_timeout(body: bytes) -> bool:
    """Whether a 503 says that the query ran out of time: a shorter span helps, a retry does not."""
    return re.search(rb'"errorType"\s*:\s*"timeout"', body[:500]) is not None
