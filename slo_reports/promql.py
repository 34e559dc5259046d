"""PromQL text from values, with every value escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from slo_reports.model import Matcher


def quote(value: str) -> str:
    """A PromQL string literal."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def filter_text(matcher: Matcher) -> str:
    """One filter of a vector selector."""
    return f"{matcher.label}{matcher.op}{quote(matcher.value)}"


def selector(metric: str, matchers: Iterable[Matcher]) -> str:
    """A vector selector."""
    inside = ",".join(map(filter_text, matchers))
    return f"{metric}{{{inside}}}" if inside else metric


def duration(length: timedelta) -> str:
    """A PromQL duration, in the largest unit that is whole."""
    milliseconds = round(length / timedelta(milliseconds=1))
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def just_under(length: timedelta) -> str:
    """A range that holds the same samples on left-open (3.x) and closed (2.x) servers."""
    return duration(length - timedelta(milliseconds=1))


def one_of(label: str, values: Iterable[str]) -> Matcher:
    """A matcher for any of the values, as plain equality where there is one."""
    found = sorted(set(values))
    if len(found) == 1:
        return Matcher(label, "=", found[0])
    return Matcher(label, "=~", "|".join(map(re2_escape, found)))


def re2_escape(text: str) -> str:
    """The text as a regular expression that matches only itself, for RE2."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)


def matches(matchers: Iterable[Matcher]) -> Callable[[Mapping[str, str]], bool]:
    """A test of labels, as the server would match them; a missing label is the empty string."""
    tests = tuple((one.label, _test(one)) for one in matchers)
    return lambda labels: all(test(labels.get(label, "")) for label, test in tests)


def _test(matcher: Matcher) -> Callable[[str], bool]:
    wanted = matcher.value
    if matcher.op == "=":
        return lambda value: value == wanted
    if matcher.op == "!=":
        return lambda value: value != wanted
    pattern = re.compile(wanted, re.DOTALL)
    if matcher.op == "=~":
        return lambda value: pattern.fullmatch(value) is not None
    return lambda value: pattern.fullmatch(value) is None
