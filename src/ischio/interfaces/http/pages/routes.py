"""The application put together: its gate, and the screens behind it."""

from datetime import timedelta

from starlette.routing import Route

from ischio.clinic.lock_out import Free
from ischio.clinic.passwords import Passwords
from ischio.clinic.signing_in import Lasts, SigningIn
from ischio.interfaces.http.pages import sign_in
from ischio.interfaces.http.pages.gate import Finds, Found, Gate
from ischio.interfaces.http.service import Service
from ischio.store.entries import Access


class _Nobody:
    """Until people are kept there is nobody to be found."""

    def find(self, id: str, organisation: str, by: Access) -> Found | None:  # noqa: ARG002
        return None


def routes(service: Service) -> list[Route]:
    """None where nothing is kept: nobody could sign in."""
    if service.store is None:
        return []
    signing_in = signing_in_of(service)
    return screens(service, signing_in, _Nobody())


def screens(service: Service, signing_in: SigningIn, people: Finds) -> list[Route]:
    gate = Gate(service, signing_in, people)
    return sign_in.routes(service, gate, signing_in)


def signing_in_of(service: Service) -> SigningIn:
    assert service.store is not None
    pages = service.settings.pages
    lasts = Lasts(timedelta(minutes=pages.idle), timedelta(hours=pages.longest))
    return SigningIn(service.store, Passwords(), lasts, Free(pages.tries, pages.address_tries))
