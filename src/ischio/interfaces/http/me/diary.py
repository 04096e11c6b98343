"""The patient's diary: what was done on which day, also where there is no network.

The form works as any other. With its script an entry lies in the browser until the clinic has it, and the page itself
can be kept on the device by a service worker. Each entry has an id of its own, and counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from starlette.responses import JSONResponse, RedirectResponse, Response

from ischio.clinic.diary import ASKED_EVERY, DiaryEntry, DiaryRefused
from ischio.clinic.released import diary_of
from ischio.interfaces.handout.content import words_of
from ischio.interfaces.http.guards.headers import policy
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import Refused
from ischio.interfaces.http.me.visit import PatientVisit
from ischio.interfaces.http.pages import files
from ischio.model.patient import PatientWords, Phrase
from ischio.record.events import Record
from ischio.store.faults import EventRefused

ADDRESS = "/me/diary"
A_WEEK = 7
"""Days that can be chosen, today among them, and that are shown."""
TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types ischio-worker"
"""The script makes one thing of a text: the address of the worker."""


@dataclass(frozen=True, slots=True)
class Row:
    """An exercise of the programme. dose: in the clinician's words."""

    id: str
    title: Phrase
    dose: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and the titles of what was done on it."""

    day: date
    done: tuple[Phrase, ...]


def diary(visit: PatientVisit) -> Response:
    """GET /me/diary."""
    return _shown(visit)


def write(visit: PatientVisit) -> Response:
    """POST /me/diary: an entry. To the script it is answered in JSON whether the clinic has it."""
    asked_by_script = "application/json" in visit.request.headers.get("accept", "")
    try:
        entry = _entry(visit)
        visit.clinic.diary.write(visit.known, entry, visit.by)
    except (DiaryRefused, EventRefused) as refused:
        what = " ".join(f"{one.what} {one.mend}" for one in refused.mistakes)
        return JSONResponse({"what": what}, 422) if asked_by_script else _shown(visit, what)
    if asked_by_script:
        return JSONResponse({"kept": entry.id})
    return RedirectResponse(f"{ADDRESS}?said=sent", 303)


def take_back(visit: PatientVisit) -> Response:
    """POST /me/diary/back: a day."""
    if (day := _day(visit.form.one("day"))) is not None:
        visit.clinic.diary.take_back(visit.known, day, visit.by)
    return RedirectResponse(ADDRESS, 303)


def kept_up(visit: PatientVisit) -> Response:
    """POST /me/diary/week: whether the programme was kept; who does not know says nothing."""
    if (said := visit.form.one("kept")) in ("yes", "no"):
        visit.clinic.diary.answer(visit.known, said == "yes", visit.by)
        return RedirectResponse(f"{ADDRESS}?said=sent", 303)
    return RedirectResponse(ADDRESS, 303)


def state(visit: PatientVisit) -> Response:
    """GET /me/diary/state: whose diary it is, as a name that tells nothing, and what a form has to carry now."""
    return JSONResponse({"owner": owner(visit), "csrf": visit.csrf})


def worker(_: PatientVisit) -> Response:
    """GET /me/worker.js. Its address has to stay the same, so that a browser looks for a newer one there."""
    headers = {"cache-control": "no-cache"}
    return Response(files.read(__package__, "worker.js"), 200, headers, "text/javascript; charset=utf-8")


# ---- parts ----------------------------------------------------------------------------------------------------------


def _shown(visit: PatientVisit, fault: str = "") -> Response:
    if diary_of(visit.service.pathway) is None:
        raise Refused(404, visit.gettext("There is no diary here."), visit.gettext("Look at Today for what there is."))
    record = visit.record
    days = visit.clinic.diary.days(record)
    week = [visit.today - timedelta(days=back) for back in range(A_WEEK)]
    answer = page(
        visit,
        "diary",
        422 if fault else 200,
        fault=fault,
        rows=_rows(visit),
        days=week,
        week=[Day(day, tuple(_title(visit, id) for id in days[day])) for day in week if day in days],
        asked=_asked(visit, record),
        new_id=visit.clinic.store.new_id(),
        owner=owner(visit),
        js=files.address("js", "diary"),
    )
    answer.headers["content-security-policy"] = f"{policy(visit.service.settings.frames)}; {TRUSTED_TYPES}"
    return answer


def _rows(visit: PatientVisit) -> Sequence[Row]:
    """The programme of both hips; what stands in both is told once for each dose. What the pathway has no longer
    cannot be written down, and is not asked.
    """
    kept_of = visit.clinic.diary.of.exercises
    every = dict.fromkeys(one for released in visit.releases for one in released.exercises)
    return [Row(one.component, _title(visit, one.component), one.dose) for one in every if one.component in kept_of]


def _title(visit: PatientVisit, id: str) -> Phrase:
    """What was done once is told, though this version of the pathway has no words for it."""
    told = _words(visit).actions.get(id)
    return told.title if told else Phrase(visit.gettext("An exercise of an earlier plan"), visit.language)


def _words(visit: PatientVisit) -> PatientWords:
    """Of a pathway with a diary there are some."""
    words = words_of(visit.service.pathway, visit.language)
    assert words is not None
    return words


def _asked(visit: PatientVisit, record: Record) -> Phrase | None:
    """The question of the week, where it is time for it."""
    last = visit.clinic.diary.answered(record)
    if last is not None and visit.today - last < ASKED_EVERY:
        return None
    return _words(visit).questions[visit.clinic.diary.of.asks]


def _entry(visit: PatientVisit) -> DiaryEntry:
    form = visit.form
    # A day that cannot be read is far back, and refused with those.
    return DiaryEntry(form.one("id"), _day(form.one("day")) or date.min, tuple(dict.fromkeys(form.all("done"))))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def owner(visit: PatientVisit) -> str:
    """Whose diary it is, as a name that tells nothing."""
    return sha256(f"diary {visit.known.organisation} {visit.known.id}".encode()).hexdigest()[:16]
