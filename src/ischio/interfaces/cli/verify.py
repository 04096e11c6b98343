"""`ischio verify`: what is proved for all patients, and a counter-example for what is not."""

import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from ischio.interfaces.cli.options import Json, Overlay
from ischio.interfaces.cli.terminal import console, print_json
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.backends.smt import Finding, SecondOpinion
    from ischio.model.pathway import Pathway

SIGNS = {"proved": "ok", "refuted": "x", "waiting": "...", "could not decide": "?"}
COLOURS = {"proved": "green", "refuted": "bold red", "waiting": "dim", "could not decide": "yellow"}
WELL = ("proved", "waiting")


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio verify --out counter-examples")(verify)


def verify(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Knowledge files; else those shipped.")] = None,
    overlay: Overlay = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write counter-examples here, as case files for `ischio assess`.")
    ] = None,
    second_opinion: Annotated[
        bool, typer.Option("--second-opinion", help="Ask a second solver, cvc5, the same claims.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Proves safety for all patients, or shows a counter-example."""
    from ischio.loading.pathway import load_pathway

    pathway = load_pathway(folder, overlay)
    found = proofs(pathway, quiet=as_json)
    opinions = asked_again(pathway, found) if second_opinion else ()
    written = write_counter_examples(found, out) if out else ()
    if as_json:
        print_json(whole_data(pathway, folder, overlay, found) | opinion_data(opinions))
    else:
        show(found, written)
        show_opinions(opinions)
    well = all(finding.outcome.value in WELL for finding in found) and all(opinion.agrees for opinion in opinions)
    raise typer.Exit(0 if well else 1)


def proofs(pathway: "Pathway", *, quiet: bool) -> "tuple[Finding, ...]":
    """All findings; on a terminal the property at work is shown meanwhile.

    Raises SolverMissing where z3 is not installed.
    """
    from rich.progress import track

    from ischio.backends.smt import findings

    to = console(errors=True)
    watched = track(
        findings(pathway),
        description="Proving",
        total=len(pathway.properties),
        console=to,
        transient=True,
        disable=quiet or not to.is_terminal,
    )
    return tuple(watched)


def asked_again(pathway: "Pathway", found: "tuple[Finding, ...]") -> "tuple[SecondOpinion, ...]":
    """What a second solver says of each finding."""
    from ischio.backends.smt import second_opinions

    return tuple(second_opinions(pathway, found))


def opinion_data(opinions: "tuple[SecondOpinion, ...]") -> dict[str, Any]:
    """Nothing where no second opinion was asked for."""
    told = [asdict(opinion) | {"outcome": opinion.outcome.value} for opinion in opinions]
    return {"second_opinions": told} if told else {}


def whole_data(
    pathway: "Pathway", folder: Path | None, overlay: Path | None, found: "tuple[Finding, ...]"
) -> dict[str, Any]:
    """What was proved, with the files that it was proved of and the day: the application shows it to authors."""
    from ischio.interfaces.inputs import knowledge
    from ischio.loading.files import digest

    files = digest(knowledge(folder), overlay)
    of = {"id": pathway.id, "version": pathway.version, "overlay": pathway.overlay, "files": files}
    made = datetime.now(UTC).date().isoformat()
    return {"pathway": of, "made": made, "findings": [data(finding) for finding in found]}


def data(finding: "Finding") -> dict[str, Any]:
    return asdict(finding) | {"outcome": finding.outcome.value}


def case_texts(finding: "Finding") -> dict[str, str]:
    """The case files that a finding brings, by file name."""
    name = finding.property.replace("_", "-")
    texts = {f"{name}-before": finding.before_forgetting, name: finding.counter_example}
    return {f"{stem}.yaml": text for stem, text in texts.items() if text}


def write_counter_examples(found: "tuple[Finding, ...]", folder: Path) -> tuple[Path, ...]:
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (pair for finding in found for pair in case_texts(finding).items()):
            (folder / name).write_text(text, encoding="utf-8")
            written.append(folder / name)
    except OSError as error:
        mend = "Name a folder that can be written to with --out."
        raise IschioError(
            Mistake(f"The counter-examples were not written: {error.strerror}.", mend, str(folder))
        ) from None
    return tuple(written)


def show(found: "tuple[Finding, ...]", written: tuple[Path, ...]) -> None:
    to = console()
    grid = Table.grid(padding=(0, 2, 0, 0))
    for finding in sorted(found, key=lambda finding: finding.number):
        outcome = finding.outcome.value
        grid.add_row(
            Text(f"{SIGNS[outcome]} {outcome}", style=COLOURS[outcome]),
            Text(str(finding.number)),
            Text.assemble((finding.title, "bold"), f"\n{finding.detail}"),
            Text(f"{finding.seconds:.1f} s" if finding.seconds else ""),
        )
    to.print(grid)
    for path in written:
        to.print(Text(f"See it: ischio assess {os.fspath(path)}"), soft_wrap=True)
    examples = any(finding.counter_example for finding in found)
    if examples and not written:
        to.print(Text("Add `--out DIR` to get each counter-example as a case file that `ischio assess` shows."))
    proved = sum(finding.outcome.value == "proved" for finding in found)
    waiting = sum(finding.outcome.value == "waiting" for finding in found)
    took = sum(finding.seconds for finding in found)
    to.print(Text(f"{proved} of {len(found)} properties proved, {waiting} waiting, in {took:.1f} s", style="bold"))


def show_opinions(opinions: "tuple[SecondOpinion, ...]") -> None:
    """Each property of which the second solver says something else, and how many it says the same of."""
    if not opinions:
        return
    to = console()
    for opinion in opinions:
        if not opinion.agrees:
            words = f"x cvc5 says otherwise of {opinion.property}: {opinion.outcome.value}. {opinion.detail}"
            to.print(Text(words, style="bold red"), soft_wrap=True)
    alike, took = sum(opinion.agrees for opinion in opinions), sum(opinion.seconds for opinion in opinions)
    to.print(
        Text(f"Second opinion (cvc5): the same of {alike} of {len(opinions)} properties, in {took:.1f} s", style="bold")
    )
