"""Conditions as SQL: `and`, `or` and `not` of SQL are Kleene's, and null is unknown."""

from dataclasses import dataclass
from typing import assert_never

from ischio.backends.sql.names import criterion_column, fact_column
from ischio.backends.sql.regions import limit_number
from ischio.backends.sql.setting import Setting
from ischio.backends.sql.text import FALSE, TRUE, all_of, any_of
from ischio.model.expression import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Constant,
    CriterionHolds,
    Expression,
    FactHolds,
    Implies,
    Limit,
    Literal,
    Not,
    Operator,
)

SIGNS = {operator: "<>" if operator is Operator.NOT_EQUAL else operator.value for operator in Operator}


@dataclass(frozen=True)
class Conditions:
    """Prints the conditions of one hip. of: the name of the row of that hip, where there are two."""

    setting: Setting
    of: str = ""

    def column(self, name: str) -> str:
        return f"{self.of}.{name}" if self.of else name

    def fact(self, fact: str) -> str:
        return self.column(fact_column(fact))

    def truth(self, expression: Expression) -> str:
        """The condition as an expression that is true, false or null."""
        match expression:
            case Constant(value):
                return TRUE if value else FALSE
            case FactHolds(fact):
                return self.fact(fact)
            case CriterionHolds(name):
                return self.column(criterion_column(name))
            case Compare(fact, operator, limit):
                return f"{self.fact(fact)} {SIGNS[operator]} {self._limit(fact, limit)}"
            case Between(fact, low, high):
                return f"({self.fact(fact)} between {self._limit(fact, low)} and {self._limit(fact, high)})"
            case Not(part):
                return f"(not {self.truth(part)})"
            case AllOf(parts):
                return all_of([self.truth(part) for part in parts])
            case AnyOf(parts):
                return any_of([self.truth(part) for part in parts])
            case Implies(condition, consequence):
                return any_of((f"(not {self.truth(condition)})", self.truth(consequence)))
            case _:
                assert_never(expression)

    def known(self, name: str) -> str:
        """Whether a fact or criterion is known."""
        column = self.column(criterion_column(name)) if name in self.setting.pathway.criteria else self.fact(name)
        return f"({column} is not null)"

    def _limit(self, fact: str, limit: Limit) -> str:
        definition = self.setting.pathway.facts[fact]
        if isinstance(limit, Literal) and isinstance(limit.value, str):
            return str(self.setting.numbers.codes_of(definition)[limit.value])
        return limit_number(self.setting.calendar, limit, definition)
