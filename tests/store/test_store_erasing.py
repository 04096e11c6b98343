"""Erasing a person: all of theirs goes, nothing of anybody else's changes, and the chain tells it from tampering."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from shutil import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, ForeignKey, Table, Text, insert, select
from store_samples import (
    ANNA,
    ANSWERED,
    BERT,
    CLIENT,
    CLINICIAN,
    CONTACT,
    DECLINE,
    EVENTS,
    KNOWLEDGE,
    KNOWN,
    LINK,
    NOON,
    NORTH,
    OTHER_ANNA,
    PAIN,
    card,
    told,
)

from ischio.model.about import Side
from ischio.store.drafts import Draft
from ischio.store.entries import Access, Action, Person
from ischio.store.erasing import OF_NOBODY, NotErased, is_about_people, tables_about_people
from ischio.store.events import Entry
from ischio.store.faults import Superseded
from ischio.store.patient_sessions import PatientSession
from ischio.store.schema import AUDIT, KEPT, METADATA, STANDING
from ischio.store.standings import Standing
from ischio.store.store import Store, open_store

Tamper = Callable[[str], None]
OWNER = Access("command line, account owner", NOON + timedelta(days=1))
GROUND = "request of the person"
EVERYBODY = {ANNA: KNOWN, BERT: replace(KNOWN, id="k2", whom=BERT, identifier="S-2"), OTHER_ANNA: None}
"""The same id at another server is somebody else; of them only the hooks know, and no page."""


def fill(store: Store, whom: Person) -> None:
    """A row about somebody in every kept table that is about people, and what is worked out from them."""
    known, name = EVERYBODY[whom], f"{whom.server} {whom.id}"
    ids = store.events.write(whom, map(Entry, EVENTS), CLINICIAN, form="1")
    store.events.withdraw(store.events.correct(ids[0], PAIN, CLINICIAN), CLINICIAN)
    store.cards.show(card(f"a {name}", person=whom), card(f"b {name}", person=whom, has_card=False))
    store.feedback.take("next-step", [told(f"a {name}", comment="in their own words")], CLIENT)
    store.answers.put_in(KNOWLEDGE, CLINICIAN)
    store.answers.keep(replace(ANSWERED, whom=whom))
    store.declines.keep(replace(DECLINE, whom=whom))
    store.holds.put(whom, "a lawsuit", CLINICIAN)
    store.holds.put(whom, "it is over", CLINICIAN, holds=False)
    if known:
        store.people.keep(known, CLINICIAN)
        with store.database.writing(on_disk=False) as connection:
            connection.execute(insert(STANDING), standing(known.id, whom))
        store.links.keep(replace(LINK, id=f"link {name}", known_as=known.id, whom=whom, digest=f"digest {name}"))
        store.releases.keep(known, Side.LEFT, "{}", CLINICIAN)
        store.patient_sessions.begin(
            PatientSession(f"session {name}", name, NORTH.id, known.id, NOON, NOON, "secret"), NOON - timedelta(days=90)
        )
        contact = replace(CONTACT, known_as=known.id, whom=whom)
        store.contacts.keep(contact)
        store.contacts.keep_stop(f"stop {name}", contact, NOON, NOON - timedelta(days=730))
        store.outbox.add(known, [("visit 2026-06-09", "visit")], NOON)
        draft = Draft(f"draft {name}", NORTH.id, known.id, "pain", "digest", "{}", NOON)
        store.drafts.begin(draft, lambda _: False)


def standing(id: str, whom: Person) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(STANDING.c.keys(), "")
    return row | {"organisation": NORTH.id, "known_as": id, "server": whom.server, "person": whom.id, "cannot_tell": 0}


@pytest.fixture
def full(store: Store) -> Store:
    store.accounts.keep_organisation(NORTH, CLINICIAN)
    for whom in EVERYBODY:
        fill(store, whom)
    return store


def rows(store: Store, table: Table) -> list[tuple[object, ...]]:
    with store.database.reading() as connection:
        return sorted(map(tuple, connection.execute(select(table))), key=repr)


def mentions(store: Store, whom: Person) -> set[str]:
    """The tables in which the person's rows are."""
    return set(store.erasures.extent(whom, OWNER).rows)


