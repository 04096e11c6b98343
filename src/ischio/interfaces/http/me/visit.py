"""One request for a page of the patient's side: who is let in, when, in which language, and what was released."""

from dataclasses import dataclass, field
from datetime import date, datetime

from starlette.requests import Request

from ischio.clinic.clinic import Clinic
from ischio.clinic.links import Patient
from ischio.clinic.released import Released
from ischio.interfaces.handout.content import Whose
from ischio.interfaces.http.pages.forms import Form
from ischio.interfaces.http.pages.language import translations
from ischio.interfaces.http.service import Service
from ischio.record.events import Record
from ischio.store.entries import Access, Known
from ischio.store.events import record_of


@dataclass(frozen=True, slots=True)
class PatientVisit:
    """One request for a page of the patient's side, let in.

    patient: None where nobody is let in on this device, which few pages allow. releases: what was released of each
    hip, the newest first. now: the moment, with its zone. language: of the page.
    """

    request: Request
    service: Service
    clinic: Clinic
    patient: Patient | None
    now: datetime
    language: str
    form: Form = field(default_factory=Form)
    releases: tuple[Released, ...] = ()

    @property
    def user(self) -> Patient:
        """Only where somebody is let in."""
        assert self.patient is not None
        return self.patient

    @property
    def known(self) -> Known:
        """Whose page it is. Only where somebody is let in."""
        return self.user.known

    @property
    def released(self) -> Released | None:
        """What was released last."""
        return self.releases[0] if self.releases else None

    @property
    def csrf(self) -> str:
        """What every form carries; empty where nobody is let in."""
        return self.patient.csrf if self.patient else ""

    @property
    def by(self) -> Access:
        """Who reads or writes, for the store. Only where somebody is let in."""
        return self.user.access(self.now)

    @property
    def record(self) -> Record:
        """What is recorded of whoever is let in; that it was read is audited."""
        whom = self.known.whom
        return record_of(whom, self.clinic.store.events.history(whom, self.by))

    @property
    def whose(self) -> Whose:
        """For whom the handout is, and by whom."""
        every = self.clinic.store.accounts.organisations() if self.patient else ()
        name = next((one.name for one in every if one.id == self.known.organisation), "")
        return Whose(self.known.name if self.patient else "", name, self.service.settings.patients.phone)

    @property
    def today(self) -> date:
        return self.now.date()

    def gettext(self, text: str) -> str:
        return translations(self.language).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return translations(self.language).ngettext(one, many, count)
