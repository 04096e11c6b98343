"""The author's view: the pathway as it is, to read and to check. It is edited as text, where its history is kept."""

from markupsafe import Markup
from starlette.responses import Response

from ischio.clinic.access import May
from ischio.clinic.declines import OfRule
from ischio.interfaces.book.content import KINDS, Page
from ischio.interfaces.drawing.map import Picture, picture
from ischio.interfaces.drawing.map_svg import map_svg
from ischio.interfaces.http.pages import authoring
from ischio.interfaces.http.pages.authoring import AUTHOR, DECIDING
from ischio.interfaces.http.pages.case_runs import tested
from ischio.interfaces.http.pages.frame import Place, page
from ischio.interfaces.http.pages.proposed import compared
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.proofs import Proofs, ProofStatus, read_proofs


def author(visit: Visit) -> Response:
    """GET /author: what is missing before this version is published, and the map."""
    pathway, proofs = visit.service.pathway, _proofs(visit)
    shown = picture(pathway)
    return _page(
        visit,
        "author",
        needs=authoring.before_publishing(pathway, proofs, visit.today, visit.gettext),
        numbers=_numbers(visit, proofs),
        svg=Markup(map_svg(shown, alone=False)),
        map=shown,
        ways=_ways(shown),
    )


def rules(visit: Visit) -> Response:
    """GET /author/rules?q=&kind=: the rules, as a list that can be searched."""
    asked = visit.request.query_params
    wanted, kind = asked.get("q", "").strip(), asked.get("kind", DECIDING)
    groups = authoring.rule_rows(visit.service.pathway, wanted, kind)
    kinds = authoring.rule_kinds(visit.service.pathway)
    return _page(visit, "author_rules", groups=groups, wanted=wanted, kind=kind, kinds=kinds, deciding=DECIDING)


def leaf(visit: Visit) -> Response:
    """GET /author/{kind}/{id}: a rule in full, or what it rests on; /author/rules/{id} for a rule of any kind."""
    asked, proofs = visit.request.path_params, _proofs(visit)
    made = authoring.bound(visit.service.pathway, proofs.findings)
    found = authoring.page_of(made, asked["kind"], asked["id"])
    if found is None:
        return _page(visit, "author_nothing", 404, id=asked["id"])
    kind = next(each for each in KINDS if each.folder == found.kind)
    of_rule = [each for each in _declined(visit) if each.rule == found.id] if found.kind == "action" else []
    return _page(visit, "author_leaf", leaf=found, kind=kind, declined=of_rule, tab=_tab_of(found))


def cases(visit: Visit) -> Response:
    """GET /author/cases?q=: every case, and whether it gets its answer."""
    report = tested(visit.service.pathway)
    wanted = visit.request.query_params.get("q", "").strip()
    rows = authoring.case_rows(report.runs, wanted)
    right = sum(not run.differences for run in report.runs)
    unreadable = report.unreadable
    return _page(
        visit, "author_cases", rows=rows, wanted=wanted, right=right, all=len(report.runs), unreadable=unreadable
    )


def proofs(visit: Visit) -> Response:
    """GET /author/proofs: what is proved of these knowledge files, and a counter-example of what is not."""
    found = _proofs(visit)
    rows = authoring.proof_rows(visit.service.pathway, found)
    return _page(visit, "author_proofs", proofs=found, rows=rows, of=ProofStatus)


def declines(visit: Visit) -> Response:
    """GET /author/declines: what clinicians declined, by rule, without a person."""
    rows = authoring.decline_rows(visit.service.pathway, _declined(visit))
    return _page(visit, "author_declines", rows=rows, total=sum(row.of.count for row in rows))


def impact(visit: Visit) -> Response:
    """GET /author/impact: a proposed version beside the served one, and how to see whom a change would touch."""
    settings = visit.service.settings
    folder = settings.pages.proposed
    found = compared(folder, settings.overlay) if folder else None
    return _page(visit, "author_impact", folder=folder, proposed=found, mistakes=getattr(found, "mistakes", ()))


def _page(visit: Visit, name: str, status: int = 200, tab: str = "", **values: object) -> Response:
    tab = tab or {"author_nothing": "rules"}.get(name, name.removeprefix("author_"))
    return page(visit, name, status, views=_views(visit, tab), **values)


def _views(visit: Visit, here: str) -> tuple[Place, ...]:
    say = visit.gettext
    every = (
        ("author", Place(say("Overview and map"), AUTHOR, "way")),
        ("rules", Place(say("Rules"), f"{AUTHOR}/rules", "book")),
        ("cases", Place(say("Cases"), f"{AUTHOR}/cases", "people")),
        ("proofs", Place(say("Proofs"), f"{AUTHOR}/proofs", "done")),
        ("declines", Place(say("Declines"), f"{AUTHOR}/declines", "stop")),
        ("impact", Place(say("Impact of a change"), f"{AUTHOR}/impact", "fork")),
    )
    return tuple(Place(place.name, place.address, place.icon, name == here) for name, place in every)


def _tab_of(found: Page) -> str:
    return {"case": "cases", "property": "proofs"}.get(found.kind, "rules")


def _proofs(visit: Visit) -> Proofs:
    return read_proofs(visit.service.settings.pages.proofs, authoring.shipped_digest())


def _declined(visit: Visit) -> tuple[OfRule, ...]:
    """What was declined in the organisation, by rule; nothing for those who may not see it."""
    if not visit.user.may(May.SEE_DECLINES):
        return ()
    found: tuple[OfRule, ...] = visit.clinic.declines.by_rule(visit.user.organisation, visit.by)
    return found


def _numbers(visit: Visit, proofs: Proofs) -> tuple[tuple[str, str, str], ...]:
    """Name, number and address of what can be opened."""
    say, pathway = visit.gettext, visit.service.pathway
    report = tested(pathway)
    right = sum(not run.differences for run in report.runs)
    proved = sum(finding.outcome.value == "proved" for finding in proofs.findings)
    known = proofs.status is ProofStatus.OF_THESE
    rules = sum(len(rows) for _, rows in authoring.rule_rows(pathway))
    of = say("%(part)d of %(all)d")
    return (
        (say("Rules that decide"), str(rules), f"{AUTHOR}/rules"),
        (say("Cases right"), of % {"part": right, "all": len(report.runs)}, f"{AUTHOR}/cases"),
        (
            say("Properties proved"),
            of % {"part": proved, "all": len(pathway.properties)} if known else say("not known"),
            f"{AUTHOR}/proofs",
        ),
        (say("Declines"), str(sum(each.count for each in _declined(visit))), f"{AUTHOR}/declines"),
    )


def _ways(shown: Picture) -> dict[str, str]:
    """Where the rule of each way on the map is shown."""
    return {edge.rule: f"{AUTHOR}/rules/{edge.rule}" for edge in shown.edges}


ROUTES = (
    (AUTHOR, "GET", May.SEE_AUTHORING, author),
    (f"{AUTHOR}/rules", "GET", May.SEE_AUTHORING, rules),
    (f"{AUTHOR}/cases", "GET", May.SEE_AUTHORING, cases),
    (f"{AUTHOR}/proofs", "GET", May.SEE_AUTHORING, proofs),
    (f"{AUTHOR}/declines", "GET", May.SEE_DECLINES, declines),
    (f"{AUTHOR}/impact", "GET", May.SEE_AUTHORING, impact),
    (f"{AUTHOR}/{{kind}}/{{id}}", "GET", May.SEE_AUTHORING, leaf),
)
"""Address, method, who may, and what answers."""
