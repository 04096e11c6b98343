"""Writes SVG as text: elements, and a whole drawing with its title and description for those who cannot see it.

Geometry stands in attributes and looks in classes: no style attribute and no script, so that a drawing passes the
strictest content security policy. The style sheet of a drawing that is a file of its own stands in one style element;
left out, the page around it has the say.
"""

from collections.abc import Mapping
from html import escape

Attributes = Mapping[str, object]


def element(name: str, attributes: Attributes, *inner: str) -> str:
    """One element. Values of attributes are escaped, those that are None left out; inner: finished markup."""
    written = "".join(f' {key}="{escape(plain(value))}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{written}>{''.join(inner)}</{name}>" if inner else f"<{name}{written}/>"


def text(x: float, y: float, words: str, look: str | None = None, **attributes: object) -> str:
    """A line of text; y: of its baseline. look: its classes."""
    return element("text", {"x": x, "y": y, "class": look, **attributes}, escape(plain(words)))


def drawing(size: tuple[float, float], title: str, description: str, style: str, *inner: str, name: str = "") -> str:
    """A whole drawing, as wide as its place allows and no wider than it was drawn.

    size: width and height in pixels. name: makes the ids of title and description single on a page of several drawings.
    """
    width, height = map(plain, size)
    titled, described = f"{name}title", f"{name}description"
    return element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": width,
            "height": height,
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "aria-labelledby": f"{titled} {described}",
        },
        element("title", {"id": titled}, escape(plain(title))),
        element("desc", {"id": described}, escape(plain(description))),
        *((element("style", {}, style),) if style else ()),
        *inner,
    )


def plain(value: object) -> str:
    """A value as XML may hold it: numbers without needless digits, text without letters that XML forbids."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in str(value)
    )
