"""Counter selectors: what is one, and what each says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.definitions.regexes import check_regex
from slo_reports.definitions.selectors import (
    LABEL,
    METRIC,
    BadMatcher,
    NotASelector,
    Selector,
    parse_selector,
)
from slo_reports.model import Matcher


@pytest.mark.parametrize(
    ("text", "matchers"),
    [
        pytest.param("up", (), id="a name alone"),
        pytest.param(" up { } ", (), id="spaces and empty braces"),
        pytest.param("sum(up)", (), id="inside sum"),
        pytest.param("sum ( up{} )", (), id="inside sum with spaces"),
        pytest.param('up{a="b",}', (Matcher("a", "=", "b"),), id="a comma at the end"),
        pytest.param("up{a!='b'}", (Matcher("a", "!=", "b"),), id="single quotes"),
        pytest.param(r"up{a=~`\d+`}", (Matcher("a", "=~", r"\d+"),), id="backticks are raw"),
        pytest.param(
            r'up{a="\"\\\n\x41\u00e4\101"}', (Matcher("a", "=", '"\\\nAäA'),), id="escape"
        ),
        pytest.param(
            'up{a="}",b!~"x|y",a=~"z.*"}',
            (Matcher("a", "=", "}"), Matcher("b", "!~", "x|y"), Matcher("a", "=~", "z.*")),
            id="several, one label twice, braces in a value",
        ),
    ],
)
def test_a_selector_is_a_metric_and_its_matchers(text: str, matchers: tuple[Matcher, ...]) -> None:
    assert parse_selector(text) == Selector("up", matchers)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the name of a metric expected at its end"),
        ("rate(up[5m])", "the end expected at character 5"),
        ("up[5m]", "the end expected at character 3"),
        ("sum(up", r"'\)' expected at its end"),
        ("sum by (a) (up)", "the end expected at character 5"),
        ("up{a=b}", "a value in quotes expected at character 6"),
        ("up{a}", "one of = != =~ !~ expected at character 5"),
        ('up{a="b"', "',' or '}' expected at its end"),
        ('up{a="b', 'a closing " expected at its end'),
        (r'up{a="\q"}', "a known escape"),
        (r'up{a="\ud800"}', "a known escape"),
        (r'up{a="\U00110000"}', "a known escape"),
        ('{a="b"}', "the name of a metric expected at character 1"),
        ("up + up", r"the end expected at character 4"),
    ],
)
def test_anything_else_says_where_it_stops_being_one(text: str, said: str) -> None:
    with pytest.raises(NotASelector, match=said):
        parse_selector(text)


def test_the_metrics_name_cannot_be_a_matcher() -> None:
    with pytest.raises(BadMatcher, match="__name__ cannot be matched"):
        parse_selector('up{__name__="up"}')


def test_a_regex_in_a_selector_is_checked() -> None:
    with pytest.raises(BadMatcher, match="does not compile"):
        parse_selector('up{a=~"("}')


_MATCHERS = st.builds(
    Matcher,
    st.from_regex(LABEL, fullmatch=True).filter(lambda name: name != "__name__"),
    st.sampled_from(["=", "!="]),
    st.text(st.characters(exclude_categories=["Cs"])),
)


def _written(selector: Selector, quote: str) -> str:
    def string(value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace(quote, "\\" + quote).replace("\n", "\\n")
        return quote + escaped + quote

    inside = ",".join(f"{one.label}{one.op}{string(one.value)}" for one in selector.matchers)
    return f"{selector.metric}{{{inside}}}"


@given(
    st.from_regex(METRIC, fullmatch=True),
    st.lists(_MATCHERS, max_size=4).map(tuple),
    st.sampled_from(["'", '"']),
    st.sampled_from(["{}", "sum({})", " sum( {} ) "]),
)
def test_what_is_written_is_what_is_read(
    metric: str, matchers: tuple[Matcher, ...], quote: str, form: str
) -> None:
    selector = Selector(metric, matchers)
    assert parse_selector(form.format(_written(selector, quote))) == selector


@given(st.text() | st.text("sum(){}=!~'\"`\\, ab"))
def test_any_text_is_a_selector_or_a_value_error(text: str) -> None:
    try:
        selector = parse_selector(text)
    except (NotASelector, BadMatcher):
        selector = Selector("none")
    assert selector.metric


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(?=a)", r"looking around"),
        ("(?<!a)b", r"looking around"),
        (r"(a)\1", r"backreferences"),
        ("(?P<x>a)(?P=x)", r"backreferences"),
        ("a*+", r"possessive"),
        ("a{2}+", r"possessive"),
        ("(?>a)", r"possessive"),
        ("(a)?(?(1)b|c)", r"conditions"),
        ("5..|(", r"does not compile: .*unterminated subpattern"),
        ("a{99999999999999999999}", r"does not compile"),
        ("*", r"does not compile: nothing to repeat"),
    ],
)
def test_a_regex_that_prometheus_refuses_is_refused(pattern: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_regex(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "5..",
        "/health|/metrics",
        "",
        r"\pL+\p{Greek}\PN",
        r"a\z",
        r"\Q(a\E",
        "a}+",
        "[[:alpha:]_]+",
        r"[\pL\d]",
        "a(?i)b",
        "(?i:b)",
        "(?<name>b)",
        r"\x{10FFFF}",
        r"\\1",
        "[(?=)*+]",
        "[]a]",
        r"\(\?=",
        "a{2,3}",
    ],
)
def test_a_regex_that_prometheus_takes_is_taken(pattern: str) -> None:
    check_regex(pattern)
    assert pattern is not None


@given(st.text() | st.text("(?=)[]*+\\1<!PQE:pL{}"))
def test_any_pattern_is_taken_or_refused_with_a_sentence(pattern: str) -> None:
    said = ""
    try:
        check_regex(pattern)
    except ValueError as error:
        said = str(error)
    assert said == "" or said.startswith("the regex ")
