"""What a page may load while it becomes a PDF: our own resources, and nothing else."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from urllib.parse import unquote

from weasyprint.urls import URLFetcher, URLFetcherResponse

from slo_reports.errors import RenderError
from slo_reports.resources import Resources

BASE = "https://templates.invalid/"
"""Where relative addresses of a page lead: a name that exists nowhere (RFC 2606)."""


class Forbidden(ValueError):
    """A page wanted something that is not ours to give."""


class ResourceFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Answers names under ``BASE`` from our folders and ``data:`` from itself; refuses the rest.

    Files and every network address are refused, so a link to ``/etc/passwd`` or
    to a metrics server that got into a page can neither be read nor called.
    """

    def __init__(self, files: Resources) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self._files = files

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The content of one address.

        Raises:
            Forbidden: it is neither one of our resources nor inside the page.
        """
        scheme = url.partition(":")[0].lower()
        if scheme == "data":
            return super().fetch(url, headers)
        if not url.startswith(BASE):
            msg = f"{url[:200]} is no resource of the templates and is not loaded"
            raise Forbidden(msg)
        name = unquote(url.removeprefix(BASE).partition("?")[0].partition("#")[0])
        try:
            content = self._files.read(name)
        except RenderError as error:
            raise Forbidden(str(error)) from error
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, content, {"Content-Type": kind})
