"""Renders a page of the application in its frame: who is signed in, whose page it is, what the software is not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ischio.clinic.access import May
from ischio.interfaces.http.pages import files
from ischio.interfaces.http.pages.language import is_translated, translations
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.locale.catalogue import primary, spoken_day, spoken_number
from ischio.interfaces.look.documents import templates
from ischio.interfaces.publishing import reviewed
from ischio.interfaces.telling import alerts
from ischio.interfaces.words import capital
from ischio.model.patient import ENGLISH


@dataclass(frozen=True, slots=True)
class Place:
    """Where one can go from a page. icon: its name in icons.html; here: one is there."""

    name: str
    address: str
    icon: str
    here: bool = False


SAID = {
    "recorded": "Recorded, and worked out anew.",
    "declined": "Your decline is kept. Those who write the rules will see it, without the person.",
    "taken-back": "Taken back, and worked out anew.",
    "released": "Released. The patient sees it from now on.",
    "withdrawn": "Taken back. The patient sees nothing of it any more.",
    "revoked": "Revoked.",
    "launched": "You come from the records system; what it holds was read just now.",
    "launched-in-part": "You come from the records system. It did not let all be read just now: "
    "what could not be is here as of an earlier launch, or unknown.",
    "account-opened": "The account is open. Tell its owner the login and the password.",
    "account-closed": "The account is closed.",
    "password-set": "The password is set.",
    "reminded": "Kept. The reminders are on.",
    "not-reminded": "The reminders are off.",
    "added": "Added. Answer the first question, and the pathway begins.",
}
"""What a page says after a form was taken, in English for gettext, by the word in its address."""
SEXES = {"female": "female", "male": "male", "other": "other sex"}
"""As a record says them, and in English for gettext; another word is shown as it is."""


def gone_to(address: str, said: str) -> Response:
    """On to a page after a form was taken. said: a key of SAID."""
    return RedirectResponse(place_after(address, said), 303)


def place_after(address: str, said: str) -> str:
    """The address of a page that says what was done."""
    place, mark, part = address.partition("#")
    joined = "&" if "?" in place else "?"
    return f"{place}{joined}said={said}{mark}{part}"


def page(visit: Visit, name: str, status: int = 200, **values: object) -> Response:
    """NAME.html in the language of the visit. values: what the template shows besides the frame."""
    template = environment(visit.language).get_template(f"{name}.html")
    return HTMLResponse(template.render(**_frame(visit, name), **values), status)


@cache
def environment(language: str, package: str = __package__) -> Environment:
    """The templates of a package, with their texts in a language; beside them those of the clinicians' pages and of the
    handout.
    """
    found = templates(package, "templates").overlay(extensions=["jinja2.ext.i18n"])
    shared = templates(__package__, "templates").loader
    told = PrefixLoader({"handout": PackageLoader("ischio.interfaces.handout", ".")})
    found.loader = ChoiceLoader([loader for loader in (found.loader, shared, told) if loader])
    # Else all languages would share the words, days and numbers of the last.
    found.globals, found.filters = {**found.globals}, {**found.filters}
    spoken = translations(language)
    found.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]  # by the extension
    found.policies["ext.i18n.trimmed"] = True
    # What clinicians read is English, whatever language its frame is in.
    read = ENGLISH if package == __package__ else primary(language)
    found.filters["day"] = partial(spoken_day, language=read)
    found.filters["number"] = partial(spoken_number, language=read)
    found.filters["day_of_frame"] = partial(spoken_day, language=primary(language))
    found.filters["sentence"] = capital
    return found


def _frame(visit: Visit, name: str) -> Mapping[str, object]:
    pathway = visit.service.pathway
    return {
        "language": visit.language,
        "english": not is_translated(visit.language),
        "css": files.address("css"),
        "js": files.address("js"),
        "demo": visit.service.settings.demo,
        "pathway": pathway,
        "overdue": pathway.review_overdue(visit.today),
        "reviewed_so_far": reviewed(pathway),
        "who": visit.who,
        "known": visit.known,
        "said": _said(visit),
        "places": _places(visit),
        "age_and_sex": _age_and_sex(visit),
        "alerts": tuple(alerts(visit.chart.assessment, pathway)) if visit.chart else (),
        "may_write": visit.who is not None and visit.who.may(May.WRITE_RECORD),
        "may_decline": visit.who is not None and visit.who.may(May.DECLINE),
        "tabs": _tabs(visit, name) if visit.known else (),
    }


def _said(visit: Visit) -> str:
    told = SAID.get(visit.request.query_params.get("said", ""))
    return visit.gettext(told) if told else ""


def _age_and_sex(visit: Visit) -> str:
    """Age and sex of the person, as far as they are known."""
    if visit.chart is None:
        return ""
    patient = visit.chart.assessment.patient
    age, sex = patient.age, visit.gettext(SEXES.get(patient.sex, patient.sex)) if patient.sex else ""
    years = "" if age is None else visit.ngettext("%(age)s year", "%(age)s years", age) % {"age": age}
    return ", ".join(part for part in (years, sex) if part)


def _places(visit: Visit) -> tuple[Place, ...]:
    """What there is for those who may do as much as this visitor."""
    say, path = visit.gettext, visit.request.url.path
    every = (
        (May.SEE_PEOPLE, Place(say("Patients"), "/patients", "people")),
        (May.SEE_COHORT, Place(say("Cohort"), "/cohort", "cohort")),
        (May.SEE_AUTHORING, Place(say("Pathway"), "/author", "book")),
        (May.MANAGE_ACCOUNTS, Place(say("Accounts"), "/accounts", "key")),
        (May.READ_AUDIT, Place(say("Audit"), "/audit", "list")),
    )
    open_ones = [place for may, place in every if visit.who and visit.who.may(may)]
    if visit.service.settings.demo:
        open_ones.append(Place(say("Tour"), "/tour", "flag"))
    return tuple(replace(place, here=path.startswith(place.address)) for place in open_ones)


def _tabs(visit: Visit, name: str) -> tuple[Place, ...]:
    """The pages of one person."""
    say, own = visit.gettext, f"/p/{visit.known.id}"
    every = (
        ("position", Place(say("Pathway"), own, "way")),
        ("what_if", Place(say("What if"), f"{own}/what-if", "fork")),
        ("imaging", Place(say("Imaging"), f"{own}/imaging", "scan")),
        ("surgery", Place(say("Surgery"), f"{own}/surgery", "plan")),
        ("follow_up", Place(say("Follow-up"), f"{own}/follow-up", "chart")),
        ("handout", Place(say("Handout"), f"{own}/handout", "sheet")),
        ("record", Place(say("Record"), f"{own}/record", "list")),
    )
    return tuple(Place(place.name, place.address, place.icon, page == name) for page, place in every)
