"""What differs between two JSON documents, named as a reader of the report would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ABSENT = "(not there)"


@dataclass(frozen=True)
class Difference:
    """One value that is not the same.

    Attributes:
        objective: id of the objective that it belongs to; empty for the report's own.
        field: where it stands, such as ``budget.consumed``.
        filed: what the filed report says; ``ABSENT`` where it does not have the field.
        recomputed: what comes out now; ``ABSENT`` likewise.
    """

    objective: str
    field: str
    filed: Any
    recomputed: Any

    @property
    def is_of_form(self) -> bool:
        """Whether only one of the two has the field at all."""
        return ABSENT in (self.filed, self.recomputed)


def differences(filed: Any, recomputed: Any) -> Iterator[Difference]:
    """Every value in which two documents differ, in the order of the filed one."""
    yield from _between(filed, recomputed, "", "")


def _between(filed: Any, again: Any, objective: str, path: str) -> Iterator[Difference]:
    if isinstance(filed, dict) and isinstance(again, dict):
        yield from _of_mappings(filed, again, objective, path)
    elif isinstance(filed, list) and isinstance(again, list) and len(filed) == len(again):
        for index, (left, right) in enumerate(zip(filed, again, strict=True)):
            yield from _between(left, right, objective, f"{path}[{index}]")
    elif filed != again or type(filed) is not type(again):
        yield Difference(objective, path, filed, again)


def _of_mappings(
    filed: dict[str, Any], again: dict[str, Any], objective: str, path: str
) -> Iterator[Difference]:
    own = filed.get("slo")
    if isinstance(own, dict) and "id" in own:
        objective, path = str(own["id"]), ""
    for key in dict.fromkeys([*filed, *again]):
        inner = f"{path}.{key}" if path else key
        left, right = filed.get(key, ABSENT), again.get(key, ABSENT)
        yield from _between(left, right, objective, inner)
