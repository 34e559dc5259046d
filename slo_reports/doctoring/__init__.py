"""The doctor: reaches everything that a report needs, and says what to mend. Changes nothing.

What it writes are trial files that it removes at once; nothing is posted, mailed or recorded.
"""

from slo_reports.doctoring.examining import examine
from slo_reports.doctoring.limits import Finding

__all__ = ["Finding", "examine"]
