"""The clinic's application, served for a run of tests, and its screens: who looks at each, and of whom it tells.

All people are synthetic. Somebody is found for each state that a page about a person can be in.
"""

import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import msgspec
from clinic_pages import FROM_HERE
from playwright.sync_api import Page
from serving import served

from ischio.backends.smt import Finding, Outcome
from ischio.interfaces.cohort.content import Block, Head, Section, Sheet
from ischio.interfaces.cohort.drawings import Bar, Change, Point, Spread, Step, bars, changes, flow, incidence, spreads
from ischio.interfaces.cohort.files import PAGE, REPORT, RUN
from ischio.interfaces.cohort.report import Report
from ischio.interfaces.http.pages.authoring import shipped_digest
from ischio.interfaces.proofs import ProofFile, ProvedOf
from ischio.loading.pathway import load_pathway

ROLES = ("clinician", "coordinator", "author", "researcher", "administrator")
NOBODY = ""
"""The role of one who is not signed in."""
Do = Callable[[Page], object]


@dataclass(frozen=True)
class Screen:
    """A page in one state. address: with what `Clinic.named` names in braces. status: of the answer.

    then: what is done on the page before it is looked at.
    """

    name: str
    address: str
    role: str = "clinician"
    status: int = 200
    then: Do | None = None


# ---- what leads to the further states of a page -------------------------------------------------------------------


def sign_in_as_nobody(page: Page) -> None:
    page.fill("#login", "nobody")
    page.fill("#password", "nothing")
    page.locator("form:has(#login) button").click()


def send_empty(page: Page) -> None:
    page.locator("main form").evaluate("form => form.noValidate = true")
    with page.expect_navigation():
        page.locator("main form button.main").last.click()


def suppose_unknown(page: Page) -> None:
    """Of every measurement and date."""
    for box in page.locator("#suppose .tick input").all():
        box.check()
    page.locator("#suppose button.main").click()


def measure_words(page: Page) -> None:
    """Records no number for anything measured."""
    for field in page.locator("#add input[inputmode=decimal]").all():
        field.fill("wide")
    page.locator("#add button.main").click()


# ---- the screens --------------------------------------------------------------------------------------------------

PEOPLE = ("ordinary", "red_flag", "cannot_tell", "new")
"""Somebody on the way, somebody with a red flag, somebody of whom it cannot be told, and one just registered."""

OF_EACH_PERSON = {
    "pathway": "/p/{%s}",
    "what if": "/p/{%s}/what-if",
    "imaging": "/p/{%s}/imaging",
    "surgery": "/p/{%s}/surgery",
    "follow-up": "/p/{%s}/follow-up",
    "handout": "/p/{%s}/handout",
}
SCREENS = (
    Screen("sign in", "/sign-in", NOBODY),
    Screen("sign in, refused", "/sign-in", NOBODY, 401, sign_in_as_nobody),
    Screen("sign in, once signed in", "/sign-in"),
    Screen("about", "/about", NOBODY),
    Screen("about, signed in", "/about"),
    Screen("not allowed", "/author", status=403),
    Screen("nobody of this number", "/p/nobody", status=404),
    Screen("no such page", "/nowhere", status=404),
    Screen("patients", "/patients"),
    Screen("patients, of whom nobody fits", "/patients?stage=none"),
    Screen("patients, as a coordinator", "/patients?place=overdue", "coordinator"),
    Screen("new person", "/patients/new"),
    Screen("new person, refused", "/patients/new", status=422, then=send_empty),
    *(Screen(f"{name} of {who}", address % who) for who in PEOPLE for name, address in OF_EACH_PERSON.items()),
    Screen("pathway, as a coordinator", "/p/{ordinary}", "coordinator"),
    Screen("record of one told briefly", "/p/{brief}/record"),
    Screen("record of new", "/p/{new}/record"),
    Screen("ask for a number", "/p/{ordinary}/ask/ischiofemoral_space"),
    Screen("ask for a choice", "/p/{ordinary}/ask/flag_saddle_numbness"),
    Screen("ask what is not asked", "/p/{ordinary}/ask/nothing", status=404),
    Screen("list of red flags", "/p/{new}/lists/{list}"),
    Screen("list, refused", "/p/{new}/lists/{list}", status=422, then=send_empty),
    Screen("what if, compared", "/p/{ordinary}/what-if?side={side}", then=suppose_unknown),
    Screen("imaging, refused", "/p/{ordinary}/imaging", status=422, then=measure_words),
    Screen("scores", "/p/{ordinary}/forms?side={side}"),
    Screen("answers of the past", "/p/{ordinary}/past"),
    Screen("answers of the past, of new", "/p/{new}/past"),
    Screen("accounts", "/accounts", "administrator"),
    Screen("audit", "/audit", "administrator"),
    Screen("record of ordinary", "/p/{ordinary}/record"),
    Screen("why of an action", "/p/{ordinary}/why/{action}"),
    Screen("why of a limit", "/p/{ordinary}/why/ifs_cutoff"),
    Screen("why of nothing", "/p/{ordinary}/why/nothing", status=404),
    Screen("why without a person", "/why/{action}"),
    Screen("author", "/author", "author"),
    Screen("author, rules", "/author/rules", "author"),
    Screen("author, rules that nobody finds", "/author/rules?q=zzz", "author"),
    Screen("author, a rule", "/author/rules/{action}", "author"),
    Screen("author, no such rule", "/author/rules/nothing", "author", 404),
    Screen("author, cases", "/author/cases", "author"),
    Screen("author, proofs", "/author/proofs", "author"),
    Screen("author, declines", "/author/declines", "author"),
    Screen("author, impact", "/author/impact", "author"),
    Screen("cohort", "/cohort", "researcher"),
    Screen("cohort, no such file", "/cohort/files/nothing", "researcher", 404),
)

