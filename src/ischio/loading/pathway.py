"""Loading a pathway: every file read, linked and checked, and every mistake told at once."""

from collections.abc import Mapping
from importlib.resources import files as package_files
from pathlib import Path

from ischio.loading.actions import actions, flags, refuse_missing_flags
from ischio.loading.criteria import criteria, definitions, diversions, stages
from ischio.loading.cut_points import refuse_calendar_dependent_cuts
from ischio.loading.draft import Draft, plain, text_or_none
from ischio.loading.entries import EnquiryEntry, OverlayEntry
from ischio.loading.fact_types import fact_types
from ischio.loading.facts import facts
from ischio.loading.files import FILES, Files, read_files
from ischio.loading.map import pathway_map
from ischio.loading.measures import measures, outcomes
from ischio.loading.parameters import overrides, parameters
from ischio.loading.patient import patient_words
from ischio.loading.properties import properties
from ischio.loading.registry import Registered, flag_rules, refuse_duplicates, refuse_one_sided_links, registered
from ischio.loading.shapes import Name, read
from ischio.loading.sources import claims, seed, sources
from ischio.loading.terminology import concepts
from ischio.loading.yaml_lines import Reading, Written, read_yaml
from ischio.model.about import NONE_YET, SIDE, Place
from ischio.model.facts import Enquiry, ValueKind
from ischio.model.mistake import Mistake, PathwayError
from ischio.model.pathway import Pathway


def load_pathway(folder: Path | None = None, overlay: Path | None = None, licensed_codes: bool = True) -> Pathway:
    """The pathway of a knowledge folder.

    folder: default the packaged ischiofemoral pathway. overlay: a site's own values of parameters. licensed_codes:
    whether codes that need a licence (terminology-licensed.yaml) are read.
    Raises PathwayError with every mistake of the files, in the order of the files.
    """
    mistakes: list[Mistake] = []
    broken: set[str] = set()
    files = read_files(folder or packaged(), mistakes, broken, licensed_codes)
    site = _read_overlay(overlay, mistakes, broken) if overlay else None
    pathway = _linked(files, site, str(overlay), mistakes, broken) if files else None
    if pathway is None or mistakes:
        raise PathwayError(*sorted(mistakes, key=_position))
    return pathway


def packaged() -> Path:
    """The folder of the packaged pathway."""
    return Path(str(package_files("ischio").joinpath("knowledge", "ischiofemoral")))


def _position(mistake: Mistake) -> tuple[int, int]:
    names = [*FILES, mistake.file]
    return names.index(mistake.file), mistake.line or 0


def _read_overlay(path: Path, mistakes: list[Mistake], broken: set[str]) -> OverlayEntry | None:
    reading = Reading(str(path), mistakes, broken=broken)
    node = read_yaml(path, reading)
    return None if node is None else read(OverlayEntry, node, reading)