# ---- no table is forgotten ----------------------------------------------------------------------------------------


def test_every_table_is_known_to_be_about_people_or_about_nobody():
    """Fails for a table that is made later: name it in OF_NOBODY, or let its rows be found by whom they are about."""
    assert {*tables_about_people(), *OF_NOBODY, AUDIT} == set(METADATA.sorted_tables)
    assert not [table.name for table in OF_NOBODY if is_about_people(table)]


@pytest.mark.parametrize("table", OF_NOBODY, ids=lambda table: table.name)
def test_a_table_about_nobody_has_no_column_by_which_somebody_could_be_found(table: Table):
    assert not {"person", "known_as", "link", "patient", "server", "identifier"} & set(table.c.keys())


def test_the_samples_of_these_tests_fill_every_table_that_is_about_people(full: Store):
    assert mentions(full, ANNA) == {table.name for table in tables_about_people()}


def test_rows_of_a_table_made_later_go_too_by_an_organisation_s_id_or_by_what_they_refer_to(store: Store):
    """As a device that a patient is let in on, and what was typed on it, may be kept."""
    device = Table(
        "device",
        METADATA,
        *(Column(name, Text) for name in ("organisation", "known_as")),
        Column("id", Text, unique=True),
    )
    typed = Table("typed", METADATA, Column("device", Text, ForeignKey("device.id")))
    other = Table("other", METADATA, Column("subject", Text))
    try:
        store.people.keep(KNOWN, CLINICIAN)
        with store.database.writing(on_disk=False) as connection:
            METADATA.create_all(connection, [device, typed])
            for id, known in (("d1", KNOWN.id), ("d2", "k2")):
                connection.execute(insert(device), {"organisation": NORTH.id, "known_as": known, "id": id})
                connection.execute(insert(typed), {"device": id})
        assert not is_about_people(other), "so that the test of all tables asks for it to be named"
        assert store.erasures.erase(ANNA, GROUND, OWNER).rows == {"typed": 1, "device": 1, "person": 1}
        assert (rows(store, device), rows(store, typed)) == ([(NORTH.id, "k2", "d2")], [("d2",)])
    finally:
        for table in (typed, device, other):
            METADATA.remove(table)


# ---- what goes and what stays -------------------------------------------------------------------------------------


def test_all_of_a_person_goes_and_the_audit_stays_as_it_was_and_says_so(full: Store):
    head, before = full.audit.head(), list(full.audit.entries())
    assert head is not None
    extent = full.erasures.erase(ANNA, GROUND, OWNER)
    assert extent.known == (KNOWN,)
    assert extent.rows["event"] == len(EVENTS) + 2
    verdict = full.audit.verify([head])
    vouched = sum(count for name, count in extent.rows.items() if METADATA.tables[name] in KEPT)
    assert (verdict.flaws, verdict.erased) == ((), vouched)
    entries = list(full.audit.entries())
    assert entries[: len(before)] == before
    said = entries[len(before) :]
    assert {each.what for each in said} == set(extent.rows)
    assert {(each.action, each.whom, each.why, each.by) for each in said} == {(Action.DELETE, ANNA, GROUND, OWNER)}
    assert full.health().problems == (), "the triggers are back"
    assert mentions(full, ANNA) == set()
    assert mentions(full, BERT) == {table.name for table in tables_about_people()}


