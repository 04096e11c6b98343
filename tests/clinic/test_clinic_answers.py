"""From a filled-in form to events: an untouched field says nothing, and what cannot be is refused with the mend."""

from datetime import date
from decimal import Decimal
from itertools import count

import pytest

from ischio.clinic.answers import (
    Answer,
    AnswersDoubted,
    AnswersRefused,
    AskType,
    asks_for,
    events_of,
    screen_of,
    screened,
    screens,
)
from ischio.clinic.knowledge import Knowledge
from ischio.engine.answer import Answer as Judged
from ischio.model.about import Side
from ischio.model.facts import Compared
from ischio.record.events import Asserter, Event, EventSide, Kind, Patient, Record, State

ON = date(2026, 6, 1)
SUPINE = {"modality": "mri", "leg_position": "neutral"}


def said(knowledge: Knowledge, *answers: Answer) -> tuple[Event, ...]:
    numbers = count(1)
    return events_of(knowledge, answers, ON, lambda: str(next(numbers)))


def space(value: str, **other: object) -> Answer:
    usual: dict[str, object] = {"side": "right", "day": "2026-05-03", "circumstances": SUPINE}
    return Answer("ischiofemoral_space", value, **(usual | other))  # type: ignore[arg-type]  # each test names fields of the class


# ---- what is asked ------------------------------------------------------------------------------------------------

ASKED = [
    ("pain_now", "pain_score", AskType.NUMBER, True, False),
    ("ischiofemoral_space", "ischiofemoral_space", AskType.NUMBER, True, True),
    ("egfr", "egfr", AskType.NUMBER, False, True),
    ("ifi_test", "ifi_test", AskType.CHOICE, True, False),
    ("clinician_diagnosis", "ifi_diagnosis", AskType.CHOICE, True, False),
    ("injection_date", "image_guided_injection", AskType.DATE, True, False),
    ("birth_date", "birth_date", AskType.DATE, False, False),
    ("exercise_start", "exercise_therapy", AskType.PERIOD, False, False),
    ("weight_bearing_restricted", "weight_bearing_restriction", AskType.PERIOD, True, False),
    ("red_flag_screen", "red_flag_screen", AskType.TICK, False, False),
    ("kidney_disease", "kidney_disease", AskType.TICK, False, False),
]


@pytest.mark.parametrize(("fact", "concept", "type_", "sided", "day"), ASKED, ids=[row[0] for row in ASKED])
def test_how_a_fact_is_asked(knowledge: Knowledge, fact: str, concept: str, type_: AskType, sided: bool, day: bool):
    (ask,) = asks_for(knowledge, fact)
    assert (ask.concept, ask.type, ask.sided, ask.day_needed) == (concept, type_, sided, day)
    assert ask.words == knowledge.pathway.enquiries[fact].ask


def test_a_fact_of_several_findings_asks_for_each(knowledge: Knowledge):
    asks = asks_for(knowledge, "quadratus_femoris_change")
    assert [ask.words for ask in asks] == [f"{knowledge.pathway.concepts[ask.concept].title}?" for ask in asks]
    assert len(asks) == 3


def test_a_measured_space_asks_for_the_position_of_the_leg(knowledge: Knowledge):
    (ask,) = asks_for(knowledge, "ischiofemoral_space")
    assert [(each.name, each.preset) for each in ask.circumstances] == [("modality", "mri"), ("leg_position", None)]
    assert (str(ask.low), str(ask.high), ask.unit) == ("0", "80", "mm")


def test_a_declined_injection_is_asked_as_declined(knowledge: Knowledge):
    (ask,) = asks_for(knowledge, "recorded_injection_declined")
    assert ask.kind is Kind.DECLINED


BEFORE = (
    (Answer("episode_start", "2026-01-02", "both"),),
    (Answer("pathway_closed", "2026-03-02", "both"),),
    (Answer("episode_start", "2026-01-02", "both"), Answer("image_guided_injection", "2026-05-18", "both")),
)
"""What some facts look back to."""


