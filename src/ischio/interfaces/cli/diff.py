"""`ischio diff`: what two versions of a pathway write differently, and for whom their answers differ."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.cli.written import write
from ischio.interfaces.printable import clean

if TYPE_CHECKING:
    from ischio.backends.difference.difference import Difference
    from ischio.interfaces.cohort.comparing import Compared
    from ischio.interfaces.difference.telling import Section
    from ischio.interfaces.difference.telling import Table as Written
    from ischio.interfaces.difference.versions import Cases, Version


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio diff HEAD~1:src/ischio/knowledge/ischiofemoral")(diff)


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A folder of knowledge files, or REVISION:FOLDER of git.")],
    new: Annotated[
        str | None, typer.Argument(metavar="NEW", help="The same; else the knowledge files shipped.")
    ] = None,
    old_overlay: Annotated[
        Path | None, typer.Option("--old-overlay", metavar="FILE", help="A site's own parameter values for OLD.")
    ] = None,
    new_overlay: Annotated[
        Path | None, typer.Option("--new-overlay", metavar="FILE", help="A site's own parameter values for NEW.")
    ] = None,
    as_json: Json = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the persons here, as case files for `ischio assess`.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write the report as Markdown, as for a pull request.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Leave with 1 unless equivalent.")] = False,
    cohort: Annotated[
        Path | None,
        typer.Option(metavar="RECORDS", help="A folder of records, or an event store: whose answer changes there."),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="With --cohort: the date; else the newest day there."),
    ] = None,
) -> None:
    """What differs between two versions of a pathway, and for whom.

    Which entries were added, removed or changed; whether both answer alike for every person, and if not, a person
    for whom they differ; and the cases whose answer changes.
    """
    from ischio.backends.difference.difference import Verdict, difference
    from ischio.interfaces.difference import telling
    from ischio.interfaces.difference.versions import cases_of, version
    from ischio.interfaces.inputs import knowledge

    with ExitStack() as open_still:
        was = open_still.enter_context(version(old, old_overlay))
        now = open_still.enter_context(version(new or str(knowledge(None)), new_overlay))
        cases = cases_of(was, now)
        intake_differs = was.file("bindings.yaml") != now.file("bindings.yaml")
        of_cohort = compare_cohort(cohort, was, now, on, out) if cohort else None
    found = difference(was.pathway, now.pathway, cases.both, intake_differs=intake_differs)
    title, told = f"{was.name} -> {now.name}", tuple(telling.sections(found, cases))
    if of_cohort:
        told += (cohort_section(of_cohort),)
    written = write_persons(found, out) if out else ()
    if markdown:
        write(markdown, telling.markdown(title, told))
    if as_json:
        print_json(data(found, cases) | ({"cohort": cohort_data(of_cohort)} if of_cohort else {}))
    else:
        show(title, told)
        show_where(found, written, (was.name, now.name))
    raise typer.Exit(int(exit_code and found.verdict is not Verdict.EQUIVALENT))


def compare_cohort(records: Path, was: "Version", now: "Version", on: datetime | None, out: Path | None) -> "Compared":
    """Both versions over the records. Raises IschioError where duckdb or scipy is not installed."""
    from ischio.interfaces.cli.cohort import require

    for package in ("duckdb", "scipy"):
        require(package, "cohort")
    from ischio.interfaces.cohort.comparing import compare

    return compare(records, was, now, on.date() if on else None, out)


def cohort_section(compared: "Compared") -> "Section":
    from ischio.interfaces.cohort.comparing import section

    return section(compared)


def cohort_data(compared: "Compared") -> dict[str, Any]:
    from ischio.interfaces.cohort.comparing import data

    return data(compared)


def data(found: "Difference", cases: "Cases") -> dict[str, Any]:
    import msgspec

    logic, told = found.logic, msgspec.to_builtins
    return {
        "verdict": found.verdict.value,
        "old": {"id": found.old.id, "version": found.old.version, "overlay": found.old.overlay},
        "new": {"id": found.new.id, "version": found.new.version, "overlay": found.new.overlay},
        "entries": told(found.entries),
        "differing": told(logic.differing),
        "undecided": told(logic.undecided),
        "not_asked_because": logic.missing,
        "persons": told(logic.persons),
        "facts_derived_otherwise": told(found.derived),
        "dates_that_may_differ": told(found.dated),
        "intake_differs": found.intake_differs,
        "cases": {
            "run": found.cases_run,
            "changed": told(found.cases),
            "added": cases.added,
            "removed": cases.removed,
            "rewritten": cases.rewritten,
            "one_version_only": cases.one_only,
        },
    }


def write_persons(found: "Difference", folder: Path) -> "tuple[tuple[Path, Path], ...]":
    """Writes each person; the file for the old and the file for the new version, mostly one and the same."""
    from ischio.backends.difference.persons import file_stem

    written = []
    for person in found.logic.persons:
        of_new = of_old = folder / f"{file_stem(person.aspect)}.yaml"
        write(of_new, person.case)
        if person.case_old:
            of_old = folder / f"{file_stem(person.aspect)}-old.yaml"
            write(of_old, person.case_old)
        written.append((of_old, of_new))
    return tuple(written)


def show(title: str, told: "tuple[Section, ...]") -> None:
    to = console()
    to.print(Text(clean(title)), soft_wrap=True)
    for section in told:
        to.print(Text(f"\n{section.title}", style="bold"))
        for line in section.lines:
            to.print(Text(clean(line)))
        for table in section.tables:
            if table.rows:
                to.print(grid(table))


def grid(table: "Written") -> Table:
    shown = Table(*table.head, box=box.SIMPLE, pad_edge=False)
    for row in table.rows:
        shown.add_row(*(Text(clean(cell)) for cell in row))
    return shown


def show_where(found: "Difference", written: "tuple[tuple[Path, Path], ...]", versions: tuple[str, str]) -> None:
    """Where the persons are, or how to get them."""
    to = console()
    for files in written:
        for path, version in zip(files, versions, strict=True):
            if Path(version).is_dir():
                to.print(Text(f"See it: ischio assess {path} --pathway {version}"), soft_wrap=True)
    if found.logic.persons and not written:
        to.print(Text("Add `--out DIR` to get each person as a case file that `ischio assess` shows."))
