"""Who may do what, which passwords are taken, and how long one waits after failures."""

from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from clinic_pages import MORNING, cheap

from ischio.clinic.access import MATRIX, May, Who
from ischio.clinic.lock_out import left
from ischio.clinic.passwords import PasswordRefused, Passwords, check_password
from ischio.store.accounts import Account, Role
from ischio.store.failed import Failed

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"

ALLOWED = """
                                                 clinician  coordinator  author  researcher  administrator
see people and where they are on the pathway     yes        yes          no      no          no
see what is due                                  yes        yes          no      no          no
register people and correct their names          yes        yes          no      no          no
write into the record of a person                yes        no           no      no          no
decline an action                                yes        no           no      no          no
release to a patient what they may see           yes        no           no      no          no
make and revoke the links of a patient           yes        yes          no      no          no
see the author's view of the pathway             no         no           yes     no          no
see what was declined, without persons           no         no           yes     no          no
see counts over many people, small cells hidden  no         no           no      yes         no
open and close accounts                          no         no           no      no          yes
read the audit                                   no         no           no      no          yes
"""


def cells() -> list[tuple[str, str, bool]]:
    """Each cell of the table: what, role, whether it is allowed."""
    head, *rows = ALLOWED.strip("\n").splitlines()
    roles = head.split()
    split = [(row[:49].strip(), row[49:].split()) for row in rows]
    return [(what, role, told == "yes") for what, told in split for role, told in zip(roles, told, strict=True)]


def somebody(*roles: Role) -> Who:
    return Who(Account("a", "anna", "clinic", frozenset(roles), True, ""), "", "")


@pytest.mark.parametrize(("what", "role", "allowed"), cells())
def test_a_role_may_do_what_the_table_says(what: str, role: str, allowed: bool):
    assert somebody(Role(role)).may(May(what)) is allowed


def test_the_table_has_every_role_and_everything_that_can_be_done():
    found = cells()
    assert {what for what, _, _ in found} == {may.value for may in May}
    assert {role for _, role, _ in found} == {role.value for role in Role}
    assert set(MATRIX) == set(Role)


def test_the_manual_has_the_same_table():
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    head = next(row for row in rows if row[0] == "what" and "clinician" in row)
    known = {may.value for may in May}
    told = [
        (row[0], role, value == "yes")
        for row in rows
        if row[0] in known
        for role, value in zip(head[1:], row[1:], strict=True)
    ]
    assert told == cells()


def test_two_roles_allow_what_either_does_and_no_role_nothing():
    both = somebody(Role.RESEARCHER, Role.AUTHOR)
    assert {may for may in May if both.may(may)} == MATRIX[Role.RESEARCHER] | MATRIX[Role.AUTHOR]
    assert not any(somebody().may(may) for may in May)


# ---- passwords ------------------------------------------------------------------------------------------------------

# password | what is said of it; nothing: it is taken
PASSWORDS = (
    ("four words of nobody", ""),
    ("eleven char", "too short"),
    ("twelve chars", ""),
    ("ÄÖÜ ßẞ 字字字 \N{SNOWMAN}", ""),
    ("            ", "tried first"),
    ("password1234", "tried first"),
    ("PassWord1234", "tried first"),
    ("abababababab", "tried first"),
    ("anna.example.org", "is the login"),
    ("Anna.Example.Org", "is the login"),
    ("x" * 257, "too long"),
    ("pass word " * 25, ""),
)


@pytest.mark.parametrize(("password", "said"), PASSWORDS)
def test_which_passwords_are_taken(password: str, said: str):
    if not said:
        check_password(password, "anna.example.org")
        return
    with pytest.raises(PasswordRefused) as refused:
        check_password(password, "anna.example.org")
    (mistake,) = refused.value.mistakes
    assert said in mistake.what
    assert mistake.mend
    assert password not in mistake.what + mistake.mend


def test_a_password_is_known_again_and_no_other_is():
    passwords = cheap()
    kept = passwords.hashed("four words of nobody")
    assert "nobody" not in kept
    assert passwords.fits(kept, "four words of nobody")
    assert not passwords.fits(kept, "four words of somebody")
    assert kept != passwords.hashed("four words of nobody")


def test_a_letter_put_together_in_two_ways_is_one():
    passwords = cheap()
    assert passwords.fits(
        passwords.hashed("caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait"), "cafe\N{COMBINING ACUTE ACCENT} au lait"
    )


def test_a_damaged_hash_lets_nobody_in():
    assert not cheap().fits("$argon2id$v=19$m=8,t=1,p=1$xx", "anything at all")


def test_no_password_fits_where_there_is_no_account_and_the_same_work_is_done():
    class Counting(PasswordHasher):
        worked: list[str] = []  # noqa: RUF012  # one list for the one hasher of the test

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # the overloads of the library are not repeated
            self.worked.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    hasher = Counting(time_cost=1, memory_cost=64, parallelism=1)
    passwords = Passwords(hasher)
    assert not passwords.fits(passwords.hashed("four words of nobody"), "another password")
    assert not passwords.fits("", "another password")
    # Both by the same kind, version and costs; what differs is salt and hash.
    assert hasher.worked == ["$argon2id$v=19$m=64,t=1,p=1"] * 2


def test_the_costs_are_those_of_rfc_9106_and_a_cheaper_hash_is_outdated():
    today = Passwords()
    assert today.outdated(cheap().hashed("four words of nobody"))
    kept = today.hashed("four words of nobody")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not today.outdated(kept)


# ---- lock-out -------------------------------------------------------------------------------------------------------

# failures | seconds since the last one | seconds to wait, where 5 are free
WAITS = (
    (0, 0, 0),
    (4, 0, 0),
    (5, 0, 30),
    (5, 10, 20),
    (5, 30, 0),
    (6, 0, 60),
    (7, 0, 120),
    (9, 0, 480),
    (10, 0, 900),
    (11, 0, 900),
    (5000, 0, 900),
    (5000, 899, 1),
    (5000, 3000, 0),
)


@pytest.mark.parametrize(("count", "since", "wait"), WAITS)
def test_each_failure_too_many_makes_the_wait_longer(count: int, since: int, wait: int):
    last = MORNING - timedelta(seconds=since)
    assert left(Failed(count, last), 5, MORNING) == timedelta(seconds=wait)
