"""What every part of the printer looks up: the pathway, the dialect, the index date and the numbers of words."""

from dataclasses import dataclass
from functools import cached_property

from ischio.backends.sql.dialect import Dialect
from ischio.backends.sql.index import Calendar, Index
from ischio.backends.sql.numbering import Numbering
from ischio.backends.sql.text import quoted
from ischio.model.pathway import Pathway, Scope


@dataclass(frozen=True)
class Setting:
    """persons: the first and the last of those spoken of, in order of `person`; None for all."""

    pathway: Pathway
    dialect: Dialect
    index: Index
    persons: tuple[str, str] | None = None

    def among(self, person: str) -> str:
        """The end of a select that keeps those persons. person: the column."""
        if self.persons is None:
            return ""
        first, last = map(quoted, self.persons)
        return f"\nwhere {person} between {first} and {last}"

    @cached_property
    def numbers(self) -> Numbering:
        return Numbering(self.pathway)

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(self.pathway, self.dialect, self.index)

    def keys(self, scope: Scope) -> tuple[str, ...]:
        """The columns that tell one row of facts from another."""
        return self.index.keys if scope is Scope.PERSON else (*self.index.keys, "hip")


def table(name: str) -> str:
    """A table of ours, told from those of the reader's."""
    return f"ischio_{name}"


def fact_column(fact: str) -> str:
    return f"fact_{fact}"


def criterion_column(criterion: str) -> str:
    return f"criterion_{criterion}"


def action_column(action: str) -> str:
    return f"action_{action}"
