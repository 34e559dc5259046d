"""Which SLOs a report covers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from slo_reports.definitions.selection import select
from slo_reports.errors import ConfigurationError
from slo_reports.model import Objective, RatioIndicator, Slo
from slo_reports.settings.schema import Selection


def slo(namespace: str, name: str, service: str, owner: str) -> Slo:
    indicator = RatioIndicator("requests_total", (), ())
    objective = Objective(Decimal("0.999"), "30d", timedelta(days=30))
    identity = f"{namespace}/{name}"
    return Slo(identity, name, namespace, service, "A", owner, indicator, (objective,))


SLOS = (
    slo("shop", "checkout", "checkout", "Basket"),
    slo("shop", "search", "search", "Discovery"),
    slo("office", "mail", "mail", "Basket"),
)


def names(selection: Selection) -> list[str]:
    return [one.name for one in select(SLOS, selection)]


def test_nothing_selected_is_everything() -> None:
    assert names(Selection()) == ["checkout", "search", "mail"]


@pytest.mark.parametrize(
    ("selection", "covered"),
    [
        (Selection(services=["search", "checkout"]), ["checkout", "search"]),
        (Selection(owners=["Basket"]), ["checkout", "mail"]),
        (Selection(namespaces=["office"]), ["mail"]),
        (Selection(slos=["shop/search"]), ["search"]),
        (Selection(owners=["Basket"], namespaces=["shop"]), ["checkout"]),
    ],
)
def test_every_given_list_must_hold_the_value(selection: Selection, covered: list[str]) -> None:
    assert names(selection) == covered


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (Selection(services=["chekout"]), "no service is named 'chekout'; did you mean 'checkout'"),
        (Selection(owners=["xyz"]), "no owner is named 'xyz'; there is Basket or Discovery"),
        (Selection(namespaces=["shops"]), "no namespace is named 'shops'; did you mean 'shop'"),
        (Selection(slos=["search"]), "no SLO is named 'search'; did you mean 'shop/search'"),
        (Selection(owners=["Discovery"], namespaces=["office"]), "select matches no SLO"),
        (Selection(services=[]), "select matches no SLO"),
    ],
)
def test_a_word_that_matches_nothing_is_refused(selection: Selection, said: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^report 'monthly': {said}"):
        select(SLOS, selection, report="monthly")
