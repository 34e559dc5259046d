"""What other tools' files say for rules: labels, annotations and the object that holds them."""

from __future__ import annotations

import re

from slo_reports.definitions.foreign import Place
from slo_reports.definitions.selectors import LABEL
from slo_reports.model import KubernetesObject
from slo_reports.model.alerting import Pairs


def pairs(*places: Place | None) -> Pairs:
    """Labels or annotations of rules, the last map's first; each name once, by name.

    What Prometheus would refuse as a name is left out with a remark.
    """
    found: dict[str, str] = {}
    for place in places:
        found |= {} if place is None else _texts(place)
    return tuple(sorted(found.items()))


def _texts(place: Place) -> dict[str, str]:
    found, refused = {}, []
    for one in place.children():
        name = str(one.loc[-1])
        if is_name(name):
            found[name] = "" if one.value is None else one.text()
        else:
            refused.append(name)
    if refused:
        plural = "s" * (len(refused) > 1)
        verb = "are" if plural else "is"
        place.remark(
            f"{', '.join(refused)} {verb} no name{plural} for Prometheus and left out of rules"
        )
    return found


def is_name(text: str) -> bool:
    """Whether Prometheus takes it for the name of a label or an annotation."""
    return re.fullmatch(LABEL, text) is not None and not text.startswith("__")


def our_name(name: Place | None) -> str:
    """The name of alerts as our own format allows it; a change of it is remarked on."""
    if name is None:
        return ""
    written = name.text()
    found = re.sub(r"[^A-Za-z0-9_]+", "_", written).strip("_").lstrip("0123456789_")
    if found == written or is_name(written):
        return written
    name.remark(f"alerts of our own style are called {found!r} instead of {written!r}")
    return found


def prefixed(place: Place | None, prefix: str) -> Pairs:
    """Those of a map whose names begin with a prefix, without it."""
    if place is None:
        return ()
    found = {
        name: "" if one.value is None else one.text()
        for one in place.children()
        if str(one.loc[-1]).startswith(prefix)
        and is_name(name := str(one.loc[-1]).removeprefix(prefix))
    }
    return tuple(sorted(found.items()))


def kubernetes(metadata: Place) -> KubernetesObject:
    """What an object's metadata call it; its labels and annotations may have any names."""
    name, namespace = metadata.get("name"), metadata.get("namespace")
    return KubernetesObject(
        name="" if name is None else name.text(),
        namespace="" if namespace is None else namespace.text(),
        labels=_any(metadata.get("labels")),
        annotations=_any(metadata.get("annotations")),
    )


def _any(place: Place | None) -> Pairs:
    children = () if place is None else place.children()
    found = {str(one.loc[-1]): "" if one.value is None else one.text() for one in children}
    return tuple(sorted(found.items()))
