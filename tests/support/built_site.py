"""The documentation site, built as ``make docs`` builds it, and what is on its pages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[2]


@dataclass
class SitePage(HTMLParser):
    """One page: where it leads, what it loads, its anchors, and its code and text."""

    path: Path
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    code: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self._inside: list[str] = []
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif tag == "link" and said.get("rel") not in ("canonical", "next", "prev"):
            self.loads.append(said.get("href", ""))
        elif "src" in said:
            self.loads.append(said["src"])
        if "id" in said:
            self.anchors.add(said["id"])
        if tag == "code":
            self._inside.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._inside[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "code" and self._inside:
            self.code.add(self._inside.pop())


def target_of(page: SitePage, link: str) -> tuple[Path, str]:
    """The file that a link of a page leads to, and the anchor in it."""
    parts = urlsplit(link)
    place = page.path if not parts.path else (page.path.parent / unquote(parts.path)).resolve()
    return place, unquote(parts.fragment)


def is_outside(address: str) -> bool:
    """Whether an address leaves the site."""
    return bool(urlsplit(address).scheme or address.startswith("//")) and address[:5] != "data:"


def build_site(folder: Path) -> subprocess.CompletedProcess[str]:
    """Builds the site into a folder; any warning is an error."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    quiet = {"NO_MKDOCS_2_WARNING": "1", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **quiet}, capture_output=True, text=True, check=False
    )


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Says nothing of each request."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a web server that shows a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
