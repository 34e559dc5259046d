"""What is told of work that takes long, where nobody watches."""

import pytest

from slo_reports.console import Lines, rate_text


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_short_work_says_nothing(clock, capsys):
    lines = Lines(clock)
    lines.say("collecting")
    lines.expect(10)
    clock.now += 59
    lines.advance(9)
    assert capsys.readouterr().err == ""


def test_long_work_says_a_line_each_minute_with_rate_and_rest(clock, capsys):
    lines = Lines(clock)
    lines.say("making 1,000 reports")
    lines.expect(1000)
    for _ in range(7):
        clock.now += 20
        lines.advance(40)
    assert capsys.readouterr().err.splitlines() == [
        "slo-reports: making 1,000 reports: 120 of 1,000, 2.0/s, about 7 min left",
        "slo-reports: making 1,000 reports: 240 of 1,000, 2.0/s, about 6 min left",
    ]


def test_what_cannot_be_counted_is_not_told(clock, capsys):
    lines = Lines(clock)
    clock.now += 600
    lines.say("delivering shop 2026-10")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("rate", "text"), [(12_345, "12.3k/s"), (2, "2.0/s"), (0.25, "15.0/min"), (0, "0.0/min")]
)
def test_rates_have_a_unit_that_leaves_few_digits(rate, text):
    assert rate_text(rate) == text
