"""Accounts, sessions and failed sign-ins in the store, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from clinic_pages import MORNING, OPERATOR, PASSWORD, account, cheap
from sqlalchemy import select

from ischio.clinic.accounts import Accounts
from ischio.clinic.lock_out import FORGOTTEN, Free, LockOut
from ischio.clinic.signing_in import Lasts, SigningIn, SignInRefused
from ischio.store.accounts import AccountRefused, Organisation, Role
from ischio.store.schema import FAILED_SIGN_IN, SESSION
from ischio.store.store import Store, open_store

Tamper = Callable[[str], None]
HOME = "192.0.2.7"


def accounts(store: Store) -> Accounts:
    return Accounts(store, cheap)


def signing_in(store: Store, free: Free = Free()) -> SigningIn:  # noqa: B008  # frozen
    return SigningIn(store, cheap(), Lasts(), free)


# ---- accounts -------------------------------------------------------------------------------------------------------


def test_an_account_is_found_as_its_newest_version(store: Store):
    made = account(store, " Anna ", Role.CLINICIAN)
    assert (made.login, made.open) == ("anna", True)
    assert store.accounts.of_login("anna") == store.accounts.of(made.id) == made
    changed = replace(made, roles=frozenset({Role.CLINICIAN, Role.AUTHOR}))
    store.accounts.keep(changed, OPERATOR, "roles")
    assert store.accounts.all() == (changed,)
    assert store.accounts.of_login("nobody") is None


def test_every_version_stays_and_is_vouched_for(store: Store, tamper: Tamper):
    account(store, "anna", Role.CLINICIAN)
    accounts(store).set_password("anna", "another four words", OPERATOR)
    accounts(store).close("anna", OPERATOR)
    assert [entry.why for entry in store.audit.entries() if entry.what == "account"] == ["added", "password", "closed"]
    assert store.audit.verify().sound
    tamper("UPDATE account SET roles = '[\"administrator\"]'")
    assert [flaw.what[:15] for flaw in store.audit.verify().flaws] == ["It was changed:"] * 3


def test_no_hash_stands_in_the_audit(store: Store):
    made = account(store, "anna", Role.CLINICIAN)
    assert made.hash not in str(list(store.audit.entries()))
    assert made.hash not in repr(made)


def test_a_login_is_never_given_twice(store: Store):
    account(store, "anna", Role.CLINICIAN)
    accounts(store).close("anna", OPERATOR)
    for login in ("anna", "ANNA", " anna\t"):
        with pytest.raises(AccountRefused, match="There is an account anna already"):
            account(store, login, Role.AUTHOR)


@pytest.mark.parametrize("login", ["", "a", "-anna", "an na", "anna\0", "ännä", "a" * 65, "anna<b>"])
def test_what_is_no_login(store: Store, login: str):
    with pytest.raises(AccountRefused, match="is no login"):
        account(store, login, Role.AUTHOR)
    assert store.accounts.all() == ()


def test_an_organisation_is_made_once_and_must_be_there(store: Store):
    account(store, "anna", Role.CLINICIAN, organisation="clinic")
    account(store, "bert", Role.CLINICIAN, organisation="clinic")
    assert store.accounts.organisations() == (Organisation("clinic", "Clinic"),)
    store.accounts.keep_organisation(Organisation("clinic", "The clinic"), OPERATOR)
    assert store.accounts.organisations() == (Organisation("clinic", "The clinic"),)
    with pytest.raises(AccountRefused, match="There is no organisation cilnic"):
        accounts(store).add("carl", PASSWORD, "cilnic", [Role.AUTHOR], OPERATOR)
    with pytest.raises(AccountRefused, match="is no id of an organisation"):
        accounts(store).add("carl", PASSWORD, "The Clinic", [Role.AUTHOR], OPERATOR, name="The clinic")


def test_an_account_without_a_role_is_refused(store: Store):
    with pytest.raises(AccountRefused, match="needs a role"):
        account(store, "anna")


# ---- sessions -------------------------------------------------------------------------------------------------------

# minutes at which somebody looks at a page | whether they are still signed in at the last of them
LOOKS = (
    ((30,), True),
    ((31,), False),
    ((20, 40, 60), True),
    ((20, 51), False),
    ((*range(20, 720, 20), 720), True),
    ((*range(20, 720, 20), 721), False),
)


@pytest.mark.parametrize(("looks", "signed_in"), LOOKS)
def test_a_session_ends_after_30_idle_minutes_and_after_12_hours(store: Store, looks: tuple[int, ...], signed_in: bool):
    made = account(store, "anna", Role.CLINICIAN)
    token = signing_in(store).begin(made, MORNING)
    *before, last = looks
    for minutes in before:
        assert signing_in(store).who(token, MORNING + timedelta(minutes=minutes)) is not None
    who = signing_in(store).who(token, MORNING + timedelta(minutes=last))
    assert (who is not None) is signed_in


def test_a_session_that_ended_does_not_come_back(store: Store):
    token = signing_in(store).begin(account(store, "anna", Role.CLINICIAN), MORNING)
    assert signing_in(store).who(token, MORNING + timedelta(hours=1)) is None
    assert signing_in(store).who(token, MORNING) is None


def test_a_look_is_written_down_once_a_minute(store: Store):
    token = signing_in(store).begin(account(store, "anna", Role.CLINICIAN), MORNING)
    seen = []
    for seconds in (0, 30, 59, 60, 90, 119, 120):
        signing_in(store).who(token, MORNING + timedelta(seconds=seconds))
        with store.database.reading() as connection:
            seen.append(connection.execute(select(SESSION.c.seen)).scalar_one()[14:19])
    assert seen == ["00:00", "00:00", "00:00", "01:00", "01:00", "01:00", "02:00"]


def test_the_store_does_not_hold_the_token(store: Store):
    token = signing_in(store).begin(account(store, "anna", Role.CLINICIAN), MORNING)
    with store.database.reading() as connection:
        (row,) = connection.execute(select(SESSION)).all()
    assert len(token) == 43  # 256 bits
    assert token not in str(row)
    assert token not in str(list(store.audit.entries()))


ENDS: dict[str, Callable[[Store], object]] = {
    "it is closed": lambda store: accounts(store).close("anna", OPERATOR),
    "it is closed in the store alone": lambda store: store.accounts.keep(
        replace(accounts(store).named("anna", OPERATOR), open=False), OPERATOR, "closed"
    ),
    "it has a new password": lambda store: accounts(store).set_password("anna", "another four words", OPERATOR),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_the_sessions_of_an_account_end_at_once_when(store: Store, end: Callable[[Store], object]):
    token = signing_in(store).begin(account(store, "anna", Role.CLINICIAN), MORNING)
    assert signing_in(store).who(token, MORNING) is not None
    end(store)
    assert signing_in(store).who(token, MORNING) is None


def test_signed_out_everywhere_and_only_there(store: Store):
    anna, bert = account(store, "anna", Role.CLINICIAN), account(store, "bert", Role.CLINICIAN)
    desk, ward, other = (signing_in(store).begin(one, MORNING) for one in (anna, anna, bert))
    who = signing_in(store).who(desk, MORNING)
    assert who is not None
    signing_in(store).sign_out(who, MORNING, everywhere=True)
    assert [signing_in(store).who(token, MORNING) is not None for token in (desk, ward, other)] == [False, False, True]


def test_a_role_that_is_taken_holds_from_the_next_look(store: Store):
    made = account(store, "anna", Role.CLINICIAN)
    token = signing_in(store).begin(made, MORNING)
    store.accounts.keep(replace(made, roles=frozenset({Role.AUTHOR})), OPERATOR, "roles")
    who = signing_in(store).who(token, MORNING)
    assert who is not None
    assert who.roles == {Role.AUTHOR}


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "'; DROP TABLE session; --"])
def test_a_token_that_was_never_given(store: Store, token: str):
    signing_in(store).begin(account(store, "anna", Role.CLINICIAN), MORNING)
    assert signing_in(store).who(token, MORNING) is None


def test_sessions_that_are_over_are_dropped_when_another_begins(store: Store):
    made = account(store, "anna", Role.CLINICIAN)
    for hours in (0, 11, 13):
        signing_in(store).begin(made, MORNING + timedelta(hours=hours))
    with store.database.reading() as connection:
        assert len(connection.execute(select(SESSION)).all()) == 2


# ---- signing in -----------------------------------------------------------------------------------------------------


def tried(store: Store, login: str, password: str, at: int = 0, address: str = HOME) -> str:
    """What comes of a try so many seconds after the morning: in, wrong, or the seconds to wait."""
    try:
        signing_in(store, Free(3, 10)).sign_in(login, password, address, MORNING + timedelta(seconds=at))
    except SignInRefused as refused:
        return f"wait {refused.wait.total_seconds():.0f}" if refused.wait else "wrong"
    return "in"


def test_a_wrong_login_a_closed_one_and_a_wrong_password_are_the_same(store: Store):
    account(store, "anna", Role.CLINICIAN)
    account(store, "bert", Role.CLINICIAN)
    accounts(store).close("bert", OPERATOR)
    assert tried(store, "nobody", PASSWORD) == tried(store, "bert", PASSWORD) == tried(store, "anna", "x") == "wrong"
    assert tried(store, "Anna", PASSWORD) == "in"


@pytest.mark.parametrize("login", ["anna", "nobody"])
def test_a_login_is_locked_whether_there_is_such_an_account_or_not(store: Store, login: str):
    account(store, "anna", Role.CLINICIAN)
    assert [tried(store, login, "x") for _ in range(4)] == ["wrong"] * 3 + ["wait 30"]
    assert tried(store, login, PASSWORD, 29) == "wait 1"
    assert tried(store, login, "x", 30) == "wrong"
    assert tried(store, login, PASSWORD, 31) == "wait 59"
    assert tried(store, "bert", "x", 31) == "wrong"


def test_the_right_password_after_the_wait_lets_in_and_forgets(store: Store):
    account(store, "anna", Role.CLINICIAN)
    for _ in range(3):
        tried(store, "anna", "x")
    assert tried(store, "anna", PASSWORD, 30) == "in"
    assert [tried(store, "anna", "x", 31) for _ in range(3)] == ["wrong"] * 3


def test_an_address_is_locked_too_and_others_are_not(store: Store):
    account(store, "anna", Role.CLINICIAN)
    assert [tried(store, f"login{each}", "x") for each in range(11)] == ["wrong"] * 10 + ["wait 30"]
    assert tried(store, "anna", PASSWORD) == "wait 30"
    assert tried(store, "anna", PASSWORD, address="192.0.2.8") == "in"


def test_many_who_sign_in_well_lock_no_address(store: Store):
    account(store, "anna", Role.CLINICIAN)
    assert {tried(store, "anna", PASSWORD) for _ in range(25)} == {"in"}


def test_a_new_password_opens_a_locked_login(store: Store):
    account(store, "anna", Role.CLINICIAN)
    for _ in range(4):
        tried(store, "anna", "x")
    accounts(store).set_password("anna", "another four words", OPERATOR)
    assert tried(store, "anna", "another four words") == "in"


def test_failures_outlast_a_restart_and_are_forgotten_in_an_hour(store: Store, url: str):
    for _ in range(4):
        tried(store, "anna", "x")
    again = open_store(url)
    assert tried(again, "anna", "x") == "wait 30"
    hour = int(FORGOTTEN.total_seconds()) + 1
    assert [tried(again, "anna", "x", hour) for _ in range(4)] == ["wrong"] * 3 + ["wait 30"]
    again.close()


def test_many_tries_at_once_are_no_way_round(store: Store):
    lock_out, taken = LockOut(store.failed, Free(3, 1000)), list[bool]()
    threads = [
        threading.Thread(target=lambda: taken.append(not lock_out.take("anna", HOME, MORNING))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 9 + [True] * 3


def test_what_was_typed_for_a_login_is_not_kept(store: Store):
    tried(store, "hunter2 by mistake", "x")
    with store.database.reading() as connection:
        assert "hunter2" not in str(connection.execute(select(FAILED_SIGN_IN)).all())
    assert "hunter2" not in str(list(store.audit.entries()))


def test_who_signed_in_and_who_tried_to_stands_in_the_audit(store: Store):
    made = account(store, "anna", Role.CLINICIAN)
    for login, password in (("nobody", "x"), ("anna", "x"), ("anna", PASSWORD)):
        tried(store, login, password)
    told = [
        (entry.by.who, entry.outcome.value, entry.why) for entry in store.audit.entries() if entry.what == "session"
    ]
    assert told == [
        ("nobody", "4", "wrong"),
        (f"account {made.id}", "4", "wrong"),
        (f"account {made.id}", "0", "begun"),
    ]


def test_a_hash_of_older_costs_is_made_anew_when_somebody_signs_in(store: Store):
    from argon2 import PasswordHasher

    from ischio.clinic.passwords import Passwords

    made = account(store, "anna", Role.CLINICIAN)
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    token = SigningIn(store, dearer).sign_in("anna", PASSWORD, HOME, MORNING)
    kept = store.accounts.of(made.id)
    assert kept is not None
    assert "m=64,t=2" in kept.hash
    assert signing_in(store).who(token, MORNING) is not None
    assert tried(store, "anna", PASSWORD) == "in"
