"""The patient's side in every mode: light and dark, desk and telephone and 400 %, English and longer words.

Opening a page through `open_page` also holds it to asking for nothing elsewhere, breaking no policy and reporting no
error. All people are synthetic.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from checks import DESK, NARROW, PHONE, STICKS_OUT, Size, axe, off_the_keyboard, open_all, sheets, shown
from clinic_app import Clinic
from clinic_pages import FROM_HERE
from conftest import OpenPage
from playwright.sync_api import Page, expect

LANGUAGES = ("en-GB", "en-XA")
STILL = {"reduced_motion": "reduce"}
BORN = "1984-03-31"
Do = Callable[[Page], object]


@dataclass(frozen=True)
class Screen:
    """A page in one state. who: of House.cookies; empty for a device on which nobody is let in. link: opened anew."""

    name: str
    address: str
    who: str = ""
    status: int = 200
    then: Do | None = None
    link: bool = False


def enter(page: Page, day: str = "31") -> None:
    page.fill("#day", day)
    page.fill("#month", "3")
    page.fill("#year", "1984")
    page.get_by_role("button", name=re.compile("Ope|Öpé")).click()


def wrong(page: Page) -> None:
    enter(page, "30")
    expect(page.locator("#fault")).to_be_visible()


def make_code(page: Page) -> None:
    page.locator("form[action='/me/devices'] button").click()
    expect(page.locator(".qr")).to_be_visible()


SCREENS = (
    Screen("a link", "", link=True),
    Screen("a link, wrong date", "", status=403, then=wrong, link=True),
    Screen("a link that was used", "/in/{used}", status=410),
    Screen("nobody let in", "/me", status=401),
    Screen("signed out", "/me/out"),
    Screen("home", "/me", "patient"),
    Screen("home, just let in", "/me?said=welcome", "patient"),
    Screen("home, nothing released", "/me", "new"),
    Screen("plan", "/me/plan", "patient"),
    Screen("plan, nothing released", "/me/plan", "new"),
    Screen("plan, no such", "/me/plan/9", "patient", 404),
    Screen("numbers", "/me/progress", "patient"),
    Screen("numbers, not released", "/me/progress", "new"),
    Screen("questions", "/me/questions", "patient"),
    Screen("questions, nothing released", "/me/questions", "new"),
    Screen("a question", "/me/questions/pain/1", "patient"),
    Screen("a list of warning signs", "/me/questions/red-flags/1", "patient"),
    Screen("diary", "/me/diary", "patient"),
    Screen("diary, nothing released", "/me/diary", "new"),
    Screen("reminders", "/me/reminders", "patient"),
    Screen("devices", "/me/devices", "patient"),
    Screen("devices, with a code", "/me/devices", "patient", then=make_code),
)
BY_SCRIPT = {"Keep the diary on this device"}
"""What is there only with a script."""
each_screen = pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)


@dataclass(frozen=True)
class House:
    """The demonstration as patients meet it. cookies: of each of them. new: id of one to whom nothing is released."""

    clinic: Clinic
    cookies: Mapping[str, httpx.Cookies]
    new: str
    used: str

    def link(self) -> str:
        """The address of a new link of the one to whom nothing is released."""
        page = self._post(f"/p/{self.new}/links")
        found = re.search(r'value="(http[^"]+/in/[\w-]+)"', page.text)
        assert found is not None, page.text
        return found[1]

    def _post(self, address: str, **fields: str) -> httpx.Response:
        token = re.search(r'name="csrf" value="(\w+)"', self.clinic.get(f"/p/{self.new}/handout").text)
        assert token is not None
        cookies, data = self.clinic.cookies["clinician"], {"csrf": token[1], "side": "right", **fields}
        return httpx.post(f"{self.clinic.base}{address}", data=data, headers=FROM_HERE, cookies=cookies, timeout=300)

    def state(self, who: str) -> dict[str, object]:
        """What a device keeps."""
        more = {"domain": "127.0.0.1", "path": "/", "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}
        kept = self.cookies.get(who, httpx.Cookies())
        return {"cookies": [{"name": name, "value": value, **more} for name, value in kept.items()]}


@pytest.fixture(scope="module")
def house(clinic: Clinic) -> House:
    new = _registered(clinic)
    cookies = {"patient": _as_patient(clinic, ""), "new": _as_patient(clinic, new)}
    house = House(clinic, cookies, new, "")
    link = house.link()
    born = {"day": "31", "month": "3", "year": "1984"}
    assert httpx.post(link, data=born, headers=FROM_HERE, timeout=300).status_code == 303
    return House(clinic, cookies, new, link.rpartition("/")[2])


def _as_patient(clinic: Clinic, person: str) -> httpx.Cookies:
    asked = httpx.post(f"{clinic.base}/demonstration/patient", data={"person": person}, headers=FROM_HERE, timeout=300)
    assert asked.status_code == 303, asked.text
    return asked.cookies


def _registered(clinic: Clinic) -> str:
    token = re.search(r'name="csrf" value="(\w+)"', clinic.get("/patients/new").text)
    assert token is not None
    fields = {"csrf": token[1], "name": "Synthetic person 0", "identifier": "", "born": BORN, "sex": ""}
    cookies = clinic.cookies["clinician"]
    added = httpx.post(f"{clinic.base}/patients/new", data=fields, headers=FROM_HERE, cookies=cookies, timeout=300)
    return added.headers["location"].partition("?")[0].rpartition("/")[2]


AtScreen = Callable[..., Page]


@pytest.fixture
def at_screen(house: House, open_page: OpenPage, complaints: list[str]) -> AtScreen:
    def opened(screen: Screen, size: Size = PHONE, **options: object) -> Page:
        address = house.link() if screen.link else house.clinic.base + screen.address.format(used=house.used)
        page = open_page(address, size, storage_state=house.state(screen.who), **STILL | options)
        if screen.then:
            screen.then(page)
        expect(page.locator("main h1").first).to_be_visible()
        if screen.status >= 400:
            assert [told for told in complaints if f"status of {screen.status}" in told], complaints
            complaints.clear()
        return page

    return opened


@pytest.mark.parametrize("language", LANGUAGES)
@each_screen
def test_a_page_is_fit_for_everybody(at_screen: AtScreen, screen: Screen, language: str) -> None:
    page = at_screen(screen, locale=language)
    assert page.locator("html").get_attribute("lang") == language
    open_all(page)
    page.evaluate(AXE_SCRIPT)
    faults = []
    for size in (PHONE, NARROW, DESK):
        for scheme in ("light", "dark"):
            out = shown(page, size, scheme).evaluate(STICKS_OUT)
            faults += [f"sideways at {size['width']} px: {'; '.join(out)}"] if out else []
            page.evaluate("scrollTo(0, 0)")
            faults += [f"{told} ({size['width']} px, {scheme})" for told in axe(page)]
    assert not faults, "\n".join(faults)


BOX = "() => [...document.querySelectorAll('.call h2, .call li')].map(each => each.textContent.trim())"


@each_screen
def test_every_page_says_when_to_call_in_the_same_words(at_screen: AtScreen, screen: Screen, house: House) -> None:
    """And in the same ones as on paper."""
    page = at_screen(screen, java_script_enabled=True)
    told = page.evaluate(BOX)
    printed = httpx.get(f"{house.clinic.base}/me/plan/1", cookies=house.cookies["patient"], timeout=300).text
    assert len(told) > 10
    assert all(line in printed for line in told)
    expect(page.locator("a.to-call")).to_be_in_viewport()


@each_screen
def test_by_keyboard_all_is_reached_in_order_and_seen(at_screen: AtScreen, screen: Screen) -> None:
    if screen.then is None:
        assert off_the_keyboard(at_screen(screen, DESK)) == []


@each_screen
def test_a_page_says_the_same_without_a_script(at_screen: AtScreen, screen: Screen) -> None:
    if screen.then is None:
        with_script, without = (
            at_screen(screen, java_script_enabled=on).locator("body").inner_text() for on in (True, False)
        )
        assert [line for line in with_script.splitlines() if line and line not in BY_SCRIPT] == [
            line for line in without.splitlines() if line
        ]


def test_from_the_link_to_a_second_device_and_out_again(
    house: House, open_page: OpenPage, complaints: list[str]
) -> None:
    """On a telephone, without a script: P7."""
    phone = open_page(house.link(), PHONE, java_script_enabled=False, **STILL)
    enter(phone)
    expect(phone.get_by_role("status")).to_contain_text("You are in.")
    phone.get_by_role("link", name="Devices").click()
    make_code(phone)
    desk = open_page(phone.locator("#address").input_value(), DESK, java_script_enabled=False, **STILL)
    enter(desk)
    expect(desk).to_have_url(re.compile("/me"))
    phone.get_by_role("link", name="Devices").click()
    phone.get_by_role("button", name="Sign out on this device").click()
    expect(phone.locator("h1")).to_have_text("You are signed out on this device")
    desk.reload()
    expect(desk.locator("h1")).to_have_text("What to do")
    assert complaints == []


def test_a_plan_is_printed_on_two_sheets_at_most(house: House, open_page: OpenPage) -> None:
    """Criterion C8, from the patient's side: the handout that the clinician prints is the same."""
    page = open_page(f"{house.clinic.base}/me/plan/1", storage_state=house.state("patient"), **STILL)
    expect(page.locator(".call")).to_be_visible()
    assert 1 <= sheets(page) <= 2


def test_the_handout_is_one_click_from_the_pathway_view_and_prints(clinic: Clinic, open_page: OpenPage) -> None:
    """Criterion C8: released, then opened as it lies on paper."""
    person = re.search(r'="(/p/[\w-]+)/handout"', clinic.get("/tour").text)
    assert person is not None, "somebody in conservative care"
    page = open_page(f"{clinic.base}{person[1]}", storage_state=clinic.state("clinician"), **STILL)
    page.locator(".tabs a[href$='/handout']").click()
    expect(page.locator("main h1")).to_contain_text("Handout")
    page.locator("input[name=action]").first.check()
    for dose in page.locator(".exercise input[type=text]").all()[:1]:
        dose.fill("As the clinician says")
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("status")).to_contain_text("Released.")
    page.get_by_role("link", name="English", exact=True).click()
    assert 1 <= sheets(page) <= 2
