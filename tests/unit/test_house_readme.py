"""README promises two commands on a fresh machine; both are there; it names every page for readers."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_two_commands_set_everything_up():
    (block,) = re.findall(r"```\n(.*?)```", README, re.S)
    commands = [line.split("#")[0].strip() for line in block.splitlines()]
    assert commands == ["make demo", "make test"]


def test_every_make_target_that_a_page_names_is_there():
    pages = [README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")]
    named = {target for page in pages for target in re.findall(r"`make (\w+)`|^make (\w+)", page, re.M)}
    targets = set(re.findall(r"^(\w+):", MAKEFILE, re.M))
    assert {first or second for first, second in named} <= targets


def test_every_link_of_the_pages_leads_somewhere():
    for page in ROOT.glob("*.md"):
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        missing = [link for link in links if not (ROOT / link).exists()]
        assert missing == [], f"{page.name} links to {missing}"


def test_every_page_for_readers_is_named_by_the_readme():
    linked = set(re.findall(r"\]\(([^)#:]+)\)", README))
    folders = ("tutorial", "how-to", "explanation", "reference")
    pages = {str(page.relative_to(ROOT)) for folder in folders for page in (ROOT / "docs" / folder).glob("*.md")}
    assert pages - linked == set(), "no reader finds these"


def test_it_says_what_it_is_not():
    assert "not a medical device" in README
