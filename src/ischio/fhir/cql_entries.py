"""Resources as entries: one tuple for each resource, part or answer, in the words that events use.

An entry says which codes name it and all that does not depend on the concept: whether it counts, when it was, who says
so, which side, which qualifiers, and the value as it was written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ischio.backends.cql.facts import DATED
from ischio.backends.cql.text import define, listed, text, texts
from ischio.fhir.bindings import Binding, Bindings, StatusTable
from ischio.fhir.cql_paths import as_list, codings, day, element
from ischio.fhir.routes import Route
from ischio.model.terminology import Code, Concept

DEPTH = 3
"""How many levels of questions inside questions are read."""

ENTRY = (
    "Tuple { source String, codes List<String>, kind String, unread Boolean, asserter String, side String, "
    f"dated {DATED}, recorded Date, verification String, number Decimal, hasNumber Boolean, unit String, "
    "plainUnit String, annotated Boolean, valueCodes List<String>, truth Boolean, words String, onDate Date, "
    "given Boolean, withheld Boolean, signs List<String>, modality String, leg_position String, method String, "
    "guidance String, injectate String, moment String }"
)
"""The type of an entry, as functions take it."""

QUALIFIERS = ("modality", "leg_position", "method", "guidance", "injectate", "moment")
_CODED_STATUSES = ("verificationStatus", "clinicalStatus")


@dataclass(frozen=True, slots=True)
class Shape:
    """Where an entry is read from. source: the list with its alias; resource, node: paths of the resource, and of the
    resource, part or answer that holds code and value.
    """

    title: str
    kind: str
    source: str
    resource: str
    node: str


def shapes_of(kind: str, binding: Binding) -> Iterator[Shape]:
    """A resource by itself, and its parts; or its answers."""
    if binding.items is not None:
        yield Shape("Answers", kind, '"answers" N', "N.R", "N.A")
        return
    yield Shape(f"{kind} entries", kind, f"[{kind}] R", "R", "R")
    if binding.parts is not None:
        yield Shape(f"{kind} parts", kind, f'"parts of {kind}" N', "N.R", "N.C")


class EntryPrinter:
    def __init__(self, concepts: Mapping[str, Concept], bindings: Bindings) -> None:
        self._concepts = concepts
        self._bindings = bindings
        self._ours = str(bindings.systems["ischio"])
        every = [code for concept in concepts.values() for code in concept.codes]
        self._sided = {side: [code for code in every if code.side == side] for side in ("right", "left", "both")}

    def tokens(self, codes: Iterable[Code]) -> tuple[list[str], list[str]]:
        """Codes as `system|code`: those that are meant exactly, and the beginnings of those meant by prefix."""
        exact: dict[str, None] = {}
        starts: dict[str, None] = {}
        for code in codes:
            (starts if code.prefix else exact)[f"{self._bindings.systems[code.system]}|{code.code}"] = None
        return list(exact), list(starts)

    def shared(self) -> Iterator[str]:
        """Parts of resources, questions and answers, and the side that codes carry."""
        for kind, binding in self._bindings.resources.items():
            if binding.parts is not None:
                yield _parts_of(kind, binding.parts)
            if binding.items is not None:
                yield from _answers_of(kind)
        yield self._side_of("codes", {side: self.tokens(codes) for side, codes in self._sided.items()})
        values = self._concepts[self._bindings.side].values
        yield self._side_of("site", {side: self.tokens(codes) for side, codes in values.items()})

    def _side_of(self, what: str, codes: Mapping[str, tuple[list[str], list[str]]]) -> str:
        tests = ", ".join(f"exists (codes C where {_is_one_of(*codes[side])})" for side in ("right", "left", "both"))
        return f"define function SideOf{what.capitalize()}(codes List<String>):\n  Fhir.OneSide({tests})"

    # ---- entries ---------------------------------------------------------------------------------------------------

    def body(self, shape: Shape, binding: Binding) -> str:
        """The query that turns resources into entries."""
        lets = ",\n    ".join(f"{name}: {body}" for name, body in self._lets(shape, binding))
        where = self._where(shape, binding)
        kept = f"\n  where {' and '.join(where)}" if where else ""
        parts = ",\n    ".join(f"{name}: {body}" for name, body in self._parts(shape, binding))
        return f"{shape.source}\n  let {lets}{kept}\n  return all Tuple {{\n    {parts}\n  }}"

    def _lets(self, shape: Shape, binding: Binding) -> Iterator[tuple[str, str]]:
        for number, table in enumerate(binding.statuses, 1):
            yield f"status{number}", _status(shape, table)
        yield "doubtful", _doubtful(binding)
        yield "kind", _kind(binding)
        yield "goingOn", f"doubtful or {_among(binding, 'going_on')}"
        yield "ended", f"not doubtful and {_among(binding, 'ended')}"
        yield "instant_", _first_day(shape, binding.moment)
        yield "begun", f"Coalesce(instant_, {_first_day(shape, binding.start)})"
        yield (
            "over",
            f"if instant_ is null then {_first_day(shape, binding.end)} else if goingOn then null else instant_",
        )
        yield "recorded", _first_day(shape, binding.recorded)
        yield "dated", _dated(shape, binding)
        yield "codes", self._codes(shape, binding)
        yield "named", self._side_named(shape)
        yield "given", f"SideOfSite({self._side_codes(shape, binding)})"
        for name in QUALIFIERS:
            if codes := self._qualifier_codes(shape, binding, name):
                yield f"{name}_codes", codes

    def _where(self, shape: Shape, binding: Binding) -> list[str]:
        """What keeps a resource out."""
        tests = ["dated is not null"]
        tests += [
            f"(status{number} is null or not (status{number} in {texts(table.not_used)}))"
            for number, table in enumerate(binding.statuses, 1)
            if table.not_used
        ]
        tests += [f"not exists {element(shape.kind, route, shape.resource)}" for route in binding.focus]
        if binding.refusal:
            codes = self._all_codes(shape, binding.refusal)
            refusals = [f"{self._bindings.systems[code.system]}|{code.code}" for code in self._bindings.refusals]
            tests.append(f"(kind != 'declined' or exists ({codes} intersect {texts(refusals)}))")
        return tests

    def _parts(self, shape: Shape, binding: Binding) -> Iterator[tuple[str, str]]:
        yield "source", f"{text(shape.kind + '/')} + {shape.resource}.id.value"
        yield "codes", "codes"
        yield "kind", "kind"
        yield "unread", "doubtful or Coalesce(named != given, false)"
        yield "asserter", _asserter(shape, binding)
        yield "side", "if named != given then null else Coalesce(given, named)"
        yield "dated", "dated"
        yield "recorded", "recorded"
        verified = shape.kind == "Condition"
        yield "verification", f"Fhir.FirstCode({shape.resource}.verificationStatus)" if verified else "null as String"
        yield from _values(shape, binding)
        for name in QUALIFIERS:
            yield name, self._qualifier(shape, binding, name)

    # ---- codes and sides -------------------------------------------------------------------------------------------

    def _codes(self, shape: Shape, binding: Binding) -> str:
        if binding.items is not None:
            return f"{{ {text(self._ours + '|')} + ({_before_dot('N.I.linkId.value')}) }}"
        if shape.node != shape.resource:
            return f"Fhir.Codes({shape.node}.code.coding)"
        return self._all_codes(shape, binding.code)

    def _all_codes(self, shape: Shape, routes: Iterable[Route]) -> str:
        lists = [_codes_at(shape, route) for route in routes]
        return lists[0] if len(lists) == 1 else f"(flatten {listed(lists)})"

    def _side_named(self, shape: Shape) -> str:
        """The side that the codes carry, or that the question names after a dot."""
        if shape.node != "N.A":
            return "SideOfCodes(codes)"
        link = "N.I.linkId.value"
        after = f"Substring({link}, PositionOf('.', {link}) + 1)"
        known = texts(("right", "left", "both"))
        return f"if PositionOf('.', {link}) >= 0 and {after} in {known} then {after} else null"

    def _side_codes(self, shape: Shape, binding: Binding) -> str:
        """The codes that say which side it is."""
        lists = [f"Fhir.Codes({codings(shape.kind, route, shape.resource)})" for route in binding.side]
        lists += [self._more(shape, self._bindings.side)] if _has_more(binding) else []
        if not lists:
            return "List<String>{ }"
        return lists[0] if len(lists) == 1 else f"flatten {listed(lists)}"

    def _qualifier_codes(self, shape: Shape, binding: Binding, name: str) -> str:
        """The codes that say what a qualifier is; nothing where no place holds them."""
        if name not in self._concepts:  # another pathway qualifies by other things
            return ""
        places = [place.path for place in binding.qualifiers if name in place.names]
        lists = [f"Fhir.Codes({codings(shape.kind, route, shape.resource)})" for route in places]
        lists += [self._more(shape, name)] if _has_more(binding) else []
        return "" if not lists else lists[0] if len(lists) == 1 else f"flatten {listed(lists)}"

    def _qualifier(self, shape: Shape, binding: Binding, name: str) -> str:
        if not self._qualifier_codes(shape, binding, name):
            return "null as String"
        cases = [
            f"when exists ({name}_codes intersect {texts(self.tokens(known)[0])}) then {text(value)}"
            for value, known in self._concepts[name].values.items()
        ]
        return f"case {' '.join(cases)} else null end"

    def _more(self, shape: Shape, name: str) -> str:
        """The codes that a part, or a question below the answer, gives for a side or qualifier."""
        named = texts(self.tokens(self._concepts[name].codes)[0])
        if shape.node == "N.A":
            ours = f"{text(self._ours + '|')} + ({_before_dot('I.linkId.value')})"
            given = "Fhir.Codes(I.answer A return all A.value as FHIR.Coding)"
            return f"(flatten (N.A.item I where {ours} in {named} return all {given}))"
        parts = f"{shape.resource}.component"
        given = "Fhir.Codes((C.value as FHIR.CodeableConcept).coding)"
        found = f"flatten ({parts} C where exists (Fhir.Codes(C.code.coding) intersect {named}) return all {given})"
        return f"Coalesce({found}, List<String>{{ }})"


def _has_more(binding: Binding) -> bool:
    return binding.items is not None or binding.parts is not None


def _is_one_of(exact: list[str], starts: list[str]) -> str:
    tests = [f"C in {texts(exact)}"] if exact else []
    tests += [f"StartsWith(C, {text(start)})" for start in starts]
    return " or ".join(tests) or "false"


def _codes_at(shape: Shape, route: Route) -> str:
    """Codes at a route; of a reference to a medicine, those of the Medication that it leads to."""
    if not route.endswith("Reference"):
        return f"Fhir.Codes({codings(shape.kind, route, shape.resource)})"
    reference = f"{element(shape.kind, route, shape.resource)}.reference.value"
    led_to = f"[Medication] M where {reference} = 'Medication/' + M.id.value"
    return f"(flatten ({led_to} return all Fhir.Codes(M.code.coding)))"


# ---- parts and answers ---------------------------------------------------------------------------------------------


def _parts_of(kind: str, parts: Route) -> str:
    body = (
        f"flatten ([{kind}] R\n  where exists R.{parts}\n  return all (R.{parts} C return all Tuple {{ R: R, C: C }}))"
    )
    return define(f"parts of {kind}", body, "Parts with a code and a value of their own.")


def _before_dot(link: str) -> str:
    """The code of a question: after a dot its linkId says of which side it is, or which answer it is about."""
    return f"if PositionOf('.', {link}) < 0 then {link} else Substring({link}, 0, PositionOf('.', {link}))"


def _answers_of(kind: str) -> Iterator[str]:
    """Questions inside questions, as far down as they are read, and the answers to all of them."""
    first = f"flatten ([{kind}] R\n  where exists R.item\n  return all (R.item I return all Tuple {{ R: R, I: I }}))"
    yield define("questions 1", first)
    for level in range(2, DEPTH + 1):
        above = f'"questions {level - 1}" Q'
        inside = [
            f"flatten ({above} where exists {path} return all ({path} J return all Tuple {{ R: Q.R, I: J }}))"
            for path in ("Q.I.item", "Q.I.answer.item")
        ]
        yield define(f"questions {level}", f"flatten {{\n  {f',{chr(10)}  '.join(inside)} }}")
    every = listed(f'"questions {level}"' for level in range(1, DEPTH + 1))
    answer = "Tuple { R: Q.R, I: Q.I, A: A }"
    body = f"flatten ((flatten {every}) Q\n  where exists Q.I.answer\n  return all (Q.I.answer A return all {answer}))"
    yield define("answers", body, "Answers to questions whose linkId is a code of ours.")


# ---- status and dates ----------------------------------------------------------------------------------------------


def _status(shape: Shape, table: StatusTable) -> str:
    path = f"{shape.resource}.{table.path}"
    if table.path in _CODED_STATUSES:
        return f"Fhir.FirstCode({path})"
    if table.path == "doNotPerform":
        return f"if {path}.value then 'true' else null"
    return f"{path}.value"


def _doubtful(binding: Binding) -> str:
    """Whether a status that must be one of those known is not."""
    tests = [
        f"status{number} is null or not (status{number} in {texts(table.kind)})"
        for number, table in enumerate(binding.statuses, 1)
        if table.required
    ]
    return " or ".join(tests) or "false"


def _kind(binding: Binding) -> str:
    cases = []
    for number, table in enumerate(binding.statuses, 1):
        for kind in dict.fromkeys(table.kind.values()):
            if kind.value != "done" or number < len(binding.statuses):
                codes = texts(code for code, meant in table.kind.items() if meant is kind)
                cases.append(f"when status{number} in {codes} then {text(kind.value)}")
    return f"case when doubtful then 'done' {' '.join(cases)} else 'done' end" if cases else "'done'"


def _among(binding: Binding, which: str) -> str:
    """Whether a status is one under which it goes on, or is over."""
    tests = [
        f"Coalesce(status{number} in {texts(codes)}, false)"
        for number, table in enumerate(binding.statuses, 1)
        if (codes := getattr(table, which))
    ]
    return f"({' or '.join(tests)})" if tests else "false"


def _first_day(shape: Shape, routes: tuple[Route, ...]) -> str:
    days = [day(shape.kind, route, shape.resource) for route in routes]
    if len(days) < 2:
        return days[0] if days else "null as Date"
    return f"Coalesce({', '.join(days)})"


def _dated(shape: Shape, binding: Binding) -> str:
    dated = f"Common.Dated(kind = 'planned', begun, over, ended, {_supply(shape, binding)}, recorded)"
    if not binding.medicine:
        return dated
    # What went on when it was written down, and does not say since when, began on that day or before.
    since = "Common.Period(Common.Ever, Common.LastDay(recorded), Common.Never, Common.Never)"
    return f"if goingOn and begun is null and over is null and recorded is not null then {since}\n      else {dated}"


def _supply(shape: Shape, binding: Binding) -> str:
    if binding.supply is None:
        return "null"
    days = f"Fhir.Days({element(shape.kind, binding.supply, shape.resource)})"
    times = (
        f"(1 + Coalesce({element(shape.kind, binding.repeats, shape.resource)}.value, 0))" if binding.repeats else "1"
    )
    return f"Coalesce(Truncate({days} * {times}), {binding.lasts})"


def _asserter(shape: Shape, binding: Binding) -> str:
    named = [f"Fhir.Asserter({as_list(shape.kind, route, shape.resource)})" for route in binding.asserter]
    return f"Coalesce({', '.join((*named, text('clinician')))})"


# ---- values --------------------------------------------------------------------------------------------------------


def _values(shape: Shape, binding: Binding) -> Iterator[tuple[str, str]]:
    """value[x] as it was written, null where the type of resource has none."""
    if binding.values is None:
        yield from _NONE.items()
        return
    of = f"{shape.node}.{binding.values}"
    answers = shape.node == "N.A"
    quantity = f"({of} as FHIR.Quantity)"
    plain = f"ToDecimal(({of} as FHIR.integer).value)"
    decimals = f", ({of} as FHIR.decimal).value" if answers else ""
    unit = f"Coalesce({quantity}.code.value, {quantity}.unit.value)"
    yield (
        "number",
        f"if {quantity}.comparator is not null then null else Coalesce({quantity}.value.value, {plain}{decimals})",
    )
    yield "hasNumber", f"({of} is FHIR.Quantity)"
    yield "unit", unit
    yield "plainUnit", f"Fhir.PlainUnit({unit})"
    yield "annotated", f"Coalesce(StartsWith({unit}, '{{') and EndsWith({unit}, '}}'), false)"
    coded = f"{{ {of} as FHIR.Coding }}" if answers else f"({of} as FHIR.CodeableConcept).coding"
    yield "valueCodes", f"Fhir.Codes({coded})"
    yield "truth", f"({of} as FHIR.boolean).value"
    yield "words", f"({of} as FHIR.string).value"
    date_ = f", ({of} as FHIR.date).value" if answers else ""
    moment = f"date from ({of} as FHIR.dateTime).value"
    yield "onDate", f"Coalesce({moment}{date_})" if date_ else moment
    yield "given", f"{of} is not null"
    yield "withheld", f"{shape.node}.{binding.absent} is not null" if binding.absent else "false"
    signs = f"{shape.node}.{binding.interpretation}" if binding.interpretation else ""
    yield (
        "signs",
        f"({signs}.coding C where C.system.value is not null return C.code.value)" if signs else "List<String>{ }",
    )


_NONE = {
    "number": "null as Decimal",
    "hasNumber": "false",
    "unit": "null as String",
    "plainUnit": "null as String",
    "annotated": "false",
    "valueCodes": "List<String>{ }",
    "truth": "null as Boolean",
    "words": "null as String",
    "onDate": "null as Date",
    "given": "false",
    "withheld": "false",
    "signs": "List<String>{ }",
}
