"""Reminders, on both databases: who gets one of what and when, each once, at no quiet hour, and not after a stop."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ischio.clinic.clinic import Clinic
from ischio.clinic.links import LinkShut
from ischio.clinic.released import Exercise, Released
from ischio.clinic.reminders import MOST_QUESTIONS, WAITS, ContactRefused, Hours, Letter, Rhythm, Run, What
from ischio.clinic.tokens import digest_of
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.record.events import Event
from ischio.remote.mail import Fault, NotSent
from ischio.store.drafts import NONE, Draft
from ischio.store.entries import Access, Known, Outcome, Person
from ischio.store.links import Purpose
from ischio.store.outbox import Sending
from ischio.store.store import Store, open_store

BORN = date(1984, 3, 31)
DAY = PartialDate.parse("2026-06-01")
"""Of `by`: a Monday."""
MADRID = Hours(zone=ZoneInfo("Europe/Madrid"))
EMAIL = "anna.sample@example.org"
EVERYTHING = frozenset(What)


@dataclass
class Post:
    """A mail server that keeps what it is given. refuses: what it says instead."""

    letters: list[Letter] = field(default_factory=list)
    refuses: NotSent | None = None

    def __call__(self, letter: Letter) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.letters.append(letter)

    @property
    def about(self) -> list[str]:
        return [one.what.value for one in self.letters]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def anna(clinic: Clinic, by: Access) -> Known:
    """A synthetic person whose date of birth is known."""
    return clinic.people.register("Anna Sample", "S-17", "north", by, PartialDate.on(BORN))


def release(clinic: Clinic, known: Known, by: Access, visit: date | None = None, **other: object) -> None:
    usual: dict[str, object] = {"exercises": (), "forms": ()} | other
    released = Released(
        side=Side.RIGHT, stage="", actions=(), next_visit=visit, message="", numbers=False, pathway_version="1",
        on=by.at.date(), **usual,  # type: ignore[arg-type]  # each test names fields of the class
    )  # fmt: skip
    clinic.releases.release(known, released, by)


def wants(clinic: Clinic, known: Known, by: Access, *what: What, rhythm: Rhythm | None = None) -> None:
    clinic.reminders.give(known, EMAIL, what or EVERYTHING, rhythm, "en", by)


def noon(days: int, hour: int = 12) -> datetime:
    """So many days after the release."""
    return datetime(2026, 6, 1, hour, tzinfo=UTC) + timedelta(days=days)


def run(clinic: Clinic, post: Callable[[Letter], None] | None, at: datetime, hours: Hours = Hours()) -> Run:  # noqa: B008  # frozen
    return clinic.reminders.run(post, hours, lambda: at)


def audited(clinic: Clinic, what: str = "reminder") -> list[tuple[Outcome, str]]:
    return [(each.outcome, each.why) for each in clinic.store.audit.entries() if each.what == what]


# ---- who, and of what -----------------------------------------------------------------------------------------------


def test_nobody_is_reminded_who_did_not_ask_for_it(clinic: Clinic, anna: Known, by: Access, post: Post):
    release(clinic, anna, by, noon(2).date(), forms=("symptoms",))
    assert clinic.reminders.of(anna) is None
    assert [run(clinic, post, noon(days)).sent for days in range(10)] == [()] * 10


@pytest.mark.parametrize(("days", "about"), [(4, []), (5, ["visit"]), (6, ["visit"]), (7, []), (8, [])])
def test_a_visit_is_told_two_days_before_or_if_need_be_one(
    clinic: Clinic, anna: Known, by: Access, post: Post, days: int, about: list[str]
):
    release(clinic, anna, by, noon(7).date())
    wants(clinic, anna, by)
    run(clinic, post, noon(days))
    assert post.about == about


def test_each_thing_is_sent_once_however_often_the_timer_runs(clinic: Clinic, anna: Known, by: Access, post: Post):
    release(clinic, anna, by, noon(7).date())
    wants(clinic, anna, by)
    for minute in range(0, 24 * 60, 90):
        run(clinic, post, noon(5, 0) + timedelta(minutes=minute))
    assert post.about == ["visit"]
    assert audited(clinic) == [(Outcome.SUCCESS, "visit: sent")]


def test_questions_are_told_after_three_days_each_week_and_three_times_at_most(
    clinic: Clinic, anna: Known, by: Access, post: Post
):
    release(clinic, anna, by, forms=("symptoms",))
    wants(clinic, anna, by)
    days = [day for day in range(60) if run(clinic, post, noon(day)).sent]
    assert days == [3, 10, 17]
    assert len(days) == MOST_QUESTIONS


def test_a_timer_that_stood_still_does_not_catch_up_on_what_it_missed(
    clinic: Clinic, anna: Known, by: Access, post: Post
):
    release(clinic, anna, by, forms=("symptoms",))
    wants(clinic, anna, by)
    assert [day for day in range(30, 60) if run(clinic, post, noon(day)).sent] == [30, 37, 44]


def test_the_outbox_forgets_and_nothing_begins_anew_by_that(clinic: Clinic, anna: Known, by: Access, post: Post):
    release(clinic, anna, by, forms=("symptoms",), exercises=(Exercise("pt_strengthening", "ten times"),))
    wants(clinic, anna, by, What.QUESTIONS, What.EXERCISES, rhythm=Rhythm.WEEKLY)
    for day in range(200):
        run(clinic, post, noon(day))
    assert post.about.count("questions") == MOST_QUESTIONS
    assert post.about.count("exercises") == 29
    assert [one.made for one in clinic.store.outbox.of(anna)] == [noon(day) for day in range(105, 200, 7)], (
        "a hundred days"
    )


def test_questions_that_were_answered_are_told_no_more(clinic: Clinic, anna: Known, by: Access, post: Post):
    release(clinic, anna, by, forms=("symptoms",))
    wants(clinic, anna, by)
    run(clinic, post, noon(3))
    send_in(clinic, anna, noon(4))
    assert [run(clinic, post, noon(day)).sent for day in range(4, 30)] == [()] * 26
    later = Access(by.who, noon(31))
    release(clinic, anna, later, forms=("symptoms",))
    assert [day for day in range(31, 60) if run(clinic, post, noon(day)).sent] == [34, 41, 48], "released anew"


def send_in(clinic: Clinic, known: Known, at: datetime) -> None:
    """The form is sent in, as its pages do at their end."""
    draft = Draft("d1", known.organisation, known.id, "symptoms", "", NONE, at)
    clinic.store.drafts.begin(draft, lambda _: True)
    clinic.store.drafts.change(draft.id, lambda old: replace(old, sent=at))


@pytest.mark.parametrize(
    ("rhythm", "days"), [(None, []), (Rhythm.DAILY, [*range(15)]), (Rhythm.WEEKLY, [0, 7, 14])], ids=str
)
def test_exercises_are_told_as_often_as_was_chosen(
    clinic: Clinic, anna: Known, by: Access, post: Post, rhythm: Rhythm | None, days: list[int]
):
    release(clinic, anna, by, exercises=(Exercise("pt_strengthening", "ten times"),))
    wants(clinic, anna, by, What.VISIT, What.EXERCISES, rhythm=rhythm)
    assert [day for day in range(15) if run(clinic, post, noon(day)).sent] == days


def test_what_was_not_ticked_is_not_told(clinic: Clinic, anna: Known, by: Access, post: Post):
    release(clinic, anna, by, noon(7).date(), forms=("symptoms",))
    wants(clinic, anna, by, What.QUESTIONS)
    run(clinic, post, noon(5))
    assert post.about == ["questions"]


def test_two_hips_with_one_visit_are_one_reminder(clinic: Clinic, anna: Known, by: Access, post: Post):
    for side in Side:
        one = Released(side, "", (), (), (), noon(2).date(), "", False, "1", by.at.date())
        clinic.releases.release(anna, one, by)
    wants(clinic, anna, by)
    run(clinic, post, noon(0))
    assert post.about == ["visit"]


@pytest.mark.parametrize("end", ["stopped", "died", "withdrawn"])
def test_nothing_is_sent_to_who_stopped_or_died_or_has_no_release(
    clinic: Clinic, anna: Known, by: Access, post: Post, end: str
):
    release(clinic, anna, by, noon(2).date())
    wants(clinic, anna, by)
    quiet = run(clinic, post, noon(0, 23))
    assert (quiet.sent, quiet.waiting) == ((), 1), "it waits for the morning"
    if end == "stopped":
        clinic.reminders.stop(anna, "on the patient's page", by)
    elif end == "died":
        clinic.store.events.append(anna.whom, [Event("death", "registered", start=DAY, end=DAY)], by)
    else:
        clinic.releases.withdraw(anna, Side.RIGHT, by)
    told = run(clinic, post, noon(1))
    assert (post.letters, len(told.dropped), told.waiting) == ([], 1, 0)


def test_what_was_dropped_is_sent_once_it_is_wanted_again(clinic: Clinic, anna: Known, by: Access, post: Post):
    release(clinic, anna, by, noon(2).date())
    wants(clinic, anna, by)
    run(clinic, post, noon(0, 23))
    clinic.reminders.stop(anna, "on the patient's page", by)
    run(clinic, post, noon(1, 9))
    wants(clinic, anna, by)
    run(clinic, post, noon(1, 10))
    assert post.about == ["visit"]


# ---- quiet hours ----------------------------------------------------------------------------------------------------

NIGHT = Hours(time(20), time(8), ZoneInfo("Europe/Madrid"))
NOON_REST = Hours(time(13), time(15), ZoneInfo("Europe/Madrid"))


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        # Madrid is two hours ahead in summer, one in winter.
        (NIGHT, "2026-06-01T17:59:59Z", False),
        (NIGHT, "2026-06-01T18:00:00Z", True),
        (NIGHT, "2026-06-01T22:30:00Z", True),
        (NIGHT, "2026-06-02T05:59:59Z", True),
        (NIGHT, "2026-06-02T06:00:00Z", False),
        (NIGHT, "2026-12-01T18:30:00Z", False),
        (NIGHT, "2026-12-01T19:00:00Z", True),
        (NIGHT, "2026-12-02T06:30:00Z", True),
        (NIGHT, "2026-12-02T07:00:00Z", False),
        # The night of the change to summer time, and that of the change back.
        (NIGHT, "2026-03-28T18:59:00Z", False),
        (NIGHT, "2026-03-28T19:00:00Z", True),
        (NIGHT, "2026-03-29T05:59:00Z", True),
        (NIGHT, "2026-03-29T06:00:00Z", False),
        (NIGHT, "2026-10-25T06:59:00Z", True),
        (NIGHT, "2026-10-25T07:00:00Z", False),
        (NOON_REST, "2026-06-01T10:59:00Z", False),
        (NOON_REST, "2026-06-01T11:00:00Z", True),
        (NOON_REST, "2026-06-01T13:00:00Z", False),
        (Hours(time(8), time(8)), "2026-06-01T08:00:00Z", False),
    ],
)
def test_quiet_hours_go_by_the_clocks_of_the_clinic(hours: Hours, at: str, quiet: bool):
    moment = datetime.fromisoformat(at)
    assert hours.quiet(moment) is quiet
    assert not hours.quiet(hours.until(moment))
    assert (hours.until(moment) == moment) is not quiet


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-28T22:00:00Z", "2026-03-29T06:00:00Z"),
        ("2026-10-24T22:00:00Z", "2026-10-25T07:00:00Z"),
        ("2026-10-25T00:30:00Z", "2026-10-25T07:00:00Z"),
    ],
)
def test_the_nights_in_which_clocks_change_end_by_the_new_clock(at: str, until: str):
    assert NIGHT.until(datetime.fromisoformat(at)) == datetime.fromisoformat(until)


def test_what_falls_into_the_night_waits_for_the_morning(clinic: Clinic, anna: Known, by: Access, post: Post):
    release(clinic, anna, by, noon(7).date())
    wants(clinic, anna, by)
    night = run(clinic, post, noon(4, 23), MADRID)
    assert (night.sent, night.waiting, night.quiet_until) == ((), 1, noon(5, 6))
    assert post.letters == []
    assert len(run(clinic, post, noon(5, 6), MADRID).sent) == 1


# ---- once, by many --------------------------------------------------------------------------------------------------


def test_two_processes_at_once_send_each_once(clinic: Clinic, anna: Known, by: Access, url: str):
    others = [clinic.people.register(f"P {number}", "", "north", by, PartialDate.on(BORN)) for number in range(4)]
    for known in (anna, *others):
        release(clinic, known, by, noon(2).date())
        wants(clinic, known, by)
    together, post = threading.Barrier(3), Post()

    def process() -> None:
        store = open_store(url)
        own = Clinic(store, clinic.knowledge)
        together.wait()
        run(own, post, noon(0))
        store.close()

    processes = [threading.Thread(target=process) for _ in range(3)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    assert sorted(one.contact.known_as for one in post.letters) == sorted(one.id for one in (anna, *others))
    assert audited(clinic) == [(Outcome.SUCCESS, "visit: sent")] * 5


def test_what_a_process_had_in_hand_when_it_died_is_not_sent_twice(
    clinic: Clinic, anna: Known, by: Access, post: Post, store: Store
):
    release(clinic, anna, by, noon(2).date())
    wants(clinic, anna, by)
    run(clinic, None, noon(0))
    (waiting,) = store.outbox.of(anna)
    assert store.outbox.take(waiting.id, noon(0)) is not None
    assert run(clinic, post, noon(0) + timedelta(minutes=30)).unclear == ()
    assert run(clinic, post, noon(0) + timedelta(minutes=61)).unclear == (waiting.id,)
    assert run(clinic, post, noon(1)).sent == ()
    assert [one.state for one in store.outbox.of(anna)] == [Sending.UNCLEAR]
    assert audited(clinic) == [(Outcome.FAILED, "visit: unclear, its process is gone")]


# ---- tried again ----------------------------------------------------------------------------------------------------


def test_what_fails_is_tried_with_growing_waits_then_given_up_and_told(
    clinic: Clinic, anna: Known, by: Access, post: Post
):
    release(clinic, anna, by, noon(2).date())
    wants(clinic, anna, by)
    post.refuses = NotSent(Fault.LATER, "refused with 451")
    at, tries = noon(0, 8), []
    while not (told := run(clinic, post, at, Hours(time(0), time(0)))).given_up:
        if told.failed:
            tries.append(at)
        assert told.why in ("", "refused with 451")
        at += timedelta(minutes=5)
    waits = [later - earlier for earlier, later in zip(tries, [*tries[1:], at], strict=True)]
    assert tuple(waits) == WAITS
    assert audited(clinic)[-1] == (Outcome.FAILED, "visit: given up, refused with 451")
    post.refuses = None
    assert run(clinic, post, at + timedelta(hours=1)).sent == ()


@pytest.mark.parametrize(
    ("fault", "state"),
    [(Fault.NEVER, Sending.GIVEN_UP), (Fault.UNCLEAR, Sending.UNCLEAR), (Fault.LATER, Sending.WAITING)],
)
def test_what_became_of_a_failure(clinic: Clinic, anna: Known, by: Access, post: Post, fault: Fault, state: Sending):
    release(clinic, anna, by, noon(2).date())
    wants(clinic, anna, by)
    post.refuses = NotSent(fault, "why")
    run(clinic, post, noon(0))
    assert [(one.state, one.why) for one in clinic.store.outbox.of(anna)] == [(state, "why")]


def test_a_server_that_is_not_reached_is_not_asked_for_each(clinic: Clinic, anna: Known, by: Access, post: Post):
    other = clinic.people.register("Bert Sample", "", "north", by, PartialDate.on(BORN))
    for known in (anna, other):
        release(clinic, known, by, noon(2).date())
        wants(clinic, known, by)
    post.refuses = NotSent(Fault.UNREACHABLE, "no connection")
    assert len(run(clinic, post, noon(0)).failed) == 1
    post.refuses = None
    assert len(run(clinic, post, noon(0) + timedelta(minutes=20)).sent) == 2


def test_without_a_mail_server_it_waits_in_the_outbox(clinic: Clinic, anna: Known, by: Access, post: Post):
    release(clinic, anna, by, noon(2).date())
    wants(clinic, anna, by)
    assert run(clinic, None, noon(0)).waiting == 1
    assert len(run(clinic, post, noon(0) + timedelta(hours=1)).sent) == 1


# ---- the link in a mail, and stopping -------------------------------------------------------------------------------


def test_who_is_let_in_nowhere_gets_a_link_that_opens_once_with_the_date_of_birth(
    clinic: Clinic, anna: Known, by: Access, post: Post
):
    release(clinic, anna, by, forms=("symptoms",))
    wants(clinic, anna, by)
    for day in (3, 10):
        run(clinic, post, noon(day))
    first, second = (letter.link for letter in post.letters)
    with pytest.raises(LinkShut):
        clinic.links.open(first, BORN, "192.0.2.7", noon(10))
    assert clinic.links.open(second, BORN, "192.0.2.7", noon(10))
    assert {one.purpose for one in clinic.links.of(anna)} == {Purpose.REMINDER}
    run(clinic, post, noon(17))
    assert post.letters[2].link == "", "a device is let in by now"


def test_who_has_no_date_of_birth_is_told_without_a_link(clinic: Clinic, by: Access, post: Post):
    known = clinic.people.register("Bert Sample", "", "north", by)
    release(clinic, known, by, noon(2).date())
    wants(clinic, known, by)
    run(clinic, post, noon(0))
    assert [one.link for one in post.letters] == [""]


def test_every_mail_can_stop_all_of_them_and_its_token_is_kept_nowhere(
    clinic: Clinic, anna: Known, by: Access, post: Post
):
    release(clinic, anna, by, noon(2).date(), exercises=(Exercise("pt_strengthening", "ten times"),))
    wants(clinic, anna, by, rhythm=Rhythm.DAILY)
    for day in range(2):
        run(clinic, post, noon(day))
    first = post.letters[0].stop
    with clinic.store.database.reading() as connection:
        kept = str([connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in ("stop_token", "outbox")])
    assert digest_of(first) in kept
    assert not any(letter.stop in kept for letter in post.letters)
    assert not clinic.reminders.stop_by_mail_link("guessed", noon(2))
    assert clinic.reminders.stop_by_mail_link(first, noon(2)), "also the oldest one"
    assert not clinic.reminders.stop_by_mail_link(first, noon(2)), "it is stopped already"
    assert clinic.reminders.of(anna) is None
    assert audited(clinic, "contact") == [
        (Outcome.SUCCESS, "reminders given"),
        (Outcome.SUCCESS, "reminders stopped: link in a mail"),
    ]


def test_a_stop_word_ends_the_reminders_to_that_address(clinic: Clinic, anna: Known, by: Access):
    other = clinic.people.register("Bert Sample", "", "north", by)
    wants(clinic, anna, by)
    clinic.reminders.give(other, "bert@example.org", EVERYTHING, None, "es", by)
    assert clinic.reminders.stop_by_answer("nobody@example.org", noon(0)) == 0
    assert clinic.reminders.stop_by_answer("Anna.Sample@EXAMPLE.org", noon(0)) == 1
    assert (clinic.reminders.of(anna), clinic.reminders.of(other) is None) == (None, False)


# ---- what is kept ---------------------------------------------------------------------------------------------------


def test_consent_says_who_gave_it_and_every_version_is_vouched_for(clinic: Clinic, anna: Known, by: Access):
    patient = Access("patient 7", by.at)
    wants(clinic, anna, patient)
    wants(clinic, anna, by)
    contact = clinic.reminders.of(anna)
    assert contact is not None
    assert contact.given.who == "patient 7", "what is the same is not kept anew"
    wants(clinic, anna, by, What.VISIT)
    contact = clinic.reminders.of(anna)
    assert contact is not None
    assert (contact.given.who, contact.wants) == (by.who, ("visit",))
    assert clinic.store.audit.verify().sound


def test_the_address_stands_in_no_audit_entry_and_in_no_outbox(clinic: Clinic, anna: Known, by: Access, post: Post):
    release(clinic, anna, by, noon(2).date())
    wants(clinic, anna, by)
    run(clinic, post, noon(0))
    clinic.reminders.stop_by_answer(EMAIL, noon(0))
    told = str([*clinic.store.audit.entries(), *clinic.store.outbox.of(anna)]) + repr(post.letters)
    assert EMAIL not in told
    assert "example.org" not in told


@pytest.mark.parametrize("address", ["", "anna", "anna@", "@b.org", "a b@c.org", "a@b.org\nBcc: c@d.org", "ä@b.org"])
def test_what_is_no_address_is_not_kept(clinic: Clinic, anna: Known, by: Access, address: str):
    with pytest.raises(ContactRefused, match="no e-mail address"):
        clinic.reminders.give(anna, address, EVERYTHING, None, "en", by)
    assert clinic.reminders.of(anna) is None


@pytest.mark.parametrize("chosen", [(), (What.EXERCISES,)], ids=["nothing", "exercises that never come"])
def test_nothing_ticked_is_not_kept(clinic: Clinic, anna: Known, by: Access, chosen: tuple[What, ...]):
    with pytest.raises(ContactRefused, match="Nothing is ticked"):
        clinic.reminders.give(anna, EMAIL, chosen, None, "en", by)


def test_the_same_person_in_two_organisations_is_reminded_by_each(clinic: Clinic, by: Access):
    whom = Person("https://ehr.example/fhir", "anna")
    known = clinic.people.take_over(whom, "Anna Sample", "", "north", by)
    wants(clinic, known, by)
    assert [one.organisation for one in clinic.store.contacts.all()] == ["north"]
