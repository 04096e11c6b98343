"""What is asked, found and written at a visit, whatever the story: history, examination, scores, imaging, reviews."""

from datetime import date, timedelta
from decimal import Decimal

from ischio.record.events import EventSide, Kind
from ischio.synthesis.chance import Chance
from ischio.synthesis.figures import Figures
from ischio.synthesis.people import Hip, Person

TYPICAL_PLACES = ("lower_buttock", "lower_buttock", "sit_bone", "groin", "posterior_thigh", "medial_thigh")
OTHER_PLACES = ("lateral_hip", "low_back", "elsewhere")
TYPICAL_PROVOCATIONS = ("long_strides", "fast_walking", "running", "external_rotation_extension", "adduction")
CORE_ALTERNATIVES = ("lumbar_radiculopathy", "lumbar_stenosis", "intra_articular", "stress_fracture", "hamstring")
MECHANICAL = ("snapping", "catching", "leg_radiation", "none")
PERSISTENT_FROM = 4
"""Pain that counts as persistent; the parameter pain_persistent_from of the pathway."""


class Clinic:
    """Writes visits of one person into their chart."""

    def __init__(self, person: Person, chance: Chance, figures: Figures) -> None:
        self.person = person
        self.chart = person.chart
        self.chance = chance
        self.figures = figures

    # ---- what the person says ----

    def history(self, hip: Hip, on: date) -> None:
        """Where it hurts, since when, what brings it on; that the other hip does not hurt."""
        chart, chance, figures, side = self.chart, self.chance, self.figures, hip.side
        ifi = hip.condition == "ifi"
        chart.states("regional_pain", on, "present", side)
        typical = chance.happens(figures.typical_place_in_ifi if ifi else figures.typical_place_in_mimics)
        chart.add("pain_location", on, chance.one_of(TYPICAL_PLACES if typical else OTHER_PLACES), side=side)
        provoked = chance.happens(figures.typical_provocation_in_ifi if ifi else figures.typical_provocation_in_mimics)
        by = chance.one_of(TYPICAL_PROVOCATIONS) if provoked else "none_of_these"
        chart.add("pain_provoked_by", on, by, side=side)
        if chance.happens(figures.mechanical_symptoms):
            chart.add("mechanical_symptoms", on, chance.one_of(MECHANICAL), side=side)
        other = self.person.other(hip)
        if other.pain.at(on) == 0:
            self.no_pain(other, on)

    def no_pain(self, hip: Hip, on: date) -> None:
        """The hip does not hurt, and if it never did the person says so."""
        self.chart.states("regional_pain", on, "absent", hip.side)
        if hip.condition in ("narrow", "healthy"):
            self.chart.states("earlier_symptoms", on, "absent", hip.side)

    def score(self, hip: Hip, on: date, *, whole: bool = True) -> bool:
        """The person scores pain and function in a form. Whether symptoms persist. whole: with function."""
        if on not in hip.readings:
            pain = round(self.chance.normal(hip.pain.at(on), self.figures.pain_reading_deviation, 0, 10))
            low = pain < PERSISTENT_FROM
            share = self.figures.acceptable_below_four if low else self.figures.acceptable_from_four
            hip.readings[on] = pain, self.chance.happens(share)
            self._answers(hip, on, whole)
        pain, acceptable = hip.readings[on]
        return pain >= PERSISTENT_FROM or not acceptable

    def _answers(self, hip: Hip, on: date, whole: bool) -> None:
        pain, acceptable = hip.readings[on]
        self.chart.states("pain_score", on, Decimal(pain), hip.side, "{score}")
        self.chart.states("acceptable_state", on, acceptable, hip.side)
        if whole:
            figures = self.figures
            steps = pain - figures.pain_before_mean
            mean = figures.ihot12_before_mean - figures.ihot12_for_each_point_of_pain * steps
            total = self.chance.normal(mean, figures.ihot12_deviation, 0, 100)
            self.chart.states("ihot12", on, _tenths(total), hip.side, "{score}")

    # ---- what a clinician finds ----

    def examination(self, hip: Hip, on: date) -> None:
        chance, figures, side = self.chance, self.figures, hip.side
        ifi = hip.condition == "ifi"
        stride = figures.stride_test_positive_in_ifi if ifi else 1 - figures.stride_test_negative_in_others
        test = figures.ifi_test_positive_in_ifi if ifi else 1 - figures.ifi_test_negative_in_others
        self.chart.add("long_stride_walking_test", on, _sign(chance.happens(stride)), side=side)
        self.chart.add("ifi_test", on, _sign(chance.happens(test)), side=side)
        nerve = chance.happens(figures.sciatic_signs_in_ifi if ifi else figures.sciatic_signs_in_others)
        self.chart.add("sciatic_signs", on, "present" if nerve else "absent", side=side)
        spasm = chance.happens(figures.spasm)
        self.chart.add("muscle_spasm", on, "present" if spasm else "absent", side=side)

    def screen(self, on: date) -> None:
        """The red-flag form; what it does not name is absent."""
        self.chart.add("red_flag_screen", on)

    def attestations(self, on: date) -> None:
        for name in ("medicines_reviewed", "conditions_reviewed", "allergies_reviewed"):
            self.chart.add(name, on)

    def not_pregnant(self, on: date) -> None:
        if self.person.sex == "female" and self.person.age_on(on) < 56:
            self.chart.add("pregnancy", on, "not_pregnant")

    def alternatives(self, hip: Hip, on: date, *, cause: str | None = None) -> None:
        """The form on other causes, with the cause if one was found."""
        self.chart.add("minor_alternatives_considered", on, side=hip.side)
        for name in CORE_ALTERNATIVES:
            value = self.chance.weighted(self.figures.choices["alternative"])
            self.chart.add(f"alternative_{name}", on, "main_cause" if name == cause else value, side=hip.side)
        if cause is not None and cause not in CORE_ALTERNATIVES:
            self.chart.add("alternative_other", on, "main_cause", side=hip.side)

    # ---- imaging ----

    def radiograph(self, on: date) -> None:
        self.chart.add("radiograph_hip_pelvis", on, side=EventSide.BOTH)

    def mri(self, on: date) -> None:
        """Both hips are imaged and measured, in one position of the legs."""
        chart, chance, figures = self.chart, self.chance, self.figures
        ordered = on - timedelta(days=chance.whole(3, 30))
        chart.add("mri_hip_pelvis", ordered, side=EventSide.BOTH, kind=Kind.PLANNED)
        chart.add("mri_hip_pelvis", on, side=EventSide.BOTH)
        position = chance.weighted(figures.choices["leg_position"])
        for hip in self.person.hips:
            for name, space in (("ischiofemoral_space", hip.ifs), ("quadratus_femoris_space", hip.qfs)):
                width = _tenths(space)
                chart.add(name, on, width, side=hip.side, unit="mm", modality="mri", leg_position=position)
            oedema = "present" if hip.muscle_change else "absent"
            chart.add("quadratus_femoris_oedema", on, oedema, side=hip.side, modality="mri")
            if hip.muscle_change and chance.happens(figures.fatty_as_well):
                chart.add("quadratus_femoris_fatty_change", on, "present", side=hip.side, modality="mri")
            if self.narrow(hip) and chance.happens(figures.called_narrow):
                chart.add("space_reported_narrow", on, True, side=hip.side, modality="mri")
            if self.narrow(hip) and hip.condition in ("narrow", "healthy"):
                hip.diverts("narrow_not_symptomatic", on)

    def narrow(self, hip: Hip) -> bool:
        return round(hip.ifs, 1) <= self.figures.narrow_ifs or round(hip.qfs, 1) <= self.figures.narrow_qfs

    def angles(self, hip: Hip, on: date) -> None:
        figures = self.figures
        version = self.chance.normal(figures.version_mean, figures.version_deviation, -10, 55)
        neck = self.chance.normal(figures.neck_shaft_mean, figures.neck_shaft_deviation, 110, 155)
        self.chart.add("femoral_version", on, _tenths(version), side=hip.side, unit="deg", method="murphy")
        self.chart.add("neck_shaft_angle", on, _tenths(neck), side=hip.side, unit="deg")

    # ---- reviews ----

    def review(self, hip: Hip, on: date, what_for: str = "Review of the hip") -> bool:
        """A visit at which the hip is reviewed and scored. Whether symptoms persist."""
        self.chart.visit(on, what_for)
        self.chart.add("review", on, side=hip.side)
        other = self.person.other(hip)
        if other.pain.at(on) == 0 and self.chance.happens(self.figures.other_hip_asked_about):
            self.no_pain(other, on)
        return self.score(hip, on)

    def scores_at_home(self, hip: Hip, since: date, until: date) -> None:
        """Those who answer at home score their pain once a month between two visits."""
        if self.person.answers_at_home:
            day = since + timedelta(days=30)
            while day < until - timedelta(days=10):
                self.score(hip, day, whole=False)
                day += timedelta(days=30)


def _tenths(number: float) -> Decimal:
    return Decimal(round(number * 10)) / 10


def _sign(positive: bool) -> str:
    return "positive" if positive else "negative"
