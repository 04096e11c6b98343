"""All that the clinic's application does, made once when the service starts."""

from ischio.clinic.charts import Charts
from ischio.clinic.declines import Declines
from ischio.clinic.diary import Diary
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.links import Lasts, Links
from ischio.clinic.past import Past
from ischio.clinic.people import People
from ischio.clinic.questionnaires import Questionnaires
from ischio.clinic.release import Releases
from ischio.clinic.reminders import Reminders
from ischio.clinic.standings import Standings
from ischio.clinic.transfer import Transfer
from ischio.store.store import Store


class Clinic:
    """May be used by many threads at once. lasts: how long links and the devices of patients last."""

    def __init__(self, store: Store, knowledge: Knowledge, lasts: Lasts = Lasts()) -> None:  # noqa: B008  # frozen
        self.store, self.knowledge = store, knowledge
        self.standings = Standings(store, knowledge)
        self.people = People(store, self.standings)
        self.charts = Charts(store, knowledge, self.standings)
        self.past = Past(store, knowledge)
        self.transfer = Transfer(store, knowledge, self.people)
        self.declines = Declines(store, knowledge)
        self.questionnaires = Questionnaires(store, knowledge, self.standings)
        self.releases = Releases(store, knowledge)
        self.diary = Diary(store, knowledge, self.charts)
        self.links = Links(store, lasts)
        self.reminders = Reminders(store, knowledge, self.releases, self.links)
