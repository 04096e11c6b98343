"""A difference as headings, sentences and tables: the same for the terminal and for Markdown."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ischio.backends.difference.changes import CHANGED, EntryChange
from ischio.backends.difference.difference import Difference, Verdict
from ischio.interfaces.difference.versions import Cases
from ischio.interfaces.printable import clean
from ischio.interfaces.words import amount, capital, title_of
from ischio.model.comparison import Changes, Comparison

if TYPE_CHECKING:
    from ischio.backends.difference.persons import Person
    from ischio.backends.proof.equivalence import Aspect

Row = tuple[str, ...]

SHOWN_CASES = 20
SHOWN_IDS = 8
# Of an entry that came or went, what a reader needs to know of it; `--json` has the rest.
TELLING_PARTS = ("sentence", "statement", "when", "values", "taken from")


@dataclass(frozen=True, slots=True)
class Table:
    head: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with sentences, each a paragraph, and tables."""

    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


def sections(found: Difference, cases: Cases) -> Iterator[Section]:
    """What differs, the verdict first."""
    yield _verdict(found)
    if found.entries:
        rows = tuple(row for change in found.entries for row in _written(change))
        table = Table(("entry", "part", "before", "after"), rows)
        yield Section("Written otherwise", tuple(_reaches(found.entries)), (table,))
    for person in found.logic.persons:
        yield _person(found, person)
    if found.logic.differing:
        unsettled = (f"Not settled by the solver: {each}" for each in _aspects(found.logic.undecided))
        lines = (*_aspects(found.logic.differing), *unsettled)
        yield Section("Everything in which someone's answer differs", lines)
    if unspoken := tuple(_outside_the_proof(found)):
        yield Section("Of this the proof does not speak", unspoken)
    yield _cases(found, cases)


def _verdict(found: Difference) -> Section:
    logic = found.logic
    match found.verdict:
        case Verdict.DIFFERENT:
            said = "There is someone for whom the two versions say different things."
        case Verdict.NOT_TOLD if logic.missing:
            said = f"Nothing was proved. {logic.missing}"
        case Verdict.NOT_TOLD:
            said = "Nothing was proved: the solver did not settle " + "; ".join(_aspects(logic.undecided))
        case _ if not found.entries:
            said = "Nothing is written otherwise."
        case Verdict.GIVEN_THE_FACTS:
            said = (
                "Proved for every person, given the same facts. But a record may give other facts or dates: see below."
            )
        case _:
            said = "Proved for every person on every date: what is written otherwise changes no answer."
    compared = (
        "An answer is compared by its stage, the gate ahead, the diversion, the alerts, the status of every action, "
        "and the stops and cautions shown with it."
    )
    return Section(capital(found.verdict.value), (said, compared))


# ---- what is written --------------------------------------------------------------------------------------------


def _written(change: EntryChange) -> Iterator[Row]:
    name = f"{change.kind} {change.id}"
    if change.how == CHANGED:
        yield from ((name, each.part, each.before or "", each.after or "") for each in change.parts)
        return
    yield name, change.how, "", change.title
    parts = {each.part: each for each in change.parts}
    for part in (part for part in TELLING_PARTS if part in parts):
        yield name, part, parts[part].before or "", parts[part].after or ""


def _reaches(changes: Iterable[EntryChange]) -> Iterator[str]:
    for change in changes:
        if change.reaches:
            kinds = Counter(each.kind for each in change.reaches)
            counts = ", ".join(f"{count} {kind if count == 1 else _plural(kind)}" for kind, count in kinds.items())
            named = ", ".join(each.id for each in change.reaches if each.kind in ("gate", "diversion"))
            yield f"{change.id} reaches {counts}{f' ({named})' if named else ''}."


def _plural(kind: str) -> str:
    irregular = {"property": "properties", "criterion": "criteria", "enquiry": "enquiries"}
    return irregular.get(kind, f"{kind}s")


# ---- for whom ---------------------------------------------------------------------------------------------------


def _person(found: Difference, person: "Person") -> Section:
    title = f"{capital(_title(found, person.aspect))}: {_plain(person.before)} before, {_plain(person.after)} after"
    lines = (
        "A person, made up by the solver and as simple as could be found; whatever is not named is unknown.",
        "Both versions were run on this person, and their answers differ so:",
    )
    known = Table(("of", "value", "facts"), tuple(_known(found, person)))
    return Section(title, lines, (known, differing(person.differs)))


