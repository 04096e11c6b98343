"""The author's view: every rule can be found, proofs speak of the files they were made of, what is missing is told."""

from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from shutil import copytree

import pytest

from ischio.backends.smt import Finding, Outcome
from ischio.clinic.declines import OfRule
from ischio.engine.cases import Difference
from ischio.interfaces.cli import main
from ischio.interfaces.http.pages import authoring, case_runs
from ischio.interfaces.http.pages.authoring import DECIDING_KINDS
from ischio.interfaces.proofs import Proofs, ProofStatus, read_proofs
from ischio.loading.files import digest
from ischio.loading.pathway import load_pathway
from ischio.model.pathway import Pathway

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"
SITE = TINY.parent / "tiny-overlay.yaml"
TODAY = date(2026, 11, 23)
NOT_NAMED = Proofs(ProofStatus.NOT_NAMED)


@pytest.fixture(scope="module")
def shipped() -> Pathway:
    return load_pathway()


# ---- rules ------------------------------------------------------------------------------------------------------


def test_every_rule_that_decides_something_is_in_the_list(shipped: Pathway):
    rows = [row for _, group in authoring.rule_rows(shipped) for row in group]
    ids = {row.id for row in rows}
    assert ids >= {*shipped.criteria, *shipped.actions, *(flag.fact for flag in shipped.flags)}
    assert ids >= {*(stage.id for stage in shipped.stages), *(each.id for each in shipped.diversions)}
    assert {row.kind for row in rows} == set(DECIDING_KINDS)


def test_every_rule_shows_cases_that_fire_it_and_cases_that_do_not(shipped: Pathway):
    held = ("gate", "diversion", "red-flag", "action", "criterion")
    rows = [row for _, group in authoring.rule_rows(shipped) for row in group if row.kind in held]
    assert [row.id for row in rows if not row.fires or not row.silent] == []


@pytest.mark.parametrize(
    ("wanted", "kind", "there", "not_there"),
    [
        ("gate injection", "deciding", {"gate_injection"}, {"gate_evaluation"}),
        ("INJECTION gate", "gate", {"gate_injection"}, {"gate_evaluation"}),
        ("ifs_cutoff", "parameter", {"ifs_cutoff"}, {"qfs_cutoff"}),
        ("ifs_cutoff", "gate", set(), {"ifs_cutoff"}),
        ("no such word as this", "deciding", set(), {"gate_injection"}),
        ("gate_injection", "no-such-kind", set(), {"gate_injection"}),
    ],
)
def test_the_list_is_searched_by_all_words(
    shipped: Pathway, wanted: str, kind: str, there: set[str], not_there: set[str]
):
    found = {row.id for _, group in authoring.rule_rows(shipped, wanted, kind) for row in group}
    assert (found >= there, found & not_there) == (True, set())


@pytest.mark.parametrize(
    ("kind", "name", "key"),
    [
        ("rules", "gate_injection", "gate/gate_injection"),
        ("rules", "pregnant_from_20_weeks", "stop/pregnant_from_20_weeks"),
        ("fact", "flag_sphincter", "fact/flag_sphincter"),
        ("rules", "flag_sphincter", "red-flag/flag_sphincter"),
        ("case", "two-readers-disagree", "case/two-readers-disagree"),
        ("rules", "two-readers-disagree", None),
        ("rules", "no_such_rule", None),
        ("..", "gate_injection", None),
    ],
)
def test_a_rule_is_found_by_its_id(shipped: Pathway, kind: str, name: str, key: str | None):
    found = authoring.page_of(authoring.bound(shipped, ()), kind, name)
    assert (found.key if found else None) == key


# ---- cases ------------------------------------------------------------------------------------------------------


def test_a_case_that_gets_another_answer_stands_first(shipped: Pathway):
    runs = case_runs.tested(shipped).runs
    wrong = replace(runs[7], differences=(Difference("right, stage", "injection", "evaluation"),))
    rows = authoring.case_rows([*runs[:7], wrong, *runs[8:]], "")
    assert rows[0].wrong == ("right hip, stage: injection -> evaluation",)
    assert [row.wrong for row in rows[1:]] == [()] * (len(runs) - 1)


# ---- proofs -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ischio verify --json` prints for the small pathway, in a file."""
    printed = StringIO()
    with redirect_stdout(printed), pytest.raises(SystemExit):
        main.app(["verify", str(TINY), "--json"])
    file = tmp_path_factory.mktemp("proofs") / "proofs.json"
    file.write_text(printed.getvalue(), encoding="utf-8")
    return file


def test_proofs_of_the_same_files_are_shown(proved: Path):
    found = read_proofs(proved, digest(TINY))
    tiny = load_pathway(TINY)
    assert (found.status, found.version) == (ProofStatus.OF_THESE, tiny.version)
    assert {row.outcome for row in authoring.proof_rows(tiny, found)} == {Outcome.PROVED}


