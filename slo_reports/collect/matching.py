"""Which of many needs a series serves, without asking each of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from slo_reports.collect.families import Need, Weights


class Matching:
    """Finds the needs of a series by the label that tells most of them apart, ``job`` for example.

    A thousand services have a thousand times as many needs as one, and a series serves but a few.
    """

    def __init__(self, needs: Sequence[Need]) -> None:
        self._label = _telling(needs)
        self._by_value: dict[str, list[Need]] = defaultdict(list)
        self._others: list[Need] = []
        for need in needs:
            wanted = _value(need, self._label)
            (self._others if wanted is None else self._by_value[wanted]).append(need)

    def served(self, labels: Mapping[str, str]) -> Iterator[tuple[Need, Weights]]:
        """The needs that a series serves, each with what one of its events adds."""
        for need in (*self._by_value.get(labels.get(self._label, ""), ()), *self._others):
            weights = need.weights(labels)
            if weights is not None:
                yield need, weights


def _telling(needs: Sequence[Need]) -> str:
    """The label that most needs give one value; empty where none does."""
    counts = Counter(one.label for need in needs for one in need.matchers if one.op == "=")
    return max(counts, key=lambda label: (counts[label], label), default="")


def _value(need: Need, label: str) -> str | None:
    return next((one.value for one in need.matchers if one.label == label and one.op == "="), None)
