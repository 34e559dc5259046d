"""What a test cannot do without."""

import os
import shutil

import pytest


def missing(why: str) -> None:
    """Skip the test; on CI, where everything must be there, fail it."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(why)


def need_program(name: str, package: str) -> str:
    """The path of a program of a Debian package."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        missing(f"no {name} here: apt-get install {package}")
    return str(found)
