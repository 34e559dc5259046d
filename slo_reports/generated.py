"""Rules of definitions, made and put into files: what is there, what differs, what is left over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slo_reports.errors import ConfigurationError
from slo_reports.generate.files import (
    MARK,
    RULES_SUFFIX,
    TESTS,
    Made,
    Wrapping,
    one_file,
    one_file_each,
)
from slo_reports.generate.rules import Generated, LeftOut, Surroundings
from slo_reports.generate.styles import STYLES, rules_in
from slo_reports.model import Slo
from slo_reports.output import OutputError, replace_file

_FILES = (".yml", ".yaml")


def make_rules(slos: Sequence[Slo], around: Surroundings, style: str) -> Made:
    """The rules of each SLO in a style.

    Raises:
        ConfigurationError: there is no such style.
    """
    if style not in STYLES:
        msg = f"no style is named {style!r}; there is {', '.join(STYLES)}"
        raise ConfigurationError(msg)
    return list(_without_twins([(slo, rules_in(style, slo, around)) for slo in slos]))


def _without_twins(made: Made) -> Iterator[tuple[Slo, Generated]]:
    """Rules without those that a style would name like another definition's.

    Other tools' names are made of less than our ids, and Prometheus takes each group once.
    """
    seen: dict[str, str] = {}
    for slo, generated in made:
        taken = next((one.name for one in generated.groups if one.name in seen), None)
        if taken is None:
            seen |= {one.name: slo.id for one in generated.groups}
            yield slo, generated
        else:
            why = f"its group {taken!r} would be called like that of {seen[taken]}"
            yield slo, Generated((), (LeftOut(slo.id, "the objective", why),))


def wanted_files(made: Made, output: Path, wrapping: Wrapping) -> dict[Path, str]:
    """Contents by path: one file where ``output`` names a YAML file, else a folder of files."""
    if output.suffix in _FILES:
        files, folder = one_file(made, output.name, wrapping), output.parent
    else:
        files, folder = one_file_each(made, wrapping), output
    return {folder / name: text for name, text in files.items()}


@dataclass(frozen=True)
class Differences:
    """How a folder differs from what is wanted in it.

    Attributes:
        changed: files that are not there, or not as they are wanted.
        alike: files that are as they are wanted.
        left_over: files of an earlier time that nothing is written to any more.
    """

    changed: tuple[Path, ...]
    alike: tuple[Path, ...]
    left_over: tuple[Path, ...]

    @property
    def any(self) -> bool:
        """Whether anything must be done."""
        return bool(self.changed or self.left_over)


def differences(wanted: Mapping[Path, str], output: Path, *, whole: bool) -> Differences:
    """Compare files with what is wanted of them.

    Args:
        wanted: contents by path.
        output: the folder (or the one file) that they are written to.
        whole: whether all that there is to write is wanted, so that the rest is left over.

    Raises:
        OutputError: a file cannot be read.
    """
    try:
        alike = tuple(path for path, text in wanted.items() if _holds(path, text))
        left_over = _left_over(wanted, output) if whole and output.suffix not in _FILES else ()
    except OSError as error:
        msg = f"could not read {error.filename or output}: {error.strerror}"
        raise OutputError(msg) from error
    changed = tuple(path for path in wanted if path not in alike)
    return Differences(changed, alike, left_over)


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except FileNotFoundError:
        return False


def _left_over(wanted: Mapping[Path, str], output: Path) -> tuple[Path, ...]:
    there = [*output.glob(f"*{RULES_SUFFIX}"), *(output / TESTS).glob("*.yml")]
    return tuple(one for one in sorted(there) if one not in wanted and _is_ours(one))


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline().rstrip() == f"# {MARK}".encode()


def write_files(wanted: Mapping[Path, str], paths: Sequence[Path]) -> None:
    """Write some of the wanted files; each is whole or as it was.

    Raises:
        OutputError: a file cannot be written.
    """
    for path in paths:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, wanted[path].encode())
        except OSError as error:
            msg = f"could not write {path}: {error.strerror}"
            raise OutputError(msg) from error


def remove_files(paths: Sequence[Path]) -> None:
    """Remove files that are left over.

    Raises:
        OutputError: a file cannot be removed.
    """
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            msg = f"could not remove {path}: {error.strerror}"
            raise OutputError(msg) from error
