"""The manual page of the intake, written from bindings and terminology so that it cannot drift from them."""

import json
from collections.abc import Iterable, Iterator, Mapping

from ischio.fhir.bindings import Binding, Bindings, StatusTable
from ischio.fhir.examples import example_of
from ischio.fhir.tables import read_from
from ischio.model.facts import Compared, Selection
from ischio.model.pathway import Pathway
from ischio.model.terminology import Code, Concept

_HEAD = """\
# FHIR intake

Written by `make generated` from `bindings.yaml` and `terminology.yaml`; do not edit.

A record is read from a FHIR R4 ({version}) Bundle in JSON, of any type, or from NDJSON with one resource a line, that
holds exactly one Patient. Contained resources are read like those beside them. Each resource about that person becomes
events, one for each concept that its codes name; what is not used is listed in the answer
under `ignored`, with the reason. A code that no concept has is counted, not guessed at.

- **Whose**: the subject must refer to the Patient of the Bundle; what has none is in doubt. Another person's resources
  are not used.
- **Side**: from codes alone (the body site, a part coded `laterality`, or a code that carries a side), never from
  words. Two places that disagree leave it in doubt. Without a side the event counts for neither side by itself.
- **Dates**: the first ten characters; a year or a month stays one. What is no date is left out, and said.
- **Values**: numbers with their unit as given, codes of ours, yes or no. What has a comparator (`<`) is no number.
- **Who says so**: a reference to {patients} is the patient, to {devices} a device, any other, or none, a clinician.
  A Provenance says it for a resource that does not.
- **Medicines**: by RxNorm, then ATC (a class as its prefix), then another code, then a name in the words; the source
  says which told it. One that none of them tells leaves what is not recorded unknown until a review after it began.
- **How long**: an order without an end is ongoing until its supply ends, else for 90 days (convention); a statement
  that a medicine is taken goes on until another says when it ended.
- **Declined**: something not done counts as declined only if its reason says so by code or in plain words.
- **Answers**: a question's `linkId` is a code of ours, with the side after a dot: `pain-nrs.right`.
  Below an answer, after a dot, it may say about which answer it asks: `modality.ischiofemoral-space-mm.right`.
- **Versions**: of one resource the newest counts. A Bundle that is mostly DSTU2, STU3 or R5 is refused.
- **Unknown stays unknown**: a further page that was not included, a query that failed, or a value that is masked,
  leaves the facts that look there unknown.
- **In doubt**: a known code with a value, side, status or subject that cannot be told leaves the facts for which it
  would count unknown, until a newer one can be read. A value said to be absent leaves an older one standing.
"""


def intake_page(pathway: Pathway, bindings: Bindings) -> str:
    """The page in Markdown, for a pathway with its licensed codes."""
    head = _HEAD.format(
        version=bindings.version,
        patients=_words(bindings.asserters.get("patient", ())),
        devices=_words(bindings.asserters.get("device", ())),
    )
    concepts = pathway.concepts
    parts = [head, *_resources(bindings), *_systems(bindings), *_concepts(concepts, bindings)]
    parts += _facts(pathway, bindings)
    return "\n".join(parts) + "\n"


def _resources(bindings: Bindings) -> Iterator[str]:
    yield "## Resource types\n"
    for kind, binding in bindings.resources.items():
        yield f"### {kind}\n"
        yield from (f"- {words}: {paths}" for words, paths in _rows(binding) if paths)
        for table in binding.statuses:
            yield f"- {_code(table.path)}: {_status(table)}"
        yield ""


def _rows(binding: Binding) -> Iterator[tuple[str, str]]:
    """Words and paths of one binding, in the order in which a reader asks."""
    optional = (binding.parts, binding.items, binding.supply, binding.repeats, binding.absent, binding.interpretation)
    parts, items, supply, repeats, absent, interpretation = (_paths((path,) if path else ()) for path in optional)
    yield "what", _all_paths(binding.code) or items
    yield "parts with a code of their own", parts
    yield "whose", _all_paths(binding.about)
    yield "not used if present", _all_paths(binding.focus)
    yield "value", _code(f"{binding.values}[x]") if binding.values else ""
    yield "else by interpretation", interpretation
    yield "reason for no value", absent
    yield "date", _paths(binding.moment)
    yield "from", _paths(binding.start)
    yield "to", _paths(binding.end)
    yield "lasts", ", ".join(filter(None, (supply, f"times 1 + {repeats}" if repeats else "", _days(binding.lasts))))
    yield "recorded", _paths(binding.recorded)
    yield "side", _all_paths(binding.side)
    yield "who says so", _paths(binding.asserter)
    yield "reason for not doing it", _all_paths(binding.refusal)
    yield "qualifiers", "; ".join(f"{' and '.join(one.names)} from {_code(one.path)}" for one in binding.qualifiers)


def _days(days: int | None) -> str:
    return f"else {days} days" if days is not None else ""


def _status(table: StatusTable) -> str:
    kinds = [f"{_code(code)} {kind.value}" for code, kind in table.kind.items()]
    spans = [f"{_code(code)} goes on" for code in table.going_on] + [f"{_code(code)} is over" for code in table.ended]
    refused = [f"{_code(code)} not used ({why})" for code, why in table.not_used.items()]
    other = ["none or any other: what it says is unknown"] if table.required else []
    return "; ".join([*kinds, *spans, *refused, *other])


