"""Signs of life: that work and waiting give them, and that hanging is seen."""

from datetime import UTC, datetime, timedelta

import pytest

from slo_reports.operate.pulse import WORKING, Beating, Pulse, awaited_until

START = datetime(2026, 11, 2, 6, tzinfo=UTC)


class Clock:
    """Stands where a test puts it."""

    def __init__(self):
        self.at = START

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pulse(tmp_path, clock):
    return Pulse(tmp_path / "state", clock, pytest.fail)


def test_nobody_is_awaited_before_the_first_sign_and_after_the_end(pulse, tmp_path):
    assert awaited_until(tmp_path / "state") is None
    pulse.await_next(timedelta(minutes=20))
    assert awaited_until(tmp_path / "state") == START + timedelta(minutes=20)
    pulse.end()
    pulse.await_next(timedelta(minutes=20))  # work that was under way ends
    assert awaited_until(tmp_path / "state") is None


class Heard(list):
    """Keeps what a listener was told."""

    def say(self, text):
        self.append(text)

    expect = advance = say


def test_work_that_goes_on_gives_signs_but_writes_no_more_than_once_a_minute(
    pulse, clock, tmp_path
):
    heard = Heard()
    listener = Beating(pulse, heard)
    pulse.await_next(WORKING)
    clock.at += timedelta(seconds=59)
    listener.expect(3)
    listener.advance(1)
    assert awaited_until(tmp_path / "state") == START + WORKING
    clock.at += timedelta(seconds=1)
    listener.say("rendering")
    assert awaited_until(tmp_path / "state") == clock.at + WORKING
    assert heard == [3, 1, "rendering"]


@pytest.mark.parametrize("written", ["", "soon\n"])
def test_what_is_no_instant_is_no_sign(tmp_path, written):
    (tmp_path / "pulse").write_text(written)
    assert awaited_until(tmp_path) is None


def test_a_sign_that_cannot_be_written_is_said_once_and_stops_no_work(tmp_path, clock):
    (tmp_path / "state").write_text("a file in its place")
    said = []
    pulse = Pulse(tmp_path / "state", clock, said.append)
    pulse.await_next(WORKING)
    pulse.await_next(WORKING)
    (sentence,) = said
    assert "File exists" in sentence
