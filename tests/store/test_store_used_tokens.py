"""Tokens of clients: each counts once, in whichever process, and is forgotten when it has ended."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from ischio.store.schema import USED_TOKEN
from ischio.store.store import Store, open_store

NOW = 1_780_000_000.5
EHR, OTHER = "https://ehr.example", "https://other.example"


def rows(store: Store) -> int:
    with store.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(USED_TOKEN)) or 0


def test_a_token_counts_once_in_every_process_and_after_a_restart(store: Store, url: str):
    assert store.used_tokens.first_time(EHR, "t1", NOW + 300, NOW)
    another = open_store(url)
    for each in (store, another):
        assert not each.used_tokens.first_time(EHR, "t1", NOW + 300, NOW)
    another.close()


@pytest.mark.parametrize(
    ("issuer", "name"), [(EHR, "t2"), (OTHER, "t1"), (f"{EHR} t", "1"), (EHR, "\0"), (EHR, "\ud800")]
)
def test_another_token_or_another_issuer_is_another(store: Store, issuer: str, name: str):
    assert store.used_tokens.first_time(EHR, "t1", NOW + 300, NOW)
    assert store.used_tokens.first_time(issuer, name, NOW + 300, NOW)
    assert not store.used_tokens.first_time(issuer, name, NOW + 300, NOW)


def test_what_has_ended_is_taken_away_and_nothing_else(store: Store):
    for number in range(5):
        store.used_tokens.first_time(EHR, f"t{number}", NOW + number, NOW)
    assert rows(store) == 5
    assert store.used_tokens.first_time(EHR, "later", NOW + 300, NOW + 4)
    assert rows(store) == 3, "t0, t1 and t2 have ended"
    assert not store.used_tokens.first_time(EHR, "t4", NOW + 4, NOW + 4), "it has not ended"


def test_shown_by_many_at_once_it_is_let_in_once(store: Store):
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: store.used_tokens.first_time(EHR, "t1", NOW + 300, NOW), range(32)))
    assert found.count(True) == 1


def test_the_audit_does_not_tell_of_tokens(store: Store):
    before = store.audit.head()
    store.used_tokens.first_time(EHR, "t1", NOW + 300, NOW)
    assert store.audit.head() == before
    assert store.audit.verify().sound
