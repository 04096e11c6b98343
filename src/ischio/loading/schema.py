"""JSON Schemas of the knowledge files, for editors: made from the declarations that the reader itself uses.

`python -m ischio.loading.schema` writes them to `loading/schemas/`.
"""

import json
from pathlib import Path

from ischio.loading.entries import OverlayEntry
from ischio.loading.files import FILES, TRANSLATIONS
from ischio.loading.shapes import Schema, json_schema

FOLDER = Path(__file__).parent / "schemas"


def schemas() -> dict[str, Schema]:
    """The schema of each file kind, by the name of the schema's file. A translation has that of what it translates."""
    declared = {**FILES, "overlay.yaml": OverlayEntry}
    own = {file: hint for file, hint in declared.items() if file not in TRANSLATIONS.values()}
    return {f"{Path(file).stem}.json": json_schema(hint, f"ischio {file}") for file, hint in own.items()}


def as_text(schema: Schema) -> str:
    """The schema as it is published."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def write() -> None:
    """Writes every schema to its file."""
    FOLDER.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        (FOLDER / name).write_text(as_text(schema), encoding="utf-8")


if __name__ == "__main__":
    write()
