"""config/policy.yaml says what holds without it, explains every key, and satisfies its schema."""

import re
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from slo_reports.model import DEFAULT_POLICY
from slo_reports.settings.policy import PolicyFile
from slo_reports.settings.policy_files import load_policy, policy_schema
from slo_reports.settings.shapes import keys
from slo_reports.settings.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "config" / "policy.yaml"


def models(kind):
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from models(field.annotation)
    for inner in get_args(kind):
        yield from models(inner)


def test_the_example_is_what_holds_without_it():
    assert load_policy(POLICY) == DEFAULT_POLICY


@pytest.mark.parametrize("key", sorted({key for one in models(PolicyFile) for key in keys(one)}))
def test_every_key_is_shown(key):
    assert re.search(rf"\b{re.escape(key)}:", POLICY.read_text(encoding="utf-8"))


def test_what_is_commented_out_can_be_used(tmp_path):
    text = POLICY.read_text(encoding="utf-8")
    text = text.replace("    # instead:", "    instead:")
    text = re.sub(r"(?m)^# (teams:|  Team Basket:|    size: 6)$", r"\1", text)
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    found = load_policy(path)
    assert found.teams == {"Team Basket": 6.0}
    assert len(found.causes["dependency"].instead) == 2


def test_the_schema_is_valid_and_takes_the_example_and_no_misspelling():
    schema = policy_schema()
    Draft202012Validator.check_schema(schema)
    (document,) = read_yaml(POLICY).documents
    assert list(Draft202012Validator(schema).iter_errors(document.data)) == []
    wrong = dict(document.data, matrx={})
    assert list(Draft202012Validator(schema).iter_errors(wrong))


def test_the_policy_in_the_docs_loads(tmp_path):
    text = (ROOT / "docs" / "decisions-policy.md").read_text(encoding="utf-8")
    shown = re.findall(r"(?ms)^```yaml policy\n(.*?)^```$", text)
    assert shown
    for number, one in enumerate(shown):
        path = tmp_path / f"{number}.yaml"
        path.write_text(one)
        assert load_policy(path) != DEFAULT_POLICY
