"""Several processes on one store, and one that is killed while it writes: one chain, and what was told as kept is."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from store_samples import ANNA, CLINICIAN, EVENTS

from ischio.store.store import Store, open_store

WRITER = """
import sys
from store_samples import ANNA, CLINICIAN, EVENTS
from ischio.store.store import open_store

store = open_store(sys.argv[1])
for number in range(int(sys.argv[2])):
    for id in store.events.append(ANNA, EVENTS, CLINICIAN):
        print(id, flush=True)
"""


def writer(url: str, rounds: int) -> "subprocess.Popen[str]":
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    words = [sys.executable, "-c", WRITER, url, str(rounds)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})


def test_processes_that_write_at_once_keep_one_chain(url: str):
    writers = [writer(url, 15) for _ in range(3)]
    told = [id for each in writers for id in each.communicate(timeout=120)[0].split()]
    assert [each.returncode for each in writers] == [0, 0, 0]
    with closing(open_store(url)) as store:
        assert store.audit.verify().sound
        assert sorted(each.id for each in store.events.history(ANNA, CLINICIAN)) == sorted(told)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_make_a_store_at_once_make_one(kind: str, tmp_path: Path, request: pytest.FixtureRequest):
    new = kind == "postgresql" and request.getfixturevalue("postgresql").database()
    url = new or f"sqlite:///{tmp_path}/store.db"
    writers = [writer(url, 1) for _ in range(3)]
    for each in writers:
        each.communicate(timeout=120)
    assert [each.returncode for each in writers] == [0, 0, 0]
    with closing(open_store(url)) as store:
        assert store.audit.verify().sound
        assert [each.what for each in store.audit.entries()].count("store") == 1


def test_threads_that_write_at_once_keep_one_chain(store: Store):
    def write(number: int) -> None:
        for _ in range(10):
            store.events.append(ANNA, EVENTS[number : number + 1], CLINICIAN)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    assert store.audit.verify().sound
    assert len(store.events.of(ANNA, CLINICIAN).events) == 40


@pytest.mark.parametrize("after", [1, 40])
def test_a_writer_killed_in_the_middle_leaves_a_sound_chain_and_all_it_told_of(url: str, after: int):
    running = writer(url, 10_000)
    assert running.stdout
    told = [running.stdout.readline().strip() for _ in range(after)]
    running.send_signal(signal.SIGKILL)
    told += running.stdout.read().split()
    running.wait(60)
    running.stdout.close()
    with closing(open_store(url)) as store:
        assert store.audit.verify().sound
        kept = {each.id for each in store.events.history(ANNA, CLINICIAN)}
        assert set(told) <= kept
        assert len(kept) % 9 == 0, "a batch is kept whole or not at all"