def test_nobody_finds_an_erased_person_and_somebody_new_may_have_their_number(full: Store):
    full.erasures.erase(ANNA, GROUND, OWNER)
    assert full.erasures.named(KNOWN.id) == ()
    assert full.people.find(KNOWN.id, KNOWN.organisation, CLINICIAN) is None
    assert full.people.named_by(ANNA, KNOWN.organisation) is None
    assert full.events.of(ANNA, CLINICIAN).events == ()
    assert full.cards.card(f"a {ANNA.server} {ANNA.id}", CLINICIAN) is None
    again = replace(KNOWN, id="k9", name="Anna Again")
    full.people.keep(again, CLINICIAN, new=True)
    full.events.append(ANNA, [PAIN], CLINICIAN)
    assert full.people.find("k9", KNOWN.organisation, CLINICIAN) == again
    assert full.events.of(ANNA, CLINICIAN).events == (PAIN,)
    assert full.audit.verify().sound
    full.erasures.erase(ANNA, "once more", OWNER)
    assert full.audit.verify().sound
    newest, first = full.erasures.done()
    assert (newest.ground, newest.rows) == ("once more", {"event": 1, "person": 1})
    assert (first.ground, first.whom, first.by, first.rows["event"]) == (GROUND, ANNA, OWNER, len(EVENTS) + 2)


def test_what_it_would_take_is_told_and_nothing_is_taken(full: Store):
    everything = {table: rows(full, table) for table in (*KEPT, STANDING)}
    extent = full.erasures.extent(BERT, OWNER)
    assert extent.audit == sum(each.whom == BERT for each in full.audit.entries())
    assert {table: rows(full, table) for table in (*KEPT, STANDING)} == everything
    *_, last = full.audit.entries()
    assert (last.action, last.what, last.whom, last.by) == (Action.READ, "erasure", BERT, OWNER)


@pytest.mark.parametrize("ground", ["", "  ", "x" * 201])
def test_an_erasure_needs_a_ground(full: Store, ground: str):
    with pytest.raises(NotErased, match="needs a ground"):
        full.erasures.erase(ANNA, ground, OWNER)
    assert mentions(full, ANNA)


def test_who_is_held_is_not_erased_until_the_hold_ends(full: Store):
    full.holds.put(ANNA, "the trust was sued", CLINICIAN)
    with pytest.raises(NotErased, match="held: the trust was sued"):
        full.erasures.erase(ANNA, GROUND, OWNER)
    assert mentions(full, ANNA)
    full.holds.put(ANNA, "settled", CLINICIAN, holds=False)
    full.erasures.erase(ANNA, GROUND, OWNER)
    assert full.holds.of(ANNA) is None


def test_the_audit_that_stays_tells_nothing_of_what_was_recorded(full: Store):
    """Neither in words nor by a digest that could be found again from what stays."""
    full.erasures.erase(ANNA, GROUND, OWNER)
    words = " ".join(f"{each.why} {each.record} {each.who}" for each in rows_of_audit(full))
    for said in (
        "in their own words",
        DECLINE.comment,
        DECLINE.reason,
        "accepted",
        KNOWN.name,
        KNOWN.identifier,
        "lawsuit",
    ):
        assert said not in words


def rows_of_audit(store: Store) -> Iterator[object]:
    with store.database.reading() as connection:
        yield from connection.execute(select(AUDIT)).all()


def test_the_same_row_of_the_same_person_has_another_digest_each_time(store: Store):
    """128 random bits lie under it: who has the audit cannot try what the row may have said."""
    store.events.append(ANNA, [PAIN] * 50, CLINICIAN)
    with store.database.reading() as connection:
        salts = connection.execute(select(METADATA.tables["event"].c.salt)).scalars().all()
    assert len(set(salts)) == 50
    assert {len(bytes.fromhex(salt)) for salt in salts} == {16}


# ---- told from tampering ------------------------------------------------------------------------------------------


def test_a_row_that_is_gone_without_an_erasure_is_tampering_also_beside_one(full: Store, tamper: Tamper):
    full.erasures.erase(ANNA, GROUND, OWNER)
    tamper("DELETE FROM decline WHERE person = 'bert'")
    (flaw,) = full.audit.verify().flaws
    assert flaw.row.startswith("decline ")
    assert "It is missing" in flaw.what


