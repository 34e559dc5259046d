"""YAML as plain data with lines."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from slo_reports.settings.yaml_files import YamlFile, parse_yaml, read_yaml
from slo_reports.settings.yaml_nodes import BadYaml, nodes

PATH = Path("some.yaml")


def problems(text: str) -> list[str]:
    return [str(one) for one in parse_yaml(text, PATH).problems]


def data(text: str) -> object:
    file = parse_yaml(text, PATH)
    assert file.problems == ()
    return file.documents[0].data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("99.9", Decimal("99.9"), id="a number is exactly as written"),
        pytest.param("99.90", Decimal("99.90"), id="with its zeros"),
        pytest.param("0.1000000000000000055", Decimal("0.1000000000000000055"), id="not a float"),
        pytest.param("5", 5, id="whole numbers are int"),
        pytest.param("16:30", "16:30", id="a time of day is not base sixty"),
        pytest.param("010", "010", id="a leading zero is not octal"),
        pytest.param("2026-10-01", "2026-10-01", id="a date stays text"),
        pytest.param("no", False, id="no is false"),
        pytest.param("'no'", "no", id="quoted no is text"),
        pytest.param("nO", "nO", id="nO is text"),
        pytest.param("!!str 5", "5", id="a tag for text is obeyed"),
        pytest.param("~", None, id="a tilde is nothing"),
    ],
)
def test_scalars_are_read_as_people_mean_them(text: str, value: object) -> None:
    read = data(f"key: {text}")
    assert read == {"key": value}
    assert isinstance(read, dict)
    assert type(read["key"]) is type(value)


def test_keys_are_always_their_text() -> None:
    assert data("no: 1\n404: 2\n~: 3\n") == {"no": 1, "404": 2, "~": 3}


def test_every_duplicate_key_is_named_with_both_lines() -> None:
    assert problems("a: 1\nb: {x: 1, x: 2}\na: 3\na: 4\n") == [
        "some.yaml:2: duplicate key 'x': line 2 has it already",
        "some.yaml:3: duplicate key 'a': line 1 has it already",
        "some.yaml:4: duplicate key 'a': line 1 has it already",
    ]


def test_anchors_and_merges_work_and_own_keys_win() -> None:
    text = (
        "base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\nuse:\n  <<: [*base, *other]\n  a: 5"
    )
    read = data(text)
    assert isinstance(read, dict)
    assert read["use"] == {"a": 5, "b": 2, "c": 4}


def test_several_documents_know_where_they_begin() -> None:
    file = parse_yaml("# a comment\na: 1\n---\n\nb: 2\n", PATH)
    assert [(one.line, one.data) for one in file.documents] == [(2, {"a": 1}), (5, {"b": 2})]


def test_documents_before_a_syntax_error_are_kept() -> None:
    file = parse_yaml("a: 1\n---\nb: [\n", PATH)
    assert [one.data for one in file.documents] == [{"a": 1}]
    assert len(file.problems) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c", "some.yaml:1: not valid YAML: a colon inside a value"),
        ("a:\n\t- b", "some.yaml:2: not valid YAML: a tab, @, ` or % where none may stand"),
        ("a: 'x", "some.yaml:1: not valid YAML: a quote or bracket is opened and never closed"),
        ("a: [1", "some.yaml:1: not valid YAML: a bracket is opened and never closed"),
        ("a: *b", "some.yaml:1: *b refers to nothing"),
        ("a: &a [*a]", "some.yaml:1: *a refers to nothing"),
        ("a: \x07", "some.yaml:1: the character U+0007 is not allowed"),
        ("a: !env X", "some.yaml:1: the tag '!env' has no meaning here"),
        ("? [a]\n: b", "some.yaml:1: a key must be a word"),
        ("<<: 1", "some.yaml:1: << merges mappings; this is none"),
        ('a: "\\0"', "some.yaml:1: a NUL or half a surrogate pair is no text"),
        ("[" * 5000, "some.yaml:1: more than 60 levels of nesting"),
        ("- " * 5000, "some.yaml:1: more than 60 levels of nesting"),
    ],
)
def test_what_is_no_yaml_is_said_in_plain_words_at_its_line(text: str, message: str) -> None:
    (said,) = problems(text)
    assert said.startswith(message)


@pytest.mark.parametrize("text", ["a: b: c", "a:\n\t- b", "a: 'x", "a: *b", "a: \x07", "[" * 500])
def test_the_parser_without_libyaml_finds_the_same_mistakes(text: str) -> None:
    with pytest.raises(BadYaml, match=r"not valid YAML|nothing|U\+0007|nesting"):
        list(nodes(text, yaml.SafeLoader))


@pytest.mark.parametrize("use", ["[{}]", "{{<<: [{}]}}"], ids=["lists", "merges"])
def test_nested_aliases_cannot_eat_the_machine(use: str) -> None:
    bomb = "a0: &a0 {x: 1}\n" + "".join(
        f"a{n}: &a{n} {use.format(', '.join([f'*a{n - 1}'] * 10))}\n" for n in range(1, 12)
    )
    assert "are aliases (*name) nested in each other?" in problems(bomb)[-1]


def test_bytes_that_are_not_utf8_are_found_at_their_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: 1\nb: Müller\n".encode("latin-1"))
    assert read_yaml(path) == YamlFile((), read_yaml(path).problems)
    assert [(one.line, one.message) for one in read_yaml(path).problems] == [
        (2, "not UTF-8 text; save the file as UTF-8")
    ]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(path).documents[0].data == {"a": 1}


def test_a_place_is_found_with_the_validators_tags_left_out() -> None:
    document = parse_yaml("a:\n  b:\n    - c: 1\n", PATH).documents[0]
    assert document.place(("a", "tag", "b", 0, "c", "int")) == ("a", "b", 0, "c")
    assert document.line_of(("a", "b")) == 2
    assert document.line_of(("a", "b", 0, "c")) == 3
    assert document.line_of(()) == 1
