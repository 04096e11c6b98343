"""Every text that a template of the application writes can be translated: it stands in `_()` or in a `trans` block."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest
from jinja2 import Environment

FOLDERS = [files(f"ischio.interfaces.http.{part}").joinpath("templates") for part in ("pages", "me")]
FILES = [file for folder in FOLDERS for file in sorted(folder.iterdir(), key=str) if file.name.endswith(".html")]
VALUE = "\0"
"""Stands where a template writes a value."""
COMMANDS = re.compile(r"<(code|kbd)\b.*?</\1>", re.DOTALL)
SPOKEN = re.compile(r"\b(?:aria-label|alt|title|placeholder|data-name|data-head|data-done)=\"([^\"]*)\"")
NAMES_OF_THINGS = {"ischio", "doi", "IFS", "QFS"}
"""The same in every language, as commands and keys are."""
ADDRESS = "/"
"""So begins what a macro writes for an attribute."""
WORD = re.compile(r"[^\W\d_]{2,}")


def plain(source: str) -> str:
    """The template with a mark for each value, and without blocks and what stands in `trans`."""
    written, translated = [], False
    tokens = list(Environment().lex(source))
    for at, (_, kind, value) in enumerate(tokens):
        following = next((word for _, kind_, word in tokens[at + 1 :] if kind_ != "whitespace"), "")
        if kind == "block_begin" and following in ("trans", "endtrans"):
            translated = following == "trans"
        elif kind == "variable_begin":
            written.append(VALUE)
        elif kind == "data" and not translated:
            written.append(value)
    return COMMANDS.sub("", "".join(written))


def untranslated(source: str) -> list[str]:
    """Words that would stay English."""
    markup = plain(source)
    texts = [*re.sub(r"<[^>]*>", "\n", markup).split("\n"), *SPOKEN.findall(markup)]
    told = [text.replace(VALUE, "..") for text in texts if not text.startswith(ADDRESS)]
    return [text for text in told if set(WORD.findall(re.sub(r"&\w+;", "", text))) - NAMES_OF_THINGS]


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(str(file).split("/")[-3::2]))
def test_a_template_writes_no_word_that_cannot_be_translated(file: Traversable):
    assert untranslated(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>{{ _('Fine') }} {{ name }}, 3 {% trans n=1 %}also {{ n }} fine{% endtrans %}</p>", []),
        ("<p>{{ name }} forgotten</p>", ["\0 forgotten"]),
        ("<a aria-label='{{ _('Fine') }}' title=\"Forgotten\">1</a>", ["Forgotten"]),
        ("{% if a > b %}<b>{{ c }}</b>{% else %}left{% endif %}", ["left"]),
        ("{% macro at(id) %}/why/{{ id }}{% endmacro %}", []),
        ("<p>ischio</p><code>ischio check</code>", []),
    ],
)
def test_what_was_forgotten_is_found(source: str, found: list[str]):
    assert [text.strip() for text in untranslated(source)] == [text.replace("\0", "..") for text in found]
