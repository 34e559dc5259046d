"""The examples in config/ load, hold every key, and satisfy the schemas that editors use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from slo_reports.definitions.json_schema import definition_schema
from slo_reports.definitions.loading import load_definitions, load_everything
from slo_reports.definitions.native import Definition
from slo_reports.definitions.templates import library
from slo_reports.model import (
    CountersIndicator,
    GaugeIndicator,
    JourneyIndicator,
    LatencyIndicator,
    QueryIndicator,
    RatioIndicator,
    RatioQueryIndicator,
    ThresholdIndicator,
)
from slo_reports.settings.destinations import MailDestination
from slo_reports.settings.json_schema import settings_schema
from slo_reports.settings.loading import load_settings
from slo_reports.settings.schema import Settings
from slo_reports.settings.shapes import keys
from slo_reports.settings.shares import KEYS
from slo_reports.settings.yaml_files import parse_yaml, read_yaml

CONFIG = Path(__file__).parents[2] / "config"
SETTINGS = CONFIG / "slo_reports.yaml"
DEFINITIONS = CONFIG / "definitions"


def models(kind: Any) -> Iterator[type[BaseModel]]:
    """Every model that a model is made of, itself included."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from models(field.annotation)
    for inner in get_args(kind):
        yield from models(inner)


def errors(schema: dict[str, Any], data: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(data)]


def test_the_whole_example_loads() -> None:
    settings, slos = load_everything(SETTINGS)
    assert [report.name for report in settings.reports] == ["shop-monthly", "shop-weekly"]
    assert {type(slo.indicator) for slo in slos} == {
        RatioIndicator,
        CountersIndicator,
        QueryIndicator,
        LatencyIndicator,
        GaugeIndicator,
        ThresholdIndicator,
        RatioQueryIndicator,
        JourneyIndicator,
    }


@pytest.mark.parametrize("key", sorted({key for model in models(Settings) for key in keys(model)}))
def test_the_example_settings_show_every_key_with_a_comment(key: str) -> None:
    text = SETTINGS.read_text(encoding="utf-8")
    shown = re.search(rf"(?m)^ *#.*\n(?: *- #.*\n)?[ #]*{key}:|- #.*\n *{key}:", text)
    assert shown is not None, f"{key} is not in config/slo_reports.yaml, or has no comment above"


@pytest.mark.parametrize(
    "key", sorted({key for model in models(Definition) for key in keys(model)} - {"good"})
)
def test_the_example_definitions_show_every_key(key: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DEFINITIONS.glob("*.yaml"))
    assert re.search(rf"\b{key}:", text) is not None


@pytest.mark.parametrize(
    "uncommented",
    [
        "templates: templates",
        "  basic_auth:\n    username: slo-reports\n    password: env:PROMETHEUS_PASSWORD",
        "  tls:\n    ca: ca.pem\n    certificate: certificates/client.pem\n    key: client.key",
        "  headers:\n    X-Scope-OrgID: shop",
        "  max_response: 256MiB",
    ],
)
def test_what_is_commented_out_can_be_used(tmp_path: Path, uncommented: str) -> None:
    text = SETTINGS.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^source:\n", lambda found: found[0] + uncommented + "\n", text)
    if not uncommented.startswith(" "):
        text = SETTINGS.read_text(encoding="utf-8") + uncommented + "\n"
    path = tmp_path / "slo_reports.yaml"
    path.write_text(text)
    (tmp_path / "definitions").symlink_to(DEFINITIONS)
    settings, _ = load_everything(path)
    assert settings.reports


