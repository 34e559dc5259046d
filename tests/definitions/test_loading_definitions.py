"""Definition files: what is read, and what is said of mistakes."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.definitions.loading import load_definitions, load_everything
from slo_reports.errors import ConfigurationError
from slo_reports.model import (
    BurnRateAlert,
    CountersIndicator,
    LatencyIndicator,
    Matcher,
    Objective,
    Origin,
    QueryIndicator,
    RatioIndicator,
    Slo,
    Tier,
)

HEAD = "apiVersion: slo.dev/v1\nkind: ServiceLevelObjective\n"
RATIO = "{type: ratio, metric: requests_total, good: {code: '!~5..'}}"
JARGON = re.compile(r"Input should|Extra inputs|Field required|Value error|https://errors|pydantic")


def definition(name: str = "a", indicator: str = RATIO, more: str = "", targets: str = "") -> str:
    """One document: head at lines 1 and 2, indicator at 7, objectives at 8, more from 9 on."""
    return (
        f"{HEAD}metadata: {{name: {name}, namespace: shop}}\nspec:\n  service: checkout\n"
        f"  owner: Team Basket\n  indicator: {indicator}\n"
        f"  objectives: {targets or '[{window: 30d, target: 99.9}]'}\n{more}"
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "slos.yaml"


def loaded(file: Path, text: str) -> Slo:
    file.write_text(text)
    (slo,) = load_definitions([file])
    return slo


def said_of(file: Path, text: str) -> list[str]:
    """The problems of a file with this text, as ``line: message``."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_definitions([file])
    assert not JARGON.search(str(caught.value))
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


def test_a_whole_definition_becomes_a_slo(file: Path) -> None:
    text = f"""{HEAD}
metadata:
  name: checkout-availability
  namespace: shop
  annotations: {{runbook: https://r.example.com, dashboard: https://d.example.com}}
spec:
  service: checkout
  title: Payments
  owner: Team Basket
  tier: critical
  description: |
    Customers can pay.
  minimum_coverage: 99.5
  indicator:
    type: ratio
    metric: http_requests_total
    filters: {{job: checkout, handler: "!~/health|/metrics", zone: "=~eu.*", x: "!=1", y: "==1"}}
    good: {{code: "!~5.."}}
  objectives:
    - {{window: 30d, target: 99.90}}
    - {{window: week, target: 100}}
  alerting:
    burn_rates:
      - {{severity: page, long: 5m, short: 1h, threshold: 14.4}}
"""
    assert loaded(file, text) == Slo(
        id="shop/checkout-availability",
        name="checkout-availability",
        namespace="shop",
        service="checkout",
        title="Payments",
        owner="Team Basket",
        indicator=RatioIndicator(
            "http_requests_total",
            (
                Matcher("job", "=", "checkout"),
                Matcher("handler", "!~", "/health|/metrics"),
                Matcher("zone", "=~", "eu.*"),
                Matcher("x", "!=", "1"),
                Matcher("y", "=", "=1"),
            ),
            (Matcher("code", "!~", "5.."),),
        ),
        objectives=(
            Objective(Decimal("0.9990"), "30d", timedelta(days=30)),
            Objective(Decimal(1), "week", timedelta(days=7)),
        ),
        tier=Tier.CRITICAL,
        description="Customers can pay.",
        burn_rates=(BurnRateAlert("page", timedelta(hours=1), timedelta(minutes=5), 14.4),),
        minimum_coverage=0.995,
        runbook="https://r.example.com",
        dashboard="https://d.example.com",
        origin=Origin(str(file), 1),
    )


def test_what_is_left_out_has_the_documented_default(file: Path) -> None:
    slo = loaded(file, definition().replace(", namespace: shop", ""))
    assert (slo.id, slo.title, slo.minimum_coverage) == ("default/a", "Availability", 0.95)
    assert [one.threshold for one in slo.burn_rates] == [14.4, 6.0, 3.0, 1.0]


@pytest.mark.parametrize(
    ("indicator", "read"),
    [
        pytest.param(
            "{type: ratio, valid: 'all{a=\"b\"}', good: sum(fine)}",
            CountersIndicator("all", (Matcher("a", "=", "b"),), good_metric="fine"),
            id="good by selectors",
        ),
        pytest.param(
            "{type: ratio, valid: all, bad: 'failed{a!=\"b\"}'}",
            CountersIndicator("all", (), bad_metric="failed", bad=(Matcher("a", "!=", "b"),)),
            id="bad by selectors",
        ),
        pytest.param(
            "{type: ratio, valid: 'sum(increase(all[$window]))', good: 'f(x[$window])'}",
            QueryIndicator(good="f(x[$window])", valid="sum(increase(all[$window]))"),
            id="queries as written",
        ),
        pytest.param(
            "{type: latency, histogram: seconds, filters: {job: x}, threshold: 500ms}",
            LatencyIndicator("seconds", (Matcher("job", "=", "x"),), Decimal("0.5")),
            id="latency",
        ),
    ],
)
def test_each_form_of_indicator_is_read(file: Path, indicator: str, read: object) -> None:
    assert loaded(file, definition(indicator=indicator)).indicator == read


