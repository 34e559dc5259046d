from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from slo_reports.deliver import Patience
from slo_reports.model import DeliveryState

START = datetime(2026, 11, 2, 5, tzinfo=UTC)
PATIENCE = Patience()


def failures_until_given_up(patience, every=timedelta(minutes=15)):
    """The instants at which a delivery fails when it is looked at every quarter of an hour."""
    tries, now, due = [], START, START
    while due is not None:
        if now >= due:
            due = patience.next_try(tries, now)
            tries.append((now, DeliveryState.DEFERRED))
        now += every
    return [at for at, _ in tries]


def test_pauses_double_up_to_four_hours():
    tries, pauses = [], []
    for number in range(9):
        now = START + timedelta(hours=number)
        pauses.append((PATIENCE.next_try(tries, now) - now) / timedelta(minutes=1))
        tries.append((now, DeliveryState.DEFERRED))
    assert pauses == [5, 10, 20, 40, 80, 160, 240, 240, 240]


def test_it_is_given_up_after_five_days():
    failed = failures_until_given_up(PATIENCE)
    assert timedelta(days=5) <= failed[-1] - failed[0] <= timedelta(days=5, hours=4, minutes=15)
    assert len(failed) == 36


def test_a_clock_that_jumped_ahead_gives_up_nothing():
    tries = [(START, DeliveryState.DEFERRED)]
    assert PATIENCE.next_try(tries, START + timedelta(days=400)) is not None


def test_a_persons_word_begins_anew():
    now = START + timedelta(days=6)
    old = [(START + timedelta(hours=4 * n), DeliveryState.DEFERRED) for n in range(30)]
    assert PATIENCE.next_try(old, now) is None
    assert PATIENCE.next_try([*old, (now, DeliveryState.PENDING)], now) == now + PATIENCE.first


@given(st.timedeltas(timedelta(days=-900), timedelta(days=900)))
def test_a_next_try_is_never_farther_off_than_the_longest_pause(ahead):
    """Where it is, the clock was set back since."""
    is_due = PATIENCE.is_due(START + ahead, START)
    assert is_due == (not timedelta() < ahead <= PATIENCE.longest)


def test_what_has_no_next_try_is_due():
    assert PATIENCE.is_due(None, START)
