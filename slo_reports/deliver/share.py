"""A folder, local or mounted: ``<path>/<report>/<year>/<document name>``, never overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from slo_reports.deliver.contract import Check, Kind, Settlement, format_of, no_duplicates
from slo_reports.deliver.filing import Published, file_away, try_out
from slo_reports.errors import DeliveryError
from slo_reports.model import Bundle, DeliveryState, Document, Parcel, is_file_name
from slo_reports.settings.destinations import ShareDestination


class Share:
    """Files in a folder; each is exactly-once, whoever else writes at the same time."""

    def __init__(self, name: str, settings: ShareDestination) -> None:
        self._name = name
        self._settings = settings

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self._name

    @property
    def kind(self) -> Kind:
        """Served before mail."""
        return "share"

    def plan(self, bundle: Bundle) -> tuple[Parcel, ...]:
        """One parcel per document."""
        return no_duplicates(
            Parcel(
                destination=self._name,
                recipient=relative_path(bundle, one),
                media_type=one.media_type,
                content=one.content,
            )
            for one in bundle.documents
        )

    def send(self, parcel: Parcel) -> str:
        """Write the file, or find that it is there already with the same bytes."""
        names = _names(parcel.recipient)
        published = file_away(self._settings.path, names, parcel.content)
        target = self._settings.path.joinpath(*names)
        if published is Published.ALREADY_THERE:
            return f"already there, identical: {target}"
        return f"written {target}"

    def settle(self, parcel: Parcel, tried_at: datetime, now: datetime) -> Settlement:  # noqa: ARG002  # the contract's
        """Write again: what is there already is compared, never doubled."""
        return DeliveryState.PENDING, "written again, if it is not there"

    def examine(self) -> Iterator[Check]:
        """Whether a file can be written, read back and removed."""
        what = f"write, read and remove a file on {self._name}"
        try:
            try_out(self._settings.path)
        except DeliveryError as error:
            yield Check(what, is_fine=False, seen=str(error), mend="mount it, or mend the rights")
        else:
            yield Check(what, is_fine=True, seen=str(self._settings.path))

    def close(self) -> None:
        """Nothing is held open."""

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
