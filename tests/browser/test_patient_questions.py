"""P1 on a telephone: at most sixteen questions, one on a screen, each answer kept, taken up on another device, sent."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from checks import DESK, NARROW, PHONE, STICKS_OUT, axe, shown
from conftest import OpenPage
from playwright.sync_api import Page, expect
from serving import served

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.clinic.released import Released
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.store.entries import Access
from ischio.store.store import open_store

HOME = "/me/questions"
FORMS = ("pain", "symptoms", "red-flags", "after-surgery")
COMFORTABLE = 44
"""Pixels of what is pressed to answer."""
PICTURES = os.environ.get("ISCHIO_TEST_PICTURES")
"""A folder: pictures of the screens are put there to be looked at."""


@dataclass(frozen=True)
class Somebody:
    """Of whom it is (synthetic), and the cookies of devices on which they are let in, each used by one test."""

    base: str
    tokens: list[str] = field(repr=False)

    def device(self, **options: Any) -> dict[str, Any]:
        cookie = {
            "name": "ischio-patient",
            "value": self.tokens.pop(),
            "domain": "127.0.0.1",
            "path": "/",
            "expires": -1,
        }
        more = {"httpOnly": True, "secure": False, "sameSite": "Lax"}
        return {"storage_state": {"cookies": [cookie | more]}, "reduced_motion": "reduce", **options}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Somebody]]:
    """Several people of a served clinic, for whom every form is released."""
    folder = tmp_path_factory.mktemp("patients")
    now = datetime.now(UTC)
    by = Access("test", now)
    everybody = []
    with closing(open_store(f"sqlite:///{folder / 'ischio.db'}")) as store:
        clinic = Clinic(store, read_knowledge())
        for number in range(5):
            name = f"Synthetic person {number}"
            known = clinic.people.register(name, "", "north", by, PartialDate.parse("1984-03-31"), "female")
            released = Released(Side.RIGHT, "", (), (), FORMS, None, "", False, "0.1.0", now.date())
            clinic.releases.release(known, released, by)
            everybody.append([clinic.links.begin(known, now) for _ in range(4)])
    with served(folder, ISCHIO_LIMITS_SECONDS="300") as serving:
        yield [Somebody(serving.base, tokens) for tokens in everybody]


def picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def choose(page: Page) -> None:
    """An answer to the question on the screen: the first that is offered; of a list that nothing on it is so."""
    rest = page.locator("input[name=rest]")
    (rest if rest.count() else page.locator("main form .options input, main form .scale input").first).check()


def go_on(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Save and go on").click()


def asked(page: Page) -> str:
    return page.locator("main form h1").inner_text()


def small_targets(page: Page) -> list[str]:
    """What is pressed to answer and is smaller than a thumb wants."""
    found = []
    for one in page.locator("main form label, main form button, main a.button, .answers a").all():
        box = one.bounding_box()
        if box and (min(box["width"], box["height"]) < COMFORTABLE):
            found.append(f"{one.inner_text()!r}: {box['width']} by {box['height']}")
    return found


def test_all_forms_are_at_most_sixteen_questions_one_on_a_screen_and_are_sent(
    people: list[Somebody], open_page: OpenPage
):
    anna = people[0]
    page = open_page(f"{anna.base}{HOME}", PHONE, **anna.device())
    picture(page, "list")
    questions = []
    for form in FORMS:
        page.goto(f"{anna.base}{HOME}/{form}")
        while not page.url.endswith("/check"):
            expect(page.locator("main form fieldset")).to_have_count(1)
            expect(page.locator("main h1")).to_have_count(1)
            assert small_targets(page) == []
            questions.append(asked(page))
            picture(page, f"question-{len(questions)}")
            choose(page)
            go_on(page)
        picture(page, f"check-{form}")
        with page.expect_navigation():
            page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    picture(page, "sent")
    assert 10 <= len(questions) <= 16
    print(f"{len(questions)} questions")


def test_an_answer_is_kept_as_it_is_given_and_another_device_goes_on(people: list[Somebody], open_page: OpenPage):
    bert = people[1]
    first = open_page(f"{bert.base}{HOME}/pain", PHONE, **bert.device())
    with first.expect_response(lambda answer: answer.request.method == "POST"):
        first.locator(".scale label", has_text="6").click()
    expect(first.locator("[data-told]")).to_have_text("Kept. Not sent yet.")
    first.context.close()
    second = open_page(f"{bert.base}{HOME}/pain", DESK, **bert.device())
    assert asked(second).startswith("Think of all you do in a day")
    second.get_by_role("link", name="Back").click()
    expect(second.locator(".scale input:checked")).to_have_value("6")


def test_every_step_works_without_a_script(people: list[Somebody], open_page: OpenPage):
    cleo = people[2]
    page = open_page(f"{cleo.base}{HOME}/pain", PHONE, **cleo.device(java_script_enabled=False))
    choose(page)
    go_on(page)
    with page.expect_navigation():
        page.get_by_role("button", name="I do not know").click()
    expect(page.get_by_text("You do not know")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Change").last.click()
    choose(page)
    go_on(page)
    assert page.url.endswith("/check")
    with page.expect_navigation():
        page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_a_warning_sign_is_answered_with_when_to_call_before_anything_else(people: list[Somebody], open_page: OpenPage):
    dora = people[3]
    page = open_page(f"{dora.base}{HOME}/red-flags", PHONE, **dora.device())
    page.locator(".options label").first.click()
    choose(page)
    go_on(page)
    picture(page, "flag-ticked")
    expect(page.get_by_role("alert")).to_contain_text("Call the emergency number now")
    choose(page)
    go_on(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Send").click()
    picture(page, "sent-with-flag")
    top = page.locator("main > *").first
    expect(top).to_contain_text("Call the emergency number now")
    box, thanks = page.locator("#call").bounding_box(), page.locator("#thanks").bounding_box()
    assert box
    assert thanks
    assert box["y"] < thanks["y"]


STATES = {
    "list": f"{HOME}",
    "scale": f"{HOME}/pain/1",
    "yes and no": f"{HOME}/pain/2",
    "choice": f"{HOME}/symptoms/2",
    "choices": f"{HOME}/symptoms/3",
    "warning signs": f"{HOME}/red-flags/1",
    "check": f"{HOME}/symptoms/check",
}


@pytest.fixture(scope="module")
def begun(people: list[Somebody], browser: Any) -> Somebody:
    """Somebody who has said that it hurts, so that every question is asked."""
    edda = people[4]
    context = browser.new_context(**edda.device())
    page = context.new_page()
    page.goto(f"{edda.base}{HOME}/symptoms/1")
    choose(page)
    go_on(page)
    edda.tokens.append(context.cookies()[0]["value"])
    context.close()
    return edda


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_sticks_out(state: str, begun: Somebody, open_page: OpenPage):
    token = begun.tokens[-1]
    page = open_page(f"{begun.base}{STATES[state]}", PHONE, **begun.device())
    begun.tokens.append(token)
    page.evaluate(AXE_SCRIPT)
    faults = []
    for size in (NARROW, PHONE, DESK):
        for scheme in ("light", "dark"):
            looked = shown(page, size, scheme)
            faults += [f"{fault} ({size['width']}, {scheme})" for fault in axe(looked)]
            faults += [f"{told} ({size['width']})" for told in looked.evaluate(STICKS_OUT)]
            picture(looked, f"{state}-{size['width']}-{scheme}")
    assert faults == []
    assert small_targets(shown(page, NARROW, "light")) == []
