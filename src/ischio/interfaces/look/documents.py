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


def document(
    package: str, name: str, *, look: str = "", also: tuple[str, ...] = (), forms: bool = False, **values: object
) -> str:
    """NAME.html of a package as one page, in the look of LOOK.css or else of NAME.css.

    also: shared sheets beside the colours. forms: see `policy`.
    """
    sheets = style(package, look or name, also)
    template = templates(package).get_template(f"{name}.html")
    return template.render(style=sheets, policy=policy(sheets, forms=forms), **values)


@cache
def style(package: str, look: str, also: tuple[str, ...] = ()) -> str:
    return sheet("tokens", *also) + files(package).joinpath(f"{look}.css").read_text(encoding="utf-8")


def policy(style: str, *, forms: bool = False) -> str:
    """What a browser may do with a page: use this one style, and nothing else at all.

    forms: whether it may send one to where it came from.
    """
    target = "'self'" if forms else "'none'"
    return f"default-src 'none'; style-src 'sha256-{digest(style)}'; base-uri 'none'; form-action {target}"