@pytest.mark.parametrize(
    ("threshold", "seconds", "title"),
    [
        ("500ms", "0.5", "Latency under 500 ms"),
        ("2.5ms", "0.0025", "Latency under 2.5 ms"),
        ("1s", "1", "Latency under 1 s"),
        ("1s500ms", "1.5", "Latency under 1.5 s"),
        ("100s", "100", "Latency under 100 s"),
    ],
)
def test_thresholds_are_exact_and_name_the_objective(
    file: Path, threshold: str, seconds: str, title: str
) -> None:
    indicator = f"{{type: latency, histogram: seconds, threshold: {threshold}}}"
    slo = loaded(file, definition(indicator=indicator))
    assert isinstance(slo.indicator, LatencyIndicator)
    assert str(slo.indicator.threshold) == seconds
    assert slo.title == title


@pytest.mark.parametrize(
    ("written", "ratio"),
    [("99.9", "0.999"), ("99.995", "0.99995"), ("100", "1"), ("100.0", "1"), ("1.5", "0.015")],
)
def test_a_target_is_exactly_what_was_written(file: Path, written: str, ratio: str) -> None:
    slo = loaded(file, definition(targets=f"[{{window: 30d, target: {written}}}]"))
    assert slo.objectives[0].target == Decimal(ratio)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("0.999", "target is in percent: 0.999 reads as a ratio; write 99.9"),
        ("0.95", "target is in percent: 0.95 reads as a ratio; write 95"),
        ("1", "target is in percent: 1 reads as a ratio; write 100"),
        ("100.5", "target must be a percentage from over 1 to 100, not 100.5"),
        ("-99", "target must be a percentage from over 1 to 100, not -99"),
        ("0", "target must be more than 0"),
        ("99.9%", "target is in percent already, as a number: write 99.9, without quotes or sign"),
        ("'99.9'", "target is in percent already, as a number: write 99.9, without quotes or sign"),
        ("high", "target must be a number in percent, such as 99.9"),
        ("yes", "target must be a number in percent, such as 99.9"),
        ("99.99999999999999999", "target must be a percentage from over 1 to 100"),
        ("1.0e+99", "target must be a percentage from over 1 to 100"),
    ],
)
def test_percent_and_ratio_cannot_be_confused(file: Path, target: str, said: str) -> None:
    (problem,) = said_of(file, definition(targets=f"[{{window: 30d, target: {target}}}]"))
    assert problem.startswith(f"8: {said}")


