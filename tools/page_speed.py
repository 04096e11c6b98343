"""How soon each screen of the clinic's application shows its largest part, on a slow processor, and what it weighs.

`python tools/page_speed.py` serves the demonstration and prints a table for docs/performance.md; `--base` names one
that is served already. The processor of the browser is slowed four times; each run opens a screen with nothing kept.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS / "browser"), str(TESTS)]

from clinic_app import ONE_OF_EACH, Clinic, Screen, at, clinic_in, weight  # noqa: E402  # found by the lines above
from conftest import FLAGS, chromium  # noqa: E402  # found by the lines above
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402  # stands after them

BAR = 1000
"""Milliseconds within which the largest part should be seen."""
SLOWED = 4
RUNS = 3
WINDOW = {"width": 1280, "height": 720}
SEEN = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
  .observe({type: "largest-contentful-paint", buffered: true}))"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--base", help="of a served demonstration; without it one is started")
    base = options.parse_args().base
    with _clinic(base) as clinic, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        print(f"| screen | kB, packed | largest part seen, median of {RUNS}, ms | slowest, ms | within {BAR} ms |")
        print("| --- | --- | --- | --- | --- |")
        for screen in ONE_OF_EACH:
            if screen.then is None and screen.status == 200:
                print(_row(browser, clinic, screen), flush=True)
        browser.close()


@contextmanager
def _clinic(base: str | None) -> Iterator[Clinic]:
    if base:
        yield at(base)
        return
    with TemporaryDirectory() as folder, clinic_in(Path(folder)) as clinic:
        yield clinic


def _row(browser: Browser, clinic: Clinic, screen: Screen) -> str:
    clinic.get(clinic.address(screen).removeprefix(clinic.base), screen.role)  # what is made once is not measured
    took, bytes_ = [], 0
    for _ in range(RUNS):
        context = browser.new_context(viewport=WINDOW, storage_state=clinic.state(screen.role))
        page = context.new_page()
        took.append(_seen(page, clinic.address(screen)))
        bytes_ = weight(page)
        context.close()
    verdict = "yes" if median(took) < BAR else "**no**"
    return f"| {screen.name} | {bytes_ / 1000:.1f} | {median(took):.0f} | {max(took):.0f} | {verdict} |"


def _seen(page: Page, address: str) -> float:
    """Milliseconds from asking for a page to its largest part."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    page.goto(address)
    seen: float = page.evaluate(SEEN)
    return seen


if __name__ == "__main__":
    main()
