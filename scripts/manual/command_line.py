"""The reference of the command line, from the application itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from typer.main import get_command

from scripts.manual.markdown import block, cell, code, joined, table, text
from slo_reports.cli import app

EXIT_CODES = Path(__file__).resolve().parents[2] / "docs" / "exit-codes.md"
INTRODUCTION = """\
# Command line

Made from the program itself: `slo-reports --help` and `slo-reports COMMAND --help` say the same on
a terminal. `slo-reports --install-completion` completes commands and options in your shell.

What every command may end with is on the page of [exit codes](../exit-codes.md); what only some end
with stands beside them here."""
_EPILOG = re.compile(r"(?:Exit codes: .*?\.  )?Examples?(?P<about>[^:]*):  (?P<rest>.+)")


def page() -> str:
    """Every command: what it does, its arguments and options, examples, exit codes."""
    group: Any = get_command(app)
    commands = sorted(_commands(group, "slo-reports"))
    overview = table(
        ("command", "what it does"),
        ((f"[`{name}`](#{_anchor(name)})", text(_first(one.help))) for name, one in commands),
    )
    sections = (part for name, one in commands for part in _command(name, one))
    return joined((INTRODUCTION, overview, *sections))


def _commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from _commands(one, f"{before} {name}")
        elif not one.hidden:
            yield f"{before} {name}".removeprefix("slo-reports "), one


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _first(about: str) -> str:
    return about.partition("\n\n")[0]


def _command(name: str, command: Any) -> Iterator[str]:
    shown = [one for one in command.params if not one.hidden]
    arguments = [one for one in shown if not one.opts[0].startswith("-")]
    options = [one for one in shown if one.opts[0].startswith("-")]
    yield f"## `{name}`"
    yield from (text(part) for part in command.help.split("\n\n"))
    words = " ".join((f"slo-reports {name}", *map(_in_usage, arguments), "[OPTIONS]"))
    yield block(words, "text")
    yield table(
        ("argument", "what it is"),
        ((code(_in_usage(one)), text(one.help or "")) for one in arguments),
    )
    yield table(("option", "what it says"), map(_option, options))
    yield block("\n".join(examples(name, command.epilog)), "text")
    yield from (f"Ends with **{one}**: {text(why)}." for one, why in _codes(name))


def examples(name: str, epilog: str | None) -> list[str]:
    """The examples that stand below a command's help, each below what it is said to be for."""
    found = _EPILOG.fullmatch(epilog or "")
    if found is None:
        msg = f"slo-reports {name}: the epilog shows no example as `Example:  …`: {epilog!r}"
        raise ValueError(msg)
    first, *others = found["rest"].split("  ·  ")
    about = found["about"].strip(", ")
    return [
        line
        for one in (f"{about}:  {first}" if about else first, *others)
        for line in _lines(*one.rpartition(":  "))
    ]


def _lines(about: str, _separator: str, command: str) -> list[str]:
    return [f"# {about}", command] if about else [command]


def _in_usage(argument: Any) -> str:
    word = argument.opts[0].upper() + ("..." if argument.multiple or argument.nargs != 1 else "")
    return word if argument.required else f"[{word}]"


def _option(option: Any) -> tuple[str, str]:
    names = " ".join(code(one) for one in (*option.opts, *option.secondary_opts))
    facts = (
        "**required**" if option.required else "",
        _value(option),
        _default(option),
        "may be repeated" if option.multiple else "",
        f"environment {code(option.envvar)}" if option.envvar else "",
    )
    return names, cell(text(option.help or ""), *facts)


def _value(option: Any) -> str:
    kinds = _kinds(option.type_descriptor.annotation)
    if kinds == [bool]:
        return ""
    return " or ".join(dict.fromkeys(map(_word, kinds))).replace("` or `", "` `")


def _word(kind: Any) -> str:
    """One type, or one value of those that may be chosen, as a person reads it."""
    if not isinstance(kind, type):
        return code(kind)
    if issubclass(kind, Enum):
        return " ".join(code(one.value) for one in kind)
    words = {int: "number", float: "number", Path: "path", str: "text", datetime: "day"}
    return words.get(kind, kind.__name__)


def _kinds(annotation: Any) -> list[Any]:
    """The types that an annotation is made of; the values of a Literal stand for themselves."""
    inner = get_args(annotation)
    if not inner:
        return [] if annotation is NoneType else [annotation]
    return [kind for one in inner for kind in _kinds(one)]


def _default(option: Any) -> str:
    value = option.default
    if isinstance(value, bool) and option.secondary_opts:
        value = option.opts[0] if value else option.secondary_opts[0]
    if value is None or isinstance(value, bool) or value == "" or option.required:
        return ""
    return f"default {code(value.value if isinstance(value, Enum) else value)}"


def _codes(name: str) -> Iterator[tuple[str, str]]:
    """What docs/exit-codes.md says that this command alone ends with."""
    rows = re.findall(
        r"(?m)^\| ([\d, ]+) \| (`.*?) \| .* \|$", EXIT_CODES.read_text(encoding="utf-8")
    )
    for number, meaning in rows:
        for part in meaning.split("; "):
            found = re.match(rf"`{re.escape(name)}(?P<option> [^`]*)?`:? (?P<why>.*)", part)
            if found is not None:
                with_option = f"with `{found['option'].strip()}`, " if found["option"] else ""
                yield number, with_option + found["why"]
