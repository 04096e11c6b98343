"""The roles in words: what each is called, and what it sees."""

from collections.abc import Collection
from dataclasses import dataclass

from ischio.interfaces.http.pages.visit import Visit
from ischio.store.accounts import Role


@dataclass(frozen=True, slots=True)
class Shown:
    """A role in the language of the page. sees: what there is for it, in one sentence."""

    role: Role
    title: str
    sees: str


def shown(visit: Visit, roles: Collection[Role] = tuple(Role)) -> tuple[Shown, ...]:
    """These roles, in the order in which they are always shown."""
    say = visit.gettext
    words = {
        Role.CLINICIAN: (
            say("Clinician"),
            say("Sees patients, writes into their records, declines what does not fit."),
        ),
        Role.COORDINATOR: (say("Coordinator"), say("Sees patients and what is due, and takes new ones in.")),
        Role.AUTHOR: (
            say("Author"),
            say("Sees the rules of the pathway, their cases and proofs, and what is declined."),
        ),
        Role.RESEARCHER: (say("Researcher"), say("Sees counts over many people, and never one of them.")),
        Role.ADMINISTRATOR: (say("Administrator"), say("Opens and closes accounts, and sees no patient.")),
    }
    return tuple(Shown(role, *words[role]) for role in Role if role in roles)