@pytest.mark.parametrize(
    ("indicator", "said"),
    [
        ("{metric: a}", "'type' is missing in spec.indicator"),
        (
            "{type: latncy}",
            "spec.indicator.type must be ratio, latency, gauge, threshold or journey, not 'latncy'",
        ),
        (
            "{type: ~x}",
            "spec.indicator.type must be ratio, latency, gauge, threshold or journey, not '~x'",
        ),
        (
            "{type: }",
            "spec.indicator.type must be ratio, latency, gauge, threshold or journey, not empty",
        ),
        ("{type: ratio}", "indicator: a ratio needs metric (with filters and good) or valid"),
        ("{type: ratio, metric: a}", "indicator: good is missing: with metric, good says by label"),
        ("{type: ratio, metric: a, good: {}}", "indicator: good is empty, which would call every"),
        ("{type: ratio, metric: a, good: b}", "indicator: with metric, good is a mapping such as"),
        ("{type: ratio, metric: a, bad: b}", "indicator: bad goes with valid; with metric, say"),
        ("{type: ratio, metric: a, valid: b, good: {a: b}}", "indicator: metric and valid exclude"),
        ("{type: ratio, valid: a}", "indicator: good or bad is missing: say which of the valid"),
        ("{type: ratio, valid: a, good: b, bad: c}", "indicator: good and bad exclude each other"),
        ("{type: ratio, valid: a, good: {a: b}}", "indicator: with valid, good is a query such as"),
        ("{type: ratio, valid: a, good: b, filters: {a: b}}", "indicator: filters go with metric"),
        (
            "{type: ratio, valid: a, good: 'f(b[$window])'}",
            "indicator: valid and good (or bad) mus",
        ),
        ("{type: ratio, valid: 'f(a[$window])', bad: 'f(b[$window])'}", "indicator: bad cannot be"),
        ("{type: ratio, valid: 'rate(a[5m])', good: a}", "valid: this is neither a counter select"),
        (
            "{type: ratio, valid: a, good: 5}",
            "spec.indicator.good must be text, not 5; write it in",
        ),
        ("{type: ratio, valid: a, good: 'a{__name__=\"b\"}'}", "good: write the metric's name in"),
        (
            "{type: ratio, metric: 'a{b=\"c\"}', good: {a: b}}",
            "metric: 'a{b=\"c\"}' is no metric na",
        ),
        ("{type: ratio, metric: a, good: {a-b: c}}", "a-b: this is no label name"),
        ("{type: ratio, metric: a, good: {__name__: c}}", "__name__ cannot be filtered"),
        (
            "{type: ratio, metric: a, good: {code: 200}}",
            "spec.indicator.good.code must be text, no",
        ),
        ("{type: ratio, metric: a, good: {code: '=~('}}", "code: the regex '(' does not compile"),
        ("{type: ratio, metric: a, good: {code: '!~(?=a)'}}", "code: the regex '(?=a)' uses what"),
        (
            "{type: ratio, metric: a, good: {a: b}, threshold: 1s}",
            "the key 'threshold' does not go",
        ),
        ("{type: latency, histogram: a_bucket, threshold: 1s}", "histogram: name the histogram wi"),
        ("{type: latency, histogram: a, threshold: 500}", "threshold: '500' is no duration; write"),
        ("{type: latency, histogram: a}", "'threshold' is missing in spec.indicator"),
        ("[]", "spec.indicator must be a mapping: one `key: value` a line, not a list"),
    ],
)
def test_a_wrong_indicator_gets_one_sentence(file: Path, indicator: str, said: str) -> None:
    (problem,) = said_of(file, definition(indicator=indicator))
    assert said in problem
    assert problem.startswith("7: ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: a", "name: A_b", "3: name: 'A_b' must be small letters, digits and hyphens"),
        ("name: a,", "name: no,", "3: metadata.name must be text, not no (which YAML reads as"),
        ("kind: S", "kind: Slo\nx: S", "2: kind must be ServiceLevelObjective, not 'Slo'"),
        ("objectives:", "objectves:", "8: unknown key 'objectves' in spec; did you mean 'objectiv"),
        ("  owner: Team Basket\n", "", "4: 'owner' is missing in spec"),
        ("owner: Team Basket", "owner: ''", "6: owner: one line of text is expected"),
        ("checkout", '"a\\r\\nBcc: b"', "5: service: one line of text is expected"),
        ("30d", "30", "8: window: '30' is no window; write week, month, quarter, year, or days"),
        ("30d", "mnth", "8: window: 'mnth' is no window; did you mean 'month'?"),
        ("30d", "12h", "8: window: '12h' is no window"),
        ("30d", "0d", "8: window: '0d' is no window"),
        ("30d", "99999d", "8: window: '99999d' is no usable duration"),
        ("}]", "}, {window: 30d, target: 99}]", "4: spec: two objectives have the window 30d"),
        ("[{window: 30d, target: 99.9}]", "[]", "8: spec.objectives must not be empty"),
        ("slo.dev/v1", "example.com/v9", "1: apiVersion 'example.com/v9' is not read; slo.dev/v1,"),
        ("slo.dev/v1", "slo.dv/v1", "1: apiVersion 'slo.dv/v1' is not read; did you mean"),
        (
            "apiVersion: slo.dev/v1\n",
            "",
            "1: apiVersion is missing; write 'apiVersion: slo.dev/v1'",
        ),
    ],
)
def test_one_mistake_is_named_at_its_line(file: Path, old: str, new: str, said: str) -> None:
    text = definition()
    assert old in text
    problems = said_of(file, text.replace(old, new, 1))
    assert problems[0].startswith(said)
    assert len(problems) == (2 if "\nx" in new else 1)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "  tier: critcal\n",
            "spec.tier must be critical, essential, standard or best_effort, not",
        ),
        (
            "  minimum_coverage: 0.95\n",
            "minimum_coverage is in percent: 0.95 reads as a ratio; wri",
        ),
        ("  alerting: {burn_rate: []}\n", "unknown key 'burn_rate' in spec.alerting; did you mean"),
        (
            "  alerting: {burn_rates: [{severity: page, long: 1h, short: 1h, threshold: 2}]}\n",
            "burn_rates: long and short must differ",
        ),
        (
            "  alerting: {burn_rates: [{severity: page, long: 1h, short: 5m, threshold: 0}]}\n",
            "threshold must be a burn rate, a number above 0 such as 14.4",
        ),
        ("  title: [a]\n", "spec.title must be text, not a list"),
        ("  owner: again\n", "duplicate key 'owner': line 6 has it already"),
    ],
)
def test_optional_parts_are_checked_too(file: Path, more: str, said: str) -> None:
    (problem,) = said_of(file, definition(more=more))
    assert problem.startswith(f"9: {said}")


