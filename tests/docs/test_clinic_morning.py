"""The tutorial of the application, done as it is written: every step on the left, and all that is bold on the right."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

import pytest
from clinic_pages import BASE, FROM_HERE, MORNING, Browser, Clock

from ischio.clinic import demo
from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.settings import Bounds, Settings

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial" / "a-clinics-morning.md").read_text("utf-8")
STEPS = re.findall(r"^\| (?!you do|---)(.*?) \|(.*)\|$", PAGE, re.M)
BOLD = re.compile(r"\*\*(.+?)\*\*")


def text_of(html: str) -> str:
    """What a reader sees of it, as one line."""
    return " ".join(unescape(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.S)).split())


@dataclass
class Reader:
    """Somebody with a browser: the page before them, and what they wrote into its fields."""

    browser: Browser
    page: str = ""
    written: dict[str, str] = field(default_factory=dict)

    def does(self, step: str) -> None:
        match step.split()[0], BOLD.findall(step) or re.findall(r"`(.+?)`", step):
            case "Open", [address]:
                self._goes(address)
            case "Follow", [name]:
                (address, *_) = [
                    there for there, inside in self._links() if text_of(inside).replace(" : ", ": ") == name
                ]
                self._goes(unescape(address))
            case "Write", [value, label]:
                (name, *_) = [for_ for for_, inside in self._labels() if text_of(inside).startswith(label)]
                self.written[self._field(name)] = value
            case "Press", [name]:
                self._presses(name)
            case other:
                raise AssertionError(f"no step: {other}")

    def _goes(self, address: str) -> None:
        answer = self.browser.get(address)
        while answer.status_code == 303:
            answer = self.browser.get(answer.headers["location"])
        assert answer.status_code == 200, address
        self.page, self.written = answer.text, {}

    def _presses(self, name: str) -> None:
        """The first button whose words begin so, with all that its form holds."""
        for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", self.page, re.S):
            for button, words in re.findall(r"<button([^>]*)>(.*?)</button>", inside, re.S):
                if text_of(words).startswith(name):
                    held = dict(re.findall(r'<input [^>]*?name="([^"]+)"[^>]*? value="([^"]*)"', inside))
                    held |= dict(re.findall(r'name="([^"]+)" value="([^"]*)"', button)) | self.written
                    answer = self.browser.post(_attribute(attributes, "action"), data=held, headers=FROM_HERE)
                    if answer.status_code == 303:
                        self._goes(answer.headers["location"])
                    else:
                        self.page, self.written = answer.text, {}
                    return
        raise AssertionError(f"no button {name!r}: {text_of(self.page)[:2000]}")

    def _links(self) -> list[tuple[str, str]]:
        return re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', self.page, re.S)

    def _labels(self) -> list[tuple[str, str]]:
        return re.findall(r'<label for="([^"]+)">(.*?)</label>', self.page, re.S)

    def _field(self, id: str) -> str:
        (tag,) = [tag for tag in re.findall(r"<input [^>]*>", self.page) if f' id="{id}"' in tag]
        return _attribute(tag, "name")


def _attribute(tag: str, name: str) -> str:
    (found,) = re.findall(rf' {name}="([^"]*)"', tag)
    return str(found)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with closing(demo.fresh_store(tmp_path_factory.mktemp("demo") / "demo.db")) as store:
        demo.furnish(store, MORNING)
        yield Reader(
            Browser(
                build(
                    replace(
                        service_of(Settings(base=BASE, demo=True, limits=Bounds(seconds=120)), store), clock=Clock()
                    )
                )
            )
        )


def test_the_morning_goes_as_it_is_written(reader: Reader):
    assert len(STEPS) >= 15
    for does, sees in STEPS:
        reader.does(does)
        seen = text_of(reader.page).casefold()
        for words in BOLD.findall(sees):
            assert words.casefold() in seen, f"{does}: {words!r} is not on the page:\n{seen[:3000]}"