def _linked(
    files: Files, site: OverlayEntry | None, overlay_file: str, mistakes: list[Mistake], broken: set[str]
) -> Pathway:
    """The parts, each after those it refers to; then the checks that look at all of them."""
    claimed = {str(claim): entry for claim, entry in files.evidence.claims.items()}
    draft = Draft(files.pathway, mistakes, broken, claimed, plain(files.source.lines))
    parameters(files.parameters, draft)
    if site:
        overrides(site, overlay_file, draft)
    fact_types(files.facts, draft)
    defined = definitions(files, draft)
    rules = registered(files, defined)
    draft.others = {rule.id: rule.kind for rule in rules}
    known_concepts = concepts(files.terminology, files.terminology_licensed, draft)
    known_criteria, known_flags = criteria(defined, draft), flags(files, draft)
    pathway = Pathway(
        id=str(files.pathway.id),
        version=str(files.pathway.version),
        title=str(files.pathway.title),
        reviewed=files.pathway.reviewed,
        overlay=str(site.id) if site else None,
        statements=plain(files.pathway.statements),
        parameters=draft.parameters,
        facts=facts(files.facts, known_concepts, draft),
        criteria=known_criteria,
        stages=stages(files, draft),
        diversions=diversions(files, draft),
        flags=known_flags,
        actions=actions(files, draft),
        enquiries=_enquiries(files.enquiries, draft),
        claims=claims(files.evidence, draft),
        sources=sources(files.evidence),
        seed=seed(files.source, (rule.id for rule in rules), draft),
        concepts=known_concepts,
        properties=properties(files, draft),
        review_fact=str(files.pathway.review_fact),
        deceased_fact=str(files.pathway.deceased_fact),
        map=pathway_map(files.stages, draft),
        body_part=str(files.pathway.body_part or SIDE),
        measures=measures(files, draft),
        outcomes=outcomes(files, draft),
        next_review=files.pathway.next_review,
        funding=str(files.pathway.funding or NONE_YET),
        conflicts=str(files.pathway.conflicts or NONE_YET),
        patient=patient_words(files, known_flags, draft),
    )
    _check_whole(pathway, files, rules, draft)
    return pathway


def _enquiries(entries: Mapping[Name, EnquiryEntry], draft: Draft) -> dict[str, Enquiry]:
    """The questions, by fact, in the order of the file."""
    built: dict[str, Enquiry] = {}
    for order, (name, entry) in enumerate(entries.items()):
        reading = draft.reading("enquiries.yaml", f"enquiry {name}")
        draft.known(name, draft.types, "a fact", reading)
        if entry.same_as is not None:
            _check_same_as(entry.same_as, entries, reading, draft)
        _check_for_patients(entry, entries, reading, draft)
        built[str(name)] = Enquiry(
            str(name),
            str(entry.ask),
            text_or_none(entry.ask_patient),
            entry.burden,
            order,
            Place("enquiries.yaml", entry.line),
            text_or_none(entry.same_as),
            entry.patient_set,
            text_or_none(entry.patient_after),
        )
    return built


def _check_same_as(other: Written, entries: Mapping[Name, EnquiryEntry], reading: Reading, draft: Draft) -> None:
    """The other question has to be one of its own, so that something is asked."""
    if draft.known(other, entries, "a fact with an enquiry", reading) and entries[Name(other)].same_as is not None:
        what = f"`{other}` is itself asked through another question."
        reading.mistake(other.line, what, f"Name that one, or leave `same_as` of {other} out.")


def _check_for_patients(
    entry: EnquiryEntry, entries: Mapping[Name, EnquiryEntry], reading: Reading, draft: Draft
) -> None:
    """What patients are asked has words for them, and what it is asked after is asked in the same set."""
    if entry.patient_set is not None and entry.ask_patient is None:
        what = "It belongs to a set of questions for patients, and has no words for them."
        reading.mistake(entry.at("patient_set"), what, "Write `ask_patient`, or leave `patient_set` out.")
    after = entry.patient_after
    if after is None or not draft.known(after, entries, "a fact with an enquiry", reading):
        return
    if entry.patient_set is None or entries[Name(after)].patient_set != entry.patient_set:
        what = f"`{after}` is not asked in the same set for patients."
        reading.mistake(after.line, what, "Give both the same `patient_set`.")


def _check_whole(pathway: Pathway, files: Files, rules: tuple[Registered, ...], draft: Draft) -> None:
    reading = draft.reading("pathway.yaml")
    draft.fact(files.pathway.review_fact, ValueKind.DATE, reading)
    draft.fact(files.pathway.deceased_fact, ValueKind.BOOLEAN, reading)
    refuse_duplicates(rules, draft)
    refuse_one_sided_links((*rules, *flag_rules(files)), files.source.lines, draft)
    refuse_calendar_dependent_cuts(draft)
    refuse_missing_flags(pathway.flags, pathway.criteria, draft)
