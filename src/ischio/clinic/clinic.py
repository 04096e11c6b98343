"""All that the clinic's application does, made once when the service starts."""

from ischio.clinic.charts import Charts
from ischio.clinic.declines import Declines
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.people import People
from ischio.clinic.standings import Standings
from ischio.store.store import Store


class Clinic:
    """May be used by many threads at once."""

    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        self.store, self.knowledge = store, knowledge
        self.standings = Standings(store, knowledge)
        self.people = People(store, self.standings)
        self.charts = Charts(store, knowledge, self.standings)
        self.declines = Declines(store, knowledge)
