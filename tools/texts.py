"""Writes interfaces/locale/ischio.pot, each text that the application and the handout say; mends the .po files by it.

A translation has to hold what patients read and the frame of the clinicians' pages, and may hold their other pages.
"""

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

SOURCE = Path(__file__).parent.parent / "src" / "ischio"
LOCALE = SOURCE / "interfaces" / "locale"
PATIENT = ("interfaces/handout", "interfaces/http/me", "interfaces/reminding")
ALONE = ("fhir/forms/typed.py", "interfaces/http/entrance.py", "interfaces/http/on_paper.py")
REFUSED = "interfaces/http/pages/forms.py"
SHARED = ("interfaces/http/pages/templates/told.html", REFUSED, *ALONE)
"""What patients read and is not in their folders; of these some stand in none that is looked through."""
FRAME = (
    "interfaces/http/pages/frame.py",
    "interfaces/http/pages/templates/frame.html",
    "interfaces/http/pages/templates/alerts.html",
)
OTHERS = ("interfaces/http/pages",)
CALLS = {"_": 1, "say": 1, "gettext": 1, "ngettext": 2}
"""The functions that look a text up, with how many forms each takes."""
TABLES = {
    "interfaces/http/me/frame.py": {"SAID"},
    "interfaces/http/pages/frame.py": {"SAID", "SEXES"},
    "interfaces/http/me/questions.py": {"ABOUT"},
    "interfaces/http/me/reminders.py": {"FAULTS"},
    "fhir/forms/typed.py": {
        *("NOTHING", "NOTHING_TICKED", "NO_OPTION", "NO_NUMBER", "NOT_WHOLE", "OUT_OF_RANGE", "TOO_LOW", "TOO_HIGH"),
        *("NO_DAY", "TOO_LONG", "ONE_ONLY", "NONE_AND_SOMETHING"),
    },
}
"""Texts that are looked up by a name: the file, and the names that hold them."""
HEADER = "# Texts of ischio. Made by tools/texts.py (`make generated`)."

DRAFTED = "machine-drafted by the project; reviewer: none yet"

Text = str | tuple[str, ...]


def template() -> Catalog:
    """Every text with the files that say it, in the order of the files."""
    found = Catalog(project="ischio")
    for path in _files():
        for text in _texts(path):
            found.add(text, locations=[(path.relative_to(SOURCE).as_posix(), None)])
    return found


def _files() -> Iterator[Path]:
    """Those of patients first, so that their texts stand first."""
    for folder in (*PATIENT, *OTHERS):
        yield from sorted(path for path in (SOURCE / folder).rglob("*") if path.suffix in (".py", ".html"))
    yield from (SOURCE / file for file in ALONE)


def _texts(path: Path) -> Iterator[Text]:
    source = path.read_text("utf-8")
    if path.suffix == ".html":
        environment = Environment(extensions=["jinja2.ext.i18n"])
        environment.policies["ext.i18n.trimmed"] = True
        for _, function, text in environment.extract_translations(source, ("_", "gettext", "ngettext")):
            # With values to put in, the text comes with a place for each of them.
            parts = tuple(part for part in (text if isinstance(text, tuple) else (text,)) if part)
            yield from [parts] if function == "ngettext" else parts[:1]
    else:
        tree = ast.parse(source)
        yield from _called(tree)
        yield from _held(tree, TABLES.get(path.relative_to(SOURCE).as_posix(), set()))


def _called(tree: ast.AST) -> Iterator[Text]:
    """The texts that stand in a call; of `a if ... else b` both."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (forms := CALLS.get(_name(node.func))):
            texts = [tuple(_strings(argument)) for argument in node.args[:forms]]
            yield from [tuple(text[0] for text in texts)] if forms == 2 and all(texts) else texts[0] if texts else ()
        elif isinstance(node, ast.Call) and _name(node.func) == "FormRefused":
            yield from (text for argument in node.args[1:] for text in _strings(argument))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _strings(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _strings(body)
            yield from _strings(other)


def _held(tree: ast.Module, names: set[str]) -> Iterator[Text]:
    """The texts that a module holds under these names: one, or the values of a mapping."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and _name(node.targets[0]) in names:
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            yield from (text for value in values for text in _strings(value))


def required(message: Message) -> bool:
    """Whether a translation has to hold it: a patient reads it, or it stands in the frame of the clinicians' pages."""
    return any(path.startswith((*PATIENT, *SHARED, *FRAME)) for path, _ in message.locations)


def translation(language: str, texts: Catalog) -> Catalog:
    """What is translated of the texts so far, and places for what has to be."""
    kept = Catalog(locale=language, project="ischio", header_comment=HEADER, last_translator=DRAFTED, fuzzy=False)
    kept.language_team = kept.msgid_bugs_address = "ischio project"
    known = _read(LOCALE / f"{language}.po", language)
    for message in texts:
        old = known.get(message.id) if message.id else None
        if message.id and (required(message) or (old and old.string)):
            kept.add(message.id, old.string if old else None, locations=message.locations)
    return kept


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def missing(language: str, texts: Catalog) -> tuple[list[Message], list[Message]]:
    """The texts that a translation lacks: those that it has to hold, and the others."""
    known = _read(LOCALE / f"{language}.po", language)
    lacking = [message for message in texts if message.id and not _translated(known, message)]
    return [one for one in lacking if required(one)], [one for one in lacking if not required(one)]


def _translated(known: Catalog, message: Message) -> bool:
    found = known.get(message.id)
    strings = found.string if found and isinstance(found.string, tuple | list) else [found and found.string]
    return all(strings)


def as_text(catalog: Catalog) -> str:
    """The catalogue as a file, without the dates that would change it each time."""
    written = BytesIO()
    write_po(written, catalog, width=110, omit_header=catalog.locale is None, sort_output=False)
    lines = written.getvalue().decode().splitlines()
    return "\n".join(line for line in lines if "-Date: " not in line and "Generated-By" not in line) + "\n"


def write() -> None:
    texts = template()
    (LOCALE / "ischio.pot").write_text(as_text(texts), encoding="utf-8")
    for language in ("es", "de"):
        (LOCALE / f"{language}.po").write_text(as_text(translation(language, texts)), encoding="utf-8")
        wanted, others = missing(language, texts)
        print(f"{language}: {len(wanted)} texts of patients and of the frame are missing, {len(others)} of other pages")


if __name__ == "__main__":
    write()
