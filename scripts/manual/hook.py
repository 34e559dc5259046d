"""What mkdocs asks us while it builds the documentation site (``make docs``).

The pages of ``docs/`` are written for GitHub and stay as they are; beside them the site has the
reference pages, which are made here from the code, and the faces of the reports.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.manual import command_line, examples, library, python_api, schemas  # noqa: E402
from scripts.manual.markdown import DOCS, for_the_site, github_anchor, with_links  # noqa: E402
from scripts.manual.navigation import only, pages_in, section  # noqa: E402

PAGES: dict[str, Callable[[], str]] = {
    "reference/command-line.md": command_line.page,
    "reference/settings.md": schemas.settings_page,
    "reference/definition.md": schemas.definition_page,
    "reference/library.md": library.page,
    "reference/policy.md": schemas.policy_page,
    "reference/report-json.md": schemas.report_page,
    "reference/other-json.md": schemas.other_page,
    "reference/examples.md": examples.page,
    "reference/python.md": python_api.page,
    "changelog.md": lambda: with_links((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")),
}
"""What is made while the site is built, by its place in it."""

FACES = ("Inter-Regular", "Inter-Medium", "Inter-SemiBold", "InterDisplay-SemiBold")
MADE = "<!-- pages made from the code -->"
"""Where the start page names them; GitHub, which has none of them, shows nothing there."""

LATEST, DECISIONS = "How to", "Decisions"
"""The parts of the navigation that get the pages of docs/ that mkdocs.yml does not name."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Anchors as on GitHub; mkdocs.yml orders the pages, what there is in docs/ decides which."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = github_anchor
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    nav = only(config.nav or [], written | set(PAGES))
    for page in sorted(written - set(pages_in(nav))):
        part = section(nav, DECISIONS if page.startswith("decisions/") else LATEST)
        (nav if part is None else part).append(page)
    config.nav = nav
    config.watch += [str(ROOT / place) for place in ("slo_reports", "config", "CHANGELOG.md")]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The pages of ``docs/`` and what is made from the code."""
    for place, page in PAGES.items():
        files.append(File.generated(config, place, content=page()))
    for face in FACES:
        source = ROOT / "templates" / "fonts" / f"{face}.woff2"
        files.append(
            File.generated(config, f"assets/fonts/{source.name}", abs_src_path=str(source))
        )
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: Any) -> str:
    """A page of ``docs/`` with what GitHub understands and mkdocs does not put in its words."""
    made = (file for place in PAGES if (file := files.get_file_from_path(place)) is not None)
    links = (f"[{_title(file.content_string)}]({file.src_uri})" for file in made)
    return for_the_site(markdown.replace(MADE, ", ".join(links) + "."), page.file.src_uri)


def on_post_page(output: str, **_: Any) -> str:
    """A page with the names that screen readers miss in the theme."""
    dialog = 'data-md-component="search" role="dialog"'
    return output.replace(dialog, f'{dialog} aria-label="Search"')


def _title(markdown: str) -> str:
    return markdown.partition("\n")[0].removeprefix("# ")