def test_a_row_that_was_put_back_after_an_erasure_is_told(full: Store):
    with full.database.reading() as connection:
        decline = METADATA.tables["decline"]
        row = dict(connection.execute(select(decline).where(decline.c.person == ANNA.id)).mappings().first() or {})
    full.erasures.erase(ANNA, GROUND, OWNER)
    with full.database.writing(on_disk=True) as connection:
        connection.execute(insert(decline), row)
    (flaw,) = full.audit.verify().flaws
    assert (flaw.row, flaw.what.partition(":")[0]) == (f"decline {row['id']}", "It was put back")


def test_what_was_written_after_an_erasure_and_deleted_past_the_service_is_missed(full: Store, tamper: Tamper):
    full.erasures.erase(ANNA, GROUND, OWNER)
    (id,) = full.events.append(ANNA, [PAIN], CLINICIAN)
    tamper(f"DELETE FROM event WHERE id = '{id}'")
    (flaw,) = full.audit.verify().flaws
    assert flaw.row == f"event {id}"


# ---- beside others who work -------------------------------------------------------------------------------------


def test_a_form_that_was_open_meanwhile_writes_nothing_about_who_was_erased(full: Store):
    seen = max(each.number for each in full.events.unaudited(ANNA))
    full.erasures.erase(ANNA, GROUND, OWNER)
    with pytest.raises(Superseded):
        full.events.write(ANNA, [Entry(PAIN)], CLINICIAN, seen=seen)
    assert mentions(full, ANNA) == set()


def test_a_list_that_was_worked_out_meanwhile_does_not_bring_a_name_back(full: Store):
    head = full.audit.head()
    assert head is not None
    worked_out = Standing(
        KNOWN, None, "", "", "care", None, None, None, None, None, None, None, False, (), None, "", None
    )
    full.erasures.erase(ANNA, GROUND, OWNER)
    full.standings.put([KNOWN], [worked_out], head.number)
    assert mentions(full, ANNA) == set()


# ---- all or nothing -----------------------------------------------------------------------------------------------

ERASER = """
import os, signal, sys
from sqlalchemy import event
from store_samples import ANNA, CLINICIAN
from ischio.store.store import open_store

store = open_store(sys.argv[1])
left = int(sys.argv[2])

def count(connection, cursor, statement, *_):
    global left
    left -= statement.lstrip().startswith(("DELETE", "DROP TRIGGER", "ALTER TABLE", "INSERT", "CREATE TRIGGER"))
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(store.database._engine, "before_cursor_execute", count)
store.erasures.erase(ANNA, "killed", CLINICIAN)
print("done")
"""


@pytest.mark.parametrize("after", [3, 22, 50])
def test_an_eraser_that_is_killed_has_erased_nothing(full: Store, url: str, after: int):
    """After so many of its changes: fewer than 50 in PostgreSQL, more in SQLite, where each trigger goes and comes."""
    everything = {table: rows(full, table) for table in METADATA.sorted_tables}
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    words = [sys.executable, "-c", ERASER, url, str(after)]
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        assert (after, full.database.is_sqlite) == (50, False), "the only one that is beyond all changes"
        assert mentions(full, ANNA) == set()
        return
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert {table: rows(full, table) for table in METADATA.sorted_tables} == everything
    assert full.health().problems == ()
    assert full.audit.verify().sound
    full.erasures.erase(ANNA, GROUND, OWNER)
    assert mentions(full, ANNA) == set()


# ---- nobody else's --------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(sorted(EVERYBODY, key=repr)), st.integers(0, 8)), max_size=12), st.data())
@settings(max_examples=15)
def test_nothing_of_anybody_else_changes_by_a_byte(
    made: Path, tmp_path_factory: pytest.TempPathFactory, told_of: list[tuple[Person, int]], data: st.DataObject
):
    numbers = count()
    url = f"sqlite:///{copy(made, tmp_path_factory.mktemp('else'))}"
    with closing(open_store(url, new_id=lambda: f"id-{next(numbers)}")) as store:
        for whom in EVERYBODY:
            fill(store, whom)
        for whom, number in told_of:
            store.events.append(whom, EVENTS[: number + 1], CLINICIAN)
        gone = data.draw(st.sampled_from(sorted(EVERYBODY, key=repr)))
        others = {whom: all_of(store, whom) for whom in EVERYBODY if whom != gone}
        entries = list(store.audit.entries())
        store.erasures.erase(gone, GROUND, OWNER)
        assert {whom: all_of(store, whom) for whom in others} == others
        assert list(store.audit.entries())[: len(entries)] == entries
        assert store.audit.verify().sound
        assert [row for table in tables_about_people() for row in rows(store, table) if belongs(table, row, gone)] == []


