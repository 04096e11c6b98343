"""The clinic's pages as a browser meets them: accounts that are quick to sign in, and forms as the pages send them."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import httpx
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from page_forms import Sheet
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ischio.clinic.accounts import Accounts
from ischio.clinic.passwords import Passwords
from ischio.store.accounts import Account, Role
from ischio.store.entries import Access
from ischio.store.store import Store

BASE = "http://127.0.0.1:8000"
PASSWORD = "four words of nobody"
MORNING = datetime(2026, 6, 1, 9, tzinfo=UTC)
OPERATOR = Access("command line", MORNING)
FROM_HERE = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form that a page of ours sends."""


class Clock:
    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def cheap() -> Passwords:
    """Passwords as quick as can be, for tests alone."""
    return Passwords(PasswordHasher.from_parameters(CHEAPEST))


def account(store: Store, login: str, *roles: Role, organisation: str = "clinic") -> Account:
    """An open account with PASSWORD."""
    return Accounts(store, cheap).add(login, PASSWORD, organisation, roles, OPERATOR, name=organisation.title())


class Browser(TestClient):
    """One browser, with its cookies. It follows no redirect by itself."""

    def __init__(self, app: Starlette, base: str = BASE, address: str = "192.0.2.7") -> None:
        super().__init__(app, base_url=base, follow_redirects=False, client=(address, 50000))

    def sign_in(self, login: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        return self.sent("/sign-in", {"login": login, "password": password, **fields})

    def fill_in(self, sheet: Sheet, **typed: str) -> httpx.Response:
        """A form of a page, with what was typed."""
        return self.post(sheet.action, data=sheet.with_(**typed), headers=dict(FROM_HERE))

    def sent(
        self,
        address: str,
        fields: Mapping[str, str | Collection[str]],
        page: str | None = None,
        headers: Mapping[str, str] = FROM_HERE,
    ) -> httpx.Response:
        """A form of a page (None: without a page, so without its token), sent to an address."""
        token = {"csrf": csrf(self.get(page))} if page else {}
        return self.post(address, data={**token, **fields}, headers=dict(headers))


def csrf(page: httpx.Response) -> str:
    """The token of the page's forms."""
    found = re.search(r'name="csrf" value="(\w*)"', page.text)
    assert found is not None, page.text
    return found[1]