def test_proofs_of_other_files_say_nothing_about_these(proved: Path):
    found = read_proofs(proved, digest(TINY, SITE))
    assert (found.status, found.findings) == (ProofStatus.OF_OTHERS, ())
    assert {row.outcome for row in authoring.proof_rows(load_pathway(TINY), found)} == {None}


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b'{"findings": []}', b"\xff\xfe"])
def test_what_cannot_be_read_is_no_proof(tmp_path: Path, content: bytes | None):
    file = tmp_path / "proofs.json"
    if content is not None:
        file.write_bytes(content)
    assert read_proofs(file, "digest") == Proofs(ProofStatus.NOT_READ, file)


def test_without_a_file_nothing_is_claimed():
    assert read_proofs(None, "digest") == NOT_NAMED


def test_what_is_refuted_stands_first_with_a_person():
    tiny = load_pathway(TINY)
    first, *others = tiny.properties
    findings = tuple(Finding(each.id, each.number, "T", Outcome.PROVED, 0.1, "all hold") for each in others)
    refuted = Finding(first.id, first.number, "T", Outcome.REFUTED, 0.1, "1 of 3 claims fails", "index_date: ...")
    rows = authoring.proof_rows(tiny, Proofs(ProofStatus.OF_THESE, findings=(*findings, refuted)))
    assert (rows[0].outcome, rows[0].example) == (Outcome.REFUTED, "index_date: ...")
    assert [row.outcome for row in rows[1:]] == [Outcome.PROVED] * len(others)


def test_the_digest_knows_each_file(tmp_path: Path):
    copy = Path(copytree(TINY, tmp_path / "tiny"))
    assert digest(copy) == digest(TINY)
    for name in ("criteria.yaml", "evidence.yaml", "pathway.yaml"):
        before = digest(copy)
        (copy / name).write_text((copy / name).read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        assert digest(copy) != before


# ---- declines ---------------------------------------------------------------------------------------------------


def test_the_most_declined_rule_stands_first_and_one_that_is_gone_is_kept(shipped: Pathway):
    action = next(iter(shipped.actions.values()))
    rows = authoring.decline_rows(shipped, (OfRule("gone_long_ago", 2, {}, ()), OfRule(action.id, 7, {}, ())))
    assert [(row.title, row.address, row.of.count) for row in rows] == [
        (action.about.title, f"/author/action/{action.id}", 7),
        ("gone_long_ago", "", 2),
    ]


# ---- before publishing ------------------------------------------------------------------------------------------


def needs(pathway: Pathway, proofs: Proofs = NOT_NAMED, on: date = TODAY) -> dict[str, tuple[bool, str]]:
    found = authoring.before_publishing(pathway, proofs, on, lambda text: text)
    return {need.title: (need.met, need.told) for need in found}


def test_what_is_missing_stands_first(shipped: Pathway):
    met = [need.met for need in authoring.before_publishing(shipped, NOT_NAMED, TODAY, lambda text: text)]
    assert met == sorted(met)


def test_nobody_has_reviewed_the_shipped_pathway_and_it_says_so(shipped: Pathway):
    found = needs(shipped)
    every = len(authoring.explanations(shipped))
    assert found["A reviewer for every rule"] == (False, f"{every} of {every} rules have no reviewer yet")
    stated = found["Funding and conflicts of interest are stated"]
    assert stated == (False, "Not stated yet: funding, conflicts of interest")
    assert found["Every property is proved"] == (False, "No proof of these knowledge files is kept here")


@pytest.mark.parametrize(
    ("next_review", "on", "met", "told"),
    [
        (date(2027, 5, 22), date(2027, 5, 22), True, "The next one is due by 22 May 2027"),
        (date(2027, 5, 22), date(2027, 5, 23), False, "It was due by 22 May 2027"),
    ],
)
def test_a_content_review_is_overdue_after_its_day(shipped: Pathway, next_review: date, on: date, met: bool, told: str):
    pathway = replace(shipped, next_review=next_review)
    assert needs(pathway, on=on)["The content review is not overdue"] == (met, told)


def test_a_pathway_without_a_next_review_is_told_to_name_one(shipped: Pathway):
    pathway = replace(shipped, next_review=None)
    assert needs(pathway)["A date for the next review"] == (False, "pathway.yaml names none (next_review)")
    assert not pathway.review_overdue(date(2100, 1, 1))


def test_hard_words_for_patients_are_named(shipped: Pathway):
    name, enquiry = next((name, one) for name, one in shipped.enquiries.items() if one.ask_patient)
    hard = "Have you experienced exacerbation of symptomatology following anti-inflammatory administration?"
    pathway = replace(shipped, enquiries={**shipped.enquiries, name: replace(enquiry, ask_patient=hard)})
    assert needs(shipped)["Words for patients are easy to read"][0]
    assert needs(pathway)["Words for patients are easy to read"] == (False, "1 texts for patients are too hard")


def test_what_was_proved_is_counted(shipped: Pathway):
    findings = tuple(Finding(each.id, each.number, "T", Outcome.PROVED, 1.0, "") for each in shipped.properties)
    whole = Proofs(ProofStatus.OF_THESE, findings=findings)
    assert needs(shipped, whole)["Every property is proved"][0]
    some = Proofs(ProofStatus.OF_THESE, findings=(replace(findings[0], outcome=Outcome.REFUTED), *findings[1:]))
    count = len(findings)
    assert needs(shipped, some)["Every property is proved"] == (False, f"{count - 1} of {count} are proved")