@pytest.mark.parametrize(
    "schema", [settings_schema(), definition_schema()], ids=["settings", "definition"]
)
def test_schemas_are_valid_and_describe_every_key(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    for part in [schema, *schema["$defs"].values()]:
        for key, value in part.get("properties", {}).items():
            target = schema["$defs"].get(value.get("$ref", "").removeprefix("#/$defs/"), {})
            described = value.get("description") or target.get("description")
            assert described, f"{part['title']}.{key} has no description"


def test_the_examples_satisfy_their_schemas() -> None:
    (settings,) = read_yaml(SETTINGS).documents
    assert errors(settings_schema(), settings.data) == []
    for path in DEFINITIONS.glob("*.yaml"):
        for document in read_yaml(path).documents:
            assert errors(definition_schema(), document.data) == []


GOOD_SETTINGS = """\
version: 1
definitions: [slos]
source: {url: "http://localhost:9090", timeout: 30s, headers: {A: b}}
destinations: {books: {kind: share, path: out}}
reports: [{name: monthly, title: M, schedule: {every: month, at: "06:00"}}]
"""
GOOD_DEFINITION = """\
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata: {name: a}
spec:
  service: a
  owner: b
  indicator: {type: ratio, metric: m, good: {code: "!~5.."}}
  objectives: [{window: 30d, target: 99.9}]
"""

GOOD_JOURNEY = GOOD_DEFINITION.replace(
    '{type: ratio, metric: m, good: {code: "!~5.."}}',
    "{type: journey, combine: product, steps: [{slo: default/a, critical: true}]}",
)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (GOOD_SETTINGS, "version: 1", "version: 2"),
        (GOOD_SETTINGS, "definitions", "definitons"),
        (GOOD_SETTINGS, "[slos]", "[]"),
        (GOOD_SETTINGS, "http:", "ftp:"),
        (GOOD_SETTINGS, "30s", "30"),
        (GOOD_SETTINGS, "{A: b}", "[A]"),
        (GOOD_SETTINGS, "share", "shore"),
        (GOOD_SETTINGS, "monthly", "Monthly"),
        (GOOD_SETTINGS, '"06:00"', '"6"'),
        (GOOD_SETTINGS, "every: month", "every: mnth"),
        (GOOD_DEFINITION, "slo.dev/v1", "openslo/v1"),
        (GOOD_DEFINITION, "99.9", "0.999"),
        (GOOD_DEFINITION, "99.9", "100.5"),
        (GOOD_DEFINITION, "99.9", "'99.9'"),
        (GOOD_DEFINITION, "30d", "30"),
        (GOOD_DEFINITION, "30d", "12h"),
        (GOOD_DEFINITION, "name: a", "name: A_b"),
        (GOOD_DEFINITION, "objectives", "objectves"),
        (GOOD_DEFINITION, "code:", "a-b:"),
        (GOOD_DEFINITION, "code:", "__name__:"),
        (GOOD_DEFINITION, "metric: m, ", ""),
        (GOOD_DEFINITION, "metric: m, ", "metric: m, valid: x, "),
        (GOOD_DEFINITION, "metric: m, ", "metric: m, threshold: 1s, "),
        (GOOD_DEFINITION, 'good: {code: "!~5.."}', "bad: x"),
        (GOOD_DEFINITION, "{name: a}", "{name: a, labels: {area: 1}}"),
        (GOOD_DEFINITION, "{name: a}", "{name: a, labels: {'-': x}}"),
        (GOOD_JOURNEY, "critical: true", "critical: false"),
        (GOOD_JOURNEY, "critical: true", "critcal: true"),
        (GOOD_JOURNEY, "product", "mean"),
        (GOOD_JOURNEY, "default/a", ""),
        (GOOD_JOURNEY, "[{slo: default/a, critical: true}]", "[]"),
    ],
)
def test_schemas_and_loader_refuse_the_same_mistakes(
    tmp_path: Path, text: str, old: str, new: str
) -> None:
    schema = settings_schema() if text is GOOD_SETTINGS else definition_schema()
    model = Settings if text is GOOD_SETTINGS else Definition
    good, bad = (parse_yaml(one, tmp_path).documents[0] for one in (text, text.replace(old, new)))
    assert errors(schema, good.data) == []
    assert errors(schema, bad.data) != []
    assert model.model_validate(good.data) is not None
    with pytest.raises(ValueError, match="validation error"):
        model.model_validate(bad.data)


def test_the_definitions_folder_loads_alone() -> None:
    assert len(load_definitions([DEFINITIONS])) == 11


def examples_in(name: str, kind: str) -> list[str]:
    text = (CONFIG.parent / "docs" / name).read_text(encoding="utf-8")
    return re.findall(rf"(?ms)^```{kind}\n(.*?)^```$", text)


@pytest.mark.parametrize("number", range(len(examples_in("definitions.md", "yaml"))))
def test_the_definitions_in_the_docs_load_and_satisfy_the_schema(
    tmp_path: Path, number: int
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(examples_in("definitions.md", "yaml")[number])
    assert load_definitions([path])
    for document in read_yaml(path).documents:
        assert errors(definition_schema(), document.data) == []


def test_the_docs_show_every_kind_of_indicator_and_every_template() -> None:
    text = (CONFIG.parent / "docs" / "definitions.md").read_text(encoding="utf-8")
    listed = re.findall(r"(?m)^\| `([a-z-]+)` \|.* over [0-9]+d", text)
    assert listed == list(library())


def test_the_exclusions_in_the_docs_load(tmp_path: Path) -> None:
    (written,) = examples_in("definitions.md", "yaml settings")
    path = tmp_path / "slo_reports.yaml"
    path.write_text(GOOD_SETTINGS + written)
    settings = load_settings(path)
    assert [one.kind for one in settings.exclusions] == ["maintenance", "adjustment"]


def test_the_brand_in_the_docs_loads_with_a_logo(tmp_path: Path) -> None:
    (written,) = examples_in("branding.md", "yaml settings")
    path = tmp_path / "slo_reports.yaml"
    path.write_text(GOOD_SETTINGS + written)
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"></svg>'
    )
    brand = load_settings(path).brand.frozen()
    assert brand is not None
    assert brand.logo is not None
    (document,) = read_yaml(path).documents
    assert errors(settings_schema(), document.data) == []


