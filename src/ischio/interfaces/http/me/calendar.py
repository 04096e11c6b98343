"""What is to come, for the patient's own calendar. It names nobody and no disease: calendars are shared."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import NAMESPACE_URL, uuid5

from starlette.responses import Response

from ischio.clinic.calendar import Entry, Every, Repeated, calendar
from ischio.clinic.reminders import AFTER_A_RELEASE
from ischio.interfaces.http.me.gate import A_YEAR
from ischio.interfaces.http.me.visit import PatientVisit

REPEAT = "ischio-repeat"
"""The cookie that keeps how often the calendar repeats the exercises."""
EVERY = {"daily": Every.DAY, "weekly": Every.WEEK}
NEVER = "never"
EVENING = time(18)
"""By the clock of whoever reads the calendar; each can move it there."""
LONGEST = timedelta(weeks=12)
"""Exercises come again for so long where no next visit is known, so that nothing repeats for ever."""


def calendar_file(visit: PatientVisit) -> Response:
    """GET /me/calendar.ics?repeat=never: the exercises as often as was chosen, now or the last time."""
    repeat = repeat_of(visit)
    text = calendar([*_days(visit), *_exercises(visit, repeat)], visit.now)
    headers = {"content-disposition": 'attachment; filename="calendar.ics"'}
    answer = Response(text, 200, headers, "text/calendar; charset=utf-8")
    answer.set_cookie(REPEAT, repeat, max_age=A_YEAR, path="/", httponly=True, samesite="lax")
    return answer


def repeat_of(visit: PatientVisit) -> str:
    """How often: as is asked for now, else as the last time on this device, else daily."""
    asked = (visit.request.query_params.get("repeat"), visit.request.cookies.get(REPEAT))
    return next((one for one in asked if one in (*EVERY, NEVER)), "daily")


def _days(visit: PatientVisit) -> Iterator[Entry]:
    visits = {one.next_visit for one in visit.releases if one.next_visit and one.next_visit >= visit.today}
    for day in sorted(visits):
        yield Entry(_uid(visit, f"visit {day}"), day, visit.gettext("Visit at the clinic"))
    since = visit.clinic.reminders.unanswered_since(visit.known, visit.releases)
    if since is not None:
        before = min(visits) - timedelta(days=1) if visits else since + AFTER_A_RELEASE
        day, words = max(before, visit.today), visit.gettext("Answer the questions from the clinic")
        yield Entry(_uid(visit, f"questions {since}"), day, words)


def _exercises(visit: PatientVisit, repeat: str) -> Iterator[Repeated]:
    """One reminder for all, until the next visit: then the plan may be another."""
    if repeat not in EVERY or not any(one.exercises for one in visit.releases):
        return
    visits = [one.next_visit for one in visit.releases if one.next_visit and one.next_visit > visit.today]
    last = min(visits) - timedelta(days=1) if visits else visit.today + LONGEST
    begins = datetime.combine(visit.today, EVENING)
    yield Repeated(_uid(visit, "exercises"), begins, EVERY[repeat], last, visit.gettext("Exercises"))


def _uid(visit: PatientVisit, what: str) -> str:
    """The same each time, so that a calendar that takes the file again has it once."""
    return f"{uuid5(NAMESPACE_URL, f'patient {visit.known.organisation} {visit.known.id} {what}')}@ischio"
