"""How the commands are shown, and what is said where a value cannot be one."""

import re

import pytest
from support.command import slo_reports
from support.shop import write_config
from typer.main import get_command
from typer.testing import CliRunner

from slo_reports.cli import app
from slo_reports.cli.panels import PANELS, plainly
from slo_reports.model import Tier
from slo_reports.model.policies import Risk


def help_of(*words, width=80):
    """The help, as wide as a terminal [columns]."""
    return CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": str(width)}).stdout


def test_every_command_is_in_a_panel_and_the_panels_hold_none_twice():
    named = [name for names in PANELS.values() for name in names]
    assert len(named) == len(set(named))
    apart = {
        name: command.rich_help_panel
        for name, command in get_command(app).commands.items()
        if name not in named
    }
    assert all(panel in PANELS for panel in apart.values()), apart


def test_help_begins_with_what_a_newcomer_needs():
    shown = help_of()
    panels = re.findall(r"─ (\w+) ─", shown)
    assert panels == ["Options", *PANELS]
    names = re.findall(r"(?m)^│ ([a-z][a-z-]*) ", shown)
    assert names[0] == "init"
    assert set(names) == set(get_command(app).commands)


@pytest.mark.parametrize("name", sorted(get_command(app).commands))
def test_each_command_says_what_it_does_in_eighty_columns(name):
    shown = help_of(name)
    assert max(map(len, shown.splitlines())) <= 80
    for paragraph in (get_command(app).commands[name].help or "").split("\n\n"):
        assert " ".join(paragraph.split()) in " ".join(shown.split())
    assert "Example" in shown or not get_command(app).commands[name].epilog


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("decide", "shop", "--risk", "none"), "'none' is not one of 'low', 'medium', 'high'."),
        (("explain", "x", "--slices", "x"), "'x' is not one of 'table', 'csv', 'none'."),
        (("collect", "--days", "x"), "a whole number, such as 14, is wanted"),
        (("collect", "--days", "0"), "it must be greater than or equal to 1"),
        (("collect", "--from", "x"), "'x' does not match YYYY-MM-DD."),
        (("schema", "x"), "there are settings, definition, incidents, policy, report"),
    ],
)
def test_what_cannot_be_a_value_is_said_without_jargon(words, told, tmp_path):
    done = slo_reports(*words, cwd=tmp_path, COLUMNS="200")
    assert done.returncode == 2
    assert told in done.stderr
    assert "Value error" not in done.stderr


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (("--kind", "x"), "there are service, portfolio, review, brief"),
        (("--format", "x"), "html, pdf, md, csv, xlsx"),
    ],
)
def test_kinds_and_formats_that_are_none_name_those_that_are(wish, told, tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    done = slo_reports("make", "shop", *wish, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_message_of_ours_stays_as_it_is():
    assert plainly("the period must be whole days") == "the period must be whole days"


@pytest.mark.parametrize(
    ("command", "option", "words"), [("decide", "--risk", Risk), ("discover", "--tier", Tier)]
)
def test_the_words_that_an_option_takes_are_those_of_the_model(command, option, words):
    shown = help_of(command, width=200)
    assert f"{option} <{'|'.join(words)}>" in re.sub(r"\s+", " ", shown.replace("│", " "))
