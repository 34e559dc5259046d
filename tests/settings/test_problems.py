"""How a validator's complaints are worded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from slo_reports.settings.problems import dotted, explain, nearest, one_of
from slo_reports.settings.schema import Settings
from slo_reports.settings.shapes import keys_at
from slo_reports.settings.yaml_files import parse_yaml


def test_words_are_joined_as_in_speech() -> None:
    assert one_of(["a"]) == "a"
    assert one_of(["a", "b", "c"]) == "a, b or c"


def test_the_nearest_word_is_found_whatever_its_case() -> None:
    assert nearest("CRITCAL", ["critical", "standard"]) == "; did you mean 'critical'?"
    assert nearest("xyz", ["critical"]) == ""
    assert nearest("xyz", []) == ""


def test_places_read_like_the_file() -> None:
    assert dotted(("reports", 0, "schedule", "at")) == "reports[0].schedule.at"


@pytest.mark.parametrize(
    ("loc", "tag", "some"),
    [
        ((), None, "definitions"),
        (("source", "tls"), None, "certificate"),
        (("destinations", "any"), "share", "link"),
        (("destinations", "any", "server"), None, "helo"),
        (("reports", 0, "select"), None, "owners"),
    ],
)
def test_valid_keys_are_known_at_every_depth(loc: Any, tag: str | None, some: str) -> None:
    assert some in keys_at(Settings, loc, tag)


def test_a_tag_chooses_among_the_members_of_a_union() -> None:
    assert "recipients" not in keys_at(Settings, ("destinations", "any"), "share")
    assert "recipients" in keys_at(Settings, ("destinations", "any"))


class _Odd(BaseModel):
    flag: bool = True
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    short: Annotated[str, Field(max_length=3)] = ""


def _odd_problems(text: str) -> Iterator[str]:
    document = parse_yaml(text, Path("odd.yaml")).documents[0]
    with pytest.raises(ValidationError) as caught:
        _Odd.model_validate(document.data)
    return (str(one) for one in explain(caught.value, document, _Odd))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flag: perhaps", "odd.yaml:1: flag must be true or false, not 'perhaps'"),
        ("share: 1.5", "odd.yaml:1: share must be less than 1.0, not 1.5"),
        ("share: 0", "odd.yaml:1: share must be more than 0.0, not 0"),
        ("share: [0]", "odd.yaml:1: share must be a number, not a list"),
        ("short: long", "odd.yaml:1: short cannot be 'long'"),
    ],
)
def test_rules_that_settings_do_not_use_yet_have_words_too(text: str, said: str) -> None:
    assert list(_odd_problems(text)) == [said]


def test_credentials_in_a_url_are_not_repeated() -> None:
    (said,) = _odd_problems("short: https://user:hunter2@host")
    assert "hunter2" not in said
