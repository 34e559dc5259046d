"""OpenSLO: ``openslo/v1``, ``openslo/v1alpha`` and ``openslo.com/v2alpha``.

Objects refer to each other by name over all files that are loaded together. An SLO with several
objectives becomes several SLOs of ours, as they share one window. Keys that OpenSLO does not know
are problems, as its own tools refuse them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

from slo_reports.definitions.assembling import (
    Identity,
    Labels,
    Promise,
    assemble,
    name_of,
    read_labels,
    title_of,
    web_address,
)
from slo_reports.definitions.burn_rates import default_burn_rates
from slo_reports.definitions.foreign import (
    Context,
    Imported,
    Notes,
    Place,
    ratio_target,
    slug,
)
from slo_reports.definitions.foreign import percent_target as percent
from slo_reports.definitions.openslo_alerts import (
    burn_rates,
    check_condition,
    check_policy,
)
from slo_reports.definitions.openslo_metrics import ratio, threshold
from slo_reports.definitions.openslo_windows import read_window, slice_window_of
from slo_reports.definitions.sloth_words import openslo_written
from slo_reports.model import (
    BurnRateAlert,
    Indicator,
    Method,
    Objective,
    RatioQueryIndicator,
    Slo,
    SlothWritten,
)
from slo_reports.settings.problems import nearest

V1, V1ALPHA, V2ALPHA = "openslo/v1", "openslo/v1alpha", "openslo.com/v2alpha"
VERSIONS = (V1, V1ALPHA, V2ALPHA)
_METHODS = {
    "Occurrences": Method.OCCURRENCES,
    "Timeslices": Method.TIMESLICES,
    "RatioTimeslices": Method.RATIO_TIMESLICES,
}
_SPECS = {
    "Service": ["description"],
    "SLI": ["description", "thresholdMetric", "ratioMetric"],
    "AlertNotificationTarget": ["description", "target"],
}
_KINDS = ("DataSource", "SLO", "AlertPolicy", "AlertCondition", *_SPECS)
_SILENT = {
    "Service": "its description has no effect here",
    "DataSource": "its address has no effect here: the settings name the source",
    "AlertNotificationTarget": "no effect here: the settings name destinations",
}
_COMPOSITE = "composite SLOs, whose objectives have indicators of their own, are not supported"


@dataclass
class _Objects:
    """All objects that are loaded together, by kind and name."""

    by_name: dict[tuple[str, str], Place] = field(default_factory=dict)

    def resolve(self, kind: str, ref: Place) -> Place:
        """The object of a kind that a reference names; what is said of it goes with the reference.

        Raises:
            Refused: it is in none of the files.
        """
        name = ref.text()
        found = self.by_name.get((kind, name))
        if found is None:
            known = [one for other, one in self.by_name if other == kind]
            ref.refuse(
                f"no {kind} named {name[:60]!r} is in the files that are loaded"
                f"{nearest(name, known)}"
            )
        return found.noting(ref.notes)


def read_openslo(objects: Sequence[Place], context: Context) -> Imported:
    """The SLOs among all objects of all files."""
    notes, every = Notes(), _Objects()
    slos: list[Place] = []
    for one in objects:
        kind = one.notes.attempt(partial(_register, one, every))
        if kind == "SLO":
            slos.append(one)
    found: list[Slo] = []
    for one in slos:
        read = one.notes.attempt(partial(_Reader(one, every, context).read))
        if not one.notes.problems:
            found += read or ()
    for one in objects:
        notes.add(one.notes)
    return Imported(tuple(found), notes)


def _register(one: Place, every: _Objects) -> str:
    """Check an object's outer form and remember it; its kind is returned."""
    one.only(["apiVersion", "kind", "metadata", "spec"], strict=True)
    kind = one.need("kind").one_of(_KINDS)
    metadata = one.need("metadata")
    keys = ["name", "labels", "annotations"]
    if one.need("apiVersion").text() != V2ALPHA:
        keys.append("displayName")
    metadata.only(keys, strict=True)
    name = metadata.need("name").text()
    first = every.by_name.setdefault((kind, name), one)
    if first is not one:
        where = f"{first.document.path}:{first.line}"
        metadata.need("name").problem(f"a second {kind} {name[:60]!r}: {where} has it already")
    spec = one.get("spec")
    if spec is not None and kind in _SPECS:
        spec.only(_SPECS[kind], strict=True)
    if spec is not None and kind in _SILENT:
        spec.remark(f"{kind} {name[:60]!r}: {_SILENT[kind]}")
    if kind == "AlertPolicy":
        check_policy(one)
    if kind == "AlertCondition":
        check_condition(one)
    return kind


