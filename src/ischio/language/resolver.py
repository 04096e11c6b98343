"""From the syntax tree of a condition to its expression: names resolved, types and units checked."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ischio.language.literals import day, duration_of
from ischio.language.names import Names
from ischio.language.types import FLIPPED, OPERATORS, clash, described
from ischio.model.dates import Duration
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
    IndexDate,
    Limit,
    Literal,
    Not,
    Operator,
    ParameterValue,
)
from ischio.model.facts import FactType, ValueKind
from ischio.model.mistake import Mistake

if TYPE_CHECKING:  # Lark is imported when the first condition is parsed
    from lark import Token, Tree

NOTHING = Constant(False)
"""Stands where a part could not be resolved; `parse` never lets it out."""


@dataclass(frozen=True, slots=True)
class _FactNamed:
    """A fact as one side of a comparison."""

    name: str
    type: FactType


@dataclass
class Resolver:
    """Walks the syntax tree of one condition, gathering mistakes.

    unresolved: whether it names something whose own entry is at fault, which is told elsewhere.
    """

    text: str
    names: Names
    mistakes: list[Mistake] = field(default_factory=list)
    unresolved: bool = False

    def condition(self, tree: "Tree[Token]") -> Expression:
        parts = tree.children
        match tree.data:
            case "implies":
                return Implies(self.condition(_branch(parts[0])), self.condition(_branch(parts[1])))
            case "any_of":
                return AnyOf(self._joined(tree, AnyOf))
            case "all_of":
                return AllOf(self._joined(tree, AllOf))
            case "denial":
                return Not(self.condition(_branch(parts[0])))
            case "compare":
                return self._compare(tree)
            case "between":
                return self._between(tree)
            case "true" | "false":
                return Constant(tree.data == "true")
            case "name":
                return self._named(str(parts[0]))
            case _:
                self._mistake(f"`{self._shown(tree)}` is a value, not a condition.", "Compare a fact with it.")
                return NOTHING

    def _joined(self, tree: "Tree[Token]", kind: type[AllOf] | type[AnyOf]) -> tuple[Expression, ...]:
        joined: list[Expression] = []
        for branch in tree.children:
            part = self.condition(_branch(branch))
            joined += part.parts if isinstance(part, kind) else (part,)
        return tuple(joined)

    def _named(self, name: str) -> Expression:
        if name in self.names.criteria:
            return CriterionHolds(name)
        type_ = self.names.facts.get(name)
        if type_ is None:
            self._not_a_fact(name)
        elif type_.kind is ValueKind.BOOLEAN:
            return FactHolds(name)
        else:
            self._mistake(f"`{name}` is {described(type_)}, not yes or no.", f"Compare it: {_example(name, type_)}.")
        return NOTHING

    def _not_a_fact(self, name: str) -> None:
        if name in self.names.parameters:
            self._mistake(f"`{name}` is a parameter, not a condition.", "Compare a fact with it.")
        elif name in self.names.broken:
            self.unresolved = True
        else:
            self._mistake(*self.names.unknown(name))

    def _compare(self, tree: "Tree[Token]") -> Expression:
        word = " ".join(str(tree.children[1]).split())
        operator = OPERATORS[word]
        left, right = self._operand(tree.children[0], word), self._operand(tree.children[2], word)
        match left, right:
            case (None, _) | (_, None):
                return NOTHING
            case _FactNamed(), _FactNamed():
                mend = "Derive a yes-or-no fact with the pattern `compared`, in facts.yaml."
                self._mistake(f"`{self._shown(tree)}` compares two facts.", mend)
                return NOTHING
            case _FactNamed(fact, type_), Literal() | ParameterValue() | IndexDate() as limit:
                return self._checked(fact, type_, word, operator, limit)
            case Literal() | ParameterValue() | IndexDate() as limit, _FactNamed(fact, type_):
                return self._checked(fact, type_, word, FLIPPED[operator], limit)
            case _:
                self._mistake(f"`{self._shown(tree)}` names no fact.", "Compare one fact with a constant.")
                return NOTHING

    def _checked(self, fact: str, type_: FactType, word: str, operator: Operator, limit: Limit) -> Expression:
        self._check(fact, type_, word, limit)
        return Compare(fact, operator, limit)

    def _check(self, fact: str, type_: FactType, word: str, limit: Limit) -> None:
        if found := clash(fact, type_, word, limit, self.names.parameters):
            self._mistake(*found)

    def _between(self, tree: "Tree[Token]") -> Expression:
        fact, low, high = (self._operand(side, "between") for side in tree.children)
        if fact is None or low is None or high is None:
            return NOTHING
        if not isinstance(fact, _FactNamed) or isinstance(low, _FactNamed) or isinstance(high, _FactNamed):
            mend = "Write one fact, then its bounds: fact between 1 and 5."
            self._mistake(f"`{self._shown(tree)}` needs one fact, on the left, and two constants.", mend)
            return NOTHING
        self._check(fact.name, fact.type, "between", low)
        self._check(fact.name, fact.type, "between", high)
        return Between(fact.name, low, high)

    def _operand(self, branch: "Tree[Token] | Token", word: str) -> "_FactNamed | Limit | None":
        tree = _branch(branch)
        match tree.data:
            case "number":
                return Literal(Decimal(str(tree.children[0])))
            case "code":
                return Literal(str(tree.children[0])[1:-1])
            case "day":
                return self._day(str(tree.children[0]))
            case "index":
                return IndexDate()
            case "moved_index":
                return self._moved_index(*map(str, tree.children))
            case "index_moved_by":
                return self._index_moved_by(*map(str, tree.children))
            case "name":
                return self._named_operand(str(tree.children[0]), word)
            case _:
                self._no_operand(tree, word)
                return None

    def _no_operand(self, tree: "Tree[Token]", word: str) -> None:
        shown = self._shown(tree)
        match tree.data:
            case "denial":
                what = f"`{shown} {word} ...` means `({shown}) {word} ...`: `not` binds tighter than `{word}`."
                self._mistake(what, f"Write not ({shown.removeprefix('not').strip()} {word} ...).")
            case "true" | "false":
                mend = "Write the fact or criterion alone, or `not` before it."
                self._mistake(f"Nothing is compared with `{shown}`.", mend)
            case _:
                self._mistake(f"`{shown}` is a condition, and `{word}` compares values.", "Join conditions with `and`.")

    def _named_operand(self, name: str, word: str) -> "_FactNamed | Limit | None":
        if type_ := self.names.facts.get(name):
            return _FactNamed(name, type_)
        if name in self.names.parameters:
            return ParameterValue(name)
        if name in self.names.criteria:
            mend = f"Write {name} alone, or `not` before it."
            self._mistake(f"`{name}` is a criterion, so `{word}` cannot compare it.", mend)
        else:
            self._not_a_fact(name)
        return None

    def _day(self, written: str) -> Limit | None:
        value: date | None = day(written[1:])
        if value is None:
            self._mistake(f"`{written}` is not a date.", "Write a day that exists: @2026-01-31.")
            return None
        return Literal(value)

    def _moved_index(self, sign: str, number: str, unit: str) -> Limit | None:
        if not number.isdigit():
            self._mistake(f"`{number} {unit}` is not a whole number of {unit}.", "Write a whole number.")
            return None
        return IndexDate(duration_of(int(number), unit), _sign(sign))

    def _index_moved_by(self, sign: str, name: str) -> Limit | None:
        parameter = self.names.parameters.get(name)
        if parameter is None:
            what = f"`{name}` is a fact or criterion, and Index moves only by a duration."
            if name in self.names.facts or name in self.names.criteria:
                self._mistake(what, "Name a parameter that is a duration, or write one: Index - 3 months.")
            else:
                self._not_a_fact(name)
            return None
        if not all(isinstance(dated.value, Duration) for dated in parameter.values):
            self._mistake(f"`{name}` is not a duration.", "Name a parameter that is one, such as 6 weeks.")
            return None
        return IndexDate(ParameterValue(name), _sign(sign))

    def _shown(self, tree: "Tree[Token]") -> str:
        return self.text[tree.meta.start_pos : tree.meta.end_pos]

    def _mistake(self, what: str, mend: str) -> None:
        self.mistakes.append(Mistake(what, mend))


def _branch(child: "Tree[Token] | Token") -> "Tree[Token]":
    from lark import Tree

    assert isinstance(child, Tree)
    return child


def _sign(written: str) -> int:
    return 1 if written == "+" else -1


def _example(name: str, type_: FactType) -> str:
    match type_.kind:
        case ValueKind.CODE:
            return f"{name} = '{next(iter(type_.codes), 'code')}'"
        case ValueKind.DATE:
            return f"{name} on or before Index"
        case _:
            return f"{name} >= 1"
