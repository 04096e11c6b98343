"""One request for a page of the application: who asks, when, in which language, about whom."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from starlette.requests import Request

from ischio.clinic.access import Who
from ischio.interfaces.http.pages.forms import Form
from ischio.interfaces.http.pages.language import translations
from ischio.interfaces.http.service import Service
from ischio.store.entries import Access


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page, let in. who: None where nobody is signed in, which few pages allow.

    clinic: what the application does. form: what was sent; empty but for a POST. known: whose page it is, if it is
    somebody's, and drawn: makes their chart of today, once. now: the moment, with its zone. language: of the page.
    """

    request: Request
    service: Service
    clinic: Any
    who: Who | None
    now: datetime
    language: str
    form: Form = field(default_factory=Form)
    known: Any = None
    drawn: Callable[[], Any] | None = None

    @property
    def chart(self) -> Any:
        """The chart of whose page it is, made when it is first asked for: a download may need none. None: nobody's."""
        return self.drawn() if self.drawn else None

    @property
    def today(self) -> date:
        """The index date of what is shown."""
        return self.now.date()

    @property
    def user(self) -> Who:
        """Who is signed in. Only where somebody is."""
        assert self.who is not None
        return self.who

    @property
    def by(self) -> Access:
        """Who reads or writes, for the store. Only where somebody is signed in."""
        return self.user.access(self.now)

    def gettext(self, text: str) -> str:
        return translations(self.language).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return translations(self.language).ngettext(one, many, count)
