"""What the pages say of how long data are kept, and that no address of the service erases anybody."""

import re
from dataclasses import replace

import pytest
from clinic_pages import Browser
from page_forms import words
from practice import Practice

from ischio.interfaces.http.app import guarded
from ischio.interfaces.http.pages import routes
from ischio.interfaces.http.service import Service


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (None, "This site has written down no rule for how long a record is kept."),
        (10, "This site keeps a record for 10 years after its last entry."),
        (1, "This site keeps a record for 1 year after its last entry."),
    ],
)
def test_everybody_can_read_how_long_data_are_kept_and_what_an_erasure_leaves(
    practice: Practice, service: Service, years: int | None, said: str
):
    settings = replace(service.settings, retention=years)
    own = replace(service, store=practice.store, clock=practice.clock, settings=settings)
    page = Browser(guarded(own, routes.routes(own))).get("/about")
    text = words(page)
    assert page.status_code == 200
    assert said in text
    assert "Nothing is erased by itself" in text
    assert "Who looked at whom" in text


def test_no_address_of_the_service_erases(practice: Practice):
    """An erased person's page is nobody's, and a page that is there has no way to erase."""
    browser, known = practice.browser("kim"), practice.person("Anna Sample")
    assert browser.get(f"/p/{known.id}").status_code == 200
    assert not [path for path, *_ in (*routes.PLACES, *routes.PERSON) if re.search("eras|delete|forget", path)]
    assert browser.delete(f"/p/{known.id}").status_code == 405
    practice.store.erasures.erase(known.whom, "request of the person", practice.by())
    gone, never = browser.get(f"/p/{known.id}"), browser.get("/p/never-there")
    assert (gone.status_code, words(gone)) == (never.status_code, words(never))
    assert "Anna Sample" not in browser.get("/patients").text
    form = {"action": "physiotherapy", "side": "", "reason": "recipient-concerns-outcomes", "text": ""}
    assert browser.sent(f"/p/{known.id}/decline", form, page="/patients/new").status_code == gone.status_code
    assert practice.store.erasures.extent(known.whom, practice.by()).rows == {}
