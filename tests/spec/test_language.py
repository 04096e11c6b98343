"""The language of conditions: what each line means, what is refused and in which words."""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from pages import blocks, tables

from ischio.language.names import CQL_KEYWORDS, Names, refusal
from ischio.language.parser import parse
from ischio.language.text import to_text
from ischio.loading.pathway import load_pathway
from ischio.model.dates import Duration
from ischio.model.expression import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Constant,
    CriterionHolds,
    FactHolds,
    Implies,
    IndexDate,
    Literal,
    Not,
    Operator,
    ParameterValue,
)
from ischio.model.mistake import PathwayError
from ischio.model.truth import Truth, conjunction, disjunction, implication, negation

TINY = Path(__file__).parent.parent / "knowledge" / "tiny"


@cache
def names():
    pathway = load_pathway(TINY)
    return Names(
        facts={fact.id: fact.type for fact in pathway.facts.values()},
        parameters=pathway.parameters,
        criteria=pathway.criteria,
        others={"care": "a stage", "closed": "a stage", "red_flag": "a diversion", "exercise": "an action"},
        broken={"at_fault"},
    )


# ---- what a line means ------------------------------------------------------------------------------------------

SPASM, OPERATED, CARE = FactHolds("spasm"), FactHolds("operated"), CriterionHolds("gate_care")
CUTOFF = ParameterValue("space_cutoff")


def number(text):
    return Literal(Decimal(text))


def before_index(months=0, days=0):
    return IndexDate(Duration(months=months, days=days))


MEANS = [
    ("spasm", SPASM),
    ("gate_care", CARE),
    ("true", Constant(True)),
    ("false", Constant(False)),
    # `not` binds tighter than `and`, `and` than `or`, `or` than `implies`, which associates to the left
    ("not spasm", Not(SPASM)),
    ("not not spasm", Not(Not(SPASM))),
    ("not spasm and operated", AllOf((Not(SPASM), OPERATED))),
    ("spasm or operated and gate_care", AnyOf((SPASM, AllOf((OPERATED, CARE))))),
    ("(spasm or operated) and gate_care", AllOf((AnyOf((SPASM, OPERATED)), CARE))),
    ("spasm or operated implies gate_care", Implies(AnyOf((SPASM, OPERATED)), CARE)),
    ("spasm implies operated implies gate_care", Implies(Implies(SPASM, OPERATED), CARE)),
    ("spasm implies (operated implies gate_care)", Implies(SPASM, Implies(OPERATED, CARE))),
    # nested `and` and `or` are joined
    ("(spasm and operated) and gate_care", AllOf((SPASM, OPERATED, CARE))),
    ("spasm or (operated or gate_care)", AnyOf((SPASM, OPERATED, CARE))),
    # the fact may stand on either side
    ("space <= space_cutoff", Compare("space", Operator.AT_MOST, CUTOFF)),
    ("space_cutoff >= space", Compare("space", Operator.AT_MOST, CUTOFF)),
    ("space_cutoff > space", Compare("space", Operator.LESS, CUTOFF)),
    ("4 <= pain_now", Compare("pain_now", Operator.AT_LEAST, number(4))),
    ("4 < pain_now", Compare("pain_now", Operator.GREATER, number(4))),
    ("4 = pain_now", Compare("pain_now", Operator.EQUAL, number(4))),
    ("pain_now != 4", Compare("pain_now", Operator.NOT_EQUAL, number(4))),
    ("space >= 14.5", Compare("space", Operator.AT_LEAST, number("14.5"))),
    ("(space) <= (space_cutoff)", Compare("space", Operator.AT_MOST, CUTOFF)),
    ("not (space <= space_cutoff)", Not(Compare("space", Operator.AT_MOST, CUTOFF))),
    # `between` takes its own `and`
    ("pain_now between 4 and 10 and spasm", AllOf((Between("pain_now", number(4), number(10)), SPASM))),
    # codes
    ("diagnosis = 'confirmed'", Compare("diagnosis", Operator.EQUAL, Literal("confirmed"))),
    ("'confirmed' != diagnosis", Compare("diagnosis", Operator.NOT_EQUAL, Literal("confirmed"))),
    # dates: words become operators
    ("operation_date before Index", Compare("operation_date", Operator.LESS, IndexDate())),
    ("operation_date after Index", Compare("operation_date", Operator.GREATER, IndexDate())),
    ("operation_date = Index", Compare("operation_date", Operator.EQUAL, IndexDate())),
    (
        "exercise_start on or before Index - 3 months",
        Compare("exercise_start", Operator.AT_MOST, before_index(months=3)),
    ),
    ("exercise_start on  or after Index-6 weeks", Compare("exercise_start", Operator.AT_LEAST, before_index(days=42))),
    ("exercise_start >= Index - 1 day", Compare("exercise_start", Operator.AT_LEAST, before_index(days=1))),
    ("Index - 2 years after birth_date", Compare("birth_date", Operator.LESS, before_index(months=24))),
    (
        "exercise_start < Index + trial_minimum",
        Compare("exercise_start", Operator.LESS, IndexDate(ParameterValue("trial_minimum"), 1)),
    ),
    ("operation_date after @2026-01-31", Compare("operation_date", Operator.GREATER, Literal(date(2026, 1, 31)))),
    (
        "operation_date between Index - 3 months and Index",
        Between("operation_date", before_index(months=3), IndexDate()),
    ),
]


