"""A whole walk: from the invitation to a change of stage, by the pages of both sides, with the clock moved.

The patient is synthetic, and is asked, released a plan and seen again as a clinic would; nothing is told past the pages
but what was known before the walk began.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from checks import DESK, PHONE
from chrome import MINUTES
from clinic_pages import PASSWORD, Clock, account, cheap
from listening import free_port, listening
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import shipped
from ischio.interfaces.http.app import guarded, service_of
from ischio.interfaces.http.pages import routes
from ischio.interfaces.http.settings import Settings
from ischio.loading.pathway import packaged
from ischio.model.assessment import Hip
from ischio.model.dates import PartialDate
from ischio.record.case_form import read_case
from ischio.record.events import EventSide
from ischio.store.accounts import Role
from ischio.store.entries import Access, Known
from ischio.store.store import open_store

FIRST_DAY = datetime(2026, 5, 18, 9, tzinfo=UTC)
LAST_DAY = date(2026, 6, 1)
"""Six weeks after exercise began: the day of the review, and the first on which an injection can be offered."""
BEFORE = ("exercise_therapy", "home_programme_kept", "pain_score", "acceptable_state", "red_flag_screen")
"""What the case tells of later than the walk begins, or what the walk itself finds out."""
DOSE = "3 times 10, once a day"


@dataclass
class House:
    """A clinic at a moment, with one synthetic patient four weeks into exercise."""

    clinic: Clinic
    clock: Clock
    base: str
    anna: Known

    def stage(self) -> str:
        return self._hip().stage.id

    def review(self) -> date | None:
        """When the pathway wants to look at her again."""
        review = self._hip().review
        return review.date if review else None

    def _hip(self) -> Hip:
        by = Access("a test", self.clock.now)
        return self.clinic.charts.of(self.anna, self.clock.now.date(), by).assessment.hips[0]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(routes, "Passwords", cheap)
    bound, clock, plain = free_port(), Clock(FIRST_DAY), Settings()
    limits = replace(plain.limits, seconds=120)
    settings = replace(plain, limits=limits, base=f"http://127.0.0.1:{bound.getsockname()[1]}")
    with closing(open_store(f"sqlite:///{tmp_path / 'house.db'}")) as store:
        service = replace(service_of(settings), store=store, clock=clock)
        clinic = Clinic(store, shipped(service.pathway, service.bindings))
        account(store, "kim", Role.CLINICIAN)
        with listening(bound, guarded(service, routes.routes(service))) as base:
            yield House(clinic, clock, base, _anna(clinic))


def _anna(clinic: Clinic) -> Known:
    by = Access("a test", FIRST_DAY)
    known = clinic.people.register("Anna Sample", "S-1", "clinic", by, PartialDate.parse("1984-05-02"), "female")
    case = read_case(packaged() / "cases" / "gate-injection-passes.yaml", clinic.knowledge.pathway)
    told = [one for one in case.record.events if one.concept not in (*BEFORE, "birth_date", "sex")]
    (course,) = (one for one in case.record.events if one.concept == "exercise_therapy")
    (screen,) = (one for one in case.record.events if one.concept == "red_flag_screen")
    yesterday, today = (PartialDate.on(FIRST_DAY.date() - timedelta(days=back)) for back in (1, 0))
    seen = replace(screen, concept="review", source="seen", start=course.start, end=course.start, side=EventSide.RIGHT)
    told += [seen, replace(course, end=yesterday), replace(screen, start=today, end=today)]
    clinic.store.events.append(known.whom, told, by)
    clinic.people.settle(known, by)
    return known


def opened(browser: Browser, house: House, **options: object) -> Page:
    context: BrowserContext = browser.new_context(**options)
    context.set_default_timeout(MINUTES)
    page = context.new_page()
    page.clock.set_fixed_time(house.clock.now)
    return page


def sign_in(page: Page, house: House) -> None:
    page.goto(f"{house.base}/sign-in")
    page.fill("#login", "kim")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_from_the_invitation_to_a_change_of_stage(browser: Browser, house: House):
    desk, phone = opened(browser, house, viewport=DESK), opened(browser, house, viewport=PHONE, has_touch=True)
    person = f"{house.base}/p/{house.anna.id}"
    sign_in(desk, house)

    # ---- the invitation
    desk.goto(f"{person}/handout")
    desk.get_by_label("Your pain").check()
    desk.get_by_role("button", name="Look at it first").click()
    desk.get_by_role("button", name="Release", exact=True).click()
    desk.get_by_role("button", name="Make a link").click()
    phone.goto(desk.locator("#address").input_value())
    for field, value in (("#day", "2"), ("#month", "5"), ("#year", "1984")):
        phone.fill(field, value)
    phone.get_by_role("button", name="Open").click()
    expect(phone.get_by_text("You are in.")).to_be_visible()

    # ---- the questionnaire, on a telephone
    phone.get_by_role("link", name="Answer your questions").click()
    phone.get_by_role("link", name=re.compile("Your pain")).click()
    phone.get_by_label("6", exact=True).check()
    phone.get_by_role("button", name="Save and go on").click()
    phone.get_by_label("No", exact=True).check()
    phone.get_by_role("button", name="Save and go on").click()
    phone.get_by_role("button", name="Send", exact=True).click()

    # ---- the clinician's review
    assert house.stage() == "conservative_care"
    desk.goto(person)
    expect(desk.get_by_role("heading", level=1)).to_contain_text(re.compile("conservative care", re.IGNORECASE))
    desk.goto(f"{person}/record")
    expect(desk.get_by_text("patient").first).to_be_visible()

    # ---- the release, and the handout
    desk.goto(f"{person}/handout")
    desk.locator("input[name=action][value=pt_strengthening]").check()
    desk.locator("[name='dose.pt_strengthening']").fill(DOSE)
    desk.locator("#next_visit").fill("2026-06-01")
    desk.get_by_role("button", name="Look at it first").click()
    desk.get_by_role("button", name="Release", exact=True).click()
    phone.goto(f"{house.base}/me/plan")
    expect(phone.get_by_text(DOSE)).to_be_visible()
    expect(phone.get_by_text("1 Jun 2026").first).to_be_visible()

    # ---- two weeks of the diary
    for day in range(14):
        phone.clock.set_fixed_time(house.clock.now)
        if day in (0, 7):
            phone.goto(f"{house.base}/me/diary")
            phone.get_by_role("button", name="Yes").click()
            phone.wait_for_url("**/me/diary?said=sent")
        phone.goto(f"{house.base}/me/diary")
        phone.locator("input[value=pt_strengthening]").check()
        phone.get_by_role("button", name="Save").click()
        phone.wait_for_url("**/me/diary?said=sent")
        assert house.stage() == "conservative_care"
        assert house.review() == LAST_DAY
        house.clock.now += timedelta(days=1)
    record = house.clinic.store.events.of(house.anna.whom, Access("a test", house.clock.now))
    assert len(house.clinic.diary.days(record)) == 14

    # ---- the review is due, and the stage has changed
    assert house.clock.now.date() == LAST_DAY
    assert house.stage() == "injection"
    sign_in(desk, house)
    desk.goto(f"{house.base}/patients")
    expect(desk.get_by_role("row", name=re.compile("Anna Sample"))).to_contain_text("Injection")
    desk.goto(person)
    expect(desk.get_by_role("heading", level=1)).to_contain_text(re.compile("injection", re.IGNORECASE))
    desk.context.close()
    phone.context.close()
