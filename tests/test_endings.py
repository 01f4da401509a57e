"""Who stands on which list: one table of endings and lists, and what closes with somebody's pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from deal.assessment.models import FirstTalkWait
from deal.blockers.models import Blocker, Heading
from deal.caseload.assignments import count_of, people_of
from deal.caseload.desk import letters_to_renew, lists_for
from deal.clock import now, start_of, today
from deal.contact.models import Standing
from deal.conversations.models import words_to_come
from deal.db import db
from deal.invitations.models import Invitation
from deal.kpis.snapshots import NUMBERS
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.people import Person, without_a_coach
from tests.people import (
    PIN,
    begin_about_me,
    finish_about_me,
    invite,
    keep,
    make_blocker,
    make_goal,
    make_heading,
    make_promise,
    make_talk,
    pass_on,
    share_goal,
)

ENDINGS = ("here", "not now", "moved", "moved long ago", "died")
STANDS = {
    # list: for which endings somebody stands on it
    "today": "here, not now",
    "today's promises": "here, not now",
    "words to come": "here, not now",
    "letters astray": "here, not now",
    "moves and cover by number": "here, not now",
    "people without a coach": "here, not now",
    "goal of the week": "here",
    "waiting": "here",
    "people": "here, not now, moved",
    "papers for several": "here, not now, moved",
    "letters": "here, not now, moved",
    "the coach's pages": "here, not now, moved",
    "signing in": "here, not now, moved",
    "asks": "here, not now, moved",
    "number of asks": "here, not now, moved",
    "one ask": "here, not now, moved",
    # what they said still says something about the landlord; never where somebody has died
    "board": "here, not now, moved, moved long ago",
    "under a heading": "here, not now, moved, moved long ago",
    "count under a heading": "here, not now, moved, moved long ago",
    "what to unblock": "here, not now, moved, moved long ago",
    "figure of blockers": "here, not now, moved, moved long ago",
    "figure of own words": "here, not now, moved, moved long ago",
}


class House:
    """Nia with something for every list, and how each list is asked for her."""

    def __init__(self, visit: Any, nia: Person, sam: Person, morgan: Person) -> None:
        self.visit, self.nia, self.sam, self.morgan = visit, nia, sam, morgan
        finish_about_me(nia)
        share_goal(make_goal(nia, "a bike of my own"))
        make_promise(nia, by=sam)
        pass_on(make_blocker(nia), "Nobody has the loose key.")
        self.heading = make_heading(morgan, "Keys")
        pass_on(make_blocker(nia, heading_id=self.heading.id), "Nobody has the gathered key.")
        self.ask = keep(
            ManagerRequest(resident_id=nia.id, kind=RequestKind.SOMETHING_WRONG, words="the lift", language="en")
        )
        self.mo, _code = invite("Mo", sam)
        (letter,) = db.session.scalars(select(Invitation).filter_by(resident_id=self.mo.id))
        letter.not_me_at = now()
        db.session.commit()

    def end(self, how: str) -> None:
        for one in (self.nia, self.mo):
            phone, coach = self.visit(one), self.visit(self.sam)
            if how == "not now":
                phone.press("I don't need this now", on=f"/residents/{one.id}/not-now")
            elif how != "here":
                coach.press("Save", on=f"/residents/{one.id}/change", standing=how.split()[0])
            if how == "moved long ago":
                one.closes_at = now() - timedelta(minutes=1)
                db.session.commit()

    def says(self, who: Person, path: str, words: str) -> bool:
        return words in self.visit(who).get(path).html

    def opens(self, who: Person, path: str) -> bool:
        return self.visit(who).send("GET", path).status_code == 200

    def signs_in(self) -> bool:
        phone = self.visit()
        data = {"csrf_token": phone.token(), "name": self.nia.sign_in_name, "pin": PIN}
        return phone.send("POST", "/sign-in", data).status_code == 303

    def lacks_a_coach(self) -> bool:
        """When Sam has left."""
        self.sam.closes_at = now()
        db.session.commit()
        count, self.sam.closes_at = count_of(without_a_coach()), None
        db.session.commit()
        return count > 0

    def writes_later(self) -> bool:
        make_talk(self.nia, self.sam, words=None)
        return bool(words_to_come(self.sam).rows)

    def figures(self, name: str) -> Any:
        return NUMBERS[name].count(start_of(today()) - timedelta(days=3), start_of(today()) + timedelta(days=3))


LISTS: dict[str, Callable[[House], bool]] = {
    "today": lambda house: any(one.lines for one in lists_for(house.sam)),
    "today's promises": lambda house: any(line.promise_due_on for one in lists_for(house.sam) for line, _ in one.lines),
    "letters astray": lambda house: bool(letters_to_renew(house.sam).rows),
    "moves and cover by number": lambda house: count_of(people_of(house.sam)) > 0,
    "people without a coach": House.lacks_a_coach,
    "goal of the week": lambda house: house.says(house.morgan, "/numbers", "a bike of my own"),
    "waiting": lambda house: house.figures("wait").waiting > 0,
    "people": lambda house: house.says(house.sam, "/people", "Nia"),
    "papers for several": lambda house: house.says(house.sam, "/prints", "Nia"),
    "letters": lambda house: house.says(house.sam, "/invitations", "Nia"),
    "the coach's pages": lambda house: house.opens(house.sam, f"/residents/{house.nia.id}"),
    "signing in": House.signs_in,
    "asks": lambda house: house.says(house.morgan, "/asks", "Nia"),
    "number of asks": lambda house: house.says(house.morgan, "/numbers", "1 resident asks you for something"),
    "one ask": lambda house: house.opens(house.morgan, f"/asks/{house.ask.id}"),
    "board": lambda house: house.says(house.morgan, "/asks", "Nobody has the loose key."),
    "under a heading": lambda house: house.says(
        house.morgan, f"/blockers/headings/{house.heading.id}", "Nobody has the gathered key."
    ),
    "count under a heading": lambda house: house.says(house.morgan, "/asks", "1 comment"),
    "what to unblock": lambda house: house.says(house.morgan, "/numbers", "no owner and no answer"),
    "figure of blockers": lambda house: house.figures("blockers").open == 2,
    "words to come": House.writes_later,
    "figure of own words": lambda house: house.figures("own_words").live == 1,
}


@pytest.mark.parametrize("how", ENDINGS)
def test_who_stands_on_which_list(visit, nia, sam, morgan, how):
    house = House(visit, nia, sam, morgan)
    house.end(how)
    wrong = {
        name: stands
        for name, asked in LISTS.items()
        if (stands := asked(house)) is not (how in STANDS[name].split(", "))
    }
    assert not wrong


def test_the_table_is_whole():
    assert set(STANDS) == set(LISTS)


def test_nobody_gathers_what_somebody_said_who_has_died(visit, nia, sam, morgan):
    """The page was open when it happened."""
    house = House(visit, nia, sam, morgan)
    manager = visit(morgan)
    manager.get("/asks")
    loose = db.session.scalars(select(Blocker).where(Blocker.heading_id.is_(None))).one()
    house.end("died")
    manager.press("Put them under the heading", 422, blocker=[loose.mark], words="Mine")
    assert not db.session.scalars(select(Heading).where(Heading.words == "Mine")).all()


def test_whoever_moved_before_finishing_about_me_never_waits(visit, nia, sam):
    """They can sign in for a while and finish it; nobody is asked to ring them."""
    about_me = begin_about_me(nia)
    visit(sam).press("Save", on=f"/residents/{nia.id}/change", standing=Standing.MOVED.value)
    finish_about_me(nia)
    assert about_me.finished_at and not db.session.scalars(select(FirstTalkWait)).all()
