"""The list of patients and taking somebody in, as a browser meets them."""

from dataclasses import replace
from datetime import date

import pytest
from page_forms import links, sheet, words
from practice import Practice

from ischio.clinic.answers import Answer
from ischio.interfaces.http.pages.patients import row
from ischio.store.accounts import Role
from ischio.store.entries import Known

PAIN = (Answer("regional_pain", "present", "right"), Answer("episode_start", "2026-04-01", "right"))
FLAG = (*PAIN, Answer("flag_mass", "present", "right"))


def names(practice: Practice, text: str) -> list[str]:
    """Who stands in a list, in its order."""
    places = {known.name: text.find(known.name) for known in practice.store.people.all()}
    return [name for name, place in sorted(places.items(), key=lambda each: each[1]) if place >= 0]


def ward(practice: Practice) -> dict[str, Known]:
    """One with a red flag, one of whom something cannot be told, one who declined nothing and is on no pathway."""
    people = {"Flagged": FLAG, "Painful": PAIN, "Nothing Told": ()}
    return {name: practice.person(name, *answers) for name, answers in people.items()}


# ---- the list -------------------------------------------------------------------------------------------------------


def test_where_nobody_is_yet_the_page_says_what_to_do(practice: Practice):
    page = practice.browser("kim").get("/patients")
    assert "Nobody is here yet" in page.text
    assert "/patients/new" in links(page)


def test_red_flags_come_first_and_each_leads_to_their_page(practice: Practice):
    people = ward(practice)
    page = practice.browser("kim").get("/patients")
    assert names(practice, page.text)[0] == "Flagged"
    assert {f"/p/{known.id}" for known in people.values()} <= set(links(page))


@pytest.mark.parametrize(("place", "found"), [("red-flag", ["Flagged"]), ("overdue", [])])
def test_a_count_leads_to_those_who_were_counted(practice: Practice, place: str, found: list[str]):
    ward(practice)
    assert names(practice, practice.browser("kim").get(f"/patients?place={place}").text) == found


def test_of_whom_something_cannot_be_told_are_listed_with_what_is_missing(practice: Practice):
    ward(practice)
    page = practice.browser("kim").get("/patients?place=cannot-tell")
    assert set(names(practice, page.text)) == {"Painful", "Nothing Told"}
    assert practice.clinic.knowledge.pathway.facts["clinician_diagnosis"].about.title in page.text.replace("&#39;", "'")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"search": "flagGED"}, ["Flagged"]),
        ({"search": "told noth"}, ["Nothing Told"]),
        ({"search": "zzz"}, []),
        ({"stage": "evaluation"}, ["Flagged", "Painful"]),
        ({"search": "painful", "stage": "not_on_pathway"}, []),
    ],
)
def test_the_list_is_searched_and_filtered(practice: Practice, typed: dict[str, str], found: list[str]):
    ward(practice)
    browser = practice.browser("kim")
    page = browser.fill_in(sheet(browser.get("/patients"), "/patients"), **typed)
    assert (page.status_code, names(practice, page.text)) == (200, found)
    assert ("Nobody fits" in page.text) == (found == [])


def test_what_was_searched_for_is_in_no_address_and_not_in_the_audit(practice: Practice):
    ward(practice)
    browser = practice.browser("kim")
    page = browser.fill_in(sheet(browser.get("/patients"), "/patients"), search="Flagged")
    assert "Flagged" not in str(page.url)
    assert not any("Flagged" in link for link in links(page))
    assert "flagged" not in str(list(practice.store.audit.entries())).casefold()


def test_what_is_unknown_is_shown_as_such_and_as_no_number(practice: Practice):
    """Without a date of birth there is no age, without a score none, without a next step none."""
    by = practice.browser("kim")
    form = sheet(by.get("/patients/new"), "/patients/new")
    by.fill_in(form, name="Nothing Told")
    cells = words(by.get("/patients")).partition("Nothing Told")[2]
    assert cells.split("1 to 1 of 1")[0].count(" - ") >= 2
    assert "None" not in cells
    assert not any(letter.isdigit() for letter in cells.split("Not on the pathway")[0])


