"""What every page is held to, whatever it shows. Each check returns what is wrong in words; an empty list is good."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page

Size = dict[str, int]
DESK: Size = {"width": 1280, "height": 720}
PHONE: Size = {"width": 390, "height": 844}
# A window of 1280 at 400 %, which is how people with low vision read (WCAG 2.2, 1.4.10).
NARROW: Size = {"width": 320, "height": 640}
SIZES = (DESK, PHONE)
SCHEMES = ("light", "dark")
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# preload: axe would fetch style sheets of its own accord; a page that is watched may not.
RUN_AXE = """standards => axe.run({runOnly: standards, resultTypes: ["violations"], preload: false})
  .then(found => found.violations)"""
PAGE_OF_PDF = re.compile(rb"/Type\s*/Page\b")
STICKS_OUT = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const right = each => each.getBoundingClientRect().left + Math.max(each.offsetWidth, each.scrollWidth);
  const out = [...document.body.querySelectorAll("*")].filter(each => right(each) > wide + 1);
  return [`${document.documentElement.scrollWidth} px wide`, ...out.slice(-3).map(each =>
    `${each.tagName.toLowerCase()}: ${each.textContent.trim().slice(0, 60)}`)];
}"""
FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  return {summary: at.tagName === "SUMMARY", seen: style.outlineStyle !== "none", text: at.textContent.trim()};
}"""

LINKS_TO_NOWHERE = """() => [...document.querySelectorAll("a[href^='#']")].map(link => link.getAttribute("href"))
  .filter(place => !document.getElementById(decodeURIComponent(place.slice(1))))"""


def axe_faults(page: Page) -> list[str]:
    """What axe finds in each colour scheme at each width, with all opened: it passes over what is hidden."""
    open_all(page)
    page.evaluate(AXE_SCRIPT)
    return [
        f"{fault} ({size['width']} px, {scheme})"
        for scheme in SCHEMES
        for size in SIZES
        for fault in axe(shown(page, size, scheme))
    ]


def open_all(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")


def shown(page: Page, size: Size, scheme: str) -> Page:
    """The same page in a window of this size and in this colour scheme."""
    page.set_viewport_size(size)  # a plain dict or word, as the call takes
    page.emulate_media(color_scheme=scheme)  # a plain dict or word, as the call takes
    return page


def axe(page: Page) -> list[str]:
    violations: list[dict[str, Any]] = page.evaluate(RUN_AXE, STANDARDS)
    return [
        f"{fault['id']}: {fault['help']}: {', '.join(str(node['target']) for node in fault['nodes'][:3])}"
        for fault in violations
    ]


def sideways(page: Page) -> list[str]:
    """Whether one must scroll sideways in a narrow window with all opened, and what sticks out."""
    open_all(page)
    page.set_viewport_size(NARROW)  # a plain dict or word, as the call takes
    found: list[str] = page.evaluate(STICKS_OUT)
    return found


def below_the_fold(page: Page, parts: Iterable[Locator]) -> list[str]:
    """Which of the parts are not wholly inside the window as the page opens."""
    size = page.viewport_size
    assert size is not None
    found = []
    for part in parts:
        box = part.bounding_box()
        if box is None or box["y"] < 0 or box["y"] + box["height"] > size["height"]:
            found.append(f"{part.inner_text()[:60]!r} at {box} of {size}")
    return found


def sheets(page: Page) -> int:
    """On how many sheets of A4, upright or lying as the page asks, it is printed as it is: opened parts too."""
    return len(PAGE_OF_PDF.findall(page.pdf(format="A4", prefer_css_page_size=True, tagged=True)))


def shut_to_the_keyboard(page: Page) -> list[str]:
    """What can be opened but is not reached by Tab in its order, seen to be reached, and opened by Enter."""
    found = []
    for summary in page.locator("summary").all():
        at = _tab_to_a_summary(page)
        page.keyboard.press("Enter")
        name = summary.inner_text()
        if at["text"] != (summary.text_content() or "").strip():
            found.append(f"{name}: not reached by Tab; {at['text'][:60]!r} was")
        elif not at["seen"]:
            found.append(f"{name}: one does not see that it is reached")
        elif summary.locator("xpath=..").get_attribute("open") is None:
            found.append(f"{name}: Enter does not open it")
    return found


def _tab_to_a_summary(page: Page) -> dict[str, Any]:
    """Presses Tab, past links and fields, until something that opens has the focus."""
    at: dict[str, Any] = {}
    for _ in range(page.locator("a[href], button, input, select, textarea").count() + 1):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at["summary"]:
            break
    return at


def dead_links(page: Page) -> list[str]:
    """Links to a place that the page does not have, or to a file that is not there. Other sites are not asked."""
    found: list[str] = page.evaluate(LINKS_TO_NOWHERE)
    for address in page.locator("a[href]").evaluate_all("links => links.map(link => link.href)"):
        if address.startswith("file:") and not Path(unquote(urlsplit(address).path)).exists():
            found.append(address)
    return found


ALL_STOPS = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter(each => each.checkVisibility() && !each.disabled)
  .filter((each, _, all) => {
    const group = all.filter(one => one.type === "radio" && one.form === each.form && one.name === each.name);
    return each.type !== "radio" || each === (group.find(one => one.checked) ?? group[0]);
  })"""
STOPS = f"""() => {{ window.stops = ({ALL_STOPS})(); return window.stops.length; }}"""
"""A group of radio buttons is one stop."""
AT_STOP = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getClientRects()[0];
  const tall = box.height > innerHeight && box.top < 0;  // nobody sees all of it: its part in the middle has to be seen
  const y = tall ? Math.min(innerHeight / 2, box.bottom) : box.top + Math.min(box.height / 2, 12);
  const x = box.left + Math.min(box.width / 2, 40);
  const over = document.elementFromPoint(x, y);
  return {
    stop: window.stops.indexOf(at), seen: style.outlineStyle !== "none",
    covered: !(over && (at.contains(over) || over.contains(at) || over.closest("label")?.control === at)),
    name: `${at.tagName.toLowerCase()} ${(at.textContent || at.name || "").trim().slice(0, 40)}`,
  };
}"""


def off_the_keyboard(page: Page) -> list[str]:
    """What Tab does not reach in the order of the page, does not show to be reached, or leaves under something else."""
    found = []
    for stop in range(page.evaluate(STOPS)):
        page.keyboard.press("Tab")
        at = page.evaluate(AT_STOP)
        if at["stop"] != stop:
            return [*found, f"{at['name']!r} is reached at {stop}, and is number {at['stop']} of the page"]
        found += [f"{at['name']!r} is not seen to be reached"] if not at["seen"] else []
        found += [f"{at['name']!r} is covered"] if at["covered"] else []
    return found
