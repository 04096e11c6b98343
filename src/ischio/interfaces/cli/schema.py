"""The JSON Schema of what a command prints with --json, made from the classes themselves."""

import json
from typing import Any

import msgspec


def schema_text(kind: type[Any]) -> str:
    """The schema of a published contract."""
    schema = msgspec.json.schema(kind)
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2)
