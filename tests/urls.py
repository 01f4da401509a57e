"""Every endpoint, one row each: who may open it, what it answers with, and how its address is made.

The table stands here by hand, as DESIGN.md has it. Guards that walk through all pages take them from it.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from flask import Flask, url_for
from sqlalchemy import select

from deal.assessment.models import Answer, Assessment
from deal.auth.models import OneTimeKind, SignIn
from deal.blockers.models import Blocker, Heading
from deal.clock import now
from deal.conversations.models import Conversation
from deal.db import db
from deal.deals.models import Deal, Promise, Side
from deal.goals.models import Goal, Step, Wording
from deal.invitations.models import Invitation
from deal.manager_requests.models import ManagerRequest
from deal.people import Assignment, Person
from deal.printing.models import PrintJob
from deal.questions.models import Question
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
    "invitations.code": Endpoint(EVERYBODY),
    "invitations.use_code": Endpoint(EVERYBODY),
    "invitations.welcome": Endpoint(EVERYBODY),
    "invitations.is_it_me": Endpoint(EVERYBODY),
    "invitations.not_me": Endpoint(EVERYBODY),
    "invitations.no_thanks": Endpoint(EVERYBODY),
    "invitations.choose_pin": Endpoint(EVERYBODY),
    "invitations.set_pin": Endpoint(EVERYBODY),
    "auth.sign_in": Endpoint(EVERYBODY),
    "auth.let_resident_in": Endpoint(EVERYBODY),
    "auth.staff_sign_in": Endpoint(EVERYBODY),
    "auth.let_staff_in": Endpoint(EVERYBODY),
    "auth.sign_out": Endpoint(EVERYBODY),
    "auth.forget": Endpoint(EVERYBODY),
    "auth.new_pin": Endpoint(EVERYBODY),
    "auth.set_new_pin": Endpoint(EVERYBODY),
    "staff.join": Endpoint(EVERYBODY, code="link"),
    "staff.set_password": Endpoint(EVERYBODY, code="link"),
    "home.index": Endpoint(EVERYBODY),
    "home.help_now": Endpoint(EVERYBODY),
    "home.privacy": Endpoint(EVERYBODY),
    "home.more": Endpoint(EVERYBODY),
    "home.manifest": Endpoint(EVERYBODY, FILE),
    "residents.timeline": Endpoint(OWN_AND_COACH),
    "residents.change": Endpoint(HER_COACH),
    "residents.keep_phone": Endpoint(HER_COACH),
    "residents.plan_chat": Endpoint(HER_COACH),
    "printing.print_page": Endpoint(OWN_AND_COACH),
    "home.language": Endpoint(EVERYBODY, FILE),
    "home.text_size": Endpoint(EVERYBODY, FILE),
    "static": Endpoint(EVERYBODY, FILE),
    # whoever is signed in: their own
    "auth.account": Endpoint(ALL_SIGNED_IN),
    "auth.change_secret": Endpoint(ALL_SIGNED_IN),
    "auth.end_other_sign_ins": Endpoint(ALL_SIGNED_IN),
    # the resident alone
    "invitations.agree_again": Endpoint(OWN),
    "invitations.card_picture": Endpoint(OWN, FILE),
    "invitations.card": Endpoint(OWN),
    "auth.end_sign_in": Endpoint(OWN),
    "conversations.felt": Endpoint(OWN, number="talk"),
    "caseload.seen_coach": Endpoint(OWN),
    "assessment.about_me": Endpoint(OWN),
    "assessment.start": Endpoint(OWN),
    "assessment.question": Endpoint(OWN),
    "assessment.answer": Endpoint(OWN),
    "assessment.check": Endpoint(OWN),
    "assessment.finished": Endpoint(OWN),
    "assessment.done": Endpoint(OWN),
    "assessment.helped": Endpoint(OWN),
    "assessment.begin_help": Endpoint(OWN),
    "contact.clear_reach": Endpoint(OWN),
    "conversations.cannot_make_it": Endpoint(OWN),
    "conversations.chat_file": Endpoint(OWN, FILE),
    "contact.keep_reach": Endpoint(OWN),
    "assessment.felt": Endpoint(OWN),
    "contact.reach": Endpoint(OWN),
    "contact.ring_me": Endpoint(OWN),
    "contact.not_now": Endpoint(OWN),
    "contact.say_not_now": Endpoint(OWN),
    "deals.kept": Endpoint(OWN),
    "goals.mine": Endpoint(OWN),
    "goals.share": Endpoint(OWN),
    "blockers.pass_on": Endpoint(OWN),
    "blockers.take_back": Endpoint(OWN),
    "privacy.ask_take_back": Endpoint(OWN),
    "privacy.keep_never": Endpoint(OWN),
    "privacy.looks": Endpoint(OWN),
    "privacy.never": Endpoint(OWN),
    "privacy.not_mine": Endpoint(OWN, kind="wording"),
    "privacy.say_it_myself": Endpoint(OWN, kind="wording"),
    "privacy.taken_back": Endpoint(OWN),
    "privacy.words": Endpoint(OWN),
    "printing.choose": Endpoint(OWN),
    # a print opens to whoever asked for it: this one is hers
    "printing.cancel_print": Endpoint(OWN),
    "printing.print_file": Endpoint(OWN, FILE),
    "printing.print_job": Endpoint(OWN),
    "printing.sign_in_card": Endpoint(OWN, PAPER),
    # the resident and her coach
    "residents.resident": Endpoint(OWN_AND_COACH),
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
    "printing.paper": Endpoint(OWN_AND_COACH, PAPER),
    "printing.booklet": Endpoint(OWN_AND_COACH, PAPER),
    "printing.make_card": Endpoint(OWN_AND_COACH),
    "printing.deal_now": Endpoint(OWN_AND_COACH, PAPER),
    "printing.deal": Endpoint(OWN_AND_COACH, PAPER),
    "printing.what_i_did": Endpoint(OWN_AND_COACH, PAPER),
    "goals.read_back": Endpoint(OWN_AND_COACH),
    "goals.confirm_read_back": Endpoint(OWN_AND_COACH),
    "residents.add_blocker": Endpoint(OWN_AND_COACH),
    "blockers.blocker": Endpoint(OWN_AND_COACH),
    "blockers.gone": Endpoint(OWN_AND_COACH),
    # her coach
    "residents.say_gone": Endpoint(HER_COACH),
    "assessment.keep_agreement": Endpoint(HER_COACH),
    "assessment.type_in": Endpoint(HER_COACH),
    "assessment.typed_in": Endpoint(HER_COACH),
    "residents.hand_on": Endpoint(HER_COACH),
    "residents.keep_cover_of_one": Endpoint(HER_COACH),
    "auth.make_new_pin": Endpoint(HER_COACH),
    "assessment.report": Endpoint(HER_COACH),
    "invitations.renew_invitation": Endpoint(HER_COACH),
    "deals.let_go": Endpoint(HER_COACH),  # the landlord's; a resident's is hers alone to let go (test_deals.py)
    "deals.add_note": Endpoint(HER_COACH),
    "deals.agreed_on_paper": Endpoint(HER_COACH),
    "invitations.take_back_invitation": Endpoint(HER_COACH),
    "conversations.new": Endpoint(HER_COACH),
    "conversations.talked": Endpoint(HER_COACH),
    "conversations.write": Endpoint(HER_COACH, number="talk"),
    "conversations.no_words": Endpoint(HER_COACH, number="talk"),
    "manager_requests.asks": Endpoint(OWN),
    "manager_requests.ask": Endpoint(OWN),
    "manager_requests.give_other_coach": Endpoint(MANAGER),
    "manager_requests.one_ask": Endpoint(MANAGER),
    "manager_requests.answer_ask": Endpoint(MANAGER),
    "conversations.add_note": Endpoint(HER_COACH, number="talk"),
    "blockers.write_for_managers": Endpoint(HER_COACH),
    "printing.visit": Endpoint(HER_COACH, PAPER),
    # every coach, for their own
    "printing.empty_booklet": Endpoint(COACHES, PAPER),
    "caseload.cover_all": Endpoint(COACHES),
    "caseload.end_my_cover": Endpoint(COACHES),
    "caseload.find": Endpoint(COACHES),
    "invitations.invitations": Endpoint(COACHES),
    "caseload.keep_cover": Endpoint(COACHES),
    "invitations.invite": Endpoint(COACHES),
    "invitations.make_invitation": Endpoint(COACHES),
    "invitations.renew_invitations": Endpoint(COACHES),
    "invitations.make_invitations": Endpoint(COACHES),
    "printing.letters": Endpoint(COACHES),
    "caseload.today": Endpoint(COACHES),
    "printing.postcard": Endpoint(COACHES, PAPER),
    "printing.print_papers": Endpoint(COACHES | {"nia", "amina"}),
    "printing.prints": Endpoint(COACHES | {"nia", "amina"}),
    "printing.cards": Endpoint(COACHES | MANAGER),
    "printing.typed_card": Endpoint(COACHES | MANAGER),
    # the manager
    "staff.end_cover_for": Endpoint(MANAGER),
    "staff.give_a_coach": Endpoint(MANAGER),
    "staff.keep_cover_for": Endpoint(MANAGER),
    "staff.move_people": Endpoint(MANAGER),
    "staff.people": Endpoint(MANAGER),
    "staff.staff": Endpoint(MANAGER),
    "staff.add_staff": Endpoint(MANAGER),
    "staff.renew_link": Endpoint(MANAGER),
    "kpis.numbers": Endpoint(COACHES | MANAGER),
    "kpis.sheet": Endpoint(MANAGER),
    "kpis.blocks_file": Endpoint(MANAGER),
    "kpis.changes_file": Endpoint(MANAGER),
    "kpis.questions_file": Endpoint(MANAGER),
    "kpis.answer_weekly": Endpoint(MANAGER),
    "kpis.keep_hours": Endpoint(COACHES),
    "kpis.people_file": Endpoint(COACHES),
    "staff.suspend_them": Endpoint(MANAGER),
    "staff.reactivate": Endpoint(MANAGER),
    "question_editor.about_draft": Endpoint(MANAGER),
    "question_editor.add_question": Endpoint(MANAGER),
    "question_editor.begin_draft": Endpoint(MANAGER),
    "question_editor.change_draft": Endpoint(MANAGER),
    "question_editor.change_question": Endpoint(MANAGER),
    "question_editor.compare_questions": Endpoint(MANAGER),
    "question_editor.export_questions": Endpoint(MANAGER),
    "question_editor.import_questions": Endpoint(MANAGER),
    "question_editor.keep_about_draft": Endpoint(MANAGER),
    "question_editor.keep_languages": Endpoint(MANAGER),
    "question_editor.new_question": Endpoint(MANAGER),
    "question_editor.preview_question": Endpoint(MANAGER),
    "question_editor.publish": Endpoint(MANAGER),
    "question_editor.question_draft_page": Endpoint(MANAGER),
    "question_editor.question_figures": Endpoint(MANAGER),
    "question_editor.question_languages": Endpoint(MANAGER),
    "question_editor.question_words": Endpoint(MANAGER),
    "question_editor.questions": Endpoint(MANAGER),
    "question_editor.suggest": Endpoint(COACHES),
    "question_editor.take_back_version": Endpoint(MANAGER),
    "manager_requests.needs_answer": Endpoint(MANAGER),
    "manager_requests.gather_them": Endpoint(MANAGER),
    "blockers.heading": Endpoint(MANAGER),
    "blockers.change_heading": Endpoint(MANAGER),
    "blockers.answer": Endpoint(MANAGER),
    "blockers.take_out": Endpoint(MANAGER),
    "kpis.changes": Endpoint(ALL_SIGNED_IN),
    # their own drafts
    "auth.keep_draft": Endpoint(ALL_SIGNED_IN),
    "auth.leave_page": Endpoint(ALL_SIGNED_IN),
    "auth.use_draft": Endpoint(ALL_SIGNED_IN),
    "auth.throw_draft_away": Endpoint(ALL_SIGNED_IN),
    "undo.undo": Endpoint(ALL_SIGNED_IN),  # whose press it was is asked there (test_undo.py)
    "organisation.settings": Endpoint(MANAGER),
    "organisation.change_names": Endpoint(MANAGER),
    "organisation.change_limits": Endpoint(MANAGER),
    "organisation.change_help": Endpoint(MANAGER),
    "organisation.change_welsh": Endpoint(MANAGER),
    "organisation.sample_letter": Endpoint(MANAGER),
    "organisation.confirm": Endpoint(MANAGER),
    "organisation.set_places": Endpoint(MANAGER),
    "organisation.set_pause": Endpoint(MANAGER),
    "organisation.pictures": Endpoint(MANAGER),
    "organisation.picture": Endpoint(MANAGER),
    "organisation.keep_picture": Endpoint(MANAGER),
    "organisation.take_picture_away": Endpoint(MANAGER),
    "kpis.keep_learned": Endpoint(MANAGER),
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
            "ask_id": self._first(select(ManagerRequest).filter_by(resident_id=resident.id)).id,
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
            "coaching_id": self._first(select(Assignment).filter_by(resident_id=resident.id)).id,
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
