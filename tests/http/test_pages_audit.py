"""The audit page: administrators see who did what of whom, of their own organisation, by ids and never by names."""

import pytest
from page_forms import sheet, words
from practice import Practice

from ischio.interfaces.http.pages import audit
from ischio.store.accounts import Role


@pytest.fixture
def looked(practice: Practice) -> tuple[Practice, str, str]:
    """Somebody was looked at by kim, and of the other organisation by zoe; kim tried what a clinician may not."""
    anna = practice.person("Anna Canaria")
    other = practice.person("Bert Elsewhere", organisation="elsewhere")
    kim = practice.browser("kim")
    assert kim.get(f"/p/{anna.id}").status_code == 200
    assert kim.get("/author").status_code == 403
    assert practice.browser("zoe", organisation="elsewhere").get(f"/p/{other.id}").status_code == 200
    return practice, anna.whom.id, other.whom.id


def test_who_looked_at_whom_is_told_without_a_name(looked: tuple[Practice, str, str]):
    practice, anna, other = looked
    page = practice.browser("ada", Role.ADMINISTRATOR).get("/audit")
    assert page.status_code == 200
    assert "kim" in words(page)
    assert anna in page.text
    assert "/p/{person}" in page.text
    assert not any(told in page.text for told in ("Canaria", "Elsewhere", "zoe", other))


def test_it_is_searched_by_person_by_account_and_for_what_was_refused(looked: tuple[Practice, str, str]):
    practice, anna, other = looked
    browser = practice.browser("ada", Role.ADMINISTRATOR)
    form = sheet(browser.get("/audit"), "/audit")
    of_anna = browser.fill_in(form, person=anna, login="kim")
    assert anna in of_anna.text
    assert "/author" not in words(of_anna)
    refused = words(browser.fill_in(form, refused="yes"))
    assert "may not see_authoring" in refused
    assert "/p/{person}" not in refused
    assert "No entry fits" in words(browser.fill_in(form, person=other))
    assert "No entry fits" in words(browser.fill_in(form, login="zoe"))


def test_it_is_bounded_and_older_ones_follow(looked: tuple[Practice, str, str], monkeypatch: pytest.MonkeyPatch):
    practice, _, _ = looked
    monkeypatch.setattr(audit, "SHOWN", 2)
    browser = practice.browser("ada", Role.ADMINISTRATOR)
    first = browser.get("/audit")
    assert first.text.count('scope="row"') == 2
    older = browser.fill_in(next(one for one in [sheet(first, "/audit", before=_before(first.text))]))
    assert older.text.count('scope="row"') == 2
    assert words(older) != words(first)


def test_looking_is_an_entry_and_nobody_else_may(looked: tuple[Practice, str, str]):
    practice, _, _ = looked
    practice.browser("ada", Role.ADMINISTRATOR).get("/audit")
    assert [each.why for each in practice.store.audit.entries() if each.what == "audit"] == ["/audit"]
    assert practice.browser("kim").get("/audit").status_code == 403


def _before(text: str) -> str:
    return text.partition('name="before" value="')[2].partition('"')[0]
