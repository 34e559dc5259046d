"""Short words for what tests of the ledger do again and again."""

from slo_reports.ledger import Freezing


def freeze(ledger, snapshot, documents, parcels, now):
    return ledger.freeze_run(Freezing(snapshot, tuple(documents), tuple(parcels)), now)


def open_parcels(ledger, run, *states):
    found = ledger.open_deliveries(run, states) if states else ledger.open_deliveries(run)
    return tuple(one.parcel for one in found)