@pytest.mark.parametrize(("line", "meaning"), MEANS, ids=[line for line, _ in MEANS])
def test_a_line_has_one_meaning(line, meaning):
    assert parse(line, names()) == meaning


@pytest.mark.parametrize("meaning", [meaning for _, meaning in MEANS], ids=[line for line, _ in MEANS])
def test_a_meaning_is_written_as_a_line_that_means_it(meaning):
    assert parse(to_text(meaning), names()) == meaning


WRITTEN = [
    ("spasm or operated and gate_care", "spasm or (operated and gate_care)"),
    ("Index - 2 years after birth_date", "birth_date before Index - 24 months"),
    ("exercise_start<=Index-14 days", "exercise_start on or before Index - 2 weeks"),
    ("not(4<=pain_now)", "not (pain_now >= 4)"),
    ("spasm and operated implies gate_care", "(spasm and operated) implies gate_care"),
    ("'refuted'=diagnosis", "diagnosis = 'refuted'"),
    ("operation_date = @2026-01-31", "operation_date = @2026-01-31"),
]


@pytest.mark.parametrize(("line", "canonical"), WRITTEN)
def test_a_line_has_one_canonical_form(line, canonical):
    assert to_text(parse(line, names())) == canonical


# ---- what is refused, and in which words ------------------------------------------------------------------------

