"""A short form of ``make chaos``: kills, rivals, and everything delivered once all the same."""

import random

import pytest
from support.chaos import (
    DELIVERIES,
    MONDAY,
    arena,
    kill_at_every_step,
    kill_at_random_instants,
    start_together,
)
from support.weeks import years_of_traffic

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def source():
    with years_of_traffic(60, MONDAY) as url:
        yield url


@pytest.mark.parametrize(
    ("database", "policy"), [("sqlite", "resend"), ("sqlite", "verify"), ("postgresql", "verify")]
)
def test_kills_lose_nothing_and_double_nothing(source, database, policy):
    with arena(source=source, database=database, policy=policy) as one:
        kill_at_random_instants(one, 6, random.Random(20261125))
        steps = kill_at_every_step(one, every=23)
        one.look()
    assert steps > 100
    assert one.tally.kills >= 6 + steps // 23
    assert one.tally.keys == DELIVERIES * one.rounds
    assert one.tally.faults(policy) == []


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_schedulers_that_start_at_the_same_instant_deliver_each_key_once(source, database):
    with arena(source=source, database=database, policy="resend") as one:
        start_together(one, 6)
        one.look()
    assert one.tally.keys == DELIVERIES * 6
    assert one.tally.doubled_mails == 0
    assert one.tally.faults("resend") == []
