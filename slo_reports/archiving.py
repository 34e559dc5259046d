"""The page on each share that lists what is filed there, made anew from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from slo_reports.deliver import Share, destinations_from
from slo_reports.delivering import Receipt
from slo_reports.errors import ConfigurationError, DeliveryError, RenderError
from slo_reports.job import World
from slo_reports.ledger import Delivered, Ledger, Run
from slo_reports.model import Brand, DeliveryState
from slo_reports.notices import period_of_run
from slo_reports.render.archive import ArchiveEntry, FiledDocument, archive_page


def refresh_archives(world: World, ledger: Ledger, receipts: Iterable[Receipt]) -> Iterator[str]:
    """Make the pages of those shares anew that something was filed on just now.

    A page is no delivery: where it cannot be written, the next one that is filed makes it anew.

    Yields:
        One sentence for each page that could not be written.
    """
    touched = {
        attempt.destination
        for receipt in receipts
        for attempt in receipt.attempts
        if attempt.outcome is DeliveryState.DELIVERED
    }
    for name, share in _shares(world).items():
        if name in touched:
            try:
                publish_archive(name, share, world, ledger)
            except (ConfigurationError, DeliveryError, RenderError) as error:
                yield f"the archive page of {name} was not renewed: {error}"


def publish_archives(world: World, ledger: Ledger) -> Iterator[str]:
    """Make the pages of all shares anew.

    Yields:
        Where each was written.

    Raises:
        DeliveryError: one could not be written.
    """
    for name, share in _shares(world).items():
        yield f"{name}: {publish_archive(name, share, world, ledger)}"


def publish_archive(name: str, share: Share, world: World, ledger: Ledger) -> str:
    """Make the page of one share anew; the receipt.

    Raises:
        DeliveryError: it could not be written.
    """
    titles = {report.name: report.title for report in world.settings.reports}
    entries = [_entry(run, filed, titles) for run, filed in ledger.delivered(name)]
    try:
        page = archive_page(
            entries,
            zone=world.settings.timezone,
            language=world.settings.language,
            templates=world.settings.templates,
            brand=world.settings.brand.frozen() or Brand(),
            footer=world.settings.brand.footer,
        )
        return share.publish_index(page)
    finally:
        share.close()


def _entry(run: Run, filed: Sequence[Delivered], titles: dict[str, str]) -> ArchiveEntry:
    """What one run has on a share."""
    return ArchiveEntry(
        report=run.report,
        title=titles.get(run.report, run.report),
        period=period_of_run(run),
        year=filed[0].recipient.split("/")[1],
        start=run.start,
        revision=run.revision,
        filed_at=max(one.at for one in filed),
        documents=tuple(FiledDocument(one.recipient, one.size, one.sha256) for one in filed),
        headline=run.headline,
    )


def _shares(world: World) -> dict[str, Share]:
    known = destinations_from(world.settings.destinations)
    return {name: one for name, one in known.items() if isinstance(one, Share)}
