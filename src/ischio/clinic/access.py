"""Who may do what. A role allows the same in every organisation; somebody with several roles may do what any allows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from ischio.store.accounts import Account, Role
from ischio.store.entries import Access


class May(Enum):
    """What can be done; all that concerns people is about those of one's own organisation."""

    SEE_PEOPLE = "see people, where they are, and what is due"
    REGISTER_PEOPLE = "register people and correct their names"
    WRITE_RECORD = "write into the record of a person"
    DECLINE = "decline an action"
    RELEASE = "release to a patient what they may see"
    LET_IN = "make and revoke the links of a patient"
    SEE_AUTHORING = "see the author's view of the pathway"
    SEE_DECLINES = "see what was declined, without persons"
    SEE_COHORT = "see counts over many people, small cells hidden"
    MANAGE_ACCOUNTS = "open and close accounts"
    READ_AUDIT = "read the audit"


MATRIX: Mapping[Role, frozenset[May]] = {
    Role.CLINICIAN: frozenset(
        {May.SEE_PEOPLE, May.REGISTER_PEOPLE, May.WRITE_RECORD, May.DECLINE, May.RELEASE, May.LET_IN}
    ),
    Role.COORDINATOR: frozenset({May.SEE_PEOPLE, May.REGISTER_PEOPLE, May.LET_IN}),
    Role.AUTHOR: frozenset({May.SEE_AUTHORING, May.SEE_DECLINES}),
    Role.RESEARCHER: frozenset({May.SEE_COHORT}),
    Role.ADMINISTRATOR: frozenset({May.MANAGE_ACCOUNTS, May.READ_AUDIT}),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is signed in, by the account as it is now. session: the digest that names it.

    csrf: the token that every form of theirs carries.
    """

    account: Account
    session: str
    csrf: str = field(repr=False)

    @property
    def login(self) -> str:
        return self.account.login

    @property
    def organisation(self) -> str:
        """Its id."""
        return self.account.organisation

    @property
    def roles(self) -> frozenset[Role]:
        return self.account.roles

    def may(self, what: May) -> bool:
        return any(what in MATRIX[role] for role in self.roles)

    def access(self, at: datetime) -> Access:
        """Who it is, for the store."""
        return access_of(self.account, at)


def access_of(account: Account, at: datetime) -> Access:
    """By the id: a login may be a name."""
    return Access(f"account {account.id}", at)
