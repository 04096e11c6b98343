"""What a check of knowledge files finds: the pathway, its cases run, and what is missing of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from ischio.engine.cases import CaseRun, Uncovered, run_cases, uncovered
from ischio.interfaces.halves import in_halves
from ischio.interfaces.inputs import case_files, read_cases
from ischio.interfaces.patient_words import too_hard, untranslated, wordless
from ischio.loading.pathway import load_pathway
from ischio.model.mistake import Mistake
from ischio.model.pathway import Pathway


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. unreadable: mistakes in case files."""

    pathway: Pathway
    unreadable: tuple[Mistake, ...]
    runs: tuple[CaseRun, ...]
    uncovered: tuple[Uncovered, ...]
    seconds: float

    @property
    def problems(self) -> int:
        wrong = sum(bool(run.differences) for run in self.runs)
        return len(self.unreadable) + wrong + len(self.uncovered) + len(self.unmapped) + len(self.patient_words)

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Seed lines that became nothing and state no gap."""
        return tuple(line.id for line in self.pathway.seed.values() if not line.becomes and not line.gap)

    @property
    def patient_words(self) -> tuple[str, ...]:
        """What is missing of the words for patients, and what is too hard, a line each."""
        return (
            *(
                f"{name}: has no words in patient.yaml, so it cannot be shown to a patient"
                for name in wordless(self.pathway)
            ),
            *(f"patient.{language}.yaml: {where} is not translated" for language, where in untranslated(self.pathway)),
            *(f"patient.yaml: {where} is too hard: {found}" for where, found in too_hard(self.pathway)),
        )


def examine(folder: Path | None, overlay: Path | None) -> Checked:
    """Raises PathwayError with every mistake if the pathway itself cannot be read."""
    begun = perf_counter()
    return examined(load_pathway(folder, overlay), folder, begun)


def examined(pathway: Pathway, folder: Path | None, begun: float) -> Checked:
    """What the cases of a knowledge folder say of its pathway. begun: when the work began, by perf_counter."""

    def looked_at(files: Sequence[Path]) -> tuple[tuple[CaseRun, ...], tuple[Mistake, ...]]:
        cases, unreadable = read_cases(pathway, folder, files)
        return run_cases(pathway, cases), unreadable

    parts = in_halves(looked_at, case_files(folder))
    runs = tuple(run for part, _ in parts for run in part)
    unreadable = tuple(mistake for _, part in parts for mistake in part)
    return Checked(pathway, unreadable, runs, uncovered(pathway, runs), perf_counter() - begun)


def in_words(what: str) -> str:
    """What a case expects, as a person says it: `right, stage` is `right hip, stage`."""
    part, *names = what.split(", ")
    whose = f"{part} hip" if part in ("right", "left") else part
    one_of = {"criteria": "criterion", "actions": "action", "facts": "fact"}
    kinds = (one_of.get(name, name.replace("_", " ")) for name in names[:-1])
    return ", ".join((whose, *(" ".join((*kinds, name)) for name in names[-1:])))
