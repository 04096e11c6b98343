"""Entering scores: a set of one day and one hip, told field by field what is wrong, and never lost."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from clinic_pages import BASE, OPERATOR, Browser, Clock, account
from starlette.applications import Starlette

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.settings import Settings
from ischio.record.events import Event, EventSide
from ischio.store.accounts import Role
from ischio.store.entries import Known
from ischio.store.events import record_of
from ischio.store.store import Store, open_store

DAY = "2026-05-20"


@dataclass
class Ward:
    """anna is a clinician, bert a coordinator. A new synthetic person for each test."""

    store: Store
    app: Starlette
    clinic: Clinic

    def person(self) -> Known:
        return self.clinic.people.register("Synthetic Sample", "", "clinic", OPERATOR)

    def browser(self, login: str = "anna") -> Browser:
        browser = Browser(self.app)
        assert browser.sign_in(login).status_code == 303
        return browser

    def events(self, known: Known) -> list[Event]:
        """What stands in the record now."""
        record = record_of(known.whom, self.store.events.history(known.whom, OPERATOR))
        return [event for event in record.events if event.concept in ("pain_score", "ihot12", "mhhs")]

    def said(self, known: Known) -> list[tuple[str, str, EventSide | None, str]]:
        return sorted((one.concept, f"{one.value:f}", one.side, str(one.start)) for one in self.events(known))


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('ward')}/store.db")
    account(store, "anna", Role.CLINICIAN)
    account(store, "bert", Role.COORDINATOR)
    service = replace(service_of(Settings(base=BASE), store), clock=Clock())
    yield Ward(store, build(service), Clinic(store, read_knowledge()))
    store.close()


def carried(page: str) -> dict[str, str]:
    """What the form of a page carries unseen."""
    return dict(re.findall(r'type="hidden" name="(csrf|seen|side)" value="(\w*)"', page))


def test_every_score_that_the_pathway_follows_is_asked_for(ward: Ward):
    page = ward.browser().get(f"/p/{ward.person().id}/forms?side=left").text
    names = set(re.findall(r'<input type="text"[^>]* name="(\w+)"', page))
    assert names == {"day", "pain_score", "ihot12", "mhhs"}
    assert 'name="day" value="2026-06-01"' in page, "today, unless another day is written"
    assert 'name="side" value="left"' in page
    assert page.count("None is recorded of this side so far.") == 3


def test_a_set_of_scores_is_recorded_with_one_day_and_one_side(ward: Ward):
    known, browser = ward.person(), ward.browser()
    address = f"/p/{known.id}/forms"
    sent = carried(browser.get(f"{address}?side=left").text) | {"day": DAY, "pain_score": "6", "ihot12": "41,5"}
    done = browser.sent(address, sent)
    assert (done.status_code, done.headers["location"]) == (303, f"/p/{known.id}/follow-up?said=recorded")
    assert ward.said(known) == [
        ("ihot12", "41.5", EventSide.LEFT, DAY),
        ("pain_score", "6", EventSide.LEFT, DAY),
    ], "what was left empty is not said"
    page = browser.get(done.headers["location"]).text
    assert "Recorded, and worked out anew." in page
    assert "The last one: 41.5 (20 May 2026)." in browser.get(f"{address}?side=left").text


def test_a_score_of_the_same_day_is_corrected_and_not_said_twice(ward: Ward):
    known, browser = ward.person(), ward.browser()
    address = f"/p/{known.id}/forms"
    for value in ("41", "14", "14"):
        sent = carried(browser.get(f"{address}?side=right").text) | {"day": DAY, "ihot12": value}
        assert browser.sent(address, sent).status_code == 303
    assert ward.said(known) == [("ihot12", "14", EventSide.RIGHT, DAY)]
    assert len(ward.store.events.history(known.whom, OPERATOR)) == 2, "the third says nothing new"


# what is sent | the field at which it is said (empty: above the form) | what is said
WRONG = (
    ({"pain_score": "11"}, "pain_score", "11 cannot be: it may be 0 to 10."),
    ({"pain_score": "-1"}, "pain_score", "cannot be"),
    ({"ihot12": "many"}, "ihot12", "`many` is not a number."),
    ({"mhhs": "101"}, "mhhs", "cannot be"),
    ({"day": ""}, "day", "The day is missing."),
    ({"day": "2026-13-01"}, "day", "2026-13-01"),
    ({"day": "2026-06-02"}, "day", "The day lies ahead."),
    ({"pain_score": "", "ihot12": ""}, "", "Nothing was filled in."),
    ({"side": ""}, "", "The side is missing."),
    ({"side": "both"}, "", "The side is missing."),
)


@pytest.mark.parametrize(("changed", "field", "said"), WRONG)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    ward: Ward, changed: dict[str, str], field: str, said: str
):
    known, browser = ward.person(), ward.browser()
    address = f"/p/{known.id}/forms"
    typed = {"day": DAY, "pain_score": "6", "ihot12": "41"} | changed
    answer = browser.sent(address, carried(browser.get(f"{address}?side=left").text) | typed)
    assert answer.status_code == 422
    assert "Nothing was recorded yet." in answer.text
    before, _, rest = answer.text.partition(said)
    assert rest, said
    if field:
        asked_last = re.findall(r'<label for="(?:f-)?(\w+)">', before)[-1]
        assert asked_last == field
    for name, value in typed.items():
        if name != "side":
            assert re.search(rf'name="{name}" value="{re.escape(value)}"', answer.text), name
    assert ward.events(known) == []


def test_who_wrote_meanwhile_is_told_and_the_form_kept(ward: Ward):
    known, first, second = ward.person(), ward.browser(), ward.browser()
    address = f"/p/{known.id}/forms"
    early, late = (carried(one.get(f"{address}?side=left").text) for one in (first, second))
    assert first.sent(address, early | {"day": DAY, "pain_score": "6"}).status_code == 303
    told = second.sent(address, late | {"day": DAY, "ihot12": "41"})
    assert told.status_code == 409
    assert "Not saved yet" in told.text
    assert 'name="ihot12" value="41"' in told.text
    again = second.sent(address, carried(told.text) | {"day": DAY, "ihot12": "41"})
    assert again.status_code == 303
    assert [one[0] for one in ward.said(known)] == ["ihot12", "pain_score"]


def test_who_may_not_write_gets_no_form_and_no_way_to_it(ward: Ward):
    known, bert = ward.person(), ward.browser("bert")
    assert bert.get(f"/p/{known.id}/forms").status_code == 403
    follow_up = f"/p/{known.id}/follow-up"
    assert f"/p/{known.id}/forms" not in bert.get(follow_up).text
    assert f"/p/{known.id}/forms" in ward.browser().get(follow_up).text


def test_a_form_without_its_token_records_nothing(ward: Ward):
    known = ward.person()
    sent = {"seen": "0", "side": "left", "day": DAY, "pain_score": "6"}
    assert ward.browser().sent(f"/p/{known.id}/forms", sent).status_code == 403
    assert ward.events(known) == []
