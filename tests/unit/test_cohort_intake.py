"""From a folder of sources to an event store: good folders, bad files, changed folders, interrupted runs."""

import json
from pathlib import Path
from typing import Any

import pytest
from cohort_folders import (
    bundle_of,
    content,
    lines,
    packed,
    pain,
    person,
    persons,
    reasons,
    rows,
    scores,
    taken,
    unknown,
    written,
)
from fhir_forms import BINDINGS, LOINC, PATHWAY, READER, Json, concept, observation, order, quantity
from generative.fhir_records import People

from ischio.backends.sql.rows import event_rows
from ischio.cohort.store import StoreError, open_store, require_columns
from ischio.language.units import canonical

ANNA, BEN = person("anna", pain(3)), person("ben", pain(7))


# ---- good folders ----------------------------------------------------------------------------------------------------


def test_the_rows_are_those_of_the_one_person_reader(tmp_path: Path) -> None:
    expected, by_type = [], dict[str, list[Json]]()
    for number, (_, generated) in enumerate(People(PATHWAY, BINDINGS).bundles(5, 40)):
        own = f"person-{number:02}"
        text = json.dumps(generated).replace("Patient/p", f"Patient/{own}")
        resources = [entry["resource"] for entry in json.loads(text)["entry"]]
        resources[0]["id"] = own
        record = READER.read(
            json.dumps({"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}).encode()
        )
        expected += list(event_rows(PATHWAY, record))
        for resource in resources:
            by_type.setdefault(resource["resourceType"], []).append(resource)
    files = {f"{kind}.ndjson": lines(*listed) for kind, listed in by_type.items()}
    store = taken(written(tmp_path / "in", files), tmp_path / "out")
    assert rows(store, "select * from {}") == [tuple(row) for row in expected]


FORMS = {
    "one file for each type": {"P.ndjson": lines(ANNA[0], BEN[0]), "O.ndjson": lines(ANNA[1], BEN[1])},
    "all types mixed": {"all.ndjson": lines(*BEN, *ANNA)},
    "packed": {"a.ndjson.gz": packed(lines(*ANNA)), "b.ndjson.gz": packed(lines(*BEN))},
    "packed in two members": {"a.ndjson.gz": packed(lines(*ANNA)) + packed(lines(*BEN))},
    "packed, with a name that does not say so": {"export-17": packed(lines(*ANNA, *BEN))},
    "in folders": {"2025/anna.ndjson": lines(*ANNA), "2026/ben.ndjson": lines(*BEN)},
    "without a line end at the end": {"all.ndjson": lines(*ANNA, *BEN).rstrip()},
    "with other line ends and a mark of UTF-8": {
        "all.ndjson": b"\xef\xbb\xbf" + lines(*ANNA, *BEN).replace(b"\n", b"\r\n")
    },
    "a Bundle for each person": {"anna.json": bundle_of(ANNA), "ben.json": bundle_of(BEN)},
    "one Bundle of all": {"all.json": bundle_of([*ANNA, *BEN])},
    "a packed Bundle": {"all.json.gz": packed(bundle_of([*ANNA, *BEN]))},
    "Bundles as lines": {"all.ndjson": b"".join(bundle_of(one).replace(b"\n", b"") + b"\n" for one in (ANNA, BEN))},
    "one resource in each file": {f"{one['id']}.json": json.dumps(one, indent=2).encode() for one in (*ANNA, *BEN)},
}


@pytest.mark.parametrize("files", FORMS.values(), ids=FORMS)
def test_every_form_of_a_folder_is_read(files: dict[str, bytes], tmp_path: Path) -> None:
    store = taken(written(tmp_path / "in", files), tmp_path / "out")
    assert (persons(store), scores(store)) == (["anna", "ben"], {"anna": [3], "ben": [7]})
    assert unknown(store) == []
    assert reasons(store) == {}


REFERENCES = {
    "relative": "Patient/anna",
    "absolute": "https://registry.example/fhir/Patient/anna",
    "to a version": "Patient/anna/_history/3",
}


@pytest.mark.parametrize("reference", REFERENCES.values(), ids=REFERENCES)
def test_a_reference_may_name_the_person_in_any_way(reference: str, tmp_path: Path) -> None:
    files = {"all.ndjson": lines(ANNA[0], pain(4, subject={"reference": reference}))}
    assert scores(taken(written(tmp_path / "in", files), tmp_path / "out")) == {"anna": [4]}


def test_the_addresses_of_a_bundle_count_within_it(tmp_path: Path) -> None:
    anna = [ANNA[0], pain(4, id="x", subject={"reference": "urn:uuid:anna"})]
    files = {"anna.json": bundle_of(anna), "again.ndjson": lines(*ANNA)}
    assert scores(taken(written(tmp_path / "in", files), tmp_path / "out")) == {"anna": [3, 4]}


@pytest.mark.parametrize("reference", ["Medication/m", "https://registry.example/fhir/Medication/m"])
def test_a_medicine_may_stand_in_another_file(reference: str, tmp_path: Path) -> None:
    medicine = {"resourceType": "Medication", "id": "m", "code": {"text": "Naproxen 250 mg"}}
    ordered = person("anna", order({}, medicationReference={"reference": reference}))
    del ordered[1]["medicationCodeableConcept"]
    files = {"A.ndjson": lines(*ordered), "Medication.ndjson": lines(medicine)}
    store = taken(written(tmp_path / "in", files), tmp_path / "out")
    assert rows(store, "select concept from {} where concept like '%nsaid%' or concept like '%drug'") == [("nsaid",)]


def test_a_contained_medicine_is_read(tmp_path: Path) -> None:
    inside = {"resourceType": "Medication", "id": "m", "code": {"text": "Naproxen 250 mg"}}
    ordered = order({}, medicationReference={"reference": "#m"}, contained=[inside])
    del ordered["medicationCodeableConcept"]
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*person("anna", ordered))}), tmp_path / "out")
    assert ("nsaid",) in rows(store, "select concept from {}")


