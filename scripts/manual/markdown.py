"""Markdown that GitHub and mkdocs both read, and what stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"

CONFIG_LINK = re.compile(r"\]\((?:\.\./)+config/([^)#]+)\)")
OUTSIDE = {"../CHANGELOG.md": "changelog.md", "[repository](../README.md)": "repository"}
"""What lies beside docs/, and what stands for it on the site; the start page links to it."""


def github_anchor(heading: str, _separator: str = "-") -> str:
    """The anchor that GitHub gives a heading, so that one link serves both places."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def for_the_site(markdown: str, place: str) -> str:
    """A page of docs/ as mkdocs reads it.

    Args:
        markdown: the page as it is written for GitHub.
        place: where it lies below docs/.
    """
    plain = re.sub(r"(?m)^( *```\w+) [a-z]+$", r"\1", markdown)  # ```yaml settings, for our tests
    up = "../" * place.count("/")

    def example(found: re.Match[str]) -> str:
        return f"]({up}reference/examples.md#{github_anchor('config/' + found[1])})"

    for outside, inside in OUTSIDE.items():
        plain = plain.replace(outside, inside)
    named = re.sub(r"\[([\w/-]+\.md)\](?=\(\1[)#])", lambda found: f"[{title(found[1])}]", plain)
    return CONFIG_LINK.sub(example, named)


def title(place: str) -> str:
    """The heading of a page of docs/, which the site shows where GitHub shows the file's name."""
    first = (DOCS / place).read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("# ")


def with_links(markdown: str) -> str:
    """A text beside docs/ whose words name pages of it (docs/mail.md), with links to them."""
    return re.sub(r"\bdocs/([\w/-]+\.md)\b", r"[\1](\1)", markdown)


def text(words: str) -> str:
    """Plain words for a paragraph or a cell: nothing in them becomes markup, but `code` stays."""
    parts = re.split(r"(`[^`]+`)", " ".join(words.split()))
    return "".join(_code_part(part) if n % 2 else _plain(part) for n, part in enumerate(parts))


def _plain(words: str) -> str:
    return re.sub(r"([\\`*_<>\[\]|#{}])", r"\\\1", words)


def _code_part(words: str) -> str:
    return code(words.strip("`"))


def code(words: object) -> str:
    """Code inside a line or a cell."""
    return f"`{str(words).replace('|', chr(92) + '|')}`" if str(words) else ""


def block(body: str, language: str) -> str:
    """Code as a block of its own."""
    return f"```{language}\n{body.strip()}\n```"


def cell(about: str, *facts: str) -> str:
    """A cell that says what something is about and, in a line of its own, facts about it."""
    small = "; ".join(fact for fact in facts if fact)
    return "<br>".join(part for part in (about, small and f"<small>{small}</small>") if part)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty where it has no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *lines])


def joined(parts: Iterable[str]) -> str:
    """Blocks one below another; empty ones are left out."""
    return "\n\n".join(part for part in parts if part) + "\n"
