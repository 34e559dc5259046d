"""The navigation of mkdocs.yml: nested lists of pages and of named parts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

Nav = list[Any]
"""Pages by their place, and dictionaries of one name with a page or with a list like this."""


def pages_in(nav: Any) -> Iterator[str]:
    """Every page, in order."""
    if isinstance(nav, str):
        yield nav
        return
    for part in nav.values() if isinstance(nav, dict) else nav:
        yield from pages_in(part)


def only(nav: Nav, there: Collection[str]) -> Nav:
    """The same without pages that are not there, and without parts that are empty then.

    A part that is empty from the start waits for pages and stays.
    """
    kept = [_kept(part, there) for part in nav]
    return [part for part in kept if part is not None]


def _kept(part: Any, there: Collection[str]) -> Any:
    if isinstance(part, str):
        return part if part in there else None
    ((name, inside),) = part.items()
    if isinstance(inside, str):
        return part if inside in there else None
    left = only(inside, there)
    return {name: left} if left or not inside else None


def section(nav: Nav, name: str) -> Nav | None:
    """The pages of the part with this name, wherever it stands."""
    for part in nav:
        for own, inside in part.items() if isinstance(part, dict) else ():
            found = inside if own == name else section(inside, name)
            if isinstance(inside, list) and found is not None:
                return found
    return None
