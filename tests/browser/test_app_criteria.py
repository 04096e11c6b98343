"""What the clinic's application owes those who use it, in a browser: docs/reference/acceptance.md names the criteria.

The people are those of the demonstration. Who stands where moves with the date, so they are chosen by what the list
says of them today.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
import pytest
from checks import DESK, NARROW, PHONE, SIZES, STICKS_OUT, Size, sheets
from conftest import OpenPage
from playwright.sync_api import Locator, Page, expect
from serving import Serving, served

FROM_HERE = {"sec-fetch-site": "same-origin"}
ROW = re.compile(r'<tr[^>]*>\s*<th scope="row"><a href="(/p/[^"]+)">([^<]+)</a>(.*?)</tr>', re.DOTALL)
STAGE = re.compile(r'data-name="Stage"><span>(.*?)</span></td>', re.DOTALL)
STILL = {"reduced_motion": "reduce"}
"""A transition from page to page that a quick hand cuts short is an error to the browser: here there are none."""
LABELS = ("supported", "extrapolated", "convention")
NOTE_LINES = 12
"""Lines that a note may have."""
MOST_CHECKS = 5

OpenAs = Callable[..., Page]

COVERED = """element => {
  const box = element.getBoundingClientRect();
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 20) / 2);
  return !(over && (element.contains(over) || over.contains(element)));
}"""
FOCUSED = "element => element === document.activeElement"
KEPT = """async () => [...Object.keys(localStorage), ...Object.keys(sessionStorage), ...await caches.keys(),
  ...(await indexedDB.databases()).map(one => one.name)]"""
WITHOUT_FORMS = """main => {
  const copy = main.cloneNode(true);
  copy.querySelectorAll("form").forEach(form => form.remove());
  return copy.textContent.replace(/\\s+/g, " ");
}"""


@dataclass(frozen=True)
class Listed:
    """One hip of one person as the list tells it. stage: with its diversion, or its red flag."""

    address: str
    name: str
    stage: str


People = Callable[[str], tuple[Listed, ...]]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with served(tmp_path_factory.mktemp("app"), "--demo") as serving:
        yield serving


@pytest.fixture(scope="module")
def signed_in(app: Serving) -> Callable[[str], dict[str, Any]]:
    """What a browser keeps in which somebody of a role has signed in."""

    def state(role: str) -> dict[str, Any]:
        answer = httpx.post(f"{app.base}/sign-in", data={"as": role}, headers=FROM_HERE)
        assert answer.status_code == 303
        cookies = [{"name": n, "value": v, "domain": "127.0.0.1", "path": "/"} for n, v in answer.cookies.items()]
        return {"cookies": cookies, "origins": []}

    return state


@pytest.fixture
def open_as(app: Serving, open_page: OpenPage, signed_in: Callable[[str], dict[str, Any]]) -> OpenAs:
    """Opens a place of the application for somebody of a role, in a browser of their own."""

    def opened(place: str, role: str = "clinician", size: Size = DESK, **options: object) -> Page:
        return open_page(f"{app.base}{place}", size, storage_state=signed_in(role), **STILL, **options)

    return opened


@pytest.fixture(scope="module")
def listed(app: Serving, signed_in: Callable[[str], dict[str, Any]]) -> People:
    """Everybody in the list who stands in a place, or in any if it is empty; in the order of the list."""
    (cookie,) = signed_in("clinician")["cookies"]

    def found(place: str) -> tuple[Listed, ...]:
        rows: list[Listed] = []
        with httpx.Client(base_url=app.base, cookies={cookie["name"]: cookie["value"]}, timeout=60) as browser:
            number = 1
            while here := ROW.findall(browser.get(f"/patients?place={place}&page={number}").text):
                rows += [Listed(address, name, _stage(rest)) for address, name, rest in here]
                number += 1
        return tuple(rows)

    return found


@pytest.fixture(scope="module")
def people(listed: People) -> tuple[Listed, ...]:
    return listed("")


def _stage(row: str) -> str:
    told = STAGE.search(row)
    text = re.sub(r"<small>.*?</small>|<[^>]+>", " ", told[1] if told else "")
    return " ".join(unescape(text).split())


@pytest.fixture(scope="module")
def of_each_kind(people: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """The first of each stage, diversion and red flag that the list shows."""
    kinds = tuple({one.stage: one for one in reversed(people)}.values())
    assert len(kinds) >= 8
    return kinds


@pytest.fixture(scope="module")
def flagged(listed: People) -> tuple[Listed, ...]:
    return listed("red-flag")


@pytest.fixture(scope="module")
def red_flag(flagged: tuple[Listed, ...]) -> Listed:
    return flagged[0]


@pytest.fixture(scope="module")
def calm(people: tuple[Listed, ...], flagged: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """Those with a next step who have neither a red flag nor a diversion, each once."""
    urgent = {one.address for one in flagged}
    on = ("Evaluation", "Conservative care", "Injection", "Surgical evaluation", "Recovery")
    found = {one.address: one for one in people if one.stage in on and one.address not in urgent}
    assert len(found) >= 6
    return tuple(found.values())


def window(page: Page) -> int:
    """How many pixels from the top are seen as the page opens: the tabs of a phone stand over what is below them."""
    assert page.viewport_size is not None
    tabs = page.locator("nav.tabs")
    at_the_foot = tabs.count() and tabs.evaluate("element => getComputedStyle(element).position") == "fixed"
    box = tabs.bounding_box() if at_the_foot else None
    return int(box["y"]) if box else page.viewport_size["height"]


def hidden(page: Page, *parts: Locator) -> list[str]:
    """Which of the parts are not wholly in the first window."""
    below = window(page)
    found = []
    for part in parts:
        box = part.bounding_box()
        if box is None or box["y"] + box["height"] > below:
            found.append(f"{part.inner_text()[:60]!r} ends at {box and box['y'] + box['height']}, window {below}")
    return found


def go(page: Page, place: str) -> None:
    page.goto(f"{page.url.partition('/p')[0]}{place}")


def refused(complaints: list[str], status: int) -> None:
    """The browser reports a form that was refused as an error; here it is what was wanted, once."""
    (told,) = complaints
    assert str(status) in told
    complaints.clear()


# ---- C1: where somebody is, what comes next and why -----------------------------------------------------------------


def test_from_the_list_it_is_one_click_to_where_somebody_is(open_as: OpenAs, calm: tuple[Listed, ...]):
    page = open_as("/patients")
    page.get_by_role("row").filter(has_text=calm[0].name).first.get_by_role("link").first.click()
    expect(page.locator(".person strong")).to_have_text(calm[0].name)
    expect(page.get_by_role("heading", name="You are at").first).to_be_visible()


def test_where_next_and_why_are_seen_without_scrolling(open_as: OpenAs, of_each_kind: tuple[Listed, ...]):
    page = open_as("/patients")
    unseen = []
    for person in of_each_kind:
        go(page, person.address)
        for size in SIZES:
            page.set_viewport_size(size)
            unseen += [f"{person.name} ({size['width']}): {one}" for one in hidden(page, *_leading(page))]
    assert unseen == []


def _leading(page: Page) -> tuple[Locator, ...]:
    """Heading, next step and reason of whom a page is about: of somebody on no pathway the reason."""
    heading, next_step, untold = page.locator("h1").first, page.locator(".hip").first, page.locator(".hip .untold")
    if next_step.count() == 0:
        return heading, page.locator("section.card[aria-labelledby^=quiet] p").first
    if next_step.locator(".next").count():
        return heading, next_step.locator(".next h3"), next_step.locator(".next p", has_text="Because:")
    return heading, untold.first.locator("h3"), untold.first.locator("p").first


# ---- C2: why --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=("desk", "phone"))
def test_why_is_one_click_and_the_citation_one_more(open_as: OpenAs, red_flag: Listed, size: Size):
    page = open_as(red_flag.address, size=size)
    page.locator(".next").first.get_by_role("link", name="Why").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why:")
    expect(page.locator("p.lead")).not_to_be_empty()
    assert page.locator("main .chip").first.inner_text() in LABELS
    used = page.locator("#main .next > .inputs > li")
    values = [one for one in used.all_inner_texts() if "not known" not in one and "not recorded" not in one]
    assert values
    assert [one for one in values if not re.search(r"(\d{4}|no date) · \S", one)] == []
    # The second click: the publication itself, by an address that says what was read of it.
    citation = page.locator(".claim a[rel~=external]").first
    expect(citation).to_have_attribute("href", re.compile("^https://"))
    expect(page.locator(".claim li").first).to_contain_text("read:")


# ---- C3: what is checked before one acts ---------------------------------------------------------------------------


def test_what_is_asked_is_short_and_an_answer_changes_what_is_said(open_as: OpenAs, calm: tuple[Listed, ...]):
    page = open_as("/patients")
    for person in calm:
        go(page, person.address)
        for form in page.locator("form.ask").all():
            assert 1 <= form.locator(":is(fieldset, div.field), a.button").count() <= MOST_CHECKS
        if _choices(page).count():
            break
    question = _choices(page).first
    words = question.locator("legend").inner_text().split("\n")[0]
    expect(question).to_contain_text("decides:")
    expect(question.get_by_label("Not known")).to_be_checked()
    before = page.locator("main").evaluate(WITHOUT_FORMS)
    question.get_by_role("radio").first.check()
    page.locator(".hip form.ask").first.get_by_role("button", name="Record the answers").click()
    expect(page.locator(".hip").first).to_be_visible()
    expect(page.locator(".hip").first.locator("form.ask legend", has_text=words)).to_have_count(0)
    assert page.locator("main").evaluate(WITHOUT_FORMS) != before
    page.get_by_role("link", name="Record", exact=True).click()
    expect(page.get_by_role("button", name="Take back").first).to_be_visible()


def _choices(page: Page) -> Locator:
    """Questions of the first hip that are answered by one choice."""
    first = page.locator(".hip form.ask").first
    return first.locator("fieldset").filter(has=page.get_by_role("radio"))


def test_what_cannot_be_is_told_at_its_field_and_nothing_typed_is_lost(
    open_as: OpenAs, complaints: list[str], calm: tuple[Listed, ...]
):
    page = open_as(f"{calm[0].address}/ask/pain_now?side=left")
    page.get_by_label(re.compile("pain", re.I)).first.fill("77")
    page.get_by_role("button", name="Record").click()
    expect(page.locator(".fault")).to_be_visible()
    expect(page.get_by_label(re.compile("pain", re.I)).first).to_have_value("77")
    refused(complaints, 422)


# ---- C5: what if ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=("desk", "phone"))
def test_what_is_supposed_stands_beside_what_is_and_nothing_is_written(
    open_as: OpenAs, calm: tuple[Listed, ...], size: Size
):
    person = calm[-1]
    page = open_as(f"{person.address}/record", size=size)
    written = page.locator("#main tbody").first.inner_text()
    page.get_by_role("link", name="Pathway", exact=True).first.click()
    said = page.locator("main").inner_text()
    page.locator(".next").first.get_by_role("link", name="What if").click()
    band = page.locator(".unsaved")
    assert hidden(page, band.locator("p").first) == []
    form = page.locator("#suppose")
    form.locator("select").first.select_option("unknown")
    form.get_by_role("button", name="Compare").click()
    expect(page.locator("table.beside th[scope=col]").first).to_have_text("Now")
    expect(page.locator("table.beside th[scope=col]").nth(1)).to_have_text("What if")
    expect(page.locator("table.beside .differs").first).to_be_visible()
    expect(band).to_be_visible()
    band.get_by_role("link", name="Reset").click()
    expect(page.get_by_text("Nothing is supposed yet")).to_be_visible()
    band.get_by_role("link", name="Close").click()
    assert page.locator("main").inner_text() == said
    page.get_by_role("link", name="Record", exact=True).click()
    assert page.locator("#main tbody").first.inner_text() == written


# ---- C6: disagree, and be heard -------------------------------------------------------------------------------------


def test_declining_is_two_clicks_and_reaches_the_author(open_as: OpenAs, calm: tuple[Listed, ...]):
    person = calm[1]
    page = open_as(person.address)
    step = page.locator(".next").first
    rule = step.get_by_role("link", name="Why").get_attribute("href").rpartition("/")[2].partition("?")[0]
    author = open_as("/author/declines", "author")
    assert author.locator(f"a[href$='/{rule}']").count() == 0
    step.locator("summary", has_text="Decline...").click()
    step.get_by_role("button", name="I fear harm").click()
    expect(page.locator(".next").first).to_contain_text("Declined on")
    author.reload()
    heard = author.locator(".decline-of").filter(has=author.locator(f"a[href$='/{rule}']"))
    expect(heard).to_contain_text("Fears harm")
    assert person.name not in author.locator("main").inner_text()


# ---- C7: the note ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=("desk", "phone"))
def test_the_note_is_copied_as_plain_lines(open_as: OpenAs, of_each_kind: tuple[Listed, ...], size: Size):
    page = open_as(of_each_kind[0].address, size=size, permissions=["clipboard-read", "clipboard-write"])
    for person in of_each_kind[:4]:
        go(page, person.address)
        page.get_by_role("button", name="Copy note").click()
        expect(page.get_by_role("status").first).to_have_text("Copied")
        note: str = page.evaluate("() => navigator.clipboard.readText()")
        assert len(note.splitlines()) <= NOTE_LINES
        assert re.search(r"pathway \w+ \d+\.\d+\.\d+", note)
        assert re.search(r"On \d{1,2} \w{3} \d{4}", note)
        assert "Inputs:" in note or "not on the pathway" in note.casefold()
        assert not re.search(r"</?\w+>", note)


# ---- red flags ------------------------------------------------------------------------------------------------------

PLACES = ("", "/what-if", "/imaging", "/surgery", "/follow-up", "/record", "/ask/pain_now", "/why/urgent_referral")


@pytest.mark.parametrize("size", SIZES, ids=("desk", "phone"))
def test_a_red_flag_comes_first_on_every_page_of_the_person(open_as: OpenAs, red_flag: Listed, size: Size):
    page = open_as(red_flag.address, size=size)
    own = page.url
    assert page.locator(".hip").first.get_by_role("heading", name="Options").count() == 0
    for place in PLACES:
        page.goto(f"{own}{place}")
        told = page.locator("section.alert").first
        expect(told).to_contain_text("Red flag")
        assert hidden(page, told.locator("strong").first) == [], place


# ---- by keyboard, narrow, without a script, on paper ----------------------------------------------------------------


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Goes on by Tab until the target has the focus, sees that nothing covers it, and presses a key."""
    for _ in range(page.locator("a, button, input, select, textarea, summary, [tabindex='0']").count() + 2):
        page.keyboard.press("Tab")
        if target.evaluate(FOCUSED):
            break
    else:
        raise AssertionError(f"not reached by Tab: {target}")
    assert not target.evaluate(COVERED), f"something covers what has the focus: {target}"
    page.keyboard.press(key)


