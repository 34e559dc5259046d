"""A folder, here or on a server: ``<report>/<year>/<document name>`` in it, never overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import quote

from slo_reports.deliver.contract import Check, Kind, Settlement, format_of, no_duplicates
from slo_reports.deliver.store import Published, Store
from slo_reports.deliver.stores import store_for
from slo_reports.deliver.trouble import Trouble
from slo_reports.errors import DeliveryError
from slo_reports.model import Bundle, DeliveryState, Document, Parcel, file_name, is_file_name
from slo_reports.settings.shares import ShareDestination

INDEX = "index.html"
"""The page in a share's folder that lists what is filed there."""


class Share:
    """Files in a folder; each is exactly-once, whoever else writes at the same time."""

    def __init__(self, name: str, settings: ShareDestination) -> None:
        self._name = name
        self._settings = settings
        self._opened: Store | None = None

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self._name

    @property
    def kind(self) -> Kind:
        """Served before mail."""
        return "share"

    def plan(self, bundle: Bundle) -> tuple[Parcel, ...]:
        """One parcel per document, and their manifest."""
        return no_duplicates(
            Parcel(
                destination=self._name,
                recipient=relative_path(bundle, one),
                media_type=one.media_type,
                content=one.content,
            )
            for one in (*bundle.documents, *manifest(bundle))
        )

    def send(self, parcel: Parcel) -> str:
        """Write the file, or find that it is there already with the same bytes."""
        names = _names(parcel.recipient)
        store = self._store()
        published = store.create(names, parcel.content)
        if published is Published.ALREADY_THERE:
            return f"already there, identical: {store.place(names)}"
        return f"written {store.place(names)}"

    def read(self, recipient: str) -> bytes:
        """What is filed under a path such as a parcel's ``recipient``.

        Raises:
            NotThere: nothing is.
            DeliveryError: it could not be read.
        """
        return self._store().read(_names(recipient))

    def place(self, recipient: str) -> str:
        """What a person finds a file by: its path, or its URL."""
        return self._store().place(_names(recipient))

    def publish_index(self, content: bytes) -> str:
        """Put the archive's page in the place of its last version; the only file ever replaced.

        Raises:
            DeliveryError: it could not be written.
        """
        store = self._store()
        store.replace((INDEX,), content)
        return f"written {store.place((INDEX,))}"

    def settle(self, parcel: Parcel, tried_at: datetime, now: datetime) -> Settlement:  # noqa: ARG002  # the contract's
        """Write again: what is there already is compared, never doubled."""
        return DeliveryState.PENDING, "written again, if it is not there"

    def examine(self) -> Iterator[Check]:
        """Whether the folder can be reached, and a file written, renamed, read and removed."""
        reached = self._checked(f"reach and log in to {self._name}", lambda: self._store().reach())
        yield reached
        what = f"write, rename, read and remove a file on {self._name}"
        if reached.is_fine:
            yield self._checked(what, lambda: self._store().try_out())
        else:
            yield Check(what, is_fine=None, seen="it could not be reached")

    def _checked(self, what: str, step: Callable[[], None]) -> Check:
        try:
            step()
        except Trouble as error:
            return Check(what, is_fine=False, seen=error.seen, mend=error.mend)
        return Check(what, is_fine=True, seen=self._store().place(()))

    def close(self) -> None:
        """Let go of the connection."""
        if self._opened is not None:
            self._opened.close()

    def _store(self) -> Store:
        if self._opened is None:
            self._opened = store_for(self._settings)
        return self._opened

    def links(self, bundle: Bundle) -> dict[str, str]:
        """Where readers find the HTML and the PDF, by format; empty without a ``link`` setting."""
        if self._settings.link is None:
            return {}
        base = self._settings.link.rstrip("/")
        formats = ((format_of(one), one) for one in bundle.documents)
        return {
            name: f"{base}/{quote(relative_path(bundle, one))}"
            for name, one in formats
            if name in {"html", "pdf"}
        }


def relative_path(bundle: Bundle, document: Document) -> str:
    """Where a document lies below the share's folder, with ``/`` between names.

    Raises:
        DeliveryError: its name is no plain file name.
    """
    if not is_file_name(document.name):
        raise _no_place(document.name, document.name)
    return f"{bundle.report}/{period_year(bundle)}/{document.name}"


def manifest(bundle: Bundle) -> tuple[Document, ...]:
    """The hashes of a bundle's documents, in the form that ``sha256sum --check`` reads."""
    if not bundle.documents:
        return ()
    lines = "".join(f"{one.sha256}  {one.name}\n" for one in bundle.documents)
    name = file_name(bundle.report, bundle.period_id, bundle.revision, "sha256")
    return (Document(name, "text/plain; charset=utf-8", lines.encode()),)


def period_year(bundle: Bundle) -> str:
    """The year that a period's id names; the year of the bundle where it names none."""
    found = re.search(r"(?<!\d)\d{4}(?![\dd])", bundle.period_id)
    return found[0] if found else f"{bundle.date.year:04}"


def _names(path: str) -> tuple[str, ...]:
    names = tuple(path.split("/"))
    for name in names:
        if not is_file_name(name):
            raise _no_place(path, name)
    return names


def _no_place(path: str, name: str) -> DeliveryError:
    msg = (
        f"{path!r} is no place on a share: {name!r} is no plain file name "
        '(no leading or closing dot, no control and none of / \\ : * ? " < > |)'
    )
    return DeliveryError(msg, retryable=False)
