"""Real answers of a real Prometheus, kept in a file and given again by the same client.

A recording is lines of JSON, compressed by lzma; each holds a request (method, path, parameters
in order) and its answer (status, body). What was never asked is an error, never a guess.
"""

from __future__ import annotations

import json
import lzma
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from slo_reports.errors import BadAnswer, SourceError

_INSTANTS = frozenset({"time", "start", "end"})
_FORM = "application/x-www-form-urlencoded"

Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True, order=True)
class Question:
    """What was asked, whatever the server's address and the order of parameters."""

    method: str
    path: str
    parameters: Parameters

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value}" for name, value in self.parameters)
        return f"{self.method} {self.path} ({said or 'no parameters'})"


@dataclass(frozen=True)
class Answer:
    """What was answered: all that is kept of it."""

    status: int
    body: Any

    def response(self, request: httpx.Request) -> httpx.Response:
        """The answer as httpx hands it on."""
        return httpx.Response(self.status, json=self.body, request=request)


def question(request: httpx.Request) -> Question:
    """A request whose body has been read, in normal form; how it may be cached is no part of it."""
    pairs = parse_qsl(request.url.query.decode(), keep_blank_values=True)
    if request.headers.get("Content-Type", "").startswith(_FORM):
        pairs += parse_qsl(request.content.decode(), keep_blank_values=True)
    normal = sorted((name, _normal(name, value)) for name, value in pairs if name != "nocache")
    return Question(request.method, request.url.path, tuple(normal))


def _normal(name: str, value: str) -> str:
    """Instants of one meaning get one text."""
    if name not in _INSTANTS:
        return value
    try:
        return f"{float(value):.3f}"
    except ValueError:
        return value


class RecordingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Passes requests on to a real transport, and keeps the answers.

    Serves ``httpx.Client`` and ``httpx.AsyncClient``, whichever the inner transport is for.
    """

    def __init__(self, inner: httpx.BaseTransport | httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._answers: dict[Question, Answer] = {}

    @property
    def answers(self) -> Mapping[Question, Answer]:
        """What was collected so far; of a repeated question, the last answer."""
        return self._answers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask through a synchronous transport."""
        if not isinstance(self._inner, httpx.BaseTransport):
            msg = "an httpx.Client needs a synchronous transport to record through"
            raise TypeError(msg)
        request.read()
        response = self._inner.handle_request(request)
        try:
            response.read()
        finally:
            response.close()
        return self._keep(request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask through an asynchronous transport."""
        if not isinstance(self._inner, httpx.AsyncBaseTransport):
            msg = "an httpx.AsyncClient needs an asynchronous transport to record through"
            raise TypeError(msg)
        await request.aread()
        response = await self._inner.handle_async_request(request)
        try:
            await response.aread()
        finally:
            await response.aclose()
        return self._keep(request, response)

    def _keep(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        asked = question(request)
        try:
            answer = Answer(response.status_code, response.json())
        except ValueError as error:
            msg = f"the answer to {asked} is no JSON and cannot be recorded"
            raise BadAnswer(msg) from error
        with self._lock:
            self._answers[asked] = answer
        return answer.response(request)

    def save(self, file: Path) -> int:
        """Write everything collected so far, and return how many answers that were."""
        record(file, self._answers.items())
        return len(self._answers)

    def close(self) -> None:
        """Close a synchronous inner transport."""
        if isinstance(self._inner, httpx.BaseTransport):
            self._inner.close()

    async def aclose(self) -> None:
        """Close an asynchronous inner transport."""
        if isinstance(self._inner, httpx.AsyncBaseTransport):
            await self._inner.aclose()


class ReplayTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers from a recording, for ``httpx.Client`` and ``httpx.AsyncClient`` alike."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._answers = read_recording(file)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded answer.

        Raises:
            SourceError: this was never asked while the recording was made.
        """
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded answer.

        Raises:
            SourceError: this was never asked while the recording was made.
        """
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = question(request)
        answer = self._answers.get(asked)
        if answer is None:
            msg = (
                f"the recording {self._file.name} holds no answer to {asked}; "
                "it can replay only what was asked of the real server when it was made"
            )
            raise SourceError(msg)
        return answer.response(request)


def record(file: Path, answers: Iterable[tuple[Question, Answer]]) -> None:
    """Write a recording, whole or not at all; the same answers give the same bytes."""
    lines = [_line(asked, answer) for asked, answer in sorted(answers, key=lambda one: one[0])]
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(lzma.compress("".join(lines).encode(), preset=6))
        unfinished.replace(file)
    except OSError as error:
        msg = f"could not write the recording {file}: {error.strerror}"
        raise SourceError(msg) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _line(asked: Question, answer: Answer) -> str:
    document = {
        "method": asked.method,
        "path": asked.path,
        "parameters": asked.parameters,
        "status": answer.status,
        "body": answer.body,
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n"


def read_recording(file: Path) -> dict[Question, Answer]:
    """Everything that a recording holds.

    Raises:
        SourceError: the file is missing or is no recording.
    """
    try:
        lines = lzma.decompress(file.read_bytes()).decode().split("\n")
        return dict(_parse(line) for line in lines if line)
    except OSError as error:
        msg = f"could not read the recording {file}: {error.strerror}"
        raise SourceError(msg) from error
    except (lzma.LZMAError, ValueError, KeyError, TypeError) as error:
        msg = f"{file} is no recording that this version can read; install slo-reports again"
        raise SourceError(msg) from error


def _parse(line: str) -> tuple[Question, Answer]:
    one = json.loads(line)
    parameters = tuple((str(name), str(value)) for name, value in one["parameters"])
    return Question(one["method"], one["path"], parameters), Answer(one["status"], one["body"])
