"""Finding services by their metrics, and proposing definitions for them to review.

``discover`` asks a source and returns a ``Discovery``; ``write_proposals`` writes one definition
file for each service. Recognising (``recognising``) and proposing (``targets``, ``latencies``)
are pure; only ``asking`` and ``finding`` touch the source.
"""

from slo_reports.discovering.files import write_proposals
from slo_reports.discovering.finding import discover
from slo_reports.discovering.nouns import Discovery, LeftOut, Proposal

__all__ = ["Discovery", "LeftOut", "Proposal", "discover", "write_proposals"]
