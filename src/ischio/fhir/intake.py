"""One Bundle being read: what each resource says, and what was not used and why."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ischio.fhir.bindings import Binding
from ischio.fhir.bundle import Contents, Entry, Person
from ischio.fhir.routes import Json, Route, bare_codes, codings, shown, texts
from ischio.fhir.standing import NotUsed, standing_of
from ischio.fhir.tables import Tables
from ischio.fhir.times import Span, first_date, span_of
from ischio.fhir.values import NOTHING, Refused, Value
from ischio.model.dates import PartialDate
from ischio.record.events import Asserter, Event, EventSide, Gap, Ignored, Patient, Record, State

_REFERENCE, _CONTAINED = Route("reference"), Route("contained")
_LINK, _ANSWER, _ITEM = Route("linkId"), Route("answer"), Route("item")
_SIDES = {side.value: side for side in EventSide}
_EXAMPLES = 5
"""Unknown codes that are named for each resource type; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A concept found in a resource.

    node: the resource, part or answer in which its value stands. codes: the CodeableConcepts that name it.
    sides: those that its codes or its question carry.
    """

    concept: str
    binding: Binding
    node: Json
    codes: tuple[Json, ...] = ()
    sides: frozenset[EventSide] = frozenset()


class Intake:
    """Turns the contents of a Bundle into a record."""

    def __init__(self, tables: Tables, contents: Contents, person: Person) -> None:
        self._tables = tables
        self._contents = contents
        self._person = person
        self._events: list[Event] = []
        self._gaps: dict[Gap, None] = {}
        self._ignored = set(contents.ignored)
        self._unknown: dict[str, Counter[str]] = {}
        self._unread: Counter[str] = Counter()
        self._targets: dict[str, dict[str, Json]] | None = None

    def record(self) -> Record:
        patient = self._patient()
        for entry in self._contents.entries:
            if entry.type != "Patient":
                self._read(entry)
        self._note_missing_queries()
        self._note_unread()
        ignored = sorted(self._ignored, key=lambda one: (one.source, one.why))
        return Record(patient, tuple(self._events), tuple(self._gaps), tuple(ignored))

    def _ignore(self, entry: Entry, why: str) -> None:
        self._ignored.add(Ignored(entry.source, why))

    # ---- the person ------------------------------------------------------------------------------------------------

    def _patient(self) -> Patient:
        where, resource = self._tables.bindings.person, self._person.resource
        source = f"Patient/{shown(self._person.id)}"
        birth, bad_birth = first_date(resource, (where.birth_date,))
        death, bad_death = first_date(resource, (where.death_date,))
        for bad in (bad_birth, bad_death):
            if bad is not None:
                self._ignored.add(Ignored(source, f"{shown(bad)} is not a date"))
        if birth is not None:
            self._events.append(_person_event("birth_date", source, birth))
        if death or bad_death or where.dead.found(resource)[:1] == [True]:
            self._events.append(_person_event("death", source, death))
        return Patient(shown(self._person.id), birth, where.sex.text(resource))

    def _is_about_them(self, entry: Entry, binding: Binding) -> bool:
        """Whether the resource is about our person and nothing else; if not, that is noted."""
        references = [
            text for route in binding.about for node in route.found(entry.resource) if (text := _REFERENCE.text(node))
        ]
        other = next((one for one in references if not self._person.is_meant_by(one)), None)
        if not references:
            self._ignore(entry, "does not say by reference whose it is")
        elif other is not None:
            self._ignore(entry, f"is about another person ({shown(other)})")
        elif any(route.found(entry.resource) for route in binding.focus):
            self._ignore(entry, "is about something else than the person")
        else:
            return True
        return False

    # ---- what a resource is about ----------------------------------------------------------------------------------

    def _read(self, entry: Entry) -> None:
        version = self._tables.versions.version_of(entry)
        if version is not None:
            self._ignore(entry, f"has the shape of FHIR {version}, not of R4")
            return
        binding = self._tables.bindings.resources.get(entry.type)
        if binding is None:
            self._unread[entry.type] += 1
            return
        findings = list(self._answers(entry, binding.items) if binding.items else self._coded(entry, binding))
        if findings and self._is_about_them(entry, binding):
            for finding in findings:
                self._use(entry, finding)

    def _coded(self, entry: Entry, binding: Binding) -> list[Finding]:
        codes = tuple(node for route in binding.code for node in self._concepts_at(entry, route))
        found = list(self._meant(entry.type, entry.resource, codes))
        for part in binding.parts.found(entry.resource) if binding.parts else ():
            if type(part) is dict:
                found += self._meant(entry.type, part, (part.get("code"),))
        usable = [one for one in found if one.binding.why_not is None]
        if not found:
            self._note_code(entry.type, codes)
        elif not usable:
            self._ignore(entry, found[0].binding.why_not or "")
        return usable

    def _meant(self, kind: str, node: Json, codes: tuple[Json, ...]) -> Iterator[Finding]:
        """The concepts that codes mean, each once, with the sides of all codes: M25.851 gives the side of its words."""
        read, index = self._tables.read[kind], self._tables.index
        meanings = [meaning for code in codes for coding in codings(code) for meaning in index.meanings(coding)]
        concepts = dict.fromkeys(meaning.concept for meaning in meanings if meaning.concept in read)
        for concept, pattern in self._tables.named[kind]:
            if any(pattern.fullmatch(text.strip()) for code in codes for text in texts(code)):
                concepts[concept] = None
        if concepts:
            sides = frozenset(meaning.side for meaning in meanings if meaning.side is not None)
            yield from (Finding(concept, read[concept], node, codes, sides) for concept in concepts)

    def _concepts_at(self, entry: Entry, route: Route) -> Iterator[Json]:
        """The CodeableConcepts at a route; of a reference, the code of the resource it refers to."""
        for node in route.found(entry.resource):
            reference = node.get("reference") if type(node) is dict else None
            yield self._target(entry, reference).get("code") if type(reference) is str else node

    def _answers(self, entry: Entry, items: Route) -> Iterator[Finding]:
        """The answers to questions whose linkId is a code of ours, with a side after a dot: `pain-nrs.right`."""
        waiting = items.found(entry.resource)
        while waiting:
            item = waiting.pop(0)
            answers = _ANSWER.found(item)
            waiting += _ITEM.found(item) + [below for answer in answers for below in _ITEM.found(answer)]
            for concept, side in self._asked(item):
                if binding := self._tables.read[entry.type].get(concept):
                    sides = frozenset({side} if side else ())
                    yield from (Finding(concept, binding, answer, (), sides) for answer in answers)

    def _asked(self, item: Json) -> Iterator[tuple[str, EventSide | None]]:
        """The concept and side that a question is about."""
        code, _, side = (_LINK.text(item) or "").partition(".")
        for meaning in self._tables.index.meanings((self._tables.bindings.systems["ischio"], code)):
            yield meaning.concept, _SIDES.get(side)

    # ---- from a finding to an event --------------------------------------------------------------------------------

    def _use(self, entry: Entry, finding: Finding) -> None:
        binding, resource = finding.binding, entry.resource
        standing = standing_of(resource, binding, self._tables)
        if isinstance(standing, NotUsed):
            self._ignore(entry, standing.why)
            if standing.doubt:
                self._gaps[Gap(finding.concept, State.QUERY_FAILED, entry.source)] = None
            return
        value = self._value(entry, finding)
        sides = self._sides(entry, finding)
        if value is None or sides is None:
            return
        span = span_of(resource, binding, standing.going_on, standing.ended)
        if value.on is not None:
            span = Span(value.on, value.on)
        recorded, bad = first_date(resource, binding.recorded)
        if unreadable := span.unreadable or bad:
            self._ignore(entry, f"{shown(unreadable)} is not a date and was left out")
        self._events.append(
            Event(
                concept=finding.concept,
                source=entry.source,
                value=value.value,
                unit=value.unit,
                start=span.start,
                end=span.end,
                recorded=recorded,
                kind=standing.kind,
                asserter=self._asserter(entry, binding),
                side=next(iter(sides), None),
                qualifiers=self._qualifiers(entry, finding),
            )
        )

    def _value(self, entry: Entry, finding: Finding) -> Value | None:
        """The value of a finding; None if it cannot be used, which is then noted."""
        read = self._found_value(entry, finding)
        if isinstance(read, Value):
            return read
        if not read.silent:
            self._ignore(entry, f"{finding.concept} {read.why}")
        return None

    def _found_value(self, entry: Entry, finding: Finding) -> Value | Refused:
        binding, values = finding.binding, self._tables.values
        if binding.value is not None:
            return Value(binding.value)
        if binding.value_from is not None:
            table = binding.value_from
            codes = (code for node in table.path.found(entry.resource) for code in bare_codes(node))
            return Value(table.codes.get(next(codes, ""), table.otherwise))
        absent = self._absent(entry, finding)
        if absent is not None:
            return absent
        read = values.in_node(finding.concept, finding.node, binding.values) if binding.values else Value()
        if read is NOTHING or not binding.values:
            by_code = (values.by_code(finding.concept, code) for code in finding.codes)
            read = next((value for value in by_code if value is not None), read)
        if read is NOTHING and binding.interpretation is not None:
            read = values.interpreted(finding.concept, binding.interpretation.found(finding.node)) or read
        return read

    def _absent(self, entry: Entry, finding: Finding) -> Refused | None:
        """The reason that was recorded for a value's absence; some reasons leave the concept unknown."""
        nodes = finding.binding.absent.found(finding.node) if finding.binding.absent else []
        reason = next((code for node in nodes for code in bare_codes(node)), None)
        if reason is None:
            return Refused("has no value") if nodes else None
        state = self._tables.bindings.absences.get(reason)
        if state is not None:
            self._gaps[Gap(finding.concept, State(state), entry.source)] = None
        return Refused(f"has no value ({shown(reason)})")

    def _sides(self, entry: Entry, finding: Finding) -> frozenset[EventSide] | None:
        """The side as a set of one, empty if none is given; None, which is noted, if two places disagree."""
        nodes = [node for route in finding.binding.side for node in route.found(entry.resource)]
        nodes += [value for code, value in self._parts(entry, finding) if self._tables.laterality in codings(code)]
        named = {coding for node in nodes for coding in codings(node)}
        given = _one_side({self._tables.sides[coding] for coding in named if coding in self._tables.sides})
        carried = _one_side(finding.sides)
        if given and carried and given != carried:
            self._ignore(entry, f"its code says {_word(carried)}, its body site {_word(given)}")
            return None
        if nodes and not given and not carried and not named & self._tables.sites:
            self._ignore(entry, "its body site is not read as right, left or both, so it counts as without a side")
        return given or carried

    def _qualifiers(self, entry: Entry, finding: Finding) -> dict[str, str]:
        values = self._tables.values
        nodes = {
            name: [node for route in routes for node in route.found(entry.resource)]
            for name, routes in finding.binding.qualifiers.items()
        }
        for code, value in self._parts(entry, finding):
            for coding in codings(code):
                for meaning in self._tables.index.meanings(coding):
                    if meaning.concept in self._tables.bindings.qualifiers:
                        nodes.setdefault(meaning.concept, []).append(value)
        named = {name: values.qualifier(name, found) for name, found in nodes.items() if found}
        return {name: value for name, value in named.items() if value is not None}

    def _parts(self, entry: Entry, finding: Finding) -> Iterator[tuple[Json, Json]]:
        """Code and coded value of each part of the resource, or of each question below an answer."""
        binding = finding.binding
        for part in binding.parts.found(entry.resource) if binding.parts else ():
            if type(part) is dict:
                yield part.get("code"), part.get("valueCodeableConcept")
        if binding.items is not None:
            system = self._tables.bindings.systems["ischio"]
            for item in _ITEM.found(finding.node):
                for answer in _ANSWER.found(item):
                    if type(answer) is dict:
                        yield {"system": system, "code": _LINK.text(item)}, answer.get("valueCoding")

    # ---- who says so -----------------------------------------------------------------------------------------------

    def _asserter(self, entry: Entry, binding: Binding) -> Asserter:
        """Of several the highest authority; nobody named counts as a clinician."""
        for route in binding.asserter:
            types = [self._type_referred_to(entry, node) for node in route.found(entry.resource)]
            if types:
                who = {self._tables.asserters.get(kind, Asserter.CLINICIAN) for kind in types}
                return next(asserter for asserter in Asserter if asserter in who)
        return Asserter.CLINICIAN

    def _type_referred_to(self, entry: Entry, node: Json) -> str:
        reference = _REFERENCE.text(node) or ""
        if self._person.is_meant_by(reference):
            return "Patient"
        target = self._target(entry, reference).get("resourceType")
        if type(target) is str:
            return target
        stated = node.get("type") if type(node) is dict else None
        return (
            stated
            if type(stated) is str
            else reference.split("?")[0].split("/_history/")[0].rpartition("/")[0].rpartition("/")[2]
        )

    def _target(self, entry: Entry, reference: str) -> dict[str, Json]:
        """The resource that a reference leads to within the Bundle; empty if it leads nowhere."""
        if reference.startswith("#"):
            contained = _CONTAINED.found(entry.resource)
            return next((one for one in contained if type(one) is dict and one.get("id") == reference[1:]), {})
        if self._targets is None:
            entries = self._contents.entries
            self._targets = {one.source: one.resource for one in entries}
            self._targets |= {one.url: one.resource for one in entries if one.url}
        return self._targets.get(reference.split("/_history/")[0], {})

    # ---- what was not read -----------------------------------------------------------------------------------------

    def _note_code(self, kind: str, codes: tuple[Json, ...]) -> None:
        named = next((f"{code} {_display(node)}" for node in codes for _, code in codings(node)), None)
        words = named or next((text for node in codes for text in texts(node)), "no code")
        self._unknown.setdefault(kind, Counter())[shown(words.strip())] += 1

    def _note_unread(self) -> None:
        for kind, codes in self._unknown.items():
            often = sorted(codes, key=lambda code: (-codes[code], code))[:_EXAMPLES]
            more = f" and {len(codes) - _EXAMPLES} more" if len(codes) > _EXAMPLES else ""
            why = f"no fact reads their codes: {'; '.join(often)}{more}"
            self._ignored.add(Ignored(f"{kind} ({codes.total()})", why))
        for kind, count in self._unread.items():
            self._ignored.add(Ignored(f"{shown(kind)} ({count})", "this type of resource is not read"))

    def _note_missing_queries(self) -> None:
        """What a further page, or a query that failed, may have told is unknown."""
        present = {entry.type for entry in self._contents.entries}
        for kind, read in self._tables.read.items():
            if kind in self._contents.truncated:
                self._gaps |= dict.fromkeys(Gap(concept, State.TRUNCATED, "Bundle") for concept in read)
            if self._contents.failed is not None and kind not in present:
                self._gaps |= dict.fromkeys(Gap(concept, self._contents.failed, "Bundle") for concept in read)


def _person_event(concept: str, source: str, when: PartialDate | None) -> Event:
    value = when.earliest if when is not None and when.exact else None
    return Event(concept, source, value, start=when, end=when)


def _one_side(sides: set[EventSide] | frozenset[EventSide]) -> frozenset[EventSide]:
    """One side of several: right and left are both."""
    return frozenset({EventSide.BOTH}) if len(sides) > 1 else frozenset(sides)


def _word(sides: frozenset[EventSide]) -> str:
    return next(iter(sides)).value


def _display(node: Json) -> str:
    return next(texts(node), "")
