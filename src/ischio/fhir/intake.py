"""From the resources of a Bundle to the events of a record."""

from collections.abc import Mapping

from ischio.fhir.bindings import Binding
from ischio.fhir.bundle import Contents, Entry, Person
from ischio.fhir.notes import Notes
from ischio.fhir.outlines import Outlines, Sketch
from ischio.fhir.references import References
from ischio.fhir.routes import Json, shown
from ischio.fhir.standing import NotUsed, Standing
from ischio.fhir.tables import Tables
from ischio.fhir.times import Span, first_date, going_on_when_recorded, span_of
from ischio.fhir.values import NOTHING, Refused, Value
from ischio.model.dates import PartialDate
from ischio.record.events import Event, Kind, Patient, Record


class Intake:
    """Reads the contents of one Bundle. foreign: resources of another version of FHIR, source -> version."""

    def __init__(
        self, tables: Tables, outlines: Outlines, contents: Contents, person: Person, foreign: Mapping[str, str]
    ) -> None:
        self._tables = tables
        self._outlines = outlines
        self._contents = contents
        self._person = person
        self._foreign = foreign
        self._events: list[Event] = []
        self._notes = Notes()
        self._references = References(contents, person, tables)

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
        for source, (one, unused) in self._contents.shut.items():
            self._notes.unused(one.kind, source, unused)
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
        else:
            outline = self._outlines.of(entry, self._references)
            if outline.unused is not None:
                self._notes.unused(entry.type, entry.source, outline.unused)
            if outline.sketches:
                self._use_all(entry, binding, outline.sketches)

    def _use_all(self, entry: Entry, binding: Binding, sketches: tuple[Sketch, ...]) -> None:
        theirs = self._references.why_not_theirs(entry, binding)
        if theirs is not None:
            self._notes.ignore(entry.source, theirs.why)
        if theirs is None or theirs.doubt:
            for sketch in sketches:
                self._use(entry, sketch, theirs.why if theirs else None)

    def _use(self, entry: Entry, sketch: Sketch, unread: str | None) -> None:
        """Adds the event that a sketch tells of, or notes why there is none.

        unread: why it cannot be told what it says. What is in doubt is taken to go on, so that it may still count.
        """
        binding, resource, standing = sketch.binding, entry.resource, sketch.standing
        if isinstance(standing, NotUsed):
            self._notes.ignore(entry.source, standing.why)
            if not standing.doubt:
                return
            unread, standing = standing.why, Standing(Kind.DONE, going_on=True)
        self._notes.sketch(entry, sketch)
        value, side = self._value(resource, sketch), sketch.side
        for refused in (value, side):
            if isinstance(refused, Refused):
                if refused.silent:
                    return
                unread = f"{sketch.concept} {refused.why}"
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
                sketch.concept,
                entry.source if sketch.told_by is None else f"{entry.source} (by {shown(sketch.told_by)})",
                value.value,
                value.unit,
                span.start,
                span.end,
                recorded,
                standing.kind,
                self._references.asserter(entry, binding),
                side,
                sketch.qualifiers,
                unread,
            )
        )

    def _value(self, resource: dict[str, Json], sketch: Sketch) -> Value | Refused:
        if not sketch.asks:
            return sketch.value
        node = resource if sketch.node is None else sketch.node
        read = self._tables.values.in_node(sketch.concept, node, sketch.binding.values or "")
        return sketch.value if read is NOTHING else read


def _person_event(concept: str, source: str, when: PartialDate | None) -> Event:
    value = when.earliest if when is not None and when.exact else None
    return Event(concept, source, value, start=when, end=when)
