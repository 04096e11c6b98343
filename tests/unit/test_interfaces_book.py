"""The pathway book: a page for everything, every link leads somewhere, and nothing unverified is shown as fact."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from html import escape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest

from ischio.backends.smt import Finding, Outcome
from ischio.engine.cases import run_cases
from ischio.interfaces.book.build import book
from ischio.interfaces.book.content import Book, Link, Page
from ischio.interfaces.book.markdown import markdown
from ischio.interfaces.book.site import site
from ischio.interfaces.inputs import read_cases
from ischio.loading.pathway import load_pathway
from ischio.model.pathway import Pathway

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"
SITE = TINY.parent / "tiny-overlay.yaml"


def bound(pathway: Pathway, folder: Path | None, findings: Mapping[str, Finding] | None = None) -> Book:
    return book(pathway, run_cases(pathway, read_cases(pathway, folder)[0]), findings)


@pytest.fixture(scope="module")
def shipped() -> Pathway:
    return load_pathway()


@pytest.fixture(scope="module")
def whole(shipped: Pathway) -> Book:
    return bound(shipped, None)


@pytest.fixture(scope="module")
def anchors(files: Mapping[str, str]) -> "dict[str, Anchors]":
    return {name: Anchors(text) for name, text in files.items() if name.endswith(".html")}


@pytest.fixture(scope="module")
def tiny() -> Book:
    return bound(load_pathway(TINY), TINY)


@pytest.fixture(scope="module")
def files(whole: Book) -> dict[str, str]:
    return dict(site(whole))


def told(page: Page) -> str:
    """The words of a page: titles of sections before a bar, links by their text."""
    return " ".join(f"{section.title} | {words_of(section.blocks)}" for section in page.sections)


def words_of(part: object) -> str:
    """The text of anything that a page is made of; the parts of one line stand together."""
    if isinstance(part, str):
        return part
    if isinstance(part, Link):
        return part.text
    if isinstance(part, tuple):
        line = all(isinstance(each, str | Link) for each in part)
        return ("" if line else " ").join(map(words_of, part))
    found = (words_of(getattr(part, field.name)) for field in fields(part))
    return " ".join(text for text in found if text)


# ---- a page for everything --------------------------------------------------------------------------------------


def test_every_rule_source_and_case_has_a_page(shipped: Pathway, whole: Book):
    asked = {f"stage/{stage.id}" for stage in shipped.stages}
    asked |= {f"gate/{stage.criterion}" for stage in shipped.ordered_stages}
    asked |= {f"diversion/{each.id}" for each in shipped.diversions}
    asked |= {f"red-flag/{flag.fact}" for flag in shipped.flags}
    asked |= {f"property/{each.id}" for each in shipped.properties}
    for folder, names in (
        ("action", shipped.actions),
        ("fact", shipped.facts),
        ("enquiry", shipped.enquiries),
        ("parameter", shipped.parameters),
        ("claim", shipped.claims),
        ("source", shipped.sources),
        ("seed-line", shipped.seed),
    ):
        asked |= {f"{folder}/{name}" for name in names}
    gates = {stage.criterion for stage in shipped.ordered_stages}
    asked |= {f"criterion/{name}" for name in shipped.criteria if name not in gates}
    for action in shipped.actions.values():
        asked |= {f"stop/{rule.id}" for rule in action.stops}
        asked |= {f"strong-caution/{rule.id}" for rule in action.strong_cautions}
        asked |= {f"caution/{rule.id}" for rule in action.cautions}
    asked |= {f"measure/{name}" for name in shipped.measures}
    asked |= {f"milestone/{name}" for name in shipped.outcomes.milestones}
    asked |= {f"follow-up/{name}" for name in shipped.outcomes.follow_ups}
    asked |= {f"outcome/{name}" for name in shipped.outcomes.scores}
    asked |= {f"time/{name}" for name in shipped.outcomes.times}
    asked |= {f"case/{case.id}" for case in read_cases(shipped, None)[0]}
    assert set(whole.pages) == asked


def test_every_page_says_what_it_is_about_and_on_what_version_it_rests(whole: Book, files: Mapping[str, str]):
    for name, text in files.items():
        if name.endswith(".html"):
            assert "pathway version 0.1.0. Content reviewed 22 Nov 2026." in text, name
            assert "<strong>Not a medical device.</strong>" in text, name
            assert text.count("<h1>") == 1, name
    assert all(page.title and page.sentence for page in whole.pages.values())


def test_the_statements_of_what_it_is_not_stand_on_the_first_page(shipped: Pathway, files: Mapping[str, str]):
    assert all(f"<li>{escape(statement)}</li>" in files["index.html"] for statement in shipped.statements)


def test_every_rule_says_who_answers_for_it(whole: Book):
    rules = [
        page for page in whole.pages.values() if page.kind not in ("enquiry", "claim", "source", "seed-line", "case")
    ]
    assert len(rules) > 500
    for page in rules:
        assert "Author ischio project Reviewer none yet Reviewed 22 Nov 2026" in told(page), page.key
        assert page.marks[0] in ("supported", "extrapolated", "convention"), page.key


# ---- what stands on a page --------------------------------------------------------------------------------------


def test_a_gate_says_its_condition_in_words_and_as_written(whole: Book):
    page = told(whole.pages["gate/gate_injection"])
    assert "all of these: Gate to conservative care" in page
    assert "Clinician's diagnosis: Confirmed Trial adequate" in page
    assert "clinician_diagnosis = 'confirmed' and injection_trial_adequate and symptoms_persist" in " ".join(
        page.split()
    )


def test_a_limit_is_shown_as_the_value_of_its_parameter(whole: Book):
    assert "Ischiofemoral space on MRI: at most 15 mm" in told(whole.pages["criterion/narrow_space"])


def test_disagreement_is_shown(whole: Book):
    page = told(whole.pages["parameter/ifs_cutoff"])
    assert "Value 15 mm Allowed range 10 mm to 20 mm" in page
    assert "Disagreement, gap or remark | Disputed. A hip-preservation centre takes 17 mm" in page
    assert "ifs-17-in-use" in page


def test_an_action_shows_its_stops_cautions_and_must_knows(whole: Book):
    page = told(whole.pages["action/image_guided_injection"])
    assert "Stops | The injection has to wait" in page
    assert "Strong cautions | Pregnant" in page
    assert "Strong CYP3A4 inhibitor: " in page
    assert "What must be known first | Red flags screened just before a procedure" in page


def test_a_diversion_shows_what_it_leaves_open_and_the_dead_have_nothing_open(whole: Book):
    open_under_red_flag = told(whole.pages["diversion/red_flag"]).split("Actions that it does not block | ")[1]
    assert "Urgent imaging" in open_under_red_flag
    assert "Actions that it does not block" not in told(whole.pages["diversion/deceased"])
    assert (
        "Deceased" not in told(whole.pages["action/urgent_imaging"]).split("Not blocked by ")[1].split("Who says so")[0]
    )


def test_a_fact_has_no_cases_of_the_safety_rule_that_bears_its_name(whole: Book):
    assert "Cases in which it holds" in told(whole.pages["stop/active_infection"])
    assert "Cases in which" not in told(whole.pages["fact/active_infection"])


def test_a_fact_says_how_it_is_derived_and_asked(whole: Book):
    page = told(whole.pages["fact/ischiofemoral_space"])
    for words in (
        "Is the newest value",
        "Reads Ischiofemoral space, of this side",
        "Only with modality mri; leg position recorded",
        "Stale after 24 months",
        "If none is recorded unknown",
        "How it is asked | Ischiofemoral space on MRI, in mm",
        "Uses | MRI is fresh",
    ):
        assert words in page


def test_a_safety_rule_and_the_fact_it_is_named_after_have_pages_of_their_own(whole: Book):
    shared = {page.id for page in whole.pages.values() if page.kind in ("stop", "strong-caution", "caution")}
    shared &= {page.id for page in whole.pages.values() if page.kind == "fact"}
    assert "active_infection" in shared
    assert "Attached to" in told(whole.pages["stop/active_infection"])
    assert "How it is derived" in told(whole.pages["fact/active_infection"])


def test_a_case_tells_its_story_and_the_answer_it_must_get(whole: Book):
    page = told(whole.pages["case/two-readers-disagree"])
    assert "9 Feb 2026 Ischiofemoral space 14 mm right modality: mri; leg position: neutral" in page
    assert "Right side stage Evaluation" in page
    assert "The pathway of this book gives this answer." in page


def test_the_cases_that_name_a_rule_are_shown_before_others(whole: Book):
    page = told(whole.pages["criterion/conservative_trial_adequate"])
    named = "Three of ten sessions attended, and the highest ratings of adherence Three months since exercise began"
    assert f"Cases in which it does not hold | {named}" in page


def test_a_sum_is_written_as_one_would(whole: Book):
    page = told(whole.pages["fact/pain_fell_points"])
    assert "Is whether First pain score of the episode - Pain now is at least 2; unknown while one of them is" in page


def test_a_rule_shows_cases_that_fire_it_and_cases_that_do_not(whole: Book):
    page = told(whole.pages["gate/gate_surgical_evaluation"])
    assert "Cases in which it is open | Three months of care and an injection, and symptoms persist" in page
    assert "Cases in which it is closed | Exercise began a day less than three months ago" in page


def test_what_is_not_proved_says_how_to_prove_it(tiny: Book):
    proofs = [
        section
        for page in tiny.pages.values()
        for section in page.sections
        if section.title.startswith("What is proved")
    ]
    assert proofs
    assert all("not proved here: `ischio verify`" in words_of(section.blocks) for section in proofs)


def test_what_was_proved_or_refuted_is_told():
    pathway = load_pathway(TINY)
    name = pathway.properties[0].id
    finding = Finding(name, 1, "T", Outcome.REFUTED, 0.1, "1 of 3 claims fail: somebody")
    page = bound(pathway, TINY, {name: finding}).pages[f"property/{name}"]
    assert "Outcome refuted. 1 of 3 claims fail: somebody" in told(page)


def test_a_value_that_a_site_has_set_says_so_on_its_page_and_on_every_page():
    pathway = load_pathway(TINY, SITE)
    pages = dict(site(bound(pathway, TINY)))
    overridden = next(name for name, parameter in pathway.parameters.items() if parameter.overridden)
    assert f"set by the overlay {pathway.overlay}" in pages[f"parameter/{overridden}.html"]
    assert all(f"Values set by {pathway.overlay}" in text for name, text in pages.items() if name.endswith(".html"))


# ---- nothing unverified is shown as fact ------------------------------------------------------------------------


def test_an_unverified_claim_is_named_and_its_statement_shown_nowhere(
    shipped: Pathway, whole: Book, files: Mapping[str, str]
):
    unverified = [claim for claim in shipped.claims.values() if claim.verified == "unverified"]
    verified = {claim.statement for claim in shipped.claims.values()} - {claim.statement for claim in unverified}
    assert unverified
    everything = "\n".join(files.values()) + markdown(whole)
    for claim in unverified:
        if claim.statement not in verified:
            assert claim.statement not in everything
            assert escape(claim.statement) not in everything
        assert "unverified" in whole.pages[f"claim/{claim.id}"].marks


# ---- every link leads somewhere ---------------------------------------------------------------------------------


class Anchors(HTMLParser):
    """The ids and the addresses of one page, and what a strict policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.to: list[str] = []
        self.refused: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.to += [found[name] or "" for name in ("href", "src") if name in found]
        self.refused += [f"<{tag} {name}>" for name in found if name == "style" or name.startswith("on")]
        self.refused += ["<style>"] if tag == "style" else []
        self.refused += ["<script> of its own"] if tag == "script" and "src" not in found else []


