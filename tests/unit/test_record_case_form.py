"""Case files: what is read, and every mistake with its line and its mend."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ischio.loading.pathway import load_pathway
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.model.mistake import PathwayError
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case, read_case
from ischio.record.derivation import derive
from ischio.record.events import Asserter, EventSide, Gap, Ignored, Kind, Patient, Record, State

HEAD = "id: a-case\ntitle: A case\npurpose: To be read\non: 2026-06-01\n"


@pytest.fixture(scope="session")
def pathway() -> Pathway:
    return load_pathway(Path(__file__).parents[1] / "knowledge" / "tiny")


@pytest.fixture
def case(tmp_path: Path, pathway: Pathway):
    def read(body: str, head: str = HEAD, **how) -> Case:
        path = tmp_path / "a.case.yaml"
        path.write_text(head + body, encoding="utf-8")
        return read_case(path, pathway, **how)

    return read


# ---- what is read -----------------------------------------------------------------------------------------------


def test_the_head_of_a_case(case):
    read = case("expect:\n  right: {stage: care}\nfires: [gate_care]\nsilent: narrow_space\n")
    assert (read.id, read.title, read.purpose) == ("a-case", "A case", "To be read")
    assert read.index_date == date(2026, 6, 1)
    assert (read.fires, read.silent) == (("gate_care",), ("narrow_space",))
    assert read.path.name == "a.case.yaml"


def test_an_event_with_everything(case):
    (event,) = case("""events:
  - concept: space
    value: 12.5 mm
    date: 2026-05
    recorded: 2026-05-20
    side: right
    kind: stated
    asserter: device
    modality: mri
    leg_position: neutral
""").record.events
    assert (event.concept, event.value, event.unit) == ("space", Decimal("12.5"), "mm")
    assert event.start == event.end == PartialDate.parse("2026-05")
    assert event.recorded == PartialDate.parse("2026-05-20")
    assert (event.side, event.kind, event.asserter) == (EventSide.RIGHT, Kind.STATED, Asserter.DEVICE)
    assert event.qualifiers == {"modality": "mri", "leg_position": "neutral"}
    assert event.source == "a.case.yaml, line 6"


def test_an_event_with_nothing_but_its_concept(case):
    (event,) = case("events: [{concept: operation}]\n").record.events
    assert (event.value, event.start, event.end, event.recorded, event.side) == (None, None, None, None, None)
    assert (event.kind, event.asserter) == (Kind.DONE, Asserter.CLINICIAN)


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("concept: pain_score, value: 6", Decimal(6), None),
        ("concept: space, value: 1.4 cm", Decimal("1.4"), "cm"),
        ("concept: space, value: -3mm", Decimal(-3), "mm"),
        ("concept: diagnosis, value: confirmed", "confirmed", None),
        ("concept: pregnancy, value: yes", "yes", None),
        ("concept: operation, value: yes", True, None),
        ("concept: operation, value: no", False, None),
        ("concept: birth_date, value: 1984-05-02", date(1984, 5, 2), None),
    ],
)
def test_values(case, written: str, value: object, unit: str | None):
    (event,) = case(f"events: [{{{written}}}]\n").record.events
    assert (event.value, event.unit) == (value, unit)


def test_a_period(case):
    (event,) = case("events: [{concept: exercise, start: 2026-04-01, end: 2026-05-30}]\n").record.events
    assert (event.start, event.end) == (PartialDate.parse("2026-04-01"), PartialDate.parse("2026-05-30"))


@pytest.mark.parametrize("status", ["entered-in-error", "refuted", "cancelled"])
def test_an_event_whose_status_says_so_is_not_used(case, status: str):
    record = case(f"events:\n  - {{concept: operation, date: 2025-01-01, side: right, status: {status}}}\n").record
    assert record.events == ()
    assert record.ignored == (Ignored("a.case.yaml, line 6", status.replace("-", " ")),)


def test_sex_birth_and_death_are_events(case):
    record = case("patient: {id: 7, birth_date: 1984-05-02, sex: female, deceased: 2026-05-01}\n").record
    sex, birth, death = record.events
    assert (sex.concept, sex.value, sex.start) == ("sex", "female", None)
    assert record.patient == Patient("7", PartialDate.parse("1984-05-02"), "female")
    assert (birth.concept, birth.value, birth.start) == (
        "birth_date",
        date(1984, 5, 2),
        PartialDate.parse("1984-05-02"),
    )
    assert (death.concept, death.start) == ("death", PartialDate.parse("2026-05-01"))


def test_a_birth_year_is_kept_as_it_is(case):
    read = case("patient: {birth_date: 1984}\n")
    assert [event.value for event in read.record.events] == ["1984"]


@pytest.mark.parametrize(("deceased", "dead"), [("yes", True), ("2026", None), ("2025", True), ("no", False)])
def test_deceased(case, pathway: Pathway, deceased: str, dead: bool | None):
    read = case(f"patient: {{deceased: {deceased}}}\n")
    assert derive(pathway, read.record, read.index_date)[Side.RIGHT]["deceased"].value is dead


def test_facts_given_directly(case, pathway: Pathway):
    read = case("""facts:
  right: {pain_now: 6, space: 1.2 cm, spasm: yes, diagnosis: confirmed, operation_date: 2025-01-31}
  left: {pain_now: unknown}
  person: {flag_fever: absent, pregnant: no}
