"""The story of a hip with ischiofemoral impingement: how it came, what was done, and what came of it.

It is told visit by visit. A hip is in a stage of care because the people in the story decided so, from what they knew
that day; no rule of the pathway is asked. A visit in each stage is one method, which returns the day of the next one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from ischio.record.events import Asserter, Kind
from ischio.synthesis.chart import weeks
from ischio.synthesis.people import Hip
from ischio.synthesis.visits import Clinic

YEAR = timedelta(days=366)
AFTER_SURGERY = tuple(timedelta(days=days) for days in (14, 42, 92, 184, 366, 731))
OF_THE_PERSON = ("flag_weight_loss", "flag_both_legs")
"""Red flags without a side."""


@dataclass
class Programme:
    """A course of exercise. kept_from: from this day on it was kept as planned; None if never.

    earlier: weeks of exercise in an earlier course of the same episode.
    """

    start: date
    end: date
    kept_from: date | None
    earlier: int = 0

    def weeks_done(self, on: date) -> int:
        return self.earlier + max((min(on, self.end) - self.start).days // 7, 0)

    def weeks_kept(self, on: date) -> int:
        """Weeks of exercise so far, once the programme is kept."""
        return self.weeks_done(on) if self.kept_from is not None and on >= self.kept_from else 0


@dataclass
class Progress:
    """What has been done and decided for one hip in this episode. planned: the day of an operation to come."""

    programme: Programme
    injected: date | None = None
    before_injection: float = 0
    judged: bool = False
    opinion: date = date.max
    planned: date | None = None
    surgery: date | None = None
    released: bool = False
    seen_after_surgery: int = 0

    def relief_lasts(self, on: date) -> bool:
        """Early relief after an injection is no recovery."""
        return self.injected is None or on >= self.injected + weeks(6)


class Care(Clinic):
    """Tells the care of the hips of one person."""

    def tell(self, hips: list[Hip], first: date, *, again: bool = False) -> None:
        """One episode from its first visit on. again: they had been well before."""
        for hip in hips:
            self._first_visit(hip, first, again)
        second = self._work_up(first, again)
        if not self.chance.happens(self.figures.confirmed_at_second_visit):
            self.chart.visit(second, "Findings discussed")
            second = self.chance.after(second, 14, 70)
        programme = self._programme(first, second)
        for hip in hips:
            self._diagnosis(hip, second)
            self._walk(hip, Progress(replace(programme)), second)  # from here on each hip has its own course

    # ---- evaluation ----

    def _first_visit(self, hip: Hip, on: date, again: bool) -> None:
        chart, chance = self.chart, self.chance
        hip.moves_to("evaluation", on)
        chart.visit(on, "Pain of the hip")
        chart.add("episode_start", on, side=hip.side)
        if again:
            chart.add("new_symptoms", on, "reported", side=hip.side)
        self.history(hip, on)
        self.score(hip, on)
        self.examination(hip, on)
        self.screen(on)
        self.attestations(on)
        self.not_pregnant(on)
        chart.add("activity_advice", on, side=hip.side)
        if chance.happens(self.figures.suspected_at_first_visit):
            chart.add("ifi_diagnosis", on, "suspected", side=hip.side)
        if chance.happens(self.figures.red_flag):
            self._red_flag(hip, on)

    def _red_flag(self, hip: Hip, on: date) -> None:
        """A flag is raised, and a clinician explains it some weeks later."""
        flag = self.chance.weighted(self.figures.choices["red_flag"])
        sided = flag not in OF_THE_PERSON
        explained = self.chance.after(on, 7, 60)
        side = hip.side if sided else None
        self.chart.add(flag, on, "present", side=side)
        self.chart.add(flag, explained, "assessed_explained", side=side)
        for one in (hip,) if sided else self.person.hips:
            one.diverts("red_flag", on, explained)

    def _work_up(self, first: date, again: bool) -> date:
        """Imaging; the day on which its findings are known."""
        if not again:
            self.radiograph(self.chance.after(first, 0, 7))
        if again and not self.chance.happens(self.figures.imaged_again):
            return self.chance.after(first, 14, 42)
        imaged = self.chance.after(first, 10, 56)
        self.mri(imaged)
        return self.chance.after(imaged, 2, 21)

    def _diagnosis(self, hip: Hip, on: date) -> None:
        chart, chance = self.chart, self.chance
        hip.moves_to("conservative_care", on)
        self.review(hip, on, "Findings discussed")
        self.alternatives(hip, on)
        chart.add("ifi_diagnosis", on, "confirmed", side=hip.side)
        if chance.happens(self.figures.angles_measured):
            self.angles(hip, on)
        if chance.happens(self.figures.nsaid):
            self._prescribes(hip, on)

    def _prescribes(self, hip: Hip, on: date) -> None:
        """An anti-inflammatory medicine; most ask first for what would forbid it, and few miss a second one."""
        chart, chance, figures = self.chart, self.chance, self.figures
        if chance.happens(figures.reviewed_before_nsaid):
            self.attestations(on)
            self.not_pregnant(on)
        end = chance.after(on, 10, 28)
        if chance.happens(figures.second_nsaid):
            chart.lasts("other_nsaid", chance.after(on, -20, -1), end)
        chart.lasts("nsaid", on, end)
        chart.states("nsaid_benefit", end, "some" if chance.happens(figures.nsaid_helps) else "none", hip.side)

    # ---- conservative care ----

    def _programme(self, first: date, confirmed: date) -> Programme:
        chance, figures = self.chance, self.figures
        early = chance.happens(figures.exercise_before_diagnosis)
        start = chance.after(first, 0, 14) if early else chance.after(confirmed, 0, 14)
        short = chance.happens(figures.short_programme)
        end = chance.after(start, *((28, 70) if short else (100, 260)))
        adherent = chance.happens(figures.adherent)
        programme = Programme(start, end, start if adherent else None)
        self._exercise(programme)
        return programme

    def _exercise(self, programme: Programme) -> None:
        chart, chance, figures, start = self.chart, self.chance, self.figures, programme.start
        chart.add("physiotherapy", start - timedelta(days=3), kind=Kind.PLANNED)
        chart.lasts("exercise_therapy", start, programme.end)
        chart.lasts("physiotherapy", start, programme.end)
        strengthening = chance.happens(figures.strengthening)
        parts = {
            "pt_strengthening": strengthening,
            "pt_gait": not strengthening or chance.happens(figures.gait_training),
            "pt_stretching": chance.happens(figures.stretching),
            "pt_position_avoidance": True,
        }
        for part in (part for part, given in parts.items() if given):
            chart.add(part, start, True)

    def _adherence(self, programme: Programme, on: date) -> None:
        """Sessions planned and attended so far, and whether the home programme is kept."""
        weeks_so_far = programme.weeks_done(on)
        if not weeks_so_far:
            return
        kept = programme.kept_from is not None and on >= programme.kept_from
        share = self.chance.between(0.75, 1) if kept else self.chance.between(0.2, 0.6)
        attended = round(weeks_so_far * share + (0.4 if kept else -0.4))  # few sessions: not rounded over the line
        self.chart.add("sessions_planned", on, Decimal(weeks_so_far), unit="1")
        self.chart.add("sessions_attended", on, Decimal(attended), unit="1")
        self.chart.states("home_programme_kept", on, kept, None)

    def _conservative_care(self, hip: Hip, now: Progress, on: date) -> date:
        persists = self.review(hip, on)
        programme = now.programme
        self._adherence(programme, on)
        self._judges_injection(hip, now, on)
        if not persists:
            return self._recovers(hip, on) if now.relief_lasts(on) else self._next_review(on)
        if programme.kept_from is None or on > programme.end:
            self._mends_trial(hip, programme, on)
        if programme.weeks_kept(on) >= 6:
            hip.moves_to("injection", on)
            return self._next_review(on) if now.injected else self._considers_injection(hip, now, on)
        if now.injected is None and self.chance.happens(self.figures.out_of_order):
            return self._injects(hip, now, self.chance.after(on, 3, 35))
        return self._next_review(on)

    def _mends_trial(self, hip: Hip, programme: Programme, on: date) -> None:
        """A programme that was not kept, or was too short: a barrier is accepted, or it is taken up anew."""
        if on > programme.end:
            programme.earlier = programme.weeks_done(on)
            programme.start, programme.end = self.chance.after(on, 0, 14), self.chance.after(on, 110, 200)
            self._exercise(programme)
        if programme.kept_from is not None:
            return
        if self.chance.happens(self.figures.barrier_accepted):
            self.chart.add("adherence_barrier_accepted", on)
            programme.kept_from = on
        elif self.chance.happens(self.figures.kept_after_all):
            programme.kept_from = self.chance.after(on, 1, 20)
        if programme.kept_from is not None and hip.helped_by == "care":
            hip.pain.becomes(self._well(), programme.kept_from, self.chance.whole(50, 150))

    # ---- injection ----

    def _considers_injection(self, hip: Hip, now: Progress, on: date) -> date:
        chance = self.chance
        match chance.weighted(self.figures.choices["injection"]):
            case "declined":
                self.chart.add("image_guided_injection", on, side=hip.side, kind=Kind.DECLINED)
            case "not_possible":
                self.chart.add("injection_not_possible", on, True, side=hip.side)
            case "waits":
                self.chart.add("injection_hold", on, side=hip.side)
                return self._injects(hip, now, chance.after(on, 60, 120))
            case _:
                return self._injects(hip, now, chance.after(on, 3, 35))
        return self._next_review(on)

    def _injects(self, hip: Hip, now: Progress, on: date) -> date:
        """The injection: relief at once, less of it after two weeks, and for most it does not last."""
        chart, chance, figures = self.chart, self.chance, self.figures
        now.injected, now.before_injection, now.judged = on, hip.pain.at(on), False
        chart.visit(on, "Injection")
        self.screen(on - timedelta(days=2))
        chart.add("active_infection", on, "absent")
        guidance = chance.weighted(figures.choices["guidance"])
        injectate = chance.weighted(figures.choices["injectate"])
        chart.add("image_guided_injection", on, side=hip.side, guidance=guidance, injectate=injectate)
        at_once = chance.weighted(figures.choices["relief_at_once"])
        chart.add("injection_response", on, at_once, side=hip.side, moment="immediate")
        fall = chance.normal(figures.injection_fall_mean, figures.injection_fall_deviation, -0.2, 0.95)
        if hip.helped_by == "injection":
            hip.pain.becomes(self._well(), on, 30)
        elif hip.helped_by in ("surgery", "nothing"):
            hip.pain.becomes(max(hip.pain.at(on) * (1 - fall), 0.5), on, 10)
        return on + timedelta(days=14) + timedelta(days=chance.whole(0, 4))

    def _injection(self, hip: Hip, now: Progress, on: date) -> date:
        persists = self.review(hip, on)
        self._adherence(now.programme, on)
        self._judges_injection(hip, now, on)
        if not persists and now.relief_lasts(on):
            return self._recovers(hip, on)
        if persists and now.programme.weeks_kept(on) >= 13:
            return self._considers_surgery(hip, now, on)
        if persists and on > now.programme.end:
            self._mends_trial(hip, now.programme, on)
        return self._next_review(on)

    def _judges_injection(self, hip: Hip, now: Progress, on: date) -> None:
        """The response about two weeks after an injection, told once."""
        if now.injected is None or now.judged:
            return
        now.judged = True
        pain, _ = hip.readings[on]
        fall = (now.before_injection - pain) / max(now.before_injection, 1)
        words = {"worse": fall < -0.1, "none": fall < 0.3, "minimal": fall < 0.5, "substantial": True}
        word = next(word for word, fits in words.items() if fits)
        self.chart.add("injection_response", on, word, side=hip.side, moment="day_14")
        if hip.helped_by in ("surgery", "nothing"):
            hip.pain.becomes(now.before_injection, on, self.chance.whole(14, 60))
        if word in ("none", "worse"):  # the diagnosis is looked at again, flags and other causes included
            self.screen(on)
            self.alternatives(hip, on)

    # ---- surgery ----

    def _considers_surgery(self, hip: Hip, now: Progress, on: date) -> date:
        chart, chance = self.chart, self.chance
        hip.moves_to("surgical_evaluation", on)
        chart.add("surgical_referral", on, side=hip.side)
        now.opinion = chance.after(on, 14, 80)
        chart.visit(now.opinion, "Surgeon's opinion")
        chart.add("surgical_opinion", now.opinion, side=hip.side)
        if chance.happens(self.figures.examined_by_surgeon):
            self.examination(hip, now.opinion)
        return self._next_review(on)

    def _surgical_evaluation(self, hip: Hip, now: Progress, on: date) -> date:
        if now.planned is not None and on >= now.planned:
            return self._operates(hip, now, now.planned)
        if not self.review(hip, on):
            return self._recovers(hip, on)
        if now.planned is None and on >= now.opinion:
            self._decides_on_surgery(hip, now, on)
        if hip.stage == "long_term_care":
            return self.chance.after(on, 80, 100)
        following = self._next_review(on)
        return min(following, now.planned or following)

    def _decides_on_surgery(self, hip: Hip, now: Progress, on: date) -> None:
        """Once the surgeon has seen the hip: an operation, none, or nothing yet."""
        chance, figures = self.chance, self.figures
        decision = chance.weighted(figures.choices["surgery"])
        if decision == "done":
            earliest = on
            if now.injected is not None and not chance.happens(figures.surgery_too_soon_after_steroid):
                earliest = max(on, now.injected + timedelta(days=93))
            now.planned = chance.after(earliest, 14, 120)
        elif decision in ("declined", "unsuitable"):
            by = Asserter.PATIENT if decision == "declined" else Asserter.CLINICIAN
            self.chart.add("ifi_surgery", on, side=hip.side, kind=Kind.DECLINED, by=by)
            hip.moves_to("long_term_care", on)

    def _operates(self, hip: Hip, now: Progress, on: date) -> date:
        chart, chance, side = self.chart, self.chance, hip.side
        hip.moves_to("after_surgery", on)
        now.planned, now.surgery, now.seen_after_surgery = None, on, 0
        chart.visit(on, "Operation")
        self.screen(on - timedelta(days=5))
        self.attestations(on - timedelta(days=5))
        operation = chance.weighted(self.figures.choices["operation"])
        chart.add("mhhs", on - timedelta(days=5), self._mhhs(well=False), side=side, unit="{score}")
        chart.add("ifi_surgery", on, operation, side=side)
        chart.add("surgeon_instruction", on, side=side)
        chart.lasts("weight_bearing_restriction", on, on + weeks(6), side=side)
        hip.pain.becomes(self._well() if hip.helped_by == "surgery" else hip.pain.at(on) * 0.9, on, 80)
        if chance.happens(self.figures.flag_after_surgery):
            self._flag_after_surgery(hip, on)
        return on + AFTER_SURGERY[0]

    def _flag_after_surgery(self, hip: Hip, operated: date) -> None:
        flag = self.chance.weighted(self.figures.choices["flag_after_surgery"])
        on = self.chance.after(operated, 3, 30)
        explained = self.chance.after(on, 5, 40)
        self.chart.add(flag, on, "present", side=hip.side)
        self.chart.add(flag, explained, "assessed_explained", side=hip.side)
        hip.diverts("red_flag", on, explained)

    def _after_surgery(self, hip: Hip, now: Progress, on: date) -> date:
        chart, chance, figures = self.chart, self.chance, self.figures
        assert now.surgery is not None
        persists = self.review(hip, on, "Review after the operation")
        since = on - now.surgery
        now.seen_after_surgery += 1
        if since.days >= 90:
            chart.add("mhhs", on, self._mhhs(well=not persists), side=hip.side, unit="{score}")
        if not now.released and self._releases(since.days):
            now.released = True
            chart.add("surgeon_release", on, side=hip.side)
        if not persists and now.released:
            return self._recovers(hip, on)
        if persists and since.days > 180:
            chart.add("reassessment_after_surgery", on, side=hip.side)
            if chance.happens(figures.re_entry_when_not_helped):
                return self._re_enters(hip, now, on)
        left = AFTER_SURGERY[now.seen_after_surgery :]
        return now.surgery + left[0] if left else on + YEAR

    def _releases(self, days: int) -> bool:
        """Whether the surgeon releases a hip so many days after the operation."""
        return days > 150 or (days >= 90 and self.chance.happens(self.figures.released_at_three_months))

    def _re_enters(self, hip: Hip, now: Progress, on: date) -> date:
        """Back to the surgeon, or to conservative care in a new episode with a programme of its own."""
        chart, chance = self.chart, self.chance
        now.injected, now.surgery, now.released = None, None, False
        if chance.happens(self.figures.re_entry_to_surgeon):
            chart.add("re_entry", on, "surgical_evaluation", side=hip.side)
            return self._considers_surgery(hip, now, on)
        hip.moves_to("conservative_care", on)
        chart.add("re_entry", on, "conservative_care", side=hip.side)
        chart.add("episode_start", on, side=hip.side)
        chart.add("ifi_diagnosis", on, "confirmed", side=hip.side)
        start = chance.after(on, 0, 14)
        now.programme = Programme(start, chance.after(start, 100, 260), start)
        self._exercise(now.programme)
        return self._next_review(on)

    # ---- afterwards ----

    def _recovers(self, hip: Hip, on: date) -> date:
        hip.moves_to("recovery", on)
        return self.chance.after(on, 75, 130)

    def _recovery(self, hip: Hip, now: Progress, on: date) -> date | None:
        chance, figures = self.chance, self.figures
        if chance.happens(figures.relapse_at_review):
            hip.pain.becomes(chance.between(4.5, 8), on - timedelta(days=10), 8)
        persists = self.review(hip, on)
        if persists:
            if now.surgery is not None:
                hip.moves_to("after_surgery", on)
                hip.pain.becomes(self._well(), on, 60)
                return chance.after(on, 60, 120)
            self._once_more(hip, on)
            return None
        treated = now.surgery + 2 * YEAR if now.surgery else now.programme.start + YEAR
        if on >= treated and chance.happens(figures.closed_when_due):
            self._closes(hip, on)
            return None
        return chance.after(on, 90, 200)

    def _closes(self, hip: Hip, on: date) -> None:
        hip.moves_to("closed", on)
        self.chart.add("pathway_closed", on, side=hip.side)
        if self.chance.happens(self.figures.relapse_after_closure):
            self._once_more(hip, self.chance.after(on, 60, 700))

    def _once_more(self, hip: Hip, first: date) -> None:
        """Pain is back: a new episode, from evaluation on."""
        if first <= self.person.last:
            hip.pain.becomes(self.chance.between(4.5, 8), first - timedelta(days=20), 15)
            hip.helped_by = self.chance.weighted(self.figures.choices["helped_again_by"])
            self.tell([hip], first, again=True)

    def _long_term_care(self, hip: Hip, _: Progress, on: date) -> date:
        persists = self.review(hip, on)
        if not persists:
            return self._recovers(hip, on)
        return self.chance.after(on, 150, 200)

    # ---- from visit to visit ----

    def _walk(self, hip: Hip, now: Progress, day: date) -> None:
        """From one visit to the next until the story's last day, or until this episode is over."""
        if hip.helped_by == "care" and now.programme.kept_from is not None:
            hip.pain.becomes(self._well(), now.programme.start, self.chance.whole(50, 150))
        visits: Mapping[str, Callable[[Hip, Progress, date], date | None]] = {
            "conservative_care": self._conservative_care,
            "injection": self._injection,
            "surgical_evaluation": self._surgical_evaluation,
            "after_surgery": self._after_surgery,
            "recovery": self._recovery,
            "long_term_care": self._long_term_care,
        }
        following: date | None = self._next_review(day)
        while following is not None and following <= self.person.last:
            self.scores_at_home(hip, day, following)
            day = following
            following = visits[hip.stage](hip, now, day)

    def _next_review(self, on: date) -> date:
        """About six weeks on; now and then one is missed."""
        missed = self.chance.happens(self.figures.misses_a_review)
        return self.chance.after(on, 70, 100) if missed else self.chance.after(on, 33, 50)

    def _well(self) -> float:
        figures = self.figures
        return self.chance.normal(figures.pain_when_helped_mean, figures.pain_when_helped_deviation, 0, 2.5)

    def _mhhs(self, *, well: bool) -> Decimal:
        figures = self.figures
        mean = figures.mhhs_after_mean if well else figures.mhhs_before_mean
        return Decimal(round(self.chance.normal(mean, figures.mhhs_deviation, 10, 100)))
