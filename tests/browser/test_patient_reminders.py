"""The pages of reminders in a browser: accessible, on a telephone and at 400 %, and without a script."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from checks import NARROW, PHONE, axe_faults, shown, sideways
from conftest import OpenPage
from listening import free_port, listening
from playwright.sync_api import expect

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import shipped
from ischio.clinic.released import Exercise, Released
from ischio.interfaces.http.app import guarded, service_of
from ischio.interfaces.http.pages import routes
from ischio.interfaces.http.settings import Settings
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.store.entries import Access
from ischio.store.store import open_store

PICTURES = os.environ.get("ISCHIO_TEST_PICTURES")
"""A folder: pictures of the screens are put there to be looked at."""
SCREENS = {"reminders": "/me/reminders", "home": "/me", "stop": "/reminders/stop/x"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """A served clinic, and what lets devices of one synthetic patient in."""
    bound, plain = free_port(), Settings()
    limits = replace(plain.limits, seconds=120)
    settings = replace(plain, limits=limits, base=f"http://127.0.0.1:{bound.getsockname()[1]}")
    with closing(open_store(f"sqlite:///{tmp_path_factory.mktemp('reminders') / 'ischio.db'}")) as store:
        service = replace(service_of(settings), store=store)
        clinic = Clinic(store, shipped(service.pathway, service.bindings))
        by = Access("a test", service.clock())
        known = clinic.people.register("Anna Sample", "", "clinic", by, PartialDate.parse("1984-03-31"))
        done = (Exercise("pt_strengthening", "10 times, once a day"),)
        released = Released(Side.RIGHT, "", (), done, ("pain",), None, "", False, "0.1.0", by.at.date())
        clinic.releases.release(known, released, by)
        tokens = [clinic.links.begin(known, by.at) for _ in range(8)]
        with listening(bound, guarded(service, routes.routes(service))) as base:
            yield base, tokens


def device(place: tuple[str, list[str]], **options: object) -> dict[str, object]:
    cookie = {"name": "ischio-patient", "value": place[1].pop(), "domain": "127.0.0.1", "path": "/", "expires": -1}
    more = {"httpOnly": True, "secure": False, "sameSite": "Lax"}
    return {"storage_state": {"cookies": [cookie | more]}, "reduced_motion": "reduce", **options}


@pytest.mark.parametrize("name", SCREENS)
def test_a_page_is_for_everybody(open_page: OpenPage, place: tuple[str, list[str]], name: str):
    page = open_page(f"{place[0]}{SCREENS[name]}", **device(place))
    assert axe_faults(page) == []
    for size in (PHONE, NARROW):
        assert sideways(shown(page, size, "light")) == []
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{size['width']}.png", full_page=True)


def test_reminders_are_turned_on_and_off_without_a_script(
    open_page: OpenPage, place: tuple[str, list[str]], complaints: list[str]
):
    page = open_page(f"{place[0]}/me/reminders", PHONE, **device(place, java_script_enabled=False))
    page.get_by_label("Your e-mail address").fill("anna.sample@example.org")
    page.get_by_role("button", name="Remind me").click()
    expect(page.get_by_text("Tick at least one.")).to_be_visible()
    # That the form was not taken.
    complaints.clear()
    page.get_by_label("my exercises", exact=True).check()
    page.get_by_label("How often of my exercises").select_option("weekly")
    page.get_by_role("button", name="Remind me").click()
    expect(page.get_by_text("Saved. Your reminders are on.")).to_be_visible()
    expect(page.get_by_label("How often of my exercises")).to_have_value("weekly")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "reminders-on.png", full_page=True)
    page.get_by_role("button", name="Stop all reminders").click()
    expect(page.get_by_text("Your reminders are off.")).to_be_visible()
