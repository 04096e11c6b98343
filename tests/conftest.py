"""Settings for all tests: fixed seeds, so that a run can be repeated; `make fuzz` runs long and at random."""

import gc
import os
import re
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

from remembered import remember

remember()

# Compiled modules are kept, whatever the surroundings say: a process that a test starts would compile all of them anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Java ends before its slower compiler and its parallel collector would pay; not so with the many people of `make fuzz`.
if "ISCHIO_SPARK_PEOPLE" not in os.environ:
    os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

# Garbage cycles are looked for seldom, as in a service: the thousands of tests themselves never become garbage.
gc.set_threshold(50_000, 20, 100)

settings.register_profile("quick", max_examples=100, derandomize=True, deadline=None, database=None)
settings.register_profile(
    "fuzz", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# ---- the order of files -----------------------------------------------------------------------------------------

# `make test` gives whole files to its workers, so that what a file prepares is prepared once. These take longest and go
# first: begun last, one of them would keep one worker busy while the other has nothing left to do.
LONGEST = (
    "browser/test_app_screens.py",
    "conformance/test_cql_agreement.py",
    "docs/test_how_to.py",
    "http/test_endpoints_fuzz.py",
    "generative/test_sql_spark.py",
    "proof/test_mutants.py",
    "conformance/test_cql_faults.py",
    "generative/test_sql_faults.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {Path(__file__).parent / file: place for place, file in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


# ---- coverage ---------------------------------------------------------------------------------------------------

COUNTED = re.compile(r"spec/|unit/test_(engine|loading|record|second_pathway|timeline|what_if|cli_diff|cli_what_if)")
"""The tests which the floor of coverage is about: they call the core itself. Tracing doubles a test's time."""


@contextmanager
def untraced() -> Iterator[None]:
    tracing = Coverage.current()
    if tracing is None:
        yield
        return
    tracing.stop()
    try:
        yield
    finally:
        tracing.start()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What modules of tests do when they are read does not count; that the core's own can be read does."""
    if (tracing := Coverage.current()) is not None:
        for package in map(import_module, tracing.get_option("run:source_pkgs")):
            for module in iter_modules(package.__path__, f"{package.__name__}."):
                import_module(module.name)
    with untraced():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if COUNTED.match(item.path.relative_to(Path(__file__).parent).as_posix()):
        return (yield)
    with untraced():
        return (yield)


# ---- what tests share -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def third_party_data() -> Path:
    """The folder of other people's data: named by ISCHIO_TEST_DATA, or beside the checkout."""
    folder = Path(os.environ.get("ISCHIO_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the folder of third-party data is not there; ISCHIO_TEST_DATA names it")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests counted is told at the end of the run, whether they passed or not."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, counted in getattr(report, "user_properties", ()):
                if name == "counted":
                    terminalreporter.write_line(str(counted))
