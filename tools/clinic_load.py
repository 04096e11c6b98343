"""Load on the clinic's application for `bench_clinic.py`: clinicians who sign in, look at people and answer questions.

Each has connections of their own that last, as a browser's do; the files of the pages, which a browser fetches once a
year, are left out. Whatever is not answered as it should be is kept as an error and the next page is asked for.
"""

import asyncio
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter

import httpx
from clinic_store import CLINICIANS, PASSWORD, PEOPLE, filled, login
from hook_load import ROOT
from serving import Serving, served

FROM_HERE = {"sec-fetch-site": "same-origin"}
QUESTION, CONCEPT = "pain_now", "pain_score"
"""The fact that is asked for, and the field in which it is answered."""
_FORM = re.compile(r'name="(csrf|seen)" value="(\w*)"')
_PERSON = re.compile(r'<a href="(/p/[^"/]+)"')


@dataclass
class Took:
    """Seconds until the answer was there, by the kind of page; and what went wrong, with how often."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return sum(map(len, self.seconds.values()))

    def slowest(self, page: str, percent: int) -> float:
        """The milliseconds within which so many of a hundred were answered."""
        ordered = sorted(self.seconds[page])
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000


class Clinician:
    """One browser of one clinician, who looks only at people of their own. number: from 0. took: where it is told."""

    def __init__(self, base: str, number: int, took: Took) -> None:
        self._client = httpx.AsyncClient(base_url=base, verify=False, timeout=30, headers=FROM_HERE)
        self._number, self.took, self._chance = number, took, random.Random(number)
        self._csrf = ""

    async def sign_in(self) -> None:
        answer = await self._client.post("/sign-in", data={"login": login(self._number), "password": PASSWORD})
        if answer.status_code != 303:
            raise SystemExit(f"Nobody could sign in: {answer.status_code} {answer.text[:300]}")

    async def leave(self) -> None:
        await self._client.aclose()

    # ---- pages ------------------------------------------------------------------------------------------------------

    async def list(self) -> httpx.Response:
        return await self._ask("list", "GET", "/patients")

    async def filter(self) -> httpx.Response:
        return await self._ask("list, a filter", "GET", "/patients?place=cannot-tell")

    async def find(self) -> str:
        """Looks somebody up by number; the address of their pathway view."""
        number = self._number + CLINICIANS * self._chance.randrange(PEOPLE // CLINICIANS)
        found = await self._send("list, a search", "/patients", {"search": f"S-{number:05}"})
        return (_PERSON.findall(found.text) or ["/patients"])[0]

    async def look(self, page: str, address: str) -> httpx.Response:
        return await self._ask(page, "GET", address)

    async def suppose(self, person: str) -> httpx.Response:
        return await self._send("what if, sent", f"{person}/what-if", {"side": "right", QUESTION: "3"})

    async def answer(self, person: str) -> None:
        """Answers a question, and is led back to the pathway view."""
        asked = await self._ask("question", "GET", f"{person}/ask/{QUESTION}")
        seen = dict(_FORM.findall(asked.text)).get("seen", "")
        said = {"asked": QUESTION, "side": "right", CONCEPT: str(self._chance.randrange(11)), "seen": seen}
        kept = await self._send("answer, kept", f"{person}/ask/{QUESTION}", said, 303)
        if kept.status_code == 303:
            await self._ask("pathway", "GET", kept.headers["location"])

    async def _send(self, page: str, address: str, fields: Mapping[str, str], expected: int = 200) -> httpx.Response:
        if not self._csrf:
            await self.list()
        return await self._ask(page, "POST", address, {"csrf": self._csrf, **fields}, expected)

    async def _ask(
        self, page: str, method: str, address: str, fields: Mapping[str, str] | None = None, expected: int = 200
    ) -> httpx.Response:
        begun = perf_counter()
        try:
            answer = await self._client.request(method, address, data=fields)
        except httpx.HTTPError as error:
            self.took.errors[f"{page}: {type(error).__name__}"] += 1
            return httpx.Response(599)
        self.took.seconds[page].append(perf_counter() - begun)
        if answer.status_code != expected:
            self.took.errors[f"{page}: {answer.status_code}"] += 1
        self._csrf = dict(_FORM.findall(answer.text)).get("csrf", self._csrf)
        return answer


# ---- many ---------------------------------------------------------------------------------------------------------


async def clinicians(base: str, count: int, took: Took) -> list[Clinician]:
    """So many, signed in one after the other."""
    found = [Clinician(base, number, took) for number in range(count)]
    for each in found:
        await each.sign_in()
    return found


async def at_work(each: Clinician, think: float, until: float, chance: random.Random) -> None:
    """List, look somebody up, open them, answer a question, their record, their follow-up; and the next.

    think: seconds between two pages in the mean, from half to one and a half of it.
    """

    async def thought() -> bool:
        await asyncio.sleep(think * chance.uniform(0.5, 1.5))
        return perf_counter() < until

    await asyncio.sleep(think * chance.random())
    while perf_counter() < until:
        await each.list()
        if not await thought():
            return
        person = await each.find()
        steps: tuple[Callable[[], Awaitable[object]], ...] = (
            partial(each.look, "pathway", person),
            partial(each.answer, person),
            partial(each.look, "record", f"{person}/record"),
            partial(each.look, "follow-up", f"{person}/follow-up"),
        )
        for step in steps:
            if not await thought():
                return
            await step()


@contextmanager
def clinic_service(folder: Path, workers: int, limits: str = "") -> Iterator[Serving]:
    """The service on the filled store, with the settings in a file. limits: lines of its [limits]."""
    folder.mkdir()
    settings = folder / "serve.toml"
    settings.write_text(
        f'[server]\nworkers = {workers}\n\n[limits]\n{limits}\n\n[store]\nurl = "sqlite:///{filled()}"\n',
        encoding="utf-8",
    )
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tools")))
    with served(folder, "--settings", str(settings), PYTHONPATH=path) as serving:
        yield serving