VOUCHED = [
    (["Patient/anna"], "patient"),
    (["Device/scale"], "device"),
    (["Practitioner/x"], "clinician"),
    (["Patient/anna", "Practitioner/x"], "clinician"),
]


@pytest.mark.parametrize(("whos", "asserter"), VOUCHED)
def test_a_provenance_in_another_file_says_who_said_so(whos: list[str], asserter: str, tmp_path: Path) -> None:
    made = [
        {
            "resourceType": "Provenance",
            "id": str(number),
            "target": [{"reference": "Observation/anna-0"}],
            "agent": [{"who": {"reference": who}}],
        }
        for number, who in enumerate(whos)
    ]
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*ANNA), "b.ndjson": lines(*made)}), tmp_path / "out")
    assert rows(store, "select asserter from {} where concept = 'pain_score'") == [(asserter,)]


# ---- bad files -------------------------------------------------------------------------------------------------------


def test_a_corrupt_line_costs_only_itself_and_leaves_its_person_unsure(tmp_path: Path) -> None:
    corrupt = b'{"resourceType":"Observation","subject":{"reference":"Patient/anna"},"code":{{}\n'
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*ANNA) + corrupt + lines(*BEN)}), tmp_path / "out")
    assert scores(store) == {"anna": [3], "ben": [7]}
    assert unknown(store) == ["anna"]
    assert unknown(store, "coronary_bypass") == ["anna"]  # an observation could have told of that too
    reason = reasons(store)["line", "is not JSON"]
    assert (reason.count, reason.examples[0].file, reason.examples[0].line) == (1, "a.ndjson", 3)


def test_a_corrupt_line_that_names_nobody_is_counted(tmp_path: Path) -> None:
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*ANNA) + b"{]\n" + lines(*BEN)}), tmp_path / "out")
    assert (scores(store), unknown(store)) == ({"anna": [3], "ben": [7]}, [])
    assert reasons(store)["line", "is not JSON"].count == 1


BREAKING_OFF = {
    "a packed file": {"P.ndjson": lines(ANNA[0], BEN[0]), "O.ndjson.gz": packed(lines(ANNA[1], BEN[1]))[:-30]},
    "a packed file with bad bytes in it": {
        "P.ndjson": lines(ANNA[0], BEN[0]),
        "O.ndjson.gz": packed(lines(ANNA[1]) * 3000)[:150] + b"\x00" * 50,
    },
    "a plain file": {"P.ndjson": lines(ANNA[0], BEN[0]), "O.ndjson": lines(ANNA[1], BEN[1])[:-30]},
}


