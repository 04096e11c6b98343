"""What a form of a page is read as, and what is answered to one that is not whole."""

from collections.abc import Iterator

import pytest
from clinic_pages import OPERATOR, Browser, account
from hook_calls import case

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.pages.forms import Form
from ischio.interfaces.http.settings import Settings
from ischio.store.accounts import Role
from ischio.store.store import open_store

NUMBERS = [
    # what was sent | the number it is
    ("0", 0),
    (" 12 ", 12),
    ("007", 7),
    ("999999999", 999_999_999),
    ("", None),
    ("-1", None),
    ("1.5", None),
    ("1e3", None),
    ("two", None),
    ("1000000000", None),
    ("9" * 5000, None),
]


@pytest.mark.parametrize(("sent", "number"), NUMBERS)
def test_a_whole_number_is_read_and_anything_else_is_none(sent: str, number: int | None):
    assert Form((("seen", sent),)).number("seen") == number


def test_a_number_that_is_not_there_or_there_twice_is_none():
    assert Form().number("seen") is None
    assert Form((("seen", "1"), ("seen", "2"))).number("seen") is None


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, str]]:
    """A clinician, and the page of somebody whose right hip is on the pathway."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('forms') / 'ischio.db'}")
    account(store, "anna", Role.CLINICIAN)
    known = Clinic(store, read_knowledge()).people.register("Somebody", "1", "clinic", OPERATOR)
    store.events.append(known.whom, case("nsaid-with-an-active-ulcer").record.events, OPERATOR)
    browser = Browser(build(service_of(Settings(), store)))
    assert browser.sign_in("anna").status_code == 303
    yield browser, f"/p/{known.id}"
    store.close()


HUGE = "9" * 5000
DECISIONS = [
    # what is wrong with it | the form | what is answered
    ("no decision", {"seen": "99999", "side": "right"}, "Choose what was decided."),
    ("no reason", {"seen": "99999", "side": "right", "decision": "declined"}, "Write why surgery is set aside."),
    ("no side", {"seen": "99999", "decision": "planned"}, ""),
    ("a record that nobody has seen", {"seen": HUGE, "side": "right", "decision": "planned"}, "The form is not whole."),
]


@pytest.mark.parametrize(("form", "told"), [row[1:] for row in DECISIONS], ids=[row[0] for row in DECISIONS])
def test_a_decision_that_is_not_whole_is_shown_again(signed_in: tuple[Browser, str], form: dict[str, str], told: str):
    browser, person = signed_in
    answer = browser.sent(f"{person}/surgery", form, page=f"{person}/surgery")
    assert (answer.status_code, told in answer.text) == (422, True)


def test_a_record_that_nobody_has_seen_is_no_leave_to_write(signed_in: tuple[Browser, str]):
    browser, person = signed_in
    form = {"seen": HUGE, "side": "right", "asked": "pain_score", "pain_score": "5"}
    assert browser.sent(f"{person}/answers", form, page=person).status_code == 409