@dataclass(frozen=True)
class _Measured:
    """What one objective measures and promises; the window is the whole SLO's."""

    indicator: Indicator
    target: Decimal
    method: Method
    slice_target: Decimal | None
    slice_window: timedelta | None


@dataclass(frozen=True)
class _Reader:
    """One SLO while it is read."""

    root: Place
    objects: _Objects
    context: Context

    def read(self) -> list[Slo]:
        """The SLOs that its objectives are."""
        spec, notes = self.root.need("spec"), self.root.notes
        self._check_keys(spec)
        objectives = spec.need("objectives").items()
        if not objectives:
            spec.need("objectives").refuse("objectives is empty: nothing is promised")
        window = notes.attempt(lambda: read_window(spec, self.context))
        alerts = notes.attempt(lambda: burn_rates(spec.get("alertPolicies"), self.objects.resolve))
        method = notes.attempt(lambda: _METHODS[spec.need("budgetingMethod").one_of(_METHODS)])
        service = notes.attempt(lambda: self._service(spec))
        labels = notes.attempt(self._labels)
        names = notes.attempt(lambda: self._names(objectives))
        parts = [
            notes.attempt(partial(self._measured, spec, one, method or Method.OCCURRENCES))
            for one in objectives
        ]
        if window is None or alerts is None or method is None or names is None:
            return []
        if service is None or labels is None:
            return []
        return [
            replace(
                self._slo(names[index], service, labels, part, window, alerts),
                written=self._written(objectives[index], index, part, window[1]),
            )
            for index, part in enumerate(parts)
            if part is not None
        ]

    def _written(
        self, objective: Place, index: int, measured: _Measured, length: timedelta
    ) -> SlothWritten | None:
        """What Sloth would make of it, which reads this objective only in one old form."""
        ratios = objective.get("ratioMetrics")
        if ratios is None or ratios.get("good") is None or measured.method is Method.TIMESLICES:
            return None
        return openslo_written(self.root, objective, index, default_burn_rates(length))

    def _check_keys(self, spec: Place) -> None:
        keys = ["description", "service", "budgetingMethod", "objectives"]
        version = self.root.need("apiVersion").text()
        if version == V1ALPHA:
            keys += ["indicator", "timeWindows"]
        elif version == V2ALPHA:
            keys += ["serviceRef", "sli", "sliRef", "timeWindow", "alertPolicies"]
        else:
            keys += ["indicator", "indicatorRef", "timeWindow", "alertPolicies"]
        spec.only(keys, strict=True)

    def _service(self, spec: Place) -> str:
        found = spec.get("serviceRef") or spec.need("service")
        return found.line_text()

    def _labels(self) -> Labels:
        metadata = self.root.need("metadata")
        labels, annotations = metadata.get("labels"), metadata.get("annotations")
        if annotations is not None:
            unused = [str(one.loc[-1]) for one in annotations.children() if not _is_link(one)]
            if unused:
                annotations.remark(f"annotations without effect here: {', '.join(unused)}")
        return read_labels((labels,), labels or metadata)

    def _names(self, objectives: Sequence[Place]) -> list[tuple[str, str]]:
        """A name and a title for each objective."""
        metadata = self.root.need("metadata")
        base, shown = name_of(metadata.need("name")), metadata.get("displayName")
        title = title_of(metadata.need("name").line_text())
        title = title if shown is None else shown.line_text()
        words = [_display_name(one) for one in objectives]
        titles = [f"{title}: {word}" if word else title for word in words]
        if len(objectives) == 1:
            return [(base, titles[0])]
        slugs = [slug(word) for word in words]
        if not all(slugs) or len(set(slugs)) < len(slugs):
            slugs = [str(index + 1) for index in range(len(words))]
        names = [f"{base[: 62 - len(one[:30])]}-{one[:30]}".rstrip("-") for one in slugs]
        self.root.need("spec").need("objectives").remark(
            f"each of the {len(names)} objectives is an SLO of its own: {', '.join(names)}"
        )
        return list(zip(names, titles, strict=True))

    def _slo(
        self,
        named: tuple[str, str],
        service: str,
        labels: Labels,
        measured: _Measured,
        window: tuple[str, timedelta],
        alerts: tuple[BurnRateAlert, ...],
    ) -> Slo:
        described = self.root.need("spec").get("description")
        annotations = self.root.need("metadata").get("annotations")
        links = [
            None if annotations is None else web_address(annotations.get(key))
            for key in ("runbook", "dashboard")
        ]
        identity = Identity(
            namespace="default",
            name=named[0],
            service=service,
            title=named[1],
            description="" if described is None else described.text(),
            runbook=links[0],
            dashboard=links[1],
        )
        promise = Promise(
            Objective(measured.target, *window),
            measured.method,
            measured.slice_target,
            measured.slice_window,
        )
        form = self.root.need("apiVersion").text()
        return assemble(self.root, form, identity, labels, measured.indicator, promise, alerts)

    # --- objectives ---

    def _measured(self, spec: Place, objective: Place, method: Method) -> _Measured:
        """What an objective measures and promises."""
        self._check_objective(objective)
        target = _target(objective)
        indicator = self._indicator(spec, objective)
        if isinstance(indicator, RatioQueryIndicator) and method is Method.OCCURRENCES:
            objective.remark("a raw ratio has no events: each slice weighs the same")
            method = Method.RATIO_TIMESLICES
        slice_target = slice_window = None
        if method is Method.OCCURRENCES:
            objective.ignore(
                "timeSliceTarget", "timeSliceWindow", why="only for Timeslices, no effect here"
            )
        else:
            slice_target, slice_window = _slice_target(objective), slice_window_of(objective)
        if method is Method.RATIO_TIMESLICES and slice_target is not None:
            objective.ignore("timeSliceTarget", why="only for Timeslices, no effect here")
            slice_target = None
        return _Measured(indicator, target, method, slice_target, slice_window)

    def _check_objective(self, objective: Place) -> None:
        keys = ["displayName", "op", "value", "target", "timeSliceTarget"]
        if self.root.need("apiVersion").text() == V1ALPHA:
            objective.only([*keys, "ratioMetrics"], strict=True)
            return
        own = ["indicator", "indicatorRef", "sli", "sliRef", "compositeWeight"]
        objective.only([*keys, "targetPercent", "timeSliceWindow", *own], strict=True)
        for key in own:
            found = objective.get(key)
            if found is not None:
                found.refuse(_COMPOSITE)

    def _indicator(self, spec: Place, objective: Place) -> Indicator:
        ratios = objective.get("ratioMetrics")
        if ratios is not None:
            objective.ignore("op", "value", why="no effect on a ratio")
            return ratio(ratios, self.objects.resolve, "incremental")
        sli = self._sli(spec)
        by_value, by_events = sli.get("thresholdMetric"), sli.get("ratioMetric")
        if by_events is not None and by_value is None:
            objective.ignore("op", "value", why="no effect on a ratio")
            return ratio(by_events, self.objects.resolve)
        if by_value is None or by_events is not None:
            sli.refuse("an SLI needs exactly one of thresholdMetric and ratioMetric")
        return threshold(by_value, objective, self.objects.resolve)

    def _sli(self, spec: Place) -> Place:
        """The spec of the SLO's indicator, wherever that is written."""
        inline = spec.get("indicator") or spec.get("sli")
        ref = spec.get("indicatorRef") or spec.get("sliRef")
        if (inline is None) == (ref is None):
            spec.refuse("an SLO needs exactly one indicator, or a reference to one")
        if ref is not None:
            return self.objects.resolve("SLI", ref).need("spec")
        if inline is None or inline.get("thresholdMetric") is not None:
            return inline or spec
        inline.only(["apiVersion", "kind", "metadata", "spec"], strict=True)
        found = inline.need("spec")
        found.only(_SPECS["SLI"], strict=True)
        return found


def _is_link(place: Place) -> bool:
    return place.loc[-1] in ("runbook", "dashboard") and web_address(place) is not None


def _display_name(objective: Place) -> str:
    found = objective.get("displayName")
    return "" if found is None or found.value == "" else found.line_text()


def _target(objective: Place) -> Decimal:
    one, other = objective.get("target"), objective.get("targetPercent")
    if one is not None and other is not None:
        other.refuse("target and targetPercent exclude each other")
    if other is not None:
        return percent(other)
    return ratio_target(objective.need("target"))


def _slice_target(objective: Place) -> Decimal | None:
    found = objective.get("timeSliceTarget")
    return None if found is None else ratio_target(found)
