"""The template library: each template as a definition, overridden, and misspelt."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from slo_reports.definitions.json_schema import definition_schema
from slo_reports.definitions.loading import load_definitions
from slo_reports.definitions.templates import library
from slo_reports.errors import ConfigurationError
from slo_reports.model import (
    CountersIndicator,
    LatencyIndicator,
    Matcher,
    RatioIndicator,
    Slo,
    ThresholdIndicator,
)
from slo_reports.promql import selector
from slo_reports.settings.yaml_files import read_yaml

HEAD = "apiVersion: slo.dev/v1\nkind: ServiceLevelObjective\nmetadata: {name: a}\nspec:\n"
JOB = Matcher("job", "=", "shop")


def text(template: str, more: str = "") -> str:
    """One document: the template at line 7, more from line 8 on."""
    return f"{HEAD}  service: s\n  owner: o\n  template: {template}\n{more}"


def loaded(tmp_path: Path, written: str) -> Slo:
    path = tmp_path / "a.yaml"
    path.write_text(written)
    (slo,) = load_definitions([path])
    return slo


@pytest.mark.parametrize("name", library())
def test_every_template_is_a_definition_in_one_line(tmp_path: Path, name: str) -> None:
    filters = '  filters: {job: shop, zone: "=~eu.*", odd: \'a"b\'}\n'
    slo = loaded(tmp_path, text(name, filters))
    assert "$filters" not in str(slo.indicator)
    assert "shop" in str(slo.indicator)
    (document,) = read_yaml(tmp_path / "a.yaml").documents
    validator = Draft202012Validator(definition_schema())
    assert list(validator.iter_errors(document.data)) == []


def test_without_a_template_the_schema_asks_for_indicator_and_objectives() -> None:
    validator = Draft202012Validator(definition_schema())
    data = {
        "apiVersion": "slo.dev/v1",
        "kind": "ServiceLevelObjective",
        "metadata": {"name": "a"},
        "spec": {"service": "s", "owner": "o"},
    }
    told = sorted(one.message for one in validator.iter_errors(data))
    assert told == ["'indicator' is a required property", "'objectives' is a required property"]


def test_filters_go_where_the_indicator_has_them(tmp_path: Path) -> None:
    filters = '  filters: {job: shop, zone: "!~eu.*"}\n'
    zone = Matcher("zone", "!~", "eu.*")
    slo = loaded(tmp_path, text("api-availability", filters))
    assert slo.indicator == RatioIndicator(
        "http_requests_total", (JOB, zone), (Matcher("code", "!~", "5.."),)
    )
    slo = loaded(tmp_path, text("batch-completeness", filters))
    assert isinstance(slo.indicator, CountersIndicator)
    assert slo.indicator.valid == slo.indicator.good == (JOB, zone)
    slo = loaded(tmp_path, text("batch-freshness", filters))
    assert isinstance(slo.indicator, ThresholdIndicator)
    assert selector("batch_last_success_timestamp_seconds", (JOB, zone)) in (
        slo.indicator.query.replace(", ", ",")
    )


def test_without_filters_a_template_means_every_series(tmp_path: Path) -> None:
    slo = loaded(tmp_path, text("streaming-completeness"))
    assert isinstance(slo.indicator, CountersIndicator)
    assert slo.indicator.valid == ()


def test_a_template_keeps_its_own_filters_beside_those_of_the_definition(tmp_path: Path) -> None:
    slo = loaded(tmp_path, text("api-availability-of-users", "  filters: {job: shop}\n"))
    assert isinstance(slo.indicator, RatioIndicator)
    assert [one.label for one in slo.indicator.filters] == ["handler", "job"]


def test_what_a_definition_writes_overrides_the_template(tmp_path: Path) -> None:
    more = (
        "  indicator: {threshold: 1s}\n  title: Fast\n  objectives: [{window: week, target: 97}]\n"
    )
    slo = loaded(tmp_path, text("api-latency", more))
    assert slo.indicator == LatencyIndicator("http_request_duration_seconds", (), Decimal(1))
    assert (slo.title, slo.objectives[0].target) == ("Fast", Decimal("0.97"))


def test_an_indicator_of_another_type_replaces_the_templates(tmp_path: Path) -> None:
    more = "  indicator: {type: threshold, query: up, good: '== 1'}\n"
    slo = loaded(tmp_path, text("api-availability", more))
    assert isinstance(slo.indicator, ThresholdIndicator)


@pytest.mark.parametrize(
    ("template", "more", "said"),
    [
        ("api-availabilty", "", "7: no template is named 'api-availabilty'; did you mean 'api-ava"),
        ("nothing", "", "7: no template is named 'nothing'; there is api-availability, "),
        ("[a]", "", "7: template must be the name of one, such as"),
        ("api-latency", "  indicator: {threshhold: 1s}\n", "8: unknown key 'threshhold' in spec.i"),
        ("api-latency", "  indicator: {threshold: 1}\n", "8: threshold: '1' is no duration"),
        ("api-latency", "  filters: {job: 5}\n", "8: spec.filters.job must be text"),
        ("api-latency", "  filters: [a]\n", "8: spec.filters must be a mapping"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(
    tmp_path: Path, template: str, more: str, said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, text(template, more))
    told = [f"{one.line}: {one.message}" for one in caught.value.problems]
    assert told[0].startswith(said)


def test_filters_without_a_template_belong_in_the_indicator(tmp_path: Path) -> None:
    written = (
        f"{HEAD}  service: s\n  owner: o\n  filters: {{job: a}}\n"
        "  indicator: {type: gauge, metric: up, good: '== 1'}\n"
        "  objectives: [{window: 30d, target: 99}]\n"
    )
    with pytest.raises(ConfigurationError, match=r":7: filters go with template here"):
        loaded(tmp_path, written)
