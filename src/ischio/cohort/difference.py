"""Two versions of a pathway over the same people: whose answer changes, and with which rule.

Both versions judge everyone on one date. A changed entry (a cut-off, a fact, a criterion, an action ...) did it for a
hip if something that it decides directly came out otherwise for that person, and the answer that differs leans on it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ischio.backends.difference.changes import EntryChange, changes
from ischio.backends.difference.entries import Entry, Key, entries, reached
from ischio.backends.sql.names import action_column, criterion_column, fact_column
from ischio.backends.sql.text import quoted
from ischio.model.facts import Compared
from ischio.model.pathway import Pathway
from ischio.model.rules import Action

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

POSITION = ("stage", "next_gate", "next_gate_truth", "review")
DIVERSION = "diversion"
UNTOLD = "not told"
"""Stands for the rule where no changed entry shows itself, as when only the order of stages changed."""


@dataclass(frozen=True, slots=True)
class StageChange:
    before: str
    after: str
    hips: int


@dataclass(frozen=True, slots=True)
class ByRule:
    """At how many hips an entry that is written otherwise changes the answer; of these, the stage. One hip may count
    under several."""

    kind: str
    id: str
    title: str
    hips: int
    stages: int


@dataclass(frozen=True, slots=True)
class CohortDifference:
    """stages: from stage to stage, also of hips whose stage stays. changed: hips whose answer differs in any way."""

    persons: int
    stages: tuple[StageChange, ...]
    changed: int
    rules: tuple[ByRule, ...]

    @property
    def hips(self) -> int:
        return sum(each.hips for each in self.stages)


@dataclass(frozen=True)
class Comparison:
    """Two judged tables of the same people and dates, `was` and `now`, by two versions."""

    connection: "DuckDBPyConnection"
    old: Pathway
    new: Pathway
    was: str
    now: str

    def count(self) -> CohortDifference:
        self.connection.execute(f"create or replace temp table changed as {self.changed()}")
        stages = self.connection.execute(
            f"select was.stage, now.stage, count(*) from {self.was} as was join {self.now} as now using (person, hip) "
            "group by all order by all"
        ).fetchall()
        persons = self._number(f"select count(distinct person) from {self.now}")
        by_rule = self.connection.execute(
            "select rule, count(*), count(*) filter (where stage_before <> stage_after) "
            "from (select unnest(rules) as rule, * from changed) group by rule"
        ).fetchall()
        found = {rule: (hips, moved) for rule, hips, moved in by_rule}
        told = [
            ByRule(each.kind, each.id, each.title, *found[self._name(each)])
            for each in self._rules
            if self._name(each) in found
        ]
        if UNTOLD in found:
            told.append(ByRule("pathway", UNTOLD, "No single entry", *found[UNTOLD]))
        return CohortDifference(
            persons,
            tuple(StageChange(*row) for row in stages),
            self._number("select count(*) from changed"),
            tuple(sorted(told, key=lambda each: (each.kind, each.id))),
        )

    def _number(self, select: str) -> int:
        row = self.connection.execute(select).fetchone()
        assert row is not None, "an aggregate has a row"
        return int(row[0])

    def changed(self) -> str:
        """A select of the hips whose answer differs: person, hip, stages, diversions, actions and rules (lists)."""
        differing = [_differs(column) for column in self._answers]
        actions = ", ".join(
            f"case when {_differs(column)} then {quoted(column.removeprefix('action_') + ': ')} || was.{column} "
            f"|| ' -> ' || now.{column} end"
            for column in self._answers
            if column.startswith("action_")
        )
        rules = ", ".join(
            f"case when {self._did_it(each, shown)} then {quoted(self._name(each))} end"
            for each in self._rules
            if (shown := list(self._shows(each))) or _of_its_review(each)
        )
        # What a rule shows may stand at the other hip, so nobody is left out before the rules are told.
        return f"""select * exclude (differs) from (
          select person, hip, was.stage as stage_before, now.stage as stage_after,
            was.diversion as diversion_before, now.diversion as diversion_after,
            list_filter([{actions or "null"}], lambda each: each is not null) as actions,
            coalesce(nullif(list_filter([{rules or "null"}], lambda each: each is not null), []),
              ['{UNTOLD}']) as rules,
            {" or ".join(differing)} as differs
          from {self.was} as was join {self.now} as now using (person, hip)
        ) where differs order by person, hip"""

    # ---- which rule ----

    @cached_property
    def _rules(self) -> tuple[EntryChange, ...]:
        return changes(self.old, self.new)

    @cached_property
    def _entries(self) -> Mapping[Key, Entry]:
        return entries(self.new)

    @cached_property
    def _answers(self) -> tuple[str, ...]:
        """The columns of the answer that both versions have."""
        both = [action_column(name) for name in self.new.actions if name in self.old.actions]
        return (*POSITION, DIVERSION, *both)

    @staticmethod
    def _name(change: EntryChange) -> str:
        return f"{change.kind} {change.id}"

    def _did_it(self, change: EntryChange, shows: list[str]) -> str:
        """Something that it decides differs on one of the person's hips, and so does an answer that leans on it."""
        leaning = [_differs(column) for column in self._leaning(change)]
        own = " or ".join(map(_differs, shows)) or "false"
        did = f"(bool_or({own}) over (partition by person) and ({' or '.join(leaning) or 'false'}))"
        return f"({did} or {_review_in(change.id)})" if _of_its_review(change) else did

    def _shows(self, change: EntryChange) -> Iterator[str]:
        """The columns that the entry decides directly, as far as both versions have them."""
        names = {change.id}
        if change.kind == "concept":
            names = {fact for fact in self.new.facts if change.id in self._concepts(fact)}
        columns = dict.fromkeys(column for name in names for column in self._deciding(change.kind, name))
        return (column for column in columns if self._in_both(column))

    def _deciding(self, kind: str, name: str) -> Iterator[str]:
        """The columns of an entry itself, and of what names it straight away."""
        yield from self._own(name)
        if kind in ("parameter", "fact", "criterion", "gate"):
            for (by, id_), entry in self._entries.items():
                if name in entry.names:
                    yield from self._own(id_)
                    yield from POSITION if by == "stage" else ()

    def _own(self, name: str) -> Iterator[str]:
        yield from (fact_column(name), criterion_column(name), action_column(name))
        yield from (criterion_column(each.criterion) for each in self.new.stages if each.id == name)
        yield from (criterion_column(each.criterion) for each in self.new.diversions if each.id == name)
        yield from (action_column(action) for action in self._guarded_by(name))

    def _in_both(self, column: str) -> bool:
        if column in POSITION:
            return True
        kind, _, name = column.partition("_")
        held = {"fact": "facts", "criterion": "criteria", "action": "actions"}[kind]
        return name in getattr(self.old, held) and name in getattr(self.new, held)

    def _concepts(self, fact: str) -> tuple[str, ...]:
        derivation = self.new.facts[fact].derivation
        return () if isinstance(derivation, Compared) else derivation.selection.concepts

    def _guarded_by(self, rule: str) -> Iterator[str]:
        """The actions to which a stop or caution belongs."""
        return (name for name, action in self.new.actions.items() if rule in _guards(action))

    def _leaning(self, change: EntryChange) -> tuple[str, ...]:
        """The columns of the answer that lean on the entry, straight or through others."""
        names = [change.id]
        if change.kind == "concept":
            names = [fact for fact in self.new.facts if change.id in self._concepts(fact)]
        keys = {(change.kind, change.id), *(key for name in names for key in reached(self._entries, name))}
        found = {column for key in keys for column in self._answers_of(key)}
        if DIVERSION in found:  # what is diverted holds actions back
            found.update(self._answers)
        return tuple(column for column in self._answers if column in found)

    def _answers_of(self, key: Key) -> Iterator[str]:
        kind, name = key
        places = {each.criterion for each in self.new.stages}
        if kind in ("stage", "gate") or name in places:
            yield from POSITION
        if kind == "diversion" or name in {each.criterion for each in self.new.diversions}:
            yield DIVERSION
        yield from map(action_column, (name, *self._guarded_by(name)))


def _differs(column: str) -> str:
    return f"was.{column} is distinct from now.{column}"


def _of_its_review(change: EntryChange) -> bool:
    """Whether it is a stage whose reviews come at another time; no column but the review itself shows that."""
    return change.kind == "stage" and any(part.part.startswith("review ") for part in change.parts)


def _review_in(stage: str) -> str:
    """A hip is in the stage by either version, and its review is owed on another day."""
    staying = " and ".join(f"{version}.stage = {quoted(stage)}" for version in ("was", "now"))
    return f"({staying} and {_differs('review')})"


def _guards(action: Action) -> set[str]:
    return {rule.id for rule in (*action.stops, *action.strong_cautions, *action.cautions)}
