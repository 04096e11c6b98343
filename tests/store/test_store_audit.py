"""The chain of the audit: what is changed, deleted, put in, moved or cut off past the service is found and named."""

import hashlib
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from shutil import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table
from store_samples import (
    ANNA,
    ANSWERED,
    BERT,
    CLIENT,
    CLINICIAN,
    CONTACT,
    DECLINE,
    EVENTS,
    KIM,
    KIM_ELSEWHERE,
    KNOWLEDGE,
    KNOWN,
    LESS_PAIN,
    LINK,
    NOON,
    NORTH,
    PAIN,
    card,
    told,
)

from ischio.model.about import Side
from ischio.store.chain import ANCHOR, entry_digest, row_digest
from ischio.store.entries import Access, Action, CardOutcome, Head, Outcome, Verdict
from ischio.store.links import LinkChange
from ischio.store.schema import AUDIT, KEPT
from ischio.store.store import Store, open_store

Tamper = Callable[[str], None]

LAST = 34
"""The number of the last audit entry that `fill` leaves."""


def fill(store: Store) -> None:
    """A little of everything."""
    ids = store.events.append(ANNA, EVENTS, CLINICIAN)
    store.events.append(BERT, [PAIN], CLINICIAN)
    store.events.withdraw(store.events.correct(ids[0], LESS_PAIN, CLINICIAN), CLINICIAN)
    store.cards.show(card("a"), card("b", side=None, stage=None), card("c", has_card=False, indicator=None))
    store.feedback.take("next-step", [told("a"), told("b", CardOutcome.OVERRIDDEN, reason=("s", "c"))], CLIENT)
    store.people.keep(KNOWN, CLINICIAN)
    store.declines.keep(DECLINE)
    store.answers.put_in(KNOWLEDGE, CLINICIAN)
    store.answers.keep(ANSWERED)
    store.accounts.keep_organisation(NORTH, CLINICIAN)
    store.accounts.keep(KIM, CLINICIAN, "added")
    store.links.keep(LINK)
    store.links.revoke(LINK.digest, lambda _: LinkChange.REVOKED, CLINICIAN)
    store.releases.keep(KNOWN, Side.LEFT, "{}", CLINICIAN)
    store.releases.keep(KNOWN, Side.LEFT, None, CLINICIAN)
    store.identities.link(KIM_ELSEWHERE, KIM.id, CLINICIAN)
    store.holds.put(ANNA, "a lawsuit", CLINICIAN)
    store.contacts.keep(CONTACT)
    store.contacts.stop(CONTACT, "link in a mail", CLINICIAN)
    store.events.of(ANNA, CLINICIAN)
    store.audit.write(CLINICIAN, Action.EXECUTE, "call", ANNA, Outcome.REFUSED, "unauthorised")


