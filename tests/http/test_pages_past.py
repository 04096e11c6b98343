"""What was shown before, made again; and whole people out and in, by page and by command."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from clinic_pages import OPERATOR, Browser, Clock, account
from clinic_steps import answer

from ischio.clinic.answers import Answer
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge, read_knowledge
from ischio.interfaces.cli import main
from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.settings import Settings
from ischio.store.accounts import Role
from ischio.store.entries import Known
from ischio.store.store import Store, open_store

Ischio = Callable[..., tuple[int, str, str]]
PAIN = (Answer("regional_pain", "present", "right"), Answer("pain_score", "6", "right"))


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return read_knowledge()


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{shutil.copy(made, tmp_path / 'ischio.db')}")) as found:
        account(found, "kim", Role.CLINICIAN)
        account(found, "lee", Role.COORDINATOR)
        yield found


@pytest.fixture
def clinic(store: Store, knowledge: Knowledge) -> Clinic:
    return Clinic(store, knowledge)


@pytest.fixture
def anna(clinic: Clinic) -> Known:
    known = clinic.people.register("Anna Sample", "S-1", "clinic", OPERATOR)
    answer(clinic, known, OPERATOR, *PAIN)
    return known


def signed_in(store: Store, login: str) -> Browser:
    browser = Browser(build(replace(service_of(Settings(), store), clock=Clock())))
    assert browser.sign_in(login).status_code == 303
    return browser


@pytest.fixture
def ischio(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ischio:
    """Runs a command beside the store; gives its exit code, its output and its errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ISCHIO_STORE_URL", raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main.run(words)
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


# ---- what was shown ---------------------------------------------------------------------------------------------


def test_what_was_shown_is_listed_and_made_again_after_the_record_changed(store: Store, clinic: Clinic, anna: Known):
    kim = signed_in(store, "kim")
    kim.get(f"/p/{anna.id}")
    before = clinic.past.shown(anna, OPERATOR)[0]
    answer(clinic, anna, OPERATOR, Answer("pain_score", "1", "right"))
    listed = kim.get(f"/p/{anna.id}/past").text
    assert f'href="/p/{anna.id}/past/{before.id}"' in listed
    page = kim.get(f"/p/{anna.id}/past/{before.id}")
    assert page.status_code == 200
    assert "Made again: the same to the byte" in page.text
    assert before.digest in page.text


def test_the_bytes_that_were_shown_can_be_had_and_the_whole_page_of_then(store: Store, clinic: Clinic, anna: Known):
    kim = signed_in(store, "kim")
    kim.get(f"/p/{anna.id}")
    shown = clinic.past.shown(anna, OPERATOR)[0]
    told = kim.get(f"/p/{anna.id}/past/{shown.id}/assessment.json")
    assert told.json()["index_date"] == "2026-06-01"
    assert "attachment" in told.headers["content-disposition"]
    page = kim.get(f"/p/{anna.id}/past/{shown.id}/page")
    assert page.status_code == 200
    assert "1 Jun 2026" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_download_shows_no_answer_and_so_keeps_none(store: Store, clinic: Clinic, anna: Known):
    kim = signed_in(store, "kim")
    kim.get(f"/p/{anna.id}")
    shown = clinic.past.shown(anna, OPERATOR)
    for address in (f"past/{shown[0].id}/assessment.json", f"past/{shown[0].id}/page", "record.json"):
        assert kim.get(f"/p/{anna.id}/{address}").status_code == 200
    assert clinic.past.shown(anna, OPERATOR) == shown


def test_an_answer_of_somebody_else_is_not_found_by_its_id(store: Store, clinic: Clinic, anna: Known):
    bert = clinic.people.register("Bert Sample", "S-2", "clinic", OPERATOR)
    kim = signed_in(store, "kim")
    kim.get(f"/p/{anna.id}")
    shown = clinic.past.shown(anna, OPERATOR)[0]
    for ending in ("", "/page", "/assessment.json"):
        refused = kim.get(f"/p/{bert.id}/past/{shown.id}{ending}")
        assert (refused.status_code, "no such answer of this person" in refused.text) == (404, True)


# ---- whole people -----------------------------------------------------------------------------------------------


def test_a_clinician_takes_the_whole_record_along_and_the_audit_says_so(store: Store, anna: Known):
    bundle = signed_in(store, "kim").get(f"/p/{anna.id}/record.json").json()
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert (bundle["resourceType"], kinds[0], len(kinds)) == ("Bundle", "Patient", 3)
    assert "export" in [entry.what for entry in store.audit.entries()]


def test_a_coordinator_does_not(store: Store, anna: Known):
    lee = signed_in(store, "lee")
    assert lee.get(f"/p/{anna.id}/record.json").status_code == 403
    assert "record.json" not in lee.get(f"/p/{anna.id}/record").text


def test_by_command_somebody_is_listed_taken_out_and_in_elsewhere(store: Store, anna: Known, ischio: Ischio):
    account(store, "max", Role.CLINICIAN, organisation="elsewhere")
    assert ischio("person", "list", "--organisation", "clinic") == (0, f"{anna.id}  Anna Sample  S-1\n", "")
    assert ischio("person", "export", anna.id, "--organisation", "clinic", "--out", "anna.json")[0] == 0
    code, out, _ = ischio("person", "import", "anna.json", "--organisation", "elsewhere", "--json")
    (taken,) = store.people.all("elsewhere")
    assert (code, json.loads(out)["id"]) == (0, taken.id)
    was, now = (store.events.of(each.whom, OPERATOR).events for each in (anna, taken))
    assert now == was
    assert len(now) == len(PAIN)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("list", "--organisation", "north"), "There is no organisation 'north'."),
        (("export", "nobody", "--organisation", "clinic"), "clinic looks after nobody with the id 'nobody'."),
        (("import", "two.json", "--organisation", "clinic"), "holds 0 patients"),
    ],
)
@pytest.mark.usefixtures("store")
def test_what_cannot_be_done_is_said(ischio: Ischio, tmp_path: Path, words: tuple[str, ...], says: str):
    (tmp_path / "two.json").write_text('{"resourceType": "Bundle", "type": "collection"}', encoding="utf-8")
    code, out, err = ischio("person", *words)
    assert (code, out) == (1, "")
    assert says in err
