"""Writing proposed definitions, one file for each service, without overwriting any."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from slo_reports.definitions.loading import load_definitions
from slo_reports.discovering.nouns import Proposal
from slo_reports.discovering.texts import MARK
from slo_reports.errors import ConfigurationError
from slo_reports.model import Slo


def write_proposals(
    proposals: Sequence[Proposal], folder: Path, *, force: bool = False
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Write each proposal into a file of its own; the folder is made where it is not there.

    Args:
        proposals: what ``discover`` proposed.
        folder: where definitions lie.
        force: whether a file that is there is replaced; else it stays as it is.

    Returns:
        The files that were written, and those that were there and stayed.

    Raises:
        ConfigurationError: the folder cannot be written to.
    """
    written, kept = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in proposals:
            path = folder / one.file_name
            if _write(path, one.text, force=force):
                written.append(path)
            else:
                kept.append(path)
    except OSError as error:
        msg = f"could not write to {folder}: {error.strerror}"
        raise ConfigurationError(msg) from error
    return tuple(written), tuple(kept)


def _write(path: Path, text: str, *, force: bool) -> bool:
    """Write a file, unless it is there and may not be replaced."""
    if force:
        path.write_text(text, encoding="utf-8")
        return True
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def definitions_in(paths: Sequence[Path], *, renewing: bool) -> tuple[Slo, ...]:
    """The definitions that are there already, of any format; paths that hold none are passed over.

    Args:
        paths: files and folders.
        renewing: whether files that discovery wrote are to be replaced, and so do not count.

    Raises:
        ConfigurationError: a file that is there is no definition.
    """
    files = [file for path in paths for file in _files(path)]
    found = [one for one in files if not (renewing and is_ours(one))]
    return load_definitions(found) if found else ()


def is_ours(path: Path) -> bool:
    """Whether discovery wrote a file, by its first line."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return MARK in file.readline()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(one for one in path.rglob("*.y*ml") if not one.name.startswith("."))