@pytest.mark.parametrize(
    ("born", "shown"),
    [
        ("1986-06-01", "40"),
        ("1986-06-02", "39"),
        ("1985-07", "40"),
        ("1985", ""),
        ("1986-06", ""),
        ("", ""),
        ("2030", ""),
    ],
)
def test_the_age_is_of_today_and_left_out_where_it_is_not_sure(practice: Practice, born: str, shown: str):
    """A year or a month of birth can leave the age open."""
    anna, pathway = practice.person("Anna"), practice.clinic.knowledge.pathway
    (standing,) = practice.clinic.standings.of(anna)
    told = row(pathway, replace(standing, born=born), date(2026, 6, 1))
    assert told.age == (int(shown) if shown else None)


def test_people_of_another_organisation_are_neither_listed_nor_counted_nor_found(practice: Practice):
    ward(practice)
    stranger = practice.person("Stranger", *FLAG, organisation="elsewhere")
    browser = practice.browser("kim")
    page = browser.get("/patients")
    found = browser.fill_in(sheet(page, "/patients"), search="Stranger")
    assert "Stranger" not in page.text + found.text.replace('value="Stranger"', "")
    assert stranger.id not in page.text
    assert "3 people" in words(page)


# ---- taking somebody in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR])
def test_somebody_is_taken_in_and_their_page_opens(practice: Practice, role: Role):
    browser = practice.browser("kim", role)
    form = sheet(browser.get("/patients/new"), "/patients/new")
    going = browser.fill_in(form, name="Ada  Sample", identifier="S-17", born="1984-03", sex="female")
    (known,) = practice.store.people.all()
    assert (going.status_code, going.headers["location"]) == (303, f"/p/{known.id}?said=added")
    assert (known.name, known.identifier, known.organisation) == ("Ada Sample", "S-17", "clinic")
    assert "Ada Sample" in browser.get(going.headers["location"]).text


# what is typed | the field that is at fault
MISTAKES = (
    ({"name": " "}, "name"),
    ({"name": "Ada", "born": "31.3.1984"}, "born"),
    ({"name": "Ada", "born": "2999-01-01"}, "born"),
    ({"name": "A" * 201}, "name"),
    ({"name": "Ada", "identifier": "S-1"}, "identifier"),
)


@pytest.mark.parametrize(("typed", "field"), MISTAKES)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_that_was_typed_is_lost(
    practice: Practice, typed: dict[str, str], field: str
):
    browser = practice.browser("kim")
    form = sheet(browser.get("/patients/new"), "/patients/new")
    browser.fill_in(form, name="Somebody Else", identifier="S-1")
    again = browser.fill_in(sheet(browser.get("/patients/new"), "/patients/new"), **typed)
    assert again.status_code == 422
    assert again.text.partition(f'for="{field}"')[2].partition("</label>")[0].count('class="fault"') == 1
    assert again.text.count('class="fault"') == 1
    assert {(name, value.strip()) for name, value in typed.items()} <= set(sheet(again, "/patients/new").fields)
    assert len(practice.store.people.all()) == 1


def test_a_form_that_is_sent_twice_takes_in_one_person(practice: Practice):
    browser = practice.browser("kim")
    form = sheet(browser.get("/patients/new"), "/patients/new")
    first, second = (browser.fill_in(form, name="Ada", born="1984") for _ in range(2))
    (known,) = practice.store.people.all()
    assert first.headers["location"] == second.headers["location"] == f"/p/{known.id}?said=added"
    assert len(practice.store.events.unaudited(known.whom)) == 1


def test_gone_back_to_the_form_another_person_is_asked_about_and_then_taken_in(practice: Practice):
    """Whoever presses "back" and types another name must neither rename the first person nor lose the second."""
    browser = practice.browser("kim")
    form = sheet(browser.get("/patients/new"), "/patients/new")
    browser.fill_in(form, name="Ada")
    told = browser.fill_in(form, name="Grace")
    assert (told.status_code, "send it once more" in told.text) == (422, True)
    assert [known.name for known in practice.store.people.all()] == ["Ada"]
    again = sheet(told, "/patients/new")
    assert ("name", "Grace") in again.fields
    assert browser.fill_in(again).status_code == 303
    assert [known.name for known in practice.store.people.all()] == ["Ada", "Grace"]
