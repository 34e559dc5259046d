"""From a snapshot to a judged report; pure."""
