"""`ischio cohort`: where everyone in a folder of records is, how they moved, who is overdue, and what is not recorded."""

import shlex
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ischio.cohort.judging import Engine, IndexDates
    from ischio.cohort.store import Store
    from ischio.model.pathway import Pathway


class EngineName(Enum):
    DUCKDB = "duckdb"
    SPARK = "spark"


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio cohort registry --on 2026-06-01 --out results  (then open results/report.html)")(
        cohort
    )


def cohort(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder of records (FHIR NDJSON, Bundles, CSV, Parquet), or an event store.")
    ],
    out: Annotated[Path, typer.Option(metavar="OUT", help="The folder for the results.")],
    on: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="The cohort's date; hips are followed up to it. Else the newest day in the records.",
        ),
    ] = None,
    dates: Annotated[
        str | None, typer.Option(metavar="D1,D2", help="Judge everyone on these dates alone, and follow nobody.")
    ] = None,
    engine: Annotated[EngineName, typer.Option(help="What does the work.")] = EngineName.DUCKDB,
    master: Annotated[
        str | None, typer.Option(metavar="URL", help="The Spark master, with --engine spark; else this machine.")
    ] = None,
    show_small_cells: Annotated[
        bool, typer.Option("--show-small-cells", help="Show counts below 5 too; then keep the report where the records are.")
    ] = False,
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """Where everyone in a folder of records is, and what is not recorded.

    Writes a page, tables, a data dictionary and measure reports. A run that was stopped goes on with the same command.
    """