@pytest.mark.parametrize("files", BREAKING_OFF.values(), ids=BREAKING_OFF)
def test_what_a_file_that_breaks_off_may_have_told_is_unknown_of_everybody(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    store = taken(written(tmp_path / "in", files), tmp_path / "out")
    assert unknown(store) == ["anna", "ben"]
    assert [one.name for one in store.manifest.sources if not one.whole] == [name for name in files if name[0] == "O"]
    assert any("breaks off" in why or "is damaged" in why for what, why in reasons(store) if what == "file")


def test_only_the_types_of_the_file_that_breaks_off_are_unknown(tmp_path: Path) -> None:
    files = {"P.ndjson": lines(ANNA[0]), "O.ndjson": lines(ANNA[1], ANNA[1])[:-9]}
    store = taken(written(tmp_path / "in", files), tmp_path / "out")
    assert unknown(store, "unrecognised_drug") == []
    assert unknown(store, "pain_score") == ["anna"]


WRONG = {
    "a ZIP archive": (b"PK\x03\x04....", "is a ZIP archive: unpack it first"),
    "XML": (b"<Bundle/>", "is XML: export it as JSON"),
    "UTF-16": ("{}".encode("utf-16"), "is encoded in UTF-16: save it as UTF-8"),
    "an empty file": (b"", "is empty"),
    "something else": (b"GIF89a", "is of no kind that is read"),
}


@pytest.mark.parametrize(("raw", "why"), WRONG.values(), ids=WRONG)
def test_a_file_of_the_wrong_kind_is_named_and_the_others_are_read(raw: bytes, why: str, tmp_path: Path) -> None:
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*ANNA), "b.bin": raw}), tmp_path / "out")
    assert scores(store) == {"anna": [3]}
    assert reasons(store)["file", why].examples[0].file == "b.bin"


def test_every_corrupt_line_is_listed_with_its_file_and_place(tmp_path: Path) -> None:
    files = {"a.ndjson": b"{]\n" * 7 + lines(*ANNA), "b.ndjson": lines(*BEN) + b'{"x": ]}\n'}
    reason = reasons(taken(written(tmp_path / "in", files), tmp_path / "out"))["line", "is not JSON"]
    listed = [(one.file, one.line) for one in reason.examples]
    assert listed == [*(("a.ndjson", number) for number in range(1, 8)), ("b.ndjson", 3)]
    assert reason.count == 8


ODD_UNITS = ['m"m', "m\\m", "m\tm", "m\nm", "m,m", "null", "mm°", "m\u0001m", "{", "[mm]"]


@pytest.mark.parametrize("unit", ODD_UNITS, ids=repr)
def test_a_unit_may_hold_any_letter(unit: str, tmp_path: Path) -> None:
    space = observation("ischiofemoral-space-mm", valueQuantity={"value": 14.1, "unit": unit})
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*person("anna", space))}), tmp_path / "out")
    found = rows(store, "select cast(number as varchar), unit from {} where concept = 'ischiofemoral_space'")
    assert found == [("14.100000", canonical(unit))]


def test_a_small_registry_is_shared_by_several_processes(tmp_path: Path) -> None:
    claims = lines(*({"resourceType": "Claim", "id": "c" * 1000} for _ in range(20_000)))
    store = taken(written(tmp_path / "in", {"a.ndjson": claims + lines(*ANNA, *BEN)}), tmp_path / "out")
    assert len(store.ranges) > 1
    assert scores(store) == {"anna": [3], "ben": [7]}


def test_a_line_that_is_too_long_is_refused_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ischio.cohort.intake.lines.LONGEST", 3_000_000)
    monkeypatch.setattr("ischio.cohort.intake.lines.PART", 1_000_000)
    long = lines(pain(9, note=[{"text": "x" * 5_000_000}]))
    filler = lines(*({"resourceType": "Claim", "id": str(n)} for n in range(30_000)))
    raw = lines(*ANNA) + filler + long + filler + lines(*BEN)
    store = taken(written(tmp_path / "in", {"a.ndjson": raw}), tmp_path / "out")
    assert scores(store) == {"anna": [3], "ben": [7]}
    (reason,) = (one for (what, _), one in reasons(store).items() if what == "line")
    assert (reason.count, reason.examples[0].line) == (1, 30_003)
    assert reasons(store)["Claim", "this type of resource is not read"].count == 60_000
    assert store.manifest.sources[0].lines == 60_005


