"""The operations on one person: the call is read, one answer is asked for, and given as FHIR."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ischio.engine.assess import assess
from ischio.fhir.apply.care_plan import bundle, care_plan
from ischio.fhir.apply.requests import Context
from ischio.fhir.export.libraries import module_definition
from ischio.fhir.outcomes import issue
from ischio.interfaces.http.fhir.parameters import Given, Json
from ischio.interfaces.http.fhir.published import Published
from ischio.interfaces.http.fhir.subjects import index_of, record_of, subject_of
from ischio.interfaces.http.problems import Problem
from ischio.interfaces.http.service import Service
from ischio.remote.tokens import Client

DATA = ("data", "dataEndpoint", "useServerData", "parameters")
"""What every operation on a person takes besides its own: resources, a server to ask for them, whether to use what is
kept, and `Index`.
"""
WHICH_PLAN = ("planDefinition", "url", "canonical")
_NO_EFFECT = ("userType", "userLanguage", "userTaskContext", "setting", "settingContext")
_APPLY = (*WHICH_PLAN, "version", "subject", "encounter", "practitioner", "organization", "form", *DATA)
FORMS = {"careplan": care_plan, "bundle": bundle}
_OWN_TYPES = {
    "encounter": ("Encounter",),
    "practitioner": ("Practitioner", "PractitionerRole"),
    "organization": ("Organization",),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an operation. name: the id in its address, if it has one."""

    service: Service
    published: Published
    name: str | None
    given: Given
    client: Client
    strict: bool

    def not_used(self, known: Iterable[str], no_effect: Sequence[str] = ()) -> list[Json]:
        """Issues that tell which parameters were not used. no_effect: those that are known, and change nothing.

        Raises Problem where the caller wants unknown ones refused.
        """
        unknown = self.given.unknown((*known, *no_effect))
        if unknown and self.strict:
            what = f"Not known: {', '.join(unknown)}."
            raise Problem(400, "not-supported", what, "Leave it out, or allow for it with `Prefer: handling=lenient`.")
        idle = [name for name in no_effect if name in self.given.values]
        told = [("warning", "The parameter {} is not known, and so not used.", name) for name in unknown]
        told += [("information", "The parameter {} changes nothing here.", name) for name in idle]
        return [issue(severity, "not-supported", words.format(name), name) for severity, words, name in told]


Work = Callable[[Call], Json]


def data_requirements(call: Call) -> Json:
    """What has to be fetched for the plan."""
    _plan(call)
    return module_definition(call.service.publication)


def apply(call: Call) -> Json:
    """The plan for one person."""
    plan = _plan(call)
    told = call.not_used(_APPLY, _NO_EFFECT)
    form = (call.given.text("form") or "careplan").lower()
    if form not in FORMS:
        raise Problem(400, "value", "There is no such form.", f"Known: {', '.join(FORMS)}.", "form")
    subject, index = subject_of(call.given), index_of(call.given, call.service.today)
    about = Context(
        subject.reference,
        call.service.today,
        **{name: _reference(call.given, name, kinds) for name, kinds in _OWN_TYPES.items()},
    )
    record = record_of(call.service, call.given, subject, call.client)
    assessment = assess(call.service.pathway, record, index)
    return FORMS[form](call.service.publication, plan, assessment, about, told)


def _reference(given: Given, name: str, kinds: tuple[str, ...]) -> str | None:
    """Raises Problem for a reference to another type."""
    written = given.text(name)
    kind = written.split("/")[-2] if written and "/" in written else kinds[0]
    if kind not in kinds:
        raise Problem(422, "invalid", f"{name} is of another type.", f"Give a {' or '.join(kinds)}.", name)
    return written


def _plan(call: Call) -> Json:
    """The plan that is named once: by the address that was called, or by a parameter."""
    named = [name for name in WHICH_PLAN if name in call.given.values]
    if len(named) + (call.name is not None) > 1:
        mend = "Name it in the address, or in one parameter."
        raise Problem(400, "invalid", "The plan is named twice.", mend, named[0])
    if call.name is not None:
        return call.published.read("PlanDefinition", call.name).resource
    if not named:
        raise Problem(400, "required", "No plan is named.", "Give `planDefinition`, or its `url`.", "planDefinition")
    written = call.given.one(named[0])
    if isinstance(written, dict):
        written = f"{written.get('url')}|{written.get('version') or ''}"
    version = call.given.text("version")
    canonical = str(written) + (f"|{version}" if version and "|" not in str(written) else "")
    if canonical.startswith("PlanDefinition/"):
        return call.published.read("PlanDefinition", canonical.partition("/")[2]).resource
    return call.published.by_canonical("PlanDefinition", canonical).resource