def test_a_link_that_a_browser_would_run_is_refused(file: Path) -> None:
    text = definition().replace("{name", "{annotations: {runbook: 'javascript:alert(1)'}, name")
    assert said_of(file, text) == ["3: runbook: a URL begins with http:// or https://"]


def test_other_formats_are_named(file: Path) -> None:
    assert said_of(file, "version: prometheus/v2\nservice: a\n---\njust text\n") == [
        "1: version 'prometheus/v2' is not read; did you mean 'prometheus/v1'?",
        "4: a definition begins with 'apiVersion: slo.dev/v1'",
    ]


def test_folders_are_searched_in_order_and_hidden_files_left_alone(tmp_path: Path) -> None:
    for name, place in [("c", "c.yml"), ("a", "a/x.yaml"), ("b", "b.yaml"), ("h", "..data/h.yaml")]:
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(definition(name))
    (tmp_path / "notes.txt").write_text("not read")
    (tmp_path / ".hidden.yaml").write_text("[")
    assert [one.name for one in load_definitions([tmp_path])] == ["a", "b", "c"]


def test_a_file_that_is_named_twice_is_read_once(file: Path) -> None:
    file.write_text(definition("a") + "---\n" + definition("b"))
    assert [one.name for one in load_definitions([file.parent, file])] == ["a", "b"]


def test_problems_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        definition("a", more="  tiers: 1\n") + "---\n" + definition("b")
    )
    (tmp_path / "b.yaml").write_text("a: [\n")
    (tmp_path / "c.yaml").write_text(definition("b"))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ConfigurationError) as caught:
        load_definitions([tmp_path, empty, tmp_path / "none"])
    assert [str(one).replace(str(tmp_path), "") for one in caught.value.problems] == [
        "/a.yaml:9: unknown key 'tiers' in spec; did you mean 'tier'?",
        "/b.yaml:2: not valid YAML: a bracket is opened and never closed, or a value is missing",
        "/c.yaml:3: a second shop/b: /a.yaml:11 defines it already",
        "/empty:1: no definition is in /empty: expected *.yaml files of slo.dev/v1",
        "/none:1: /none does not exist",
    ]


SETTINGS = """\
version: 1
definitions: [slos]
source: {url: "http://localhost:9090"}
reports:
  - {name: monthly, title: Monthly, select: {services: [checkout]}}
"""


def test_settings_and_definitions_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "a.yaml").write_text(definition())
    settings, slos = load_everything(tmp_path / "settings.yaml")
    assert settings.definitions == [tmp_path / "slos"]
    assert [one.id for one in slos] == ["shop/a"]


def test_problems_of_settings_and_definitions_come_together(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(SETTINGS.replace("[slos]", "[slos, none]") + "verson: 1\n")
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "a.yaml").write_text(definition(more="  ownr: 1\n"))
    with pytest.raises(ConfigurationError) as caught:
        load_everything(path)
    assert [str(one).replace(str(tmp_path), "") for one in caught.value.problems] == [
        "/settings.yaml:2: /none does not exist",
        "/settings.yaml:6: unknown key 'verson' at the top level; did you mean 'version'?",
        "/slos/a.yaml:9: unknown key 'ownr' in spec; did you mean 'owner'?",
    ]


def test_a_selection_that_matches_nothing_is_named_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(SETTINGS.replace("[checkout]", "[chekout]"))
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "a.yaml").write_text(definition())
    with pytest.raises(ConfigurationError, match=r"yaml:5: no service is named 'chekout'; did you"):
        load_everything(path)


_WORDS = [
    "ratio", "latency", "no", "99.9", "0.999", "30d", "500ms", "''", "~", "x{a=~'('}", "[1]",
    "sum(x)", "$window", "{a: b}", "{good: x, type: ratio}", "[{window: week, target: 99}]", "!x y",
]  # fmt: skip
_KEYS = [
    "service", "owner", "indicator", "objectives", "metadata", "type", "metric", "good", "valid",
    "window", "target", "threshold", "filters", "<<", "alerting", "burn_rates", "tier", "title",
]  # fmt: skip
_LINES = st.lists(
    st.tuples(st.sampled_from(_KEYS), st.sampled_from(_WORDS) | st.text(max_size=9)), max_size=6
)


@given(
    text=st.text()
    | st.builds(
        lambda outer, inner: (
            HEAD
            + "".join(f"{key}: {word}\n" for key, word in outer)
            + "spec:\n  x: 1\n"
            + "".join(f"  {key}: {word}\n" for key, word in inner)
        ),
        _LINES,
        _LINES,
    )
)
def test_no_text_brings_anything_but_a_configuration_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigurationError, match=r"any\.yaml:\d+: ") as caught:
        load_definitions([path])
    assert not JARGON.search(str(caught.value))
