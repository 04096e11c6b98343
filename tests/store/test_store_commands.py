"""`ischio store` and `ischio audit`, as somebody who runs the service types them."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from store_samples import ANNA, BERT, CLINICIAN, EVENTS, KNOWN

from ischio.interfaces.cli import main
from ischio.interfaces.cli.stored import DEFAULT
from ischio.interfaces.http.settings import Settings
from ischio.store.entries import Access, Person
from ischio.store.standings import Wanted
from ischio.store.store import Store, open_store
from ischio.store.upgrades import newest

Ischio = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ischio(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ischio:
    """Runs a command in an empty folder; gives its exit code, its output and its errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ISCHIO_STORE_URL", raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main.run(words)
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


@pytest.mark.parametrize(
    "command",
    [
        *("store migrate", "store check", "store backup", "store refresh", "store erase", "store hold"),
        *("store retention", "store sweep", "audit verify", "audit head", "audit export"),
    ],
)
def test_each_command_has_help_with_an_example_and_json(ischio: Ischio, command: str):
    code, out, _ = ischio(*command.split(), "--help")
    assert code == 0
    assert f"Example: ischio {command}" in out
    assert "--json" in out


@pytest.mark.parametrize(
    "command",
    [
        *("store check", "store backup x.db", "store refresh", "audit verify", "audit head", "audit export x"),
        *("store erase x", "store hold x --reason x", "store retention --years 1", "store sweep"),
    ],
)
def test_nothing_is_made_by_looking(ischio: Ischio, command: str, tmp_path: Path):
    code, out, err = ischio(*command.split())
    assert (code, out) == (1, "")
    assert "There is no store yet." in err
    assert "ischio store migrate" in err
    assert list(tmp_path.iterdir()) == []


def test_a_store_is_made_looked_over_and_copied(ischio: Ischio):
    assert ischio("store", "migrate") == (0, f"Up to date: ischio.db (tables {newest()})\n", "")
    code, out, _ = ischio("store", "check")
    assert (code, out.splitlines()[-1]) == (0, "Whole; rows can only be added.")
    assert ischio("store", "backup", "copy.db") == (0, "Written: copy.db\n", "")
    code, out, _ = ischio("store", "check", "--store", "sqlite:///copy.db", "--json")
    rows = json.loads(out)["rows"]
    assert (code, rows.pop("audit"), set(rows.values())) == (0, 2, {0})
    assert ischio("store", "backup", "copy.db")[0] == 1


def test_the_commands_and_the_service_look_in_the_same_place():
    assert Settings().store == DEFAULT


