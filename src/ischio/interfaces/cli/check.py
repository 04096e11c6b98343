"""`ischio check`: knowledge files without mistakes, cases that get their answer, a case for every rule?"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json, Overlay
from ischio.interfaces.cli.terminal import console, mistake_data, print_json
from ischio.interfaces.printable import clean

if TYPE_CHECKING:
    from ischio.engine.cases import CaseRun
    from ischio.interfaces.checking import Checked
    from ischio.interfaces.publishing import Need
    from ischio.model.pathway import Pathway


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
    from ischio.interfaces.checking import examine

    report = examine(folder, overlay)
    needed = needed_of(report, folder, proofs)
    missing = [need for need in needed if not need.met]
    if as_json:
        print_json(data(report) | {"publication": [publication_data(need) for need in needed]})
    else:
        show(report)
        show_missing(missing, publish)
    raise typer.Exit(1 if report.problems or (publish and missing) else 0)


def needed_of(report: "Checked", folder: Path | None, proofs: Path | None) -> "tuple[Need, ...]":
    """What a publication needs. Raises IschioError where the file of proofs is not there."""
    from datetime import date

    from ischio.interfaces.proofs import read_proofs
    from ischio.interfaces.publishing import needs
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


def data(report: "Checked") -> dict[str, Any]:
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


def lines(report: "Checked") -> Iterator[Line]:
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
    from ischio.interfaces.checking import in_words

    for run in runs:
        for each in run.differences:
            yield f"case {run.case.id}: {in_words(each.what)}: expected {each.expected}, is {each.got} now"


def show(report: "Checked") -> None:
    to = console()
    for well, what, wrong in lines(report):
        to.print(Text.assemble(("ok  ", "green") if well else ("x   ", "bold red"), what))
        for line in wrong:
            to.print(Text(f"      {clean(line)}"), soft_wrap=True)
    count = "1 problem" if report.problems == 1 else f"{report.problems} problems"
    to.print(Text(f"{count}, in {report.seconds:.1f} s", style="bold green" if not report.problems else "bold red"))
