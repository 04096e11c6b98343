"""Every expression can be written down, and what is written means that expression."""

from datetime import date
from decimal import Decimal
from typing import get_args

from hypothesis import find, given
from hypothesis import strategies as st
from test_language import names

from ischio.language.parser import parse
from ischio.language.text import to_text
from ischio.model.dates import Duration
from ischio.model.expression import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Constant,
    CriterionHolds,
    Expression,
    FactHolds,
    Implies,
    IndexDate,
    Literal,
    Not,
    Operator,
    ParameterValue,
    walk,
)

durations = st.builds(Duration, months=st.integers(1, 30)) | st.builds(Duration, days=st.integers(0, 100))
offsets = durations | st.just(ParameterValue("trial_minimum"))
index_dates = st.just(IndexDate()) | st.builds(IndexDate, offsets, st.sampled_from([-1, 1]))
days = st.builds(Literal, st.dates(date(1900, 1, 1), date(2100, 1, 1)))
spaces = st.integers(0, 600).map(lambda steps: Literal(steps * Decimal("0.1"))) | st.just(
    ParameterValue("space_cutoff")
)
codes = st.sampled_from(["confirmed", "suspected", "refuted"]).map(Literal)

operators = st.sampled_from(Operator)
either_way = st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL])
leaves = st.one_of(
    st.builds(Constant, st.booleans()),
    st.builds(FactHolds, st.sampled_from(["spasm", "operated"])),
    st.builds(CriterionHolds, st.sampled_from(["gate_care", "narrow_space"])),
    st.builds(Compare, st.just("space"), operators, spaces),
    st.builds(Compare, st.just("diagnosis"), either_way, codes),
    st.builds(Compare, st.just("birth_date"), operators, index_dates | days),
    st.builds(Between, st.just("space"), spaces, spaces),
    st.builds(Between, st.just("birth_date"), index_dates | days, index_dates | days),
)


def several(kind, inner):
    """Two or more parts, none of them of the same kind: those are joined when they are read."""
    return st.lists(inner.filter(lambda part: not isinstance(part, kind)), min_size=2, max_size=3).map(tuple)


def wider(inner):
    return st.one_of(
        st.builds(Not, inner),
        st.builds(AllOf, several(AllOf, inner)),
        st.builds(AnyOf, several(AnyOf, inner)),
        st.builds(Implies, inner, inner),
    )


expressions = st.recursive(leaves, wider, max_leaves=12)


@given(expressions)
def test_an_expression_is_what_its_text_means(expression):
    assert parse(to_text(expression), names()) == expression


@given(expressions)
def test_the_canonical_text_is_canonical(expression):
    text = to_text(expression)
    assert to_text(parse(text, names())) == text


def test_the_generator_draws_every_kind_of_expression():
    for kind in get_args(Expression):
        assert find(expressions, lambda drawn, kind=kind: any(isinstance(node, kind) for node in walk(drawn)))
