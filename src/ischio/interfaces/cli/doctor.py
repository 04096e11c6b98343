"""`ischio doctor`: what is installed, what is missing, and how to get it."""

import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import typer
from rich.table import Table
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.terminal import console, print_json

NEEDED = ("msgspec", "lark", "pyyaml", "typer", "rich", "jinja2")
EXTRAS = (
    ("z3-solver", "prove", "the proofs of `ischio verify`"),
    ("duckdb", "cohort", "registries, `ischio cohort`"),
    ("scipy", "cohort", "what a cohort's report hides"),
    ("statsmodels", "cohort", "the waiting times of `ischio cohort`"),
    ("pyspark", "spark", "`ischio cohort --engine spark`"),
    ("sqlalchemy", "serve", "the store of the web service"),
    ("argon2-cffi", "serve", "the passwords of those who sign in"),
    ("alembic", "serve", "the store of the web service"),
    ("psycopg", "postgres", "a store in PostgreSQL"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. state: ok, missing (something will not work) or optional (an extra is not there)."""

    name: str
    state: str
    detail: str
    mend: str = ""


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio doctor")(doctor)


def doctor(as_json: Json = False) -> None:
    """What is installed, what is missing and how to get it."""
    findings = (*packages(), knowledge())
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        show(findings)
    raise typer.Exit(any(finding.state == "missing" for finding in findings))


def packages() -> Iterator[Finding]:
    yield Finding("ischio", "ok", f"{installed('ischio')} on Python {platform.python_version()}")
    for name in NEEDED:
        found = installed(name)
        yield Finding(
            name, "ok" if found else "missing", found or "not installed", "" if found else f"pip install {name}"
        )
    for name, extra, use in EXTRAS:
        if found := installed(name):
            yield Finding(name, "ok", found)
        else:
            yield Finding(name, "optional", f"not installed; needed for {use}", f"pip install 'ischio[{extra}]'")


def installed(name: str) -> str | None:
    """The version of a package; None if it is not there."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return None


def knowledge() -> Finding:
    """Whether the pathway that is shipped can be read."""
    from ischio.loading.pathway import load_pathway
    from ischio.model.mistake import PathwayError

    try:
        pathway = load_pathway()
    except PathwayError as error:
        return Finding("knowledge", "missing", f"{len(error.mistakes)} mistakes", "ischio check lists them")
    rules = f"{len(pathway.facts)} facts, {len(pathway.criteria)} criteria, {len(pathway.actions)} actions"
    return Finding("knowledge", "ok", f"{pathway.id} {pathway.version}: {rules}")


def show(findings: tuple[Finding, ...]) -> None:
    colours = {"ok": "green", "missing": "bold red", "optional": "yellow"}
    table = Table.grid(padding=(0, 2, 0, 0))
    for finding in findings:
        mend = f"  -> {finding.mend}" if finding.mend else ""
        table.add_row(Text(finding.state, style=colours[finding.state]), finding.name, finding.detail + mend)
    console().print(table)
