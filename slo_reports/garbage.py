"""How often Python looks for garbage in cycles."""

from __future__ import annotations

import gc


def collect_rarely() -> None:
    """Look through young objects a seventieth as often as usual.

    Definitions, series and reports are hundreds of thousands of objects that stay and hold no
    cycles; looking through them again and again took a quarter of a large job's time.
    """
    gc.set_threshold(50_000, 20, 20)
