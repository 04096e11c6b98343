"""A QR code as SVG: dark on light in every colour scheme, since a camera reads it so."""

from ischio.interfaces.drawing.svg import element

QUIET = 4
"""Modules that stay empty around the code, by ISO/IEC 18004."""


def qr_svg(text: str, words: str) -> str:
    """words: what it is, for those who cannot see it."""
    import segno  # only where a link was made

    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    dark = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module
    )
    size = len(rows) + 2 * QUIET
    light = element("rect", {"class": "light", "width": size, "height": size})
    code = element("path", {"class": "dark", "d": dark})
    looks = {"class": "qr", "viewBox": f"0 0 {size} {size}", "role": "img", "aria-label": words}
    return element("svg", looks, light, code)