@pytest.mark.parametrize("written", examples_in("mail.md", "yaml settings"))
def test_the_mail_settings_in_the_docs_load(tmp_path: Path, written: str) -> None:
    path = tmp_path / "slo_reports.yaml"
    rest = re.sub("(?m)^destinations:.*\n", "", GOOD_SETTINGS)
    path.write_text(rest + written)
    assert [one.kind for one in load_settings(path).destinations.values()] == ["mail"]
    (document,) = read_yaml(path).documents
    assert errors(settings_schema(), document.data) == []


@pytest.mark.parametrize("written", examples_in("shares.md", "yaml settings"))
def test_the_shares_in_the_docs_load_and_satisfy_the_schema(tmp_path: Path, written: str) -> None:
    path = tmp_path / "slo_reports.yaml"
    path.write_text(re.sub("(?m)^destinations:.*\n", "", GOOD_SETTINGS) + written)
    assert [one.kind for one in load_settings(path).destinations.values()] == ["share"]
    (document,) = read_yaml(path).documents
    assert errors(settings_schema(), document.data) == []


def test_the_docs_show_every_protocol_of_shares_with_its_keys() -> None:
    text = "".join(examples_in("shares.md", "yaml settings"))
    docs = (CONFIG.parent / "docs" / "shares.md").read_text(encoding="utf-8")
    for protocol, fitting in KEYS.items():
        assert protocol in {"file", "webdav"} or f"url: {protocol}://" in text
        (row,) = (
            line
            for line in docs.splitlines()
            if line.startswith("| `") and f"`{protocol}://`" in line
        )
        assert all(f"`{key}`" in row for key in fitting)


def test_the_mail_settings_that_are_commented_out_can_be_used(tmp_path: Path) -> None:
    text = SETTINGS.read_text(encoding="utf-8")
    text = re.sub(
        r"(?m)^    # (when_uncertain: verify|archive:|max_size:.*|unsubscribe:.*)$", r"    \1", text
    )
    text = re.sub(r"(?m)^    #   ((# )?(\w+: .*))$", r"      \3", text)
    path = tmp_path / "slo_reports.yaml"
    path.write_text(text)
    directors = load_settings(path).destinations["directors"]
    assert isinstance(directors, MailDestination)
    assert directors.archive is not None
    assert directors.archive.folder == "INBOX"
    assert directors.unsubscribe is not None


def test_the_destinations_in_the_docs_load_and_satisfy_the_schema(tmp_path: Path) -> None:
    (written,) = examples_in("chat.md", "yaml settings")
    first, _, last = GOOD_SETTINGS.partition("destinations: {books: {kind: share, path: out}}\n")
    text = first + written + last
    path = tmp_path / "slo_reports.yaml"
    path.write_text(text)
    settings = load_settings(path)
    assert [one.kind for one in settings.destinations.values()] == [
        "share",
        "slack",
        "teams",
        "webhook",
    ]
    assert errors(settings_schema(), parse_yaml(text, path).documents[0].data) == []


def test_the_webhook_body_in_the_docs_satisfies_its_schema() -> None:
    (shown,) = examples_in("chat.md", "json")
    schema = json.loads((CONFIG.parent / "docs" / "webhook.schema.json").read_text())
    assert errors(schema, json.loads(shown)) == []


def test_the_operations_in_the_docs_load(tmp_path: Path) -> None:
    (written,) = examples_in("operating.md", "yaml settings")
    path = tmp_path / "slo_reports.yaml"
    path.write_text(GOOD_SETTINGS + written)
    operations = load_settings(path).operations
    assert operations.ping
    assert operations.metrics
    assert operations.failure_mail


@pytest.mark.parametrize("written", examples_in("delivery.md", "yaml settings"))
def test_the_schedule_and_the_ledger_in_the_docs_load(tmp_path: Path, written: str) -> None:
    path = tmp_path / "slo_reports.yaml"
    rest = re.sub("(?ms)^reports:.*", "", GOOD_SETTINGS) if "reports:" in written else GOOD_SETTINGS
    path.write_text(rest + written)
    assert load_settings(path).reports
    (document,) = read_yaml(path).documents
    assert errors(settings_schema(), document.data) == []
