"""How often a page asks the database: as often for ten times the people, and for ten times the entries of a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from clinic_pages import MORNING, OPERATOR, Browser, Clock, account, csrf
from sqlalchemy import Engine, event

from ischio.clinic.clinic import Clinic
from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.pages.patients import ON_A_PAGE
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Settings
from ischio.model.dates import PartialDate
from ischio.record.events import Event, EventSide
from ischio.store.accounts import Role
from ischio.store.entries import Known
from ischio.store.store import Store

LISTS = ("/patients", "/patients?place=cannot-tell", "/patients?due=week", "searched")
OF_A_PERSON = ("", "/record", "/follow-up", "/surgery", "/imaging", "/what-if")


@cache
def plain_service() -> Service:
    return service_of(Settings())


@pytest.fixture
def browser(store: Store) -> Browser:
    """Somebody who is signed in as a clinician."""
    account(store, "ana", Role.CLINICIAN)
    signed_in = Browser(build(replace(plain_service(), store=store, clock=Clock())))
    assert signed_in.sign_in("ana").status_code == 303
    return signed_in


@contextmanager
def asked_of(engine: Engine) -> Iterator[list[str]]:
    """The statements that a database is sent."""
    found: list[str] = []

    def note(*given: Any) -> None:
        found.append(given[2])

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def statements(store: Store, browser: Browser, page: str) -> int:
    """How many a page takes. The first look is not counted: it puts the knowledge in, and keeps that it was shown."""
    token = csrf(browser.get("/patients"))
    for _ in range(2):
        with asked_of(store.database._engine) as found:
            if page == "searched":
                answer = browser.sent("/patients", {"csrf": token, "search": "some"})
            else:
                answer = browser.get(page)
        assert answer.status_code == 200, answer.text
    assert found
    return len(found)


def take_in(clinic: Clinic, first: int, last: int) -> list[Known]:
    numbers = range(first, last)
    return [clinic.people.register(f"Some One {number}", f"S-{number}", "clinic", OPERATOR) for number in numbers]


def pains(known: Known, days: int) -> list[Event]:
    """A synthetic course: pain on each of so many days."""
    on = [PartialDate.on(MORNING.date() - timedelta(days=7 * week + 7)) for week in range(days)]
    return [
        Event("pain_score", f"{known.id}-{day}", Decimal(6), "1", start=day, end=day, side=EventSide.RIGHT)
        for day in on
    ]


def test_the_list_asks_as_often_of_many_as_of_few(clinic: Clinic, store: Store, browser: Browser):
    take_in(clinic, 0, 3)
    few = {page: statements(store, browser, page) for page in LISTS}
    take_in(clinic, 3, ON_A_PAGE + 5)
    assert {page: statements(store, browser, page) for page in LISTS} == few


def test_a_page_of_a_person_asks_as_often_of_a_long_record_among_many(clinic: Clinic, store: Store, browser: Browser):
    known, *_ = take_in(clinic, 0, 1)
    own = [f"/p/{known.id}{page}" for page in OF_A_PERSON]
    clinic.store.events.append(known.whom, pains(known, 2), OPERATOR)
    few = {page: statements(store, browser, page) for page in own}
    take_in(clinic, 1, 10)
    clinic.store.events.append(known.whom, pains(known, 20), OPERATOR)
    assert {page: statements(store, browser, page) for page in own} == few
