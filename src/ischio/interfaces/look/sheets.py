"""The style sheets that pages and drawings share."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files


@cache
def sheet(*names: str) -> str:
    """The named sheets of this folder, one after the other: `tokens` first, since the others use its colours."""
    return "".join(files(__package__).joinpath(f"{name}.css").read_text(encoding="utf-8") for name in names)


def digest(style: str) -> str:
    """The hash by which a content security policy knows a style sheet that stands in the page."""
    return b64encode(sha256(style.encode()).digest()).decode()