def all_of(store: Store, whom: Person) -> dict[str, list[tuple[object, ...]]]:
    """Their rows, found another way than the erasure finds them: by any text in them that names them."""
    return {
        table.name: [row for row in rows(store, table) if belongs(table, row, whom)] for table in METADATA.sorted_tables
    }


def belongs(table: Table, row: tuple[object, ...], whom: Person) -> bool:
    if table.name == "feedback":
        return f"a {whom.server} {whom.id}" in row
    return whom.server in row and whom.id in row and table is not AUDIT


# ---- nothing is left in the files -----------------------------------------------------------------------------------


def test_nothing_of_the_person_is_left_in_the_file_or_the_log_beside_it(made: Path, tmp_path: Path):
    file = Path(copy(made, tmp_path))
    word = "a word that stands nowhere else"
    with closing(open_store(f"sqlite:///{file}")) as store:
        fill(store, BERT)
        for number in range(40):
            store.declines.keep(replace(DECLINE, comment=f"{word} {number}" * 30))
        assert in_files(tmp_path, word)
        store.erasures.erase(ANNA, GROUND, OWNER)
        assert store.erasures.sweep()
        assert not in_files(tmp_path, word)
        assert in_files(tmp_path, PAIN.source)
        assert store.audit.verify().sound


def in_files(folder: Path, word: str) -> list[str]:
    return [file.name for file in folder.iterdir() if word.encode() in file.read_bytes()]


def test_a_sweep_that_is_kept_from_it_says_so_and_can_be_made_again(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ischio.store.database.BUSY", 50)
    file = Path(copy(made, tmp_path))
    with closing(open_store(f"sqlite:///{file}")) as store:
        fill(store, ANNA)
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM event").fetchone()
            store.erasures.erase(ANNA, GROUND, OWNER)
            assert not store.erasures.sweep()
        assert store.erasures.sweep()


def test_both_databases_can_be_swept(full: Store):
    full.erasures.erase(ANNA, GROUND, OWNER)
    assert full.erasures.sweep()
    assert full.audit.verify().sound


# ---- who is past the rule -------------------------------------------------------------------------------------------


def test_who_was_not_written_about_since_is_told_with_the_last_writing_and_any_hold(store: Store):
    long_ago, later = (Access("Practitioner/7", NOON + timedelta(days=days)) for days in (-4000, 0))
    store.people.keep(KNOWN, long_ago)
    store.events.append(BERT, [PAIN], long_ago)
    store.events.append(BERT, [PAIN], later)
    store.events.append(OTHER_ANNA, [PAIN], Access("Practitioner/7", NOON - timedelta(days=3900)))
    store.events.of(ANNA, later)  # a look is no writing
    store.holds.put(OTHER_ANNA, "a lawsuit", later)
    past = store.erasures.untouched_since(NOON - timedelta(days=3650))
    assert [(each.whom, each.known, each.last, each.hold and each.hold.reason) for each in past] == [
        (ANNA, (KNOWN,), long_ago.at, None),
        (OTHER_ANNA, (), NOON - timedelta(days=3900), "a lawsuit"),
    ]
    store.events.append(ANNA, [PAIN], later)
    with pytest.raises(NotErased, match="written about this person meanwhile"):
        store.erasures.erase(ANNA, "retention rule 10 years", later, last=past[0].number)
    store.erasures.erase(ANNA, "retention rule 10 years", later)
    assert [each.whom for each in store.erasures.untouched_since(NOON - timedelta(days=3650))] == [OTHER_ANNA]
