"""Which SLOs a report covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from slo_reports.errors import ConfigurationError
from slo_reports.model import Slo
from slo_reports.settings.problems import nearest, one_of
from slo_reports.settings.schema import Selection

_SELECTED: dict[str, tuple[str, Callable[[Slo], str]]] = {
    "services": ("service", lambda slo: slo.service),
    "owners": ("owner", lambda slo: slo.owner),
    "namespaces": ("namespace", lambda slo: slo.namespace),
    "slos": ("SLO", lambda slo: slo.id),
}


def select(slos: Sequence[Slo], selection: Selection, *, report: str = "") -> tuple[Slo, ...]:
    """The SLOs that a selection covers, in their order; all where nothing is selected.

    The steps of a selected user journey are covered with it.

    Args:
        slos: every SLO there is.
        selection: every list given in it must hold the SLO's value.
        report: the report's name, for the message.

    Raises:
        ConfigurationError: a selected word matches nothing, or all of them together do.
    """
    found = [message for _, message in complaints(slos, selection)]
    if found:
        prefix = f"report {report!r}: " if report else ""
        raise ConfigurationError(prefix + "; ".join(found))
    covered = _covered(slos, selection)
    wanted = {slo.id for slo in covered} | {one.slo for slo in covered for one in slo.steps}
    return tuple(slo for slo in slos if slo.id in wanted)


def complaints(
    slos: Sequence[Slo], selection: Selection
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with a selection, each with its place in it."""
    wrong = list(unknown_words(slos, selection))
    yield from wrong
    if not wrong and not _covered(slos, selection):
        yield (), "select matches no SLO: no one SLO has a value of every list in it"


def unknown_words(
    slos: Sequence[Slo], selection: Selection
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The words of a selection that no SLO has, each with its place in it."""
    for key, (noun, value) in _SELECTED.items():
        known = sorted({value(slo) for slo in slos})
        for index, word in enumerate(_wanted(selection, key) or ()):
            if word not in known:
                yield (key, index), f"no {noun} is named {word!r}{_hint(word, known)}"


def _covered(slos: Sequence[Slo], selection: Selection) -> tuple[Slo, ...]:
    return tuple(slo for slo in slos if _matches(slo, selection))


def _matches(slo: Slo, selection: Selection) -> bool:
    lists = {key: _wanted(selection, key) for key in _SELECTED}
    return all(wanted is None or _SELECTED[key][1](slo) in wanted for key, wanted in lists.items())


def _wanted(selection: Selection, key: str) -> list[str] | None:
    wanted: list[str] | None = getattr(selection, key)
    return wanted


def _hint(word: str, known: list[str]) -> str:
    return nearest(word, known) or (f"; there is {one_of(known[:12])}" if known else "")
