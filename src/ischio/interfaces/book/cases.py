"""Pages of cases: the story of a synthetic patient, and the answer that the pathway must give."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from ischio.engine.cases import CaseRun
from ischio.interfaces.book.content import Block, Item, Link, Listing, Page, Paragraph, Rows, Section, Table, Words
from ischio.interfaces.book.links import key_of
from ischio.interfaces.book.shelf import Shelf
from ischio.interfaces.words import amount, capital, day, number
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.record.case_form import Expectation
from ischio.record.events import Asserter, Event, Record

WHOSE = {Side.RIGHT: "right side", Side.LEFT: "left side", None: "the person"}
PARTS = {"right": "Right side", "left": "Left side", "person": "The person"}


def case_pages(shelf: Shelf) -> Iterator[Page]:
    """A page for every case."""
    for run in shelf.runs:
        case = run.case
        story = Section("The story", tuple(_story(shelf, case.record, case.index_date)))
        sections = (story, *_expected(shelf, run), _shown(shelf, run))
        marks = ("synthetic", f"on {day(case.index_date)}")
        yield Page(key_of("case", case.id), case.title, f"{capital(case.purpose)}.", marks, sections)


# ---- the story --------------------------------------------------------------------------------------------------


def _story(shelf: Shelf, record: Record, index: date) -> Iterator[Block]:
    patient = record.patient
    rows: list[tuple[str, Words]] = [("Day of the answer", (day(index),))]
    rows += [("Born", (_partly(patient.birth_date),))] if patient.birth_date else []
    yield Rows(tuple(rows))
    events = tuple(_event(shelf, event) for event in record.events if event.concept != "birth_date")
    if events:
        yield Table("What is recorded", ("Date", "What", "Value", "Side", "More"), events)
    given = tuple(
        (_fact(shelf, fact), (_given(shelf, fact, value),), (WHOSE[side],))
        for side, facts in record.given.items()
        for fact, value in facts.items()
    )
    if given:
        yield Table("Facts given directly", ("Fact", "Value", "Of"), given)
    gaps = tuple(Item((f"{_concept(shelf, gap.concept)}: {gap.state.value}",)) for gap in record.gaps)
    if gaps:
        yield Paragraph(("What could not be read:",))
        yield Listing(gaps)


def _event(shelf: Shelf, event: Event) -> tuple[Words, ...]:
    more = [event.kind.value] if event.kind.value != "done" else []
    more += [f"by the {event.asserter.value}"] if event.asserter is not Asserter.CLINICIAN else []
    more += [f"{name.replace('_', ' ')}: {value}" for name, value in event.qualifiers.items()]
    more += [event.unread] if event.unread else []
    side = event.side.value if event.side else ""
    return (
        (_dates(event),),
        (_concept(shelf, event.concept),),
        (_value(shelf, event),),
        (side,),
        ("; ".join(more),),
    )


def _dates(event: Event) -> str:
    if event.start is None:
        return f"until {_partly(event.end)}" if event.end else "undated"
    start = _partly(event.start)
    if event.end == event.start:
        return start
    return f"{start} to {_partly(event.end)}" if event.end else f"since {start}"


def _partly(moment: PartialDate) -> str:
    """A date as far as it is known."""
    return day(moment.earliest) if moment.exact else str(moment)


def _concept(shelf: Shelf, name: str) -> str:
    concept = shelf.pathway.concepts.get(name)
    return concept.title if concept else name


def _value(shelf: Shelf, event: Event) -> str:
    match event.value:
        case None:
            return ""
        case bool():
            return "yes" if event.value else "no"
        case Decimal():
            return amount(number(event.value), event.unit)
        case date():
            return day(event.value)
        case code:
            concept = shelf.pathway.concepts.get(event.concept)
            codes = concept.values.get(code, ()) if concept else ()
            return codes[0].display if codes else code.replace("_", " ")


def _fact(shelf: Shelf, name: str) -> Words:
    return (Link(key_of("fact", name), shelf.pathway.facts[name].about.title),)


def _given(shelf: Shelf, name: str, value: bool | int | str | date | None) -> str:
    kind = shelf.pathway.facts[name].type
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case int():
            return amount(f"{kind.amount(value):f}", kind.unit)
        case date():
            return day(value)
        case code:
            return kind.codes.get(code, code)


# ---- the answer -------------------------------------------------------------------------------------------------


def _expected(shelf: Shelf, run: CaseRun) -> Iterator[Section]:
    rows = tuple(
        ((PARTS[part],), _what(shelf, what), _wanted(shelf, what, wanted))
        for part, expected in run.case.expect.items()
        for what, wanted in _leaves(expected)
    )
    if rows:
        yield Section("The answer it must get", (Table("Expected", ("Of", "What", "Answer"), rows),))


Leaf = tuple[tuple[str, ...], str]


def _leaves(expected: Mapping[str, Expectation], path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    for key, inner in expected.items():
        match inner:
            case str():
                yield (*path, key), inner
            case tuple():
                yield (*path, key), ", ".join(map(str, inner)) or "none"
            case _:
                yield from _leaves(inner, (*path, key))


def _what(shelf: Shelf, what: tuple[str, ...]) -> Words:
    first, *names = (each.replace("_", " ") for each in what)
    if len(what) == 1 or what[0] == "next_gate":
        return (" ".join((first, *names)),)
    words = {"actions": "", "criteria": "", "facts": "", "due": "due date of ", "until": "end of the block of "}
    before = words.get(what[0], f"{first} of ")
    return (*((before,) if before else ()), shelf.links.rule(what[1]))


def _wanted(shelf: Shelf, what: tuple[str, ...], wanted: str) -> Words:
    """The expected word; a stage, diversion or gate by its title."""
    if what in (("stage",), ("diversion",), ("next_gate", "to")) and wanted not in ("none", "not_on_pathway"):
        return (shelf.links.rule(wanted),)
    if what[0] in ("blocked_by", "alerts"):
        return shelf.links.linked(wanted)
    return (wanted.replace("_", " "),)


def _shown(shelf: Shelf, run: CaseRun) -> Section:
    """What this pathway answers, and which rules the case was written for."""
    items = [Item((f"{each.what}: expected {each.expected}, got {each.got}",)) for each in run.differences]
    told = "The pathway of this book gives another answer:" if items else "The pathway of this book gives this answer."
    blocks: list[Block] = [Paragraph((told,)), *((Listing(tuple(items)),) if items else ())]
    for words, names in (("Written to show that these hold:", run.case.fires), ("Not to hold:", run.case.silent)):
        blocks += [Paragraph((words,)), shelf.links.listing(names)] if names else []
    return Section("Whether it gets it", tuple(blocks))
