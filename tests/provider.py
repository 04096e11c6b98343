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

CLIENT, SECRET = "ischio-test", "canary-secret-77"
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


def _followed(browser: httpx.Client, answer: httpx.Response, own: str) -> httpx.Response | str:
    """The page at which the redirects end, or the address of ours to which they lead."""
    while answer.is_redirect:
        address = str(answer.next_request.url) if answer.next_request else ""
        if address.startswith(own):
            return address
        answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return answer
