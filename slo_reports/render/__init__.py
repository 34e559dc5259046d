"""From a report to documents; pure."""
