"""A card to send back: whether it felt right, whether a promise was kept; typed in by somebody whom it is not about."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select, update

from deal.access import open_to, resident_or_404
from deal.assessment.forms import FEELS
from deal.assessment.models import Feels, keep_pulse, newest_assessment
from deal.auth.throttling import throttled_lookup
from deal.auth.tokens import code_hash_of, derive_code, grouped
from deal.clock import now
from deal.conversations.models import talk_to_ask_about
from deal.db import db
from deal.deals.forms import KEPT
from deal.deals.models import Kept, Promise, answer_if_kept, promises_waiting
from deal.forms import has_words, validate_or_400
from deal.idempotency import answers_again, insert_once
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.people import Person, Role
from deal.printing import bp
from deal.printing.forms import CardForm
from deal.printing.models import CARD_LENGTH, Card
from deal.printing.views import sheet


@bp.post("/residents/<int:resident_id>/card-to-send")
@open_to(Role.RESIDENT, Role.COACH)
@answers_again
def make_card(resident_id):
    """Print it: a second press prints the same card again."""
    resident = resident_or_404(resident_id)
    number = derive_code(validate_or_400().token, "card", CARD_LENGTH)
    same = {"number_hash": code_hash_of(number)}
    made = db.session.scalar(select(Card).filter_by(**same))
    made = made or insert_once(Card(language=str(get_locale()), **same, **_asked_of(resident)), **same)
    db.session.commit()
    return sheet("card", _("card.pdf"), card=made, number=grouped(number, 4), kept=KEPT, feels=FEELS)


def _asked_of(resident: Person) -> dict[str, Any]:
    """The newest talk, else About me; and the promise of ours that is waited for longest."""
    talk = talk_to_ask_about(resident)
    about_me = None if talk else newest_assessment(resident)
    first = next(iter(promises_waiting(resident, most=1)), None)
    return {
        "resident_id": resident.id,
        "conversation_id": talk and talk.id,
        "assessment_id": about_me.id if about_me and about_me.finished_at else None,
        "promise_id": first and first.id,
    }


@bp.get("/cards")
@open_to(Role.COACH, Role.MANAGER)
def cards():
    """Type in what came back on a card: no name stands here."""
    return render_template("printing/cards.html", form=CardForm())


@bp.post("/cards")
@open_to(Role.COACH, Role.MANAGER)
def typed_card():
    """Keep it as the resident's answers, once."""
    form = CardForm()
    found = _card_behind(form) if form.validate() else None
    left_out = _keep(found, form) if found else None
    if left_out is None:
        return render_template("printing/cards.html", form=form), 422
    for sentence in (_("Saved. Thank you for typing it in."), *left_out):
        flash(sentence)
    return redirect(url_for(".cards"), 303)


def _card_behind(form: CardForm) -> Card | None:
    """The card of that number, where this can be kept; all other tries of one person make longer and longer waits."""
    known = select(Card).where(Card.number_hash == code_hash_of(form.number.data))
    seen: list[Card] = []

    def look() -> Card | None:
        seen.extend(db.session.scalars(known))
        return next((one for one in seen if form.takes(one)), None)

    wrong = _("No card has that number. Look at it once more.")
    found = throttled_lookup(form.number, f"card {current_user.id}", look, wrong)
    if seen and found is None:
        form.number.errors = form.refused
    return found


def _keep(card: Card, form: CardForm) -> list[str] | None:
    """Every answer and who typed them, together. Commits.

    Gives why some of it was not kept; None where somebody else was quicker to type the card in.
    """
    typed = {"typed_at": now(), "typed_by_id": current_user.id}
    first = update(Card).where(Card.id == card.id, Card.typed_at.is_(None)).values(typed).returning(Card.id)
    if db.session.scalar(first) is None:
        db.session.rollback()
        form.number.errors = [_("This card was typed in before.")]
        return None
    left_out = []
    about = {"conversation_id": card.conversation_id, "assessment_id": card.assessment_id}
    if form.feels.data and not keep_pulse(card.resident_id, Feels(form.feels.data), **about):
        left_out.append(_("How it felt was not written down. They said so themselves before: that stands."))
    if form.kept.data and card.promise and (late := _newer_than(card, card.promise)):
        left_out.append(late)
    elif form.kept.data and card.promise:
        answer_if_kept(card.promise, Kept(form.kept.data))
    if has_words(form.words.data):
        ask = {"kind": RequestKind.SOMETHING_WRONG, "words": form.words.data, "language": card.language}
        db.session.add(ManagerRequest(resident_id=card.resident_id, **ask))
    db.session.commit()
    return left_out


def _newer_than(card: Card, promise: Promise) -> str | None:
    """Why an answer to what the card asks about a promise is not kept: what happened since stands."""
    if promise.let_go_at or promise.current_wording.taken_back_at:
        return _("Whether the promise was kept was not written down: the promise does not stand any more.")
    if promise.answer and promise.answer.at > card.made_at:
        return _("Whether the promise was kept was not written down. They said so themselves since: that stands.")
    return None
