"""The small record of `ischio serve --demo` in a browser: real hook calls, real feedback, a real SMART launch."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from checks import DESK, PHONE, axe_faults, below_the_fold, sideways
from conftest import OpenPage
from playwright.sync_api import Page, expect
from serving import Serving, served


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with served(tmp_path_factory.mktemp("record"), "--demo") as serving:
        yield serving


@pytest.fixture(scope="module")
def people(record: Serving) -> dict[str, list[str]]:
    """Who is in the record by the card that their chart shows first. What is told of whom moves with the date."""
    listed = re.findall(r'href="/ehr/people/([^"]+)"', httpx.get(f"{record.base}/ehr").text)
    found: dict[str, list[str]] = {}
    for person in listed:
        card = re.search(r'<article class="card (\w+)', httpx.get(chart(record, person)).text)
        found.setdefault(card[1] if card else "none", []).append(person)
    assert len(found["info"]) > 3
    assert found["critical"], "the small record shows no red flag"
    return found


@pytest.fixture
def on_the_pathway(people: dict[str, list[str]]) -> str:
    return people["info"][0]


@pytest.fixture
def red_flag(people: dict[str, list[str]]) -> str:
    return people["critical"][0]


def chart(record: Serving, person: str) -> str:
    return f"{record.base}/ehr/people/{person}"


def indicators(page: Page) -> list[str]:
    return page.locator("article.card").evaluate_all("cards => cards.map(card => card.className.split(' ')[1])")


def call(page: Page) -> dict[str, object]:
    """The call that the page tells of, as it was made."""
    address = page.locator("details.exchange a").get_attribute("href")
    return json.loads(page.request.get(f"{page.url.split('/ehr')[0]}{address}").text())


def test_from_the_list_to_a_card_is_one_click(open_page: OpenPage, record: Serving, on_the_pathway: str):
    page = open_page(f"{record.base}/ehr")
    page.locator(f"a[href='/ehr/people/{on_the_pathway}']").click()
    expect(page.get_by_role("heading", name="Chart").first).to_be_visible()
    assert indicators(page) == ["info"]
    assert below_the_fold(page, [page.locator("article.card h3"), page.locator("article.card .detail")]) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_red_flag_is_seen_at_once(open_page: OpenPage, record: Serving, size: dict[str, int], red_flag: str):
    page = open_page(chart(record, red_flag), size)
    assert indicators(page) == ["critical"]
    assert below_the_fold(page, [page.locator("article.card h3").first]) == []


def test_what_was_said_can_be_read(open_page: OpenPage, record: Serving, on_the_pathway: str):
    page = open_page(chart(record, on_the_pathway))
    page.get_by_text("What was said: patient-view, 200").click()
    asked = page.get_by_label("Request").inner_text()
    assert '"hook": "patient-view"' in asked
    assert "(a token)" in asked
    said = call(page)
    assert said["request"]["prefetch"]["patient"]["id"] == on_the_pathway
    assert said["request"]["fhirAuthorization"]["access_token"] == "(a token)"
    assert said["response"]["cards"][0]["summary"] == page.locator("article.card h3").inner_text().partition(" ")[2]


def test_data_sent_along_and_data_fetched_give_the_same_cards(
    open_page: OpenPage, record: Serving, on_the_pathway: str
):
    told = []
    for prefetch in ("yes", "no"):
        page = open_page(f"{chart(record, on_the_pathway)}?prefetch={prefetch}")
        assert ("prefetch" in call(page)["request"]) == (prefetch == "yes")
        told.append(page.locator("article.card").first.locator("h3, .detail").all_inner_texts())
    assert told[0] == told[1]
    assert len(told[0]) == 2


def test_an_order_is_checked_before_it_is_signed(open_page: OpenPage, record: Serving, red_flag: str):
    page = open_page(chart(record, red_flag))
    side = "left" if "left hip" in page.locator("article.card h3").first.inner_text() else "right"
    injection = f"Image-guided injection, {side} hip"
    page.get_by_label("What to order").select_option(label=injection)
    page.get_by_role("button", name="Draft").click()
    expect(page.get_by_role("heading", name=f"Order: {injection}")).to_be_visible()
    assert call(page)["request"]["hook"] == "order-select"
    assert indicators(page) != []
    page.get_by_role("button", name="Go on to sign").click()
    assert call(page)["request"]["hook"] == "order-sign"
    page.get_by_role("button", name="Sign the order").click()
    expect(page.get_by_role("status")).to_have_text(f"Ordered: {injection}.")
    expect(page.get_by_text("Image-guided injection (active)")).to_be_visible()


def test_what_is_accepted_is_in_the_chart_and_the_service_is_told(
    open_page: OpenPage, record: Serving, people: dict[str, list[str]]
):
    page = open_page(chart(record, people["info"][1]))
    button = page.locator("article.card").get_by_role("button", name="Accept").first
    title = button.inner_text().removeprefix("Accept: ")
    button.click()
    expect(page.get_by_role("status")).to_have_text(f"Accepted: {title}. The service was told.")


def test_what_is_declined_is_quiet_and_why_is_told(open_page: OpenPage, record: Serving, people: dict[str, list[str]]):
    page = open_page(chart(record, people["info"][2]))
    assert indicators(page) == ["info"]
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("status")).to_have_text("Declined. The service was told.")
    assert indicators(page) == []
    why = page.get_by_role("link", name="Why nothing").get_attribute("href")
    assert why is not None
    assert page.request.get(why).json()["card"] is False


def test_the_application_is_launched_for_the_person_of_the_chart(
    open_page: OpenPage, record: Serving, on_the_pathway: str
):
    page = open_page(chart(record, on_the_pathway))
    page.get_by_role("button", name="Launch the application").click()
    expect(page.locator("header")).to_contain_text(f"Patient {on_the_pathway}")
    assert "/smart/" in page.url


def test_what_the_record_refuses_is_told_as_not_authorised(open_page: OpenPage, record: Serving, on_the_pathway: str):
    page = open_page(chart(record, on_the_pathway))
    page.get_by_label("The record allows it to read").select_option(label="everything but observations")
    page.get_by_role("button", name="Launch the application").click()
    expect(page.locator("header")).to_contain_text(f"Patient {on_the_pathway}")
    expect(page.get_by_text("Observation: not authorised: the token does not allow it")).to_have_count(1)


def test_two_tabs_with_two_people_do_not_mix(open_page: OpenPage, record: Serving, on_the_pathway: str, red_flag: str):
    """One browser, one cookie: each tab shows its own person, also loaded again; closing one leaves the other."""
    first = open_page(chart(record, on_the_pathway))
    second = first.context.new_page()
    second.goto(chart(record, red_flag))
    tabs = {on_the_pathway: first, red_flag: second}
    for tab in tabs.values():
        tab.get_by_role("button", name="Launch the application").click()
        tab.wait_for_url("**/smart/at/*")
    for person, tab in [*tabs.items(), *tabs.items()]:
        tab.reload()
        expect(tab.locator("header")).to_contain_text(f"Patient {person},")
        assert axe_faults(tab) == []
    assert len(first.context.cookies()) == 1
    first.get_by_role("button", name="Close this patient").click()
    expect(first.get_by_role("heading", name="Closed")).to_be_visible()
    second.reload()
    expect(second.locator("header")).to_contain_text(f"Patient {red_flag},")


@pytest.mark.parametrize("shown", ["list", "info", "critical", "none"])
def test_it_is_accessible_and_reflows(open_page: OpenPage, record: Serving, people: dict[str, list[str]], shown: str):
    page = open_page(f"{record.base}/ehr" if shown == "list" else chart(record, people[shown][0]))
    assert axe_faults(page) == []
    assert sideways(page) == []


def test_no_name_and_no_token_is_in_the_log(record: Serving):
    lines = [json.loads(line) for line in record.logged().splitlines()]
    assert any(line.get("route") == "/smart/callback" for line in lines)
    assert any(line.get("cards") for line in lines)
    assert "syn-" not in record.logged()
    assert "Bearer" not in record.logged()
