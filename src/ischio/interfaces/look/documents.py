"""Templates, and pages that are one HTML file, ask for nothing else and need no script."""

from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from ischio.interfaces.look.sheets import digest, sheet


@cache
def templates(package: str, folder: str = ".") -> Environment:
    """The templates in a folder of a package, which may build on those that all pages share."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, folder), PackageLoader(__package__, ".")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def document(package: str, name: str, *, look: str = "", forms: bool = False, **values: object) -> str:
    """NAME.html of a package with LOOK.css, or else NAME.css, as a page of one file.

    Its policy lets a browser use this one style, and nothing else at all. forms: it may send one to where it came from.
    """
    style = sheet("tokens") + files(package).joinpath(f"{look or name}.css").read_text(encoding="utf-8")
    target = "'self'" if forms else "'none'"
    policy = f"default-src 'none'; style-src 'sha256-{digest(style)}'; base-uri 'none'; form-action {target}"
    return templates(package).get_template(f"{name}.html").render(style=style, policy=policy, **values)
