from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.shop import write_config

from slo_reports.definitions.loading import load_everything
from slo_reports.deliver import Check
from slo_reports.doctoring import examine
from slo_reports.history import History
from slo_reports.job import Quiet, World

WITHOUT_PDF = (
    ("    trend: ", "    formats: [html, json]\n    trend: "),
    ("recipients: [", "attach: []\n    recipients: ["),
)


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    """Makes a world from the settings of a small shop, changed word by word."""

    def make(
        url: str = "http://127.0.0.1:9",
        *changes: tuple[str, str],
        now: datetime | None = None,
        services: tuple[str, ...] = ("checkout", "search"),
        port: int = 9,
        pdf: bool = False,
    ) -> World:
        path = write_config(tmp_path, url, port, services)
        text = path.read_text()
        for old, new in (*changes, *(() if pdf else WITHOUT_PDF)):
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)
        settings, slos = load_everything(path)
        ahead = timedelta() if now is None else now - datetime.now(UTC)
        return World(
            settings,
            slos,
            lambda: datetime.now(UTC) + ahead,
            Quiet(),
            history=History(settings.history_url, settle=settings.settle),
        )

    return make


@pytest.fixture
def look() -> Callable[..., dict[str, Check]]:
    """What is found in a place: ``{what: check}``."""

    def find(world: World, place: str, **more) -> dict[str, Check]:
        return {
            one.check.what: one.check
            for one in examine(world, **more)
            if one.place.startswith(place)
        }

    return find
