"""The browser of these tests: Debian's chromium, and how it is started."""

import os
import shutil

import pytest

FLAGS = (
    "--no-sandbox",  # the tests may run as root, in a container
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
)
MISSING = (
    "The browser tests need chromium, and none was found. On Debian, as root: "
    "apt-get install --no-install-recommends chromium fonts-liberation. Or name one: CHROMIUM=/path/to/chromium"
)
MINUTES = 180_000
"""Milliseconds. Nothing here is about time, and other work may go on beside the tests."""


def chromium() -> str:
    found = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return found
