"""What a real Alertmanager knows of, as incidents."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from support.alertmanager import WHY_NOT, find_alertmanager, put_alerts, running_alertmanager

from slo_reports.collect.alertmanager import ask_alertmanager
from slo_reports.model import Objective, RatioIndicator, Slo
from slo_reports.periods import month, to_date
from slo_reports.settings.schema import AlertmanagerSettings

NOW = datetime.now(UTC)
PERIOD = to_date(month(NOW.year, NOW.month, "UTC"), NOW)
HOUR = timedelta(hours=1)
needs_one = pytest.mark.skipif(find_alertmanager() is None, reason=WHY_NOT)


def slo(service):
    indicator = RatioIndicator("requests_total", (), ())
    objective = Objective(Decimal("0.999"), "month", timedelta(days=30))
    identity = f"shop/{service}-availability"
    return Slo(
        identity, identity[5:], "shop", service, "Availability", "Team", indicator, (objective,)
    )


def alert(name, service, start, end, severity="page", **annotations):
    return {
        "labels": {"alertname": name, "service": service, "severity": severity},
        "annotations": annotations,
        "startsAt": start.isoformat(),
        "endsAt": end.isoformat(),
    }


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with running_alertmanager(tmp_path_factory.mktemp("alertmanager")) as address:
        put_alerts(
            address,
            alert(
                "BudgetBurn",
                "checkout",
                NOW - HOUR,
                NOW + HOUR,
                summary='Checkout fails <b>"often"</b>',
            ),
            alert("Slow", "checkout", NOW - HOUR / 2, NOW + HOUR, severity="ticket"),
            alert("BudgetBurn", "search", NOW - 2 * HOUR, NOW - HOUR),
            alert("BudgetBurn", "vpn", NOW - HOUR, NOW + HOUR),
            alert("Chatter", "search", NOW - HOUR, NOW + HOUR, severity="info"),
            alert("Later", "search", NOW + HOUR / 2, NOW + HOUR),
        )
        yield address


@pytest.mark.e2e
@needs_one
def test_what_fires_is_an_incident_in_its_authors_words(url):
    told = ask_alertmanager(
        AlertmanagerSettings(url=url), [slo("checkout"), slo("search")], PERIOD, NOW
    )
    (one,) = told.incidents
    assert one.title == 'Checkout fails <b>"often"</b>'
    assert (one.service, one.severity, one.source) == ("checkout", "page", "alertmanager")
    assert one.alerts == ("BudgetBurn", "Slow")
    assert one.ongoing
    assert abs(one.start - (NOW - HOUR)) < timedelta(seconds=1)
    assert told.provenance.version.startswith("0.")
    assert told.provenance.warnings == ()


@pytest.mark.e2e
@needs_one
def test_alerts_of_another_period_are_not_told(url):
    old = month(NOW.year - 1, 1, "UTC")
    told = ask_alertmanager(AlertmanagerSettings(url=url), [slo("checkout")], old, NOW)
    assert told.incidents == ()


@pytest.mark.e2e
@needs_one
def test_a_server_that_is_no_alertmanager_is_a_warning_and_no_error(url):
    wrong = AlertmanagerSettings(url=f"{url}/elsewhere")
    told = ask_alertmanager(wrong, [slo("checkout")], PERIOD, NOW)
    assert told.incidents == ()
    assert "does not speak the Alertmanager API" in told.provenance.warnings[0]


def test_an_alertmanager_that_is_gone_is_a_warning_and_no_error():
    gone = AlertmanagerSettings(url="http://127.0.0.1:9", timeout="1s")
    told = ask_alertmanager(gone, [slo("checkout")], PERIOD, NOW)
    assert told.incidents == ()
    assert "could not be reached" in told.provenance.warnings[0]