def test_every_link_of_the_pages_leads_to_a_page_or_place_of_the_book(
    files: Mapping[str, str], anchors: Mapping[str, Anchors]
):
    lost = {
        f"{name}: {to}" for name, page in anchors.items() for to in page.to if not resolves(name, to, files, anchors)
    }
    assert lost == set()


def resolves(name: str, to: str, files: Mapping[str, str], pages: Mapping[str, Anchors]) -> bool:
    if to.startswith(("https://", "http://")):
        return True
    path, _, place = to.partition("#")
    target = os.path.normpath(PurePosixPath(name).parent / path) if path else name
    return target in files and (not place or place in pages[target].ids)


def test_pages_hold_no_style_and_no_script_of_their_own_and_no_id_twice(
    files: Mapping[str, str], anchors: Mapping[str, Anchors]
):
    for name, page in anchors.items():
        assert page.refused == [], name
        assert len(page.ids) == len(set(page.ids)), name
        assert "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'" in files[name], name


def test_every_page_can_be_reached_without_a_script(whole: Book, anchors: Mapping[str, Anchors]):
    listed = anchors["a-z.html"].to
    assert {f"{key}.html" for key in whole.pages} <= set(listed)


def test_every_link_of_the_single_file_leads_to_a_place_in_it(whole: Book):
    text = markdown(whole)
    places = re.findall(r'<a id="([^"]+)"></a>', text)
    wanted = {
        to for angled, plain in re.findall(r"\]\((?:<#([^>]+)>|#([^)]+))\)", text) for to in (angled, plain) if to
    }
    assert len(places) == len(set(places)) == len(whole.pages) + len(whole.kinds)
    assert len(wanted) > 1000
    assert wanted <= set(places)


def test_the_search_looks_through_every_page(whole: Book, files: Mapping[str, str]):
    assert files["search-index.js"].startswith("globalThis.bookIndex = [[")
    assert all(f'"{key}"' in files["search-index.js"] for key in whole.pages)


# ---- the same book every time -----------------------------------------------------------------------------------


def test_two_runs_write_the_same_bytes(tmp_path: Path):
    for seed in ("1", "2"):
        run = "from ischio.interfaces.cli.main import run; run()"
        command = [sys.executable, "-c", run, "export", "book", str(tmp_path / seed), "--pathway", str(TINY)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True)
    first, second = (
        {str(path.relative_to(tmp_path / seed)): path.read_bytes() for path in (tmp_path / seed).rglob("*.*")}
        for seed in "12"
    )
    assert first
    assert first == second
