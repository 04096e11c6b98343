"""Links and the devices of patients, on both databases: whom a link lets in, when, and what is kept of it."""

import threading
from datetime import date, timedelta

import pytest
from store_fixtures import Tamper

from ischio.clinic.clinic import Clinic
from ischio.clinic.links import TO_ANOTHER_DEVICE, TRIES, Lasts, LinkRefused, LinkShut, Made, Shut
from ischio.clinic.tokens import digest_of
from ischio.model.dates import PartialDate
from ischio.store.entries import Access, Known, Outcome
from ischio.store.links import LinkChange

BORN, ANOTHER_DAY = date(1984, 3, 31), date(1984, 3, 30)
HOME = "192.0.2.7"


@pytest.fixture
def anna(clinic: Clinic, by: Access) -> Known:
    """A synthetic person whose date of birth is known."""
    return clinic.people.register("Anna Sample", "S-17", "north", by, PartialDate.on(BORN))


@pytest.fixture
def invitation(clinic: Clinic, anna: Known, by: Access) -> Made:
    """A new link."""
    return clinic.links.make(anna, by)


def why(clinic: Clinic, secret: str, by: Access, born: date = BORN) -> Shut | None:
    """Why the link did not open; None if it did."""
    try:
        clinic.links.open(secret, born, HOME, by.at)
    except LinkShut as shut:
        return shut.why
    return None


def audited(clinic: Clinic, what: str) -> list[tuple[Outcome, str]]:
    return [(each.outcome, each.why) for each in clinic.store.audit.entries() if each.what == what]


def test_a_link_lets_in_with_the_date_of_birth_once(clinic: Clinic, anna: Known, invitation: Made, by: Access):
    token = clinic.links.open(invitation.secret, BORN, HOME, by.at)
    patient = clinic.links.who(token, by.at)
    assert patient is not None
    assert patient.known == anna
    assert why(clinic, invitation.secret, by) is Shut.USED, "a replay, or a forwarded link"
    assert audited(clinic, "link") == [(Outcome.SUCCESS, "made"), (Outcome.SUCCESS, "used")]
    assert audited(clinic, "patient session") == [(Outcome.SUCCESS, "begun"), (Outcome.REFUSED, "used already")]


def test_to_look_at_a_link_changes_nothing(clinic: Clinic, invitation: Made, by: Access):
    before = clinic.store.audit.head()
    assert [clinic.links.look(invitation.secret, by.at) for _ in range(3)] == [None] * 3
    assert clinic.store.audit.head() == before
    assert why(clinic, invitation.secret, by) is None


def test_a_secret_has_256_bits_and_is_kept_nowhere(clinic: Clinic, anna: Known, invitation: Made, by: Access):
    assert len(invitation.secret) == 43, "of 6 bits each"
    assert why(clinic, invitation.secret, by, ANOTHER_DAY) is Shut.WRONG
    token = clinic.links.open(invitation.secret, BORN, HOME, by.at)
    written = str([*clinic.store.audit.entries(), *clinic.links.of(anna)])
    with clinic.store.database.reading() as connection:
        for table in ("link", "patient_session", "failed_sign_in", "audit"):
            written += str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
    assert digest_of(invitation.secret) in written
    assert invitation.secret not in written + repr(invitation)
    assert token not in written


def test_a_guessed_link_is_told_as_a_wrong_date(clinic: Clinic, invitation: Made, by: Access):
    assert clinic.links.look("guessed", by.at) is None
    assert why(clinic, "guessed", by) is why(clinic, invitation.secret, by, ANOTHER_DAY) is Shut.WRONG
    assert audited(clinic, "patient session") == [(Outcome.REFUSED, Shut.WRONG.value)] * 2


def test_with_the_fifth_wrong_date_it_is_locked_for_good(clinic: Clinic, anna: Known, invitation: Made, by: Access):
    tries = [why(clinic, invitation.secret, by, ANOTHER_DAY) for _ in range(TRIES)]
    assert tries == [Shut.WRONG] * (TRIES - 1) + [Shut.LOCKED]
    later = Access(by.who, by.at + timedelta(days=1))
    assert why(clinic, invitation.secret, later) is Shut.LOCKED, "with the right date too"
    (link,) = clinic.links.of(anna)
    assert (link.last, link.wrong) == (LinkChange.LOCKED, TRIES), "the clinician sees it"
    assert [told for _, told in audited(clinic, "link")] == ["made", *["wrong date"] * (TRIES - 1), "locked"]
    assert why(clinic, clinic.links.make(anna, later).secret, later) is None, "and makes another"


def test_wrong_dates_count_over_days(clinic: Clinic, invitation: Made, by: Access):
    for days in range(TRIES):
        why(clinic, invitation.secret, Access(by.who, by.at + timedelta(days=days)), ANOTHER_DAY)
    assert clinic.links.look(invitation.secret, by.at) is Shut.LOCKED


def test_an_address_that_guesses_has_to_wait(clinic: Clinic, invitation: Made, by: Access):
    guesses = [why(clinic, f"guess {number}", by) for number in range(60)]
    assert guesses[0] is Shut.WRONG
    assert guesses[-1] is Shut.WAIT
    assert len(audited(clinic, "patient session")) == guesses.count(Shut.WRONG), "whoever waits writes no audit"
    assert why(clinic, invitation.secret, by) is Shut.WAIT
    assert why(clinic, invitation.secret, Access(by.who, by.at + timedelta(hours=2))) is None


