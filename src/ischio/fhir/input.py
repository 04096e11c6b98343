"""From bytes (a Bundle, or NDJSON) to one FHIR Bundle, or a RecordError that says what is wrong with the whole."""

from pathlib import Path

import msgspec

from ischio.fhir.routes import Json, exact, shown
from ischio.model.mistake import Mistake, RecordError

# Exact decimals: a float would make 14.1 mm into 14.09999, and refuse a file for one number out of range.
_DECODER = msgspec.json.Decoder(float_hook=exact)

_STARTS = (
    (b"\x1f\x8b", "is compressed (gzip)", "Unpack it first, for example with gunzip."),
    (b"PK\x03\x04", "is a ZIP archive", "Unpack it first, and give one Bundle."),
    (b"\xff\xfe", "is encoded in UTF-16", "Save it as UTF-8."),
    (b"\xfe\xff", "is encoded in UTF-16", "Save it as UTF-8."),
    (b"<", "is XML", "Give the FHIR JSON form of the Bundle."),
)


def read_bundle(source: bytes | Path) -> tuple[dict[str, Json], str]:
    """The Bundle, or the lines of an NDJSON file as one, and the name to call it by.

    Raises RecordError for a missing or unreadable file, an empty, binary, truncated or too deeply nested one, and for
    anything whose top is not a Bundle.
    """
    name = "the input" if isinstance(source, bytes) else str(source)
    raw = source if isinstance(source, bytes) else _bytes_of(source)
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    return _as_bundle(_lines(raw) or _decoded(raw, name), name), name


def _lines(raw: bytes) -> dict[str, Json] | None:
    """The resources of an NDJSON file, one a line, as a Bundle; None if the input is not one.

    It is one if its first line is a resource and more follows. A later line that is none becomes an empty entry, and
    costs only itself.
    """
    first, _, rest = raw.lstrip().partition(b"\n")
    if not rest or rest.isspace() or _resource(first) is None:
        return None
    lines = (line for line in raw.splitlines() if line.strip())
    return {"resourceType": "Bundle", "entry": [{"resource": _resource(line)} for line in lines]}


def _resource(line: bytes) -> dict[str, Json] | None:
    """The resource on a line; None if it holds none."""
    if not line.lstrip().startswith(b"{") or not line.rstrip().endswith(b"}"):
        return None
    try:
        found = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if type(found) is dict and type(found.get("resourceType")) is str else None


def refusal(name: str, what: str, mend: str) -> RecordError:
    return RecordError(Mistake(what, mend, file=name))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise refusal(str(path), "The file is missing.", "Check the name and the folder.") from None
    except IsADirectoryError:
        raise refusal(str(path), "This is a folder, not a file.", "Give one file that holds a FHIR Bundle.") from None
    except OSError as error:
        raise refusal(str(path), f"The file cannot be read: {error.strerror}.", "Check who may read it.") from None


def _decoded(raw: bytes, name: str) -> Json:
    if not raw or raw.isspace():
        raise refusal(name, "The file is empty.", "Give a FHIR R4 Bundle in JSON.")
    for start, what, mend in _STARTS:
        if raw.startswith(start):
            raise refusal(name, f"The file {what}.", mend)
    try:
        return _DECODER.decode(raw)
    except RecursionError:
        raise refusal(name, "The JSON is nested too deeply to be a FHIR Bundle.", "Check how it was made.") from None
    except UnicodeDecodeError:
        raise refusal(name, "The file holds text that is not UTF-8.", "Save it as UTF-8.") from None
    except msgspec.DecodeError as error:
        raise _not_json(raw, name, str(error)) from None


def _not_json(raw: bytes, name: str, why: str) -> RecordError:
    if b"\x00" in raw[:1024]:
        return refusal(name, "The file is binary, not JSON.", "Give a FHIR R4 Bundle in JSON.")
    if "truncated" in why:
        return refusal(name, "The JSON breaks off before its end.", "Fetch or save the file again, whole.")
    if "trailing" in why:
        mend = "Put the resources (one a line in NDJSON) into one Bundle."
        return refusal(name, "After the first JSON value there is more.", mend)
    return refusal(name, f"The file is not JSON: {shown(why)}.", "Give a FHIR R4 Bundle in JSON.")


def _as_bundle(top: Json, name: str) -> dict[str, Json]:
    if type(top) is not dict:
        raise refusal(name, "The JSON holds no FHIR resource at its top.", "Give a FHIR R4 Bundle.")
    found = top.get("resourceType")
    if found == "Bundle":
        return top
    if found == "Patient":
        return {"resourceType": "Bundle", "entry": [{"resource": top}]}
    if type(found) is not str:
        raise refusal(name, "The JSON has no resourceType, so it is not FHIR.", "Give a FHIR R4 Bundle.")
    mend = f"Give a Bundle that holds the {shown(found)} and its Patient."
    raise refusal(name, f"The resource at the top is of type {shown(found)}, not Bundle.", mend)