ONE_OF_EACH = [screen for screen in SCREENS if not screen.name.endswith(tuple(f" of {who}" for who in PEOPLE[1:]))]
"""Each kind of page once, for what depends on its template and not on the person."""


def weight(page: Page) -> int:
    """Bytes of the page and of all that it loaded, packed."""
    loaded: list[str] = page.evaluate("() => performance.getEntriesByType('resource').map(each => each.name)")
    parts = (page.content().encode(), *(page.request.get(address).body() for address in loaded))
    return sum(len(gzip.compress(part)) for part in parts)


# ---- the service ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clinic:
    """A served clinic. base: its address. cookies: of each role, as the browser takes them."""

    base: str
    cookies: Mapping[str, httpx.Cookies]

    def get(self, address: str, role: str = "clinician") -> httpx.Response:
        return httpx.get(f"{self.base}{address}", cookies=self.cookies.get(role), timeout=300)

    def state(self, role: str) -> dict[str, Any]:
        """What a browser of this role keeps."""
        where = {"domain": "127.0.0.1", "path": "/", "expires": -1}
        more = {"httpOnly": True, "secure": False, "sameSite": "Lax"}
        kept = self.cookies.get(role, httpx.Cookies())
        return {"cookies": [{"name": name, "value": value, **where, **more} for name, value in kept.items()]}

    def address(self, screen: Screen) -> str:
        return self.base + screen.address.format_map(self.named)

    @cached_property
    def named(self) -> Mapping[str, str]:
        """What addresses name: people in each state, a list that is gone through, an action that is due to somebody."""
        ordinary = self._anybody("/patients", lambda told: "mark go" in told and 'class="way"' in told)
        shown = self.get(f"/p/{ordinary}").text
        lists = re.search(r"/lists/(\w+)", self.get(f"/p/{ordinary}/record").text)
        action = re.search(r"/why/(\w+)\?side=(\w+)", shown)
        assert lists
        assert action
        return {
            "ordinary": ordinary,
            "red_flag": self._anybody("/patients?place=red-flag", lambda told: "card alert" in told),
            "cannot_tell": self._anybody("/patients?place=cannot-tell", lambda told: "card untold" in told),
            "new": self._registered(),
            "brief": min(self._listed("/patients"), key=lambda id: len(self.get(f"/p/{id}/record").text)),
            "list": lists[1],
            "action": action[1],
            "side": action[2],
        }

    def _listed(self, address: str) -> list[str]:
        return list(dict.fromkeys(re.findall(r'href="/p/([\w-]+)"', self.get(address).text)))

    def _anybody(self, address: str, fits: Callable[[str], bool]) -> str:
        """The first of a list whose page is of the kind that is looked for."""
        found = next((id for id in self._listed(address) if fits(self.get(f"/p/{id}").text)), None)
        assert found is not None, f"nobody of {address} fits"
        return found

    def _registered(self) -> str:
        token = re.search(r'name="csrf" value="(\w+)"', self.get("/patients/new").text)
        assert token is not None
        fields = {"csrf": token[1], "name": "Synthetic person 0", "identifier": "", "born": "", "sex": ""}
        answer = httpx.post(
            f"{self.base}/patients/new", data=fields, headers=FROM_HERE, cookies=self.cookies["clinician"]
        )
        return answer.headers["location"].partition("?")[0].rpartition("/")[2]


