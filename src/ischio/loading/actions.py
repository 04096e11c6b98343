"""Flags, safety rules and actions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ischio.loading.draft import Draft, plain
from ischio.loading.entries import ActionEntry, FlagEntry, MustKnowEntry, SafetyEntry
from ischio.loading.files import Files
from ischio.loading.shapes import Name
from ischio.loading.yaml_lines import Reading, Written
from ischio.model.expression import Compare, Literal, Operator, criteria_named, walk
from ischio.model.facts import ValueKind
from ischio.model.rules import Action, Criterion, Flag, MustKnow, SafetyRule

FLAG_CODES = {"present", "absent", "assessed_explained"}

Attached = Mapping[str, tuple[SafetyRule, ...]]
"""Safety rules per action."""


def flags(files: Files, draft: Draft) -> tuple[Flag, ...]:
    """The red flags, each of which is a fact of the codes present, absent, assessed_explained."""
    return tuple(flag for name, entry in files.safety.flags.items() for flag in _flag(name, entry, draft))


def _flag(name: Written, entry: FlagEntry, draft: Draft) -> Iterator[Flag]:
    reading = draft.reading("safety.yaml", f"flag {name}")
    about = draft.about(entry, reading)
    if not draft.fact(name, ValueKind.CODE, reading):
        return
    if set(draft.types[name].codes) != FLAG_CODES:
        what = f"The fact `{name}` of a flag has other codes than present, absent, assessed_explained."
        reading.mistake(name.line, what, "Give it exactly these codes, in facts.yaml.")
    yield Flag(str(name), about, str(entry.urgency))


def refuse_missing_flags(found: tuple[Flag, ...], criteria: Mapping[str, Criterion], draft: Draft) -> None:
    """A flag that the diversion red_flag does not name could be present, and nothing would stop."""
    diverting = {node.fact for node in _comparisons(criteria) if node == _present(node)}
    for flag in found:
        if flag.fact not in diverting and "red_flag" not in draft.broken:
            reading = draft.reading("safety.yaml", f"flag {flag.fact}")
            what = f"The diversion red_flag does not ask whether `{flag.fact}` is present."
            reading.mistake(flag.about.place.line, what, f"Add `or {flag.fact} = 'present'` to it, in stages.yaml.")


def _comparisons(criteria: Mapping[str, Criterion]) -> Iterator[Compare]:
    """Every comparison that the diversion red_flag makes, itself or by the criteria it names."""
    names = ["diversion_red_flag"]
    for name in names:
        if name in criteria:
            when = criteria[name].when
            names += (needed for needed in criteria_named(when) if needed not in names)
            yield from (node for node in walk(when) if isinstance(node, Compare))


def _present(compare: Compare) -> Compare:
    return Compare(compare.fact, Operator.EQUAL, Literal("present"))


def safety(entries: Mapping[Name, SafetyEntry], actions: Mapping[Name, ActionEntry], draft: Draft) -> Attached:
    """The safety rules of one kind, per action."""
    attached: dict[str, tuple[SafetyRule, ...]] = defaultdict(tuple)
    for name, entry in entries.items():
        reading = draft.reading("safety.yaml", f"safety rule {name}")
        rule = _safety_rule(name, entry, draft, reading)
        for action in entry.actions:
            if draft.known(action, actions, "an action", reading) and rule:
                attached[str(action)] += (rule,)
    return attached


def _safety_rule(name: Written, entry: SafetyEntry, draft: Draft, reading: Reading) -> SafetyRule | None:
    about = draft.about(entry, reading)
    when = draft.condition(entry.when, reading)
    until = draft.due(entry.until, reading)
    return SafetyRule(str(name), about, when, str(entry.when), until) if when else None


def actions(files: Files, draft: Draft) -> dict[str, Action]:
    """The actions, with the safety rules attached to each."""
    builder = _ActionBuilder(files, draft)
    built = (builder.action(name, entry) for name, entry in files.actions.items())
    return {action.id: action for action in built if action}


class _ActionBuilder:
    """Links actions. A part at fault is told and left out, and the rest is still looked at."""

    def __init__(self, files: Files, draft: Draft) -> None:
        self.draft = draft
        self.diversions = files.stages.diversions
        self.stops = safety(files.safety.stops, files.actions, draft)
        self.strong_cautions = safety(files.safety.strong_cautions, files.actions, draft)
        self.cautions = safety(files.safety.cautions, files.actions, draft)

    def action(self, name: Written, entry: ActionEntry) -> Action | None:
        reading = self.draft.reading("actions.yaml", f"action {name}")
        about = self.draft.about(entry, reading)
        when = self.draft.condition(entry.when, reading)
        due_when = self.draft.condition(entry.due_when, reading)
        done = self.draft.condition(entry.done, reading)
        in_progress = self.draft.condition(entry.in_progress, reading)
        passes = self._passes(entry, reading)
        must_know = tuple(known for each in entry.must_know for known in self._must_know(each, reading))
        due = self.draft.due(entry.due, reading)
        for fact in entry.shows:
            self.draft.known(fact, self.draft.types, "a fact", reading)
        if when is None:
            return None
        return Action(
            id=str(name),
            about=about,
            kind=entry.kind,
            scope=entry.scope,
            low_risk=entry.low_risk,
            when=when,
            due_when=due_when,
            done=done,
            in_progress=in_progress,
            passes=passes,
            stops=self.stops.get(name, ()),
            strong_cautions=self.strong_cautions.get(name, ()),
            cautions=self.cautions.get(name, ()),
            must_know=must_know,
            exclusive=plain(entry.exclusive),
            due=due,
            shows=plain(entry.shows),
            texts={str(key): str(text) for key, text in entry.texts.items()},
        )

    def _passes(self, entry: ActionEntry, reading: Reading) -> tuple[str, ...]:
        if plain(entry.passes) == ("all",):
            return plain(self.diversions)
        for diversion in entry.passes:
            self.draft.known(diversion, self.diversions, "a diversion", reading)
        return plain(entry.passes)

    def _must_know(self, written: Name | MustKnowEntry, reading: Reading) -> Iterator[MustKnow]:
        entry = written if isinstance(written, MustKnowEntry) else MustKnowEntry(line=written.line, name=written)
        known = self.draft.known(
            entry.name, {**self.draft.types, **self.draft.criteria}, "a fact or criterion", reading
        )
        needed_when = self.draft.condition(entry.needed_when, reading)
        if known:
            yield MustKnow(str(entry.name), needed_when)
