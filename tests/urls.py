"""Every endpoint, one row each: who may open it, what it answers with, and how its address is made.

The table stands here by hand, as DESIGN.md has it. Guards that walk through all pages take them from it.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
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
from deal.summaries.models import PrintJob
from tests.people import invite, make_one_time_code

# the visitors: nobody, Nia whose rows they are, another resident, Nia's coach, another coach, the manager
VISITORS = ("nobody", "nia", "amina", "sam", "joe", "morgan")
EVERYBODY = set(VISITORS)
OWN = {"nia"}
OWN_AND_COACH = {"nia", "sam"}
HER_COACH = {"sam"}
COACHES = {"sam", "joe"}
MANAGER = {"morgan"}
ALL_SIGNED_IN = EVERYBODY - {"nobody"}

PAGE, FILE, PAPER = "page", "file or a way back", "print"


@dataclass(frozen=True)
class Endpoint:
    """A row of the table; what stands in its address (two are attributes of `Places`)."""

    who: Set[str]
    gives: str = PAGE
    number: str = "about_me"
    code: str = "letter"
    kind: str = "answer"


ENDPOINTS = {
    # signing in and out, letters, links: for everybody
    "accounts.code": Endpoint(EVERYBODY),
    "accounts.use_code": Endpoint(EVERYBODY),
    "accounts.welcome": Endpoint(EVERYBODY),
    "accounts.is_it_me": Endpoint(EVERYBODY),
    "accounts.not_me": Endpoint(EVERYBODY),
    "accounts.no_thanks": Endpoint(EVERYBODY),
    "accounts.choose_pin": Endpoint(EVERYBODY),
    "accounts.set_pin": Endpoint(EVERYBODY),
    "accounts.sign_in": Endpoint(EVERYBODY),
    "accounts.let_resident_in": Endpoint(EVERYBODY),
    "accounts.staff_sign_in": Endpoint(EVERYBODY),
    "accounts.let_staff_in": Endpoint(EVERYBODY),
    "accounts.sign_out": Endpoint(EVERYBODY),
    "accounts.forget": Endpoint(EVERYBODY),
    "accounts.new_pin": Endpoint(EVERYBODY),
    "accounts.set_new_pin": Endpoint(EVERYBODY),
    "accounts.join": Endpoint(EVERYBODY, code="link"),
    "accounts.set_password": Endpoint(EVERYBODY, code="link"),
    "home.index": Endpoint(EVERYBODY),
    "home.help_now": Endpoint(EVERYBODY),
    "home.privacy": Endpoint(EVERYBODY),
    "home.more": Endpoint(EVERYBODY),
    "home.manifest": Endpoint(EVERYBODY, FILE),
    "home.timeline": Endpoint(OWN_AND_COACH),
    "home.change": Endpoint(HER_COACH),
    "home.keep_phone": Endpoint(HER_COACH),
    "home.plan_chat": Endpoint(HER_COACH),
    "summaries.print_page": Endpoint(OWN_AND_COACH),
    "home.language": Endpoint(EVERYBODY, FILE),
    "home.text_size": Endpoint(EVERYBODY, FILE),
    "static": Endpoint(EVERYBODY, FILE),
    # whoever is signed in: their own
    "accounts.account": Endpoint(ALL_SIGNED_IN),
    "accounts.change_secret": Endpoint(ALL_SIGNED_IN),
    "accounts.end_other_sign_ins": Endpoint(ALL_SIGNED_IN),
    # the resident alone
    "accounts.agree_again": Endpoint(OWN),
    "accounts.card_picture": Endpoint(OWN, FILE),
    "accounts.card": Endpoint(OWN),
    "accounts.end_sign_in": Endpoint(OWN),
    "conversations.felt": Endpoint(OWN, number="talk"),
    "accounts.seen_coach": Endpoint(OWN),
    "assessment.about_me": Endpoint(OWN),
    "assessment.start": Endpoint(OWN),
    "assessment.question": Endpoint(OWN),
    "assessment.answer": Endpoint(OWN),
    "assessment.check": Endpoint(OWN),
    "assessment.finished": Endpoint(OWN),
    "assessment.done": Endpoint(OWN),
    "assessment.helped": Endpoint(OWN),
    "assessment.begin_help": Endpoint(OWN),
    "conversations.clear_reach": Endpoint(OWN),
    "conversations.cannot_make_it": Endpoint(OWN),
    "conversations.chat_file": Endpoint(OWN, FILE),
    "conversations.keep_reach": Endpoint(OWN),
    "assessment.felt": Endpoint(OWN),
    "conversations.reach": Endpoint(OWN),
    "conversations.ring_me": Endpoint(OWN),
    "conversations.not_now": Endpoint(OWN),
    "conversations.say_not_now": Endpoint(OWN),
    "deals.kept": Endpoint(OWN),
    "goals.mine": Endpoint(OWN),
    "goals.share": Endpoint(OWN),
    "learning.pass_on": Endpoint(OWN),
    "learning.take_back": Endpoint(OWN),
    "privacy.ask_take_back": Endpoint(OWN),
    "privacy.keep_never": Endpoint(OWN),
    "privacy.looks": Endpoint(OWN),
    "privacy.never": Endpoint(OWN),
    "privacy.not_mine": Endpoint(OWN, kind="wording"),
    "privacy.say_it_myself": Endpoint(OWN, kind="wording"),
    "privacy.taken_back": Endpoint(OWN),
    "privacy.words": Endpoint(OWN),
    "summaries.choose": Endpoint(OWN),
    # a print opens to whoever asked for it: this one is hers
    "jobs.cancel_print": Endpoint(OWN),
    "jobs.print_file": Endpoint(OWN, FILE),
    "jobs.print_job": Endpoint(OWN),
    "summaries.sign_in_card": Endpoint(OWN, PAPER),
    # the resident and her coach
    "home.resident": Endpoint(OWN_AND_COACH),
    "assessment.translation": Endpoint(OWN_AND_COACH),
    "assessment.translate": Endpoint(OWN_AND_COACH),
    "goals.index": Endpoint(OWN_AND_COACH),
    "goals.new": Endpoint(OWN_AND_COACH),
    "goals.add": Endpoint(OWN_AND_COACH),
    "goals.add_from_answer": Endpoint(OWN_AND_COACH),
    "goals.goal": Endpoint(OWN_AND_COACH),
    "goals.change_words": Endpoint(OWN_AND_COACH),
    "goals.change_state": Endpoint(OWN_AND_COACH),
    "goals.add_step": Endpoint(OWN_AND_COACH),
    "goals.tick_step": Endpoint(OWN_AND_COACH),
    "goals.add_check_in": Endpoint(OWN_AND_COACH),
    "deals.index": Endpoint(OWN_AND_COACH),
    "deals.agree": Endpoint(OWN_AND_COACH),
    "deals.add_promise": Endpoint(OWN_AND_COACH),
    "deals.promise": Endpoint(OWN_AND_COACH),
    "deals.change_words": Endpoint(OWN_AND_COACH),
    "summaries.paper": Endpoint(OWN_AND_COACH, PAPER),
    "summaries.booklet": Endpoint(OWN_AND_COACH, PAPER),
    "summaries.make_card": Endpoint(OWN_AND_COACH),
    "summaries.deal_now": Endpoint(OWN_AND_COACH, PAPER),
    "summaries.deal": Endpoint(OWN_AND_COACH, PAPER),
    "summaries.what_i_did": Endpoint(OWN_AND_COACH, PAPER),
    "goals.read_back": Endpoint(OWN_AND_COACH),
    "goals.confirm_read_back": Endpoint(OWN_AND_COACH),
    "learning.add": Endpoint(OWN_AND_COACH),
    "learning.blocker": Endpoint(OWN_AND_COACH),
    "learning.gone": Endpoint(OWN_AND_COACH),
    # her coach
    "home.say_gone": Endpoint(HER_COACH),
    "assessment.keep_agreement": Endpoint(HER_COACH),
    "assessment.type_in": Endpoint(HER_COACH),
    "assessment.typed_in": Endpoint(HER_COACH),
    "home.hand_on": Endpoint(HER_COACH),
    "home.keep_cover_of_one": Endpoint(HER_COACH),
    "accounts.make_new_pin": Endpoint(HER_COACH),
    "assessment.report": Endpoint(HER_COACH),
    "accounts.renew_invitation": Endpoint(HER_COACH),
    "deals.let_go": Endpoint(HER_COACH),  # the landlord's; a resident's is hers alone to let go (test_deals.py)
    "deals.add_note": Endpoint(HER_COACH),
    "deals.agreed_on_paper": Endpoint(HER_COACH),
    "accounts.take_back_invitation": Endpoint(HER_COACH),
    "conversations.new": Endpoint(HER_COACH),
    "conversations.talked": Endpoint(HER_COACH),
    "conversations.write": Endpoint(HER_COACH, number="talk"),
    "conversations.no_words": Endpoint(HER_COACH, number="talk"),
    "conversations.asks": Endpoint(OWN),
    "conversations.ask": Endpoint(OWN),
    "conversations.give_other_coach": Endpoint(MANAGER),
    "conversations.one_ask": Endpoint(MANAGER),
    "conversations.answer_ask": Endpoint(MANAGER),
    "conversations.add_note": Endpoint(HER_COACH, number="talk"),
    "learning.write_for_managers": Endpoint(HER_COACH),
    "summaries.visit": Endpoint(HER_COACH, PAPER),
    # every coach, for their own
    "summaries.empty_booklet": Endpoint(COACHES, PAPER),
    "accounts.cover_all": Endpoint(COACHES),
    "accounts.end_my_cover": Endpoint(COACHES),
    "accounts.find": Endpoint(COACHES),
    "accounts.invitations": Endpoint(COACHES),
    "accounts.keep_cover": Endpoint(COACHES),
    "accounts.invite": Endpoint(COACHES),
    "accounts.make_invitation": Endpoint(COACHES),
    "accounts.renew_invitations": Endpoint(COACHES),
    "accounts.make_invitations": Endpoint(COACHES),
    "summaries.letters": Endpoint(COACHES),
    "conversations.today": Endpoint(COACHES),
    "summaries.postcard": Endpoint(COACHES, PAPER),
    "jobs.print_papers": Endpoint(COACHES | {"nia", "amina"}),
    "jobs.prints": Endpoint(COACHES | {"nia", "amina"}),
    "summaries.cards": Endpoint(COACHES | MANAGER),
    "summaries.typed_card": Endpoint(COACHES | MANAGER),
    # the manager
    "accounts.end_cover_for": Endpoint(MANAGER),
    "accounts.give_a_coach": Endpoint(MANAGER),
    "accounts.keep_cover_for": Endpoint(MANAGER),
    "accounts.move_people": Endpoint(MANAGER),
    "accounts.people": Endpoint(MANAGER),
    "accounts.staff": Endpoint(MANAGER),
    "accounts.add_staff": Endpoint(MANAGER),
    "accounts.renew_link": Endpoint(MANAGER),
    "kpis.numbers": Endpoint(COACHES | MANAGER),
    "kpis.sheet": Endpoint(MANAGER),
    "kpis.blocks_file": Endpoint(MANAGER),
    "kpis.changes_file": Endpoint(MANAGER),
    "kpis.questions_file": Endpoint(MANAGER),
    "kpis.answer_weekly": Endpoint(MANAGER),
    "kpis.keep_hours": Endpoint(COACHES),
    "kpis.people_file": Endpoint(COACHES),
    "accounts.suspend_them": Endpoint(MANAGER),
    "accounts.reactivate": Endpoint(MANAGER),
    "learning.about_draft": Endpoint(MANAGER),
    "learning.add_question": Endpoint(MANAGER),
    "learning.begin_draft": Endpoint(MANAGER),
    "learning.change_draft": Endpoint(MANAGER),
    "learning.change_question": Endpoint(MANAGER),
    "learning.compare_questions": Endpoint(MANAGER),
    "learning.export_questions": Endpoint(MANAGER),
    "learning.import_questions": Endpoint(MANAGER),
    "learning.keep_about_draft": Endpoint(MANAGER),
    "learning.keep_languages": Endpoint(MANAGER),
    "learning.new_question": Endpoint(MANAGER),
    "learning.preview_question": Endpoint(MANAGER),
    "learning.publish": Endpoint(MANAGER),
    "learning.question_draft_page": Endpoint(MANAGER),
    "learning.question_figures": Endpoint(MANAGER),
    "learning.question_languages": Endpoint(MANAGER),
    "learning.question_words": Endpoint(MANAGER),
    "learning.questions": Endpoint(MANAGER),
    "learning.suggest": Endpoint(COACHES),
    "learning.take_back_version": Endpoint(MANAGER),
    "learning.needs_answer": Endpoint(MANAGER),
    "learning.gather_them": Endpoint(MANAGER),
    "learning.heading": Endpoint(MANAGER),
    "learning.change_heading": Endpoint(MANAGER),
    "learning.answer": Endpoint(MANAGER),
    "learning.take_out": Endpoint(MANAGER),
    "learning.changes": Endpoint(ALL_SIGNED_IN),
    # their own drafts
    "accounts.keep_draft": Endpoint(ALL_SIGNED_IN),
    "accounts.leave_page": Endpoint(ALL_SIGNED_IN),
    "accounts.use_draft": Endpoint(ALL_SIGNED_IN),
    "accounts.throw_draft_away": Endpoint(ALL_SIGNED_IN),
    "undo.undo": Endpoint(ALL_SIGNED_IN),  # whose press it was is asked there (test_undo.py)
    "landlord.settings": Endpoint(MANAGER),
    "landlord.change_names": Endpoint(MANAGER),
    "landlord.change_limits": Endpoint(MANAGER),
    "landlord.change_help": Endpoint(MANAGER),
    "landlord.change_welsh": Endpoint(MANAGER),
    "landlord.sample_letter": Endpoint(MANAGER),
    "landlord.confirm": Endpoint(MANAGER),
    "landlord.set_places": Endpoint(MANAGER),
    "landlord.set_pause": Endpoint(MANAGER),
    "landlord.pictures": Endpoint(MANAGER),
    "landlord.picture": Endpoint(MANAGER),
    "landlord.keep_picture": Endpoint(MANAGER),
    "landlord.take_picture_away": Endpoint(MANAGER),
    "landlord.keep_learned": Endpoint(MANAGER),
}


FOR_EVERYBODY = sorted(name for name, row in ENDPOINTS.items() if row.who is EVERYBODY)
FOR_SOME = sorted(ENDPOINTS.keys() - FOR_EVERYBODY)


def method_of(app: Flask, endpoint: str) -> str:
    """Each endpoint has one."""
    return "POST" if "POST" in (next(app.url_map.iter_rules(endpoint)).methods or ()) else "GET"


class Places:
    """The addresses of one resident's pages, and of those that are nobody's; her story is a full one."""

    def __init__(self, app: Flask, resident: Person, coach: Person) -> None:
        self.app = app
        goal = self._first(select(Goal).filter_by(resident_id=resident.id))
        self.talk = self._first(select(Conversation).filter_by(resident_id=resident.id))
        self.about_me: Assessment = self._first(select(Assessment).filter_by(resident_id=resident.id))
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
        """The address of an endpoint, of these rows but for `others`."""
        values = self.values | self.numbered(endpoint) | others
        needed = next(self.app.url_map.iter_rules(endpoint)).arguments
        with self.app.test_request_context():
            return url_for(endpoint, **{name: values[name] for name in needed})

    def numbered(self, endpoint: str) -> dict[str, Any]:
        """What stands under one name in the addresses of several kinds of rows."""
        row = ENDPOINTS[endpoint]
        return {"number": getattr(self, row.number).id, "code": getattr(self, row.code), "kind": row.kind}

    def pages(self, method: str = "GET") -> Iterator[tuple[str, str]]:
        """Name and address of every page; or, with POST, of all that forms are sent to."""
        for name, row in sorted(ENDPOINTS.items()):
            if row.gives is PAGE and method_of(self.app, name) == method:
                yield name, self.address(name)
