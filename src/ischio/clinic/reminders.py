"""Reminders: who wants them, what is due, and sending each once, outside quiet hours, to nobody who stopped.

What a reminder is about stands on the patient's page. The mail itself says that there is something, and no more.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum

from ischio.clinic.knowledge import Knowledge
from ischio.clinic.links import LinkRefused, Links
from ischio.clinic.release import Releases
from ischio.clinic.released import Released
from ischio.clinic.tokens import digest_of, new_token
from ischio.engine.answer import Answer
from ischio.fhir.export.questions import FORMS
from ischio.model.about import Side
from ischio.model.mistake import IschioError, Mistake
from ischio.remote.mail import Fault, NotSent
from ischio.store.contacts import Contact
from ischio.store.entries import Access, Action, Known, Outcome
from ischio.store.events import record_of
from ischio.store.outbox import OPEN, Reminder, Sending
from ischio.store.store import Store

WHO = "reminders"
"""Who sends them, for the audit, and what it says of each."""
BEFORE_A_VISIT = timedelta(days=2)
AFTER_A_RELEASE = timedelta(days=3)
"""So long questions may lie unanswered."""
BETWEEN_QUESTIONS = timedelta(days=7)
MOST_QUESTIONS = 3
"""How often one release is reminded of."""
QUESTIONS_FOR = timedelta(days=60)
"""Questions that were released longer ago are told no more."""
KEPT_FOR = timedelta(days=100)
"""What became of a reminder is kept in the outbox for so long: longer than anything in it counts."""
WAITS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=16))
"""After each try that failed; after one more it is given up."""
ANSWERED_HERE = frozenset(form.name for form in FORMS if form.set is not None)
"""The forms that patients answer on their own page."""
LOST_AFTER = timedelta(hours=1)
"""A process that has had a reminder in hand for so long is gone."""
STOPS_FOR = timedelta(days=730)
"""How long the address in a mail stops the next ones."""
LOST = "its process is gone"
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class What(Enum):
    """Of what somebody can be reminded."""

    VISIT = "visit"
    QUESTIONS = "questions"
    EXERCISES = "exercises"


class Rhythm(Enum):
    """How often of exercises."""

    DAILY = "daily"
    WEEKLY = "weekly"


class ContactRefused(IschioError):
    """What was said of where and of what somebody is to be reminded cannot be kept."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When nothing is sent: from `begins` until `ends`, which may be of the next day, by the clocks of a zone."""

    begins: time = time(20)
    ends: time = time(8)
    zone: tzinfo = UTC

    def quiet(self, at: datetime) -> bool:
        now = at.astimezone(self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends

    def until(self, at: datetime) -> datetime:
        """When the quiet hours end in which this moment lies; the moment itself where it lies in none."""
        if not self.quiet(at):
            return at
        today = self.today(at)
        ends = (datetime.combine(today + timedelta(days=days), self.ends, self.zone) for days in (0, 1))
        return next(end.astimezone(UTC) for end in ends if end.astimezone(UTC) > at)

    def today(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Letter:
    """A reminder to be written. id: the same for each try. organisation: its name. link: the secret of a single-use
    link, for somebody who is let in on no device; else empty. stop: what stops all further ones.
    """

    id: str
    contact: Contact
    what: What
    organisation: str
    link: str = field(repr=False)
    stop: str = field(repr=False)


Post = Callable[[Letter], None]
"""Hands a letter over, or raises NotSent."""
Done = tuple[Reminder, Sending, str]
"""A reminder that was in hand, what became of it, and why."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to, as ids of reminders. waiting: those not yet sent. quiet_until: None outside quiet hours."""

    sent: tuple[str, ...]
    failed: tuple[str, ...]
    given_up: tuple[str, ...]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    waiting: int
    quiet_until: datetime | None
    why: str
    """Of the last that failed, in short; empty where none did."""


class Reminders:
    def __init__(self, store: Store, knowledge: Knowledge, releases: Releases, links: Links) -> None:
        self._store, self._knowledge = store, knowledge
        self._releases, self._links = releases, links

    # ---- wanted, and stopped ----------------------------------------------------------------------------------------

    def of(self, known: Known) -> Contact | None:
        return self._store.contacts.of(known)

    def give(
        self,
        known: Known,
        address: str,
        wants: Collection[What],
        rhythm: Rhythm | None,
        language: str,
        by: Access,
    ) -> None:
        """Somebody wants to be reminded: themselves, or by their word to a clinician. Raises ContactRefused.

        rhythm: how often of exercises; None: never, whatever else is wanted.
        """
        chosen = [one for one in What if one in wants and (one is not What.EXERCISES or rhythm)]
        _refuse(address, chosen)
        named = tuple(one.value for one in chosen)
        often = rhythm.value if rhythm and What.EXERCISES in chosen else ""
        contact = Contact(known.organisation, known.id, known.whom, address, named, often, language, by)
        if (before := self.of(known)) is None or _said(before) != _said(contact):
            self._store.contacts.keep(contact)

    def stop(self, known: Known, why: str, by: Access) -> bool:
        """Ends them all. Returns whether there were any. why: by which way, for the audit."""
        contact = self.of(known)
        if contact is not None:
            self._store.contacts.stop(contact, why, by)
        return contact is not None

    def stop_by_mail_link(self, token: str, at: datetime) -> bool:
        """By what stands in one of the mails."""
        contact = self._store.contacts.of_stop(digest_of(token))
        if contact is not None:
            self._store.contacts.stop(contact, "link in a mail", Access("link in a reminder", at))
        return contact is not None

    def stop_by_answer(self, address: str, at: datetime) -> int:
        """By a stop word from an address: of everybody who is reminded there. Returns of how many."""
        contacts = self._store.contacts.of_address(address)
        for contact in contacts:
            self._store.contacts.stop(contact, "answer to a mail", Access("answer to a reminder", at))
        return len(contacts)

    # ---- due --------------------------------------------------------------------------------------------------------

    def due(self, contact: Contact, known: Known, on: date) -> tuple[tuple[str, What], ...]:
        """Of what somebody is to be reminded on a day, each with its key. Nothing where nothing is released."""
        releases = self._releases.of(known)
        found = [
            *_visits(releases, on),
            *self._questions(known, releases, on),
            *_exercises(releases, contact.rhythm, on),
        ]
        return tuple((key, what) for key, what in dict(found).items() if what.value in contact.wants)

    def _left(self, contact: Contact, known: Known, on: date) -> tuple[tuple[str, What], ...]:
        """What is due and was not sent, nor given up. Nothing to the dead."""
        settled = {one.key for one in self._store.outbox.of(known) if one.state not in (*OPEN, Sending.DROPPED)}
        left = tuple((key, what) for key, what in self.due(contact, known, on) if key not in settled)
        return () if left and self._is_dead(known, on) else left

    def unanswered_since(self, known: Known, releases: Collection[Released]) -> date | None:
        """The day of the newest release with a questionnaire that was not sent in since; None where there is none."""
        sent = {draft.form: draft.sent.date() for draft in self._store.drafts.of(known) if draft.sent}
        waiting = [
            one.on
            for one in releases
            if any(sent.get(name, date.min) < one.on for name in one.forms if name in ANSWERED_HERE)
        ]
        return max(waiting, default=None)

    def _questions(self, known: Known, releases: Collection[Released], on: date) -> Iterator[tuple[str, What]]:
        """Every week, a few times, as long as they are not answered."""
        since = self.unanswered_since(known, releases)
        if since is None or on > since + QUESTIONS_FOR:
            return
        told = [one for one in self._store.outbox.of(known) if one.what == What.QUESTIONS.value]
        told = [one for one in told if one.state is not Sending.DROPPED]
        of_this = [one for one in told if one.key.startswith(f"questions {since} ")]
        next_at = max((one.made.date() + BETWEEN_QUESTIONS for one in told), default=since)
        if of_this and of_this[-1].state in OPEN:
            yield of_this[-1].key, What.QUESTIONS
        elif len(of_this) < MOST_QUESTIONS and on >= max(since + AFTER_A_RELEASE, next_at):
            yield f"questions {since} {len(of_this) + 1}", What.QUESTIONS

    def _is_dead(self, known: Known, on: date) -> bool:
        record = record_of(known.whom, self._store.events.unaudited(known.whom))
        pathway = self._knowledge.pathway
        return Answer(pathway, record, on).facts[Side.RIGHT][pathway.deceased_fact].value is True

    # ---- sent -------------------------------------------------------------------------------------------------------

    def waiting(self, hours: Hours, at: datetime) -> tuple[tuple[Contact, str, What], ...]:
        """What a run would have to send now or after quiet hours; nothing is changed."""
        return tuple(
            (contact, key, what)
            for contact, known in self._everybody(at)
            for key, what in self._left(contact, known, hours.today(at))
        )

    def run(self, post: Post | None, hours: Hours, clock: Callable[[], datetime]) -> Run:
        """Works out what is due and sends what may be sent now. post: None where nothing can be sent."""
        self._store.outbox.forget(clock() - KEPT_FOR)
        self._write_down(hours, clock())
        done = [*self._lost(clock()), *(self._sent(post, hours, clock) if post else ())]
        return _told(done, len(self._store.outbox.in_state(OPEN)), hours, clock())

    def _lost(self, at: datetime) -> Iterator[Done]:
        for one in self._store.outbox.lost(at - LOST_AFTER, LOST):
            self._audit(one, Outcome.FAILED, f"{one.what}: unclear, {LOST}", at)
            yield one, Sending.UNCLEAR, LOST

    def _sent(self, post: Post, hours: Hours, clock: Callable[[], datetime]) -> Iterator[Done]:
        """Until quiet hours begin, or the mail server is not reached."""
        for waiting in self._store.outbox.in_state([Sending.WAITING]):
            if hours.quiet(clock()):
                return
            taken = self._store.outbox.take(waiting.id, clock())
            if taken is None:
                continue
            state, fault = self._tried(taken, post, hours, clock())
            yield taken, state, fault.why if fault else ""
            if fault is not None and fault.fault is Fault.UNREACHABLE:
                return

    def _write_down(self, hours: Hours, at: datetime) -> None:
        """Puts all that is due into the outbox."""
        for contact, known in self._everybody(at):
            if left := self._left(contact, known, hours.today(at)):
                self._store.outbox.add(known, [(key, what.value) for key, what in left], at)

    def _everybody(self, at: datetime) -> Iterator[tuple[Contact, Known]]:
        for contact in self._store.contacts.all():
            known = self._store.people.find(contact.known_as, contact.organisation, Access(WHO, at))
            if known is not None:
                yield contact, known

    def _tried(self, taken: Reminder, post: Post, hours: Hours, at: datetime) -> tuple[Sending, NotSent | None]:
        """What became of one that is in hand."""
        letter = self._letter(taken, hours.today(at), at)
        if letter is None:
            return self._settled(taken, Sending.DROPPED, None, at)
        try:
            post(letter)
        except NotSent as fault:
            return self._settled(taken, _after(fault, taken.tries), fault, at)
        return self._settled(taken, Sending.SENT, None, at)

    def _settled(
        self, taken: Reminder, state: Sending, fault: NotSent | None, at: datetime
    ) -> tuple[Sending, NotSent | None]:
        wait = WAITS[taken.tries - 1] if state is Sending.WAITING else timedelta()
        self._store.outbox.settle(taken.id, state, at + wait, fault.why if fault else "")
        if state is not Sending.DROPPED:
            told = f"{taken.what}: {state.value}" + (f", {fault.why}" if fault else "")
            self._audit(taken, Outcome.FAILED if fault else Outcome.SUCCESS, told, at)
        return state, fault

    def _letter(self, taken: Reminder, on: date, at: datetime) -> Letter | None:
        """None where somebody stopped, went, or did it since it was written down."""
        by = Access(WHO, at)
        known = self._store.people.find(taken.known_as, taken.organisation, by)
        contact = self.of(known) if known else None
        if known is None or contact is None or taken.key not in dict(self._left(contact, known, on)):
            return None
        stop = new_token()
        self._store.contacts.keep_stop(digest_of(stop), contact, at, at - STOPS_FOR)
        every = self._store.accounts.organisations()
        name = next((one.name for one in every if one.id == known.organisation), "")
        return Letter(taken.id, contact, What(taken.what), name, self._link(known, by), stop)

    def _link(self, known: Known, by: Access) -> str:
        """For whoever is let in nowhere; empty where no link can be made, as the date of birth is not known."""
        if self._links.devices(known, by.at):
            return ""
        try:
            return self._links.make_for_reminder(known, by).secret
        except LinkRefused:
            return ""

    def _audit(self, one: Reminder, outcome: Outcome, why: str, at: datetime) -> None:
        by = Access(WHO, at)
        known = self._store.people.find(one.known_as, one.organisation, by)
        self._store.audit.write(by, Action.EXECUTE, "reminder", known.whom if known else None, outcome, why)


# ---- what is due, of each kind --------------------------------------------------------------------------------------


def _visits(releases: Collection[Released], on: date) -> Iterator[tuple[str, What]]:
    for one in releases:
        if one.next_visit is not None and timedelta() < one.next_visit - on <= BEFORE_A_VISIT:
            yield f"visit {one.next_visit}", What.VISIT


def _exercises(releases: Collection[Released], rhythm: str, on: date) -> Iterator[tuple[str, What]]:
    """Each day; or each week on its first day, or on the second where nothing could be sent on the first."""
    if not any(one.exercises for one in releases):
        return
    year, week, day = on.isocalendar()
    if rhythm == Rhythm.DAILY.value:
        yield f"exercises {on}", What.EXERCISES
    elif rhythm == Rhythm.WEEKLY.value and day <= 2:
        yield f"exercises {year}-W{week:02}", What.EXERCISES


def _after(fault: NotSent, tries: int) -> Sending:
    match fault.fault:
        case Fault.UNCLEAR:
            return Sending.UNCLEAR
        case Fault.NEVER:
            return Sending.GIVEN_UP
        case Fault.LATER | Fault.UNREACHABLE:
            return Sending.WAITING if tries <= len(WAITS) else Sending.GIVEN_UP


def _told(done: list[Done], waiting: int, hours: Hours, at: datetime) -> Run:
    def ids(state: Sending) -> tuple[str, ...]:
        return tuple(one.id for one, became, _ in done if became is state)

    reasons = [why for _, _, why in done if why]
    return Run(
        ids(Sending.SENT),
        ids(Sending.WAITING),
        ids(Sending.GIVEN_UP),
        ids(Sending.UNCLEAR),
        ids(Sending.DROPPED),
        waiting,
        hours.until(at) if hours.quiet(at) else None,
        reasons[-1] if reasons else "",
    )


def _said(contact: Contact) -> tuple[object, ...]:
    return contact.address, contact.wants, contact.rhythm, contact.language


def _refuse(address: str, wants: Collection[What]) -> None:
    mistakes = []
    if not _ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
        mistakes.append(Mistake("This is no e-mail address.", "Write it as in name@example.org.", where="address"))
    if not wants:
        mistakes.append(Mistake("Nothing is ticked.", "Tick of what you want to be reminded.", where="wants"))
    if mistakes:
        raise ContactRefused(*mistakes)
