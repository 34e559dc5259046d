"""Brings the catalogues of slo_reports/languages/ up to date with the code (``make messages``).

New messages are added without a translation, those that nobody says any more are dropped; what
has been translated stays. ``--check`` changes nothing and ends with 1 where something is missing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "slo_reports" / "languages"
SPOKEN = (
    "numbers.py",
    "tiers.py",
    "statuses.py",
    "notices.py",
    "units.py",
    "model/policies.py",
    "compute/**/*.py",
    "render/**/*.py",
    "deliver/chat_payloads.py",
    "deliver/fitting.py",
    "deliver/trial.py",
)
"""Where texts of reports are written; what a terminal is told stays English."""
KEYWORDS = {"tr": (1,), "trn": (1, 2), "counted": (2, 3), "_phrase": (1,)}
"""Functions, and which of their arguments are messages."""

LATER = {"Column": (2, 4), "_percentile": (2,), "Table": (2,)}
"""Of ``render/tables.py``: what stands there in English and is said when it is shown."""

Message = tuple[str, ...]


def said() -> Catalog:
    """Every message of the code and the templates, in order of the files."""
    found = Catalog(charset="utf-8")
    for message in (*_of_code(), *_of_templates()):
        found.add(message if len(message) > 1 else message[0])
    return found


def _of_code() -> Iterator[Message]:
    for pattern in SPOKEN:
        for path in sorted((ROOT / "slo_reports").glob(pattern)):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (places := KEYWORDS.get(_name(node.func))):
                    yield tuple(_literal(node, one - 1, path) for one in places)
                if path.name == "tables.py" and isinstance(node, ast.Call):
                    yield from _said_later(node)


def _said_later(call: ast.Call) -> Iterator[Message]:
    for place in LATER.get(_name(call.func), ()):
        argument = call.args[place - 1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield (argument.value,)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _literal(call: ast.Call, place: int, path: Path) -> str:
    argument = call.args[place] if place < len(call.args) else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    msg = f"{path.relative_to(ROOT)}:{call.lineno}: what is said must be written out here"
    raise SystemExit(msg)


def _of_templates() -> Iterator[Message]:
    for path in sorted((ROOT / "templates").glob("**/*.j2")):
        with path.open("rb") as file:
            for _, name, message, _ in babel_extract(file, list(KEYWORDS), (), {}):
                texts = message if isinstance(message, tuple) else (message,)
                yield tuple(texts[one - 1] for one in KEYWORDS[name])


def known(path: Path) -> Catalog:
    """A catalogue as it is on disk."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def faults(catalogue: Catalog) -> Iterator[str]:
    """What is missing or wrong in a catalogue that is up to date with the code."""
    for message in catalogue:
        ids, texts = _all(message.id), _all(message.string)
        if not ids[0]:
            continue
        if not all(texts):
            yield f"not translated: {ids[0]!r}"
        elif message.fuzzy:
            yield f"to be looked at: {ids[0]!r}"
        else:
            yield from _wrong_places(ids, texts)


def renewed(path: Path) -> Catalog:
    """A catalogue with the messages of the code."""
    catalogue = known(path)
    catalogue.update(said(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def _wrong_places(ids: tuple[str, ...], texts: tuple[str, ...]) -> Iterator[str]:
    allowed = set().union(*map(_places, ids))
    for text in texts:
        if extra := _places(text) - allowed:
            yield f"names {', '.join(sorted(extra))}, which is no place of {ids[0]!r}"
    if missing := allowed - set().union(*map(_places, texts)):
        yield f"leaves out {', '.join(sorted(missing))} of {ids[0]!r}"


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _all(texts: object) -> tuple[str, ...]:
    return tuple(map(str, texts)) if isinstance(texts, (tuple, list)) else (str(texts or ""),)


def main() -> int:
    """All catalogues."""
    check, bad = "--check" in sys.argv[1:], 0
    for path in sorted(CATALOGUES.glob("*.po")):
        catalogue = renewed(path)
        for fault in faults(catalogue):
            bad += 1
            print(f"{path.relative_to(ROOT)}: {fault}")
        if not check:
            with path.open("wb") as file:
                write_po(file, catalogue, width=100, no_location=True, omit_header=False)
    return 1 if check and bad else 0


if __name__ == "__main__":
    sys.exit(main())
