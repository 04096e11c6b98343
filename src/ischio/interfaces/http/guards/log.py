"""Log lines as JSON, one a line, without anything of a person: no path, no query, no body, no header, no address."""

import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import msgspec

from ischio.interfaces.http.guards.answered import Answered

logger = logging.getLogger("ischio.http")
_SAFE = ("uvicorn.error",)
"""Other loggers whose words hold nothing of a request: that the server started, stopped, cannot listen."""


class JsonLines(logging.Formatter):
    """A record as one line. An error is told by its type and place: its words may repeat what was sent."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
        }
        told |= getattr(record, "told", None) or {"message": self._words(record)}
        if record.exc_info and record.exc_info[0]:
            told |= error_of(record.exc_info[0], record.exc_info[2])
        return msgspec.json.encode(told).decode()

    def _words(self, record: logging.LogRecord) -> str:
        return record.getMessage() if record.name in _SAFE and not record.exc_info else str(record.msg)[:200]


def error_of(kind: type[BaseException], trace: TracebackType | None) -> dict[str, Any]:
    """An error without its words: what kind, and where in the code."""
    places = traceback.extract_tb(trace)
    return {"error": kind.__name__, "at": [f"{place.name}:{place.lineno}" for place in places[-6:]]}


def log_answered(answered: Answered) -> None:
    told = {
        "request": answered.request,
        "method": answered.method,
        "route": answered.route or "none",
        "status": answered.status,
        "ms": round(answered.seconds * 1000, 1),
    }
    if answered.cards:
        told["cards"] = list(answered.cards)
    logger.info("answered", extra={"told": told})


def set_up_logging() -> None:
    """All log lines to the error output, as JSON. Libraries speak from warnings on: what they say beneath may be
    addresses with ids of persons in them.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in (logger.name, *_SAFE):
        logging.getLogger(name).setLevel(logging.INFO)
