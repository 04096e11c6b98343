"""What goes wrong underneath: what was told as saved is there, and what was not is not there by half."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from clinic_steps import answer
from store_server import Server

from ischio.clinic.answers import Answer, events_of
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge
from ischio.store import database
from ischio.store.entries import Access, Known
from ischio.store.faults import StoreUnusable, Superseded
from ischio.store.standings import Wanted
from ischio.store.store import open_store

PAIN = Answer("pain_score", "6", "right")

WRITER = """
import resource, sys
from datetime import UTC, datetime, timedelta
from ischio.clinic.answers import Answer, events_of
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.store.entries import Access
from ischio.store.faults import StoreUnusable
from ischio.store.store import open_store

store = open_store(sys.argv[1])
clinic = Clinic(store, read_knowledge())
by = Access("account/7", datetime(2026, 6, 1, 9, tzinfo=UTC))
people = [clinic.people.register(f"Person {number}", "", "north", by) for number in range(10)]
if sys.argv[2] == "full":
    # No file may grow beyond this: to a program it is a disk that is full.
    limit = 600_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
print("ready", flush=True)
for number in range(1000):
    known = people[number % 10]
    day = (by.at.date() - timedelta(days=number)).isoformat()
    events = events_of(clinic.knowledge, [Answer("pain_score", "6", "right", day)], by.at.date(), store.new_id)
    seen = max((each.number for each in store.events.unaudited(known.whom)), default=0)
    try:
        print(*clinic.charts.record(known, events, seen, by), flush=True)
    except StoreUnusable as refused:
        print("refused:", refused.mistakes[0].what, flush=True)
        break
"""


def writer(url: str, how: str = "") -> "subprocess.Popen[str]":
    words = [sys.executable, "-c", WRITER, url, how]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    assert running.stdout
    assert running.stdout.readline() == "ready\n"
    return running


def kept(url: str) -> set[str]:
    """The ids of all entries, after the chain was looked through."""
    with closing(open_store(url)) as store:
        assert store.audit.verify().sound
        assert store.health().problems == ()
        people = store.people.all()
        return {each.id for known in people for each in store.events.unaudited(known.whom)}


@pytest.mark.parametrize("after", [1, 60])
def test_a_service_killed_among_a_thousand_writes_has_kept_all_that_it_told_of(
    url: str, knowledge: Knowledge, by: Access, after: int
):
    running = writer(url)
    assert running.stdout
    told = [running.stdout.readline().strip() for _ in range(after)]
    running.send_signal(signal.SIGKILL)
    told += running.stdout.read().split()
    running.wait(60)
    running.stdout.close()
    assert after <= len(told) < 1000
    assert set(told) <= kept(url)
    with closing(open_store(url)) as store:
        listed = Clinic(store, knowledge).standings.list(Wanted("north", by.at.date()), by)
        assert (listed.unsettled, listed.everyone.people) == (0, 10)


def test_on_a_full_disk_the_refusal_is_told_and_nothing_is_half_there(made: Path, tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    (tmp_path / "store.db").write_bytes(made.read_bytes())
    running = writer(url, "full")
    assert running.stdout
    *told, refused = running.stdout.read().splitlines()
    running.wait(60)
    running.stdout.close()
    assert refused.startswith("refused: The disk")
    assert set(told) <= kept(url)


def test_a_store_that_is_held_refuses_in_words_and_what_was_typed_can_be_sent_again(
    url: str, knowledge: Knowledge, by: Access, on: date, monkeypatch: pytest.MonkeyPatch
):
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        clinic = Clinic(store, knowledge)
        anna = clinic.people.register("Anna", "", "north", by)
        seen = clinic.charts.of(anna, on, by).seen
        events = events_of(knowledge, [PAIN], on, store.new_id)
        monkeypatch.setattr(database, "BUSY", 50)
        with (
            closing(open_store(url)) as impatient,
            other.database.writing(on_disk=True),
            pytest.raises(StoreUnusable, match="held by another writer"),
        ):
            Clinic(impatient, knowledge).charts.record(anna, events, seen, by)
        assert len(clinic.charts.record(anna, events, seen, by)) == 1
        assert store.audit.verify().sound


@pytest.fixture
def fragile(postgresql: Server) -> Iterator[Server]:
    """The database, which runs again afterwards whatever a test did to it."""
    yield postgresql
    postgresql.stop()
    postgresql.start()


def test_a_database_that_went_away_is_told_and_used_again_once_it_is_back(
    fragile: Server, knowledge: Knowledge, by: Access, on: date
):
    with closing(open_store(fragile.database())) as store:
        clinic = Clinic(store, knowledge)
        anna = clinic.people.register("Anna", "", "north", by)
        answer(clinic, anna, by, PAIN)
        fragile.stop()
        with pytest.raises(StoreUnusable, match="does not answer"):
            clinic.charts.of(anna, on, by)
        fragile.start()
        assert [str(event.value) for event in clinic.charts.of(anna, on, by).record.events] == ["6"]
        answer(clinic, anna, by, Answer("pain_score", "5", "right"))
        assert store.audit.verify().sound


def test_of_many_who_write_at_once_with_the_same_chart_open_one_is_first_and_the_others_are_told(
    clinic: Clinic, anna: Known, by: Access, on: date
):
    seen = clinic.charts.of(anna, on, by).seen

    def told(number: int) -> int:
        """Of how many earlier entries the writer was told."""
        events = events_of(clinic.knowledge, [Answer("pain_score", str(number), "right")], on, clinic.store.new_id)
        try:
            clinic.charts.record(anna, events, seen, Access(f"account/{number}", by.at))
        except Superseded as superseded:
            return len(superseded.since)
        return 0

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(told, range(6))) == [0] + [1] * 5
    chart = clinic.charts.of(anna, on, by)
    assert len(chart.record.events) == 1
    assert clinic.store.audit.verify().sound
