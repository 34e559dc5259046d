"""Telling how generated files differ from those that are there, and writing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slo_reports.generated import Differences


def say_differences(found: Differences) -> None:
    """Say what writing would change."""
    from slo_reports.console import tell

    for path in found.changed:
        tell(f"{path} {'differs' if path.exists() else 'is missing'}")
    for path in found.left_over:
        tell(f"{path} is left over: its definition is gone")
    if not found.any:
        tell(f"{len(found.alike)} files are as they should be")


def write_differences(
    wanted: Mapping[Path, str], found: Differences, *, prune: bool = False
) -> None:
    """Write what differs, and say so.

    Args:
        wanted: contents by path.
        found: how they differ from what is there.
        prune: whether files that are left over are removed; else they are warned of.
    """
    from slo_reports.console import tell, warn
    from slo_reports.generated import remove_files, write_files

    write_files(wanted, found.changed)
    for path in found.changed:
        tell(f"written: {path}")
    if found.alike:
        tell(f"unchanged: {len(found.alike)} files")
    if prune:
        remove_files(found.left_over)
    for path in found.left_over:
        if prune:
            tell(f"removed: {path}")
        else:
            warn(f"{path} is left over: its definition is gone (--prune removes it)")