REFUSED = [
    # names
    ("spams", "`spams` is not known.", "Did you mean spasm?"),
    ("wholly_different", "`wholly_different` is not known.", "Declare it, or mend the name."),
    ("pain_now >= spams", "`spams` is not known.", "Did you mean spasm?"),
    (
        "care",
        "`care` is a stage; a condition names only facts, criteria and parameters.",
        "Write gate_care.",
    ),
    (
        "closed",
        "`closed` is a stage; a condition names only facts, criteria and parameters.",
        "Write stage_closed.",
    ),
    (
        "red_flag",
        "`red_flag` is a diversion; a condition names only facts, criteria and parameters.",
        "Write diversion_red_flag.",
    ),
    (
        "exercise",
        "`exercise` is an action; a condition names only facts, criteria and parameters.",
        "Name the facts or criteria that it rests on.",
    ),
    ("start", "`start` is a CQL keyword and names nothing here.", "Name a fact, a criterion or a parameter."),
    # one fact in a comparison
    (
        "pain_now < pain_baseline",
        "`pain_now < pain_baseline` compares two facts.",
        "Derive a yes-or-no fact with the pattern `compared`, in facts.yaml.",
    ),
    ("4 < space_cutoff", "`4 < space_cutoff` names no fact.", "Compare one fact with a constant."),
    (
        "4 between pain_now and 10",
        "`4 between pain_now and 10` needs one fact, on the left, and two constants.",
        "Write one fact, then its bounds: fact between 1 and 5.",
    ),
    ("1 < pain_now < 4", "`1 < pain_now` is a condition, and `<` compares values.", "Join conditions with `and`."),
    ("(pain_now = 4) = 5", "`pain_now = 4` is a condition, and `=` compares values.", "Join conditions with `and`."),
    # conditions by themselves
    ("spasm = true", "Nothing is compared with `true`.", "Write the fact or criterion alone, or `not` before it."),
    ("spasm = 1", "`spasm` is a yes-or-no fact and is not compared.", "Write spasm, or not spasm."),
    (
        "gate_care = 1",
        "`gate_care` is a criterion, so `=` cannot compare it.",
        "Write gate_care alone, or `not` before it.",
    ),
    ("pain_now", "`pain_now` is a number in {score}, not yes or no.", "Compare it: pain_now >= 1."),
    ("injections", "`injections` is a number, not yes or no.", "Compare it: injections >= 1."),
    ("diagnosis", "`diagnosis` is a fact of codes, not yes or no.", "Compare it: diagnosis = 'confirmed'."),
    ("birth_date", "`birth_date` is a date, not yes or no.", "Compare it: birth_date on or before Index."),
    ("space_cutoff", "`space_cutoff` is a parameter, not a condition.", "Compare a fact with it."),
    ("12", "`12` is a value, not a condition.", "Compare a fact with it."),
    (
        "not pain_now <= 4",
        "`not pain_now <= ...` means `(not pain_now) <= ...`: `not` binds tighter than `<=`.",
        "Write not (pain_now <= ...).",
    ),
    # units and steps of numbers
    (
        "pain_now >= space_cutoff",
        "`space_cutoff` is in mm, and `pain_now` is in {score}.",
        "Give the parameter in {score}.",
    ),
    (
        "pain_now >= trial_minimum",
        "`trial_minimum` is a duration, and `pain_now` is a number in {score}.",
        "Name a number parameter.",
    ),
    (
        "pain_now >= 4.5",
        "`4.5` falls between the steps of `pain_now`, which is held in steps of 1.",
        "Round it to a step, or give the fact a finer step.",
    ),
    (
        "pain_now >= 'high'",
        "`pain_now` is a number in {score}, so it is compared with a number.",
        "Write a number or a parameter.",
    ),
    ("pain_now before 4", "`before` is for dates, and `pain_now` is a number in {score}.", "Write = != < <= > or >=."),
    # codes
    ("diagnosis = 'refutd'", "`refutd` is not a code of `diagnosis`.", "Did you mean refuted?"),
    (
        "diagnosis = 'yes'",
        "`yes` is not a code of `diagnosis`.",
        "Its codes are confirmed, suspected, refuted.",
    ),
    ("diagnosis > 'refuted'", "`diagnosis` is a fact of codes, which have no order.", "Write diagnosis = 'code'."),
    ("diagnosis = 4", "`diagnosis` is a fact of codes, so it is compared with one.", "Write diagnosis = 'code'."),
    ('diagnosis = "refuted"', "Text in double quotes is a name in CQL.", "Write a code in single quotes: 'code'."),
    # dates
    (
        "birth_date < 4",
        "`birth_date` is a date, so it is compared with one.",
        "Write Index, Index - 3 months, or @2026-01-31.",
    ),
    ("birth_date after @2026-02-30", "`@2026-02-30` is not a date.", "Write a day that exists: @2026-01-31."),
    ("birth_date after @2026-02", "`@2026-02` is not a date.", "Write a day that exists: @2026-01-31."),
    (
        "birth_date before Index - 1.5 months",
        "`1.5 months` is not a whole number of months.",
        "Write a whole number.",
    ),
    (
        "birth_date before Index - space_cutoff",
        "`space_cutoff` is not a duration.",
        "Name a parameter that is one, such as 6 weeks.",
    ),
    (
        "birth_date before Index - pain_now",
        "`pain_now` is a fact or criterion, and Index moves only by a duration.",
        "Name a parameter that is a duration, or write one: Index - 3 months.",
    ),
    ("birth_date before Index - trail_minimum", "`trail_minimum` is not known.", "Did you mean trial_minimum?"),
    ("birth_date before Index - 3", "The duration after Index has no unit.", "Write, for example, Index - 3 months."),
    (
        "birth_date before 3 months",
        "A duration (`3 months`) stands only after `Index +` or `Index -`.",
        "Write, for example, exercise_start on or before Index - 3 months.",
    ),
    # CQL that is left out
    (
        "diagnosis in {'confirmed'}",
        '`in` is left out: in CQL an unknown value is "not in" a list, which would turn unknown into no.',
        "Write fact = 'a' or fact = 'b'.",
    ),
    (
        "pain_now is null",
        "A rule may not ask whether something is unknown.",
        "Write the fact alone, or `not` before it; unknown stays unknown.",
    ),
    ("spasm xor operated", "`xor` is left out.", "Write (a or b) and not (a and b)."),
    (
        "pain_now + 2 >= 4",
        "`+` calculates, and a condition does not.",
        "Put the number in parameters.yaml, or derive a fact with the pattern `compared`.",
    ),
    (
        "pain_now > -1",
        "`-` calculates, and a condition does not.",
        "Put the number in parameters.yaml, or derive a fact with the pattern `compared`.",
    ),
    (
        "space <= 15 'mm'",
        "A number carries no unit here.",
        "Write the bare number in the fact's unit, or name a parameter: their units are checked.",
    ),
    (
        "AgeInYears() >= 65",
        "`AgeInYears(...)` calls a function, and a condition calls none.",
        "Derive what it computes as a fact, in facts.yaml.",
    ),
    (
        "pain_now = Interval[1, 2]",
        "`[` makes a list or an interval, which is left out.",
        "Compare one fact with a constant.",
    ),
    ("birth_date during Index", "`during` is CQL outside the safe subset.", "See docs/reference/language.md."),
    ("exists spasm", "`exists` is CQL outside the safe subset.", "See docs/reference/language.md."),
    ("pain_now == 4", "`==` is not CQL.", "Write `=`."),
    ("pain_now <> 4", "`<>` is not CQL.", "Write `!=`."),
    ("spasm && operated", "`&&` is no operator here.", "Write and, or, not."),
    ("spasm AND operated", "`AND` is written in capitals.", "Write operators in small letters."),
    # what cannot be read at all
    ("", "The condition is empty.", "Write a condition, `true` or `false`."),
    ("(spasm or operated", "( has no partner in `(spasm or operated`.", "Close or remove the bracket."),
    ("spasm or operated)", ") has no partner in `spasm or operated)`.", "Close or remove the bracket."),
    ("spasm and", "The condition `spasm and` breaks off.", "Complete it."),
    (
        "spasm operated",
        "The condition cannot be read from `operated` on.",
        "Join conditions with and, or, not, implies.",
    ),
    ("spasm ?", "The condition cannot be read from `?` on.", "Join conditions with and, or, not, implies."),
]