@pytest.fixture(scope="session")
def filled(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = Path(copy(made, tmp_path_factory.mktemp("filled")))
    numbers = count()
    with closing(open_store(f"sqlite:///{file}", new_id=lambda: f"id-{next(numbers)}")) as store:
        fill(store)
    with closing(sqlite3.connect(file)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA journal_mode = DELETE")
    return file


def tampered(filled: Path, to: Path, *statements: str, kept: tuple[Head, ...] = ()) -> Verdict:
    """What is found in a copy of the store after statements were run on it past the service."""
    file = Path(copy(filled, to))
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    with closing(open_store(f"sqlite:///{file}")) as store:
        return store.audit.verify(kept)


def rows(file: Path, table: Table) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(f"SELECT * FROM {table.name} ORDER BY {key(table)}").fetchall()


def key(table: Table) -> str:
    return "number" if table is AUDIT else "id"


def named(verdict: Verdict) -> set[str]:
    return {flaw.row for flaw in verdict.flaws}


def test_what_the_service_wrote_is_sound(store: Store):
    fill(store)
    verdict = store.audit.verify()
    assert (verdict.sound, verdict.head) == (True, store.audit.head())
    assert verdict.entries == len(list(store.audit.entries())) == LAST


def test_the_first_entry_anchors_the_chain(store: Store):
    first = next(store.audit.entries())
    assert (first.number, first.previous, first.what, first.by.who) == (1, ANCHOR, "store", "ischio")


def test_the_digests_are_those_that_the_manual_describes():
    """Written out, so that an auditor can compute them without us."""
    entry = {"at": "t", "previous": ANCHOR, "number": 1, "digest": "x", "who": None, "why": 'a "b" \N{SNOWMAN}'}
    text = f'[["at","t"],["previous","{ANCHOR}"],["who",null],["why","a \\"b\\" \N{SNOWMAN}"]]'
    assert entry_digest(entry) == hashlib.sha256(text.encode()).hexdigest()


COLUMNS = [(table, str(column.name)) for table in (*KEPT, AUDIT) for column in table.columns]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{table.name}.{column}" for table, column in COLUMNS])
def test_a_change_of_any_column_is_found_and_the_row_named(filled: Path, tmp_path: Path, table: Table, column: str):
    row = random.Random(f"{table.name}.{column}").choice(rows(filled, table))
    new = {int: "{} + 1000", str: "'{}x'", type(None): "'x'"}[type(row[column])].format(row[column])
    found = named(
        tampered(filled, tmp_path, f"UPDATE {table.name} SET {column} = {new} WHERE {key(table)} = '{row[key(table)]}'")
    )
    assert f"{table.name} {row[key(table)]}" in found
    beside = {f"{row['what']} {row['record']}"} if table is AUDIT else set()
    beside |= {f"audit {LAST + 1}"} if column == "number" else set()
    beside |= {f"{table.name} {row['id']}x"} if column == "id" else set()
    beside |= {f"{row['what']} {row['record']}x", f"audit {row['number']}"} if column == "record" else set()
    assert found <= {f"{table.name} {row[key(table)]}"} | beside


@pytest.mark.parametrize("table", KEPT, ids=lambda table: table.name)
def test_a_deleted_row_is_missed(filled: Path, tmp_path: Path, table: Table):
    for row in rows(filled, table)[:1]:
        found = tampered(filled, tmp_path, f"DELETE FROM {table.name} WHERE id = '{row['id']}'")
        assert named(found) == {f"{table.name} {row['id']}"}


@pytest.mark.parametrize("table", KEPT, ids=lambda table: table.name)
def test_a_row_put_in_past_the_service_is_seen(filled: Path, tmp_path: Path, table: Table):
    names = [str(column.name) for column in table.columns]
    own = {"id": "'forged'", "entry": "1", "replaces": "NULL"}
    values = ", ".join(own.get(name, name) for name in names)
    found = tampered(
        filled, tmp_path, f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} FROM {table.name} LIMIT 1"
    )
    assert named(found) == {f"{table.name} forged"}


@given(st.integers(1, LAST - 1))
@settings(max_examples=10)
def test_a_deleted_entry_is_missed_whether_or_not_the_others_close_up(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, number: int
):
    gone = f"DELETE FROM audit WHERE number = {number}"
    vouched = unvouched_without(filled, number)
    assert named(tampered(filled, tmp_path_factory.mktemp("x"), gone)) == {f"audit {number}"} | vouched
    moves = (f"UPDATE audit SET number = {n - 1} WHERE number = {n}" for n in range(number + 1, LAST + 1))
    found = named(tampered(filled, tmp_path_factory.mktemp("x"), gone, *moves))
    assert f"audit {max(number - 1, 1)}" in found


def unvouched_without(filled: Path, number: int) -> set[str]:
    """The row that nothing vouches for once the entry is gone."""
    (entry,) = (row for row in rows(filled, AUDIT) if row["number"] == number)
    return {f"{entry['what']} {entry['record']}"} if entry["proof"] else set()


@given(st.sets(st.integers(1, LAST), min_size=2, max_size=2))
@settings(max_examples=10)
def test_two_entries_that_changed_places_are_seen(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, pair: set[int]
):
    first, second = sorted(pair)
    swap = [(first, 999), (second, first), (999, second)]
    moves = (f"UPDATE audit SET number = {to} WHERE number = {of}" for of, to in swap)
    assert f"audit {first}" in named(tampered(filled, tmp_path_factory.mktemp("x"), *moves))


@given(st.integers(1, LAST - 1))
@settings(max_examples=10)
def test_an_entry_forged_with_a_right_digest_and_put_between_is_named(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, after: int
):
    """The forger knows how digests are made, and makes room by moving the later entries on."""
    entries = rows(filled, AUDIT)
    forged = {**dict(entries[after - 1]), "who": "nobody", "why": "", "previous": entries[after - 1]["digest"]}
    forged |= {"number": after + 1, "what": "call", "record": "", "proof": ""}
    forged["digest"] = entry_digest(forged)
    room = (f"UPDATE audit SET number = {n + 1} WHERE number = {n}" for n in range(LAST, after, -1))
    insert = f"INSERT INTO audit VALUES ({', '.join('NULL' if v is None else repr(v) for v in forged.values())})"
    assert f"audit {after + 1}" in named(tampered(filled, tmp_path_factory.mktemp("x"), *room, insert))


@given(st.integers(2, LAST))
@settings(max_examples=10)
def test_a_tail_that_was_cut_off_is_seen_by_a_head_kept_elsewhere(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, first: int
):
    entries = rows(filled, AUDIT)
    kept = (Head(1, entries[0]["digest"]), Head(LAST, entries[-1]["digest"]))
    assert tampered(filled, tmp_path_factory.mktemp("x"), kept=kept).sound
    drop = [f"DELETE FROM audit WHERE number >= {first}"]
    drop += [f"DELETE FROM {table.name} WHERE entry >= {first}" for table in reversed(KEPT)]
    assert tampered(filled, tmp_path_factory.mktemp("x"), *drop).sound, "without a head nobody can see it"
    assert named(tampered(filled, tmp_path_factory.mktemp("x"), *drop, kept=kept)) == {f"audit {LAST}"}


def test_a_chain_that_was_forged_anew_is_seen_by_a_head_kept_elsewhere(filled: Path, tmp_path: Path):
    """A forger who computes every digest after a change deceives the chain, and not the head."""
    entries = [dict(row) for row in rows(filled, AUDIT)]
    kept = Head(LAST - 1, entries[-2]["digest"])
    entries[LAST - 3]["who"] = "somebody else"
    before = ANCHOR
    for entry in entries:
        entry["previous"] = before
        before = entry["digest"] = entry_digest(entry)
    changed = "UPDATE audit SET who = '{who}', previous = '{previous}', digest = '{digest}' WHERE number = {number}"
    changes = [changed.format_map(entry) for entry in entries]
    assert tampered(filled, tmp_path, *changes).sound
    assert named(tampered(filled, tmp_path, *changes, kept=(kept,))) == {f"audit {kept.number}"}


def test_an_empty_audit_is_a_flaw(filled: Path, tmp_path: Path):
    everything = [f"DELETE FROM {table.name}" for table in (*reversed(KEPT), AUDIT)]
    assert named(tampered(filled, tmp_path, *everything)) == {"audit 1"}


def test_tampering_is_found_on_both_databases(url: str, tamper: Tamper):
    with closing(open_store(url)) as store:
        fill(store)
        tamper("UPDATE event SET body = replace(body, '4.0', '1.0') WHERE body LIKE '%4.0%'")
        tamper("UPDATE audit SET who = 'somebody else' WHERE number = 5")
        tamper("DELETE FROM feedback WHERE card = 'a'")
        flaws = {flaw.row.split()[0]: flaw.what for flaw in store.audit.verify().flaws}
        assert set(flaws) == {"event", "audit", "feedback"}
        assert "changed" in flaws["event"]
        assert "missing" in flaws["feedback"]


@pytest.mark.parametrize("table", ["event", "card", "feedback", "audit"])
def test_the_database_itself_refuses_to_change_or_delete(url: str, store: Store, table: str):
    fill(store)
    column = "number" if table == "audit" else "id"
    only_here = (
        f"REPLACE INTO {table} SELECT * FROM {table}" if store.database.is_sqlite else f"TRUNCATE {table} CASCADE"
    )
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", only_here):
        with pytest.raises(Exception, match="rows are only added"):
            run(url, statement)
    assert store.audit.verify().sound


def run(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(statement)
    else:
        import psycopg

        with psycopg.connect(url) as connection:
            connection.execute(statement)


# ---- any sequence of writes, corrections and restarts -----------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.sampled_from(("append", "correct", "withdraw", "show", "feedback", "read", "restart")), st.integers(0, 9)
    ),
    max_size=15,
)


