"""Which places are looked at, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from slo_reports.deliver import destinations_from
from slo_reports.doctoring import alertmanager, machine, papers, setup, source
from slo_reports.doctoring.limits import Checks, Finding, looked_at
from slo_reports.errors import ConfigurationError
from slo_reports.job import World
from slo_reports.operate import Operations

LIMIT = 30.0
"""How long a place may take [s]."""


def examine(
    world: World, fault: ConfigurationError | None = None, *, limit: float = LIMIT
) -> Iterator[Finding]:
    """Look at everything that the reports of a world need; never raises, tells and sends nothing.

    Args:
        world: what the job would work with.
        fault: what is wrong with the definitions; the world then holds none.
        limit: how long each place may take [s].
    """
    yield from looked_at(_places(world, fault), limit)


def _places(world: World, fault: ConfigurationError | None) -> Iterator[tuple[str, Checks]]:
    settings = world.settings
    yield "Settings", partial(setup.examine_settings, world)
    yield "Definitions and reports", partial(setup.examine_reports, world, fault)
    yield f"{settings.source.name} {settings.source.url}", partial(source.examine, world)
    if settings.alertmanager is not None:
        yield f"Alertmanager {settings.alertmanager.url}", partial(alertmanager.examine, world)
    yield f"State folder {settings.state}", partial(machine.examine_state, world)
    if world.history is not None:
        yield f"History {world.history.url}", partial(machine.examine_history, world.history)
    yield "Documents", partial(papers.examine, world)
    for name, one in destinations_from(settings.destinations).items():
        yield f"Destination {name} ({settings.destinations[name].kind})", one.examine
    operations = Operations(settings.operations, lambda _text: None)
    if settings.operations.model_fields_set:
        yield "Operations", operations.examine
    yield "This machine", partial(machine.examine_zones, world)
