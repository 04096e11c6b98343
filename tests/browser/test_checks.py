"""The checks find what they are for: each is shown a page with one fault."""

from pathlib import Path

import pytest
from checks import DESK, axe_faults, below_the_fold, dead_links, sheets, shut_to_the_keyboard, sideways
from conftest import OpenPage

FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>
<body><main><h1>A page</h1>{body}</main></body></html>"""
POLICY = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"""


@pytest.fixture
def written(tmp_path: Path):
    """Writes a page and returns its address."""

    def write(body: str, head: str = "") -> str:
        path = tmp_path / "page.html"
        path.write_text(FRAME.format(head=head, body=body), "utf-8")
        return path.as_uri()

    return write


def test_a_sound_page_passes(open_page: OpenPage, written):
    page = open_page(
        written('<p>Go <a href="#here">down</a>.</p><details id="here"><summary>More</summary>Here</details>')
    )
    assert shut_to_the_keyboard(page) + dead_links(page) + axe_faults(page) + sideways(page) == []
    assert sheets(page) == 1


def test_pale_text_in_the_dark_is_found(open_page: OpenPage, written):
    style = "<style>@media (prefers-color-scheme: dark) { p { color: #777; background: #888 } }</style>"
    faults = axe_faults(open_page(written("<p>Pale</p>", style)))
    assert [fault.split(":")[0] for fault in faults] == ["color-contrast", "color-contrast"]
    assert all("dark" in fault for fault in faults)


def test_what_is_too_wide_is_found(open_page: OpenPage, written):
    (how_wide, *_, culprit) = sideways(open_page(written("<pre>" + "wide " * 30 + "</pre>")))
    assert int(how_wide.split()[0]) > 320
    assert culprit.startswith("pre: wide")


def test_what_is_found_only_when_opened_is_found(open_page: OpenPage, written):
    page = open_page(
        written('<details><summary>More</summary><img src="data:,"><pre>' + "wide " * 30 + "</pre></details>")
    )
    assert {fault.split(":")[0] for fault in axe_faults(page)} == {"image-alt"}
    assert sideways(page) != []


def test_what_lies_below_the_fold_is_found(open_page: OpenPage, written):
    page = open_page(written('<p style="margin-top: 900px">Low</p>'))
    assert below_the_fold(page, [page.locator("h1")]) == []
    assert below_the_fold(page, [page.locator("p")])[0].startswith("'Low'")


def test_sheets_are_counted(open_page: OpenPage, written):
    assert sheets(open_page(written('<p style="break-before: page">Two</p>' * 2))) == 3


def test_links_to_nowhere_are_found(open_page: OpenPage, written):
    page = open_page(written('<a href="#gone">Gone</a> <a href="gone.html">Gone</a> <a href="page.html">Here</a>'))
    place, file = dead_links(page)
    assert (place, file.rsplit("/", 1)[-1]) == ("#gone", "gone.html")


@pytest.mark.parametrize(
    ("attributes", "complaint"),
    [
        ('tabindex="-1"', "not reached by Tab"),
        ('style="outline: none"', "does not see"),
        ('onkeydown="return false"', "Enter does not open it"),
    ],
)
def test_what_the_keyboard_cannot_open_is_found(open_page: OpenPage, written, attributes: str, complaint: str):
    page = open_page(written(f"<details><summary {attributes}>More</summary>Here</details>"))
    assert complaint in shut_to_the_keyboard(page)[0]


@pytest.mark.parametrize(
    ("head", "body", "complaint"),
    [
        ("", '<img alt="" src="http://127.0.0.1:9/pixel.png">', "asked for http://127.0.0.1:9/pixel.png"),
        (POLICY, '<p style="color: red">Red</p>', "Content Security Policy"),
        (POLICY, "<script>1</script>", "Content Security Policy"),
        ("", "<script>throw new Error('broken')</script>", "broken"),
    ],
)
def test_a_page_is_watched(open_page: OpenPage, complaints: list[str], written, head: str, body: str, complaint: str):
    open_page(written(body, head), DESK)
    found = [each for each in complaints if complaint in each]
    complaints.clear()
    assert found
