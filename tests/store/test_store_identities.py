"""Links between accounts and who somebody is elsewhere, and the sessions that were begun by them."""

import pytest
from clinic_pages import MORNING, OPERATOR, account, cheap

from ischio.clinic.identities import Identities, NotLetIn
from ischio.clinic.signing_in import SigningIn
from ischio.store.accounts import AccountRefused, Role
from ischio.store.entries import Access
from ischio.store.identities import Identity
from ischio.store.store import Store

KIM = Identity("https://fhir.example.org/r4", "Practitioner/7")
ELSEWHERE = Access("https://fhir.example.org/r4/Practitioner/7", MORNING)


def test_an_identity_is_linked_to_one_account_until_it_is_unlinked(store: Store):
    anna, bert = (account(store, login, Role.CLINICIAN) for login in ("anna", "bert"))
    links = Identities(store)
    links.link(KIM, anna, OPERATOR)
    links.link(KIM, anna, OPERATOR)
    with pytest.raises(AccountRefused, match="linked to another account"):
        links.link(KIM, bert, OPERATOR)
    assert store.identities.all() == ((KIM, anna.id),)
    links.unlink(KIM, OPERATOR)
    with pytest.raises(AccountRefused, match="linked to no account"):
        links.unlink(KIM, OPERATOR)
    links.link(KIM, bert, OPERATOR)
    assert store.identities.account_of(KIM) == bert.id
    told = [(one.why, one.by.who) for one in store.audit.entries() if one.what == "identity"]
    assert told == [(why, "command line") for why in ("linked", "unlinked", "linked")]
    assert store.audit.verify().sound


def test_the_same_name_at_another_issuer_is_somebody_else(store: Store):
    Identities(store).link(KIM, account(store, "anna", Role.CLINICIAN), OPERATOR)
    assert store.identities.account_of(Identity("https://other.example.org", KIM.subject)) is None


def test_only_an_open_account_of_the_organisation_is_let_in(store: Store):
    links, made = Identities(store), account(store, "anna", Role.CLINICIAN)
    assert links.account_of(KIM, "clinic", ELSEWHERE) is None
    links.link(KIM, made, OPERATOR)
    assert links.account_of(KIM, "clinic", ELSEWHERE) == made
    with pytest.raises(NotLetIn, match="another organisation"):
        links.account_of(KIM, "elsewhere", ELSEWHERE)


def test_unlinking_ends_what_was_begun_by_it_and_nothing_else(store: Store):
    made, signing_in = account(store, "anna", Role.CLINICIAN), SigningIn(store, cheap())
    Identities(store).link(KIM, made, OPERATOR)
    by_link, by_password = signing_in.begin(made, MORNING, KIM), signing_in.begin(made, MORNING)
    Identities(store).unlink(KIM, OPERATOR)
    assert signing_in.who(by_link, MORNING) is None
    assert signing_in.who(by_password, MORNING) is not None


@pytest.mark.parametrize(
    ("subject", "sid", "left"),
    [("Practitioner/7", "", ["other"]), ("", "s1", ["second", "other"]), ("Practitioner/7", "s2", ["first", "other"])],
    ids=["all of somebody", "one session", "one session of somebody"],
)
def test_a_provider_ends_the_sessions_of_somebody_or_one_session(store: Store, subject: str, sid: str, left: list[str]):
    made, signing_in = account(store, "anna", Role.CLINICIAN), SigningIn(store, cheap())
    begun = {
        "first": signing_in.begin(made, MORNING, KIM, "s1"),
        "second": signing_in.begin(made, MORNING, KIM, "s2"),
        "other": signing_in.begin(made, MORNING, Identity("https://other.example.org", "Practitioner/7"), "s1"),
    }
    assert store.sessions.end_those_of(KIM.issuer, subject, sid) == (made.id,)
    assert [name for name, token in begun.items() if signing_in.who(token, MORNING)] == left