def reflows(page: Page) -> None:
    assert page.evaluate(STICKS_OUT) == [], page.url


def test_a_whole_visit_by_keyboard_in_a_narrow_window(app: Serving, open_page: OpenPage, calm: tuple[Listed, ...]):
    person = calm[2]
    page = open_page(f"{app.base}/", NARROW, **STILL)
    press(page, page.locator("button[name=as][value=clinician]"))
    page.wait_for_url("**/patients")
    reflows(page)
    press(page, page.get_by_label("Name or number"))
    page.keyboard.type(person.name)
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name=person.name, exact=True).first
    expect(link).to_be_visible()
    press(page, link)
    page.wait_for_url("**/p/*")
    reflows(page)
    press(page, page.locator(".next").first.get_by_role("link", name="Why"))
    page.wait_for_url("**/why/**")
    reflows(page)
    press(page, page.get_by_role("link", name="Back to the pathway"))
    page.wait_for_url("**/p/*")
    press(page, page.locator(".next summary", has_text="Decline...").first)
    reflows(page)
    with page.expect_navigation():
        press(page, page.locator(".next").first.get_by_role("button", name="Not now, not here"))
    expect(page.locator(".next").first).to_contain_text("Declined on")
    press(page, page.locator(".next").first.get_by_role("link", name="What if"))
    page.wait_for_url("**/what-if**")
    press(page, page.locator("#suppose select").first, "End")
    with page.expect_navigation():
        press(page, page.get_by_role("button", name="Compare"))
    reflows(page)
    press(page, page.locator(".unsaved").get_by_role("link", name="Close"))
    page.wait_for_url("**/p/*")
    with page.expect_navigation():
        press(page, page.get_by_role("button", name="Sign out"))
    assert page.url.endswith("/sign-in")


