"""Every screen of the clinic's application in every mode: light and dark, desk and telephone, English and a longer tongue.

A screen is opened once in each language; light and width are changed on the open page, as a reader does. Opening it
through `open_page` also holds it to asking for nothing elsewhere, breaking no policy and reporting no error.
"""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from checks import DESK, NARROW, PHONE, STICKS_OUT, Size, axe, open_all, shown
from clinic_app import SCREENS, Clinic, Screen
from conftest import OpenPage
from playwright.sync_api import Page

ENGLISH, PSEUDO = "en-GB", "en-XA"
AXE_MODES: dict[str, tuple[tuple[Size, str], ...]] = {
    ENGLISH: ((DESK, "light"), (PHONE, "dark")),
    PSEUDO: ((DESK, "dark"), (PHONE, "light")),
}
"""axe takes a second a page: here it meets each pair of language, width and light, the other checks all eight modes."""
HEAVIEST = 100_000
"""Bytes of a page with all that it loads, packed."""

each_screen = pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
each_language = pytest.mark.parametrize("language", (ENGLISH, PSEUDO))


@pytest.fixture
def at_screen(clinic: Clinic, open_page: OpenPage, complaints: list[str]):
    """Opens a screen, and does on it what leads to its state."""

    def opened(screen: Screen, size: Size = DESK, **options: object) -> Page:
        page = open_page(clinic.address(screen), size, storage_state=clinic.state(screen.role), **options)
        if screen.then:
            screen.then(page)
            page.wait_for_load_state()
        assert page.locator("main h1").count() >= 1
        if screen.status >= 400:
            # The browser itself tells of an answer that is no page with what was wanted.
            assert any(f"status of {screen.status}" in told for told in complaints)
            complaints.clear()
        return page

    return opened


@each_language
@each_screen
def test_a_screen_is_fit_for_everybody(at_screen, screen: Screen, language: str) -> None:
    page = at_screen(screen, locale=language)
    assert page.locator("html").get_attribute("lang") == language
    open_all(page)
    page.evaluate(AXE_SCRIPT)
    faults = []
    for size in (DESK, PHONE, NARROW):
        for scheme in ("light", "dark"):
            out = shown(page, size, scheme).evaluate(STICKS_OUT)
            if out:
                faults.append(f"sideways at {size['width']} px, {scheme}: {'; '.join(out)}")
            if (size, scheme) in AXE_MODES[language]:
                faults += [f"{told} ({size['width']} px, {scheme})" for told in axe(page)]
    assert not faults, "\n".join(faults)
