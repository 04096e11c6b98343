"""A real provider of OpenID Connect (the npm package oidc-provider), started for a test and ended by its own id."""

import json
import re
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape

import httpx
from conformance.cql_oracle import ORACLES, install
from records_system import Asked, Reply, serving

CLIENT, SECRET = "ischio-test", "canary-secret-77"
FORM = {"content-type": "application/x-www-form-urlencoded"}
"""As a provider sends what it tells us past the browser."""
READY_WITHIN = 60
"""Seconds. Node reads its packages first; other work beside it lengthens that."""


@dataclass
class OpenIdProvider:
    """issuer: its name and address."""

    process: subprocess.Popen[str]
    issuer: str = ""

    def told(self) -> dict[str, object]:
        """The next line that it prints."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], READY_WITHIN)
        line = self.process.stdout.readline() if ready else ""
        assert line, "the provider said nothing"
        found: dict[str, object] = json.loads(line)
        return found

    def puts(self, account: str, *groups: str) -> None:
        """Puts somebody into these groups, and no other."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"account": account, "groups": groups}) + "\n")
        self.process.stdin.flush()
        self.told()


@contextmanager
def provider(redirect: str, logout: str) -> Iterator[OpenIdProvider]:
    """redirect, logout: our addresses, as an administrator would enter them there."""
    asked = {"redirect": redirect, "logout": logout, "client": CLIENT, "secret": SECRET}
    process = subprocess.Popen(
        [str(install()), "provider.mjs", json.dumps(asked)],
        cwd=ORACLES,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        found = OpenIdProvider(process)
        found.issuer = str(found.told()["issuer"])
        yield found
    finally:
        process.kill()
        process.wait()


def signs_in(browser: httpx.Client, url: str, login: str, own: str) -> str:
    """Goes to the provider, fills in its pages, and gives the address at which it sends the browser back (`own`...)."""
    page = _followed(browser, browser.get(url), own)
    while isinstance(page, httpx.Response):
        (action,) = re.findall(r'<form[^>]* action="([^"]+)"', page.text)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        answer = browser.post(unescape(action), data=hidden | {"login": login, "password": "any"})
        page = _followed(browser, answer, own)
    return page


def signs_out(browser: httpx.Client, issuer: str) -> None:
    """At the provider, by its own page."""
    page = browser.get(f"{issuer}/session/end")
    (action,) = re.findall(r'<form[^>]* action="([^"]+)"', page.text)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    browser.post(unescape(action), data=hidden | {"logout": "yes"})


# ---- with us beside it ----------------------------------------------------------------------------------------------


@dataclass
class Institution:
    """A real provider, and what it sent us past the browser. base: where we are, to a browser."""

    provider: OpenIdProvider
    sent: list[bytes]
    base: str

    def back_at(self, browser: httpx.Client, there: httpx.Client, login: str, going: str = "") -> str:
        """The button, and the provider's pages: our address at which the browser comes back with a code."""
        page = browser.get("/sign-in", params={"next": going} if going else {})
        (address,) = re.findall(r'href="(/sign-in/with/[^"]+)"', page.text)
        sent = browser.get(address.replace("&amp;", "&"))
        assert sent.status_code == 302, sent.text
        return signs_in(there, sent.headers["location"], login, self.base)

    def back(self, browser: httpx.Client, there: httpx.Client, login: str, going: str = "") -> httpx.Response:
        """A whole sign-in: the page that is shown at its end."""
        return arrived(browser, self.back_at(browser, there, login, going))

    def signs_out(self, there: httpx.Client) -> bytes:
        """At the provider; what it sends us then."""
        self.sent.clear()
        signs_out(there, self.provider.issuer)
        (body,) = self.sent
        return body


@contextmanager
def institution_beside(base: str, back: str) -> Iterator[Institution]:
    """back: our path to which a browser comes back."""
    sent: list[bytes] = []

    def relayed(asked: Asked) -> Reply:
        sent.append(asked.body)
        return Reply(200, b"")

    with serving(relayed) as relay, provider(f"{base}{back}", f"{relay.url}/logout") as started:
        yield Institution(started, sent, base)


def arrived(browser: httpx.Client, address: str) -> httpx.Response:
    """What the browser shows once it is back at an address of ours."""
    answer = browser.get(address)
    while answer.next_request is not None:
        answer = browser.get(str(answer.next_request.url))
    return answer


def signed_in_as(browser: httpx.Client) -> str:
    found = re.search(r"<span>([\w@.-]+)</span> <button class=\"plain\">", browser.get("/about").text)
    return found[1] if found else ""


def _followed(browser: httpx.Client, answer: httpx.Response, own: str) -> httpx.Response | str:
    """The page at which the redirects end, or the address of ours to which they lead."""
    while answer.is_redirect:
        address = str(answer.next_request.url) if answer.next_request else ""
        if address.startswith(own):
            return address
        answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return answer
