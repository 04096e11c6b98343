"""`ischio explain`: one rule in full, with its sources, its cases and what is proved of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder
from ischio.interfaces.cli.terminal import console, print_json
from ischio.model.mistake import Mistake, PathwayError

if TYPE_CHECKING:
    from ischio.engine.explain import Explanation
    from ischio.model.pathway import Pathway
    from ischio.model.rules import Property
    from ischio.record.case_form import Case

SHOWN_CASES = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """What holds the rule to its word: the cases that show it to hold and not to hold, and the properties."""

    firing: "tuple[Case, ...]"
    silent: "tuple[Case, ...]"
    properties: "tuple[Property, ...]"


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio explain gate_injection")(explain)


def explain(
    rule_id: Annotated[str, typer.Argument(metavar="RULE_ID", help="Id of a rule, fact, parameter or property.")],
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """One rule: its condition, sources, certainty, cases and proofs."""
    from ischio.engine.explain import properties_about
    from ischio.loading.pathway import load_pathway

    loaded = load_pathway(pathway, overlay)
    found = find(loaded, rule_id)
    shown = Shown(*cases_of(loaded, pathway, rule_id), properties_about(loaded, found))
    if as_json:
        print_json(data(loaded, found, shown))
    else:
        console().print(table(loaded, found, shown))


def find(pathway: "Pathway", rule_id: str) -> "Explanation":
    """Raises PathwayError, with ids that are written alike, if there is no such rule."""
    from ischio.engine.explain import explain as explain_rule
    from ischio.engine.explain import ids

    found = explain_rule(pathway, rule_id)
    if found is None:
        near = get_close_matches(rule_id, ids(pathway), n=3)
        mend = f"Did you mean {' or '.join(near)}?" if near else "Ids are those of the knowledge files."
        raise PathwayError(Mistake(f"Nothing in the pathway has the id {rule_id!r}.", mend))
    return found


def cases_of(pathway: "Pathway", folder: Path | None, rule_id: str) -> "tuple[tuple[Case, ...], tuple[Case, ...]]":
    """The cases in which the rule holds on a hip, and those in which it holds on none; those written for it first."""
    from ischio.engine.answer import Answer
    from ischio.engine.cases import rules, showing, truths_of_rules
    from ischio.interfaces.inputs import read_cases

    if rule_id not in rules(pathway):
        return (), ()
    cases, _ = read_cases(pathway, folder)
    truths = ((case, truths_of_rules(Answer(pathway, case.record, case.index_date))) for case in cases)
    return showing(rule_id, truths)


def data(pathway: "Pathway", found: "Explanation", shown: Shown) -> dict[str, Any]:
    from ischio.interfaces.rule_parts import parts

    about = found.about
    return {
        "id": found.id,
        "kind": found.kind,
        "title": about.title,
        "sentence": about.sentence,
        "label": about.label.value,
        "certainty": found.certainty,
        "conditions": dict(found.conditions),
        "parts": parts(pathway, found.id),
        "names": found.names,
        "named_by": found.named_by,
        "claims": [asdict(claim) for claim in found.claims],
        "seed_text_only": found.seed_text_only,
        "seed_lines": about.seed_lines,
        "note": about.note,
        "cases": {"firing": [case.id for case in shown.firing], "silent": [case.id for case in shown.silent]},
        "properties": [
            {"id": each.id, "title": each.about.title, "waits_for": each.waits_for} for each in shown.properties
        ],
        "author": about.author,
        "reviewer": about.reviewer,
        "reviewed": about.reviewed.isoformat(),
        "place": str(about.place),
    }


def table(pathway: "Pathway", found: "Explanation", shown: Shown) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=18)
    grid.add_column()
    before = ""
    for label, text in rows(pathway, found, shown):
        grid.add_row(Text("" if label == before else label, style="bold"), Text(text))
        before = label
    return grid


def rows(pathway: "Pathway", found: "Explanation", shown: Shown) -> list[tuple[str, str]]:
    """Label and text, in the order in which a reader asks: what, when, why, how sure, how tested, by whom."""
    from ischio.interfaces.rule_parts import parts

    about = found.about
    listed = [(found.kind.capitalize(), f"{about.title}  [{found.id}]"), ("Says", about.sentence)]
    listed += [(name.capitalize(), text) for name, text in found.conditions.items()]
    listed += [(name.capitalize(), text) for name, text in parts(pathway, found.id).items()]
    listed += [("Where", meaning) for meaning in meanings(pathway, found.names)]
    listed += [("Named by", ", ".join(found.named_by))] if found.named_by else []
    listed.append(("Rests on", rests_on(found)))
    listed += [("Claims", line) for claim in found.claims for line in claim_lines(pathway, claim)]
    listed += [("Seed", f"{line}: {pathway.seed[line].text}") for line in about.seed_lines if line in pathway.seed]
    listed += [("Note", about.note)] if about.note else []
    listed += case_lines("Fires in case", shown.firing)
    listed += case_lines("Silent in case", shown.silent)
    for each in shown.properties:
        waiting = ("Proof waiting", f"{each.about.title}: {each.waits_for}")
        listed.append(waiting if each.waits_for else ("By ischio verify", each.about.title))
    written = f"{about.place}; by {about.author}, reviewer {about.reviewer}, reviewed {about.reviewed}"
    return [*listed, ("Written in", written)]


def case_lines(label: str, cases: "Sequence[Case]") -> list[tuple[str, str]]:
    shown = [(label, f"{case.title}  [{case.id}]") for case in cases[:SHOWN_CASES]]
    more = len(cases) - SHOWN_CASES
    return [*shown, (label, f"and {more} more")] if more > 0 else shown


def meanings(pathway: "Pathway", names: tuple[str, ...]) -> list[str]:
    """What each name in a condition stands for."""
    found = []
    for name in names:
        if name in pathway.parameters:
            from ischio.interfaces.rule_parts import parameter_parts

            found.append(f"{name}: {parameter_parts(pathway.parameters[name])['value']}")
        else:
            rules = pathway.facts if name in pathway.facts else pathway.criteria
            found.append(f"{name}: {rules[name].about.title}")
    return found


def rests_on(found: "Explanation") -> str:
    label = {
        "supported": "supported: measured in this disease",
        "extrapolated": "extrapolated: measured in something near",
        "convention": "convention: no primary source found",
    }[found.about.label.value]
    only = "; seed text only" if found.seed_text_only else ""
    return f"{label}; certainty {found.certainty}{only}"


def claim_lines(pathway: "Pathway", claim: Any) -> list[str]:
    """A claim, how certain and how read, then where it was published. An unverified claim is not shown as fact."""
    statement = claim.statement or "not verified, so not shown as fact"
    read = f"certainty {claim.certainty}, read in: {claim.verified}{', second-hand' if claim.secondhand else ''}"
    sources = [pathway.sources[name] for name in claim.sources if name in pathway.sources]
    cited = [f"  {source.citation}{f' doi:{source.doi}' if source.doi else ''}" for source in sources]
    return [f"{claim.id}: {statement} ({read})", *cited]