def test_a_person_in_two_files_is_one(tmp_path: Path) -> None:
    files = {
        "a.ndjson": lines(*person("anna", pain(3))),
        "b.json": bundle_of([ANNA[0], pain(5, id="b", subject=ref("anna"))]),
    }
    assert scores(taken(written(tmp_path / "in", files), tmp_path / "out")) == {"anna": [3, 5]}


def ref(own: str) -> Json:
    return {"reference": f"Patient/{own}"}


def test_of_several_versions_of_a_resource_the_newest_counts_and_that_is_said(tmp_path: Path) -> None:
    old = ANNA[1] | {"meta": {"lastUpdated": "2026-03-01"}}
    new = ANNA[1] | {"meta": {"lastUpdated": "2026-03-02"}, "valueInteger": 5}
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(ANNA[0], new), "b.ndjson": lines(old)}), tmp_path / "out")
    assert scores(store) == {"anna": [5]}
    assert reasons(store)["Observation", "another version of it is newer"].examples[0].source == "Observation/anna-0"


def test_the_same_person_twice_counts_once_and_that_is_said(tmp_path: Path) -> None:
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*ANNA), "b.ndjson": lines(*ANNA)}), tmp_path / "out")
    assert (persons(store), scores(store)) == (["anna"], {"anna": [3]})
    assert reasons(store)["resource", "is there more than once, the same to the letter, and counts once"].count == 2


def test_without_a_patient_birth_sex_and_death_are_unknown(tmp_path: Path) -> None:
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(ANNA[1], *BEN)}), tmp_path / "out")
    assert scores(store) == {"anna": [3], "ben": [7]}
    assert [unknown(store, each) for each in ("birth_date", "sex", "death")] == [["anna"]] * 3
    assert rows(store, "select person from {} where not named", "people") == [("anna",)]


WHOSE = {
    "nobody": {},
    "a group": {"subject": {"reference": "Group/1"}},
    "an address that leads nowhere": {"subject": {"reference": "urn:uuid:7"}},
    "a search": {"subject": {"reference": "Patient?identifier=7"}},
}


@pytest.mark.parametrize("fields", WHOSE.values(), ids=WHOSE)
def test_what_does_not_say_whose_it_is_is_counted(fields: Json, tmp_path: Path) -> None:
    nobodys = {key: value for key, value in pain(1).items() if key != "subject"} | fields
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*ANNA, nobodys)}), tmp_path / "out")
    assert scores(store) == {"anna": [3]}
    reason = reasons(store)["Observation", "does not say by reference whose it is"]
    assert (reason.count, reason.examples[0].source) == (1, "Observation/o")


def test_a_resource_of_another_version_of_fhir_leaves_unknown_what_it_says(tmp_path: Path) -> None:
    r5 = person("anna", pain(3), {"resourceType": "Procedure", "status": "completed", "code": concept("ifi-surgery")})
    r5[2] |= {"occurrenceDateTime": "2026-03-01"}
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*r5, *BEN)}), tmp_path / "out")
    assert scores(store) == {"anna": [3], "ben": [7]}
    (gone,) = (one for (what, why), one in reasons(store).items() if why == "has the shape of FHIR R5, not of R4")
    assert (gone.what, gone.count, gone.examples[0].source) == ("Procedure", 1, "Procedure/anna-1")
    assert unknown(store, "ifi_surgery") == ["anna"]


def test_a_number_that_no_column_holds_is_unknown(tmp_path: Path) -> None:
    huge = observation("ischiofemoral-space-mm", valueQuantity=quantity(10**15, "mm"))
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*person("anna", huge, pain(3)))}), tmp_path / "out")
    found = rows(store, "select number, unread from {} where concept = 'ischiofemoral_space'")
    assert (found, scores(store)) == ([(None, True)], {"anna": [3]})


def test_a_person_whose_record_cannot_be_read_costs_only_that_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ischio.fhir.reader import FhirReader

    sound = FhirReader.read

    def failing(self: FhirReader, source: Any) -> Any:
        if b"anna" in source:
            raise KeyError("a fault of ours")
        return sound(self, source)

    monkeypatch.setattr(FhirReader, "read", failing)
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*ANNA, *BEN)}), tmp_path / "out")
    assert scores(store) == {"ben": [7]}
    assert (unknown(store), unknown(store, "death")) == (["anna"], ["anna"])
    assert [what for what, why in reasons(store) if "error of ischio's own, KeyError" in why] == ["person"]