def test_every_enquiry_can_be_answered_so_that_its_fact_is_no_longer_unasked(knowledge: Knowledge):
    """Whatever the pathway asks, the form has a field for, and the field's answer reaches the fact."""
    enquiries = knowledge.pathway.enquiries
    unreached = [name for name in enquiries if not any(_reaches(knowledge, name, before) for before in BEFORE)]
    assert unreached == []


def _reaches(knowledge: Knowledge, name: str, before: tuple[Answer, ...]) -> bool:
    answers = [*before]
    for ask in asks_for(knowledge, name):
        value = {
            AskType.NUMBER: str(ask.low if ask.low is not None else 1),
            AskType.CHOICE: ask.options[0].value if ask.options else "",
            AskType.DATE: "2026-05-20",
            AskType.PERIOD: "2026-05-20",
            AskType.TICK: "yes",
        }[ask.type]
        circumstances = {each.name: each.preset or each.options[0].value for each in ask.circumstances}
        day = "2026-05-20" if ask.day_needed else ""
        answers.append(Answer(ask.concept, value, "both", day, "", circumstances, sure=True, kind=ask.kind))
    record = Record(Patient("p"), said(knowledge, *answers))
    fact = Judged(knowledge.pathway, record, ON).facts[Side.RIGHT][name]
    return fact.state is not State.NOT_ASKED


# ---- what is answered ---------------------------------------------------------------------------------------------


def test_an_untouched_field_is_no_answer(knowledge: Knowledge):
    assert said(knowledge, Answer("pain_score", "", "right"), Answer("ifi_test", "  ", "left")) == ()


def test_an_answer_is_an_event_of_today_by_a_clinician(knowledge: Knowledge):
    (event,) = said(knowledge, Answer("pain_score", "6,5", "left"))
    assert (event.value, event.unit, event.side) == (Decimal("6.5"), "{score}", EventSide.LEFT)
    assert (str(event.start), str(event.end), str(event.recorded)) == ("2026-06-01",) * 3
    assert (event.asserter, event.kind, event.source) == (Asserter.CLINICIAN, Kind.DONE, "entered/1")


def test_a_measurement_keeps_its_day_unit_and_circumstances(knowledge: Knowledge):
    (event,) = said(knowledge, space("1.1", unit="cm"))
    assert (event.value, event.unit, str(event.start)) == (Decimal("1.1"), "cm", "2026-05-03")
    assert dict(event.qualifiers) == SUPINE


def test_a_course_goes_on_until_its_end_is_told(knowledge: Knowledge):
    going_on, ended = said(
        knowledge,
        Answer("exercise_therapy", "2026-03-02"),
        Answer("exercise_therapy", "2026-01", until="2026-02-20"),
    )
    assert (str(going_on.start), going_on.end) == ("2026-03-02", None)
    assert (str(ended.start), str(ended.end)) == ("2026-01", "2026-02-20")


REFUSED = [
    (Answer("pain_score", "six", "right"), "`six` is not a number", "12.5"),
    (Answer("pain_score", "11", "right"), "may be 0 to 10", "Correct it"),
    (Answer("pain_score", "6"), "The side is missing", "right, left or both"),
    (Answer("pain_score", "6", "right", "2026-06-02"), "The day lies ahead", "once it has happened"),
    (Answer("pain_score", "6", "right", "yesterday"), "is not a date", "2026-03-31"),
    (Answer("ifi_test", "maybe", "right"), "none of the answers offered", "Choose"),
    (Answer("kidney_disease", "no"), "only be ticked or left alone", "leave it"),
    (Answer("exercise_therapy", "2026-05-01", until="2026-04-01"), "ends before it begins", "Correct"),
    (Answer("no_such_thing", "1"), "does not ask that", "Open the form anew"),
    (space("11", day=""), "The day is missing", "a month or a year is better than nothing"),
    (space("-1"), "-1 mm cannot be: it may be 0 to 80 mm", "Correct it"),
    (space("11 kg"), "kg", ""),
    (space("11", circumstances={"leg_position": "standing on the head"}), "none of the answers offered", "Choose"),
]


@pytest.mark.parametrize(("answer", "what", "mend"), REFUSED, ids=[what for _, what, _ in REFUSED])
def test_what_cannot_be_is_refused_with_the_mend(knowledge: Knowledge, answer: Answer, what: str, mend: str):
    with pytest.raises(AnswersRefused) as refused:
        said(knowledge, answer)
    (mistake,) = refused.value.mistakes
    assert what in mistake.what
    assert mend in mistake.mend
    assert mistake.where == answer.concept


