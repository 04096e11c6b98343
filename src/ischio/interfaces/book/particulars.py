"""What a rule says beside its conditions, by the kind of rule."""

from collections.abc import Iterator

from ischio.engine.explain import Explanation
from ischio.interfaces.book.conditions import condition, in_words, prose
from ischio.interfaces.book.content import Item, Link, Listing, Paragraph, Rows, Section, Words
from ischio.interfaces.book.derivations import derivation
from ischio.interfaces.book.links import Links, key_of
from ischio.interfaces.book.shelf import Shelf, guards, links_listed, outcome
from ischio.interfaces.drawing.map import is_death, picture
from ischio.interfaces.rule_parts import interval_text, parameter_parts
from ischio.interfaces.words import capital
from ischio.model.measures import Days, Measure
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, DueDate, Stage

Row = tuple[str, Words]


def particulars(shelf: Shelf, found: Explanation) -> Iterator[Section]:
    """What the rule says beside its conditions, by the kind of rule."""
    pathway, links = shelf.pathway, shelf.links
    match found.kind:
        case "stage":
            yield from _stage(shelf, pathway.stage(found.id))
        case "action":
            yield from _action(pathway, links, pathway.actions[found.id])
        case "parameter":
            rows = parameter_parts(pathway.parameters[found.id]).items()
            yield Section("Value", (Rows(tuple((capital(name), (text,)) for name, text in rows)),))
        case "fact":
            yield Section("How it is derived", (derivation(links, pathway.facts[found.id]),))
            if enquiry := pathway.enquiries.get(found.id):
                yield Section("How it is asked", (Paragraph((Link(key_of("enquiry", found.id), enquiry.ask),)),))
        case "diversion":
            passing = tuple(action.id for action in pathway.actions.values() if found.id in _passed(pathway, action))
            if passing:
                yield Section("Actions that it does not block", (links.listing(passing),))
        case "red flag":
            codes = Paragraph(("The fact: ", Link(key_of("fact", found.id), pathway.facts[found.id].about.title)))
            yield Section("What is recorded", (codes,))
        case "stop" | "strong caution" | "caution":
            yield from _until(links, found, pathway)
        case "property":
            yield from _property(shelf, found.id)
        case "measure":
            yield from _measure(links, pathway.measures[found.id])


def _measure(links: Links, measure: Measure) -> Iterator[Section]:
    which = "every day up to the cohort's date that is: " if measure.days is Days.EVERY else "the newest day that is: "
    day: Words = ("the date of the cohort",) if measure.on is None else (which, links.rule(measure.on))
    rows: tuple[Row, ...] = (("Asked on", day), ("Better", (f"a {measure.better.value} share",)))
    yield Section("How it is asked", (Rows(rows),))


def _stage(shelf: Shelf, stage: Stage) -> Iterator[Section]:
    links = shelf.links
    entered: Words = ("through ", links.rule(stage.criterion), " and all gates before it")
    own: Words = ("by its own condition: ", links.rule(stage.criterion))
    rows: list[Row] = [("Entered", entered if stage.ordered else own)]
    if stage.since:
        latest: Words = ("the latest of: ",) if len(stage.since) > 1 else ()
        separated = (part for fact in stage.since for part in (", ", links.rule(fact)))
        rows.append(("Since", (*latest, *tuple(separated)[1:])))
    if stage.review:
        times = ", ".join(interval_text(each) for each in stage.review.schedule)
        every = f"every {interval_text(stage.review.then)}"
        rows.append(("Review", prose(links, f"after {times}, then {every}" if times else every)))
    else:
        rows.append(("Review", ("none is owed",)))
    when = shelf.pathway.criteria[stage.criterion].when
    yield Section("How it is reached", (Rows(tuple(rows)), *condition(links, when)))
    yield from _leading(shelf, stage)


def _leading(shelf: Shelf, stage: Stage) -> Iterator[Section]:
    """Where one may go from a stage, and the actions that ask for its gate."""
    links = shelf.links
    leaving = (edge for edge in picture(shelf.pathway).edges if edge.start == stage.id)
    ways = tuple(
        Item(("back to " if edge.back else "on to ", links.rule(edge.to), ": ", links.rule(edge.rule, edge.label)))
        for edge in leaving
    )
    if ways:
        yield Section("Where it leads", (Listing(ways),))
    actions = tuple(user for user in shelf.used_by(stage.criterion, "stage") if user.to.startswith("action/"))
    if actions:
        yield Section("Actions that ask for it", (links_listed(actions),))


def _passed(pathway: Pathway, action: Action) -> tuple[str, ...]:
    """The diversions that do not block an action."""
    return tuple(each.id for each in pathway.diversions if each.id in action.passes and not is_death(pathway, each))


def _action(pathway: Pathway, links: Links, action: Action) -> Iterator[Section]:
    for kind, rules in guards(action).items():
        items = (Item((Link(key_of(kind, rule.id), rule.about.title), f": {rule.about.sentence}")) for rule in rules)
        if rules:
            yield Section(f"{capital(kind)}s", (Listing(tuple(items)),))
    yield from _must_know(links, action)
    rows: list[Row] = [(capital(name.replace("_", " ")), (text,)) for name, text in action.texts.items()]
    rows += [("Due date", _moment(links, action.due))] if action.due else []
    if passed := _passed(pathway, action):
        rows.append(("Not blocked by", prose(links, ", ".join(passed))))
    rows += [("Never due together with", (links.rule(other),)) for other in _rivals(pathway, action)]
    if rows:
        yield Section("Particulars", (Rows(tuple(rows)),))


def _rivals(pathway: Pathway, action: Action) -> tuple[str, ...]:
    """The actions that are never due together with this one."""
    groups = set(action.exclusive)
    return tuple(
        other.id for other in pathway.actions.values() if other.id != action.id and groups.intersection(other.exclusive)
    )


def _must_know(links: Links, action: Action) -> Iterator[Section]:
    if action.must_know:
        needed = (
            Item(
                (links.rule(must.name), ", needed unless this is false:" if must.needed_when else ""),
                (in_words(links, must.needed_when),) if must.needed_when else (),
            )
            for must in action.must_know
        )
        yield Section("What must be known first", (Listing(tuple(needed)),))


def _moment(links: Links, due: DueDate) -> Words:
    return prose(links, f"{due.fact} plus {interval_text(due.plus)}" if due.plus else due.fact)


def _until(links: Links, found: Explanation, pathway: Pathway) -> Iterator[Section]:
    every = (rule for action in pathway.actions.values() for rules in guards(action).values() for rule in rules)
    rule = next(rule for rule in every if rule.id == found.id)
    if rule.until:
        yield Section("Lifts", (Paragraph(_moment(links, rule.until)),))


def _property(shelf: Shelf, name: str) -> Iterator[Section]:
    found = next(proved for proved in shelf.pathway.properties if proved.id == name)
    rows: list[Row] = [("Number", (str(found.number),)), ("Kind", (found.check.replace("_", " "),))]
    rows += [("Actions of kind", (", ".join(found.kinds),))] if found.kinds else []
    for label, names in (("Actions", found.actions), ("Spares", found.except_actions), ("Asks", found.asks)):
        rows += [(label, (shelf.links.rule(each),)) for each in names]
    rows.append(("Outcome", (outcome(shelf, name),)))
    yield Section("What is proved", (Rows(tuple(rows)),))