def _known(found: Difference, person: "Person") -> Iterator[Row]:
    """The known facts by value, single ones first, so that the form of red flags does not hide a measurement."""
    groups: dict[tuple[str, str], list[str]] = {}
    for whose, fact, value in person.known:
        title = title_of(found.new if fact in found.new.facts else found.old, fact)
        number, _, unit = value.partition(" ")
        groups.setdefault((whose, amount(number, unit) if unit else _plain(value)), []).append(title)
    for (whose, value), facts in sorted(groups.items(), key=lambda group: len(group[1])):
        yield whose, value, "; ".join(facts)


def differing(differs: Comparison) -> Table:
    """What two answers say otherwise, part by part."""
    return Table(("part", "what", "before", "after"), tuple(row for part in differs.parts for row in _changes(part)))


def _changes(changes: Changes) -> Iterator[Row]:
    for what, named in (("stage", changes.stage), ("diversion", changes.diversion)):
        if named:
            titles = (each.title if each else "none" for each in (named.before, named.after))
            yield changes.part, what, *titles
    if gate := changes.next_gate:
        ahead = (f"{_plain(each.to)}: {each.truth.value}" if each else "none" for each in (gate.before, gate.after))
        yield changes.part, "gate ahead", *ahead
    yield from ((changes.part, f"alert: {alert.title}", "present", "none") for alert in changes.alerts_gone)
    yield from ((changes.part, f"alert: {alert.title}", "none", "present") for alert in changes.alerts_new)
    for action in changes.actions:
        yield changes.part, action.title, *(_plain(each or "no such action") for each in (action.before, action.after))
    for rule in changes.rules:
        yield changes.part, f"rule: {rule.title}", rule.before.value, rule.after.value
    if review := changes.review:
        yield changes.part, "review", *(each.isoformat() if each else "none" for each in (review.before, review.after))


def _aspects(aspects: "Iterable[Aspect]") -> Iterator[str]:
    """The aspects of each kind, in one line."""
    by_kind: dict[str, list[str]] = {}
    for aspect in aspects:
        by_kind.setdefault(aspect.kind.value, []).append(f"{aspect.id} ({aspect.of})" if aspect.of else aspect.id)
    for kind, ids in by_kind.items():
        more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
        yield f"{capital(kind)}: {', '.join(ids[:SHOWN_IDS])}{more}"


def _title(found: Difference, aspect: "Aspect") -> str:
    known = next((each for each in (found.new, found.old) if title_of(each, aspect.id) != aspect.id), found.new)
    return f"{aspect.kind.value}, {title_of(known, aspect.id)}"


def _plain(id_: str) -> str:
    return id_.replace("_", " ")


# ---- the rest ---------------------------------------------------------------------------------------------------


def _outside_the_proof(found: Difference) -> Iterator[str]:
    if found.derived:
        yield f"Facts that a record may give otherwise: {len(found.derived)}"
        yield from (f"{each.fact}: {'; '.join(each.why)}" for each in found.derived)
    if found.dated:
        yield f"Dates that may differ: {', '.join(found.dated)}"
    if found.intake_differs:
        yield "bindings.yaml differs, so a FHIR record may be read otherwise."


def _cases(found: Difference, cases: Cases) -> Section:
    lines = [f"{len(found.cases)} of {found.cases_run} cases are answered otherwise."]
    for word in ("added", "removed", "rewritten"):
        if names := getattr(cases, word):
            lines.append(f"{capital(word)}: {', '.join(names)}")
    if cases.one_only:
        lines.append(f"Not compared, because only one version can read them: {', '.join(cases.one_only)}")
    if (more := len(found.cases) - SHOWN_CASES) > 0:
        lines.append(f"The first {SHOWN_CASES} are shown; `--json` has the other {more} too.")
    rows = tuple((case.id, *row) for case in found.cases[:SHOWN_CASES] for row in differing(case.differs).rows)
    tables = (Table(("case", "part", "what", "before", "after"), rows),) if rows else ()
    return Section("Cases", tuple(lines), tables)


# ---- Markdown ---------------------------------------------------------------------------------------------------


def markdown(title: str, told: Iterable[Section]) -> str:
    """The sections as GitHub Flavored Markdown."""
    parts = [f"# {_safe(title)}"]
    for section in told:
        parts += [f"## {_safe(section.title)}", *(_safe(line) for line in section.lines)]
        parts += [_markdown_table(table) for table in section.tables if table.rows]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    rows = (table.head, tuple("---" for _ in table.head), *(tuple(map(_safe, row)) for row in table.rows))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _safe(text: str) -> str:
    """Text of knowledge files that cannot break a table, become HTML, or call somebody by @name."""
    found = " ".join(clean(text).split())
    for letter, written in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("@", "&#64;"), ("*", "\\*"), ("_", "\\_")):
        found = found.replace(letter, written)
    return found
