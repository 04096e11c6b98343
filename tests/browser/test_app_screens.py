"""Every screen of the clinic's application in every mode: light and dark, desk and telephone, English and longer words.

A screen is opened once in each language; light and width are changed on the open page, as a reader does. Opening it
through `open_page` also holds it to asking for nothing elsewhere, breaking no policy and reporting no error.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from checks import DESK, NARROW, PHONE, STICKS_OUT, Size, axe, off_the_keyboard, open_all, sheets, shown
from clinic_app import ONE_OF_EACH, PEOPLE, ROLES, SCREENS, Clinic, Screen, weight
from conftest import OpenPage
from playwright.sync_api import Page, expect

from ischio.interfaces.http.pages.patients import NOT_ON
from ischio.loading.pathway import load_pathway

ENGLISH, PSEUDO = "en-GB", "en-XA"
AXE_MODES: dict[str, tuple[tuple[Size, str], ...]] = {
    ENGLISH: ((DESK, "light"), (PHONE, "dark")),
    PSEUDO: ((DESK, "dark"), (PHONE, "light")),
}
"""axe takes a second a page: it meets each pair of language, width and light; the other checks meet all eight modes."""
HEAVIEST = 100_000
"""Bytes of a page with all that it loads, each packed by itself."""
NAMED = {screen.name: screen for screen in SCREENS}
BY_SCRIPT = ("Copy note", "Copy citation", "Keyboard shortcuts")
"""The buttons that are there with a script alone: what they do can be done without them."""

STILL = {"reduced_motion": "reduce"}
"""Pages fade into each other; a test goes on before they have."""

AtScreen = Callable[..., Page]
each_screen = pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
OPENED = [screen for screen in ONE_OF_EACH if screen.then is None]
"""Each kind of page as it is when it was opened: a form that was sent may lead into the middle of its page."""
each_opened = pytest.mark.parametrize("screen", OPENED, ids=lambda screen: screen.name)
each_language = pytest.mark.parametrize("language", [ENGLISH, PSEUDO])


@pytest.fixture
def at_screen(clinic: Clinic, open_page: OpenPage, complaints: list[str]) -> AtScreen:
    """Opens a screen, and does on it what leads to its state."""

    def opened(screen: Screen, size: Size = DESK, **options: object) -> Page:
        page = open_page(clinic.address(screen), size, storage_state=clinic.state(screen.role), **STILL | options)
        if screen.then:
            screen.then(page)
        expect(page.locator("main h1").first).to_be_visible()
        if screen.status >= 400:
            # The browser itself tells of an answer that is not the page that was wanted.
            assert [told for told in complaints if f"status of {screen.status}" in told], complaints
            complaints.clear()
        return page

    return opened


# ---- for everybody ----------------------------------------------------------------------------------------------


@each_language
@each_screen
def test_a_screen_is_fit_for_everybody(at_screen: AtScreen, screen: Screen, language: str) -> None:
    page = at_screen(screen, locale=language)
    assert page.locator("html").get_attribute("lang") == language
    open_all(page)
    page.evaluate(AXE_SCRIPT)
    faults = []
    for size in (DESK, PHONE, NARROW):
        for scheme in ("light", "dark"):
            out = shown(page, size, scheme).evaluate(STICKS_OUT)
            faults += [f"sideways at {size['width']} px, {scheme}: {'; '.join(out)}"] if out else []
            if (size, scheme) in AXE_MODES[language]:
                # What lies under the bar at the top just now is not too small to be pressed.
                page.evaluate("scrollTo(0, 0)")
                faults += [f"{told} ({size['width']} px, {scheme})" for told in axe(page)]
    if language == PSEUDO:
        faults += [f"stays English: {text}" for text in stays_english(page)]
    if weight(page) > HEAVIEST:
        faults.append(f"{weight(page)} bytes")
    assert not faults, "\n".join(faults)


# ---- in another language ----------------------------------------------------------------------------------------

CONTROLS = """() => [...document.querySelectorAll(
    "h1, h2, h3, h4, h5, button, summary, legend, caption, th[scope=col], nav a, a.button, .mark, head title")]
  .filter(each => !each.closest("body [lang]"))
  .map(each => {
    const own = each.cloneNode(true);
    own.querySelectorAll("[lang]").forEach(one => one.remove());
    return own;
  })
  .map(each => each.textContent.trim().replace(/\\s+/g, " "))"""
TRANSLATED = re.compile(r"\[[^\[\]]*?(?: ~)+\]")
WORD = re.compile(r"[^\W\d_]{2,}")
VALUE = re.compile(r"\b\d+ \w{3,9}(?: \d{4})?\b|\bischio\b|\d")
"""Dates, numbers and our name."""
SAID_OF_PERSONS = {*ROLES, "demo", "synthetic", "person", "hip", "right", "left", "by", "none", "or"}
"""Of accounts and people of the demonstration, and what the answer joins with words of the pathway without gettext."""


def stays_english(page: Page) -> list[str]:
    """Headings and controls of which something is neither translated nor in the words of the pathway."""
    found = []
    for text in page.evaluate(CONTROLS):
        left = TRANSLATED.sub(" ", text).lower()
        for known in content():
            left = left.replace(known, " ")
        if set(WORD.findall(VALUE.sub(" ", left))) - SAID_OF_PERSONS:
            found.append(text)
    return found


@cache
def content() -> tuple[str, ...]:
    """Every text of the pathway, the longest first: a page shows them as they are written."""
    texts = {" ".join(text.lower().split()).rstrip(".") for text in (*_texts(load_pathway()), NOT_ON)}
    return tuple(sorted((text for text in texts if len(text) > 2), key=len, reverse=True))


def _texts(part: object) -> Iterator[str]:
    match part:
        case str():
            yield part
        case Enum():
            yield from _texts(part.value)
        case Mapping():
            yield from (text for each in (*part, *part.values()) for text in _texts(each))
        case Sequence() | frozenset():
            yield from (text for each in part for text in _texts(each))
        case _ if is_dataclass(part):
            yield from (text for each in fields(part) for text in _texts(getattr(part, each.name)))


# ---- by keyboard, without a script, on paper --------------------------------------------------------------------


@each_opened
def test_by_keyboard_all_is_reached_in_order_and_seen(at_screen: AtScreen, screen: Screen) -> None:
    assert off_the_keyboard(at_screen(screen)) == []


@pytest.mark.parametrize("name", ["patients", "pathway of ordinary", "author, rules"])
def test_the_first_key_skips_to_the_content(at_screen: AtScreen, name: str) -> None:
    page = at_screen(NAMED[name])
    page.keyboard.press("Tab")
    link = page.locator("a.skip")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


CHANGES_BY_LOOKING = ("audit",)
"""Each look at a page, and each sign-in, is a line of it."""


@pytest.mark.parametrize(
    "screen", [one for one in OPENED if one.name not in CHANGES_BY_LOOKING], ids=lambda one: one.name
)
def test_a_page_says_the_same_without_a_script(at_screen: AtScreen, screen: Screen) -> None:
    told = [at_screen(screen, java_script_enabled=on).locator("body").inner_text() for on in (True, False)]
    with_script, without = ([line.strip() for line in text.splitlines()] for text in told)
    assert [line for line in with_script if line not in without and line not in BY_SCRIPT] == []


def test_the_work_is_done_without_a_script(clinic: Clinic, open_page: OpenPage) -> None:
    """Signing in, finding, adding, recording, taking back, declining, supposing, signing out: each by a form."""
    page = open_page(f"{clinic.base}/sign-in", java_script_enabled=False, **STILL)
    page.locator("button[value=clinician]").click()
    page.fill("#search", clinic.get(f"/p/{clinic.named['ordinary']}").text.partition("<title>")[2].partition(" - ")[0])
    page.locator(".finder button.main").click()
    page.locator(f"a[href='/p/{clinic.named['ordinary']}']").first.click()
    page.locator(".decline summary").first.click()
    page.locator(".decline button[name=reason]").first.click()
    expect(page.get_by_text(re.compile("^Declined on")).first).to_be_attached()
    page.goto(clinic.address(NAMED["what if of ordinary"]))
    page.locator("#suppose .tick input").first.check()
    page.locator("#suppose button.main").click()
    expect(page.locator("#outcome h3").first).to_have_text("Changed by you (1)")

    page.goto(f"{clinic.base}/patients/new")
    page.fill("#name", "Synthetic person, without a script")
    page.locator("main form button.main").click()
    expect(page.locator(".person strong")).to_have_text("Synthetic person, without a script")
    person = page.url.partition("?")[0]
    page.goto(f"{person}/ask/ischiofemoral_space")
    page.locator("input[name=side][value=right]").check()
    page.locator("main form input[inputmode=decimal]").fill("14")
    page.locator("main form input[name$='.day']").fill("2026-03-31")
    page.locator("main form button.main").click()
    page.goto(f"{person}/record")
    expect(page.locator(".log tbody tr").first).to_contain_text("14 mm")
    page.locator(".log tbody button").first.click()
    expect(page.locator(".log tbody tr.gone").first).to_contain_text("14 mm")
    page.locator("form.account button").click()
    expect(page).to_have_url(re.compile("/sign-in$"))


@pytest.mark.parametrize("who", PEOPLE)
def test_the_pathway_view_is_printed_without_what_is_for_the_screen(at_screen: AtScreen, who: str) -> None:
    page = at_screen(NAMED[f"pathway of {who}"])
    assert sheets(page) >= 1
    page.emulate_media(media="print")
    for hidden in (".top", ".tabs", "a.skip", "main form", "main button"):
        for each in page.locator(hidden).all():
            expect(each).to_be_hidden()
    for told in (".person", "main h1", "footer"):
        expect(page.locator(told).first).to_be_visible()
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 less its margins
    assert page.evaluate(STICKS_OUT) == []
