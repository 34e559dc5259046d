"""Documents in a folder that a person names on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from slo_reports.errors import ExitCode, SloReportsError
from slo_reports.model import Document


def write_named(documents: Iterable[Document], folder: Path) -> tuple[Path, ...]:
    """Write documents into a folder of the user's choice, replacing earlier ones of their names.

    Raises:
        OutputError: the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_write(folder / one.name, one.content) for one in documents)
    except OSError as error:
        msg = f"could not write into {folder}: {error.strerror}"
        raise OutputError(msg) from error


def _write(path: Path, content: bytes) -> Path:
    replace_file(path, content)
    return path


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in its place at once or not at all.

    Raises:
        OSError: it could not be written; what was there stays.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class OutputError(SloReportsError):
    """The folder given with --output cannot be written to."""

    exit_code = ExitCode.DELIVERY
