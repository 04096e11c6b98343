"""The patient's questions: one on a screen, each answer kept at once, all of them looked at before they are sent."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from starlette.responses import RedirectResponse, Response

from ischio.clinic.questionnaires import LASTS, AnswersChanged, NothingAnswered, NotTheDraft, Sheet, State
from ischio.fhir.forms.asking import Answers, Shown, is_open, may_come, next_open, progress, shown
from ischio.fhir.forms.form import Question, Screen, key_of
from ischio.fhir.forms.typed import REST, Fault, NotTaken, typed
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import Refused
from ischio.interfaces.http.me.visit import PatientVisit
from ischio.interfaces.http.pages import files
from ischio.interfaces.locale.catalogue import primary, spoken_day, spoken_number
from ischio.model.pathway import Pathway
from ischio.model.patient import ENGLISH, Phrase

HOME = "/me/questions"
SCALE = 11
"""Whole numbers of which so many can be told apart at a glance, and tapped: 0 to 10."""
ABOUT = {
    ("", "pain"): "Your pain",
    ("", "symptoms"): "What you feel",
    ("", "red-flags"): "Warning signs",
    ("", "after-surgery"): "Warning signs after an operation",
    ("list", ""): "Would you say yes to any of these today?",
    ("list", "right"): "Would you say yes to any of these about your right side today?",
    ("list", "left"): "Would you say yes to any of these about your left side today?",
    ("side", "right"): "Right side",
    ("side", "left"): "Left side",
}
"""What is said of a form or a screen beside the words of the pathway, in English for gettext."""
NO_FAULTS: Mapping[str, str] = MappingProxyType({})


# ---- what is shown --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    title: Phrase
    chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a screen. kind: scale, choice, number, date or text. values: what was typed or is kept."""

    link: str
    words: Phrase
    kind: str
    several: bool
    choices: tuple[Choice, ...]
    unit: str
    values: tuple[str, ...]
    fault: str


