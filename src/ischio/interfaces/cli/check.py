"""`ischio check`: knowledge files without mistakes, cases that get their answer, a case for every rule?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json, Overlay
from ischio.interfaces.cli.terminal import clean, console, mistake_data, print_json

if TYPE_CHECKING:
    from ischio.engine.cases import CaseRun, Uncovered
    from ischio.interfaces.publishing import Need
    from ischio.model.mistake import Mistake
    from ischio.model.pathway import Pathway


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. unreadable: mistakes in case files."""

    pathway: "Pathway"
    unreadable: "tuple[Mistake, ...]"
    runs: "tuple[CaseRun, ...]"
    uncovered: "tuple[Uncovered, ...]"
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
        from ischio.interfaces.patient_words import too_hard, untranslated, wordless

        return (
            *(
                f"{name}: has no words in patient.yaml, so it cannot be shown to a patient"
                for name in wordless(self.pathway)
            ),
            *(f"patient.{language}.yaml: {where} is not translated" for language, where in untranslated(self.pathway)),
            *(f"patient.yaml: {where} is too hard: {found}" for where, found in too_hard(self.pathway)),
        )


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio check src/ischio/knowledge/ischiofemoral")(check)


def check(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Knowledge files; else those shipped.")] = None,
    overlay: Overlay = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Leave with 1 unless nothing is missing for a publication either.")
    ] = False,
    proofs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="For --publish: what `ischio verify --json` printed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Finds mistakes in knowledge files and runs all cases.

    Every mistake comes with its file, line and mend; rules that no case shows and unmapped seed lines are listed.
    What is missing for a publication (a reviewer, a source, a proof ...) is a notice; with --publish it is a problem.
    """
    report = examine(folder, overlay)
    needed = needed_of(report, folder, proofs)
    missing = [need for need in needed if not need.met]
    if as_json:
        print_json(data(report) | {"publication": [publication_data(need) for need in needed]})
    else:
        show(report)
        show_missing(missing, publish)
    raise typer.Exit(1 if report.problems or (publish and missing) else 0)


def needed_of(report: Report, folder: Path | None, proofs: Path | None) -> "tuple[Need, ...]":
    """What a publication needs. Raises IschioError where the file of proofs is not there."""
    from datetime import date

    from ischio.interfaces.publishing import needs, read_proofs
    from ischio.loading.files import digest
    from ischio.loading.pathway import packaged
    from ischio.model.mistake import IschioError, Mistake

    if proofs is not None and not proofs.is_file():
        raise IschioError(Mistake(f"There is no file {str(proofs)!r}.", "Make it: ischio verify --json > FILE"))
    return needs(report, read_proofs(proofs, digest(folder or packaged())), date.today())


def publication_data(need: "Need") -> dict[str, Any]:
    return {"need": need.title, "met": need.met, "told": need.told, "lack": [title for _, title in need.these]}


def show_missing(missing: "Sequence[Need]", publish: bool) -> None:
    """What a publication lacks: each thing where it was asked for, else how many."""
    to = console()
    if not publish:
        if missing:
            count = "1 thing is" if len(missing) == 1 else f"{len(missing)} things are"
            to.print(Text(f"note  a draft: {count} missing for a publication; `ischio check --publish` tells which"))
        return
    for need in missing:
        to.print(Text.assemble(("x   ", "bold red"), clean(f"{need.title}: {need.told}")), soft_wrap=True)
        for _, title in need.these:
            to.print(Text(f"      {clean(title)}"), soft_wrap=True)
    told = "Not to be published." if missing else "Nothing is missing for a publication."
    to.print(Text(told, style="bold red" if missing else "bold green"))


def examine(folder: Path | None, overlay: Path | None) -> Report:
    """Raises PathwayError with every mistake if the pathway itself cannot be read."""
    from ischio.loading.pathway import load_pathway

    begun = perf_counter()
    return examined(load_pathway(folder, overlay), folder, begun)


def examined(pathway: "Pathway", folder: Path | None, begun: float) -> Report:
    """What the cases of a knowledge folder say of its pathway. begun: when the work began, by perf_counter."""
    from ischio.engine.cases import run_cases, uncovered
    from ischio.interfaces.cli.halves import in_halves
    from ischio.interfaces.cli.reading import case_files, read_cases

    def looked_at(files: Sequence[Path]) -> "tuple[tuple[CaseRun, ...], tuple[Mistake, ...]]":
        cases, unreadable = read_cases(pathway, folder, files)
        return run_cases(pathway, cases), unreadable

    parts = in_halves(looked_at, case_files(folder))
    runs = tuple(run for part, _ in parts for run in part)
    unreadable = tuple(mistake for _, part in parts for mistake in part)
    return Report(pathway, unreadable, runs, uncovered(pathway, runs), perf_counter() - begun)


def data(report: Report) -> dict[str, Any]:
    return {
        "pathway": {"id": report.pathway.id, "version": report.pathway.version},
        "problems": report.problems,
        "seed_lines": {"all": len(report.pathway.seed), "unmapped": report.unmapped},
        "cases": [
            {
                "id": run.case.id,
                "title": run.case.title,
                "differences": [{"what": d.what, "expected": d.expected, "got": d.got} for d in run.differences],
            }
            for run in report.runs
        ],
        "mistakes": [mistake_data(mistake) for mistake in report.unreadable],
        "patient_words": report.patient_words,
        "languages": {
            language: {"drafted": words.drafted, "reviewer": words.reviewer}
            for language, words in report.pathway.patient.items()
        },
        "uncovered": [{"rule": each.rule, "missing": each.missing} for each in report.uncovered],
    }


Line = tuple[bool, str, tuple[str, ...]]


def lines(report: Report) -> Iterator[Line]:
    """Whether all is well, what was looked at, and what is wrong, a line each."""
    pathway, runs = report.pathway, report.runs
    counts = f"{len(pathway.facts)} facts, {len(pathway.criteria)} criteria, {len(pathway.actions)} actions"
    yield True, f"{pathway.title} {pathway.version}: {counts}", ()
    mapped = len(pathway.seed) - len(report.unmapped)
    yield (
        not report.unmapped,
        f"{mapped} of {len(pathway.seed)} seed lines became a rule or state their gap",
        report.unmapped,
    )
    yield not report.unreadable, f"{len(runs)} cases read", tuple(map(str, report.unreadable))
    right = sum(not run.differences for run in runs)
    yield right == len(runs), f"{right} of {len(runs)} cases get the expected answer", tuple(case_lines(runs))
    if pathway.patient:
        yield not report.patient_words, _told_of_words(pathway), report.patient_words
    missing = tuple(f"{each.rule}: no case in which it {each.missing}" for each in report.uncovered)
    yield not missing, "every rule has a case where it fires and one where it is silent; gates also unknown", missing


def _told_of_words(pathway: "Pathway") -> str:
    """The languages of the words for patients: who wrote and reviewed them, and how they read."""
    from ischio.interfaces.patient_words import reads

    each = (
        f"{language} ({words.drafted}, reviewer: {words.reviewer}; {reads(words)})"
        for language, words in pathway.patient.items()
    )
    return f"words for patients: {', '.join(each)}"


def case_lines(runs: "Sequence[CaseRun]") -> Iterator[str]:
    for run in runs:
        for each in run.differences:
            yield f"case {run.case.id}: {in_words(each.what)}: expected {each.expected}, is {each.got} now"


def in_words(what: str) -> str:
    """What a case expects, as a person says it: `right, stage` is `right hip, stage`."""
    part, *names = what.split(", ")
    whose = f"{part} hip" if part in ("right", "left") else part
    one_of = {"criteria": "criterion", "actions": "action", "facts": "fact"}
    kinds = (one_of.get(name, name.replace("_", " ")) for name in names[:-1])
    return ", ".join((whose, *(" ".join((*kinds, name)) for name in names[-1:])))


def show(report: Report) -> None:
    to = console()
    for well, what, wrong in lines(report):
        to.print(Text.assemble(("ok  ", "green") if well else ("x   ", "bold red"), what))
        for line in wrong:
            to.print(Text(f"      {clean(line)}"), soft_wrap=True)
    count = "1 problem" if report.problems == 1 else f"{report.problems} problems"
    to.print(Text(f"{count}, in {report.seconds:.1f} s", style="bold green" if not report.problems else "bold red"))
