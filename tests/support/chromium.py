"""A headless Chromium that a test looks at pages with, and all that they asked for and said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from support.needed import need_program

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The distribution's own; skips (on CI fails) where there is none."""
    program = need_program("chromium", "chromium")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Seen:
    """What a page asked for, and what it said on the console."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def beyond(self, path: Path) -> list[str]:
        """Whatever it asked for besides itself and what it carries inside itself."""
        return [one for one in self.requests if one != path.as_uri() and one[:5] != "data:"]


@contextmanager
def opened(browser: Browser, path: Path, **options: Any) -> Iterator[Seen]:
    """A page from a disk, in a context of its own."""
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    seen = Seen(context.new_page())
    seen.page.on("request", lambda one: seen.requests.append(one.url))
    seen.page.on("console", lambda one: seen.said.append(f"{one.type}: {one.text}"))
    seen.page.on("pageerror", lambda one: seen.said.append(f"error: {one}"))
    seen.page.goto(path.as_uri())
    try:
        yield seen
    finally:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page as it stands."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for one in found
        for node in one["nodes"]
    ]