def test_every_mistake_of_a_form_is_told_at_once_at_its_field(knowledge: Knowledge):
    with pytest.raises(AnswersRefused) as refused:
        said(knowledge, Answer("pain_score", "x", "right", field="pain"), Answer("ihot12", "500", "left", field="hip"))
    assert [mistake.where for mistake in refused.value.mistakes] == ["pain", "hip"]


@pytest.mark.parametrize(
    ("value", "doubt"),
    [
        ("1.1", "1.1 mm is unusually small. Is it 1.1 cm, which is 11 mm?"),
        ("0.1", "0.1 mm is unusually small."),
        ("70", "70 mm is unusually large."),
    ],
)
def test_an_unlikely_number_is_asked_back_and_kept_if_it_is_right(knowledge: Knowledge, value: str, doubt: str):
    with pytest.raises(AnswersDoubted) as doubted:
        said(knowledge, space(value))
    assert [mistake.what for mistake in doubted.value.mistakes] == [doubt]
    (event,) = said(knowledge, space(value, sure=True))
    assert event.value == Decimal(value)


# ---- lists that are gone through ----------------------------------------------------------------------------------


def flags(knowledge: Knowledge, *answers: Answer, none: bool = False, still: tuple[str, ...] = ()) -> tuple[Event, ...]:
    screen = screen_of(knowledge, "red_flag_screen")
    titles = {name: name for name in still}
    numbers = count(1)
    return screened(knowledge, screen, answers, none, titles, ON, lambda: str(next(numbers)))


def test_the_red_flag_screen_names_every_red_flag(knowledge: Knowledge):
    screen = screen_of(knowledge, "red_flag_screen")
    assert {ask.fact for ask in screen.asks} == {flag.fact for flag in knowledge.pathway.flags}


def test_none_of_these_makes_every_red_flag_known_absent(knowledge: Knowledge):
    record = Record(Patient("p"), flags(knowledge, none=True))
    facts = Judged(knowledge.pathway, record, ON).facts
    assert {facts[side][flag.fact].value for side in Side for flag in knowledge.pathway.flags} == {"absent"}


def test_a_red_flag_that_is_ticked_is_there_and_the_others_are_not(knowledge: Knowledge):
    record = Record(Patient("p"), flags(knowledge, Answer("flag_mass", "present", "left")))
    facts = Judged(knowledge.pathway, record, ON).facts
    assert [facts[side]["flag_mass"].value for side in Side] == ["absent", "present"]
    assert facts[Side.RIGHT]["flag_sphincter"].value == "absent"


@pytest.mark.parametrize(
    ("answers", "none", "still", "what"),
    [
        ((), False, (), "Nothing is said"),
        ((Answer("flag_mass", "present", "left"),), True, (), "so is `none of these`"),
        ((), True, ("flag_mass",), "Recorded as present before: flag_mass"),
    ],
    ids=["an untouched form", "both", "one that is recorded as present"],
)
def test_a_screen_that_says_nothing_clear_is_refused(
    knowledge: Knowledge, answers: tuple[Answer, ...], none: bool, still: tuple[str, ...], what: str
):
    with pytest.raises(AnswersRefused, match=what):
        flags(knowledge, *answers, none=none, still=still)


def test_a_red_flag_of_before_is_answered_by_itself(knowledge: Knowledge):
    events = flags(knowledge, Answer("flag_mass", "assessed_explained", "left"), none=False, still=("flag_mass",))
    assert [event.concept for event in events] == ["flag_mass", "red_flag_screen"]


def test_every_list_can_be_gone_through(knowledge: Knowledge):
    names = {screen.fact for screen in screens(knowledge)}
    assert names == {"red_flag_screen", "conditions_reviewed", "medicines_reviewed", "allergies_reviewed"}
    facts = knowledge.pathway.facts.values()
    covered = {fact.absent.no_when for fact in facts if not isinstance(fact.derivation, Compared)}
    assert covered >= names
