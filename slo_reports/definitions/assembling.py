"""What the importers share to make an ``Slo`` of what they have read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from slo_reports.definitions.foreign import Notes, Place, slug
from slo_reports.model import (
    BurnRateAlert,
    Indicator,
    Method,
    Objective,
    Origin,
    Slo,
    Tier,
)

NO_OWNER = "not named"
_OWNERS = ("owner", "team")


@dataclass(frozen=True)
class Labels:
    """What labels say about a service."""

    owner: str
    tier: Tier | None


@dataclass(frozen=True)
class Promise:
    """A target over a window, and how slices are judged."""

    objective: Objective
    method: Method = Method.OCCURRENCES
    slice_target: Decimal | None = None
    slice_window: timedelta | None = None


@dataclass(frozen=True)
class Identity:
    """What an SLO is called, as its file says it."""

    namespace: str
    name: str
    service: str
    title: str
    description: str = ""
    runbook: str | None = None
    dashboard: str | None = None


def read_labels(
    places: Iterable[Place | None], at: Place, taken: frozenset[str] = frozenset()
) -> Labels:
    """Owner and tier from label maps, the last that has one; the other labels are remarked on.

    Args:
        places: the maps.
        at: where a missing owner is remarked on.
        taken: labels that the importer itself has read.
    """
    owner, tier = "", None
    for labels in places:
        if labels is None:
            continue
        unused = []
        for one in labels.children():
            key = str(one.loc[-1])
            word = key.rsplit("/", 1)[-1].lower()
            text = _label_text(one)
            if word in _OWNERS and text:
                owner = text
            elif word == "tier" and text in set(Tier):
                tier = Tier(text)
            elif key not in taken:
                unused.append(key)
        if unused:
            plural = "s" * (len(unused) > 1)
            verb = "have" if plural else "has"
            labels.remark(f"label{plural} {', '.join(unused)} {verb} no effect here")
    if not owner:
        at.remark(f"no label owner or team says whose this is: the owner is {NO_OWNER!r}")
    return Labels(owner or NO_OWNER, tier)


def _label_text(place: Place) -> str:
    """A label's value; several values are joined."""
    if isinstance(place.value, list):
        return ", ".join(one.line_text() for one in place.items())
    return place.line_text() if place.value not in (None, "") else ""


def name_of(place: Place, text: str | None = None) -> str:
    """A name for an id; a change of it is remarked on."""
    written = place.line_text() if text is None else text
    name = slug(written)
    if not name:
        place.refuse(f"{place.name} needs a letter or a digit to make a name of")
    if name != written:
        place.remark(f"the name {written!r} becomes {name!r}")
    return name


def title_of(name: str) -> str:
    """A title for a page from a name, such as ``Requests availability``."""
    words = re.sub(r"[-_.\s]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def web_address(place: Place | None) -> str | None:
    """A link for the reader, where a value is one."""
    if place is None or not isinstance(place.value, str):
        return None
    text = place.value.strip()
    return text if re.fullmatch(r"https?://[^/\s@]+(/[^\s]*)?", text) else None


def assemble(
    at: Place,
    origin_format: str,
    identity: Identity,
    labels: Labels,
    indicator: Indicator,
    promise: Promise,
    burn_rates: tuple[BurnRateAlert, ...],
) -> Slo:
    """The SLO that was read; remarks are those noted so far."""
    return Slo(
        id=f"{identity.namespace}/{identity.name}",
        name=identity.name,
        namespace=identity.namespace,
        service=identity.service,
        title=identity.title,
        owner=labels.owner,
        indicator=indicator,
        objectives=(promise.objective,),
        tier=labels.tier,
        description=identity.description.strip(),
        burn_rates=burn_rates,
        runbook=identity.runbook,
        dashboard=identity.dashboard,
        origin=Origin(str(at.document.path), at.line, origin_format),
        method=promise.method,
        slice_target=promise.slice_target,
        slice_window=promise.slice_window,
        remarks=remark_texts(at.notes),
    )


def remark_texts(notes: Notes) -> tuple[str, ...]:
    """Remarks as an SLO carries them, with the file's bare name."""
    found = dict.fromkeys(sorted(notes.remarks))
    return tuple(f"{one.path.name}:{one.line}: {one.message}" for one in found)


def single_window(severity: str, window: timedelta, threshold: float) -> BurnRateAlert:
    """An alert that has one window only; a twelfth of it, as is usual, is the short one."""
    short = timedelta(seconds=max(1, int(window.total_seconds()) // 12))
    return BurnRateAlert(severity, window, short, threshold)


def burn_threshold(place: Place) -> float:
    """A burn rate, more than 0."""
    number = place.number()
    if not Decimal("1e-9") <= number <= 10**9:
        place.refuse(f"{place.name} must be a burn rate, more than 0")
    return float(number)
