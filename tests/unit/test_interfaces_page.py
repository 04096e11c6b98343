"""The page: what it says in which order, that it stands alone, and that a record cannot write markup into it."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ischio.engine.assess import assess
from ischio.interfaces.cli import main
from ischio.interfaces.inputs import read_cases
from ischio.interfaces.page.page import page
from ischio.interfaces.words import day
from ischio.loading.pathway import load_pathway
from ischio.record.events import Patient, Record

REAL = load_pathway()
CASES = {case.id: case for case in read_cases(REAL, None)[0]}
FOUR_STAGES = ("evaluation-by-pain-score", "sides-differ", "cauda-equina", "persistent-after-surgery", "closed")
EXAMPLE = Path(__file__).parents[2] / "examples" / "red-flag.case.yaml"
VOID = {"meta", "br"}


def html(name: str) -> str:
    case = CASES[name]
    return page(assess(REAL, case.record, case.index_date), REAL)


class Outline(HTMLParser):
    """The headings, ids, landmarks, links and open tags of a page, and its text outside of style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.asks_for: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += " "
        self.open += [] if tag in VOID else [tag]
        for name, value in attrs:
            self.ids += [value or ""] if name == "id" else []
            self.labels += [value or ""] if name == "aria-labelledby" else []
            within = name == "href" and (value or "").startswith("#")
            asks = name in ("src", "href", "action", "srcset") or name.startswith("on")
            self.asks_for += [name] if asks and not within else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    @property
    def headings(self) -> list[int]:
        return [int(tag[1]) for tag in self.tags if re.fullmatch(r"h[1-6]", tag)]


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", FOUR_STAGES)
def test_it_stands_alone(name: str):
    text = html(name)
    outline = Outline(text)
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(outline.tags)
    assert outline.asks_for == []
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize("name", FOUR_STAGES)
def test_it_is_built_for_a_reader_who_listens(name: str):
    """One h1, no level skipped, landmarks, every section named by a heading that is there, every tag closed."""
    outline = Outline(html(name))
    assert outline.headings.count(1) == 1
    assert all(below <= above + 1 for above, below in zip(outline.headings, outline.headings[1:], strict=False))
    assert all(outline.tags.count(landmark) == 1 for landmark in ("header", "main", "footer", "title"))
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.labels) <= set(outline.ids)
    assert outline.open == []


def test_its_policy_knows_its_style_and_nothing_else():
    text = html("closed")
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.S)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert policy.replace("'", "&#39;") in text


def test_what_matters_most_comes_first():
    said = flat(Outline(html("cauda-equina")).text)
    order = (
        "Not a medical device",
        "Red flag",
        "Right hip: Injection",
        "Diverted",
        "Next",
        "Held back",
        "Whole person",
    )
    places = [said.index(words) for words in order]
    assert places == sorted(places)


def test_a_hip_that_cannot_be_placed_comes_before_medicines():
    said = flat(Outline(html("gate-evaluation-unknown")).text)
    assert said.index("Ask: Pain of the hip") < said.index("Whole person")


def test_of_the_dead_nothing_is_asked_and_nothing_lies_ahead():
    said = flat(Outline(html("deceased")).text)
    assert "Diverted Deceased" in said
    assert not [words for words in ("Ask:", "Questions", "Next", "Due") if words in said]


def test_two_hips_on_the_pathway_are_both_named_at_the_top():
    said = flat(Outline(html("sides-differ")).text)
    assert "Not a medical device. Right hip: Surgical evaluation Left hip: Conservative care Right hip:" in said


def test_long_lists_show_their_first_and_open_for_the_rest():
    said = flat(Outline(html("gate-surgical-passes")).text)
    assert re.search(r"Anti-inflammatory medicine, short course: ([^;]+; ){4}[^;]+ and \d+ more ", said)


def test_it_says_which_pathway_and_when_it_was_reviewed():
    said = flat(Outline(html("closed")).text)
    assert f"Pathway ischiofemoral {REAL.version}, content reviewed {day(REAL.reviewed)}. Not a medical device." in said


def test_each_step_can_be_opened_for_its_reason_and_evidence():
    said = flat(Outline(html("gate-surgical-passes")).text)
    assert "Rests on: extrapolated (measured in something near, not in this disease); certainty low." in said
    assert "(read: abstract" in said


def test_key_facts_have_their_dates_and_sources():
    said = flat(Outline(html("gate-surgical-passes")).text)
    assert re.search(r"Ischiofemoral space on MRI 12 mm 9 Feb 2026 \S+, line \d+", said)


def test_a_stage_outside_the_order_is_on_the_way_too():
    assert "Long-term care (here)" in flat(Outline(html("surgery-declined")).text)


def test_no_unverified_claim_is_shown():
    hidden = [claim.id for claim in REAL.claims.values() if claim.verified == "unverified"]
    text = html("persistent-after-surgery") + html("sides-differ")
    assert hidden
    assert [name for name in hidden if REAL.claims[name].statement in Outline(text).text] == []


def test_a_record_cannot_write_markup():
    hostile = Record(Patient("<script>alert('x')</script>", None, None), (), (), ())
    text = page(assess(REAL, hostile, date(2026, 6, 1)), REAL)
    assert "script" not in Outline(text).tags
    assert "&lt;script&gt;" in text


def test_a_record_of_nothing_says_so():
    text = page(assess(REAL, Record(Patient("nobody", None, None), (), (), ()), date(2026, 6, 1)), REAL)
    assert flat(Outline(text).text).count("nothing is recorded about this hip") == 2


def test_values_set_by_a_site_are_said_to_be_so():
    case = CASES["closed"]
    answer = assess(REAL, case.record, case.index_date)
    answer = replace(answer, parameters=tuple(replace(each, overridden=True) for each in answer.parameters[:1]))
    assert "Values set by this site, not by the pathway: " in flat(Outline(page(answer, REAL)).text)


def test_the_same_answer_gives_the_same_bytes():
    assert html("sides-differ") == html("sides-differ")


# ---- assess --html ------------------------------------------------------------------------------------------------


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main.run([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def test_the_command_writes_the_page(tmp_path: Path):
    assert run("assess", EXAMPLE, "--html", tmp_path / "page.html") == 0
    assert "Red flag" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_told_with_its_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run("assess", EXAMPLE, "--html", tmp_path / "none" / "page.html") == 1
    assert "Name a file in a folder that is there." in capsys.readouterr().err


def test_one_form_at_a_time(tmp_path: Path):
    assert run("assess", EXAMPLE, "--note", "--html", tmp_path / "page.html") == 2