def test_a_page_that_was_not_included_leaves_its_types_unknown(tmp_path: Path) -> None:
    page = bundle_of(ANNA, link=[{"relation": "next", "url": "https://x.example"}])
    store = taken(written(tmp_path / "in", {"a.json": page, "b.ndjson": lines(*BEN)}), tmp_path / "out")
    assert (scores(store), unknown(store)) == ({"anna": [3], "ben": [7]}, ["anna"])


def test_a_query_that_failed_leaves_the_missing_types_unknown(tmp_path: Path) -> None:
    failed = {"resourceType": "OperationOutcome", "id": "o", "issue": [{"severity": "error", "code": "timeout"}]}
    raw = bundle_of([*ANNA, failed])
    store = taken(written(tmp_path / "in", {"a.json": raw}), tmp_path / "out")
    gone = {gap.concept for gap in READER.read(raw).gaps}
    assert gone > {"unrecognised_drug", "coronary_bypass"}
    assert set(rows(store, "select concept from {} where unavailable")) == {(one,) for one in gone}


def test_codes_that_nobody_reads_are_counted_with_the_most_frequent(tmp_path: Path) -> None:
    height, weight = (
        observation(concept((LOINC, code), text=words)) for code, words in (("1", "Height"), ("2", "Weight"))
    )
    store = taken(
        written(tmp_path / "in", {"a.ndjson": lines(*person("anna", height, weight, height))}), tmp_path / "out"
    )
    reason = reasons(store)["Observation", "no fact reads their codes"]
    assert (reason.count, reason.often) == (3, (("1 Height", 2), ("2 Weight", 1)))


def test_medicines_that_are_not_recognised_are_counted_by_person(tmp_path: Path) -> None:
    unheard = [order({"text": f"unheard of, {number}"}) for number in range(3)]
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*person("anna", *unheard))}), tmp_path / "out")
    reason = reasons(store)["MedicationRequest", "no fact reads their codes"]
    assert (reason.count, reason.examples[0].source, reason.examples[0].line) == (3, "Patient/anna", 1)


# ---- folders that cannot be read -------------------------------------------------------------------------------------


def test_a_folder_without_sources_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds nothing that can be read"):
        taken(written(tmp_path, {"notes.md": b"none"}), tmp_path / "out")
    with pytest.raises(StoreError, match="The folder is missing"):
        taken(tmp_path / "nowhere", tmp_path / "out")


def test_the_truth_of_a_synthetic_registry_is_never_read(tmp_path: Path) -> None:
    files = {"a.ndjson": lines(*ANNA), "truth/labels.ndjson": lines(*BEN)}
    assert persons(taken(written(tmp_path / "in", files), tmp_path / "out")) == ["anna"]


def test_a_store_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    store = taken(written(tmp_path / "in", {"a.ndjson": lines(*ANNA)}), tmp_path / "out")
    require_columns(open_store(store.folder), PATHWAY)
    store.ranges[0].events.unlink()
    with pytest.raises(StoreError, match="is missing"):
        open_store(store.folder)
    (store.folder / "manifest.json").unlink()
    with pytest.raises(StoreError, match="unfinished"):
        open_store(store.folder)
    with pytest.raises(StoreError, match="no event store"):
        open_store(tmp_path / "in")
    (tmp_path / "in" / "manifest.json").write_text('{"other": 1}')
    with pytest.raises(StoreError, match="no manifest of an event store"):
        open_store(tmp_path / "in")


