"""What Pyrra's files say about alerts and rules, beside what is measured and promised."""

from __future__ import annotations

from slo_reports.definitions.foreign import Place
from slo_reports.definitions.pyrra_alerts import pyrra_alerts
from slo_reports.definitions.pyrra_indicators import Measured
from slo_reports.definitions.rule_words import kubernetes, our_name, prefixed
from slo_reports.model import (
    Alerting,
    AlertWords,
    BurnRateAlert,
    Objective,
    PyrraWritten,
)
from slo_reports.model.alerting import Pairs

PREFIX = "pyrra.dev/"
"""Of the labels and annotations that go into rules."""
_KEYS = ("fastBurn", "mediumBurn", "slowBurn", "longTermBurn", "absent")
_OURS = {"critical": "page", "warning": "ticket"}


def burn_rates(spec: Place, objective: Objective) -> tuple[BurnRateAlert, ...]:
    """The alerts that are on, their severities in our words."""
    alerting = spec.get("alerting")
    if alerting is not None:
        alerting.only(["disabled", "burnrates", "absent", "name", "absentName", "severities"])
    severities = dict(_severities(spec))
    if not _wanted(spec):
        return ()
    return tuple(
        BurnRateAlert(our_severity(word), one.long, one.short, float(one.factor))
        for one in pyrra_alerts(objective.length)
        if one.measurable and (word := severities.get(one.key, one.severity))
    )


def our_severity(word: str) -> str:
    """A severity of Pyrra's in our words."""
    return _OURS.get(word, word)


def read_alerting(metadata: Place, spec: Place) -> Alerting:
    """How the alerts are called and what they carry."""
    alerting = spec.get("alerting")
    words = AlertWords(
        prefixed(metadata.get("labels"), PREFIX), prefixed(metadata.get("annotations"), PREFIX)
    )
    return Alerting(our_name(None if alerting is None else alerting.get("name")), words)


def written_of(metadata: Place, spec: Place, measured: Measured) -> PyrraWritten:
    """What rules in Pyrra's own style are made with."""
    output = spec.get("ruleOutput")
    described = spec.get("description") if _flag(output, "enableDescriptionAsLabel") else None
    return PyrraWritten(
        name=metadata.need("name").text(),
        kind=measured.kind,
        total=measured.total,
        part=measured.part,
        limit=measured.limit,
        labels=prefixed(metadata.get("labels"), PREFIX),
        annotations=prefixed(metadata.get("annotations"), PREFIX),
        grouping=measured.grouping,
        burn_rates=_wanted(spec),
        absent=_flag(spec.get("alerting"), "absent", usual=True),
        alert=_text(spec.get("alerting"), "name"),
        absent_alert=_text(spec.get("alerting"), "absentName"),
        severities=_severities(spec),
        cheap=_flag(spec, "performanceOverAccuracy"),
        described="" if described is None else described.text(),
        kubernetes=kubernetes(metadata),
    )


def _wanted(spec: Place) -> bool:
    """Whether burn rates are alerted on; ``disabled`` is an older word for that."""
    alerting = spec.get("alerting")
    return _flag(alerting, "burnrates", usual=True) and not _flag(alerting, "disabled")


def _severities(spec: Place) -> Pairs:
    alerting = spec.get("alerting")
    place = None if alerting is None else alerting.get("severities")
    if place is None:
        return ()
    place.only(_KEYS)
    return tuple((key, one.line_text()) for key in _KEYS if (one := place.get(key)) is not None)


def _flag(place: Place | None, key: str, *, usual: bool = False) -> bool:
    found = None if place is None else place.get(key)
    return usual if found is None else found.flag()


def _text(place: Place | None, key: str) -> str:
    found = None if place is None else place.get(key)
    return "" if found is None else found.text()
