"""Papers to fill in, to keep and to take along: About me, the deal, a visit, what somebody did, the sign-in name."""

from typing import Any

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import func, select

from deal.access import open_to, own_or_404, resident_or_404
from deal.assessment.models import current_answers, newest_assessment
from deal.clock import today
from deal.contact.lifecycle import did_of
from deal.conversations.prompts import prompts, something_new
from deal.db import db
from deal.deals.models import MOST_SHOWN, Deal, PromiseWording, agreed_deal_of, halves_of
from deal.goals.models import Wording
from deal.people import Person, Role, coach_of
from deal.printing import bp
from deal.printing.models import Summary
from deal.printing.views import sheet
from deal.questions.models import QuestionSet, booklet_reference, current_question_set
from deal.settings import PROMISE


@bp.get("/residents/<int:resident_id>/about-me.pdf")
@open_to(Role.RESIDENT, Role.COACH)
def booklet(resident_id):
    """About me to write on, with the questions that are theirs to answer now. No name stands on it."""
    resident = resident_or_404(resident_id)
    begun = newest_assessment(resident)
    return _booklet(begun.question_set if begun else current_question_set(), resident)


@bp.get("/about-me.pdf")
@open_to(Role.COACH)
def empty_booklet():
    """The same for a coach's bag: nobody's yet."""
    return _booklet(current_question_set())


def _booklet(questions: QuestionSet, resident: Person | None = None) -> Any:
    reference, coach = booklet_reference(questions, resident), coach_of(resident) if resident else None
    page = {"questions": questions, "reference": reference, "promise": PROMISE, "coach": coach}
    return sheet("booklet", _("about-me-%(day)s.pdf"), **page)


@bp.get("/residents/<int:resident_id>/deal.pdf")
@open_to(Role.RESIDENT, Role.COACH)
def deal_now(resident_id):
    """Both halves as they stand today, to agree to on paper."""
    halves = halves_of(resident_or_404(resident_id))
    promised = [(one.current_wording, one.is_ours) for one in halves.promises]
    return _deal(halves.resident, list(halves.goals), promised, halves.waiting)


@bp.get("/residents/<int:resident_id>/deal/<int:deal_id>.pdf")
@open_to(Role.RESIDENT, Role.COACH)
def deal(resident_id, deal_id):
    """Our promises, to keep: a version as both agreed it."""
    resident = resident_or_404(resident_id)
    found = agreed_deal_of(resident, deal_id) or abort(404)
    goals = [one.wording for one in found.parts if one.wording]
    promised = [one.promise_wording for one in found.parts if one.promise_wording]
    earlier = Deal.resident_id == resident.id, Deal.agreed_on.is_not(None), Deal.id <= found.id
    version = db.session.scalar(select(func.count()).select_from(Deal).where(*earlier))
    return _deal(resident, goals, [(one, one.promise.is_ours) for one in promised], deal=found, version=version)


def _deal(
    resident: Person, goals: list[Wording], promised: list[tuple[PromiseWording, bool]], waiting: int = 0, **page: Any
) -> Any:
    """What was taken back or refused stands on no new paper, nor what nobody read back."""
    page["ours"], page["theirs"] = (
        [one for one, is_ours in promised if is_ours is ours and not one.taken_back_at] for ours in (True, False)
    )
    stand = [one for one in goals if not (one.taken_back_at or one.not_agreed_at)]
    page["goals"] = [one for one in stand if not one.awaits_read_back]
    page["waiting"] = len(stand) - len(page["goals"]) + waiting
    page["has_more"] = MOST_SHOWN in (len(goals), len(promised))  # a deal holds no more of either
    return sheet("deal", _("our-promises-%(day)s.pdf"), resident=resident, **page)


@bp.get("/residents/<int:resident_id>/visit.pdf")
@open_to(Role.COACH)
def visit(resident_id):
    """What a coach takes along: what not to ask about, what they said, questions, and sheets to write on."""
    resident = resident_or_404(resident_id)
    _begun, answers = current_answers(resident)
    summary, reference = Summary(resident, unread=True), booklet_reference(current_question_set(), resident)
    page = {"summary": summary, "answers": answers, "moments": prompts()[0], "reference": reference}
    return sheet("visit", _("visit-%(day)s.pdf"), **page)


@bp.get("/residents/<int:resident_id>/what-i-did.pdf")
@open_to(Role.RESIDENT, Role.COACH)
def what_i_did(resident_id):
    """What somebody did, to keep."""
    resident = resident_or_404(resident_id)
    page = {"resident": resident, "goals": did_of(resident), "coach": coach_of(resident), "today": today()}
    return sheet("what_i_did", _("what-i-did-%(day)s.pdf"), **page)


@bp.get("/postcard.pdf")
@open_to(Role.COACH)
def postcard():
    """Something new: whoever carries it reads this and nothing more."""
    return sheet("postcard", _("postcard.pdf"), text=something_new())


@bp.get("/residents/<int:resident_id>/card.pdf")
@open_to(Role.RESIDENT)
def sign_in_card(resident_id):
    """The sign-in name for a purse, and once more for a safe place."""
    return sheet("sign_in_card", _("sign-in-card.pdf"), resident=own_or_404(resident_id))
