"""Which SLOs a report covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

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

_Wrong = tuple[tuple[str | int, ...], str]


def select(slos: Sequence[Slo], selection: Selection, *, report: str = "") -> tuple[Slo, ...]:
    """The SLOs that one selection covers; see ``Catalogue``, which many ask.

    Raises:
        ConfigurationError: a selected word matches nothing, or all of them together do.
    """
    return Catalogue(slos).select(selection, report=report)


class Catalogue:
    """SLOs by what selections name, so that a thousand reports do not each look at all of them.

    Args:
        slos: every SLO there is.
    """

    def __init__(self, slos: Sequence[Slo]) -> None:
        self._slos = tuple(slos)
        self._places = {key: _places(self._slos, value) for key, (_, value) in _SELECTED.items()}

    def select(self, selection: Selection, *, report: str = "") -> tuple[Slo, ...]:
        """The SLOs that a selection covers, in their order; all where nothing is selected.

        The steps of a selected user journey are covered with it.

        Args:
            selection: every list given in it must hold the SLO's value.
            report: the report's name, for the message.

        Raises:
            ConfigurationError: a selected word matches nothing, or all of them together do.
        """
        found = [message for _, message in self.complaints(selection)]
        if found:
            prefix = f"report {report!r}: " if report else ""
            raise ConfigurationError(prefix + "; ".join(found))
        covered = self._covered(selection)
        steps = [one.slo for place in covered for one in self._slos[place].steps]
        covered |= {place for step in steps for place in self._places["slos"].get(step, ())}
        return tuple(self._slos[place] for place in sorted(covered))

    def complaints(self, selection: Selection) -> Iterator[_Wrong]:
        """What is wrong with a selection, each with its place in it."""
        wrong = list(self.unknown_words(selection))
        yield from wrong
        if not wrong and not self._covered(selection):
            yield (), "select matches no SLO: no one SLO has a value of every list in it"

    def unknown_words(self, selection: Selection) -> Iterator[_Wrong]:
        """The words of a selection that no SLO has, each with its place in it."""
        for key, (noun, _) in _SELECTED.items():
            for index, word in enumerate(_wanted(selection, key) or ()):
                if word not in self._places[key]:
                    yield (key, index), f"no {noun} is named {word!r}{self._hint(key, word)}"

    def _covered(self, selection: Selection) -> set[int]:
        """The places of the SLOs that have a value of every list."""
        lists = {key: _wanted(selection, key) for key in _SELECTED}
        found = [
            {place for word in words for place in self._places[key].get(word, ())}
            for key, words in lists.items()
            if words is not None
        ]
        return set.intersection(*found) if found else set(range(len(self._slos)))

    def _hint(self, key: str, word: str) -> str:
        known = sorted(self._places[key])
        return nearest(word, known) or (f"; there is {one_of(known[:12])}" if known else "")


def _places(slos: Sequence[Slo], value: Callable[[Slo], str]) -> Mapping[str, Sequence[int]]:
    """Where the SLOs of each value stand."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, slo in enumerate(slos):
        found[value(slo)].append(place)
    return dict(found)


def _wanted(selection: Selection, key: str) -> list[str] | None:
    wanted: list[str] | None = getattr(selection, key)
    return wanted
