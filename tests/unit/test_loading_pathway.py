"""What the files of a pathway become in the model."""

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ischio.loading.files import FILES
from ischio.loading.pathway import load_pathway
from ischio.loading.yaml_lines import Written
from ischio.model.about import Label, Place, Scope
from ischio.model.dates import Duration
from ischio.model.expression import (
    AllOf,
    Compare,
    Constant,
    CriterionHolds,
    FactHolds,
    IndexDate,
    Operator,
    ParameterValue,
)
from ischio.model.facts import (
    Absent,
    Anchor,
    Compared,
    Conflict,
    CourseLength,
    DateOf,
    Latest,
    SideRule,
    StaleAfter,
    Term,
    ValueKind,
)
from ischio.model.measures import Better, Days, ThresholdOf
from ischio.model.mistake import PathwayError
from ischio.model.parameters import Quantity
from ischio.model.rules import MustKnow, Review

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
TINY, SITE = KNOWLEDGE / "tiny", KNOWLEDGE / "tiny-overlay.yaml"


@pytest.fixture(scope="module")
def tiny():
    return load_pathway(TINY)


# ---- parameters and overlays ------------------------------------------------------------------------------------


def test_a_parameter_is_a_number_with_its_unit_a_duration_or_a_list(tiny):
    day = date(2026, 6, 1)
    values = {name: parameter.on(day) for name, parameter in tiny.parameters.items()}
    assert values["space_cutoff"] == Quantity(Decimal(15), "mm")
    assert values["fresh_pain"] == Duration(days=42)
    assert values["reviews_after_operation"] == (Duration(days=14), Duration(days=42), Duration(months=3))


@pytest.mark.parametrize(("day", "weeks"), [("0001-01-01", 6), ("2026-12-31", 6), ("2027-01-01", 8), ("2040-01-01", 8)])
def test_a_dated_value_holds_from_its_day_on(tiny, day, weeks):
    assert tiny.parameters["trial_minimum"].on(date.fromisoformat(day)) == Duration(days=7 * weeks)


def test_a_site_puts_its_own_value_in_the_place_of_ours_and_it_shows():
    site = load_pathway(TINY, SITE)
    cutoff = site.parameters["space_cutoff"]
    assert site.overlay == "test-site"
    assert cutoff.on(date(2026, 6, 1)) == Quantity(Decimal(17), "mm")
    assert cutoff.overridden
    assert cutoff.about.note == "The site measures at another level."
    assert not site.parameters["fresh_pain"].overridden


def test_without_an_overlay_nothing_is_overridden(tiny):
    assert tiny.overlay is None
    assert not any(parameter.overridden for parameter in tiny.parameters.values())


# ---- facts ------------------------------------------------------------------------------------------------------


def test_a_number_is_held_in_whole_steps(tiny):
    space = tiny.facts["space"].type
    assert (space.kind, space.unit, space.step) == (ValueKind.NUMBER, "mm", Decimal("0.1"))
    assert (space.low, space.high, space.doubt_below, space.doubt_above) == (0, 600, 50, 400)


def test_a_fact_says_how_it_is_derived(tiny):
    pain, space, started = tiny.facts["pain_now"], tiny.facts["space"], tiny.facts["exercise_start"]
    assert isinstance(pain.derivation, Latest)
    assert pain.derivation.stale_after == StaleAfter(ParameterValue("fresh_pain"))
    assert pain.derivation.selection.patient_first
    assert pain.derivation.selection.unsided_when == "other_hip_pain_free"
    assert space.derivation.selection.qualifiers == {"modality": ("mri",), "leg_position": ("*",)}
    assert started.derivation == DateOf(started.derivation.selection, oldest=True)
    assert started.derivation.selection.window == Duration(months=24)


def test_a_value_may_go_stale_by_itself(tiny):
    stale = tiny.facts["flag_fever"].derivation.stale_after
    assert stale == StaleAfter(ParameterValue("fresh_screen"), ("absent",))


def test_the_side_is_this_hip_for_a_hip_and_the_person_for_a_person(tiny):
    sides = {name: tiny.facts[name].derivation.selection.side for name in ("space", "exercise_days")}
    assert sides == {"space": SideRule.THIS, "exercise_days": SideRule.PERSON}
    assert tiny.facts["other_hip_pain_free"].derivation.selection.side is SideRule.OTHER


def test_an_anchor_is_a_date_fact_moved(tiny):
    declined = tiny.facts["operation_declined"].derivation.selection
    assert declined.anchors == (Anchor("operation_date", Duration(days=1), 1, Duration(months=12)),)
    assert declined.kinds == ("declined",)


