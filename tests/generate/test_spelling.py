"""How Prometheus, Go and Sloth spell durations and numbers."""

from datetime import timedelta

import pytest

from slo_reports.generate.sloth_words import factor
from slo_reports.generate.spelling import duration_name, shortest
from slo_reports.model import BurnRateAlert


@pytest.mark.parametrize(
    ("length", "name"),
    [
        pytest.param(timedelta(days=28), "4w", id="whole weeks stand alone"),
        pytest.param(timedelta(days=7), "1w", id="a week"),
        pytest.param(timedelta(days=30), "30d", id="days where weeks do not come out"),
        pytest.param(timedelta(days=365), "1y", id="a year"),
        pytest.param(timedelta(hours=24), "1d", id="a day"),
        pytest.param(timedelta(minutes=6171), "4d6h51m", id="several units"),
        pytest.param(timedelta(minutes=90), "1h30m", id="hours and minutes"),
        pytest.param(timedelta(seconds=150), "2m30s", id="minutes and seconds"),
        pytest.param(timedelta(milliseconds=1500), "1s500ms", id="milliseconds"),
        pytest.param(timedelta(0), "0s", id="nothing"),
    ],
)
def test_durations_are_named_as_prometheus_prints_them(length, name):
    assert duration_name(length) == name


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (99.9 / 100, "0.9990000000000001"),
        ((100 - 99.9) / 100, "0.0009999999999999432"),
        ((100 - 99.999) / 100, "1.0000000000047748e-05"),
        (6.0, "6"),
        (30.0, "30"),
        (99.99, "99.99"),
    ],
)
def test_numbers_are_printed_in_the_fewest_digits_of_the_double(number, text):
    assert shortest(number) == text


@pytest.mark.parametrize(
    ("days", "hours", "threshold", "printed"),
    [
        pytest.param(30, 1, 14.4, "14.4", id="30 d page quick"),
        pytest.param(30, 72, 1.0, "1", id="30 d ticket slow"),
        pytest.param(28, 1, 13.44, "13.44", id="28 d page quick"),
        pytest.param(28, 6, 5.6, "5.6000000000000005", id="28 d page slow"),
        pytest.param(28, 24, 2.8, "2.8000000000000003", id="28 d ticket quick"),
        pytest.param(28, 72, 2.8 / 3, "0.9333333333333333", id="28 d ticket slow"),
        pytest.param(7, 1, 13.44, "13.44", id="8 % of 7 d"),
        pytest.param(7, 6, 3.5, "3.5", id="12.5 % of 7 d"),
        pytest.param(7, 24, 1.4, "1.4000000000000001", id="20 % of 7 d"),
        pytest.param(7, 72, 0.98, "0.98", id="42 % of 7 d"),
        pytest.param(30, 1, 7.3, "7.3", id="no round share: as it is written"),
    ],
)
def test_factors_have_the_digits_that_sloth_prints(days, hours, threshold, printed):
    alert = BurnRateAlert("page", timedelta(hours=hours), timedelta(minutes=5), threshold)
    assert shortest(factor(alert, timedelta(days=days))) == printed