@dataclass(frozen=True, slots=True)
class Told:
    """A question with its answers in words, to be checked. answers: empty where it was left open, or is open yet."""

    number: int
    words: Phrase
    about: str
    answers: tuple[Phrase, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A form in the list. asked: how many questions it has at most; done: how many are answered or left open.

    may_be_fewer: an answer still decides on some of them.
    """

    name: str
    title: str
    state: str
    asked: int
    done: int
    may_be_fewer: bool
    day: str


def questions(visit: PatientVisit) -> Response:
    """GET /me/questions: what is to be answered."""
    offers = tuple(_offer(visit, sheet) for sheet in _sheets(visit))
    return page(visit, "questions", offers=offers, days=LASTS.days)


def form(visit: PatientVisit) -> Response:
    """GET /me/questions/{form}: on to the first question that is open, wherever the others were answered."""
    return _on(_sheet(visit))


def screen(visit: PatientVisit) -> Response:
    """GET /me/questions/{form}/{number}."""
    sheet = _sheet(visit)
    if sheet.state is State.SENT_TODAY:
        return RedirectResponse(f"{HOME}/{sheet.name}/sent", 303)
    found = _at(visit, sheet)
    return _shown(visit, sheet, found) if found else _on(sheet)


def answered(visit: PatientVisit) -> Response:
    """POST /me/questions/{form}/{number}: the answer is kept, and the next question comes.

    `keep`: from the script, which keeps an answer as soon as it is given. `open`: "I do not know".
    """
    sheet = _sheet(visit)
    found = _at(visit, sheet)
    if found is None:
        return _on(sheet)
    if visit.form.one("keep"):
        return _kept_so_far(visit, sheet, found.screen)
    try:
        answers = _typed(visit, found.screen)
        sheet = _kept(visit, sheet, answers)
    except NotTaken as wrong:
        return _shown(visit, sheet, found, 422, {fault.link: _told(visit, fault) for fault in wrong.faults})
    except NotTheDraft:
        return _elsewhere(visit)
    if visit.form.one("check"):
        return RedirectResponse(f"{HOME}/{sheet.name}/check", 303)
    return _on(sheet, found.number)


def check(visit: PatientVisit) -> Response:
    """GET /me/questions/{form}/check: all answers, each to be changed, before they are sent."""
    sheet = _sheet(visit)
    return _on(sheet) if sheet.state is not State.BEGUN else _to_check(visit, sheet)


def send(visit: PatientVisit) -> Response:
    """POST /me/questions/{form}/check: sent in, once."""
    sheet = _sheet(visit)
    if next_open(sheet.form, sheet.answers) is not None and sheet.state is State.BEGUN:
        return _on(sheet)
    try:
        visit.clinic.questionnaires.send(visit.known, sheet, visit.form.one("draft"), visit.form.one("seen"), visit.by)
    except NotTheDraft:
        return _elsewhere(visit)
    except AnswersChanged:
        told = visit.gettext("An answer was changed elsewhere. Look at all of them again, then send.")
        return _to_check(visit, sheet, 409, told)
    except NothingAnswered:
        told = visit.gettext("No question is answered, so there is nothing to send. Answer one, or leave it for now.")
        return _to_check(visit, sheet, 422, told)
    return RedirectResponse(f"{HOME}/{sheet.name}/sent", 303)


def sent(visit: PatientVisit) -> Response:
    """GET /me/questions/{form}/sent."""
    sheet = _sheet(visit)
    if sheet.draft is None or sheet.draft.sent is None:
        return _on(sheet)
    others = tuple(
        _offer(visit, other) for other in _sheets(visit) if other.state not in (State.SENT, State.SENT_TODAY)
    )
    return page(visit, "questions_sent", title=_title(visit, sheet), urgency=sheet.draft.alert, others=others)


# ---- steps ----------------------------------------------------------------------------------------------------------


def _sheets(visit: PatientVisit) -> tuple[Sheet, ...]:
    return visit.clinic.questionnaires.of(visit.known, visit.releases, visit.now)


def _sheet(visit: PatientVisit) -> Sheet:
    """The form of the address, if it is put to whoever is let in."""
    name = visit.request.path_params["form"]
    found = next((sheet for sheet in _sheets(visit) if sheet.name == name), None)
    if found is None:
        what = visit.gettext("These questions are not for you to answer now.")
        raise Refused(404, what, visit.gettext("Go to the start to see what there is to do."))
    return found


def _at(visit: PatientVisit, sheet: Sheet) -> Shown | None:
    """The screen of the address, if it is asked."""
    number = visit.request.path_params["number"]
    return next((each for each in shown(sheet.form, sheet.answers) if str(each.number) == number), None)


def _on(sheet: Sheet, after: int = 0) -> Response:
    """To the next question that is open, or to where all answers are looked at."""
    if sheet.state is State.SENT_TODAY:
        return RedirectResponse(f"{HOME}/{sheet.name}/sent", 303)
    following = next_open(sheet.form, sheet.answers, after)
    return RedirectResponse(f"{HOME}/{sheet.name}/{following.number if following else 'check'}", 303)


def _typed(visit: PatientVisit, screen: Screen) -> Answers:
    if visit.form.one("open"):
        return dict.fromkeys((question.link for question in screen.questions), ())
    fields = {name: visit.form.all(name) for name in (REST, *(question.link for question in screen.questions))}
    return typed(screen, fields)


def _kept_so_far(visit: PatientVisit, sheet: Sheet, screen: Screen) -> Response:
    """What stands on a screen that is not left yet: what is not answered there counts as not asked yet."""
    try:
        answers = {link: given for link, given in _typed(visit, screen).items() if given}
    except NotTaken:
        answers = {}
    gone = {question.link for question in screen.questions} - answers.keys()
    try:
        if answers or not gone.isdisjoint(sheet.answers):
            sheet = _kept(visit, sheet, answers, gone)
    except NotTheDraft:
        return _elsewhere(visit)
    draft = sheet.draft.id if sheet.draft and sheet.state is State.BEGUN else ""
    return Response(status_code=204, headers={"ischio-kept": "yes" if answers else "no", "ischio-draft": draft})


def _kept(visit: PatientVisit, sheet: Sheet, answers: Answers, gone: Collection[str] = ()) -> Sheet:
    """Raises NotTheDraft where the page is of a draft that is not theirs, or is over."""
    every, draft = visit.clinic.questionnaires, visit.form.one("draft")
    if not draft and sheet.state is not State.SENT_TODAY:
        draft = every.begin(visit.known, sheet, visit.now).id
        sheet = _sheet(visit)
    return every.answer(sheet, draft, answers, visit.now, gone)


def _elsewhere(visit: PatientVisit) -> Response:
    what = visit.gettext("These answers were sent, or begun anew, on another page.")
    raise Refused(409, what, visit.gettext("Go to the start, and open your questions again."), "draft")


# ---- pages ----------------------------------------------------------------------------------------------------------


def _shown(
    visit: PatientVisit, sheet: Sheet, found: Shown, status: int = 200, faults: Mapping[str, str] = NO_FAULTS
) -> Response:
    numbers = [each.number for each in may_come(sheet.form, sheet.answers)]
    before = [each.number for each in shown(sheet.form, sheet.answers) if each.number < found.number]
    screen = found.screen
    return page(
        visit,
        "question",
        status,
        js=files.address("js", "me"),
        title=_title(visit, sheet),
        heading=_heading(visit, screen),
        about=_about(visit, screen),
        hints=tuple(_phrase(visit, hint) for hint in screen.hints),
        together=screen.together,
        asked=tuple(_asked(visit, sheet, question, faults) for question in screen.questions),
        rest=bool(visit.form.one(REST)) or _is_all_told(screen, sheet.answers),
        fault=faults.get(REST, ""),
        may_be_left=not any(question.required for question in screen.questions),
        is_left=not is_open(screen, sheet.answers) and not any(sheet.answers[one.link] for one in screen.questions),
        position=numbers.index(found.number) + 1,
        count=len(numbers),
        before=before[-1] if before else None,
        address=f"{HOME}/{sheet.name}",
        number=found.number,
        draft=sheet.draft.id if sheet.draft and sheet.state is State.BEGUN else "",
        changed=sheet.changed,
        urgency=_urgency(visit, sheet),
        check="check" in visit.request.query_params or bool(visit.form.one("check")),
    )


def _to_check(visit: PatientVisit, sheet: Sheet, status: int = 200, fault: str = "") -> Response:
    lines = [
        _line(visit, sheet, each, question)
        for each in shown(sheet.form, sheet.answers)
        for question in each.screen.questions
    ]
    done, count = progress(sheet.form, sheet.answers)
    return page(
        visit,
        "questions_check",
        status,
        title=_title(visit, sheet),
        lines=lines,
        side=visit.gettext(ABOUT["side", sheet.sides[0].value]) if len(sheet.sides) == 1 else "",
        fault=fault,
        address=f"{HOME}/{sheet.name}",
        draft=sheet.draft.id if sheet.draft else "",
        seen=sheet.seen,
        changed=sheet.changed,
        left=count - done,
        urgency=_urgency(visit, sheet),
        js=files.address("js", "me"),
    )


def _offer(visit: PatientVisit, sheet: Sheet) -> Offer:
    done, count = progress(sheet.form, sheet.answers)
    last = sheet.draft and (sheet.draft.sent or sheet.draft.changed)
    fewer = len(shown(sheet.form, sheet.answers)) < count
    when = spoken_day(last.date(), primary(visit.language)) if last else ""
    return Offer(sheet.name, _title(visit, sheet), sheet.state.name, count, done, fewer, when)


def _title(visit: PatientVisit, sheet: Sheet) -> str:
    return visit.gettext(ABOUT.get(("", sheet.name), sheet.form.title))


def _heading(visit: PatientVisit, screen: Screen) -> Phrase:
    """The question, or of a list what is asked of each line."""
    if screen.together:
        return Phrase(visit.gettext(ABOUT["list", _side(screen)]), visit.language)
    return _phrase(visit, screen.text)


def _about(visit: PatientVisit, screen: Screen) -> str:
    """The side, where the heading does not say it."""
    side = _side(screen)
    return visit.gettext(ABOUT["side", side]) if side and not screen.together else ""


def _side(screen: Screen) -> str:
    side = screen.questions[0].link.rpartition(".")[2]
    return side if ("side", side) in ABOUT else ""


def _asked(visit: PatientVisit, sheet: Sheet, question: Question, faults: Mapping[str, str]) -> Asked:
    kept = tuple(_to_type(visit, question, key_of(answer)) for answer in sheet.answers.get(question.link, ()))
    values = visit.form.all(question.link) if visit.form.fields else kept
    choices = _choices(visit, question)
    return Asked(
        question.link,
        _phrase(visit, question.text),
        "scale" if _is_scale(question) else "choice" if choices else _KINDS.get(question.type, "text"),
        question.repeats,
        tuple(Choice(key, title, key in values) for key, title in choices.items()),
        _unit(question),
        values,
        faults.get(question.link, ""),
    )


_KINDS = {"integer": "number", "decimal": "number", "date": "date"}


def _choices(visit: PatientVisit, question: Question) -> Mapping[str, Phrase]:
    """What can be chosen: by its key, in the language of the visit."""
    if question.type == "boolean":
        return {
            "true": Phrase(visit.gettext("Yes"), visit.language),
            "false": Phrase(visit.gettext("No"), visit.language),
        }
    if _is_scale(question):
        return {str(number): Phrase(str(number), visit.language) for number in _scale(question)}
    return {option.key: _phrase(visit, option.title) for option in question.options}


def _is_scale(question: Question) -> bool:
    return question.type in ("integer", "decimal") and 2 <= len(_scale(question)) <= SCALE


def _scale(question: Question) -> range:
    """The whole numbers that can be answered; none where there is no end to them."""
    if question.low is None or question.high is None or question.low % 1 or question.high % 1:
        return range(0)
    return range(int(question.low), int(question.high) + 1)


def _is_all_told(screen: Screen, answers: Answers) -> bool:
    """Whether of a list each line is said to be there or not."""
    return screen.together and all(answers.get(question.link) for question in screen.questions)


def _urgency(visit: PatientVisit, sheet: Sheet) -> str | None:
    found = visit.clinic.questionnaires.urgency(sheet)
    return found and found.value


def _line(visit: PatientVisit, sheet: Sheet, each: Shown, question: Question) -> Told:
    say = _choices(visit, question)
    given = [key_of(answer) for answer in sheet.answers.get(question.link, ())]
    answers = (say[key] if key in say else Phrase(_in_words(visit, question, key), visit.language) for key in given)
    side = _side(each.screen) if len(sheet.sides) > 1 else ""
    about = visit.gettext(ABOUT["side", side]) if side else ""
    return Told(each.number, _phrase(visit, question.text), about, tuple(answers), question.link not in sheet.answers)


def _to_type(visit: PatientVisit, question: Question, key: str) -> str:
    """An answer as it stands in its field. A date is in the form that the field asks for."""
    return _number(visit, Decimal(key)) if _KINDS.get(question.type) == "number" else key


def _in_words(visit: PatientVisit, question: Question, key: str) -> str:
    """An answer that is no choice, as it is written in the language of the page."""
    match _KINDS.get(question.type):
        case "number":
            return f"{_number(visit, Decimal(key))} {_unit(question)}".strip()
        case "date":
            return spoken_day(date.fromisoformat(key), primary(visit.language))
        case _:
            return key


def _number(visit: PatientVisit, value: Decimal) -> str:
    return spoken_number(value, primary(visit.language))


def _unit(question: Question) -> str:
    """The unit to be shown: one in braces is none."""
    return question.unit if question.unit and not question.unit.startswith("{") else ""


def _told(visit: PatientVisit, fault: Fault) -> str:
    return visit.gettext(fault.what) % {name: _number(visit, limit) for name, limit in fault.limits.items()}


# ---- words ----------------------------------------------------------------------------------------------------------


def _phrase(visit: PatientVisit, english: str) -> Phrase:
    """Words of the pathway in the language of the page, as far as there are any."""
    spoken = visit.language.partition("-")[0]
    return _words(visit.service.pathway, spoken).get(english) or Phrase(english)


def _words(pathway: Pathway, language: str) -> Mapping[str, Phrase]:
    """By the English words."""
    ours, theirs = pathway.patient.get(ENGLISH), pathway.patient.get(language)
    if ours is None or theirs is None:
        return {}
    others = dict(theirs.phrases())
    return {phrase.text: others[name] for name, phrase in ours.phrases() if _is_asked(name) and name in others}


def _is_asked(name: str) -> bool:
    return name.startswith(("questions.", "answers."))


ROUTES: Iterable[tuple[str, str, Callable[[PatientVisit], Response]]] = (
    (HOME, "GET", questions),
    (f"{HOME}/{{form}}", "GET", form),
    (f"{HOME}/{{form}}/check", "GET", check),
    (f"{HOME}/{{form}}/check", "POST", send),
    (f"{HOME}/{{form}}/sent", "GET", sent),
    (f"{HOME}/{{form}}/{{number}}", "GET", screen),
    (f"{HOME}/{{form}}/{{number}}", "POST", answered),
)
