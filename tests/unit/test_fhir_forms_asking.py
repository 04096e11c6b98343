"""What a form asks by the answers so far: tables of `enableWhen`, and what always holds."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ischio.clinic.knowledge import read_knowledge
from ischio.fhir.apply.filled import faults
from ischio.fhir.export.publication import Publication
from ischio.fhir.export.questionnaires import patient_words, questionnaires
from ischio.fhir.export.questions import FORMS
from ischio.fhir.forms.asking import enabled, is_open, next_open, progress, shown
from ischio.fhir.forms.completed import fitting, response
from ischio.fhir.forms.form import Form, form_of
from ischio.fhir.forms.typed import REST, NotTaken, typed

Json = dict[str, Any]
PERSON: Json = {"reference": "Patient/p"}
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def coding(code: str) -> Json:
    return {"valueCoding": {"system": "urn:s", "code": code}}


def item(link: str, type: str = "boolean", **others: Any) -> Json:
    options = {"answerOption": [coding("a"), coding("b")]} if type == "choice" else {}
    return {"linkId": link, "text": f"{link}?", "type": type, **options, **others}


def form(*items: Json, **others: Any) -> Form:
    whole = {"id": "f", "title": "F", "url": "urn:f", "version": "1", "item": list(items)}
    return form_of(whole, **others)


def when(question: str, operator: str, **answer: Any) -> Json:
    return {"question": question, "operator": operator, **answer}


# ---- enableWhen -----------------------------------------------------------------------------------------------------

A, B = coding("a"), coding("b")
FIVE = {"valueDecimal": 5}
DAY = {"valueDate": "2026-03-01"}
TABLE: tuple[tuple[str, tuple[Json, ...] | None, str, Json, bool], ...] = (
    # type of the question, its answers (None: not asked yet), operator, compared with, whether the other one is asked
    ("boolean", None, "exists", {"answerBoolean": True}, False),
    ("boolean", None, "exists", {"answerBoolean": False}, True),
    ("boolean", (), "exists", {"answerBoolean": True}, False),
    ("boolean", ({"valueBoolean": False},), "exists", {"answerBoolean": True}, True),
    ("boolean", ({"valueBoolean": False},), "exists", {"answerBoolean": False}, False),
    ("boolean", ({"valueBoolean": False},), "=", {"answerBoolean": True}, False),
    ("boolean", ({"valueBoolean": True},), "=", {"answerBoolean": True}, True),
    ("boolean", ({"valueBoolean": False},), "!=", {"answerBoolean": True}, True),
    ("boolean", None, "!=", {"answerBoolean": True}, False),
    ("boolean", (), "!=", {"answerBoolean": True}, False),
    ("choice", (A,), "=", {"answerCoding": A["valueCoding"]}, True),
    ("choice", (B,), "=", {"answerCoding": A["valueCoding"]}, False),
    ("choice", (A, B), "=", {"answerCoding": A["valueCoding"]}, True),
    ("choice", (A, B), "!=", {"answerCoding": A["valueCoding"]}, True),
    ("choice", (A,), "!=", {"answerCoding": A["valueCoding"]}, False),
    ("choice", (A,), "=", {"answerCoding": {"system": "urn:other", "code": "a"}}, False),
    ("decimal", (FIVE,), ">", {"answerDecimal": 4.5}, True),
    ("decimal", (FIVE,), ">", {"answerDecimal": 5}, False),
    ("decimal", (FIVE,), ">=", {"answerDecimal": 5}, True),
    ("decimal", (FIVE,), "<", {"answerDecimal": 5.1}, True),
    ("decimal", (FIVE,), "<=", {"answerDecimal": 4.9}, False),
    ("decimal", (FIVE,), "=", {"answerInteger": 5}, True),
    ("integer", ({"valueInteger": 5},), "=", {"answerDecimal": 5.0}, True),
    ("decimal", (), "<", {"answerDecimal": 9}, False),
    ("date", (DAY,), "<", {"answerDate": "2026-03-02"}, True),
    ("date", (DAY,), ">=", {"answerDate": "2026-03-02"}, False),
    ("text", ({"valueString": "so"},), "=", {"answerString": "so"}, True),
    ("decimal", (FIVE,), "=", {"answerString": "5"}, False),
)


@pytest.mark.parametrize(("type", "answers", "operator", "compared", "asked"), TABLE)
def test_a_question_is_asked_when_its_condition_is_met(
    type: str, answers: tuple[Json, ...] | None, operator: str, compared: Json, asked: bool
):
    both = form(item("first", type), item("second", enableWhen=[when("first", operator, **compared)]))
    assert ("second" in enabled(both, {} if answers is None else {"first": answers})) == asked


YES, NO = ({"valueBoolean": True},), ({"valueBoolean": False},)
BEHAVIOUR = (
    # enableBehavior, first, second, whether the third is asked
    (None, YES, YES, True),
    (None, YES, NO, False),
    ("all", YES, NO, False),
    ("any", YES, NO, True),
    ("any", (), NO, False),
    ("any", (), YES, True),
)


@pytest.mark.parametrize(("behaviour", "first", "second", "asked"), BEHAVIOUR)
def test_several_conditions_count_by_their_behaviour(
    behaviour: str | None, first: tuple[Json, ...], second: tuple[Json, ...], asked: bool
):
    conditions = [when(link, "=", answerBoolean=True) for link in ("first", "second")]
    third = item("third", enableWhen=conditions, **({"enableBehavior": behaviour} if behaviour else {}))
    whole = form(item("first"), item("second"), third)
    assert ("third" in enabled(whole, {"first": first, "second": second})) == asked


def chained() -> Form:
    """The second hangs on the first, the third on the second; a group hangs on the first."""
    group = {
        "linkId": "g",
        "text": "More",
        "type": "group",
        "enableWhen": [when("first", "=", answerBoolean=True)],
        "item": [item("inside")],
    }
    second = item("second", enableWhen=[when("first", "=", answerBoolean=True)])
    return form(item("first"), second, item("third", enableWhen=[when("second", "exists", answerBoolean=True)]), group)


def test_what_hangs_on_a_question_that_is_not_asked_is_not_asked_either():
    answers = {"first": NO, "second": YES, "inside": YES}
    assert enabled(chained(), answers) == {"first"}
    assert enabled(chained(), {**answers, "first": YES}) == {"first", "second", "third", "inside"}


def test_two_questions_that_hang_on_each_other_are_not_asked_and_do_not_hang_us():
    one = item("one", enableWhen=[when("two", "exists", answerBoolean=True)])
    two = item("two", enableWhen=[when("one", "exists", answerBoolean=True)])
    assert enabled(form(one, two), {"one": YES, "two": YES}) == frozenset()


# ---- one question a screen ------------------------------------------------------------------------------------------


def test_a_form_is_read_with_its_units_ranges_ordinals_and_words_for_the_patient():
    ordinal = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 3}
    low = {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 1}
    unit = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
        "valueCoding": {"system": "http://unitsofmeasure.org", "code": "mm"},
    }
    words = {"url": "urn:words", "valueString": "Long steps"}
    choice = item("c", "choice", answerOption=[coding("a") | {"extension": [ordinal, words]}, coding("b")])
    hint = {"linkId": "d", "type": "display", "text": "Think of last week."}
    read = form(hint, item("n", "integer", extension=[low, unit], required=True), choice, patient_words="urn:words")
    number, choices = read.questions
    assert (number.unit, number.low, number.high, number.required) == ("mm", Decimal(1), None, True)
    assert [(one.title, one.ordinal, one.key) for one in choices.options] == [
        ("Long steps", Decimal(3), "a"),
        ("b", None, "b"),
    ]
    assert [screen.hints for screen in read.screens] == [("Think of last week.",), ()]


def test_the_next_screen_is_the_first_open_one_and_what_is_required_cannot_be_left_open():
    whole = form(item("one"), item("two", required=True), item("three"))
    assert [next_open(whole, {}, after).number for after in range(4)] == [1, 2, 3, 1]
    left_open = {"one": (), "two": (), "three": YES}
    assert next_open(whole, left_open).number == 2
    assert progress(whole, left_open) == (2, 3)
    assert next_open(whole, {**left_open, "two": NO}) is None


TYPED = (
    # type, what is typed, the answer or what is told
    ("boolean", "true", {"valueBoolean": True}),
    ("boolean", "yes", "Choose one of the answers."),
    ("choice", "b", B),
    ("choice", "c", "Choose one of the answers."),
    ("integer", "4", {"valueInteger": 4}),
    ("integer", "4.5", "Write a whole number, such as 4."),
    ("decimal", "4,5", {"valueDecimal": 4.5}),
    ("decimal", "11", "Write a number from %(low)s to %(high)s."),
    ("decimal", "four", "Write a number, such as 4 or 4.5."),
    ("date", "2026-02-30", "Write the day as year, month and day, such as 2026-03-31."),
    ("date", "2026-02-28", {"valueDate": "2026-02-28"}),
    ("text", " mild ", {"valueString": "mild"}),
    ("text", " ", "Choose an answer, or say that you do not know."),
)


@pytest.mark.parametrize(("type", "written", "expected"), TYPED)
def test_what_is_typed_is_taken_or_told_to_be_wrong(type: str, written: str, expected: Json | str):
    limits = [
        {"url": f"http://hl7.org/fhir/StructureDefinition/{name}", "valueDecimal": value}
        for name, value in (("minValue", 0), ("maxValue", 10))
    ]
    (screen,) = form(item("q", type, extension=limits)).screens
    if isinstance(expected, dict):
        assert typed(screen, {"q": [written]}) == {"q": (expected,)}
    else:
        with pytest.raises(NotTaken) as refused:
            typed(screen, {"q": [written]})
        assert [fault.what for fault in refused.value.faults] == [expected]


# ---- the forms of the pathway -----------------------------------------------------------------------------------

KNOWLEDGE = read_knowledge()
PUBLICATION = Publication(KNOWLEDGE.pathway, KNOWLEDGE.bindings)
SETS = {publication_form.name for publication_form in FORMS if publication_form.set}
THEIRS = {
    one["id"].removeprefix("ischiofemoral-"): form_of(one, patient_words(PUBLICATION), {"group.left"})
    for one in questionnaires(PUBLICATION)
    if one["id"].removeprefix("ischiofemoral-") in SETS
}
COPYRIGHT = ("ihot", "mhhs", "hos-", "hagos", "ears", "siras")


def test_all_sets_together_ask_at_most_sixteen_questions_and_never_an_item_of_an_instrument():
    assert THEIRS.keys() == SETS
    assert sum(len(one.screens) for one in THEIRS.values()) <= 16
    links = [question.link for one in THEIRS.values() for question in one.questions]
    assert links
    assert not [link for link in links if link.startswith(COPYRIGHT)]


def test_every_question_of_a_set_is_in_the_patients_words():
    words = {one.ask_patient for one in KNOWLEDGE.pathway.enquiries.values() if one.patient_set}
    assert {question.text for one in THEIRS.values() for question in one.questions} == words
    spoken = {option.title for one in THEIRS.values() for question in one.questions for option in question.options}
    assert "External rotation in extension" not in spoken
    assert {"Yes", "No", "Turning the leg out behind me"} <= spoken


def test_every_red_flag_that_has_words_for_patients_is_on_a_list():
    flags = {flag.fact for flag in KNOWLEDGE.pathway.flags if KNOWLEDGE.pathway.enquiries[flag.fact].ask_patient}
    listed = {
        question.text
        for one in THEIRS.values()
        for screen in one.screens
        if screen.together
        for question in screen.questions
    }
    assert {KNOWLEDGE.pathway.enquiries[flag].ask_patient for flag in flags} == listed


FLAGS = THEIRS["red-flags"].screens[0]


def test_what_is_not_ticked_is_absent_only_when_that_was_said():
    first, *others = [question.link for question in FLAGS.questions]
    some = typed(FLAGS, {first: ["present"]})
    assert some[first][0]["valueCoding"]["code"] == "present"
    assert all(some[link] == () for link in others)
    whole = typed(FLAGS, {first: ["present"], REST: ["yes"]})
    assert {whole[link][0]["valueCoding"]["code"] for link in others} == {"absent"}
    with pytest.raises(NotTaken):
        typed(FLAGS, {})


def test_no_pain_means_that_nobody_is_asked_where_it_hurts():
    symptoms = THEIRS["symptoms"]
    hurts = symptoms.question("regional-pain.right")
    absent = {hurts.link: tuple(one.value for one in hurts.options if one.key == "absent")}
    assert len(shown(symptoms, absent)) == len(symptoms.screens) - 2


# ---- what always holds ----------------------------------------------------------------------------------------------


def possible(question: Any) -> st.SearchStrategy[tuple[Json, ...]]:
    if question.options:
        chosen = st.sampled_from([option.value for option in question.options])
        most = len(question.options) if question.repeats else 1
        return st.lists(chosen, max_size=most, unique_by=str).map(tuple)
    one = st.booleans().map(lambda yes: {"valueBoolean": yes})
    if question.type == "decimal":
        one = st.integers(0, 10).map(lambda number: {"valueDecimal": number})
    return st.one_of(st.just(()), one.map(lambda value: (value,)))


@st.composite
def filled_in(draw: Any) -> tuple[Form, dict[str, tuple[Json, ...]]]:
    whole = THEIRS[draw(st.sampled_from(sorted(THEIRS)))]
    some = draw(st.sets(st.sampled_from([question.link for question in whole.questions])))
    return whole, {link: draw(possible(whole.question(link))) for link in sorted(some)}


def links_of(items: list[Json]) -> set[str]:
    found = set()
    for one in items:
        found |= ({one["linkId"]} if "answer" in one else set()) | links_of(one.get("item", []))
    return found


@given(filled_in())
def test_only_what_is_asked_and_answered_is_sent_and_all_of_it(case: tuple[Form, dict[str, tuple[Json, ...]]]):
    whole, answers = case
    sent = response(whole, answers, "r", PERSON, NOW)
    expected = {link for link in enabled(whole, answers) if answers.get(link)}
    assert links_of(sent.get("item", [])) == expected
    assert faults(whole.questionnaire, sent) == []


@given(filled_in())
def test_what_is_hidden_is_not_sent_and_is_there_again_once_it_is_asked_again(
    case: tuple[Form, dict[str, tuple[Json, ...]]],
):
    whole, answers = case
    for question in whole.questions:
        for rule in question.when:
            above = whole.question(rule.conditions[0].question)
            for option in above.options:
                turned = fitting(whole, {**answers, above.link: (option.value,)})
                sent = links_of(response(whole, turned, "r", PERSON, NOW).get("item", []))
                is_met = option.value == {"valueCoding": rule.conditions[0].answer["valueCoding"]}
                assert (question.link in sent) == (is_met and bool(answers.get(question.link)))
                assert turned.get(question.link) == answers.get(question.link)


@given(filled_in())
def test_leaving_a_question_open_sends_nothing_about_it_and_moves_on(case: tuple[Form, dict[str, tuple[Json, ...]]]):
    whole, answers = case
    todo = next_open(whole, answers)
    if todo is None:
        return
    assert is_open(todo.screen, answers)
    left = {**answers, **dict.fromkeys((question.link for question in todo.screen.questions), ())}
    assert not links_of(response(whole, left, "r", PERSON, NOW).get("item", [])) & {
        question.link for question in todo.screen.questions
    }
    after = next_open(whole, left)
    assert after is None or after.number != todo.number


@given(filled_in())
def test_what_fits_a_form_fits_it_whole(case: tuple[Form, dict[str, tuple[Json, ...]]]):
    whole, answers = case
    assert fitting(whole, answers) == answers


def test_of_a_changed_form_what_still_fits_is_kept():
    before = {"gone": YES, "first": YES, "number": ({"valueDecimal": 9},), "choice": (coding("c"),)}
    low = {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueDecimal": 5}
    now = form(item("first"), item("number", "decimal", extension=[low]), item("choice", "choice"))
    assert fitting(now, before) == {"first": YES}


def test_the_day_in_a_response_is_the_moment_it_was_sent():
    sent = response(form(item("first")), {"first": YES}, "r", PERSON, NOW)
    assert date.fromisoformat(sent["authored"][:10]) == NOW.date()
    assert (sent["subject"], sent["source"], sent["status"]) == (PERSON, PERSON, "completed")
