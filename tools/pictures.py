"""Takes the pictures of docs/pictures: the demonstration's screens, on a desk by day and on a phone in the dark.

    .venv/bin/ischio serve --demo --port 8010
    .venv/bin/python tools/pictures.py http://127.0.0.1:8010 [NAME ...]

All of them, or those that are named, such as `list surgery-phone`.
Wants chromium (CHROMIUM names another than /usr/bin/chromium) and what the tests need. People are found by the tour.
"""

import os
import struct
import sys
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
LOOKS = {"": ("light", 1280, 900), "-phone": ("dark", 390, 844)}
LARGEST = 120_000
"""Bytes of a picture."""
PATIENCE = 120_000
"""Milliseconds for one page, on a machine that has much else to do."""

SCREENS = (
    ("sign-in", "", ""),
    ("list", "clinician", "The list"),
    ("red-flag", "clinician", "A red flag"),
    ("cannot-tell", "clinician", "Cannot tell"),
    ("pathway", "clinician", "At the injection"),
    ("what-if", "clinician", "What if"),
    ("imaging", "clinician", "What was measured"),
    ("surgery", "clinician", "Planning surgery"),
    ("follow-up", "clinician", "How scores went on"),
    ("handout", "clinician", "What the patient gets"),
    ("author", "author", "The author's view"),
    ("cohort", "researcher", "The cohort"),
    ("accounts", "administrator", "The accounts"),
)
"""Name of the picture, as whom, and the stop of the tour."""
PATIENT = (
    ("patient-today", "/me"),
    ("patient-question", "/me/questions/pain/1"),
    ("patient-diary", "/me/diary"),
    ("patient-numbers", "/me/progress"),
)
"""Name of the picture and address: as a patient to whom a plan was released, on a phone."""
READ = """async (png) => {
  const picture = new Image();
  picture.src = "data:image/png;base64," + png;
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), {width: picture.width, height: picture.height});
  const brush = canvas.getContext("2d");
  brush.drawImage(picture, 0, 0);
  const bytes = brush.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return [canvas.width, canvas.height, btoa(text)];
}"""
"""Reads a PNG in a page: its width, its height and its bytes."""


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    base, *named = sys.argv[1:]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        large = [path.name for look in LOOKS for path in taken(browser, base, look, named)]
        large += [path.name for path in taken_as_patient(browser, base, named)]
        browser.close()
    if large:
        print(f"Larger than {LARGEST} bytes: {', '.join(large)}", file=sys.stderr)
    return 1 if large else 0


def taken(browser: Browser, base: str, look: str, named: list[str]) -> Iterator[Path]:
    """Takes the screens in one look, and gives those that became too large."""
    with window(browser, look) as page:
        for name, role, stop in SCREENS:
            if named and f"{name}{look}" not in named:
                continue
            page.goto(f"{base}/tour" if stop else f"{base}/sign-in")
            if stop:
                come(page, role, stop)
                see_why(page, stop)
            path = keep(page, f"{name}{look}")
            if path.stat().st_size > LARGEST:
                yield path


def taken_as_patient(browser: Browser, base: str, named: list[str]) -> Iterator[Path]:
    """Takes the patient's pages, by day, and gives those that became too large."""
    with window(browser, "-phone", scheme="light") as page:
        page.goto(f"{base}/sign-in")
        page.get_by_role("button", name="A patient").click()
        for name, address in PATIENT:
            if named and name not in named:
                continue
            page.goto(f"{base}{address}")
            if (path := keep(page, name)).stat().st_size > LARGEST:
                yield path


@contextmanager
def window(browser: Browser, look: str, scheme: str = "") -> Iterator[Page]:
    usual, width, height = LOOKS[look]
    context = browser.new_context(
        color_scheme=scheme or usual, reduced_motion="reduce", viewport={"width": width, "height": height}
    )
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def come(page: Page, role: str, stop: str) -> None:
    """From the tour to one of its stops, signing in for it where need be."""
    at = page.locator(".stops > li").filter(has=page.get_by_role("heading", name=f". {stop}"))
    with page.expect_navigation() as gone:
        at.locator(f"a.button, button[value={role}]").click()
    assert gone.value is not None
    if not gone.value.ok:
        sys.exit(f"{stop}: the service answered {gone.value.status}.")


def see_why(page: Page, stop: str) -> None:
    """Of the pathway view of one hip, also why its next step is due."""
    if stop != "At the injection":
        return
    here, look = page.url, "-phone" if page.viewport_size and page.viewport_size["width"] < 720 else ""
    page.goto(page.locator("a[href*='/why/']").first.evaluate("link => link.href"))
    keep(page, f"why{look}")
    page.goto(here)


def keep(page: Page, name: str) -> Path:
    """The window as a picture of at most 256 colours, which is a third of the bytes and looks the same."""
    path = FOLDER / f"{name}.png"
    path.write_bytes(in_a_palette(pixels(page, page.screenshot(animations="disabled"))))
    print(f"{path.name:24} {path.stat().st_size:7} bytes", flush=True)
    return path


def pixels(page: Page, png: bytes) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Rows of pixels of red, green and blue, as the browser reads the picture."""
    blank = page.context.new_page()
    width, height, data = blank.evaluate(READ, b64encode(png).decode())
    blank.close()
    return np.frombuffer(b64decode(data), np.uint8).reshape(height, width, 4)[:, :, :3]


def in_a_palette(rows: "np.ndarray[Any, np.dtype[np.uint8]]") -> bytes:
    """A PNG (W3C, third edition) of the most frequent colours; any other becomes the nearest of them."""
    height, width, _ = rows.shape
    as_numbers = rows.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    found, place, count = np.unique(as_numbers, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.uint8)
    kept = colours[np.argsort(-count)[:256]]
    far = ((colours[:, None, :].astype(int) - kept[None, :, :]) ** 2).sum(axis=2)
    chosen = far.argmin(axis=1).astype(np.uint8)[place.ravel()].reshape(height, width)
    lines = np.hstack([np.zeros((height, 1), np.uint8), chosen]).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", kept.tobytes()), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


if __name__ == "__main__":
    sys.exit(main())