def test_the_address_may_stand_in_the_environment(ischio: Ischio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ISCHIO_STORE_URL", "sqlite:///other.db")
    assert ischio("store", "migrate", "--json") == (
        0,
        f'{{\n  "store": "other.db",\n  "tables": "{newest()}"\n}}\n',
        "",
    )


def test_tampering_is_told_by_row_and_exit_code(ischio: Ischio):
    with closing(open_store("sqlite:///ischio.db")) as store:
        id, *_ = store.events.append(ANNA, EVENTS, CLINICIAN)
    code, out, _ = ischio("audit", "verify")
    assert (code, out.splitlines()[0]) == (0, "Sound: 10 audit entries and all that they vouch for.")
    with closing(sqlite3.connect("ischio.db")) as connection, connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET body = NULL WHERE id = ?", [id])
    code, out, _ = ischio("audit", "verify")
    assert (code, out) == (
        1,
        f"x event {id}: It was changed: audit 2 vouches for another content.\n1 flaw in 10 audit entries\n",
    )
    code, out, _ = ischio("audit", "verify", "--json")
    said = json.loads(out)
    assert (code, said["sound"], [flaw["row"] for flaw in said["flaws"]]) == (1, False, [f"event {id}"])


def test_heads_that_were_kept_show_a_tail_cut_off(ischio: Ischio):
    ischio("store", "migrate")
    heads = Path("heads.ndjson")
    heads.write_text("".join(ischio("audit", "head", "--json")[1] for _ in range(3)), encoding="utf-8")
    code, out, _ = ischio("audit", "verify", "--heads", "heads.ndjson")
    assert (code, out) == (
        0,
        "Sound: 4 audit entries and all that they vouch for.\nAll 3 kept heads are in the chain.\n",
    )
    with closing(sqlite3.connect("ischio.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute("DELETE FROM audit WHERE number = 4")
    assert ischio("audit", "verify")[0] == 0
    code, out, _ = ischio("audit", "verify", "--heads", "heads.ndjson")
    assert code == 1
    assert "x audit 4: It is missing: the tail was cut off after audit 3." in out


@pytest.mark.parametrize("line", ["x", "[]", '{"number": "a", "digest": "b"}', '{"number": 1}'])
def test_a_line_that_is_no_head_is_told_with_its_number(ischio: Ischio, line: str):
    Path("heads").write_text(f'{{"number": 1, "digest": "x"}}\n{line}\n', encoding="utf-8")
    code, _, err = ischio("audit", "verify", "--heads", "heads")
    assert (code, err.splitlines()[:2]) == (1, ["heads, line 2:", "  This is no head."])


def test_who_exports_or_copies_is_in_the_audit(ischio: Ischio):
    ischio("store", "migrate")
    ischio("store", "backup", "copy.db")
    code, out, _ = ischio("audit", "export", "audit.ndjson", "--observer", "https://ischio.example")
    assert (code, out) == (0, "Written: audit.ndjson (3 entries)\n")
    events = [json.loads(line) for line in Path("audit.ndjson").read_text(encoding="utf-8").splitlines()]
    assert [event["entity"][-1].get("description") for event in events] == [None, "backup", "exported"]
    assert all(event["agent"][0]["who"]["identifier"]["value"] for event in events)
    assert ischio("audit", "export", "no/audit.ndjson")[0] == 1


def test_the_list_is_worked_out_anew_for_everybody_or_for_those_of_whom_it_may_no_longer_be_true(ischio: Ischio):
    ischio("store", "migrate")
    with closing(open_store(DEFAULT)) as store:
        for name in ("k1", "k2"):
            store.people.keep(replace(KNOWN, id=name, whom=Person("urn:x", name), identifier=name), CLINICIAN)
    assert ischio("store", "refresh") == (0, "Worked out anew: 2 people\n", "")
    code, out, _ = ischio("store", "refresh", "--outdated", "--json")
    assert (code, json.loads(out)) == (0, {"store": "ischio.db", "people": 0})
    with closing(open_store(DEFAULT)) as store:
        store.people.keep(replace(KNOWN, id="k2", whom=Person("urn:x", "k2"), name="Other", identifier="k2"), CLINICIAN)
    assert ischio("store", "refresh", "--outdated")[1] == "Worked out anew: 1 person\n"
    with closing(open_store(DEFAULT)) as store:
        found = store.standings.page(Wanted(KNOWN.organisation, date.today()), 0, 9)
        assert [(row.known.name, row.stage) for row in found] == [
            (KNOWN.name, "not_on_pathway"),
            ("Other", "not_on_pathway"),
        ]
        *_, last = store.audit.entries()
        assert (last.what, last.why, last.by.who.startswith("command line")) == ("store", "refresh", True)


# ---- who is erased ----------------------------------------------------------------------------------------------


@pytest.fixture
def kept(ischio: Ischio) -> Iterator[Store]:
    """Somebody whose last entry is of 2010, and somebody of this year whom only a records system knows."""
    ischio("store", "migrate")
    long_ago = Access("Practitioner/7", datetime(2010, 3, 1, tzinfo=UTC))
    with closing(open_store(DEFAULT)) as store:
        store.people.keep(KNOWN, long_ago)
        store.events.append(ANNA, EVENTS, long_ago)
        store.events.append(BERT, EVENTS, CLINICIAN)
        yield store


def test_what_would_go_is_shown_and_nothing_goes(ischio: Ischio, kept: Store):
    code, out, _ = ischio("store", "erase", KNOWN.id)
    lines = out.splitlines()
    assert (code, lines[:4]) == (0, ["Anna Sample S-1, of north (k1)", "Would go:", "  event: 9", "  person: 1"])
    assert any(line.startswith("Stays: the audit, 11 entries") for line in lines)
    assert any(line.startswith("Not reached from here: copies and backups") for line in lines)
    assert lines[-1].startswith("Nothing was erased. To do it, add: --ground")
    assert len(kept.events.unaudited(ANNA)) == len(EVENTS)


@pytest.mark.usefixtures("kept")
def test_somebody_is_erased_with_a_ground_and_then_nobody_has_their_number(ischio: Ischio):
    code, _, err = ischio("store", "erase", KNOWN.id, "--yes")
    assert (code, err.splitlines()[0]) == (1, "An erasure needs a ground.")
    code, out, _ = ischio("store", "erase", KNOWN.id, "--yes", "--ground", "request of the person", "--json")
    assert (code, json.loads(out)) == (
        0,
        {
            "erased": True,
            "server": ANNA.server,
            "person": ANNA.id,
            "known": [{"id": "k1", "organisation": "north"}],
            "rows": {"event": 9, "person": 1},
            "stays": {"audit": 10},
            "held": None,
            "swept": True,
        },
    )
    code, _, err = ischio("store", "erase", KNOWN.id)
    assert (code, err.splitlines()[0]) == (1, "There is nobody of this number: k1.")
    code, out, _ = ischio("audit", "verify")
    assert (code, out.splitlines()[1]) == (
        0,
        "10 rows are gone because a person was erased, as the audit tells: ischio store retention",
    )
    code, out, _ = ischio("store", "retention")
    assert "Erased so far: 1" in out
    assert f"{ANNA.id}: request of the person (command line, account " in out
    assert "Anna Sample" not in out


def test_somebody_on_no_list_is_named_by_their_records_system(ischio: Ischio, kept: Store):
    assert ischio("store", "erase", BERT.id)[0] == 1
    where = ("--server", BERT.server)
    code, out, _ = ischio("store", "erase", BERT.id, *where)
    assert (code, out.splitlines()[0]) == (0, f"bert of {BERT.server}, on no list")
    assert ischio("store", "erase", BERT.id, *where, "--yes", "--ground", "x")[0] == 0
    assert ischio("store", "erase", BERT.id, *where)[0] == 1
    assert len(kept.events.unaudited(ANNA)) == len(EVENTS)


def test_by_the_rule_nobody_goes_by_itself_and_who_is_held_not_at_all(
    ischio: Ischio, kept: Store, monkeypatch: pytest.MonkeyPatch
):
    assert ischio("store", "retention")[1].splitlines()[0].startswith("No rule: nobody is ever past it.")
    monkeypatch.setenv("ISCHIO_RETENTION_YEARS", "10")
    code, out, _ = ischio("store", "retention")
    assert (code, out.splitlines()[1:3]) == (0, ["Past the rule: 1", "  k1: last entry 2010-03-01"])
    assert ischio("store", "hold", "k1", "--reason", " ")[0] == 1
    assert ischio("store", "hold", "k1", "--reason", "a lawsuit")[1] == "Held: anna. a lawsuit\n"
    out = ischio("store", "retention", "--erase")[1]
    assert "  k1: last entry 2010-03-01, held: a lawsuit" in out
    assert ischio("store", "erase", "k1", "--yes", "--ground", "x")[0] == 1
    assert len(kept.events.unaudited(ANNA)) == len(EVENTS)
    assert ischio("store", "hold", "k1", "--reason", "settled", "--end")[0] == 0
    assert ischio("store", "hold", "k1", "--reason", "settled", "--end")[0] == 1
    code, out, _ = ischio("store", "retention", "--erase", "--json")
    said = json.loads(out)
    assert (code, said["years"], said["swept"], [each["ground"] for each in said["erased_so_far"]]) == (
        0,
        10,
        True,
        ["retention rule 10 years"],
    )
    assert said["erased"] == [{"server": ANNA.server, "person": "anna"}]
    assert kept.events.unaudited(ANNA) == ()
    assert len(kept.events.unaudited(BERT)) == len(EVENTS)


@pytest.mark.usefixtures("kept")
def test_a_sweep_can_be_made_alone(ischio: Ischio):
    assert ischio("store", "sweep") == (0, "Swept: nothing of erased rows is left in the files.\n", "")


def test_without_the_extra_the_mend_is_told(ischio: Ischio, monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "ischio.store.store", None)
    code, _, err = ischio("store", "check")
    assert code == 1
    assert "pip install 'ischio[serve]'" in err


def test_an_account_is_linked_to_who_somebody_is_elsewhere(ischio: Ischio, monkeypatch: pytest.MonkeyPatch):
    ischio("store", "migrate")
    monkeypatch.setattr("ischio.interfaces.cli.account.read_password", lambda: "four words of nobody")
    ischio("account", "add", "anna", "--organisation", "clinic", "--called", "Clinic", "--role", "clinician")
    who = ("--issuer", "https://fhir.example.org/r4/", "--subject", "Practitioner/7")
    assert ischio("account", "link", "anna", *who)[:2] == (0, "Linked: anna  clinic  clinician\n")
    listed = {"login": "anna", "issuer": "https://fhir.example.org/r4", "subject": "Practitioner/7"}
    assert json.loads(ischio("account", "identities", "--json")[1]) == {"identities": [listed]}
    assert ischio("account", "unlink", *who)[:2] == (0, "Unlinked: anna  clinic  clinician\n")
    code, _, errors = ischio("account", "unlink", *who)
    assert code == 1
    assert "This identity is linked to no account." in errors
    assert "There are none." in ischio("account", "identities")[1]