def test_a_whole_visit_without_a_script(app: Serving, open_page: OpenPage, calm: tuple[Listed, ...]):
    person = calm[3]
    page = open_page(f"{app.base}/", PHONE, **STILL, java_script_enabled=False)
    page.locator("button[name=as][value=clinician]").click()
    page.get_by_label("Name or number").fill(person.name)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=person.name, exact=True).first.click()
    expect(page.get_by_role("button", name="Copy note")).to_be_hidden()
    expect(page.get_by_label("Text of the note")).to_have_value(re.compile("Inputs:"))
    page.locator(".next").first.get_by_role("link", name="Why").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why:")
    page.get_by_role("link", name="Back to the pathway").click()
    page.locator(".next").first.get_by_role("link", name="What if").click()
    page.locator("#suppose select").first.select_option("unknown")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("table.beside").first).to_be_visible()
    page.locator(".unsaved").get_by_role("link", name="Close").click()
    page.locator(".next summary", has_text="Decline...").first.click()
    page.locator(".next").first.get_by_role("button", name="Done already").click()
    expect(page.locator(".next").first).to_contain_text("Declined on")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()


def test_on_paper_stands_who_what_and_by_which_pathway(open_as: OpenAs, calm: tuple[Listed, ...]):
    page = open_as(calm[0].address)
    page.emulate_media(media="print")
    for seen in (page.locator(".person strong"), page.locator("h1").first, page.locator(".next").first):
        expect(seen).to_be_visible()
    expect(page.locator(".version").or_(page.locator("footer")).first).to_contain_text("not reviewed yet")
    expect(page.locator("nav.tabs")).to_be_hidden()
    assert sheets(page) <= 4