@contextmanager
def clinic_in(folder: Path) -> Iterator[Clinic]:
    """The demonstration with results of a cohort and proofs, and everybody signed in."""
    settings = {
        "ISCHIO_PAGES_COHORT": str(_results(folder / "out")),
        "ISCHIO_PAGES_PROOFS": str(_proofs(folder)),
        # Nothing here is about time: who first opens the author's view waits until all cases have run.
        "ISCHIO_LIMITS_SECONDS": "300",
    }
    with served(folder, "--demo", **settings) as serving:
        yield at(serving.base)


def at(base: str) -> Clinic:
    """A demonstration that is served, with everybody signed in."""
    return Clinic(base, {role: _signed_in(base, role) for role in ROLES})


def _signed_in(base: str, role: str) -> httpx.Cookies:
    answer = httpx.post(f"{base}/sign-in", data={"as": role}, headers=FROM_HERE)
    assert answer.status_code == 303, answer.text
    return answer.cookies


def _results(folder: Path) -> Path:
    """Results of a made-up registry, with a drawing of every kind and some numbers hidden."""
    heads = (Head("Stage", False), Head("Hips", True), Head("Gate open", True), Head("Median days", True))
    stages = ("Suspected", "Probable", "Conservative care", "Injection", "Surgical opinion")
    table = tuple(
        (stage, f"{900 - 100 * n}", "hidden" if n == 3 else f"{40 * n}", "-") for n, stage in enumerate(stages)
    )
    drawings = (
        flow("Flow", [Step(stage, f"{900 - 100 * n}", 1 - n / 10, (("here", "2"),)) for n, stage in enumerate(stages)]),
        bars("Where hips are", [Bar(stage, f"{9 - n}", 0.9 - n / 10) for n, stage in enumerate(stages)], "people"),
        spreads("How long they stay", [Spread(stage, "half", 3, 9, None) for stage in stages], "days"),
        changes("Changes", [Change(stage, "median 3", -1, 3, 9) for stage in stages], "points"),
        incidence("Until surgery", [Point(1, 0.1, 0.0, 0.2, 0.0), Point(90, 0.4, 0.2, 0.6, 0.1)], ("A", "B"), "days"),
    )
    sections = tuple(
        Section(
            f"s{n}", f"Section {n + 1}", ("A line.",), (Block(drawing, Sheet("The same as a table", heads, table)),)
        )
        for n, drawing in enumerate(drawings)
    )
    made = (("Index date", "1 June 2026"), ("Pathway", "ischiofemoral 0.1.0"))
    report = Report(
        "A registry", "900 persons", ("Synthetic.",), (("Persons", "900"),), sections, "ischio cohort DIR", made, ()
    )
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "positions.csv").write_text("stage\n", encoding="utf-8")
    (folder / PAGE).write_text("x", encoding="utf-8")
    (folder / REPORT).write_bytes(msgspec.json.encode(report))
    (folder / RUN).write_bytes(msgspec.json.encode({"files": {"tables/positions.csv": "digest"}}))
    return folder


def _proofs(folder: Path) -> Path:
    """What `ischio verify --json` would print if the first property did not hold: nothing is proved for this."""
    pathway = load_pathway()
    refuted, *proved = pathway.properties
    findings = (
        Finding(refuted.id, refuted.number, refuted.about.title, Outcome.REFUTED, 1.0, "Not so.", "title: somebody\n"),
        *(Finding(one.id, one.number, one.about.title, Outcome.PROVED, 1.0, "Holds.") for one in proved),
    )
    of = ProvedOf(pathway.id, pathway.version, None, shipped_digest())
    file = folder / "proofs.json"
    file.write_bytes(msgspec.json.encode(ProofFile(of, date(2026, 6, 1), findings)))
    return file
