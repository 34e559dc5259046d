"""Whatever happens in one place keeps nothing else from being looked at."""

from __future__ import annotations

import threading

from slo_reports.deliver import Check
from slo_reports.doctoring.limits import looked_at
from slo_reports.errors import SourceUnavailable

FINE = Check("a", is_fine=True, seen="b")


def checks(*found):
    def look():
        for one in found:
            if isinstance(one, Exception):
                raise one
            if isinstance(one, threading.Event):
                one.wait(20)
            else:
                yield one

    return look


def test_a_broken_place_is_a_check_of_its_own():
    bug = ValueError("https://user:secret@example.com")
    places = [
        ("one", checks(FINE, SourceUnavailable("it is down"))),
        ("two", checks(bug)),
        ("three", checks(FINE)),
    ]
    found = list(looked_at(iter(places), 5))
    assert [(one.place, one.check.is_fine) for one in found] == [
        ("one", True),
        ("one", False),
        ("two", False),
        ("three", True),
    ]
    assert found[1].check.seen == "it is down"
    assert found[2].check.seen == "ValueError in slo-reports itself"


def test_a_slow_place_is_left_and_the_next_is_looked_at():
    slow = threading.Event()
    found = list(looked_at(iter([("one", checks(FINE, slow, FINE)), ("two", checks(FINE))]), 0.3))
    slow.set()
    assert [(one.place, one.check.is_fine) for one in found] == [
        ("one", True),
        ("one", False),
        ("two", True),
    ]
    assert found[1].check.seen == "not done within 0.3 s"
