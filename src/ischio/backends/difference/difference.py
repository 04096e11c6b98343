"""Two versions of a pathway laid side by side: what is written otherwise, and for whom the answer differs.

The solver (z3) is an extra; what needs it is imported only here, and only where it is installed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ischio.backends.difference.cases import CaseChange, case_changes
from ischio.backends.difference.changes import EntryChange, changes
from ischio.backends.difference.derivations import DerivedOtherwise, dated_otherwise, derived_otherwise
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case

if TYPE_CHECKING:
    from ischio.backends.difference.persons import Person
    from ischio.backends.proof.equivalence import Aspect


class Verdict(Enum):
    """Whether two versions answer alike for every person. Only the first says that nothing differs.

    Alike given the same facts: the rules answer alike, but a record may give other facts or dates.
    """

    EQUIVALENT = "equivalent"
    GIVEN_THE_FACTS = "equivalent given the same facts"
    DIFFERENT = "different"
    NOT_TOLD = "not told"


@dataclass(frozen=True, slots=True)
class Logic:
    """What the solver says, given the same facts.

    differing: in what the versions differ for someone. undecided: for what the time was too short. persons: one for
    each of the gravest kinds. missing: why nothing was asked.
    """

    differing: "tuple[Aspect, ...]" = ()
    undecided: "tuple[Aspect, ...]" = ()
    persons: "tuple[Person, ...]" = ()
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two versions of a pathway, and for whom.

    entries: what is written otherwise. derived, dated, intake_differs (FHIR is read by other bindings): what the solver
    cannot speak of. cases: those answered otherwise, of `cases_run`.
    """

    old: Pathway
    new: Pathway
    entries: tuple[EntryChange, ...]
    derived: tuple[DerivedOtherwise, ...]
    dated: tuple[str, ...]
    intake_differs: bool
    logic: Logic
    cases: tuple[CaseChange, ...]
    cases_run: int

    @property
    def verdict(self) -> Verdict:
        if self.logic.differing:
            return Verdict.DIFFERENT
        if self.logic.undecided or (self.logic.missing and self.entries):
            return Verdict.NOT_TOLD
        return Verdict.GIVEN_THE_FACTS if self.derived or self.dated or self.intake_differs else Verdict.EQUIVALENT


def difference(
    old: Pathway,
    new: Pathway,
    cases: Sequence[tuple[Case, Case]] = (),
    *,
    intake_differs: bool = False,
    seconds_a_question: float = 20.0,
) -> Difference:
    """Compares two versions. cases: each as the old and as the new version reads it."""
    return Difference(
        old=old,
        new=new,
        entries=changes(old, new),
        derived=derived_otherwise(old, new),
        dated=dated_otherwise(old, new),
        intake_differs=intake_differs,
        logic=_logic(old, new, seconds_a_question),
        cases=tuple(case_changes(old, new, cases)),
        cases_run=len(cases),
    )


def _logic(old: Pathway, new: Pathway, seconds: float) -> Logic:
    if find_spec("z3") is None:
        return Logic(missing="The solver z3 is not installed: pip install 'ischio[prove]'")
    from ischio.backends.difference.persons import NotConfirmed, person
    from ischio.backends.proof.equivalence import unlike_for_someone

    found = unlike_for_someone(old, new, seconds)
    persons, unconfirmed = [], []
    for someone in found.shown:
        try:
            persons.append(person(old, new, someone))
        except NotConfirmed:
            unconfirmed.append(someone.aspect)
    return Logic(found.differing, (*found.undecided, *unconfirmed), tuple(persons))
