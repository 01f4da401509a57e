"""How About me and talks felt to the demonstration's people; what its staff say each week."""

from datetime import timedelta
from itertools import takewhile
from random import Random

from deal.assessment.models import Assessment
from deal.assessment.pulse import Feels, Pulse
from deal.conversations.models import Conversation
from deal.conversations.pulse import TalkPulse
from deal.db import db, now, start_of, today, week_of
from deal.demo.life import Life
from deal.demo.rows import words
from deal.kpis.weekly import BusinessAnswer, CoachHours, Hurts

SAYS = (*[Feels.YES] * 7, Feels.NOT_SURE, Feels.NO)


def say_how_it_felt(life: Life) -> None:
    """Most answer, and most of those say yes."""
    chance = Random(f"felt {life.seed} {life.number}")

    def of(table):
        return list(takewhile(lambda row: row["resident_id"] == life.id, reversed(life.rows.waiting[table])))

    for way in of(Assessment):
        if way["finished_at"] and chance.random() < 0.8:
            said = {"at": way["finished_at"] + timedelta(minutes=2), "feels": chance.choice(SAYS)}
            life.rows.add(Pulse, resident_id=life.id, assessment_id=way["id"], **said)
    for talk in of(Conversation):
        for by, later, share in ((talk["coach_id"], 0, 0.7), (life.id, 26, 0.5)):
            at, feels = talk["written_at"] + timedelta(hours=later), chance.choice(SAYS)
            if chance.random() < share and at < now():
                life.rows.add(TalkPulse, conversation_id=talk["id"], by_id=by, feels=feels, at=at)


def tell_each_week(staff: list[int], weeks: int) -> None:
    """The manager's answers, the last for this week, and the first coaches' hours in the weeks before."""
    chance, this_week = Random("weeks"), week_of(today())
    told = words()["weekly"]
    for back in range(weeks):
        monday = this_week - timedelta(weeks=back)
        said = told[back % len(told)]
        row = {"words": said["words"], "language": "en", "by_id": staff[0], "at": start_of(monday)}
        db.session.add(BusinessAnswer(week=monday, hurts=Hurts(said["hurts"]), **row))
        hours = {coach: chance.randrange(5, 14) for coach in staff[1:5]} if back else {}
        db.session.add_all(CoachHours(coach_id=one, week=monday, hours=number) for one, number in hours.items())
