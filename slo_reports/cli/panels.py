"""How the commands are shown: in panels, in the order in which a newcomer meets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Command

PANELS = {
    "Start": ("init", "doctor", "preview", "demo"),
    "Reports": ("make", "run", "run-due", "schedule", "plan"),
    "Check": ("validate", "explain", "verify", "check-drift"),
    "Deliver": ("test-send", "resend", "mark-delivered", "skip", "archive", "restate"),
    "Definitions": ("discover", "import", "templates", "schema", "rules", "dashboard"),
    "Operate": ("status", "history", "collect", "decide", "alive"),
}
"""Names of commands by panel, in both in the order that is shown. A command that is not named here
comes after them, in the panel that its own ``rich_help_panel`` names, else the last one."""
_LAST = list(PANELS)[-1]
_ORDER = [name for names in PANELS.values() for name in names]
_PANEL_OF = {name: panel for panel, names in PANELS.items() for name in names}
_PLAINER = {
    "Input should be a valid integer, unable to parse string as an integer": "a whole number, "
    "such as 14, is wanted",
    "Input should be a valid number, unable to parse string as a number": "a number is wanted",
}


class Commands(TyperGroup):
    """The group of all commands."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer's Context is the one that it passes
        """The names in the order of the panels."""
        del ctx  # the same in every one
        for name, command in self.commands.items():
            if isinstance(command, TyperCommand):
                own = command.rich_help_panel
                command.rich_help_panel = _PANEL_OF.get(name, own or _LAST)
        return sorted(self.commands, key=_place)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Command | None:  # type: ignore[override]  # as above
        """A command, whose help is broken into lines by the terminal alone."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and command.help:
            command.help = re.sub(r"(?<!\n)\n(?!\n)", " ", command.help)
        return command

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # as above
        """Run a command; what cannot be a value of an option is said in our words."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as fault:
            fault.message = plainly(fault.message)
            raise


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def plainly(message: str) -> str:
    """What a validator says of an option's value, without its own jargon."""
    text = message.removeprefix("Value error, ")
    text = _PLAINER.get(text, text).replace("Input should be ", "it must be ")
    return text.replace("the formats '%Y-%m-%d'", "YYYY-MM-DD")