def _systems(bindings: Bindings) -> Iterator[str]:
    yield "## Code systems\n"
    yield "| name | URI |\n| --- | --- |"
    yield from (f"| {name} | <{uri}> |" for name, uri in bindings.systems.items())
    yield ""


def _concepts(concepts: Mapping[str, Concept], bindings: Bindings) -> Iterator[str]:
    yield "## Concepts\n"
    yield "`*` after a code: every code that starts so. (licensed): stands in `terminology-licensed.yaml`.\n"
    read = {kind: read_from(concepts, bindings, kind) for kind in bindings.resources}
    for concept in concepts.values():
        yield f"### {concept.id}\n"
        yield f"{concept.title}{_measure(concept)}.\n"
        yield f"- read from: {_sources(concept.id, read, bindings)}"
        for kind, binding in ((kind, types[concept.id]) for kind, types in read.items() if concept.id in types):
            yield from _differences(kind, binding, bindings.resources[kind])
        yield from _codes("codes", concept.codes)
        for value, codes in concept.values.items():
            yield from _codes(_code(value), codes)
        yield ""


def _facts(pathway: Pathway, bindings: Bindings) -> Iterator[str]:
    yield "## Facts\n"
    yield "What fills each fact, and the smallest resource that it looks at. The codes stand under the concept.\n"
    read = {kind: read_from(pathway.concepts, bindings, kind) for kind in bindings.resources}
    for fact in pathway.facts.values():
        yield f"#### {fact.id}\n"
        yield f"{fact.about.title}.\n"
        if isinstance(fact.derivation, Compared):
            yield f"- worked out from: {_paths_of(term.fact for term in fact.derivation.terms)}\n"
            continue
        selection = fact.derivation.selection
        filled = (f"{_code(one)} ({_sources(one, read, bindings)})" for one in selection.concepts)
        yield f"- filled by: {'; '.join(filled)}"
        yield from _asked(selection)
        example = example_of(fact, pathway, bindings)
        if example is not None:
            yield f"\n```json\n{json.dumps(example, ensure_ascii=False)}\n```"
        yield ""


def _asked(selection: Selection) -> Iterator[str]:
    """What an event must be, beside being of the concept."""
    if selection.kinds:
        yield f"- only what is {' or '.join(selection.kinds)}"
    if selection.values:
        yield f"- only {' or '.join(map(_code, selection.values))}"
    if selection.asserters:
        yield f"- only what a {' or '.join(selection.asserters)} says"
    for name, wanted in selection.qualifiers.items():
        yield f"- only with {_code(name)}{'' if wanted == ('*',) else ' ' + ' or '.join(map(_code, wanted))}"


def _paths_of(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(map(_code, names)))


def _measure(concept: Concept) -> str:
    return f", in {_code(concept.unit)}" if concept.unit else ""


def _sources(concept: str, read: Mapping[str, Mapping[str, Binding]], bindings: Bindings) -> str:
    kinds = [kind for kind, bound in read.items() if concept in bound]
    person = {
        "sex": bindings.person.sex,
        "birth_date": bindings.person.birth_date,
        "death": f"{bindings.person.death_date}, {bindings.person.dead}",
    }
    if concept in person:
        return f"Patient ({person[concept]})"
    if concept in bindings.qualifiers:
        return "what it qualifies"
    return ", ".join(kinds) or "no resource by itself"


def _differences(kind: str, own: Binding, default: Binding) -> Iterator[str]:
    """What is read otherwise than the resource type says."""
    if own.why_not is not None:
        yield f"- {kind}: not used, because it {own.why_not}"
    if own.names is not None:
        yield f"- {kind} also by its words, if they match in full: {_code(own.names)}"
    if own.value is not None:
        yield f"- {kind} means {_code(own.value)}"
    if own.value_from is not None:
        table = own.value_from
        named = [f"{_code(code)} means {_code(value)}" for code, value in table.codes.items()]
        yield f"- {kind}, {_code(table.path)}: {'; '.join(named)}; any other or none means {_code(table.otherwise)}"
    if own.moment != default.moment:
        yield f"- {kind}, date: {_paths(own.moment)}"
    if own.statuses != default.statuses:
        yield from (f"- {kind}, {_code(table.path)}: {_status(table)}" for table in own.statuses)


def _codes(words: str, codes: Iterable[Code]) -> Iterator[str]:
    shown = [_shown(code) for code in codes]
    if shown:
        yield f"- {words}: {'; '.join(shown)}"


def _shown(code: Code) -> str:
    extra = "".join((f", {code.side}" if code.side else "", "" if code.free else " (licensed)"))
    return f"{code.system} {_code(code.code + ('*' if code.prefix else ''))} {code.display}{extra}"


def _paths(paths: Iterable[str]) -> str:
    return ", else ".join(map(_code, paths))


def _all_paths(paths: Iterable[str]) -> str:
    return " and ".join(map(_code, paths))


def _code(text: str) -> str:
    return f"`{text}`"


def _words(names: Iterable[str]) -> str:
    return " or ".join(names)
