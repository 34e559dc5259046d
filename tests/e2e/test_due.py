"""Everything that is due, by a clock that stands where a test wants it."""

import json
from collections import Counter

import pytest
from support.mail_server import Mailbox, mail_server
from support.weeks import monday, world_at, write_weekly, years_of_traffic

from slo_reports.due import Failure, run_due
from slo_reports.ledger import RunState
from slo_reports.model import DeliveryState
from slo_reports.standing import statuses, troubles

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def prometheus():
    with years_of_traffic(40) as url:
        yield url


def run_at(settings, now):
    """What one pass at an instant made, tried and could not do."""
    world = world_at(settings, now)
    with world.open_ledger() as ledger, ledger.lock():
        return list(run_due(world, ledger))


def record_of(settings, now):
    world = world_at(settings, now)
    with world.open_ledger() as ledger:
        return {run.period: (run, ledger.deliveries(run)) for run in ledger.record("shop")}


def subjects(mailbox, recipient="one@example.com"):
    return [str(one["Subject"]) for one in mailbox.messages(recipient)]


def test_a_report_is_made_when_it_falls_due_and_once(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        assert run_at(settings, monday(5))[0].run.period == "2019-W06"
        for later in ({"minutes": 15}, {"days": 6, "hours": 23}):
            assert run_at(settings, monday(5, **later)) == []
        assert run_at(settings, monday(6))[0].run.period == "2019-W07"
    assert len(mailbox.messages()) == 4
    filed = sorted(one.name for one in (tmp_path / "share").rglob("shop_*.html"))
    assert filed == ["shop_2019-W06.html", "shop_2019-W07.html"]


def test_after_weeks_down_all_are_filed_in_order_and_told_in_one_mail(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        run_at(settings, monday(5))
        results = run_at(settings, monday(9))
    made = [one.run.period for one in results]
    assert made == ["2019-W07", "2019-W08", "2019-W09", "2019-W10"]
    assert all(one.exit_code == 0 for one in results)
    assert len(list((tmp_path / "share").rglob("shop_*.html"))) == 5
    for recipient in ("one@example.com", "two@example.com"):
        _, digest = mailbox.messages(recipient)
        assert "and 3 earlier" in digest["Subject"]
        text = digest.get_body(("plain",)).get_content()
        places = [text.index(f"shop_2019-W0{week}.html") for week in (7, 8, 9)]
        assert places == sorted(places)
    states = Counter(one.state for one in record_of(settings, monday(9))["2019-W08"][1])
    assert states == {DeliveryState.DELIVERED: 3, DeliveryState.FOLDED: 2}


def followed_up(folder, week):
    """Which week's recommendations a filed report follows up, and what became of the first."""
    page = folder / "share" / "shop" / "2019" / f"shop_2019-W0{week}.json"
    told = json.loads(page.read_text())["insight"]["follow_up"]
    if told is None:
        return None
    first = told["followed"][0]
    return told["period"]["id"], first["asked"]["kind"], first["word"]


def test_each_report_follows_up_the_one_before_also_where_several_are_late(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        definition = tmp_path / "definitions" / "checkout.yaml"
        definition.write_text(definition.read_text().replace("target: 99.9", "target: 99.99"))
        run_at(settings, monday(5))
        run_at(settings, monday(8))
    assert followed_up(tmp_path, 6) is None
    for week in (7, 8, 9):
        told = (f"2019-W0{week - 1}", "hold-releases", "still open")
        assert followed_up(tmp_path, week) == told


@pytest.mark.parametrize(
    ("catch_up", "made"), [("latest", ["2019-W10"]), ("none", []), ("all", 4 * ["any"])]
)
def test_what_is_caught_up_on_is_the_settings_word(prometheus, tmp_path, catch_up, made):
    with mail_server(Mailbox()) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port, catch_up=catch_up)
        run_at(settings, monday(5))
        results = run_at(settings, monday(9, days=3))
    assert len(results) == len(made)
    record = record_of(settings, monday(9))
    left_out = [run for run, _ in record.values() if run.state is RunState.SKIPPED]
    assert len(record) == 5
    assert all(f"catch_up is {catch_up}" in run.reason for run in left_out)
    assert len(left_out) == 4 - len(made)


def test_a_clock_that_jumped_ahead_plans_nothing_that_the_sources_clock_denies(
    prometheus, tmp_path
):
    """The source's clock is that of this machine, so every week up to now is over for it."""
    with mail_server(Mailbox()) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        world = world_at(settings, monday(5 + 60 * 52))
        by_source = world.source_time()
        assert by_source < world.now()
        results = run_at(settings, world.now())
    (failure,) = results
    record = record_of(settings, monday(5))
    assert isinstance(failure, Failure)
    assert [run.end <= by_source for run, _ in record.values()] == [True]


def test_a_clock_that_was_set_back_harms_nothing(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        run_at(settings, monday(9))
        for weeks in (8, 5, 1):
            assert run_at(settings, monday(weeks)) == []
        assert [one.run.period for one in run_at(settings, monday(10))] == ["2019-W11"]
    assert len(mailbox.messages()) == 4


def test_a_source_that_is_down_leaves_the_report_due_and_says_so(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        settings = write_weekly(tmp_path, "http://127.0.0.1:9", mailbox.port)
        (failure,) = run_at(settings, monday(5))
        assert isinstance(failure, Failure)
        assert "could not be reached" in str(failure.error)
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        assert [one.run.period for one in run_at(settings, monday(7))] == ["2019-W08"]


def test_a_refused_recipient_waits_for_a_person_and_is_told_in_the_next_report(
    prometheus, tmp_path
):
    box = Mailbox(refusals={"two@example.com": "550 5.1.1 nobody here"})
    with mail_server(box) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        (first,) = run_at(settings, monday(5))
        assert first.exit_code == 6
        assert run_at(settings, monday(5, hours=9)) == []
        world = world_at(settings, monday(5, hours=9))
        with world.open_ledger() as ledger:
            found = statuses(world, ledger)
            (trouble,) = troubles(found, [])
        assert not found[0].is_well
        assert "550 5.1.1 nobody here" in trouble.what
        mailbox.refusals.clear()
        run_at(settings, monday(6))
        run_at(settings, monday(7))
    words = "did not reach two@example.com"
    texts = [one.get_body(("plain",)).get_content() for one in mailbox.messages("one@example.com")]
    assert [words in " ".join(text.split()) for text in texts] == [False, True, False]
    page = (tmp_path / "share" / "shop" / "2019" / "shop_2019-W07.html").read_text()
    assert words in page


def test_a_busy_server_is_tried_again_with_growing_pauses(prometheus, tmp_path):
    with mail_server(Mailbox(refusals={"two@example.com": "451 4.3.0 busy"})) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        run_at(settings, monday(5))
        minutes = range(1, 180)
        tried = [one for one in minutes if run_at(settings, monday(5, minutes=one))]
        mailbox.refusals.clear()
        (late,) = run_at(settings, monday(5, hours=6))
    assert tried == [5, 15, 35, 75, 155]
    assert late.exit_code == 0
    assert len(mailbox.messages("two@example.com")) == 1


def test_a_delivery_that_fails_for_five_days_waits_for_a_person(prometheus, tmp_path):
    with mail_server(Mailbox(refusals={"two@example.com": "451 4.3.0 busy"})) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        for hours in range(0, 24 * 6, 2):
            run_at(settings, monday(5, hours=hours))
        _, deliveries = record_of(settings, monday(5))["2019-W06"]
    (expired,) = [one for one in deliveries if one.state is DeliveryState.EXPIRED]
    assert expired.receipt.endswith("busy; given up")
    assert expired.tries[-1].at - expired.tries[0].at >= monday(5, days=5) - monday(5)


def test_a_period_that_nothing_can_be_measured_of_becomes_impossible_in_the_end(
    prometheus, tmp_path
):
    with mail_server(Mailbox()) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        empty = 60  # weeks after the last sample
        for hours in range(0, 24 * 6, 12):
            run_at(settings, monday(empty, hours=hours))
        (run, _), *_ = record_of(settings, monday(empty)).values()
        assert run.state is RunState.IMPOSSIBLE
        assert "is it past the source's retention" in run.reason
        world = world_at(settings, monday(empty))
        with world.open_ledger() as ledger:
            (trouble,) = troubles(statuses(world, ledger), [])
    assert "cannot be made" in trouble.what
    assert mailbox.messages() == []


def test_a_report_whose_mail_cannot_be_made_stops_no_other(prometheus, tmp_path):
    with mail_server(Mailbox()) as mailbox:
        settings = write_weekly(tmp_path, prometheus, mailbox.port)
        text = settings.read_text()
        report = text[text.index("  - name: shop") :].replace("name: shop", "name: other")
        mail = text[text.index("  people:") : text.index("reports:")].replace("people", "nobody")
        mail = mail.replace("one@example.com, two@example.com", "one@ü..example")
        text = text.replace("reports:", f"{mail}reports:").replace("people]", "nobody]")
        settings.write_text(text + report)
        failed, made = run_at(settings, monday(5))
        assert run_at(settings, monday(5, hours=1))[0].error.exit_code == 6
    assert (failed.report, failed.error.exit_code) == ("shop", 6)
    assert "is no mail address" in str(failed.error)
    assert (made.run.report, made.exit_code) == ("other", 0)
