"""`ischio export book`: every rule and source of a pathway on a page of its own, as a static site or one file."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder
from ischio.interfaces.cli.terminal import console, mistake_data, print_json, print_mistakes
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.backends.smt import Finding
    from ischio.interfaces.book.content import Book
    from ischio.model.pathway import Pathway

MARKDOWN = ".md"
MARK = "search-index.js"
"""The file by which a folder is known to hold a book already."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A book with what it was made from. unreadable: mistakes in case files; tried: whether proofs were tried."""

    book: "Book"
    cases: int
    unreadable: tuple[Mistake, ...]
    findings: "dict[str, Finding]"


def add_to(export: typer.Typer) -> None:
    export.command(epilog="Example: ischio export book ifi-book  (then open ifi-book/index.html)")(book)


def book(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder for the pages, or one file ending in .md.")],
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """The pathway book: a page for every rule, fact, number, source and case.

    It opens from a disk without a server. What is proved is proved anew while the book is made, where z3 is installed.
    """
    as_one = out.suffix.lower() == MARKDOWN
    if not as_one:
        refuse_other_folder(out)
    bound = bind(pathway, overlay, quiet=as_json)
    files = write_one(bound.book, out) if as_one else write_pages(bound.book, out)
    if as_json:
        print_json({**data(bound), "written": str(out), "files": files})
    else:
        show(bound, out if as_one else out / "index.html")
    raise typer.Exit(1 if bound.unreadable else 0)


def refuse_other_folder(out: Path) -> None:
    """Raises IschioError where the book would be mixed with files of another kind, or a file is in its place."""
    if out.exists() and not out.is_dir():
        raise IschioError(Mistake("A file is in the place of the folder.", "Name a new folder.", str(out)))
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).exists():
        mend = "Name a new or empty folder, or one that holds an earlier book."
        raise IschioError(Mistake("The folder holds something other than a book.", mend, str(out)))


def bind(folder: Path | None, overlay: Path | None, *, quiet: bool) -> Bound:
    """Reads the pathway, runs its cases, proves its properties and makes the book."""
    from ischio.engine.cases import run_cases
    from ischio.interfaces.book.build import book as make_book
    from ischio.interfaces.inputs import read_cases
    from ischio.loading.pathway import load_pathway

    pathway = load_pathway(folder, overlay)
    cases, unreadable = read_cases(pathway, folder)
    found = proved(pathway, quiet=quiet)
    return Bound(make_book(pathway, run_cases(pathway, cases), found), len(cases), unreadable, found)


def proved(pathway: "Pathway", *, quiet: bool) -> "dict[str, Finding]":
    """What came of each property; nothing where the solver is not installed."""
    from ischio.backends.smt import SolverMissing
    from ischio.interfaces.cli.verify import proofs

    try:
        return {finding.property: finding for finding in proofs(pathway, quiet=quiet)}
    except SolverMissing:
        return {}


def write_one(made: "Book", out: Path) -> int:
    from ischio.interfaces.book.markdown import markdown
    from ischio.interfaces.cli.written import write

    write(out, markdown(made))
    return 1


def write_pages(made: "Book", out: Path) -> int:
    """Writes every file, and takes away the pages of an earlier book that this one has no more."""
    from rich.progress import track

    from ischio.interfaces.book.site import site
    from ischio.interfaces.cli.written import write

    to = console(errors=True)
    written: set[Path] = set()
    watched = track(
        site(made),
        description="Writing",
        total=len(made.pages) + len(made.kinds) + 5,
        console=to,
        transient=True,
        disable=not to.is_terminal,
    )
    for name, text in watched:
        write(out / name, text)
        written.add(out / name)
    remove_others((out / kind.folder for kind in made.kinds), written)
    return len(written)


def remove_others(folders: Iterable[Path], written: set[Path]) -> None:
    for folder in folders:
        for page in folder.glob("*.html"):
            if page not in written:
                page.unlink()


def data(bound: Bound) -> dict[str, object]:
    return {
        "pathway": {"id": bound.book.id, "version": bound.book.version},
        "pages": {kind.folder: len(bound.book.of_kind(kind)) for kind in bound.book.kinds},
        "proofs": {name: finding.outcome.value for name, finding in bound.findings.items()},
        "mistakes": [mistake_data(mistake) for mistake in bound.unreadable],
    }


def show(bound: Bound, first: Path) -> None:
    to = console()
    well = sum(finding.outcome.value == "proved" for finding in bound.findings.values())
    proofs = f"{well} of {len(bound.findings)} properties proved" if bound.findings else "nothing proved (needs z3)"
    to.print(Text(f"{len(bound.book.pages)} pages, {bound.cases} cases, {proofs}"))
    to.print(Text(f"Open it: {first}"), soft_wrap=True)
    if bound.unreadable:
        print_mistakes(bound.unreadable)
