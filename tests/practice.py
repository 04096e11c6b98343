"""The clinic's application, whole, with people and accounts to try it on."""

from collections.abc import Iterator
from dataclasses import dataclass

from clinic_pages import Browser, Clock, account
from starlette.applications import Starlette

from ischio.clinic.answers import Answer, events_of
from ischio.clinic.clinic import Clinic
from ischio.model.dates import PartialDate
from ischio.store.accounts import Role
from ischio.store.entries import Access, AuditEntry, Known, Outcome
from ischio.store.store import Store


@dataclass
class Practice:
    """The whole application over a store of its own. clinic: the same store, past the pages."""

    store: Store
    clock: Clock
    clinic: Clinic
    app: Starlette

    def by(self) -> Access:
        """Who writes past the pages."""
        return Access("another account", self.clock.now)

    def browser(self, login: str, *roles: Role, organisation: str = "clinic") -> Browser:
        """A browser in which somebody is signed in; their account is made if there is none."""
        if self.store.accounts.of_login(login) is None:
            account(self.store, login, *(roles or (Role.CLINICIAN,)), organisation=organisation)
        browser = Browser(self.app)
        assert browser.sign_in(login).status_code == 303
        return browser

    def person(self, name: str, *answers: Answer, organisation: str = "clinic") -> Known:
        """Somebody synthetic with what was answered about them."""
        by = self.by()
        known = self.clinic.people.register(name, "", organisation, by, PartialDate.parse("1984-03-31"), "female")
        self.tell(known, *answers)
        return known

    def tell(self, known: Known, *answers: Answer) -> None:
        """Somebody else records answers."""
        by = self.by()
        events = events_of(self.clinic.knowledge, answers, by.at.date(), self.store.new_id)
        if events:
            self.clinic.charts.record(known, events, self.seen(known), by)

    def seen(self, known: Known) -> int:
        return max((each.number for each in self.store.events.unaudited(known.whom)), default=0)

    def written(self, known: Known) -> list[tuple[str, str]]:
        """What stands about somebody, as concept and value, apart from who they are."""
        events = self.store.events.of(known.whom, self.by()).events
        return [(one.concept, str(one.value)) for one in events if one.concept not in ("birth_date", "sex")]

    def refusals(self) -> Iterator[AuditEntry]:
        return (entry for entry in self.store.audit.entries() if entry.outcome is Outcome.REFUSED)