def test_a_file_of_the_store_that_is_lost_is_made_again(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", {"a.ndjson": lines(*ANNA)})
    store = taken(folder, tmp_path / "out")
    before = content(store.folder)
    store.ranges[0].events.unlink()
    assert content(taken(folder, tmp_path / "out").folder) == before


def test_a_store_within_its_sources_is_no_source(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "in", {"a.ndjson": lines(*ANNA), "export/manifest.json": b"{}", "export/b.ndjson": lines(*BEN)}
    )
    for _ in range(2):
        store = taken(folder, folder / "store")
        assert [one.name for one in store.manifest.sources] == ["a.ndjson", "export/b.ndjson", "export/manifest.json"]
    with pytest.raises(StoreError, match="cannot be one folder"):
        taken(folder, folder)


def test_a_bundle_too_long_to_be_held_is_refused_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ischio.cohort.intake.sift.LONGEST", 500)
    store = taken(written(tmp_path / "in", {"a.json": bundle_of(ANNA), "b.ndjson": lines(*BEN)}), tmp_path / "out")
    assert (scores(store), unknown(store)) == ({"ben": [7]}, ["ben"])
    assert any("export it as NDJSON" in why for _, why in reasons(store))


# ---- changed folders -------------------------------------------------------------------------------------------------


def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gathers the persons that are read from now on."""
    from ischio.cohort.intake.persons import PersonReader

    read, sound = list[str](), PersonReader.read

    def noting(self: Any, who: str, *others: Any) -> Any:
        read.append(who)
        return sound(self, who, *others)

    monkeypatch.setattr(PersonReader, "read", noting)
    return read


def test_nothing_is_read_again_where_nothing_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "in", {"a.ndjson": lines(*ANNA, *BEN)})
    before = content(taken(folder, tmp_path / "out").folder)
    read = read_again(monkeypatch)
    assert (content(taken(folder, tmp_path / "out").folder), read) == (before, [])


CHANGES: dict[str, tuple[dict[str, bytes], list[str]]] = {
    "a file is added for one person": ({"c.ndjson": lines(pain(9, id="new", subject=ref("anna")))}, ["anna"]),
    "a file with a new person": ({"c.ndjson": lines(*person("cara", pain(1)))}, ["cara"]),
    "a file is changed": ({"b.ndjson": lines(BEN[0], BEN[1] | {"valueInteger": 8})}, ["ben"]),
    "a file grows": ({"b.ndjson": lines(*BEN, pain(1, id="more", subject=ref("ben")))}, ["ben"]),
    "a person is gone from a file": ({"b.ndjson": lines()}, []),
    "only claims are added": ({"c.ndjson": lines({"resourceType": "Claim", "id": "1"})}, []),
    "files change their names": ({"a.ndjson": lines(*BEN), "b.ndjson": lines(*ANNA)}, []),
}


@pytest.mark.parametrize(("changed", "again"), CHANGES.values(), ids=CHANGES)
def test_only_persons_of_whom_something_changed_are_read_again_and_whole(
    changed: dict[str, bytes], again: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "in", {"a.ndjson": lines(*ANNA), "b.ndjson": lines(*BEN)})
    taken(folder, tmp_path / "out")
    written(folder, changed)
    read = read_again(monkeypatch)
    after = taken(folder, tmp_path / "out")
    assert read == again
    assert content(after.folder) == content(taken(folder, tmp_path / "fresh").folder)


def test_persons_are_read_again_when_it_is_known_who_vouches_for_them(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", {"a.ndjson": lines(*ANNA, *BEN)})
    taken(folder, tmp_path / "out")
    who = {"agent": [{"who": ref("anna")}], "target": [{"reference": "Observation/anna-0"}]}
    written(folder, {"c.ndjson": lines({"resourceType": "Provenance", "id": "1"} | who)})
    after = taken(folder, tmp_path / "out")
    assert rows(after, "select asserter from {} where concept = 'pain_score'") == [("patient",), ("clinician",)]


def test_several_processes_and_ranges_give_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [one for number in range(60) for one in person(f"p{number}", pain(number % 10), pain(1))]
    folder = written(tmp_path / "in", {"a.ndjson": lines(*people[:70]), "b.ndjson.gz": packed(lines(*people[70:]))})
    alone = taken(folder, tmp_path / "alone")
    monkeypatch.setattr("ischio.cohort.intake.run.RANGE_BYTES", 2_000)
    several = taken(folder, tmp_path / "several", processes=2)
    assert len(alone.ranges) == 1 < len(several.ranges)
    assert scores(alone) == scores(several)
    ordered = [one for (one,) in rows(several, "select person from {}", "people")]
    assert sorted(ordered) == persons(alone)
    for one in several.ranges:
        listed = [
            who for (who,) in rows(type(several)(several.folder, several.manifest, (one,)), "select person from {}")
        ]
        assert listed == sorted(listed)
