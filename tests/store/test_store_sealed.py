"""What is remembered for browsers: found in every process, until it ends or somebody ends it, and by one alone then."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from store_samples import NOON

from ischio.store import sealed
from ischio.store.schema import SEALED
from ischio.store.store import Store, open_store

LATER = NOON + timedelta(minutes=10)


def rows(store: Store) -> int:
    with store.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(SEALED)) or 0


def test_what_one_process_remembers_another_finds_and_ends(store: Store, url: str):
    store.sealed.put("digest", "launch", "words", LATER, NOON)
    with closing(open_store(url)) as another:
        assert another.sealed.of("digest", NOON) == "words"
        another.sealed.replace("digest", "other words")
        assert store.sealed.of("digest", NOON) == "other words"
        assert another.sealed.end("digest")
    assert store.sealed.of("digest", NOON) is None
    assert not store.sealed.end("digest")


def test_ended_by_many_at_once_one_hears_that_it_was_there(store: Store):
    store.sealed.put("digest", "launch", "words", LATER, NOON)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: store.sealed.end("digest"), range(32)))
    assert found.count(True) == 1


def test_what_was_ended_is_not_put_back_by_a_change_to_it(store: Store):
    store.sealed.put("digest", "launch", "words", LATER, NOON)
    store.sealed.end("digest")
    store.sealed.replace("digest", "other words")
    assert store.sealed.of("digest", NOON) is None


def test_what_has_ended_is_not_found_and_is_swept_when_something_is_put(store: Store):
    store.sealed.put("first", "launch", "words", LATER, NOON)
    assert store.sealed.of("first", LATER - timedelta(microseconds=1)) == "words"
    assert store.sealed.of("first", LATER) is None
    store.sealed.put("second", "sign-in", "words", LATER + timedelta(minutes=1), LATER)
    assert rows(store) == 1


def test_of_too_many_of_a_kind_those_go_that_end_first(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sealed, "MOST", 3)
    store.sealed.put("other", "sign-in", "words", LATER, NOON)
    for number in range(5):
        store.sealed.put(f"{number}", "launch", "words", LATER + timedelta(seconds=number), NOON)
    found = [store.sealed.of(f"{number}", NOON) for number in range(5)]
    assert found == [None, None, "words", "words", "words"]
    assert store.sealed.of("other", NOON) == "words", "nobody's launch costs a sign-in"


def test_the_audit_does_not_tell_of_it(store: Store):
    before = store.audit.head()
    store.sealed.put("digest", "launch", "words", LATER, NOON)
    store.sealed.end("digest")
    assert store.audit.head() == before
