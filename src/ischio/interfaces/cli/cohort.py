"""`ischio cohort`: where everyone in a folder of records is, how they moved, who is overdue, what is not recorded."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder
from ischio.interfaces.cli.terminal import console, print_json
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ischio.cohort.judging import Engine
    from ischio.cohort.store import Store
    from ischio.cohort.tables import Shown
    from ischio.model.pathway import Pathway


Watch = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


class EngineName(Enum):
    DUCKDB = "duckdb"
    SPARK = "spark"


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Example: ischio cohort registry --on 2026-06-01 --out results  (then open results/report.html)"
    )(cohort)


def cohort(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="A folder of records (FHIR NDJSON, Bundles, CSV, Parquet), or an event store."
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="OUT", help="The folder for the results.")],
    on: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="The cohort's date, up to which everyone is followed; else the newest day in the records.",
        ),
    ] = None,
    dates: Annotated[
        str | None, typer.Option(metavar="D1,D2", help="Judge everyone on these dates alone, and follow nobody.")
    ] = None,
    engine: Annotated[EngineName, typer.Option(help="What does the work.")] = EngineName.DUCKDB,
    master: Annotated[
        str | None, typer.Option(metavar="URL", help="The Spark master, with --engine spark; else this machine.")
    ] = None,
    shared: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The event store as Spark's workers see it, such as s3a://bucket/store."),
    ] = None,
    show_small_cells: Annotated[
        bool, typer.Option("--show-small-cells", help="Show counts below 5 too; keep such a report beside the records.")
    ] = False,
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """Where everyone in a folder of records is, and what is not recorded.

    Writes a page, tables, a data dictionary and measure reports. A run that was stopped goes on with the same command.
    """
    if on is not None and dates is not None:
        raise typer.BadParameter("Give --on or --dates, not both.", param_hint="--dates")
    for name, value in (("--master", master), ("--shared", shared)):
        if value is not None and engine is not EngineName.SPARK:
            raise typer.BadParameter("It goes with --engine spark.", param_hint=name)
    several = read_dates(dates) if dates is not None else ()
    for package in ("duckdb", "scipy", "statsmodels"):
        require(package, "cohort")

    from ischio.cohort.cells import LEAST
    from ischio.cohort.judging import IndexDates
    from ischio.interfaces.cohort.files import refuse_other
    from ischio.interfaces.cohort.making import Request, connected, make, newest_day
    from ischio.interfaces.inputs import knowledge
    from ischio.loading.pathway import load_pathway

    loaded = load_pathway(pathway, overlay)
    bindings = knowledge(pathway) / "bindings.yaml"
    refuse_other(out)
    with connected(out) as connection, progress(as_json) as watch:
        store = find_store(folder, loaded, bindings, out, watch)
        given = several or ((on.date(),) if on else ())
        asked = IndexDates(given or (newest_day(connection, store),), along=not several)
        command = command_of(folder, on, dates, engine, master, shared, show_small_cells, pathway, overlay)
        request = Request(command, asked, bool(given), None if show_small_cells else LEAST)
        with engine_of(engine, master, shared, connection, loaded, store) as worker:
            visible = make(loaded, bindings, store, out, request, worker, connection, partial(watch, "judging"))
    if as_json:
        print_json(data(visible, out))
    else:
        show(visible, out)


def read_dates(text: str) -> tuple[date, ...]:
    """The dates of a list, in order."""
    try:
        return tuple(sorted({date.fromisoformat(each.strip()) for each in text.split(",")}))
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no list of dates such as 2025-06-01,2026-06-01.", param_hint="--dates"
        ) from None


def require(package: str, extra: str) -> None:
    """Raises IschioError where an extra is not installed."""
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise IschioError(Mistake(f"{package} is not installed.", f"Install it: pip install 'ischio[{extra}]'"))


def find_store(folder: Path, pathway: "Pathway", bindings: Path, out: Path, watch: "Watch") -> "Store":
    """The event store that was named, or the one that is made of the records: beside the results, where persons are."""
    from ischio.cohort.intake.run import take_in
    from ischio.cohort.store import MANIFEST, open_store
    from ischio.interfaces.cohort.files import PERSONS

    if (folder / MANIFEST).exists():
        return open_store(folder)
    return take_in(folder, out / PERSONS / "store", pathway, bindings, progress=watch)


@contextmanager
def engine_of(
    name: EngineName,
    master: str | None,
    shared: str | None,
    connection: "DuckDBPyConnection",
    pathway: "Pathway",
    store: "Store",
) -> "Iterator[Engine]":
    """What judges. Raises IschioError where Spark, or what it needs, is not installed."""
    from ischio.cohort.judging import Duck

    if name is EngineName.DUCKDB:
        yield Duck(connection, pathway)
        return
    require("pyspark", "spark")
    from ischio.cohort.distributed import Places, Spark, session

    with session(master) as started:
        yield Spark(started, connection, pathway, Places(store.folder, shared))


def command_of(
    folder: Path,
    on: datetime | None,
    dates: str | None,
    engine: EngineName,
    master: str | None,
    shared: str | None,
    show_small_cells: bool,
    pathway: Path | None,
    overlay: Path | None,
) -> str:
    """The command as it would be given again, but for where it writes."""
    words = ["ischio", "cohort", str(folder)]
    words += ["--on", on.date().isoformat()] if on else []
    words += ["--dates", dates] if dates else []
    words += ["--engine", engine.value] if engine is not EngineName.DUCKDB else []
    words += ["--master", master] if master else []
    words += ["--shared", shared] if shared else []
    words += ["--show-small-cells"] if show_small_cells else []
    words += ["--pathway", str(pathway)] if pathway else []
    words += ["--overlay", str(overlay)] if overlay else []
    return shlex.join(words)


@contextmanager
def progress(quiet: bool) -> "Iterator[Watch]":
    """A bar for each thing that is done, on a terminal alone."""
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

    to = console(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=to, transient=True, disable=quiet or not to.is_terminal or to.no_color) as bar:
        tasks: dict[str, TaskID] = {}

        def watch(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what.capitalize())
            bar.update(tasks[what], completed=done, total=of)

        yield watch


def data(visible: "Shown", out: Path) -> dict[str, Any]:
    """The results for a program: every count that may be seen; null for one that is hidden."""
    from ischio.cohort.tables import HIDDEN
    from ischio.interfaces.cohort.files import PAGE, results

    counts = {key: None if count is HIDDEN else count for key, count in sorted(visible.counts.items())}
    return {"out": str(out), "page": str(out / PAGE), "files": results(out), "counts": counts}


def show(visible: "Shown", out: Path) -> None:
    from rich.table import Table
    from rich.text import Text

    from ischio.cohort.quality import SYNTHETIC
    from ischio.interfaces.cohort.content import sheet, told
    from ischio.interfaces.cohort.files import PAGE, PERSONS

    positions = sheet(visible.tables["positions"])
    grid = Table(box=None, padding=(0, 2, 0, 0), title=positions.caption, title_justify="left")
    for head in positions.heads:
        grid.add_column(head.title, justify="right" if head.number else "left")
    for row in positions.rows:
        grid.add_row(*row)
    to = console()
    to.print(grid)
    if (synthetic := visible.counts[SYNTHETIC]) != 0:
        to.print(Text(f"Synthetic persons, who do not exist: {told(synthetic)} of {told(visible.counts['persons'])}."))
    if visible.any_hidden:
        to.print(Text("Counts from 1 to 4 are hidden, and those from which they could be worked back."))
    to.print(Text(f"{out / PERSONS} names persons: leave it out when you pass the report on."), soft_wrap=True)
    to.print(Text(f"Open it: {out / PAGE}"), soft_wrap=True)
