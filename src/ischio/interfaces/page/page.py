"""The assessment as one page: a single HTML file that asks for nothing else and needs no script."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ischio.interfaces.look.sheets import digest, sheet
from ischio.interfaces.page.view import view
from ischio.model.assessment import Assessment
from ischio.model.pathway import Pathway

PACKAGE = "ischio.interfaces.page"


def page(assessment: Assessment, pathway: Pathway) -> str:
    """The whole page. Its policy lets a browser use this one style and load or run nothing at all."""
    style = sheet("tokens") + files(PACKAGE).joinpath("page.css").read_text(encoding="utf-8")
    policy = f"default-src 'none'; style-src 'sha256-{digest(style)}'; base-uri 'none'; form-action 'none'"
    return template().render(view=view(assessment, pathway), style=style, policy=policy)


@cache
def template() -> Template:
    environment = Environment(
        loader=PackageLoader(PACKAGE, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html")
