"""Where each page of Deal is, for guards that walk through all of them."""

from typing import Any

from flask import Flask, url_for
from sqlalchemy import select

from deal.accounts.auth_models import OneTimeKind, SignIn
from deal.accounts.invitation_models import Invitation
from deal.assessment.models import Answer, Assessment
from deal.assessment.questions import Question
from deal.clock import now
from deal.conversations.models import Ask, Conversation
from deal.db import db
from deal.deals.models import Deal, Promise, Side
from deal.goals.models import Goal, Step, Wording
from deal.learning.models import Blocker, Heading
from deal.people import Coaching, Person
from deal.summaries.prints import PrintJob
from tests.people import invite, make_one_time_code

# the pages that print
PAPERS = {"paper", "booklet", "empty_booklet", "deal_now", "deal", "visit", "what_i_did", "postcard", "sign_in_card"}


def method_of(app: Flask, endpoint: str) -> str:
    return "POST" if "POST" in (next(app.url_map.iter_rules(endpoint)).methods or ()) else "GET"


class Places:
    """The addresses of one resident's pages, and of those that are nobody's; her story is a full one."""

    def __init__(self, app: Flask, resident: Person, coach: Person) -> None:
        self.app = app
        goal = self._first(select(Goal).filter_by(resident_id=resident.id))
        self.talk = self._first(select(Conversation).filter_by(resident_id=resident.id))
        self.about_me = self._first(select(Assessment).filter_by(resident_id=resident.id))
        typed = self._first(select(Wording).filter_by(goal_id=goal.id, typed_by_id=coach.id))
        hers = Answer.resident_id == resident.id, Answer.superseded_at.is_(None)
        mo, self.letter = invite("Mo", coach)
        self._first(select(Invitation).filter_by(resident_id=mo.id)).agreed_at = now()
        self.link = make_one_time_code(coach, OneTimeKind.JOIN)
        self.values: dict[str, Any] = {
            "resident_id": resident.id,
            "key": "proud",
            "goal_id": goal.id,
            "wording_id": typed.id,
            "typed_id": typed.id,
            "ask_id": self._first(select(Ask).filter_by(resident_id=resident.id)).id,
            "step_id": self._first(select(Step).filter_by(goal_id=goal.id)).id,
            "promise_id": self._first(select(Promise).filter_by(resident_id=resident.id, side=Side.LANDLORD)).id,
            "deal_id": self._first(select(Deal).filter_by(resident_id=resident.id)).id,
            "side": "landlord",
            "place": "rent",
            "undo_id": 1,
            "kind": "answer",
            "said_id": self._first(select(Answer).where(*hers)).id,
            "answer_id": self._first(
                select(Answer).join(Answer.question).where(*hers, Question.key == "landlord-do")
            ).id,
            "blocker_id": self._first(select(Blocker).filter_by(resident_id=resident.id).order_by(Blocker.id)).id,
            "heading_id": self._first(select(Heading)).id,
            "chosen": "cy",
            "size": 2,
            "which": "draft",
            "how": "words",
            "version": 1,
            "person_id": coach.id,
            "coach_id": coach.id,
            "coaching_id": self._first(select(Coaching).filter_by(resident_id=resident.id)).id,
            "print_id": self._first(select(PrintJob).filter_by(asked_by_id=resident.id)).id,
            "part": 0,
            "sign_in_id": self._first(select(SignIn).filter_by(person_id=resident.id)).id,
            "filename": "deal.css",
        }

    @staticmethod
    def _first(query: Any) -> Any:
        return db.session.scalars(query.limit(1)).one()

    def address(self, endpoint: str, **others: Any) -> str:
        """The address of an endpoint; talks and About me both count in `number`, letters and links have a `code`."""
        number = self.talk.id if endpoint.startswith("conversations.") else self.about_me.id
        code = self.link if endpoint in ("accounts.join", "accounts.set_password") else self.letter
        typed = {"privacy.not_mine", "privacy.say_it_myself"}
        kind = {"kind": "wording"} if endpoint in typed else {}
        values = self.values | {"number": number, "code": code} | kind | others
        needed = next(self.app.url_map.iter_rules(endpoint)).arguments
        with self.app.test_request_context():
            return url_for(endpoint, **{name: values[name] for name in needed})
