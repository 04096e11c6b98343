"""The stories of hips without ischiofemoral impingement: another cause, a narrow space that never hurt, a child, an
implant, an old fracture, or nothing at all.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from ischio.record.events import Kind
from ischio.synthesis.people import NOT_ON_PATHWAY, Hip
from ischio.synthesis.visits import Clinic

FLAGS = {"stress_fracture": "flag_stress_fracture", "nerve_tumour": "flag_mass"}
"""Causes that first show as a red flag."""


class Elsewhere(Clinic):
    """Tells the story of a person without ischiofemoral impingement."""

    def tell(self) -> None:
        kind, _, cause = self.person.condition.partition(": ")
        affected = [hip for hip in self.person.hips if hip.condition == self.person.condition]
        match kind:
            case "mimic":
                self._mimic(affected[0], cause)
            case "outside":
                self._outside(affected[0], cause)
            case "narrow":
                self._narrow()
            case "healthy":
                self._healthy()
            case _:
                raise ValueError(kind)

    # ---- another cause ----

    def _mimic(self, hip: Hip, cause: str) -> None:
        chance, figures = self.chance, self.figures
        first = self.person.first_visit
        self._complaint(hip, first)
        if cause == "muscle_injury":
            self.chart.add("acute_muscle_injury", first, side=hip.side)
            hip.muscle_change = True
        suspected = chance.happens(figures.suspected_at_first_visit)
        if suspected:
            self.chart.add("ifi_diagnosis", first, "suspected", side=hip.side)
        self.radiograph(chance.after(first, 0, 7))
        imaged = chance.after(first, 10, 56)
        self.mri(imaged)
        found = chance.after(imaged, 3, 60)
        if chance.happens(figures.cause_found):
            self._found(hip, cause, first, found, suspected=suspected)
        else:
            self._not_found(hip, found)

    def _complaint(self, hip: Hip, on: date) -> None:
        hip.moves_to("evaluation", on)
        self.chart.visit(on, "Pain of the hip")
        self.history(hip, on)
        self.score(hip, on)
        self.examination(hip, on)
        self.screen(on)
        self.attestations(on)
        self.not_pregnant(on)

    def _not_found(self, hip: Hip, on: date) -> None:
        """Nobody has named the cause yet; it is looked for on."""
        while on <= self.person.last:
            self.review(hip, on)
            on = self.chance.after(on, 40, 110)

    def _found(self, hip: Hip, cause: str, first: date, on: date, *, suspected: bool) -> None:
        self.review(hip, on, "Findings discussed")
        self.alternatives(hip, on, cause=cause)
        if suspected and self.chance.happens(self.figures.suspicion_taken_back):
            self.chart.add("ifi_diagnosis", on, "refuted", side=hip.side)
        if cause in FLAGS:
            self.chart.add(FLAGS[cause], first, "present", side=hip.side)
            self.chart.add(FLAGS[cause], on, "assessed_explained", side=hip.side)
            hip.diverts("red_flag", first, on)
        hip.diverts("other_cause", on, self._treated(hip, on))

    def _treated(self, hip: Hip, found: date) -> date:
        """The cause is treated, and most hurt less and less. The day on which it is settled, if it ever is."""
        settled = date.max
        persists = self.chance.happens(self.figures.cause_treated_symptoms_persist)
        hip.pain.becomes(5.5 if persists else 0, found, self.chance.whole(60, 300))
        for day in self._seen_again(hip, self.chance.after(found, 60, 140)):
            if persists and settled == date.max:
                settled = day
                self.chart.add("other_cause_outcome", day, "treated", side=hip.side)
        return settled

    def _seen_again(self, hip: Hip, day: date) -> Iterator[date]:
        """Reviews every few months, until the hip no longer hurts."""
        while day <= self.person.last:
            self.review(hip, day)
            yield day
            pain, _ = hip.readings[day]
            if pain == 0:
                self.no_pain(hip, day)
                hip.moves_to(NOT_ON_PATHWAY, day)
                return
            day = self.chance.after(day, 60, 160)

    # ---- outside the pathway ----

    def _outside(self, hip: Hip, cause: str) -> None:
        first = self.person.first_visit
        if cause == "child":
            self._child(hip, first)
            return
        before = first - timedelta(days=self.chance.whole(200, 3000))
        self.chart.add(cause, before, side=hip.side)
        hip.diverts("outside_pathway", before)
        self._hurts_until(hip, first)

    def _child(self, hip: Hip, first: date) -> None:
        birth = self.person.birth
        grown = date(birth.year + 18, birth.month, min(birth.day, 28))
        for one in self.person.hips:
            one.diverts("outside_pathway", birth, grown)
        self._hurts_until(hip, first)

    def _hurts_until(self, hip: Hip, first: date) -> None:
        """A complaint that is looked at by a specialist and passes."""
        self._complaint(hip, first)
        self.radiograph(self.chance.after(first, 0, 10))
        self.chart.add("specialist_referral", first, side=hip.side)
        hip.pain.becomes(0, first + timedelta(days=30), self.chance.whole(100, 500))
        for _ in self._seen_again(hip, self.chance.after(first, 40, 100)):
            pass

    # ---- without a complaint ----

    def _narrow(self) -> None:
        """A narrow space, found when the pelvis was imaged for something else."""
        first = self.person.first_visit
        self.chart.visit(first, "Imaging for another reason")
        self.mri(first)
        day = first
        while day <= self.person.last:
            for hip in self.person.hips:
                self.no_pain(hip, day)
            day = self.chance.after(day, 150, 500)

    def _healthy(self) -> None:
        """Seen for something else; asked about the hips now and then."""
        first = self.person.first_visit
        self.chart.visit(first, "Check-up")
        for hip in self.person.hips:
            self.no_pain(hip, first)
        if self.chance.happens(self.figures.radiograph_of_healthy):
            self.chart.add("radiograph_hip_pelvis", first, kind=Kind.PLANNED)
            self.radiograph(self.chance.after(first, 0, 10))