def test_the_surgical_meeting_reads_two_sheets_of_a_hip(open_as: OpenAs, people: tuple[Listed, ...]):
    evaluated = {one.address for one in people if one.stage.startswith("Surgical evaluation")}
    assert evaluated, "somebody in the demonstration is evaluated for surgery"
    for address in sorted(evaluated):
        page = open_as(f"{address}/surgery")
        plans = page.locator(".plan")
        expect(plans.first.locator(".tally").first).to_contain_text("Conditions of every operation")
        assert sheets(page) <= 2 * plans.count(), address


# ---- two people, two clinicians, and the end of a session -----------------------------------------------------------


def test_two_tabs_with_two_people_never_mix(open_as: OpenAs, calm: tuple[Listed, ...]):
    one, other = calm[4], calm[5]
    first = open_as(one.address)
    second = first.context.new_page()
    second.goto(first.url.replace(one.address, f"{other.address}/record"))
    log = second.locator("#main tbody").first.inner_text()
    first.locator(".next summary", has_text="Decline...").first.click()
    first.locator(".next").first.get_by_role("button", name="Done already").click()
    expect(first.locator(".person strong")).to_have_text(one.name)
    expect(first.locator(".next").first).to_contain_text("Declined on")
    go(first, f"{one.address}/ask/pain_now?side=left")
    first.get_by_label(re.compile("pain", re.I)).first.fill("3")
    first.get_by_role("button", name="Record").click()
    expect(first.locator(".person strong")).to_have_text(one.name)
    second.reload()
    assert second.locator("#main tbody").first.inner_text() == log
    go(second, other.address)
    expect(second.locator(".person strong")).to_have_text(other.name)
    assert second.get_by_text("Declined on").count() == 0


