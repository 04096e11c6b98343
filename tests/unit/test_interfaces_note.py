"""The note for a chart: what each line says, and that it stays short, plain and harmless for every case."""

from datetime import date
from functools import cache

import pytest

from ischio.engine.assess import assess
from ischio.interfaces.inputs import read_cases
from ischio.interfaces.note import MOST_LINES, note
from ischio.loading.pathway import load_pathway
from ischio.model.assessment import Assessment
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case
from ischio.record.events import Patient, Record


@cache
def real() -> Pathway:
    return load_pathway()


@cache
def cases() -> dict[str, Case]:
    read, _ = read_cases(real(), None)
    return {case.id: case for case in read}


def answer(name: str) -> Assessment:
    case = cases()[name]
    return assess(real(), case.record, case.index_date)


def lines(name: str) -> list[str]:
    return note(answer(name), real()).splitlines()


def test_the_lines_of_one_hip():
    who, position, inputs, steps, untold, *_ = lines("gate-surgical-passes")
    assert who.startswith("Ischiofemoral impingement, pathway ischiofemoral ")
    assert who.endswith("Patient gate-surgical-passes, 42 years, female. On 1 Jun 2026.")
    assert position.startswith("RIGHT HIP: SURGICAL EVALUATION. Because: Trial adequate for surgery; Injection tried; ")
    assert inputs.startswith("  Inputs: Pain now: 6 (25 May 2026); Ischiofemoral space on MRI: 12 mm (9 Feb 2026); ")
    assert steps.startswith("  Next: Surgical opinion; ")
    assert "Cannot tell whether to do: " in untold
    assert "Review 13 Jul 2026. Holds until " in untold
    assert lines("gate-surgical-passes")[-1].endswith("Not a medical device, and not placed on the market as one.")


def test_each_hip_on_the_pathway_has_its_lines():
    told = [line.split(".")[0] for line in lines("sides-differ") if "HIP: " in line]
    assert told == ["RIGHT HIP: SURGICAL EVALUATION", "LEFT HIP: CONSERVATIVE CARE since 25 May 2026"]


def test_a_red_flag_comes_before_the_hips():
    assert lines("cauda-equina")[1].startswith("RED FLAG. EMERGENCY: Loss of bladder or bowel control; ")


def test_a_diverted_hip_says_so_beside_its_stage():
    (position,) = [line for line in lines("hip-replacement") if "RIGHT HIP: " in line]
    assert " Diverted: Outside this pathway - " in position


def test_a_record_of_nothing_says_that_nothing_is_recorded():
    empty = assess(real(), Record(Patient("nobody", None, None), (), (), ()), date(2026, 6, 1))
    told = note(empty, real()).splitlines()
    assert told[1] == "Right hip: Not on the pathway. Because: nothing is recorded about this hip."
    assert len(told) == 4


def test_a_name_cannot_add_lines_or_steer_a_terminal():
    hostile = assess(real(), Record(Patient("a\nb\x1b[31m", None, None), (), (), ()), date(2026, 6, 1))
    told = note(hostile, real())
    assert "Patient a b [31m" in told
    assert len(told.splitlines()) == 4


def test_it_says_how_much_of_the_record_was_not_used():
    assert lines("main-cause-in-the-joint")[-1].startswith("1 entry of the record was not used. Not a medical device")


@pytest.mark.parametrize("name", sorted(cases()))
def test_every_case_fits(name: str):
    told = note(answer(name), real())
    assert len(told.splitlines()) <= MOST_LINES
    assert all(letter.isprintable() or letter == "\n" for letter in told)
    assert " None" not in told
