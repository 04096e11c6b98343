"""Faults planted in the printed CQL, one at a time: comparing with the engine finds each of them.

A fault stands for a wrong way of printing: in the functions that all share (IschioCommon, IschioFhir), in the printers
of facts (IschioRight, IschioPerson) and of rules (IschioRight, IschioActions), and in those of entries, events and
paths (IschioRecord). It is planted in one define or function. Translating takes long, and so all faulty copies are
translated together, each under a name of its own beside the sound define, and cql-execution puts one after the other in
its place.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml
from cql_oracle import Asked, Json, ask, by_ischio, differences, read
from fhir_forms import BINDINGS, PATHWAY, READER
from test_cql_agreement import Compared, cases, generated

from ischio.backends.cql.text import Library
from ischio.engine.answer import Answer
from ischio.fhir.cql_libraries import cql_libraries


@dataclass(frozen=True)
class Fault:
    """What is wrong, in words; the library and the define or function that it is planted in; the printed text that is
    replaced, and by what; the case or generated record that shows it.
    """

    fault: str
    library: str
    define: str
    text: str
    by: str
    shown_by: str

    @property
    def copy(self) -> str:
        """The name of the faulty copy."""
        return f"fault {FAULTS.index(self)}"

    def planted(self, each: Asked) -> Asked:
        """The same question, put to the faulty libraries."""
        fault = {"library": self.library, "define": self.define, "copy": self.copy}
        return Asked(self.fault, each.index, each.bundle, fault)


FAULTS = [Fault(**each) for each in yaml.safe_load(Path(__file__).with_name("cql_faults.yaml").read_text("utf-8"))]
DRAWN = 400
"""Records drawn beside the cases. Which they are changes with the knowledge; a case that shows a fault is better."""


# ---- faulty copies ----------------------------------------------------------------------------------------------


def with_faults(libraries: Sequence[Library]) -> list[Library]:
    """The libraries, each with the faulty copies of its defines after all else."""
    return [
        Library(library.name, "\n\n".join((library.text.rstrip(), *_copies(library))) + "\n") for library in libraries
    ]


def _copies(library: Library) -> Iterator[str]:
    return (_copy(library.text, fault) for fault in FAULTS if fault.library == library.name)


def _copy(text: str, fault: Fault) -> str:
    name = re.escape(fault.define)
    head = rf'^define (function )?(?:"{name}"|{name})(?=[:(])'
    found = re.search(rf"{head}(.*?)(?=\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"nothing is named {fault.define}"
    assert fault.text in found[2], f"the fault no longer fits what is printed: {fault.fault}"
    return f'define {found[1] or ""}"{fault.copy}"{found[2].replace(fault.text, fault.by)}'


# ---- what they are shown by -------------------------------------------------------------------------------------


@cache
def records() -> dict[str, Asked]:
    """The cases and some drawn records, by name."""
    return {each.name: each for each in (*cases(Compared()), *generated(DRAWN))}


@cache
def said(name: str) -> dict[str, Json]:
    """What our engine says of a record."""
    each = records()[name]
    return by_ischio(PATHWAY, Answer(PATHWAY, read(READER, each), each.index))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """By fault what the faulty libraries say of its record, and by record what the sound ones say."""
    used = {fault.shown_by: records()[fault.shown_by] for fault in FAULTS}
    asked = [*used.values(), *(fault.planted(used[fault.shown_by]) for fault in FAULTS)]
    libraries = with_faults(cql_libraries(PATHWAY, BINDINGS))
    return ask(tmp_path_factory.mktemp("cql"), libraries, {"execution": asked})["execution"]


def test_without_a_fault_they_agree(answers: dict[str, Json]) -> None:
    assert len(FAULTS) >= 60
    for name in {fault.shown_by for fault in FAULTS}:
        assert not list(differences(said(name), answers[name])), name


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.fault for fault in FAULTS])
def test_the_fault_is_found(answers: dict[str, Json], fault: Fault) -> None:
    found = list(differences(said(fault.shown_by), answers[fault.fault]))
    assert found, f"nobody noticed that {fault.fault}: {fault.shown_by} does not show it"
