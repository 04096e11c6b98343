"""The short form of a case: a synthetic person written by hand, and what the pathway should say of each hip.

The format is in docs/reference/knowledge-format.md, "cases".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar
from typing import Literal as Choice

from ischio.language.names import suggestion
from ischio.loading.shapes import Entry, Loose, Schema, json_schema, read
from ischio.loading.yaml_lines import Reading, Written, read_yaml
from ischio.model.about import Scope, Side
from ischio.model.dates import PartialDate
from ischio.model.measures import Standing
from ischio.model.mistake import PathwayError
from ischio.model.pathway import Pathway
from ischio.record.case_values import Unfit, given_value, partial_date, read_event
from ischio.record.events import Event, FactData, Gap, Ignored, Patient, Record, State

T = TypeVar("T")
Ids = tuple[Written, ...]
TruthWord = Choice["true", "false", "unknown"]
ReadBundle = Callable[[Path], Record]
"""Reads the FHIR Bundle that a case names."""

STATUSES = ("not_applicable", "blocked", "in_progress", "done", "cannot_tell", "check_first", "optional", "due")


Expectation = str | tuple[str, ...] | Mapping[str, "Expectation"]
"""What the answer should say at one place: a word, a set of words, or more places below it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case. expect: per part of the answer (right, left, person) what it should say; fires, silent: rules that
    the case shows to hold, and not to hold.
    """

    id: str
    title: str
    purpose: str
    index_date: date
    record: Record
    expect: Mapping[str, Mapping[str, Expectation]]
    fires: tuple[str, ...]
    silent: tuple[str, ...]
    path: Path


# ---- the file as declared ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientEntry(Entry):
    """Who the case is about."""

    id: Loose | None = None
    birth_date: Annotated[Loose | None, "Known to the day, the month or the year."] = None
    sex: Written | None = None
    deceased: Annotated[Loose | None, "yes, or the date."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnavailableEntry(Entry):
    """What could not be read."""

    concept: Written
    state: Choice["query failed", "not authorised", "page truncated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEntry(Entry):
    """The gate ahead; `to: none` where there is none."""

    to: Written
    truth: TruthWord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectEntry(Entry):
    """What the answer should say of a hip, or of the person. What is left out is not looked at."""

    stage: Written | None = None
    since: Annotated[Written | None, "A date, or none."] = None
    diversion: Annotated[Written | None, "An id, or none."] = None
    next_gate: GateEntry | None = None
    alerts: Ids | None = None
    actions: Annotated[Mapping[Written, Written], "Each action's status."] = field(default_factory=dict)
    due: Annotated[Mapping[Written, Written], "Each action's date, or none."] = field(default_factory=dict)
    until: Annotated[Mapping[Written, Written], "The date on which a stop lifts, or none."] = field(
        default_factory=dict
    )
    blocked_by: Mapping[Written, Ids] = field(default_factory=dict)
    criteria: Mapping[Written, TruthWord] = field(default_factory=dict)
    first_question: Annotated[Written | None, "The fact asked for first, or none."] = None
    review: Annotated[Written | None, "A date, or none."] = None
    overdue: Choice["yes", "no"] | None = None
    valid_until: Annotated[Written | None, "A date, or none."] = None
    facts: Annotated[Mapping[Written, Loose], "Each fact's value, or unknown."] = field(default_factory=dict)
    measures: Annotated[Mapping[Written, Standing], "How the hip stands to each measure by this date."] = field(
        default_factory=dict
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry(Entry):
    """A case file."""

    id: Loose
    title: Written
    purpose: Written
    on: Annotated[date, "The index date."]
    patient: PatientEntry | None = None
    events: tuple[Mapping[Written, Loose], ...] = ()
    bundle: Annotated[Written | None, "A FHIR Bundle beside the case, in place of patient and events."] = None
    facts: Annotated[Mapping[Written, Mapping[Written, Loose]], "Facts set directly: right, left, person."] = field(
        default_factory=dict
    )
    unavailable: tuple[UnavailableEntry, ...] = ()
    expect: Mapping[Written, ExpectEntry] = field(default_factory=dict)
    fires: Ids = ()
    silent: Ids = ()


def case_schema() -> Schema:
    """The JSON Schema of a case file, for editors."""
    return json_schema(CaseEntry, "ischio case")


# ---- reading ----------------------------------------------------------------------------------------------------


def read_case(path: Path, pathway: Pathway, read_bundle: ReadBundle | None = None) -> Case:
    """The case in a file. read_bundle: how a case that names a FHIR Bundle gets its record.

    Raises PathwayError with all mistakes of the file.
    """
    reading = Reading(str(path))
    node = read_yaml(path, reading)
    entry = read(CaseEntry, node, reading) if node is not None else None
    case = _CaseReader(pathway, path, reading, read_bundle).case(entry) if entry is not None else None
    if case is None or reading.mistakes:
        raise PathwayError(*reading.mistakes)
    return case


@dataclass(frozen=True, slots=True)
class _CaseReader:
    pathway: Pathway
    path: Path
    reading: Reading
    read_bundle: ReadBundle | None

    def case(self, entry: CaseEntry) -> Case:
        return Case(
            id=str(entry.id),
            title=str(entry.title),
            purpose=str(entry.purpose),
            index_date=entry.on,
            record=self._record(entry),
            expect={str(part): self._expected(each) for part, each in self._parts(entry.expect)},
            fires=self._rules(entry.fires),
            silent=self._rules(entry.silent),
            path=self.path,
        )

    # ---- the record ----

    def _record(self, entry: CaseEntry) -> Record:
        base = self._from_bundle(entry) if entry.bundle is not None else self._from_events(entry)
        gaps = tuple(self._gap(each) for each in entry.unavailable)
        return Record(base.patient, base.events, (*base.gaps, *gaps), base.ignored, self._given(entry))

    def _from_bundle(self, entry: CaseEntry) -> Record:
        assert entry.bundle is not None
        line = entry.bundle.line
        if entry.patient is not None or entry.events:
            self._mistake(line, "The case has a bundle and its own patient or events.", "Keep one of the two.")
        if self.read_bundle is None:
            self._mistake(line, "The case names a FHIR Bundle, which cannot be read here.", "Write its events instead.")
            return Record(Patient("case"))
        return self.read_bundle(self.path.parent / entry.bundle)

    def _from_events(self, entry: CaseEntry) -> Record:
        who = entry.patient or PatientEntry(line=entry.line)
        events: list[Event] = []
        ignored: list[Ignored] = []
        for keys in entry.events:
            found = read_event(self.pathway, keys, self.reading)
            if isinstance(found, Event):
                events.append(found)
            elif isinstance(found, Ignored):
                ignored.append(found)
        birth = self._date(who.birth_date)
        patient = Patient(str(who.id or entry.id), birth, who.sex and str(who.sex))
        return Record(patient, (*self._of_patient(who, birth), *events), ignored=tuple(ignored))

    def _of_patient(self, who: PatientEntry, birth: PartialDate | None) -> Iterable[Event]:
        """Sex, birth and death as events, from which facts derive as from any other."""
        if who.sex is not None:
            yield Event("sex", self._at(who.sex), str(who.sex))
        if birth is not None and who.birth_date is not None:
            value = birth.earliest if birth.exact else str(birth)
            yield Event("birth_date", self._at(who.birth_date), value, start=birth, end=birth)
        if who.deceased is not None and who.deceased not in ("no", "false"):
            died = None if who.deceased in ("yes", "true") else self._date(who.deceased)
            yield Event("death", self._at(who.deceased), start=died, end=died)

    def _at(self, written: Written) -> str:
        return f"{self.path.name}, line {written.line}"

    def _date(self, written: Written | None) -> PartialDate | None:
        if written is None:
            return None
        try:
            return partial_date(written)
        except Unfit as unfit:
            self._mistake(written.line, unfit.what, unfit.mend)
            return None

    def _gap(self, entry: UnavailableEntry) -> Gap:
        self._known(entry.concept, self.pathway.concepts, "concept")
        return Gap(str(entry.concept), State(str(entry.state)), self._at(entry.concept))

    def _given(self, entry: CaseEntry) -> dict[Side | None, dict[str, FactData | None]]:
        return {
            None if part == "person" else Side(part): dict(
                self._facts(facts, Scope.PERSON if part == "person" else Scope.HIP)
            )
            for part, facts in self._parts(entry.facts)
        }

    def _facts(self, written: Mapping[Written, Written], scope: Scope) -> Iterator[tuple[str, FactData | None]]:
        for name, text in written.items():
            if self._known(name, self.pathway.facts, "fact"):
                try:
                    yield str(name), given_value(self.pathway.facts[name], scope, text)
                except Unfit as unfit:
                    self._mistake(name.line, unfit.what, unfit.mend)

    def _parts(self, entries: Mapping[Written, T]) -> Iterator[tuple[str, T]]:
        """The entries under `right`, `left` and `person`."""
        for part, entry in entries.items():
            if self._known(part, ("right", "left", "person"), "part"):
                yield str(part), entry

    # ---- what is expected ----

    def _expected(self, entry: ExpectEntry) -> dict[str, Expectation]:
        known = self.pathway
        flags = [flag.fact for flag in known.flags]
        self._all_known([entry.stage], [*(stage.id for stage in known.stages), "not_on_pathway"], "stage")
        self._all_known(
            [entry.next_gate.to if entry.next_gate else None],
            [*(stage.id for stage in known.ordered_stages), "none"],
            "gated stage",
        )
        self._all_known([entry.diversion], [*(diversion.id for diversion in known.diversions), "none"], "diversion")
        self._all_known(entry.alerts or (), flags, "red flag")
        self._all_known(entry.actions.values(), STATUSES, "status")
        self._all_known(entry.criteria, known.criteria, "criterion")
        self._all_known(entry.facts, known.facts, "fact")
        self._all_known(entry.measures, known.measures, "measure")
        for by_action in (entry.actions, entry.due, entry.until, entry.blocked_by):
            self._all_known(by_action, known.actions, "action")
        return {key: plain for key in entry.key_lines if (plain := _plain(getattr(entry, key))) is not None}

    def _rules(self, names: Ids) -> tuple[str, ...]:
        flags = (flag.fact for flag in self.pathway.flags)
        self._all_known(names, [*self.pathway.criteria, *self.pathway.actions, *flags], "rule")
        return tuple(map(str, names))

    # ---- mistakes ----

    def _all_known(self, names: Iterable[Written | None], known: Iterable[str], kind: str) -> None:
        known = tuple(known)
        for name in names:
            if name is not None:
                self._known(name, known, kind)

    def _known(self, name: Written, known: Iterable[str], kind: str) -> bool:
        known = tuple(known)
        if name not in known:
            named = f"Name one of {', '.join(known)}." if len(known) <= 10 else f"Name a {kind} that the pathway has."
            mend = suggestion(name, known) or named
            self._mistake(name.line, f"`{name}` is no {kind} of this pathway.", mend)
        return name in known

    def _mistake(self, line: int, what: str, mend: str) -> None:
        self.reading.mistake(line, what, mend)


def _plain(value: object) -> Expectation | None:
    """A declared expectation as plain words."""
    match value:
        case None:
            return None
        case GateEntry():
            return {key: plain for key in value.key_lines if (plain := _plain(getattr(value, key))) is not None}
        case Mapping():
            return {str(key): plain for key, each in value.items() if (plain := _plain(each)) is not None}
        case Standing():
            return value.value
        case tuple():
            return tuple(map(str, value))
        case _:
            return str(value)