@pytest.mark.parametrize(("line", "what", "mend"), REFUSED, ids=[line for line, _, _ in REFUSED])
def test_a_refusal_says_what_is_wrong_and_the_mend(line, what, mend):
    with pytest.raises(PathwayError) as refused:
        parse(line, names())
    assert [(mistake.what, mistake.mend) for mistake in refused.value.mistakes] == [(what, mend)]


def test_all_mistakes_of_a_line_are_told_at_once():
    with pytest.raises(PathwayError) as refused:
        parse("spams or pain_now >= 4.5 and diagnosis = 'yes'", names())
    assert len(refused.value.mistakes) == 3


@pytest.mark.parametrize("line", ["at_fault", "pain_now >= at_fault", "birth_date before Index - at_fault"])
def test_nobody_is_blamed_for_a_name_whose_own_entry_is_at_fault(line):
    with pytest.raises(PathwayError) as refused:
        parse(line, names())
    assert refused.value.mistakes == ()


NAMED = [("pain_now", True), ("x1", True), ("Pain", False), ("1x", False), ("pain-now", False), ("_x", False)]


@pytest.mark.parametrize(("name", "good"), NAMED)
def test_names_are_lower_snake_case(name, good):
    assert (refusal(name) is None) is good


@pytest.mark.parametrize("word", ["start", "end", "date", "day", "code", "version", "context", "and", "weeks"])
def test_a_cql_keyword_is_no_name(word):
    assert word in CQL_KEYWORDS
    what, mend = refusal(word)
    assert what == f"`{word}` is a CQL keyword, so it cannot be a name."
    assert mend == f"Add a word, such as {word}_recorded."


# ---- the manual -------------------------------------------------------------------------------------------------

PAGE = "language.md"


@pytest.mark.parametrize("line", blocks(PAGE, "cql"))
def test_every_example_of_the_manual_is_a_condition(line):
    assert parse(line, names())


@pytest.mark.parametrize(("line", "instead"), tables(PAGE)["refused", "write instead"])
def test_what_the_manual_calls_refused_is_refused(line, instead):
    with pytest.raises(PathwayError):
        parse(line.strip("`"), names())
    if instead.startswith("`"):
        assert parse(instead.split("`")[1], names())


@pytest.mark.parametrize(
    ("a", "b", "both", "either", "follows"), tables(PAGE)["a", "b", "a and b", "a or b", "a implies b"]
)
def test_two_truths_join_as_the_manual_says(a, b, both, either, follows):
    pair = (Truth(a), Truth(b))
    assert (conjunction(pair), disjunction(pair), implication(*pair)) == (Truth(both), Truth(either), Truth(follows))


@pytest.mark.parametrize(("a", "denied"), tables(PAGE)["a", "not a"])
def test_a_truth_is_denied_as_the_manual_says(a, denied):
    assert negation(Truth(a)) is Truth(denied)


def test_the_manual_shows_all_nine_pairs_of_truths():
    assert len({row[:2] for row in tables(PAGE)["a", "b", "a and b", "a or b", "a implies b"]}) == 9
