"""What is recorded of a person: single facts, lists to go through, and taking back, as a browser meets them."""

import httpx
import pytest
from clinic_pages import Browser
from page_forms import sheet, sheets, words
from practice import Practice

from ischio.clinic.answers import Answer
from ischio.store.entries import Known

PAIN = (Answer("regional_pain", "present", "right"),)
TOLD = ("regional_pain", "present")


def page_of(browser: Browser, known: Known, place: str = "") -> httpx.Response:
    found = browser.get(f"/p/{known.id}{place}")
    assert found.status_code == 200
    return found


def send(browser: Browser, known: Known, place: str, **typed: str) -> httpx.Response:
    """The form of a page of somebody, filled in and sent to where the page says."""
    address = f"/p/{known.id}{place}"
    return browser.fill_in(sheet(browser.get(address), address), **typed)


# ---- a single fact --------------------------------------------------------------------------------------------------


def test_a_single_fact_is_recorded_and_stands_in_the_record_with_who_wrote_it(practice: Practice):
    anna, browser = practice.person("Anna"), practice.browser("kim")
    going = send(browser, anna, "/ask/pain_now", side="right", pain_score="6")
    assert (going.status_code, going.headers["location"]) == (303, f"/p/{anna.id}?said=recorded")
    assert practice.written(anna) == [("pain_score", "6")]
    row = page_of(browser, anna, "/record").text.partition("<tbody>")[2].partition("</tr>")[0]
    assert all(told in row for told in (">6<", ">right<", "1 Jun 2026", "kim"))


def test_what_is_left_alone_says_nothing(practice: Practice):
    anna, browser = practice.person("Anna"), practice.browser("kim")
    assert send(browser, anna, "/ask/pain_now", side="right").status_code == 303
    assert practice.written(anna) == []


# what is typed as pain, 0 to 10 | what the page says of it
NO_PAIN = (("eleven", "not a number"), ("11", "11"), ("-1", "-1"))


@pytest.mark.parametrize(("typed", "says"), NO_PAIN)
def test_what_cannot_be_is_told_and_still_stands_in_the_form(practice: Practice, typed: str, says: str):
    anna, browser = practice.person("Anna"), practice.browser("kim")
    told = send(browser, anna, "/ask/pain_now", side="right", pain_score=typed)
    assert told.status_code == 422
    fault = told.text.partition('class="fault">')[2].partition("</span>")[0]
    assert says in fault
    assert ("pain_score", typed) in sheet(told, f"/p/{anna.id}/ask/pain_now").fields
    assert practice.written(anna) == []


def test_a_number_that_looks_like_centimetres_is_asked_about_once_and_taken_if_it_is_right(practice: Practice):
    anna, browser = practice.person("Anna"), practice.browser("kim")
    day = {"ischiofemoral_space__day": "2026-05-03", "ischiofemoral_space__leg_position": "neutral"}
    typed = {"side": "right", "ischiofemoral_space": "1.4", "ischiofemoral_space__modality": "mri", **day}
    told = send(browser, anna, "/ask/ischiofemoral_space", **typed)
    assert (told.status_code, "cm" in words(told)) == (422, True)
    again = sheet(told, f"/p/{anna.id}/ask/ischiofemoral_space")
    assert browser.fill_in(again, ischiofemoral_space__sure="yes").status_code == 303
    assert practice.written(anna) == [("ischiofemoral_space", "1.4")]


@pytest.mark.parametrize("place", ["/ask/no_such_fact", "/lists/no_such_list", "/lists/pain_now"])
def test_what_the_pathway_does_not_ask_is_a_page_that_says_so(practice: Practice, place: str):
    anna, browser = practice.person("Anna"), practice.browser("kim")
    assert browser.get(f"/p/{anna.id}{place}").status_code == 404


# ---- a list to go through -------------------------------------------------------------------------------------------


