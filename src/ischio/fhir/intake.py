"""From the resources of a Bundle to the events of a record."""

from collections.abc import Mapping

from ischio.fhir.bundle import Contents, Entry, Person
from ischio.fhir.codes import one_side
from ischio.fhir.findings import Finder, Finding
from ischio.fhir.notes import Notes
from ischio.fhir.references import References
from ischio.fhir.routes import Coding, codings, first_code, gathered, shown
from ischio.fhir.standing import NotUsed, Standing, standing_of
from ischio.fhir.tables import Tables
from ischio.fhir.times import Span, first_date, going_on_when_recorded, span_of
from ischio.fhir.values import NOTHING, Refused, Value
from ischio.model.dates import PartialDate
from ischio.record.events import Event, EventSide, Kind, Patient, Record


class Intake:
    """Reads the contents of one Bundle. foreign: resources of another version of FHIR, source -> version."""

    def __init__(self, tables: Tables, contents: Contents, person: Person, foreign: Mapping[str, str]) -> None:
        self._tables = tables
        self._contents = contents
        self._person = person
        self._foreign = foreign
        self._events: list[Event] = []
        self._notes = Notes(tables.bindings.systems.get("snomed"))
        self._references = References(contents, person, tables)
        self._finder = Finder(tables, self._references, self._notes)

    def record(self) -> Record:
        patient = self._patient()
        for note in self._contents.ignored:
            self._notes.ignore(note.source, note.why)
        for entry in self._contents.entries:
            if entry.type != "Patient":
                self._read(entry)
                if "contained" in entry.resource:
                    for inner in self._contained(entry):
                        self._read(inner)
        self._notes.incomplete(self._contents, self._tables)
        return Record(patient, tuple(self._events), self._notes.gaps, self._notes.ignored)

    def _patient(self) -> Patient:
        where, resource = self._tables.bindings.person, self._person.resource
        source = f"Patient/{shown(self._person.id)}"
        birth, bad_birth = first_date(resource, (where.birth_date,))
        death, bad_death = first_date(resource, (where.death_date,))
        for bad in (bad_birth, bad_death):
            if bad is not None:
                self._notes.ignore(source, f"{shown(bad)} is not a date")
        if birth is not None:
            self._events.append(_person_event("birth_date", source, birth))
        if death or bad_death or where.dead.found(resource)[:1] == [True]:
            self._events.append(_person_event("death", source, death))
        sex = where.sex.text(resource)
        if sex is not None:
            self._events.append(Event("sex", source, sex))
        return Patient(shown(self._person.id), birth, sex)

    def _contained(self, entry: Entry) -> list[Entry]:
        """Resources inside another that tell something by themselves; they see those beside them."""
        inside = entry.resource["contained"]
        if type(inside) is not list:
            return []
        read = self._tables.resources
        return [
            Entry(f"{entry.source}#{shown(one.get('id'))}", one["resourceType"], None, one | {"contained": inside})
            for one in inside
            if type(one) is dict and type(one.get("resourceType")) is str and one["resourceType"] in read
        ]

    def _read(self, entry: Entry) -> None:
        binding = self._tables.resources.get(entry.type)
        if entry.source in self._foreign:
            self._notes.ignore(entry.source, f"has the shape of FHIR {self._foreign[entry.source]}, not of R4")
        elif binding is None:
            if entry.type != self._tables.bindings.vouching.type:  # says who made others: References asks it
                self._notes.unread_type(entry)
        elif findings := self._finder.in_resource(entry, binding):
            theirs = self._references.why_not_theirs(entry, binding)
            if theirs is not None:
                self._notes.ignore(entry.source, theirs.why)
            if theirs is None or theirs.doubt:
                for finding in findings:
                    self._use(entry, finding, theirs.why if theirs else None)

    def _use(self, entry: Entry, finding: Finding, unread: str | None) -> None:
        """Adds the event that a finding tells of, or notes why there is none.

        unread: why it cannot be told what it says. What is in doubt is taken to go on, so that it may still count.
        """
        binding, resource = finding.binding, entry.resource
        standing = standing_of(resource, binding, self._tables)
        if isinstance(standing, NotUsed):
            self._notes.ignore(entry.source, standing.why)
            if not standing.doubt:
                return
            unread, standing = standing.why, Standing(Kind.DONE, going_on=True)
        value, side = self._value(entry, finding), self._side(entry, finding)
        for refused in (value, side):
            if isinstance(refused, Refused):
                if refused.silent:
                    return
                unread = f"{finding.concept} {refused.why}"
                self._notes.ignore(entry.source, unread)
        value = Value() if unread or isinstance(value, Refused) else value
        side = None if isinstance(side, Refused) else side
        span = Span(value.on, value.on) if value.on else span_of(resource, binding, standing.going_on, standing.ended)
        recorded, bad = first_date(resource, binding.recorded)
        if standing.going_on and binding.medicine:
            span = going_on_when_recorded(span, recorded)
        if unreadable := span.unreadable or bad:
            self._notes.ignore(entry.source, f"{shown(unreadable)} is not a date and was left out")
        self._events.append(
            Event(
                finding.concept,
                entry.source if finding.told_by is None else f"{entry.source} (by {shown(finding.told_by)})",
                value.value,
                value.unit,
                span.start,
                span.end,
                recorded,
                standing.kind,
                self._references.asserter(entry, binding),
                side,
                self._qualifiers(entry, finding),
                unread,
            )
        )

    # ---- value -----------------------------------------------------------------------------------------------------

    def _value(self, entry: Entry, finding: Finding) -> Value | Refused:
        """By the binding itself, else from value[x], else from the code, else from the interpretation."""
        binding = finding.binding
        if binding.value is not None:
            return self._tables.values.own(finding.concept, binding.value)
        if binding.value_from is not None:
            table = binding.value_from
            code = first_code(table.path.found(entry.resource))
            return Value(str(table.codes.get(code or "", table.otherwise)))
        if binding.values is None:
            return self._value_by_code(finding) or Value()
        absent = self._absent(entry, finding)
        if absent is not None:
            return absent
        read = self._tables.values.in_node(finding.concept, finding.node, binding.values)
        if read is not NOTHING:
            return read
        return self._value_by_code(finding) or self._interpreted(finding) or NOTHING

    def _value_by_code(self, finding: Finding) -> Value | None:
        for code in finding.codes:
            value = self._tables.values.by_code(finding.concept, code)
            if value is not None:
                return value
        return None

    def _interpreted(self, finding: Finding) -> Value | None:
        where = finding.binding.interpretation
        return self._tables.values.interpreted(finding.concept, where.found(finding.node)) if where else None

    def _absent(self, entry: Entry, finding: Finding) -> Value | Refused | None:
        """A value that is said to be absent, with the reason: it is none, and an older one still counts.

        Some reasons leave the concept unknown. What needs no value did not happen.
        """
        nodes = finding.binding.absent.found(finding.node) if finding.binding.absent else ()
        if not nodes:
            return None
        reason = first_code(nodes) or "no reason given"
        state = self._tables.bindings.absences.get(reason)
        if state is not None:
            self._notes.gap(finding.concept, state, entry.source)
        why = f"has no value ({shown(reason)})"
        self._notes.ignore(entry.source, f"{finding.concept} {why}")
        return Refused(why, silent=True) if self._tables.values.is_bare(finding.concept) else Value()

    # ---- side and qualifiers ---------------------------------------------------------------------------------------

    def _side(self, entry: Entry, finding: Finding) -> EventSide | Refused | None:
        """The side that the resource gives by its codes, its body site or a part; refused if they disagree."""
        tables = self._tables
        nodes = gathered(finding.binding.side, entry.resource)
        if finding.parts:
            nodes += [value for concept, value in finding.parts if concept == tables.bindings.side]
        if not nodes:
            return finding.side
        given = one_side([tables.sides[one] for node in nodes for one in codings(node) if one in tables.sides])
        if given and finding.side and given is not finding.side:
            return Refused(f"has a code for {finding.side.value} and a body site for {given.value}")
        side = given or finding.side
        if side is None and not any(tables.bindings.site in tables.concepts_named(node) for node in nodes):
            why = "its body site is not read as right, left or both, so it counts as without a side"
            self._notes.ignore(entry.source, why)
        return side

    def _qualifiers(self, entry: Entry, finding: Finding) -> Mapping[str, str]:
        given: dict[str, list[Coding]] = {}
        for place in finding.binding.qualifiers:
            if place.path.top in entry.resource:
                codes = [coding for node in place.path.found(entry.resource) for coding in codings(node)]
                for name in place.names:
                    given[name] = given.get(name, []) + codes
        for concept, value in finding.parts:
            given[concept] = given.get(concept, []) + codings(value)
        if not given:
            return {}
        named = {name: self._tables.values.qualifier(name, codes) for name, codes in given.items()}
        named.pop(self._tables.bindings.side, None)
        return {name: value for name, value in named.items() if value is not None}


def _person_event(concept: str, source: str, when: PartialDate | None) -> Event:
    value = when.earliest if when is not None and when.exact else None
    return Event(concept, source, value, start=when, end=when)
