"""Opening, copying and looking over a store; and what is said, with the mend, where that cannot be done."""

import json
import random
import sqlite3
import string
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event
from store_samples import ANNA, ANSWERED, BERT, CLIENT, CLINICIAN, DECLINE, EVENTS, KIM, KNOWLEDGE, KNOWN, PAIN, told
from store_server import Server

from ischio.store import database, upgrades
from ischio.store.accounts import Role
from ischio.store.backup import back_up
from ischio.store.entries import Person, Verdict
from ischio.store.faults import StoreUnusable
from ischio.store.schema import METADATA
from ischio.store.store import Store, open_store
from ischio.store.unlocking import unlocked
from ischio.store.upgrades import newest

Tamper = Callable[[str], None]


def refusal(url: str, **how: bool) -> str:
    with pytest.raises(StoreUnusable) as refused:
        open_store(url, **how)  # type: ignore[arg-type]  # each case names other arguments
    return str(refused.value)


# ---- made, and brought up to date -------------------------------------------------------------------------------


def test_the_steps_make_the_tables_that_the_code_works_with(store: Store):
    with store.database.reading() as connection:
        options = {"version_table": upgrades.VERSION_TABLE, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []


def test_a_store_is_made_once_and_opened_after_that(url: str):
    with closing(open_store(url)) as first:
        head = first.audit.head()
    with closing(open_store(url, make=False, migrate=True)) as again:
        assert again.audit.head() == head


def test_sqlite_is_set_up_for_several_who_read_while_one_writes(made: Path):
    with closing(open_store(f"sqlite:///{made}")) as store, store.database.reading() as connection:
        said = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
        assert said == ["wal", 1]


def test_a_reader_does_not_wait_for_a_writer(store: Store):
    with store.database.writing(on_disk=True):
        assert store.audit.verify().sound


def test_what_is_not_there_is_made_only_when_asked(tmp_path: Path):
    assert "There is no store yet.\n  Make it: ischio store migrate" in refusal(
        f"sqlite:///{tmp_path}/x.db", make=False
    )
    assert list(tmp_path.iterdir()) == []


def test_an_older_store_is_opened_only_once_it_is_brought_up_to_date(url: str, monkeypatch: pytest.MonkeyPatch):
    open_store(url).close()
    monkeypatch.setattr("ischio.store.store.newest", lambda: "9998")
    said = refusal(url)
    assert "An older release" in said
    assert "ischio store backup FILE" in said
    assert "ischio store migrate" in said


OF_OLD = sorted((Path(__file__).parents[1] / "data").glob("store-*.json"))
"""What earlier releases wrote: every row of every table, as it lay in the database."""


SINCE: dict[str, dict[str, object]] = {"session": {"issuer": "", "subject": "", "sid": ""}}
"""Columns that came later, and what stands in them for rows of before."""
Rows = dict[str, list[dict[str, object]]]


@pytest.mark.parametrize("file", OF_OLD, ids=lambda path: path.stem)
def test_a_store_of_an_earlier_release_is_brought_up_to_date_and_keeps_all_that_is_in_it(empty: str, file: Path):
    rows: Rows = json.loads(file.read_text(encoding="utf-8"))
    make_of_old(empty, file.stem.removeprefix("store-"), rows)
    assert "An older release" in refusal(empty)
    with closing(open_store(empty, migrate=True)) as store:
        whole = {table: [row | SINCE.get(table, {}) for row in of_table] for table, of_table in rows.items()}
        assert said_in(rows_in(store, rows)) == said_in(whole)
        assert store.audit.verify() == Verdict(len(rows["audit"]) + 1, store.audit.head(), ())
        assert store.events.of(BERT, CLINICIAN).events == (PAIN,)
        kept = [event.concept for event in store.events.of(ANNA, CLINICIAN).events]
        assert kept == [event.concept for event in EVENTS[1:]]
        store.events.append(BERT, EVENTS, CLINICIAN)
        store.people.keep(KNOWN, CLINICIAN)
        assert store.audit.verify().sound
        assert store.health().problems == ()


def test_people_accounts_declines_and_answers_of_an_earlier_release_are_found_again(empty: str):
    (file,) = (file for file in OF_OLD if file.stem == "store-0003")
    make_of_old(empty, "0003", json.loads(file.read_text(encoding="utf-8")))
    with closing(open_store(empty, migrate=True)) as store:
        known = store.people.find(KNOWN.id, KNOWN.organisation, CLINICIAN)
        assert known == replace(KNOWN, name="Anna Renamed")
        assert store.accounts.of_login(KIM.login) == replace(KIM, roles=frozenset({Role.CLINICIAN, Role.AUTHOR}))
        newest, first = store.declines.of(ANNA, CLINICIAN)
        assert (replace(first, id=""), newest.side, newest.comment) == (DECLINE, None, "\N{SNOWMAN}")
        (answered,) = store.answers.of(ANNA, CLINICIAN)
        assert (replace(answered, id=""), store.answers.knowledge(answered.knowledge)) == (ANSWERED, KNOWLEDGE)
        session = store.sessions.of("digest")
        assert session is not None
        assert session[1].id == KIM.id
        assert [row.stage for row in store.standings.of(KNOWN)] == ["care"]


NEW_CHAIN = ("why", "record", "proof", "previous", "digest")
"""Columns of the audit that step 0008 writes anew."""


def said_in(rows: Rows) -> Rows:
    """The rows without what a new chain changes: salts, the links of the audit, ids of feedback."""
    dropped = {"audit": NEW_CHAIN, "feedback": ("id", "salt")}
    found = {
        table: [{name: row[name] for name in row if name not in dropped.get(table, ("salt",))} for row in of_table]
        for table, of_table in rows.items()
    }
    found["audit"] = [row for row in found["audit"] if row["what"] != "audit" or row["who"] != "ischio"]
    return {table: sorted_rows(of_table) for table, of_table in found.items()}


def test_a_new_chain_tells_the_head_of_the_old_one_and_none_of_its_digests_is_left(empty: str):
    """What the digests of rows without a salt would give away to somebody who tries."""
    (file,) = (file for file in OF_OLD if file.stem == "store-0005")
    rows: Rows = json.loads(file.read_text(encoding="utf-8"))
    make_of_old(empty, "0005", rows)
    with closing(open_store(empty, migrate=True)) as store:
        *entries, begun = store.audit.entries()
        old = max(rows["audit"], key=lambda row: int(str(row["number"])))
        assert (begun.by.who, begun.what, begun.record) == ("ischio", "audit", old["digest"])
        assert begun.why == f"begun anew after audit {old['number']}"
        before = {str(row[name]) for row in rows["audit"][1:] for name in ("proof", "digest")} - {""}
        before |= {str(row["id"]) for row in rows["feedback"]}
        assert not before & {word for each in entries for word in (each.proof, each.digest, each.record)}
        assert {each.why for each in entries if each.what in ("card", "decline", "feedback") and each.proof} == {""}
        taken = store.feedback.take("next-step", [told("a")], CLIENT)
        assert [each.value for each in taken] == ["same"], "what was told before is known by its new id"


@pytest.mark.parametrize(
    "change", ["UPDATE event SET body = NULL WHERE id = 'id-0'", "DELETE FROM feedback", "UPDATE audit SET who = 'x'"]
)
def test_a_store_that_was_tampered_with_gets_no_new_chain_that_would_hide_it(empty: str, change: str):
    (file,) = (file for file in OF_OLD if file.stem == "store-0005")
    make_of_old(empty, "0005", json.loads(file.read_text(encoding="utf-8")))
    place = database.Database(empty)
    with place.writing(on_disk=True) as connection, unlocked(connection, ["event", "feedback", "audit"]):
        connection.exec_driver_sql(change)
    place.close()
    with pytest.raises(StoreUnusable, match="would hide that") as refused:
        open_store(empty, migrate=True)
    assert "newest backup that verifies" in str(refused.value)
    place = database.Database(empty)
    with place.reading() as connection:
        assert upgrades.version_of(connection) == "0005", "left as it was"
    place.close()


def rows_in(store: Store, tables: Iterable[str]) -> Rows:
    with store.database.reading() as connection:
        found = {name: connection.execute(METADATA.tables[name].select()).mappings().all() for name in tables}
    return {name: sorted_rows(map(dict, rows)) for name, rows in found.items()}


def sorted_rows(rows: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def make_of_old(url: str, version: str, rows: Rows) -> None:
    """A store as an earlier release left it."""
    place = database.Database(url)
    place.prepare()
    with place.writing(on_disk=True) as connection:
        upgrades.upgrade(connection, version)
        for table in METADATA.sorted_tables:  # each after those that it refers to
            if rows.get(table.name):
                connection.execute(table.insert(), rows[table.name])
    place.close()


def test_a_newer_store_is_left_alone(url: str, tamper: Tamper):
    open_store(url).close()
    tamper("UPDATE ischio_version SET version_num = '9999'")
    for migrate in (False, True):
        assert f"A newer release of ischio made this store (tables 9999; this release knows {newest()})" in refusal(
            url, migrate=migrate
        )


# ---- what is wrong, and the mend --------------------------------------------------------------------------------


def test_a_missing_folder(tmp_path: Path):
    assert f"Make it: mkdir -p {tmp_path}/no" in refusal(f"sqlite:///{tmp_path}/no/x.db")


def test_a_file_that_is_no_database(tmp_path: Path):
    (tmp_path / "x.db").write_text("id,name\n" * 1000, encoding="utf-8")
    assert "no database, or it is damaged" in refusal(f"sqlite:///{tmp_path}/x.db")


def test_a_database_of_another_program(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE event (x)")
    assert "tables of another program" in refusal(f"sqlite:///{tmp_path}/x.db")


@pytest.mark.parametrize("url", ["", "x.db", "sqlite://", "sqlite:///:memory:", "mysql://a:s3cret@b/c", "http://a"])
def test_an_address_that_names_no_database(url: str):
    said = refusal(url)
    assert "Write sqlite:///FILE" in said
    assert "s3cret" not in said


def test_a_file_that_may_only_be_read(made: Path):
    with closing(open_store(f"sqlite:///file:{made}?mode=ro&uri=true")) as store:
        assert store.audit.verify().sound
        with pytest.raises(StoreUnusable, match="can be read but not written"):
            store.events.append(ANNA, [PAIN], CLINICIAN)


def test_a_store_that_another_program_holds(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "BUSY", 50)
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        holding = other.database.writing(on_disk=True)
        with holding, pytest.raises(StoreUnusable, match="held by another writer"):
            store.events.append(ANNA, [PAIN], CLINICIAN)


def test_a_store_that_another_thread_holds(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "BUSY", 50)
    held, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with store.database.writing(on_disk=False):
            held.set()
            enough.wait(30)

    holding = threading.Thread(target=hold)
    holding.start()
    held.wait(30)
    with pytest.raises(StoreUnusable, match="held by another writer"):
        store.events.append(ANNA, [PAIN], CLINICIAN)
    enough.set()
    holding.join()
    assert store.events.append(ANNA, [PAIN], CLINICIAN)


def test_a_full_disk_keeps_nothing_of_what_was_being_written(tmp_path: Path):
    with closing(open_store(f"sqlite:///{tmp_path}/x.db")) as store:
        event.listen(store.database._engine, "begin", lambda it: it.exec_driver_sql("PRAGMA max_page_count = 40"))
        with pytest.raises(StoreUnusable, match="The disk is full"):
            store.events.append(ANNA, EVENTS * 100, CLINICIAN)
        assert store.events.of(ANNA, CLINICIAN).events == ()
        assert store.audit.verify().sound


def test_postgresql_says_no_in_words(postgresql: Server):
    assert "refuses the user or the password" in refusal(postgresql.plain("postgres", password="wrong"))
    assert "There is no such database" in refusal(postgresql.plain("nowhere"))
    silent = refusal("postgresql://ischio:s3cret@127.0.0.1:1/x")
    assert "does not answer" in silent
    assert "s3cret" not in silent


def test_an_id_longer_than_postgresql_can_look_up(postgresql: Server):
    long = "".join(random.Random(7).choices(string.ascii_letters, k=20_000))
    with closing(open_store(postgresql.database())) as store:
        with pytest.raises(StoreUnusable, match="An id is longer"):
            store.events.append(Person("https://ehr.example", long), [PAIN], CLINICIAN)
        assert store.audit.verify().sound


def test_postgresql_without_its_driver(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "find_spec", lambda _: None)
    assert "pip install 'ischio[postgres]'" in refusal("postgresql://a@b/c")


def test_a_service_whose_database_was_restarted_goes_on(postgresql: Server):
    url = postgresql.database()
    with closing(open_store(url)) as store:
        store.events.append(ANNA, [PAIN], CLINICIAN)
        with store.database.reading() as connection:
            (own,) = connection.exec_driver_sql("SELECT pg_backend_pid()").one()
        with closing(open_store(url)) as other, other.database.writing(on_disk=True) as connection:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend({own})")
        assert store.events.of(ANNA, CLINICIAN).events == (PAIN,)


# ---- looked over, and copied ------------------------------------------------------------------------------------


def test_a_look_over_counts_the_rows_and_misses_a_trigger(store: Store, tamper: Tamper):
    store.events.append(ANNA, EVENTS, CLINICIAN)
    health = store.health()
    assert (health.rows["event"], health.tables, health.problems) == (len(EVENTS), newest(), ())
    assert "s3cret" not in health.place
    if store.database.is_sqlite:
        tamper("SELECT 1")
    else:
        tamper("DROP TRIGGER event_no_delete ON event")
    assert "Rows of event can be changed: a trigger is gone. Go back to the newest backup." in store.health().problems


def test_a_damaged_file_is_seen(tmp_path: Path):
    file = tmp_path / "x.db"
    with closing(open_store(f"sqlite:///{file}")) as store:
        store.events.append(ANNA, EVENTS * 20, CLINICIAN)
    whole = bytearray(file.read_bytes())
    whole[4096 * 12 : 4096 * 14] = bytes(4096 * 2)
    file.write_bytes(whole)
    with closing(open_store(f"sqlite:///{file}")) as store:
        try:
            problems = store.health().problems
        except StoreUnusable as error:
            problems = (str(error),)
    assert any("damage" in problem for problem in problems)


def test_a_copy_made_while_others_write_is_whole(tmp_path: Path):
    with closing(open_store(f"sqlite:///{tmp_path}/x.db")) as store:
        store.events.append(ANNA, EVENTS * 50, CLINICIAN)
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                store.events.append(ANNA, EVENTS, CLINICIAN)

        writing = threading.Thread(target=write)
        writing.start()
        for number in range(3):
            back_up(store.database, tmp_path / f"copy{number}.db")
        stop.set()
        writing.join()
        written = store.events.of(ANNA, CLINICIAN).events
    for number in range(3):
        with closing(open_store(f"sqlite:///{tmp_path}/copy{number}.db", make=False)) as copy:
            assert copy.audit.verify().sound
            events = copy.events.of(ANNA, CLINICIAN).events
            assert len(events) >= len(EVENTS) * 50
            assert events == written[: len(events)]


def test_a_copy_replaces_nothing_and_leaves_nothing_half_done(store: Store, tmp_path: Path):
    (tmp_path / "there.db").write_text("precious", encoding="utf-8")
    if not store.database.is_sqlite:
        with pytest.raises(StoreUnusable, match="pg_dump --format=custom --file="):
            back_up(store.database, tmp_path / "copy.db")
        return
    with pytest.raises(StoreUnusable, match="such a file already"):
        back_up(store.database, tmp_path / "there.db")
    with pytest.raises(StoreUnusable, match="cannot be written"):
        back_up(store.database, tmp_path / "no" / "copy.db")
    assert (tmp_path / "there.db").read_text(encoding="utf-8") == "precious"
    assert not list(tmp_path.glob("*.unfinished"))
