"""README, docs/ and what cron/ says: links lead somewhere, commands and options are there."""

import re
from pathlib import Path

import pytest
from support.shown_commands import unknown_in

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
CRON = sorted(path for path in (ROOT / "cron").rglob("*") if path.is_file())
TEXTS = [*PAGES, *CRON, ROOT / "config" / "slo_reports.yaml"]


def name_of(path):
    return str(path.relative_to(ROOT))


def without_code(text):
    return re.sub(r"(?ms)^```.*?^```$|`[^`\n]*`", "", text)


def slug(heading):
    """The anchor that GitHub gives a heading."""
    words = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return words.strip("\n").replace(" ", "-")


def anchors(page):
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))
    return {slug(heading) for heading in re.findall(r"(?m)^#+ (.*)$", text)}


def commands_in(text):
    """The commands of a text: lines of examples, and code in sentences."""
    for example in re.findall(r"(?ms)^```(?:sh|console)\n(.*?)^```$", text):
        yield from re.findall(r"(?m)^(?:\$ )?(slo-reports .*)$", example)
    prose = re.sub(r"(?ms)^```.*?^```$", "", text)
    yield from re.findall(r"`(slo-reports [^`]+)`", prose)


def plain(command):
    """A command as it can be parted into words: without what follows it in a shell."""
    return re.split(r" [|>]|\|\||&&| # ", command.replace("\n", " "))[0]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_heading_that_there_is(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        file = page if not path else (page.parent / path).resolve()
        assert file.exists(), f"{name_of(page)} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{name_of(page)} links to {target}"


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_every_command_that_is_shown_is_there_with_its_options(text):
    wrong = {
        command: unknown
        for command in commands_in(text.read_text(encoding="utf-8"))
        if (unknown := unknown_in(plain(command)))
    }
    assert not wrong


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.parent == ROOT / "docs"], ids=name_of
)
def test_every_page_can_be_reached_from_the_readme(page):
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        one = ahead.pop()
        if one in seen or one.suffix != ".md":
            continue
        seen.add(one)
        links = re.findall(r"\]\(([^)\s#]+\.md)", without_code(one.read_text(encoding="utf-8")))
        ahead += [(one.parent / link).resolve() for link in links if "://" not in link]
    assert page in seen


@pytest.mark.parametrize(
    ("command", "unknown"),
    [
        ("slo-reports run shop --period last -q", []),
        ("slo-reports rum shop", ["slo-reports rum"]),
        ("slo-reports run shop --perod=last", ["slo-reports run --perod"]),
        ("slo-reports --version", []),
    ],
)
def test_a_wrong_command_would_be_seen(command, unknown):
    assert unknown_in(command) == unknown