""")
    facts = derive(pathway, read.record, read.index_date)
    given = {name: fact.value for name, fact in facts[Side.RIGHT].items() if fact.source == "given"}
    assert given == {
        "pain_now": 6,
        "space": 120,
        "spasm": True,
        "diagnosis": "confirmed",
        "operation_date": date(2025, 1, 31),
        "flag_fever": "absent",
        "pregnant": False,
    }
    left = facts[Side.LEFT]["pain_now"]
    assert (left.value, left.state, left.source) == (None, State.NOT_ASKED, "given")


def test_given_facts_go_before_events_and_feed_the_facts_that_depend_on_them(case, pathway: Pathway):
    read = case("""events: [{concept: fever, value: present, date: 2026-05-20}]
facts: {person: {flag_fever: absent, screened: yes}}
""")
    facts = derive(pathway, read.record, read.index_date)[Side.RIGHT]
    assert (facts["flag_fever"].value, facts["flag_trauma"].value) == ("absent", "absent")


def test_what_could_not_be_read(case):
    record = case("unavailable:\n  - {concept: pain_score, state: query failed}\n").record
    assert record.gaps == (Gap("pain_score", State.QUERY_FAILED, "a.case.yaml, line 6"),)


def test_what_is_expected(case):
    read = case("""expect:
  right:
    stage: care
    diversion: none
    next_gate: {to: surgery, truth: 'false'}
    review:
    alerts: []
    actions: {advice: due}
    blocked_by: {operation: [pregnant]}
    facts: {pain_now: 6}
  person: {alerts: flag_fever}
