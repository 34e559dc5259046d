"""Short words for what tests of the ledger do again and again."""

import time

from slo_reports.errors import LedgerError
from slo_reports.ledger import Freezing, Ledger


def freeze(ledger, snapshot, documents, parcels, now, asked=None):
    freezing = Freezing(snapshot, tuple(documents), tuple(parcels), asked=asked)
    return ledger.freeze_run(freezing, now)


def open_parcels(ledger, run, *states):
    found = ledger.open_deliveries(run, states) if states else ledger.open_deliveries(run)
    return tuple(one.parcel for one in found)


def open_all(states, start, faults):
    """Open one ledger after the other, each in the same instant as the other processes do."""
    told = []
    for state in states:
        start.wait()
        instant = time.monotonic() // 0.003 * 0.003 + 0.006  # a barrier alone lets one go first
        while time.monotonic() < instant:
            pass
        try:
            Ledger.open(state).close()
        except LedgerError as error:
            told.append(str(error))
    faults.put(told)