@given(steps)
@settings(max_examples=40)
def test_any_sequence_of_writes_and_restarts_is_sound_and_loses_nothing(
    made: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
):
    url = f"sqlite:///{copy(made, tmp_path_factory.mktemp('steps'))}"
    store = open_store(url)
    standing: dict[str, object] = {}
    shown: list[str] = []
    for minute, (step, number) in enumerate(steps):
        by = Access(f"user {number}", NOON + timedelta(minutes=minute))
        event = EVENTS[number % len(EVENTS)]
        target = sorted(standing)[number % len(standing)] if standing else None
        if step == "append":
            standing |= dict(zip(store.events.append(ANNA, [event] * number, by), [event] * number, strict=True))
        elif step == "correct" and target:
            new = store.events.correct(target, event, by)
            del standing[target]
            standing[new] = event
        elif step == "withdraw" and target:
            store.events.withdraw(target, by)
            del standing[target]
        elif step == "show":
            shown.append(f"card {minute}")
            store.cards.show(card(shown[-1]))
        elif step == "feedback" and shown:
            store.feedback.take("next-step", [told(shown[number % len(shown)])], CLIENT)
        elif step == "restart":
            store.close()
            store = open_store(url)
    record = store.events.of(ANNA, CLINICIAN)
    assert sorted(map(repr, record.events)) == sorted(map(repr, standing.values()))
    assert store.audit.verify().sound
    store.close()


def test_a_row_has_one_digest_in_whatever_order_its_columns_come():
    assert row_digest({"b": 1, "a": None}) == row_digest({"a": None, "b": 1}) != row_digest({"a": 1, "b": None})