def test_facts_are_compared_by_a_sum_of_terms(tiny):
    assert tiny.facts["pain_fell_enough"].derivation == Compared(
        (
            Term("pain_baseline", Decimal(1)),
            Term("pain_now", Decimal(-1)),
            Term("pain_baseline", Decimal("-0.01"), "pain_change_share"),
        ),
        Decimal(0),
    )


@pytest.mark.parametrize(
    ("fact", "absent"),
    [
        ("pain_now", Absent()),
        ("operated", Absent(no=True)),
        ("flag_fever", Absent(no_when="screened", code="absent")),
    ],
)
def test_absence_means_what_the_fact_says(tiny, fact, absent):
    assert tiny.facts[fact].absent == absent


def test_other_traits_of_a_fact(tiny):
    assert isinstance(tiny.facts["exercise_days"].derivation, CourseLength)
    assert tiny.facts["spasm"].conflict is Conflict.ANY_YES
    assert tiny.facts["exercise_start"].scope is Scope.PERSON
    assert not tiny.facts["operated"].changeable
    assert tiny.facts["pain_now"].changeable
    assert len(tiny.facts["operated"].implies) == 1


# ---- rules ------------------------------------------------------------------------------------------------------


def test_a_gate_means_every_gate_before_it(tiny):
    persists = CriterionHolds("symptoms_persist")
    assert tiny.criteria["gate_surgery"].when == AllOf(
        (CriterionHolds("gate_care"), CriterionHolds("trial_adequate"), persists)
    )
    assert tiny.criteria["gate_surgery"].text == "trial_adequate and symptoms_persist"
    assert isinstance(tiny.criteria["gate_care"].when, AllOf)
    assert CriterionHolds("gate_care") not in tiny.criteria["gate_evaluation"].when.parts


def test_criteria_come_after_those_they_name(tiny):
    order = list(tiny.criteria)
    assert order.index("minor") < order.index("diversion_outside_pathway")
    assert order.index("gate_evaluation") < order.index("gate_care") < order.index("gate_surgery")


def test_stages_keep_their_order_and_their_reviews(tiny):
    assert [stage.id for stage in tiny.stages] == ["closed", "after_operation", "evaluation", "care", "surgery"]
    assert [stage.id for stage in tiny.ordered_stages] == ["evaluation", "care", "surgery"]
    assert tiny.stage("closed").criterion == "stage_closed"
    assert tiny.stage("closed").review is None
    assert tiny.stage("care").criterion == "gate_care"
    assert tiny.stage("care").review == Review((), Duration(days=42))
    after = tiny.stage("after_operation")
    assert after.review == Review((ParameterValue("reviews_after_operation"),), Duration(months=12))
    assert after.since == ("operation_date",)


def test_diversions_keep_their_order(tiny):
    found = [(diversion.id, diversion.criterion, diversion.only_ordered) for diversion in tiny.diversions]
    assert found == [
        ("red_flag", "diversion_red_flag", False),
        ("outside_pathway", "diversion_outside_pathway", False),
        ("other_cause", "diversion_other_cause", True),
    ]


def test_safety_is_attached_to_the_actions_it_names(tiny):
    relaxant, operation = tiny.actions["relaxant"], tiny.actions["operation"]
    assert [rule.id for rule in relaxant.stops] == ["pregnant"]
    assert [rule.id for rule in relaxant.strong_cautions] == ["elderly"]
    assert [rule.id for rule in relaxant.cautions] == ["no_spasm"]
    assert [rule.id for rule in operation.stops] == ["pregnant", "operated_lately"]
    assert operation.stops[1].until.fact == "operation_date"
    assert operation.stops[1].when == Compare("operation_date", Operator.AT_LEAST, IndexDate(Duration(months=3)))


def test_an_action_says_when_and_how(tiny):
    exercise, operation = tiny.actions["exercise"], tiny.actions["operation"]
    assert exercise.scope is Scope.PERSON
    assert [known.name for known in exercise.must_know] == ["flag_trauma"]
    assert exercise.must_know[0].needed_when is not None
    assert tiny.actions["relaxant"].must_know == (MustKnow("screened"), MustKnow("minor"))
    assert operation.due_when == Constant(False)
    assert operation.exclusive == ("next_step",)
    assert tiny.actions["review"].passes == ("red_flag", "outside_pathway", "other_cause")
    assert tiny.actions["review"].due.plus == Duration(days=42)
    assert tiny.actions["advice"].texts == {"handout": "Short walks are fine."}


def test_what_a_rule_carries_comes_from_the_pathway_where_it_has_none_of_its_own(tiny):
    about = tiny.criteria["narrow_space"].about
    assert (about.label, about.evidence) == (Label.SUPPORTED, ("measured-space",))
    assert (about.author, about.reviewer, about.reviewed) == ("ischio project", "none yet", date(2026, 1, 1))
    assert about.place == Place("criteria.yaml", 1)


