"""The alert policies of OpenSLO, as far as they are burn rates."""

from __future__ import annotations

from slo_reports.definitions.assembling import burn_threshold, single_window
from slo_reports.definitions.foreign import Place
from slo_reports.definitions.openslo_metrics import Resolve
from slo_reports.definitions.openslo_windows import duration
from slo_reports.model import BurnRateAlert


def burn_rates(policies: Place | None, resolve: Resolve) -> tuple[BurnRateAlert, ...]:
    """The burn-rate conditions of an SLO's alert policies."""
    if policies is None:
        return ()
    found = [_policy(one, resolve) for one in policies.items()]
    return tuple(alert for alerts in found for alert in alerts)


def _policy(item: Place, resolve: Resolve) -> list[BurnRateAlert]:
    if isinstance(item.value, str):
        return _conditions(resolve("AlertPolicy", item), resolve)
    ref = item.get("alertPolicyRef")
    if ref is not None:
        item.only(["alertPolicyRef"], strict=True)
        return _conditions(resolve("AlertPolicy", ref), resolve)
    return _conditions(item, resolve)


def check_policy(policy: Place) -> None:
    """The keys of an alert policy."""
    policy.need("spec").only(
        [
            "description",
            "alertWhenNoData",
            "alertWhenResolved",
            "alertWhenBreaching",
            "conditions",
            "notificationTargets",
        ],
        strict=True,
    )


def _conditions(policy: Place, resolve: Resolve) -> list[BurnRateAlert]:
    policy.only(["apiVersion", "kind", "metadata", "spec"], strict=True)
    check_policy(policy)
    spec = policy.need("spec")
    spec.ignore("alertWhenNoData", "alertWhenResolved", "alertWhenBreaching")
    spec.ignore("notificationTargets", why="no effect here: the settings name destinations")
    found = []
    for item in spec.need("conditions").items():
        ref = item.get("conditionRef")
        alert = _condition(item if ref is None else resolve("AlertCondition", ref))
        if alert is not None:
            found.append(alert)
    return found


def check_condition(condition: Place) -> None:
    """The keys of an alert condition."""
    spec = condition.need("spec")
    spec.only(["description", "severity", "condition"], strict=True)
    inner = spec.need("condition")
    inner.only(["kind", "op", "threshold", "lookbackWindow", "alertAfter"], strict=True)


def _condition(condition: Place) -> BurnRateAlert | None:
    condition.only(["apiVersion", "kind", "metadata", "spec"], strict=True)
    check_condition(condition)
    spec = condition.need("spec")
    inner = spec.need("condition")
    kind, op = inner.need("kind"), inner.get("op")
    rising = op is None or op.one_of(["lt", "lte", "gt", "gte"]) in ("gt", "gte")
    if kind.text().lower() != "burnrate" or not rising:
        inner.remark("only alerts on a rising burn rate are shown; this condition has no effect")
        return None
    inner.ignore("alertAfter")
    window = inner.need("lookbackWindow")
    inner.remark("the condition has one window: a twelfth of it is taken for the short one")
    severity = spec.get("severity")
    return single_window(
        "page" if severity is None else severity.line_text(),
        duration(window)[2],
        burn_threshold(inner.need("threshold")),
    )