@pytest.mark.parametrize(("after", "shut"), [(timedelta(days=14, seconds=-1), None), (timedelta(days=14), Shut.ENDED)])
def test_a_link_ends_after_two_weeks(clinic: Clinic, invitation: Made, by: Access, after: timedelta, shut: Shut | None):
    assert why(clinic, invitation.secret, Access(by.who, by.at + after)) is shut


def test_a_link_that_is_revoked_opens_no_more(clinic: Clinic, anna: Known, invitation: Made, by: Access):
    clinic.links.revoke(anna, invitation.link.id, by)
    assert why(clinic, invitation.secret, by) is Shut.REVOKED
    assert [link.last for link in clinic.links.of(anna)] == [LinkChange.REVOKED]


def test_nobody_revokes_the_link_of_another(clinic: Clinic, invitation: Made, by: Access):
    other = clinic.people.register("Bert Sample", "", "north", by, PartialDate.on(BORN))
    clinic.links.revoke(other, invitation.link.id, by)
    assert why(clinic, invitation.secret, by) is None


def test_of_two_devices_at_once_one_is_let_in(clinic: Clinic, invitation: Made, by: Access):
    """Both have the link and know the date."""
    came: list[Shut | None] = []
    devices = [threading.Thread(target=lambda: came.append(why(clinic, invitation.secret, by))) for _ in range(4)]
    for device in devices:
        device.start()
    for device in devices:
        device.join()
    assert sorted(came, key=str) == [None, Shut.USED, Shut.USED, Shut.USED]


@pytest.mark.parametrize("born", [None, "1984", "1984-03"])
def test_without_the_whole_date_of_birth_no_link_is_made(clinic: Clinic, by: Access, born: str | None):
    known = clinic.people.register("Bert Sample", "", "north", by, born and PartialDate.parse(born))
    with pytest.raises(LinkRefused, match="date of birth is not recorded"):
        clinic.links.make(known, by)
    assert clinic.links.of(known) == ()


def test_a_further_device_has_ten_minutes(clinic: Clinic, invitation: Made, by: Access):
    first = clinic.links.who(clinic.links.open(invitation.secret, BORN, HOME, by.at), by.at)
    assert first is not None
    in_time = clinic.links.make_for_device(first, by.at)
    assert in_time.link.made.who == f"patient {first.session}"
    assert why(clinic, in_time.secret, Access(by.who, by.at + TO_ANOTHER_DEVICE - timedelta(seconds=1))) is None
    late = clinic.links.make_for_device(first, by.at)
    assert why(clinic, late.secret, Access(by.who, by.at + TO_ANOTHER_DEVICE)) is Shut.ENDED
    assert clinic.links.devices(first.known, by.at) == 2


def test_the_newest_link_to_a_device_alone_opens(clinic: Clinic, invitation: Made, by: Access):
    patient = clinic.links.who(clinic.links.open(invitation.secret, BORN, HOME, by.at), by.at)
    assert patient is not None
    first, second = (clinic.links.make_for_device(patient, by.at) for _ in range(2))
    assert why(clinic, first.secret, by) is Shut.REVOKED
    assert why(clinic, second.secret, by) is None


def test_a_device_is_let_in_while_it_is_used_and_three_months_at_most(clinic: Clinic, invitation: Made, by: Access):
    token, lasts = clinic.links.open(invitation.secret, BORN, HOME, by.at), Lasts()
    for days in range(0, 91, 10):
        assert clinic.links.who(token, by.at + timedelta(days=days)), f"day {days}"
    assert clinic.links.who(token, by.at + lasts.most + timedelta(seconds=1)) is None
    assert clinic.links.who(token, by.at) is None, "what ended stays so"


def test_a_device_that_lies_unused_is_let_in_no_more(clinic: Clinic, invitation: Made, by: Access):
    token = clinic.links.open(invitation.secret, BORN, HOME, by.at)
    assert clinic.links.who(token, by.at + Lasts().idle + timedelta(seconds=1)) is None


def test_signing_out_ends_one_device_and_revoking_all_of_them(clinic: Clinic, anna: Known, by: Access):
    tokens = [clinic.links.open(clinic.links.make(anna, by).secret, BORN, HOME, by.at) for _ in range(3)]
    waiting = clinic.links.make(anna, by)
    first = clinic.links.who(tokens[0], by.at)
    assert first is not None
    clinic.links.sign_out(first, by.at)
    assert [bool(clinic.links.who(token, by.at)) for token in tokens] == [False, True, True]
    clinic.links.revoke_all(anna, by)
    assert not any(clinic.links.who(token, by.at) for token in tokens)
    assert why(clinic, waiting.secret, by) is Shut.REVOKED
    assert clinic.links.devices(anna, by.at) == 0


def test_what_is_kept_of_a_link_is_vouched_for(clinic: Clinic, invitation: Made, by: Access, tamper: Tamper):
    why(clinic, invitation.secret, by, ANOTHER_DAY)
    assert clinic.store.audit.verify().sound
    tamper("UPDATE link SET until = '2999-01-01T00:00:00.000000Z'")
    assert not clinic.store.audit.verify().sound
