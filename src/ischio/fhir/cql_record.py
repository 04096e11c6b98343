"""IschioRecord, the CQL library that reads events from FHIR R4 resources as bindings.yaml says.

What intake.py does for a Bundle, written down for a CQL engine. docs/reference/cql.md says what stays with intake.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ischio.backends.cql.facts import EVENT_PARTS
from ischio.backends.cql.libraries import header
from ischio.backends.cql.text import Library, comment, define, listed, text, texts
from ischio.fhir.bindings import Binding, Bindings
from ischio.fhir.cql_entries import ENTRY, EntryPrinter, shapes_of
from ischio.fhir.tables import read_from
from ischio.model.pathway import Pathway
from ischio.model.terminology import Code, Concept
from ischio.record.dossier import readers_of

OF_PATIENT = ("birth_date", "death", "sex")
_YES_AND_NO = {"yes", "no"}


def fhir_functions(pathway: Pathway) -> Library:
    """The functions over FHIR data types."""
    template = (Path(__file__).parent / "IschioFhir.cql").read_text(encoding="utf-8")
    return Library("IschioFhir", template.replace("@VERSION@", pathway.version))


def record_library(pathway: Pathway, bindings: Bindings) -> Library:
    """Every event that a fact of the pathway looks at."""
    below = (("IschioCommon", "Common"), ("IschioFhir", "Fhir"))
    head = header(pathway, "IschioRecord", "events, read from FHIR R4 resources.", *below)
    defines = _RecordPrinter(pathway, bindings).defines()
    return Library("IschioRecord", "\n\n".join((head, *defines)) + "\n")


class _RecordPrinter:
    def __init__(self, pathway: Pathway, bindings: Bindings) -> None:
        self._concepts = pathway.concepts
        self._bindings = bindings
        self._wanted = [name for name in pathway.concepts if name in readers_of(pathway)]
        self._read = {kind: read_from(pathway.concepts, bindings, kind) for kind in bindings.resources}
        self._entries = EntryPrinter(pathway.concepts, bindings)
        self._names: dict[tuple[str, str], str] = {}
        self._functions: dict[str, str] = {}

    def defines(self) -> Iterator[str]:
        """The resources as entries, then the events of each concept."""
        events = [self._events(self._concepts[name]) for name in self._wanted]
        yield from self._entries.shared()
        for (_, body), name in self._names.items():
            yield define(name, body)
        yield from _EVENT_FUNCTIONS
        for body, name in self._functions.items():
            yield f"define function {name}(E {ENTRY}):\n  {body}"
        yield from events

    # ---- entries ---------------------------------------------------------------------------------------------------

    def _sources(self, kind: str, binding: Binding) -> Iterator[str]:
        """The defines that hold the resources of a type as this binding reads them."""
        for shape in shapes_of(kind, binding):
            body = self._entries.body(shape, binding)
            if (shape.title, body) not in self._names:
                same = sum(1 for title, _ in self._names if title == shape.title)
                name = shape.title if not same else f"{shape.title}, reading {same + 1}"
                self._names[shape.title, body] = name
            yield self._names[shape.title, body]

    # ---- events ----------------------------------------------------------------------------------------------------

    def _events(self, concept: Concept) -> str:
        if concept.id in OF_PATIENT:
            return define(f"events of {concept.id}", self._of_patient(concept.id), concept.title)
        grouped: dict[tuple[str, str], list[str]] = {}
        for kind, read in self._read.items():
            if concept.id in read and read[concept.id].why_not is None:
                for source in self._sources(kind, read[concept.id]):
                    part = self._where(concept, kind, read[concept.id]), self._event(concept, read[concept.id])
                    grouped.setdefault(part, []).append(source)
        queries = [_query(sources, where, event) for (where, event), sources in grouped.items()]
        body = queries[0] if len(queries) == 1 else "flatten {\n" + ",\n".join(f"({one})" for one in queries) + " }"
        return define(f"events of {concept.id}", body, concept.title)

    def _where(self, concept: Concept, kind: str, binding: Binding) -> str:
        if concept.id == binding.unrecognised:
            others = [code for name in self._read[kind] if name != concept.id for code in self._concepts[name].codes]
            named = f"({self._named(concept.codes)} or not {self._named(others)})"
        else:
            codes = [*concept.codes, *(code for name in binding.also for code in self._concepts[name].codes)]
            named = self._named(codes)
        if binding.values is not None and _is_bare(concept):  # said to be absent, or answered no: it did not happen
            return f"{named}\n    and E.truth is not false and not E.withheld"
        return named

    def _named(self, codes: Iterable[Code]) -> str:
        """Whether an entry names one of the codes."""
        exact, starts = self._entries.tokens(codes)
        tests = [f"C in {texts(exact)}"] if exact else []
        tests += [f"StartsWith(C, {text(start)})" for start in starts]
        if not starts:
            return f"exists (E.codes intersect {texts(exact)})"
        return f"exists (E.codes C where {' or '.join(tests)})"

    def _event(self, concept: Concept, binding: Binding) -> str:
        code, unread = self._value(concept, binding)
        bare = binding.values is not None and _is_bare(concept)
        maker = "DatedEvent" if bare else "NumberEvent" if concept.unit is not None else "Event"
        return f"{maker}(E, {text(concept.id)}, {code}, {unread})"

    # ---- values ----------------------------------------------------------------------------------------------------

    def _value(self, concept: Concept, binding: Binding) -> tuple[str, str]:
        """The code of ours that an event has as its value, and whether it cannot be told what it says."""
        if binding.value is not None:
            return text(str(binding.value)), "E.unread"
        if binding.value_from is not None:
            table = binding.value_from
            cases = " ".join(f"when {text(code)} then {text(ours)}" for code, ours in table.codes.items())
            return f"case E.verification {cases} else {text(table.otherwise)} end", "E.unread"
        lookup = self._by_code(concept, "E.codes")
        if binding.values is None:
            return lookup or "null as String", "E.unread"
        if _is_bare(concept):
            return "null as String", f"E.unread or (E.given and not ({self._affirmed()}))"
        if not concept.values:
            return "null as String", "E.unread or (not E.withheld and E.number is null)"
        code = f"{self._function(concept, self._coded(concept, lookup))}(E)"
        told = f"{code} is not null" + (" or E.number is not null" if concept.unit is not None else "")
        return code, f"E.unread or (not E.withheld and not ({told}))"

    def _affirmed(self) -> str:
        """Whether a value says that a bare thing happened: yes, its date, or a code of ours that means yes.

        Words may deny it, and what they say takes a pattern that engines read differently; they are left to intake.
        """
        ours = self._bindings.systems["ischio"]
        codes = texts(f"{ours}|{word}" for word in ("yes", *self._bindings.truths.true))
        return f"E.truth is true or E.onDate is not null or exists (E.valueCodes intersect {codes})"

    def _function(self, concept: Concept, body: str) -> str:
        """The name of the function with this body; concepts with the same values share one."""
        return self._functions.setdefault(body, f'"value of {concept.id}"')

    def _coded(self, concept: Concept, lookup: str) -> str:
        """From value[x]: a code, yes or no, or words; where there is none, from the code of the concept or a sign."""
        truths = self._bindings.truths
        if concept.values.keys() == _YES_AND_NO:
            said = {"true": "yes", "false": "no"}
        else:
            words = {"true": truths.true, "false": truths.false}
            said = {key: next((word for word in given if word in concept.values), "") for key, given in words.items()}
        cases = ["when E.withheld then null"]
        cases += [f"when E.truth = {key} then {text(word)}" for key, word in said.items() if word]
        cases += [f"when E.words in {texts(concept.values)} then E.words"]
        cases += [f"when exists E.valueCodes then {self._by_code(concept, 'E.valueCodes')}"]
        cases += ["when E.given then null"]
        signs = [
            f"when exists (E.signs S where S = {text(sign)}) then {text(word)}"
            for sign, meant in self._bindings.interpretations.items()
            for word in meant
            if word in concept.values
        ]
        implied = f"case {' '.join(signs)} else null end" if signs else "null as String"
        own = f"Coalesce({lookup}, {implied})" if lookup and signs else lookup or implied
        return f"case {' '.join(cases)} else {own} end"

    def _by_code(self, concept: Concept, codes: str) -> str:
        """The value that the first of the codes with one stands for."""
        values = {value: self._entries.tokens(known)[0] for value, known in concept.values.items()}
        cases = " ".join(f"when C in {texts(known)} then {text(value)}" for value, known in values.items() if known)
        if not cases:
            return ""
        every = [token for known in values.values() for token in known]
        return f"First({codes} C where C in {texts(every)} return all case {cases} else null end)"

    # ---- the Patient -----------------------------------------------------------------------------------------------

    def _of_patient(self, concept: str) -> str:
        there, dated = _PATIENT_PARTS[concept]
        code = "Patient.gender.value" if concept == "sex" else "null as String"
        taken = {"concept": text(concept), "source": "'Patient/' + Patient.id.value", "kind": "'done'"}
        taken |= {"asserter": "'clinician'", "unread": "false", "code": code, "dated": dated}
        given = ", ".join(f"{name}: {taken.get(name, f'null as {type_}')}" for name, type_ in EVENT_PARTS.items())
        return f"({{ Tuple {{ {given} }} }}) E\n  where {there}"


_ON_DATE = (
    "if unread_ or E.onDate is null then E.dated\n      "
    "else Common.Dated(false, E.onDate, E.onDate, false, null, E.recorded)"
)
_NUMBERS = ("number", "unit", "plainUnit", "annotated")


def _event_function(name: str, what: str, number: bool, dated: str) -> str:
    taken = {"concept": "concept_", "code": "if unread_ then null else code_", "unread": "unread_", "dated": dated}
    for part in _NUMBERS:
        taken[part] = f"if unread_ then null else E.{part}" if number else f"null as {EVENT_PARTS[part]}"
    parts = ",\n    ".join(f"{part}: {taken.get(part, f'E.{part}')}" for part in EVENT_PARTS)
    operands = f"E {ENTRY}, concept_ String, code_ String, unread_ Boolean"
    return f"{comment(what)}\ndefine function {name}({operands}):\n  Tuple {{\n    {parts}\n  }}"


_EVENT_FUNCTIONS = (
    _event_function("Event", "An entry as an event of a concept.", False, "E.dated"),
    _event_function("NumberEvent", "The same, with its number.", True, "E.dated"),
    _event_function("DatedEvent", "The same; answered by a date, it was on that date.", False, _ON_DATE),
)
_BIRTH, _DEATH = "Patient.birthDate.value", "date from (Patient.deceased as FHIR.dateTime).value"
_PATIENT_PARTS: Mapping[str, tuple[str, str]] = {
    "birth_date": (f"{_BIRTH} is not null", f"Common.Dated(false, {_BIRTH}, {_BIRTH}, false, null, null)"),
    "death": (
        f"({_DEATH}) is not null or (Patient.deceased as FHIR.boolean).value",
        f"Common.Dated(false, {_DEATH}, {_DEATH}, false, null, null)",
    ),
    "sex": ("Patient.gender.value is not null", "Common.Undated"),
}


def _query(sources: list[str], where: str, event: str) -> str:
    named = [f'"{source}"' for source in sources]
    source = named[0] if len(named) == 1 else f"(flatten {listed(named)})"
    return f"{source} E\n  where {where}\n  return all {event}"


def _is_bare(concept: Concept) -> bool:
    return concept.unit is None and not concept.values