""")
    assert read.expect == {
        "right": {
            "stage": "care",
            "diversion": "none",
            "next_gate": {"to": "surgery", "truth": "false"},
            "alerts": (),
            "actions": {"advice": "due"},
            "blocked_by": {"operation": ("pregnant",)},
            "facts": {"pain_now": "6"},
        },
        "person": {"alerts": ("flag_fever",)},
    }


def test_a_case_may_name_a_bundle(case, tmp_path: Path):
    asked = []

    def read_bundle(path: Path) -> Record:
        asked.append(path)
        return Record(Patient("from the bundle"))

    body = "bundle: person.json\nunavailable: [{concept: space, state: page truncated}]\nfacts: {left: {spasm: no}}\n"
    read = case(body, read_bundle=read_bundle)
    assert asked == [tmp_path / "person.json"]
    assert read.record.patient.id == "from the bundle"
    assert [gap.concept for gap in read.record.gaps] == ["space"]
    assert read.record.given == {Side.LEFT: {"spasm": False}}


# ---- mistakes ---------------------------------------------------------------------------------------------------

MISTAKES = [
    # what is written under the head (whose last line is line 4), the line, what is wrong, the mend
    (
        "events: [{concept: pain_scor}]",
        5,
        "`pain_scor` is not a concept of terminology.yaml.",
        "Did you mean pain_score?",
    ),
    ("events: [{concept: x1y}]", 5, "`x1y` is not a concept", "Add it to terminology.yaml"),
    ("events:\n  - {value: 6}", 6, "The event has no concept.", "Add `concept: `"),
    ("events: [{concept: space, value: wide}]", 5, "`wide` is not a number.", "`12 mm`"),
    ("events: [{concept: diagnosis, value: confirmd}]", 5, "`confirmd` is no value of diagnosis.", "mean confirmed?"),
    (
        "events: [{concept: diagnosis, value: 6}]",
        5,
        "`6` is no value of diagnosis.",
        "It has confirmed, suspected, refuted.",
    ),
    ("events: [{concept: screen, value: absent}]", 5, "`absent` is no value of screen.", "Write yes or no"),
    (
        "events: [{concept: operation, value: by the book}]",
        5,
        "`by the book` is no value of operation.",
        "Write yes or no",
    ),
    ("events: [{concept: space, date: 2026-13-01}]", 5, "`2026-13-01` is not a date.", "2026-03-31, 2026-03 or 2026"),
    ("events: [{concept: space, recorded: soon}]", 5, "`soon` is not a date.", "2026-03-31"),
    ("events: [{concept: space, date: 2026-01-01, end: 2026-02-01}]", 5, "both a date and a start or end", "Keep"),
    ("events: [{concept: space, side: rigth}]", 5, "`rigth` is no side of an event.", "right, left, both"),
    (
        "events: [{concept: space, kind: wished}]",
        5,
        "`wished` is no kind of an event.",
        "done, planned, stated, declined",
    ),
    ("events: [{concept: space, asserter: nurse}]", 5, "`nurse` is no asserter", "clinician, device, patient"),
    ("events: [{concept: space, status: final}]", 5, "`final` is no status", "entered-in-error, refuted, cancelled"),
    ("events: [{concept: space, sied: right}]", 5, "`sied` looks like a misspelt key.", "Did you mean side?"),
    ("facts: {right: {pain_nwo: 6}}", 5, "`pain_nwo` is no fact of this pathway.", "Did you mean pain_now?"),
    ("facts: {middle: {pain_now: 6}}", 5, "`middle` is no part", "Name one"),
    ("facts: {person: {pain_now: 6}}", 5, "pain_now belongs to one side.", "Write it under `right or left`."),
    ("facts: {right: {pregnant: yes}}", 5, "pregnant belongs to the person.", "Write it under `person`."),
    ("facts: {right: {spasm: maybe}}", 5, "`maybe` is neither yes nor no.", "yes, no or unknown"),
    ("facts: {right: {pain_now: much}}", 5, "`much` is not a number.", "Write a number"),
    ("facts: {right: {pain_now: 6.5}}", 5, "`6.5` lies between two steps of 1.", "Round it"),
    ("facts: {right: {pain_now: 11}}", 5, "`11` is outside the fact's range.", "It may be 0 to 10."),
    ("facts: {right: {space: 12 kg}}", 5, "A value in kg cannot be read in mm.", "Give it in mm."),
    (
        "facts: {right: {diagnosis: sure}}",
        5,
        "`sure` is no code of diagnosis.",
        "It has confirmed, suspected, refuted.",
    ),
    ("facts: {right: {operation_date: 2025}}", 5, "`2025` is not a date.", "2026-03-31, or unknown"),
    ("patient: {birth_date: in May}", 5, "`in May` is not a date.", "2026-03-31"),
    ("patient: {name: Somebody}", 5, "`name` is not a key here.", "Its keys are"),
    ("unavailable: [{concept: pain, state: query failed}]", 5, "`pain` is no concept", "Name a concept"),
    (
        "unavailable: [{concept: space, state: lost}]",
        5,
        "`lost` is not one of the words",
        "query failed | not authorised",
    ),
    ("expect: {right: {stage: evaluaton}}", 5, "`evaluaton` is no stage", "Did you mean evaluation?"),
    ("expect: {right: {diversion: flag}}", 5, "`flag` is no diversion", "red_flag"),
    ("expect: {right: {actions: {advise: due}}}", 5, "`advise` is no action", "Did you mean advice?"),
    ("expect: {right: {actions: {advice: soon}}}", 5, "`soon` is no status", "Name one"),
    (
        "expect: {right: {criteria: {narow_space: 'true'}}}",
        5,
        "`narow_space` is no criterion",
        "Did you mean narrow_space?",
    ),
    ("expect: {right: {alerts: [flag_fevr]}}", 5, "`flag_fevr` is no red flag", "Did you mean flag_fever?"),
    ("expect: {right: {next_gate: {to: nowhere_near}}}", 5, "`nowhere_near` is no gated stage", "Name one"),
    ("expect: {both: {stage: care}}", 5, "`both` is no part", "Name one"),
    ("fires: [gate_cure]", 5, "`gate_cure` is no rule", "Did you mean gate_care?"),
    ("bundle: a.json", 5, "names a FHIR Bundle, which cannot be read here", "Write its events"),
    ("bundel: a.json", 5, "`bundel` is not a key here.", "Did you mean bundle?"),
]


@pytest.mark.parametrize(("body", "line", "what", "mend"), MISTAKES, ids=[body for body, *_ in MISTAKES])
def test_a_mistake_says_what_where_and_the_mend(case, body: str, line: int, what: str, mend: str):
    with pytest.raises(PathwayError) as caught:
        case(body + "\n")
    (mistake,) = caught.value.mistakes
    assert what in mistake.what
    assert mend in mistake.mend
    assert mistake.line == line
    assert mistake.file.endswith("a.case.yaml")


def test_a_bundle_beside_events_is_refused(case):
    with pytest.raises(PathwayError, match="a bundle and its own patient or events"):
        case("bundle: a.json\nevents: []\npatient: {id: x}\n", read_bundle=lambda _: Record(Patient("x")))


def test_all_mistakes_are_told_at_once(case):
    with pytest.raises(PathwayError) as caught:
        case("events: [{concept: pain_scor, side: rigth}]\nfires: [gate_cure]\n", HEAD.replace("2026-06-01", "soon"))
    assert len(caught.value.mistakes) == 1, "without a date there is no case to read on"
    with pytest.raises(PathwayError) as caught:
        case("events: [{concept: space, side: rigth, date: soon}]\nfires: [gate_cure]\n")
    assert len(caught.value.mistakes) == 3


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a: [", b"\x00\x01", b"[1, 2]"])
def test_a_file_that_is_no_case_is_told_without_a_traceback(tmp_path: Path, pathway: Pathway, content: bytes):
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(PathwayError):
        read_case(path, pathway)


def test_a_missing_file(tmp_path: Path, pathway: Pathway):
    with pytest.raises(PathwayError, match="missing"):
        read_case(tmp_path / "nowhere.yaml", pathway)
