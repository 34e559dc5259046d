"""Options and rules for all tests."""

import os

import pytest
from hypothesis import settings
from support.tsdb import why_no_prometheus

settings.register_profile("patient", deadline=None)  # a busy machine is no failed test
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable" if os.environ.get("CI") else "patient")


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="write the golden files anew")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Tests with a real Prometheus need one; on CI its absence is a failure, not a skip."""
    if item.get_closest_marker("e2e") is None:
        return
    why = why_no_prometheus()
    if why and os.environ.get("CI"):
        pytest.fail(f"CI must have a Prometheus: {why}")
    if why:
        pytest.skip(why)