def test_the_second_of_two_clinicians_is_told_and_nothing_typed_is_lost(
    open_as: OpenAs, complaints: list[str], calm: tuple[Listed, ...]
):
    place = f"{calm[0].address}/ask/pain_now?side=left"
    first, second = open_as(place), open_as(place)
    for page, score in ((first, "4"), (second, "6")):
        page.get_by_label(re.compile("pain", re.I)).first.fill(score)
        page.get_by_role("button", name="Record").click()
    expect(second.get_by_role("alert")).to_contain_text("Not saved yet")
    expect(second.get_by_label(re.compile("pain", re.I)).first).to_have_value("6")
    refused(complaints, 409)


def test_a_session_that_ended_leaves_nothing_behind(open_as: OpenAs, calm: tuple[Listed, ...]):
    page = open_as(calm[0].address)
    assert page.evaluate(KEPT) == []
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.context.cookies() == []
    page.go_back()
    expect(page.get_by_label("Password")).to_be_visible()
    assert calm[0].name not in page.content()
    assert page.evaluate(KEPT) == []


# ---- I5: nothing of a person in an address --------------------------------------------------------------------------


def test_no_address_tells_of_a_person(open_as: OpenAs, calm: tuple[Listed, ...]):
    page = open_as("/patients")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Name or number").fill(calm[0].name)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=calm[0].name, exact=True).first.click()
    number = page.locator(".person span").nth(1).inner_text()
    for tab in ("What if", "Imaging", "Surgery", "Follow-up", "Record"):
        page.get_by_role("link", name=tab, exact=True).first.click()
        page.wait_for_load_state()
    assert len(asked) > len(PLACES)
    told = re.compile(r"[?#].*(synthetic|demo-|\d{4}-\d\d)", re.I)
    assert [address for address in asked if told.search(address) or number in address] == []
