"""The assessment as one page: a single HTML file that asks for nothing else and needs no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ischio.interfaces.look.sheets import digest, sheet
from ischio.interfaces.page.view import view
from ischio.model.assessment import Assessment
from ischio.model.pathway import Pathway

PACKAGE = "ischio.interfaces.page"


@dataclass(frozen=True, slots=True)
class Served:
    """What a page that a server gives says beside the answer.

    unseen: kinds of records that could not be had, each with the reason. leave: where the form to close it is sent.
    """

    unseen: tuple[tuple[str, str], ...]
    leave: str


def page(assessment: Assessment, pathway: Pathway, served: Served | None = None) -> str:
    """The whole page. Its policy lets a browser use this one style and load or run nothing at all."""
    shown = view(assessment, pathway)
    return template("page.html").render(view=shown, style=style(), policy=policy(forms=bool(served)), served=served)


def message(title: str, what: str, mend: str, choices: Sequence[tuple[str, str]] = ()) -> str:
    """A page that says why there is no assessment. choices: names of places to go on to, with their addresses."""
    texts = {"title": title, "what": what, "mend": mend, "choices": choices}
    return template("message.html").render(**texts, style=style(), policy=policy())


@cache
def style() -> str:
    return sheet("tokens") + files(PACKAGE).joinpath("page.css").read_text(encoding="utf-8")


def policy(*, forms: bool = False) -> str:
    """forms: whether it may send one to where it came from."""
    target = "'self'" if forms else "'none'"
    return f"default-src 'none'; style-src 'sha256-{digest(style())}'; base-uri 'none'; form-action {target}"


@cache
def template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader(PACKAGE, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)