def test_with_none_of_these_every_red_flag_counts_as_absent(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    assert (
        '<button class="main" name="none-of-these" value="yes">'
        in page_of(browser, anna, "/lists/red_flag_screen").text
    )
    going = send(browser, anna, "/lists/red_flag_screen", **{"none-of-these": "yes", "side": "right"})
    assert going.status_code == 303
    assert practice.written(anna) == [TOLD, ("red_flag_screen", "None")]
    chart = practice.clinic.charts.of(anna, practice.clock.now.date(), practice.by())
    right = next(hip for hip in chart.assessment.hips if hip.side == "right")
    facts = {fact.id: fact.value for fact in (*right.facts, *chart.assessment.person.facts)}
    assert {facts["flag_mass"], facts["flag_infection"]} == {"absent"}


def test_a_red_flag_that_is_named_stands_on_the_page_at_once(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    send(browser, anna, "/lists/red_flag_screen", side="right", flag_mass="present")
    assert ("flag_mass", "present") in practice.written(anna)
    title = practice.clinic.knowledge.pathway.concepts["flag_mass"].title
    assert title.lower() in words(page_of(browser, anna)).lower().partition("next")[0]


def test_naming_one_and_none_of_these_contradict_each_other_and_nothing_is_kept(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    told = send(
        browser, anna, "/lists/red_flag_screen", **{"none-of-these": "yes", "side": "right", "flag_mass": "present"}
    )
    assert told.status_code == 422
    assert ("flag_mass", "present") in sheet(told, f"/p/{anna.id}/lists/red_flag_screen").fields
    assert practice.written(anna) == [TOLD]


def test_what_was_there_before_must_be_said_to_be_gone_before_none_of_these_is_taken(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN, Answer("flag_mass", "present", "right")), practice.browser("kim")
    page = browser.get(f"/p/{anna.id}/lists/red_flag_screen")
    assert "Recorded as there before:" in page.text
    told = browser.fill_in(sheet(page, page.url.path), **{"none-of-these": "yes", "side": "right"})
    assert told.status_code == 422
    assert ("red_flag_screen", "None") not in practice.written(anna)


# ---- taking back ----------------------------------------------------------------------------------------------------


def test_what_is_taken_back_no_longer_counts_and_can_still_be_read(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    page = page_of(browser, anna, "/record")
    (entry, *_) = [form for form in sheets(page) if "entry" in form.names()]
    assert browser.fill_in(entry).headers["location"] == f"/p/{anna.id}/record?said=taken-back"
    assert practice.written(anna) == []
    after = page_of(browser, anna, "/record")
    assert "no longer stands" in after.text
    assert entry.fields[-1] not in [field for form in sheets(after) for field in form.fields]


def test_taking_back_twice_is_told_and_audited(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    (entry, *_) = [form for form in sheets(page_of(browser, anna, "/record")) if "entry" in form.names()]
    assert [browser.fill_in(entry).status_code for _ in range(2)] == [303, 409]
    (refused,) = practice.refusals()
    assert (refused.whom, refused.why) == (anna.whom, "cannot be taken back: /p/{person}/record")


def test_an_entry_about_somebody_else_is_not_taken_back_from_this_page(practice: Practice):
    """A guessed id of an entry, of the own organisation and of another one."""
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    (entry, *_) = [form for form in sheets(page_of(browser, anna, "/record")) if "entry" in form.names()]
    others = [practice.person("Bert", *PAIN), practice.person("Cleo", *PAIN, organisation="elsewhere")]
    for other in others:
        foreign = practice.store.events.unaudited(other.whom)[-1].id
        assert browser.fill_in(entry, entry=foreign).status_code == 409
    assert [practice.written(known) for known in (anna, *others)] == [[TOLD]] * 3
    assert [refused.whom for refused in practice.refusals()] == [anna.whom] * 2


# ---- sent twice, and two at once ------------------------------------------------------------------------------------


def test_a_form_that_is_sent_twice_is_written_once_and_told(practice: Practice):
    anna, browser = practice.person("Anna"), practice.browser("kim")
    form = sheet(page_of(browser, anna, "/ask/pain_now"), f"/p/{anna.id}/ask/pain_now")
    assert [browser.fill_in(form, side="right", pain_score="6").status_code for _ in range(2)] == [303, 409]
    assert practice.written(anna) == [("pain_score", "6")]


def test_a_form_without_what_its_writer_has_seen_writes_nothing(practice: Practice):
    anna, browser = practice.person("Anna", *PAIN), practice.browser("kim")
    for seen in ("", "x", "-1", "0", "1"):
        assert send(browser, anna, "/ask/pain_now", side="right", pain_score="6", seen=seen).status_code == 409
    assert practice.written(anna) == [TOLD]
