"""Writing a folder's files: all of them or none, and never over one that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from slo_reports.errors import ConfigurationError
from slo_reports.output import replace_file

_SHOWN = 5


def refuse_to_replace(folder: Path, names: Iterable[Path]) -> None:
    """Nothing, where none of the files is there.

    Raises:
        ConfigurationError: some are.
    """
    there = [str(folder / name) for name in names if (folder / name).exists()]
    if there:
        more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
        msg = (
            f"{', '.join(there[:_SHOWN])}{more} is there already; nothing was written "
            "(--force replaces files, another folder leaves them)"
        )
        raise ConfigurationError(msg)


def place(folder: Path, files: Mapping[Path, str], *, force: bool, inner: Path | None) -> None:
    """Write files into a folder; whatever breaks in, what was made so far goes again.

    Args:
        folder: made where it is not there.
        files: texts by path from the folder.
        force: replace what is there.
        inner: a folder that is made as well.

    Raises:
        ConfigurationError: a file is there already, or cannot be written.
    """
    if not force:
        refuse_to_replace(folder, files)
    made: list[Path] = []
    try:
        _write(folder, files, made, force=force)
        if inner is not None:
            _make(inner, made)
    except OSError as error:
        _remove(made)
        msg = f"could not write {error.filename or folder}: {error.strerror}; nothing was left"
        raise ConfigurationError(msg) from error
    except BaseException:  # Ctrl-C above all
        _remove(made)
        raise


def _write(folder: Path, files: Mapping[Path, str], made: list[Path], *, force: bool) -> None:
    for name, text in files.items():
        path = folder / name
        _make(path.parent, made)
        if force and path.exists():
            replace_file(path, text.encode())
            continue
        with path.open("x", encoding="utf-8") as file:
            made.append(path)
            file.write(text)


def _make(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, and note which were made."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir()
        made.append(one)


def _remove(made: Iterable[Path]) -> None:
    for path in reversed(list(made)):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
