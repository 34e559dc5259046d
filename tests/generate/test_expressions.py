"""PromQL of values that people wrote."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.generate.examples import examples, labels_for
from slo_reports.generate.expressions import bucket
from slo_reports.model import Matcher
from slo_reports.promql import matches


@pytest.mark.parametrize(
    ("boundary", "same", "others"),
    [
        ("0.5", ("0.5", "0.50", ".5", "5e-01", "5E-1", "5.0e-1"), ("5", "0.05", "0.51", "0x5")),
        ("1", ("1", "1.0", "1e0", "1e+00"), ("10", "0.1", "1.01", "11", "1e1", "+Inf")),
        ("2.5", ("2.5", "2.50", "2.5e+00"), ("25", "2.55", "2x5")),
        ("1000000", ("1e+06", "1000000", "1000000.0", "1.0E6"), ("100000", "1e-06", "1e+07")),
        ("0.00025", ("0.00025", "2.5e-04", "2.50E-4"), ("0.0025", "2.5e04")),
    ],
)
def test_a_boundary_is_matched_by_its_value(boundary, same, others):
    takes = matches([bucket(Decimal(boundary))])
    assert [one for one in same if not takes({"le": one})] == []
    assert [one for one in others if takes({"le": one})] == []


@given(st.decimals("0.000001", "1000000", places=6))
def test_every_usual_spelling_of_a_boundary_is_matched(value):
    takes = matches([bucket(value)])
    spelt = {f"{value:f}", repr(float(value)), f"{float(value):g}"}
    spelt = {one for one in spelt if Decimal(one) == value}
    assert all(takes({"le": one}) for one in spelt | {f"{value.normalize():e}"})


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("5..|429", ("500", "429")),
        ("(5..|429)", ("500",)),
        ("/api/(a|b)+/v[0-9]{2}", ("/api/a/v00",)),
        (r"\d+\.\w?", ("0.",)),
        ("[^0-9]x", ("ax",)),
        ("(?:a|b)c", ("ac",)),
        ("(?i)a", ()),
        (r"\pL", ()),
        ("a(", ()),
        ("[a", ()),
    ],
)
def test_a_text_for_each_alternative_of_a_pattern(pattern, found):
    assert examples(pattern) == found
    assert all(re.fullmatch(pattern, one) for one in found)


def test_good_and_bad_events_differ_in_one_label():
    filters = (Matcher("job", "=", 'a"b'), Matcher("handler", "!~", "/health|/metrics"))
    good = (Matcher("code", "!~", "5..|429"),)
    for labels, is_good in (
        (labels_for((*filters, *good)), True),
        (labels_for(filters, good), False),
    ):
        assert labels is not None
        assert matches(filters)(labels)
        assert matches(good)(labels) is is_good


def test_what_can_never_be_is_not_made_up():
    assert labels_for((Matcher("a", "=", "x"), Matcher("a", "=", "y"))) is None
    assert labels_for((Matcher("a", "=", "x"),), (Matcher("a", "=~", ".*"),)) is None
