"""Letting patients in: links that open once, with the date of birth, and the devices that they let in.

A link is an address with 256 random bits. Whoever holds it and knows the date of birth is let in on one device; the
store holds the digest alone, so that nobody who reads it can make the address.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import NoReturn

from ischio.clinic.lock_out import Free, LockOut
from ischio.clinic.signing_in import NOBODY, SEEN_AGAIN
from ischio.clinic.tokens import digest_of, form_token, new_token
from ischio.model.mistake import IschioError, Mistake
from ischio.store.entries import Access, Action, Known, Outcome
from ischio.store.events import record_of
from ischio.store.links import Link, LinkChange, Purpose
from ischio.store.patient_sessions import PatientSession
from ischio.store.store import Store

TRIES = 5
"""Wrong dates of birth that a link takes; with the last of them it is locked for good."""
TO_ANOTHER_DEVICE = timedelta(minutes=10)
"""How long a link to a further device lasts: it is used at once, by somebody who has both before them."""
WHAT = "patient session"
"""What the audit says."""


@dataclass(frozen=True, slots=True)
class Lasts:
    """How long a link may wait; how long a device may lie unused, and stays let in at most."""

    link: timedelta = timedelta(days=14)
    idle: timedelta = timedelta(days=14)
    most: timedelta = timedelta(days=90)


class Shut(Enum):
    """Why a link does not open."""

    WRONG = "no such link, or not this date of birth"
    USED = "used already"
    ENDED = "its time is over"
    REVOKED = "revoked"
    LOCKED = "locked after wrong dates of birth"
    WAIT = "too many tries"


class LinkShut(Exception):
    """A link did not open. wait: until it can be tried again."""

    def __init__(self, why: Shut, wait: timedelta = timedelta()) -> None:
        super().__init__(why.value)
        self.why, self.wait = why, wait


class LinkRefused(IschioError):
    """No link can be made."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new link. secret: shown once, and kept nowhere."""

    link: Link
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody who is let in on a device. session: id of the session; digest: of what the device holds.

    csrf: what every form of theirs carries.
    """

    known: Known
    session: str
    digest: str = field(repr=False)
    csrf: str = field(repr=False)

    def access(self, at: datetime) -> Access:
        """Who it is, for the store."""
        return Access(f"patient {self.session}", at)


class Links:
    """free: tries of an address that may fail before the next has to wait."""

    def __init__(self, store: Store, lasts: Lasts = Lasts(), free: Free = Free()) -> None:  # noqa: B008  # frozen
        self._store, self.lasts = store, lasts
        self._lock_out = LockOut(store.failed, free)

    # ---- made, and taken back -----------------------------------------------------------------------------------

    def make(self, known: Known, by: Access) -> Made:
        """An invitation. Raises LinkRefused where the date of birth is not known: nobody could open the link."""
        return self._make(known, by, Purpose.INVITATION, by.at + self.lasts.link)

    def make_for_device(self, patient: Patient, at: datetime) -> Made:
        """A link with which the patient goes on, on a further device of their own. The one before it opens no more."""
        return self._make_anew(patient.known, patient.access(at), Purpose.DEVICE, at + TO_ANOTHER_DEVICE)

    def make_for_reminder(self, known: Known, by: Access) -> Made:
        """A link for a mail. The one in the mail before it opens no more. Raises LinkRefused."""
        return self._make_anew(known, by, Purpose.REMINDER, by.at + self.lasts.link)

    def _make_anew(self, known: Known, by: Access, purpose: Purpose, until: datetime) -> Made:
        """In the place of those that were made for the same."""
        for link in self.of(known):
            if link.purpose is purpose:
                self._store.links.revoke(link.digest, _revoked, by)
        return self._make(known, by, purpose, until)

    def of(self, known: Known) -> tuple[Link, ...]:
        """Those of somebody, the newest first."""
        return self._store.links.of(known)

    def devices(self, known: Known, at: datetime) -> int:
        """On how many devices somebody is let in."""
        return sum(not self._is_over(session, at) for session in self._store.patient_sessions.of_person(known))

    def revoke(self, known: Known, id: str, by: Access) -> None:
        """Takes back a link of this person. One that was used, or is not theirs, stays as it is."""
        for link in self.of(known):
            if link.id == id:
                self._store.links.revoke(link.digest, _revoked, by)

    def revoke_all(self, known: Known, by: Access) -> None:
        """Takes back every link, and ends the sessions on every device."""
        for link in self.of(known):
            self._store.links.revoke(link.digest, _revoked, by)
        self._store.patient_sessions.end_all(known)
        self._store.audit.write(by, Action.EXECUTE, WHAT, known.whom, Outcome.SUCCESS, "ended everywhere")

    def _make(self, known: Known, by: Access, purpose: Purpose, until: datetime) -> Made:
        if self._born(known, by) is None:
            mend = "Record the day, month and year of birth; then make the link."
            raise LinkRefused(Mistake("The date of birth is not recorded, and a link opens with it alone.", mend))
        secret, id = new_token(), self._store.new_id()
        link = Link(id, known.organisation, known.id, known.whom, digest_of(secret), purpose, until, by)
        self._store.links.keep(link)
        return Made(link, secret)

    def _born(self, known: Known, by: Access) -> date | None:
        """The date of birth, if it is known to the day."""
        born = record_of(known.whom, self._store.events.history(known.whom, by)).patient.birth_date
        return born.earliest if born is not None and born.exact else None

    # ---- opened -------------------------------------------------------------------------------------------------

    def look(self, secret: str, at: datetime) -> Shut | None:
        """Whether the link still opens. Nothing is told of one that there never was: it is as one that may open."""
        link = self._store.links.of_digest(digest_of(secret))
        return why_shut(link, at) if link else None

    def open(self, secret: str, born: date, address: str, at: datetime) -> str:
        """Lets somebody in on a device: the token for it. address: from where it is tried. Raises LinkShut."""
        digest, place = digest_of(secret), f"link {address}"
        if wait := self._lock_out.take(digest, place, at):
            raise LinkShut(Shut.WAIT, wait)
        link = self._store.links.of_digest(digest)
        if link is None:
            self._refuse(None, Access(NOBODY, at), Shut.WRONG)
        by = Access(f"link {link.id}", at)
        if shut := why_shut(link, at):
            self._refuse(link, by, shut)
        known = self._store.people.find(link.known_as, link.organisation, by)
        fits = known is not None and self._born(known, by) == born
        change = self._store.links.tried(digest, lambda now: _tried(now, fits, at), at)
        if known is None or change is not LinkChange.USED:
            locked = change is LinkChange.LOCKED
            self._refuse(link, by, Shut.LOCKED if locked else Shut.WRONG if change else Shut.USED)
        self._lock_out.done(digest, place)
        return self.begin(known, at)

    def _refuse(self, link: Link | None, by: Access, shut: Shut) -> NoReturn:
        whom = link.whom if link else None
        self._store.audit.write(by, Action.EXECUTE, WHAT, whom, Outcome.REFUSED, shut.value)
        raise LinkShut(shut)

    # ---- on a device --------------------------------------------------------------------------------------------

    def begin(self, known: Known, at: datetime) -> str:
        """A session of somebody of whom it is sure who they are; its token."""
        token = new_token()
        session = PatientSession(
            digest_of(token), self._store.new_id(), known.organisation, known.id, at, at, new_token()
        )
        self._store.patient_sessions.begin(session, at - self.lasts.most)
        by = Access(f"patient {session.id}", at)
        self._store.audit.write(by, Action.EXECUTE, WHAT, known.whom, Outcome.SUCCESS, "begun")
        return token

    def who(self, token: str, at: datetime) -> Patient | None:
        """Who is let in on the device that holds the token."""
        session = self._store.patient_sessions.of(digest_of(token)) if token else None
        if session is None:
            return None
        by = Access(f"patient {session.id}", at)
        known = self._store.people.find(session.known_as, session.organisation, by)
        if known is None or self._is_over(session, at):
            self._store.patient_sessions.end(session.digest)
            return None
        if at - session.seen >= SEEN_AGAIN:
            self._store.patient_sessions.see(session.digest, at)
        return Patient(known, session.id, session.digest, form_token(session.secret))

    def sign_out(self, patient: Patient, at: datetime) -> None:
        """On this device alone."""
        self._store.patient_sessions.end(patient.digest)
        by, whom = patient.access(at), patient.known.whom
        self._store.audit.write(by, Action.EXECUTE, WHAT, whom, Outcome.SUCCESS, "ended")

    def _is_over(self, session: PatientSession, at: datetime) -> bool:
        return at - session.seen > self.lasts.idle or at - session.began > self.lasts.most


def why_shut(link: Link, at: datetime) -> Shut | None:
    """Why a link does not open, whoever tries it; None of one that may."""
    closed = {LinkChange.USED: Shut.USED, LinkChange.REVOKED: Shut.REVOKED, LinkChange.LOCKED: Shut.LOCKED}
    return closed.get(link.last) or (Shut.ENDED if at >= link.until else None)


def _tried(link: Link, fits: bool, at: datetime) -> LinkChange | None:
    if why_shut(link, at):
        return None
    if fits:
        return LinkChange.USED
    return LinkChange.LOCKED if link.wrong + 1 >= TRIES else LinkChange.WRONG_DATE


def _revoked(link: Link) -> LinkChange | None:
    """Also of one whose time is over, so that nothing hangs on a clock; not of one that is closed already."""
    return None if link.last in (LinkChange.USED, LinkChange.REVOKED, LinkChange.LOCKED) else LinkChange.REVOKED
