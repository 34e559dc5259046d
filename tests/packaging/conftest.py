"""The distributions as a release builds them."""

import pytest
from support.distributions import build, clean_copy


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    return clean_copy(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def dist(checkout, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    build(checkout, folder)
    return folder


@pytest.fixture(scope="session")
def wheel(dist):
    (found,) = dist.glob("*.whl")
    return found
