"""The files that pages are made of: the user's folder first, then ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from slo_reports.errors import RenderError

_PACKAGE = Path(__file__).resolve().parent


def shipped_templates() -> Path:
    """The folder that comes with us: inside an installed package, or beside it in a checkout."""
    installed = _PACKAGE / "_data" / "templates"
    return installed if installed.is_dir() else _PACKAGE.parent / "templates"


@dataclass(frozen=True)
class Resources:
    """Folders that are searched in order; nothing outside of them is ever read."""

    folders: tuple[Path, ...]

    def path(self, name: str) -> Path:
        """The file of a name such as ``fonts/Inter-Regular.ttf``.

        Raises:
            RenderError: there is none, or the name points outside.
        """
        for folder in self.folders:
            root = folder.resolve()
            found = (root / name).resolve()
            if found.is_relative_to(root) and found.is_file():
                return found
        msg = f"the page refers to {name!r}, which is not in {' or '.join(map(str, self.folders))}"
        raise RenderError(msg)

    def read(self, name: str) -> bytes:
        """The content of a file."""
        path = self.path(name)
        try:
            return path.read_bytes()
        except OSError as error:
            msg = f"could not read {path}: {error.strerror}"
            raise RenderError(msg) from error

    def text(self, name: str) -> str:
        """The content of a UTF-8 file."""
        try:
            return self.read(name).decode()
        except UnicodeDecodeError as error:
            msg = f"{self.path(name)} is not UTF-8 text"
            raise RenderError(msg) from error


def resources(templates: Path | None = None) -> Resources:
    """The user's folder, where there is one, before ours.

    Raises:
        RenderError: the user's folder is not there.
    """
    if templates is None:
        return Resources((shipped_templates(),))
    if not templates.is_dir():
        msg = f"the template folder {templates} is not there; check `templates` in the settings"
        raise RenderError(msg)
    return Resources((templates, shipped_templates()))
