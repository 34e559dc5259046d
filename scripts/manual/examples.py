"""The files of config/ as one page: complete, with their comments."""

from __future__ import annotations

from pathlib import Path

from scripts.manual.markdown import block, joined

ROOT = Path(__file__).resolve().parents[2]
_LEFT_OUT = "demo"


def page() -> str:
    """Each example file, whole."""
    return joined(
        (
            "# Example files",
            "The files of `config/`, as they lie in the repository; tests load every one of them.",
            *(part for path in _files() for part in (_heading(path), _body(path))),
        )
    )


def _files() -> list[Path]:
    found = [path for path in (ROOT / "config").rglob("*") if path.is_file()]
    kept = [path for path in found if _LEFT_OUT not in path.relative_to(ROOT).parts]
    return sorted(kept, key=lambda path: (len(path.parts), path))


def _heading(path: Path) -> str:
    return f"## `{path.relative_to(ROOT).as_posix()}`"


def _body(path: Path) -> str:
    languages = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}
    return block(path.read_text(encoding="utf-8"), languages.get(path.suffix, "text"))
