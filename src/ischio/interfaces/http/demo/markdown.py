"""The `detail` of a card as a careful record shows it: bold, lists, paragraphs and https links; all else is text."""

import re

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s()\"'<>]+)\)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ITEM = re.compile(r"[-*] ")


def shown(text: str) -> Markup:
    """Markdown as HTML. Whatever is not known here, HTML above all, stays text."""
    return Markup("").join(_block(block) for block in re.split(r"\n\s*\n", text.strip()) if block)


def _block(block: str) -> Markup:
    lines = block.splitlines()
    if all(_ITEM.match(line) for line in lines):
        items = Markup("").join(Markup("<li>{}</li>").format(_line(line[2:])) for line in lines)
        return Markup("<ul>{}</ul>").format(items)
    return Markup("<p>{}</p>").format(Markup("<br>").join(map(_line, lines)))


def _line(line: str) -> Markup:
    """Escapes of Markdown are put aside first, so that what they guard makes nothing bold and no link."""
    guarded: list[str] = []

    def aside(found: re.Match[str]) -> str:
        guarded.append(found[1])
        return f"\x00{len(guarded) - 1}\x00"

    safe = str(escape(_ESCAPED.sub(aside, line.replace("\x00", ""))))
    safe = _LINK.sub(r'<a href="\2" rel="noopener noreferrer">\1</a>', _BOLD.sub(r"<strong>\1</strong>", safe))
    return Markup(re.sub("\x00(\\d+)\x00", lambda found: str(escape(guarded[int(found[1])])), safe))