def test_enquiries_keep_their_order(tiny):
    assert [enquiry.order for enquiry in tiny.enquiries.values()] == list(range(len(tiny.enquiries)))
    assert tiny.enquiries["pain_now"].ask_patient.startswith("How bad")


def test_properties_are_read(tiny):
    trial, flags, _ = tiny.properties
    assert (trial.check, trial.kinds, trial.text) == (
        "offered_only_if",
        ("operation",),
        "trial_adequate and narrow_space",
    )
    assert flags.under == CriterionHolds("diversion_red_flag")
    assert flags.except_actions == ("refer", "review")


def test_sources_claims_and_seed_lines_are_read(tiny):
    assert tiny.sources["made-up-study"].doi is None
    assert tiny.claims["measured-space"].sources == ("made-up-study",)
    assert tiny.claims["hearsay"].secondhand
    assert tiny.seed["T04"].becomes == ()
    assert tiny.seed["T04"].gap.startswith("The line says nothing")


# ---- codes ------------------------------------------------------------------------------------------------------


def test_a_code_may_carry_a_side_or_stand_for_all_that_begin_with_it(tiny):
    codes = {code.code: code for code in tiny.concepts["diagnosis"].codes}
    assert codes["M25.85"].prefix
    assert codes["M25.851"].side == "right"
    assert tiny.concepts["space"].unit == "mm"


def test_codes_that_need_a_licence_can_be_switched_off(tiny):
    free = load_pathway(TINY, licensed_codes=False)
    licensed = [code for code in tiny.concepts["spasm"].codes if not code.free]
    assert [code.system for code in licensed] == ["snomed"]
    assert all(code.free for concept in free.concepts.values() for code in concept.codes)
    assert len(tiny.concepts["spasm"].values["present"]) == 2
    assert len(free.concepts["spasm"].values["present"]) == 1


# ---- the whole --------------------------------------------------------------------------------------------------


def parts(value):
    """Everything inside a value of the model, itself included."""
    yield value
    inner = [getattr(value, each.name) for each in fields(value)] if is_dataclass(value) else []
    inner += [*value.keys(), *value.values()] if isinstance(value, dict) else []
    inner += value if isinstance(value, tuple) else []
    for each in inner:
        yield from parts(each)


def test_the_model_holds_plain_text(tiny):
    assert not [part for part in parts(tiny) if isinstance(part, Written)]


def test_the_packaged_pathway_loads():
    pathway = load_pathway()
    assert pathway.id == "ischiofemoral"
    assert len(pathway.seed) == 47


def test_two_loadings_are_equal(tiny):
    again = load_pathway(TINY)
    assert all(getattr(tiny, each.name) == getattr(again, each.name) for each in fields(tiny))


def test_mistakes_come_in_the_order_of_the_files(tmp_path):
    for file in TINY.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text("utf-8").replace("kind: advice", "kind: advce"), "utf-8")
    (tmp_path / "parameters.yaml").write_text("a: {}\nb: {}\n", "utf-8")
    with pytest.raises(PathwayError) as error:
        load_pathway(tmp_path)
    places = [(mistake.file, mistake.line) for mistake in error.value.mistakes]
    assert places[:2] == [("parameters.yaml", 1), ("parameters.yaml", 2)]
    told = [file for file, _ in places]
    assert "actions.yaml" in told
    assert told == sorted(told, key=[*FILES].index)


def test_measures_and_outcomes_are_read(tiny):
    measure = tiny.measures["trial_before_operation"]
    assert (measure.on, measure.recorded, measure.days) == ("operation_date", "operated", Days.EVERY)
    assert (measure.counts, measure.met) == (FactHolds("operated"), CriterionHolds("trial_adequate"))
    assert tiny.measures["operated_too_soon"].better is Better.LOWER
    assert tiny.outcomes.baseline.before == Duration(months=3)
    assert tiny.outcomes.milestones["operated_on"].day_of == "operation_date"
    assert tiny.outcomes.follow_ups["later"].target == Duration(months=2)
    assert tiny.outcomes.scores["change_in_space"].thresholds[1].of is ThresholdOf.SHARE
    assert tiny.outcomes.times["time_to_operation"].competing == ("died",)


def test_a_pathway_may_have_none():
    ankle = load_pathway(TINY.parent / "ankle")
    assert (dict(ankle.measures), ankle.outcomes) == ({}, None)


def test_a_folder_that_is_none_is_told_file_by_file(tmp_path):
    with pytest.raises(PathwayError) as error:
        load_pathway(tmp_path / "nowhere")
    assert {mistake.what for mistake in error.value.mistakes} == {"The file is missing."}


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    for file in TINY.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "facts.yaml").unlink()
    (tmp_path / "facts.yaml").mkdir()
    with pytest.raises(PathwayError, match="The file cannot be read"):
        load_pathway(tmp_path)
