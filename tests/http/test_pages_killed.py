"""The web service killed (SIGKILL) while clinicians write, several times within 1,000 writes: what was told is kept."""

import random
import signal
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer

import httpx
import pytest
from clinic_pages import FROM_HERE, PASSWORD, account, csrf
from serving import Serving, served

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge
from ischio.interfaces.cli import main
from ischio.store.accounts import Role
from ischio.store.entries import Access, Known
from ischio.store.store import open_store

WRITES, CLINICIANS, PEOPLE = 1000, 2, 30
LIVES: tuple[float, ...] = (90, 420, 421, float("inf"))
"""How many writes are acknowledged when each life of the service is ended by SIGKILL; the last one ends the work."""


class Clinician:
    """Writes declines, each with words of its own, one after the other; what was not acknowledged is sent again."""

    def __init__(self, number: int) -> None:
        self.login = f"clinician-{number}"
        self.left = deque(range(number, WRITES, CLINICIANS))

    def write(self, serving: Serving, people: list[Known], acknowledged: Callable[[str], None]) -> None:
        """Signs in and writes until all is written or the service is gone."""
        with httpx.Client(base_url=serving.base, headers=FROM_HERE, timeout=60) as browser:
            try:
                assert browser.post("/sign-in", data={"login": self.login, "password": PASSWORD}).status_code == 303
                form = {"csrf": csrf(browser.get("/patients/new")), "action": "physiotherapy", "side": ""}
                form |= {"reason": "recipient-concerns-outcomes"}
                while self.left:
                    words = f"decline {self.left[0]}"
                    address = f"/p/{people[self.left[0] % PEOPLE].id}/decline"
                    answer = browser.post(address, data={**form, "text": words})
                    assert answer.status_code == 303, answer.text
                    acknowledged(words)
                    self.left.popleft()
            except httpx.TransportError:
                assert self.left, "it is gone only because it was killed"


def live(serving: Serving, clinicians: list[Clinician], people: list[Known], told: set[str], until: float) -> None:
    """All write at once, until the service is killed."""

    def acknowledged(words: str) -> None:
        told.add(words)
        if len(told) >= until:
            # A little later, so that it meets the next writes in any state.
            Timer(random.Random(until).uniform(0, 0.03), serving.process.kill).start()

    with ThreadPoolExecutor(CLINICIANS) as threads:
        list(threads.map(lambda one: one.write(serving, people, acknowledged), clinicians))


@pytest.fixture
def people(tmp_path: Path, knowledge: Knowledge) -> list[Known]:
    """Synthetic people in a store of its own, in a file, with the accounts of those who write."""
    by = Access("test", datetime.now(UTC))
    with closing(open_store(f"sqlite:///{tmp_path / 'ischio.db'}")) as store:
        for number in range(CLINICIANS):
            account(store, Clinician(number).login, Role.CLINICIAN)
        clinic = Clinic(store, knowledge)
        return [clinic.people.register(f"Synthetic {number}", "", "clinic", by) for number in range(PEOPLE)]


def test_a_server_killed_several_times_in_a_thousand_writes_has_kept_all_that_it_acknowledged(
    tmp_path: Path, people: list[Known], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    told, clinicians, ends = set[str](), list(map(Clinician, range(CLINICIANS))), []
    for until in LIVES:
        with served(tmp_path, ISCHIO_LIMITS_REQUESTS="100000", ISCHIO_LIMITS_SECONDS="60") as serving:
            live(serving, clinicians, people, told, until)
            ends.append(serving.process.wait(60) if until < WRITES else serving.stop())
    assert ends[:-1] == [-signal.SIGKILL] * 3
    assert told == {f"decline {number}" for number in range(WRITES)}
    with closing(sqlite3.connect(tmp_path / "ischio.db")) as connection:
        kept = [comment for (comment,) in connection.execute("SELECT comment FROM decline")]
    assert sorted(kept) == sorted(told), "each is there, and once: what was sent again is the same decline"
    monkeypatch.chdir(tmp_path)
    assert said(capsys, "audit", "verify").startswith("Sound: ")
    assert "Whole; rows can only be added." in said(capsys, "store", "check")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints that must end well."""
    with pytest.raises(SystemExit) as left:
        main.run(words)
    assert not left.value.code
    return capsys.readouterr().out
