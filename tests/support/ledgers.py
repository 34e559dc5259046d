"""Short words for what tests of the ledger do again and again."""

from slo_reports.ledger import Freezing


def freeze(ledger, snapshot, documents, parcels, now, asked=None):
    freezing = Freezing(snapshot, tuple(documents), tuple(parcels), asked=asked)
    return ledger.freeze_run(freezing, now)


def open_parcels(ledger, run, *states):
    found = ledger.open_deliveries(run, states) if states else ledger.open_deliveries(run)
    return tuple(one.parcel for one in found)
